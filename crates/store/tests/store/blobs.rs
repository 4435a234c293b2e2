use store::{BLOB_BYTES_MAX, Error, Sha256Hash};

use crate::in_memory;

#[tokio::test]
async fn a_blob_is_kept_once_under_its_digest() {
    let store = in_memory();
    let found = store.write(|transaction| {
        let hash = transaction.put_blob(b"code")?;
        assert_eq!(hash, Sha256Hash::of(b"code"));
        assert_eq!(transaction.put_blob(b"code")?, hash);
        assert_eq!(transaction.get_blob(hash)?.as_deref(), Some(b"code".as_slice()));
        assert!(transaction.delete_blob(hash)?);
        assert!(!transaction.delete_blob(hash)?);
        transaction.get_blob(hash)
    });
    assert_eq!(found.await.unwrap(), None);
}

#[tokio::test]
async fn a_blob_beyond_the_limit_is_refused() {
    let store = in_memory();
    let refused = store.write(|transaction| transaction.put_blob(&vec![0; BLOB_BYTES_MAX + 1])).await.unwrap_err();
    assert!(matches!(refused, Error::TooLarge { limit: BLOB_BYTES_MAX, .. }), "{refused}");
}
