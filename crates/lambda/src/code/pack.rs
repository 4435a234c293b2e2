//! From a folder to zip bytes, the same bytes for the same files.

use std::fs;
use std::io::{Cursor, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use super::{ENTRIES_MAX, PackageError, UNZIPPED_BYTES_MAX, ZIPPED_BYTES_MAX};

/// How deep folders may be nested; a link that leads back to its own folder ends here.
const DEPTH_MAX: usize = 64;

/// Packs every file of `folder`, links followed, in the order of their names and without times.
pub(crate) fn pack(folder: &Path) -> Result<Vec<u8>, PackageError> {
    let mut files = Vec::new();
    list(folder, Path::new(""), 0, &mut files)?;
    files.sort();
    if files.is_empty() {
        return Err(problem(folder, "has no file"));
    }
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(DateTime::default());
    let mut room = UNZIPPED_BYTES_MAX;
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for file in files {
        let path = folder.join(&file);
        let name = file.to_str().ok_or_else(|| problem(&path, "has a name that is not UTF-8"))?;
        let metadata = fs::metadata(&path).map_err(|error| problem(&path, error))?;
        room = room.checked_sub(metadata.len()).ok_or(PackageError::Unzipped)?;
        let content = fs::read(&path).map_err(|error| problem(&path, error))?;
        let mode = if metadata.permissions().mode() & 0o111 != 0 { 0o755 } else { 0o644 };
        writer.start_file(name, options.unix_permissions(mode)).map_err(|error| problem(&path, error))?;
        writer.write_all(&content).map_err(|error| problem(&path, error))?;
    }
    let zip = writer.finish().map_err(|error| problem(folder, error))?.into_inner();
    if zip.len() > ZIPPED_BYTES_MAX {
        return Err(PackageError::Zipped { bytes: zip.len() });
    }
    Ok(zip)
}

fn list(folder: &Path, below: &Path, depth: usize, files: &mut Vec<PathBuf>) -> Result<(), PackageError> {
    let here = folder.join(below);
    if depth > DEPTH_MAX {
        return Err(problem(&here, format!("is nested deeper than {DEPTH_MAX} folders")));
    }
    for entry in fs::read_dir(&here).map_err(|error| problem(&here, error))? {
        let entry = entry.map_err(|error| problem(&here, error))?;
        let path = entry.path();
        let name = below.join(entry.file_name());
        let metadata = fs::metadata(&path).map_err(|error| problem(&path, error))?;
        if metadata.is_dir() {
            list(folder, &name, depth + 1, files)?;
        } else if metadata.is_file() {
            files.push(name);
        } else {
            return Err(problem(&path, "is neither file nor folder"));
        }
        if files.len() > ENTRIES_MAX {
            return Err(problem(folder, format!("has more than {ENTRIES_MAX} files")));
        }
    }
    Ok(())
}

fn problem(path: &Path, problem: impl std::fmt::Display) -> PackageError {
    PackageError::Folder { path: path.to_owned(), problem: problem.to_string() }
}
