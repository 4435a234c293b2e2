//! Any bytes are a deployment package or are refused, and nothing is written outside of its directory.
#![no_main]

use std::{fs, path::PathBuf, sync::LazyLock};

/// Little, so that nothing that unpacks to more takes time.
const UNZIPPED_BYTES_MAX: u64 = 1024 * 1024;

/// A directory of this process.
static PLACE: LazyLock<PathBuf> = LazyLock::new(|| {
    let place = std::env::temp_dir().join(format!("lambdagate-fuzz-{}", std::process::id()));
    fs::create_dir_all(&place).expect("a directory");
    place
});

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let package = PLACE.join("package");
    let _ = lambda::unpack(bytes, &package, UNZIPPED_BYTES_MAX);
    let _ = fs::remove_dir_all(&package);
    let left: Vec<_> = fs::read_dir(&*PLACE).expect("the directory").collect();
    assert!(left.is_empty(), "{left:?}");
});
