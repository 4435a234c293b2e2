use std::{fs, path::Path};

use store::{Error, Sha256Hash, Store};

use crate::{insert, texts};

#[tokio::test]
async fn a_store_that_is_opened_again_has_kept_everything() {
    let directory = tempfile::tempdir().unwrap();
    let nested = directory.path().join("does/not/exist/yet");
    for id in ["1", "2", "3"] {
        let store = Store::open(&nested).unwrap();
        insert(&store, id).await.unwrap();
        store.write(|transaction| transaction.put_blob(b"code")).await.unwrap();
    }
    let store = Store::open(&nested).unwrap();
    assert_eq!(texts(&store).await, ["1", "2", "3"]);
    let code = store.read(|reader| reader.get_blob(Sha256Hash::of(b"code"))).await.unwrap();
    assert_eq!(code.as_deref(), Some(b"code".as_slice()));
}

/// What is in the files right after the acknowledgement is what a process that is killed at that moment leaves behind.
#[tokio::test]
async fn what_was_acknowledged_is_in_the_files() {
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open(directory.path()).unwrap();
    let mut acknowledged = Vec::new();
    for id in ["1", "2", "3", "4"] {
        insert(&store, id).await.unwrap();
        acknowledged.push(id);
        let left_behind = tempfile::tempdir().unwrap();
        copy(directory.path(), left_behind.path());
        assert_eq!(texts(&Store::open(left_behind.path()).unwrap()).await, acknowledged);
    }
}

fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

#[tokio::test]
async fn a_data_directory_has_one_owner() {
    let directory = tempfile::tempdir().unwrap();
    let first = Store::open(directory.path()).unwrap();
    let refused = Store::open(directory.path()).unwrap_err();
    assert!(matches!(refused, Error::InUse { .. }), "{refused}");
    insert(&first, "1").await.unwrap();
    drop(first);
    assert_eq!(texts(&Store::open(directory.path()).unwrap()).await, ["1"]);
}

#[test]
fn a_directory_that_cannot_be_made_is_named() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("file");
    fs::write(&file, "").unwrap();
    let error = Store::open(file.join("data")).unwrap_err();
    assert!(matches!(error, Error::File { .. }), "{error}");
    assert!(error.to_string().contains("file/data"), "{error}");
}

#[test]
fn a_new_data_directory_is_readable_by_its_owner_only() {
    use std::os::unix::fs::PermissionsExt as _;
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    drop(Store::open(&data).unwrap());
    assert_eq!(fs::metadata(&data).unwrap().permissions().mode() & 0o777, 0o700);
}
