use std::io::{Cursor, Write as _};
use std::os::unix::fs::PermissionsExt as _;

use tempfile::TempDir;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::*;

fn zip_of(files: &[(&str, &str)]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in files {
        writer.start_file(*name, SimpleFileOptions::default().unix_permissions(0o755)).unwrap();
        writer.write_all(text.as_bytes()).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn with_link(path: &str, target: &str) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    writer.start_file("a.txt", SimpleFileOptions::default()).unwrap();
    writer.write_all(b"text").unwrap();
    writer.add_symlink(path, target, SimpleFileOptions::default()).unwrap();
    writer.finish().unwrap().into_inner()
}

#[track_caller]
fn check(zip: &[u8], expected: Result<&[&str], &str>) {
    check_within(UNZIPPED_BYTES_MAX, zip, expected);
}

#[track_caller]
fn check_within(unzipped_bytes_max: u64, zip: &[u8], expected: Result<&[&str], &str>) {
    let dir = TempDir::new().unwrap();
    let package = dir.path().join("package");
    let result = unpack(zip, &package, unzipped_bytes_max).map_err(|error| error.to_string());
    assert_eq!(result.as_ref().map_err(String::as_str).err(), expected.err());
    for path in expected.unwrap_or_default() {
        assert!(package.join(path).exists(), "{path}");
    }
    let outside: Vec<_> = std::fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(outside.iter().all(|name| name == "package"), "{outside:?}");
}

#[test]
fn a_package_is_unpacked_inside_its_directory_or_not_at_all() {
    let corrupt = "Could not unzip uploaded file. Please check your file, then try to upload again.";
    check(&zip_of(&[("index.js", "x"), ("lib/a.js", "y")]), Ok(&["index.js", "lib/a.js"]));
    check(b"no zip", Err(corrupt));
    check(&zip_of(&[]), Err("Uploaded file must be a non-empty zip"));
    check(&zip_of(&[("../x", "")]), Err("Could not unzip uploaded file: \"../x\" leaves the package"));
    check(&zip_of(&[("a/../../x", "")]), Err("Could not unzip uploaded file: \"a/../../x\" leaves the package"));
    check(&zip_of(&[("a", "file"), ("a/b", "below a file")]), Err(corrupt));
    check(&with_link("bin/run", "../a.txt"), Ok(&["bin/run"]));
    check(&with_link("run", "/etc/passwd"), Err("Could not unzip uploaded file: \"run\" links out of the package"));
    check(&with_link("run", "../outside"), Err("Could not unzip uploaded file: \"run\" links out of the package"));
    check(&with_link("./a.txt", "b"), Err(corrupt));
}

#[test]
fn what_unzips_to_more_than_the_limit_is_refused_whatever_its_header_says() {
    const LIMIT: usize = 64 * 1024;
    let too_large = "Unzipped size must be smaller than 262144000 bytes";
    let zeros = |bytes: usize| "\0".repeat(bytes);
    let (half, limit, over) = (zeros(LIMIT / 2), zeros(LIMIT), zeros(LIMIT + 1));
    let check = |zip: &[u8], expected| check_within(LIMIT as u64, zip, expected);
    check(&zip_of(&[("a", &limit)]), Ok(&["a"]));
    check(&zip_of(&[("a", &half), ("b", &half)]), Ok(&["a", "b"]));
    check(&zip_of(&[("a", &over)]), Err(too_large));
    check(&zip_of(&[("a", &half), ("b", &half), ("c", "1")]), Err(too_large));
    let mut liar = zip_of(&[("a", &over)]);
    let size = u32::try_from(over.len()).unwrap().to_le_bytes();
    let mut stated = 0;
    for place in 0..liar.len() - size.len() {
        if liar[place..place + size.len()] == size {
            liar[place..place + size.len()].copy_from_slice(&1_u32.to_le_bytes());
            stated += 1;
        }
    }
    assert!(stated >= 2, "the entry's own header and the directory state the size");
    check(&liar, Err("Could not unzip uploaded file. Please check your file, then try to upload again."));
}

#[tokio::test]
async fn what_an_earlier_run_left_half_unpacked_is_removed() {
    let dir = TempDir::new().unwrap();
    let left = dir.path().join("unpacking/left");
    std::fs::create_dir_all(&left).unwrap();
    let cache = CodeCache::new(dir.path().to_owned(), Handle::current());
    assert!(!left.exists());
    let zip = zip_of(&[("index.js", "x")]);
    let place = cache.unpack(Sha256Hash::of(&zip), Bytes::from(zip)).await.unwrap();
    assert!(place.join("index.js").exists());
}

#[test]
fn damage_inside_a_package_is_found() {
    let mut zip = zip_of(&[("index.js", &"exports.handler = async () => 'hello'".repeat(20))]);
    zip[45] ^= 0xff;
    check(&zip, Err("Could not unzip uploaded file. Please check your file, then try to upload again."));
}

#[test]
fn a_folder_packs_to_the_same_bytes_and_keeps_what_is_executable() {
    let dir = TempDir::new().unwrap();
    let folder = dir.path().join("folder");
    std::fs::create_dir_all(folder.join("lib")).unwrap();
    std::fs::write(folder.join("lib/a.txt"), "a").unwrap();
    std::fs::write(folder.join("bootstrap"), "#!/bin/sh\n").unwrap();
    std::fs::set_permissions(folder.join("bootstrap"), std::fs::Permissions::from_mode(0o700)).unwrap();
    let zip = pack(&folder).unwrap();
    std::fs::write(folder.join("lib/a.txt"), "a").unwrap();
    assert_eq!(zip, pack(&folder).unwrap());

    let package = dir.path().join("package");
    unpack(&zip, &package, UNZIPPED_BYTES_MAX).unwrap();
    let mode = |name: &str| std::fs::metadata(package.join(name)).unwrap().permissions().mode() & 0o111;
    assert_ne!(mode("bootstrap"), 0);
    assert_eq!(mode("lib/a.txt"), 0);
}

#[test]
fn an_empty_folder_is_no_package() {
    let dir = TempDir::new().unwrap();
    assert!(pack(dir.path()).unwrap_err().to_string().ends_with("has no file"));
    assert!(pack(&dir.path().join("missing")).is_err());
}

#[test]
fn the_shown_digest_leads_back_to_the_package() {
    let hash = Sha256Hash::of(b"abc");
    assert_eq!(base64_of(hash), "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=");
    assert_eq!(hash_of(&base64_of(hash)), Some(hash));
    assert_eq!(hash_of("x"), None);
}
