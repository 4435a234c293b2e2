//! From zip bytes to a directory, without ever writing outside of it.

use std::fs::{self, OpenOptions};
use std::io::{self, Cursor, Read};
use std::os::unix::fs::{OpenOptionsExt as _, symlink};
use std::path::{Component, Path, PathBuf};

use zip::ZipArchive;
use zip::read::ZipFile;

use super::{ENTRIES_MAX, PackageError, ZIPPED_BYTES_MAX};

/// The file type bits of a Unix mode, and those that a package may hold beside links.
const TYPE_BITS: u32 = 0o170_000;
const REGULAR_FILE: u32 = 0o100_000;
const DIRECTORY: u32 = 0o040_000;
/// The longest target of a symbolic link, in bytes: Linux's `PATH_MAX`.
const LINK_TARGET_BYTES_MAX: u64 = 4096;

/// Unpacks `zip` into `dir`, which must not exist, and writes at most `unzipped_bytes_max` bytes of files.
///
/// Links are made after all files, so that no file is written through one.
pub fn unpack(zip: &[u8], dir: &Path, unzipped_bytes_max: u64) -> Result<(), PackageError> {
    if zip.len() > ZIPPED_BYTES_MAX {
        return Err(PackageError::Zipped { bytes: zip.len() });
    }
    let mut archive = ZipArchive::new(Cursor::new(zip)).map_err(|_| PackageError::Corrupt)?;
    if archive.is_empty() {
        return Err(PackageError::Empty);
    }
    if archive.len() > ENTRIES_MAX {
        return Err(PackageError::Refused { entry: String::new(), problem: "has too many files" });
    }
    make_dir(dir)?;
    let mut room = unzipped_bytes_max;
    let mut links = Vec::new();
    for index in 0..archive.len() {
        let mut file = archive.by_index(index).map_err(|_| PackageError::Corrupt)?;
        let entry = entry_of(&file)?;
        match entry.kind {
            Kind::Directory => make_dir(&dir.join(&entry.path))?,
            Kind::File { mode } => room -= write_file(&mut file, &dir.join(&entry.path), mode, room)?,
            Kind::Link => links.push((entry.path, read_target(&mut file)?)),
        }
    }
    make_links(dir, links)
}

/// An entry whose name is known to stay inside.
struct Entry {
    path: PathBuf,
    kind: Kind,
}

enum Kind {
    Directory,
    File { mode: u32 },
    Link,
}

fn entry_of<R: Read>(file: &ZipFile<'_, R>) -> Result<Entry, PackageError> {
    let name = file.name().map_err(|_| PackageError::Corrupt)?.into_owned();
    let refuse = |problem| PackageError::Refused { entry: name.clone(), problem };
    if file.encrypted() {
        return Err(refuse("is encrypted"));
    }
    let path = inside(Path::new(&name)).filter(|_| !name.contains(['\0', '\\']));
    let path = path.ok_or_else(|| refuse("leaves the package"))?;
    let mode = file.unix_mode();
    let kind = if file.is_symlink() {
        Kind::Link
    } else if file.is_dir() {
        Kind::Directory
    } else {
        match mode.unwrap_or(0) & TYPE_BITS {
            0 | REGULAR_FILE | DIRECTORY => Kind::File { mode: file_mode(mode) },
            _ => return Err(refuse("is neither file nor folder nor link")),
        }
    };
    Ok(Entry { path, kind })
}

/// The path without `.`, if it is relative and never climbs.
fn inside(path: &Path) -> Option<PathBuf> {
    let mut clean = PathBuf::new();
    for component in path.components() {
        match component {
            Component::Normal(name) => clean.push(name),
            Component::CurDir => {}
            Component::ParentDir | Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    Some(clean)
}

/// Readable by its owner and all, executable if anyone may execute it.
fn file_mode(mode: Option<u32>) -> u32 {
    if mode.is_some_and(|mode| mode & 0o111 != 0) { 0o755 } else { 0o644 }
}

/// Writes a file of at most `room` bytes; its size.
fn write_file<R: Read>(file: &mut ZipFile<'_, R>, path: &Path, mode: u32, room: u64) -> Result<u64, PackageError> {
    let host = |source| PackageError::Host { path: path.to_owned(), source };
    if let Some(parent) = path.parent() {
        make_dir(parent)?;
    }
    let mut out = match OpenOptions::new().write(true).create_new(true).mode(mode).open(path) {
        Ok(out) => out,
        Err(error) if is_conflict(&error) => return Err(PackageError::Corrupt),
        Err(source) => return Err(host(source)),
    };
    // The size that the archive states is not believed: one byte more than there is room for tells.
    let mut limited = LimitedReader { reader: file, left: room + 1, failed: false };
    let copied = match io::copy(&mut limited, &mut out) {
        Ok(copied) => copied,
        Err(_) if limited.failed => return Err(PackageError::Corrupt),
        Err(source) => return Err(host(source)),
    };
    if copied > room {
        return Err(PackageError::Unzipped);
    }
    Ok(copied)
}

/// At most so many bytes of a reader, and whether it was the reader that failed.
struct LimitedReader<R> {
    reader: R,
    left: u64,
    failed: bool,
}

impl<R: Read> Read for LimitedReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let room = buffer.len().min(usize::try_from(self.left).unwrap_or(usize::MAX));
        let read = self.reader.read(&mut buffer[..room]).inspect_err(|_| self.failed = true)?;
        self.left -= u64::try_from(read).unwrap_or(self.left);
        Ok(read)
    }
}

fn read_target<R: Read>(file: &mut ZipFile<'_, R>) -> Result<PathBuf, PackageError> {
    let mut target = String::new();
    file.take(LINK_TARGET_BYTES_MAX).read_to_string(&mut target).map_err(|_| PackageError::Corrupt)?;
    Ok(PathBuf::from(target))
}

fn make_links(dir: &Path, links: Vec<(PathBuf, PathBuf)>) -> Result<(), PackageError> {
    for (path, target) in &links {
        if !stays_inside(path, target) {
            return Err(PackageError::Refused {
                entry: path.display().to_string(),
                problem: "links out of the package",
            });
        }
        // All parents first: a folder made later could be made through a link.
        if let Some(parent) = dir.join(path).parent() {
            make_dir(parent)?;
        }
    }
    for (path, target) in links {
        let place = dir.join(path);
        match symlink(target, &place) {
            Ok(()) => {}
            Err(error) if is_conflict(&error) => return Err(PackageError::Corrupt),
            Err(source) => return Err(PackageError::Host { path: place, source }),
        }
    }
    Ok(())
}

/// Whether a link at `path` to `target` points into the package, as far as its text says.
fn stays_inside(path: &Path, target: &Path) -> bool {
    let mut depth = path.components().count().saturating_sub(1);
    for component in target.components() {
        match component {
            Component::Normal(_) => depth += 1,
            Component::CurDir => {}
            Component::ParentDir if depth > 0 => depth -= 1,
            Component::ParentDir | Component::RootDir | Component::Prefix(_) => return false,
        }
    }
    true
}

/// Two entries of the archive want the same place.
fn is_conflict(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::AlreadyExists | io::ErrorKind::NotADirectory | io::ErrorKind::IsADirectory)
}

fn make_dir(path: &Path) -> Result<(), PackageError> {
    match fs::create_dir_all(path) {
        Ok(()) => Ok(()),
        Err(error) if is_conflict(&error) => Err(PackageError::Corrupt),
        Err(source) => Err(PackageError::Host { path: path.to_owned(), source }),
    }
}
