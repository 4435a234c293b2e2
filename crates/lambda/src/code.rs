//! Deployment packages: zip bytes in the store, unpacked directories in a cache.
//!
//! A package is named by its SHA-256, and so is its directory `<cache>/code/<sha256>`. It appears there whole or not at all, and
//! can be made again from the store at any time.
//!
//! AWS: Lambda Developer Guide, "Deploying Lambda functions as .zip file archives".

mod pack;
mod unpack;

use std::io;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use store::Sha256Hash;
use tokio::runtime::Handle;
use uuid::Uuid;

pub(crate) use pack::pack;
pub use unpack::unpack;

/// The largest package as uploaded, in bytes.
pub(crate) const ZIPPED_BYTES_MAX: usize = 52_428_800;
/// The largest package unpacked, in bytes.
pub(crate) const UNZIPPED_BYTES_MAX: u64 = 262_144_000;
/// The most files, directories and links of a package. AWS names no number; its image of a file system has room for more.
pub(crate) const ENTRIES_MAX: usize = 100_000;

/// Why a package cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PackageError {
    /// The archive has no entry.
    #[error("Uploaded file must be a non-empty zip")]
    Empty,
    /// The bytes are no zip archive, or a damaged one.
    #[error("Could not unzip uploaded file. Please check your file, then try to upload again.")]
    Corrupt,
    /// The archive is larger than its limit.
    #[error("Zipped size must be smaller than {ZIPPED_BYTES_MAX} bytes")]
    Zipped {
        /// Its size.
        bytes: usize,
    },
    /// The files are larger than their limit.
    #[error("Unzipped size must be smaller than {UNZIPPED_BYTES_MAX} bytes")]
    Unzipped,
    /// An entry would leave the package's directory, or is neither file nor directory nor link.
    #[error("Could not unzip uploaded file: {entry:?} {problem}")]
    Refused {
        /// The entry's name.
        entry: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// A folder cannot be packed.
    #[error("{} {problem}", path.display())]
    Folder {
        /// The file or folder.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// The cache directory cannot be written.
    #[error("cannot write {}", path.display())]
    Host {
        /// The file or directory.
        path: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
}

/// The name of a package as Lambda shows it: base64 of the digest.
pub(crate) fn base64_of(hash: Sha256Hash) -> String {
    STANDARD.encode(hash.as_bytes())
}

/// The digest that [`base64_of`] wrote.
pub(crate) fn hash_of(base64: &str) -> Option<Sha256Hash> {
    use std::fmt::Write as _;
    let digest = STANDARD.decode(base64).ok()?;
    let hex = digest.iter().fold(String::with_capacity(2 * Sha256Hash::LENGTH), |mut hex, byte| {
        // Writing to a text cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    });
    hex.parse().ok()
}

/// The directory of unpacked packages.
#[derive(Debug, Clone)]
pub(crate) struct CodeCache {
    dir: PathBuf,
    runtime: Handle,
}

impl CodeCache {
    /// A cache in `dir`, which is made when it is first needed; file work runs on `runtime`'s blocking threads. What an
    /// earlier run did not finish to unpack is removed.
    pub(crate) fn new(dir: PathBuf, runtime: Handle) -> Self {
        let cache = Self { dir, runtime };
        let unfinished = cache.unfinished();
        match std::fs::remove_dir_all(&unfinished) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            // It costs room on the disk and nothing else.
            Err(error) => tracing::warn!(%error, dir = %unfinished.display(), "leftovers cannot be removed"),
        }
        cache
    }

    /// Whether the package is unpacked, and where.
    pub(crate) fn find(&self, hash: Sha256Hash) -> Option<PathBuf> {
        self.place(hash).canonicalize().ok().filter(|place| place.is_dir())
    }

    /// Unpacks a package, unless that is done already; its directory.
    pub(crate) async fn unpack(&self, hash: Sha256Hash, zip: Bytes) -> Result<PathBuf, PackageError> {
        if let Some(place) = self.find(hash) {
            return Ok(place);
        }
        let place = self.place(hash);
        let unfinished = self.unfinished().join(Uuid::new_v4().simple().to_string());
        let work = self.runtime.spawn_blocking(move || {
            let result = unpack(&zip, &unfinished, UNZIPPED_BYTES_MAX).and_then(|()| publish(&unfinished, &place));
            if result.is_err() {
                // What is left is in nobody's way, and the cache may be emptied at any time.
                let _ = std::fs::remove_dir_all(&unfinished);
            }
            result
        });
        work.await.map_err(|error| PackageError::Host { path: self.dir.clone(), source: io::Error::other(error) })?
    }

    /// Where packages are on their way to their place.
    fn unfinished(&self) -> PathBuf {
        self.dir.join("unpacking")
    }

    fn place(&self, hash: Sha256Hash) -> PathBuf {
        self.dir.join("code").join(hash.to_string())
    }
}

/// Moves a finished directory to its place; another one may have been first, with the same content.
fn publish(finished: &Path, place: &Path) -> Result<PathBuf, PackageError> {
    let host = |source| PackageError::Host { path: place.to_owned(), source };
    if let Some(parent) = place.parent() {
        std::fs::create_dir_all(parent).map_err(host)?;
    }
    match std::fs::rename(finished, place) {
        Ok(()) => {}
        Err(_) if place.is_dir() => {
            let _ = std::fs::remove_dir_all(finished);
        }
        Err(source) => return Err(host(source)),
    }
    place.canonicalize().map_err(host)
}

#[cfg(test)]
mod tests;
