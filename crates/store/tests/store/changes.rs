use std::sync::{Arc, Mutex};

use store::{Change, Store};

use crate::{Book, Note, in_memory, insert, note, scope};

/// What a subscriber saw, `+` for kept and `-` for deleted records.
#[derive(Clone, Default)]
struct Seen(Arc<Mutex<Vec<String>>>);

impl Seen {
    fn of(store: &Store) -> Self {
        let seen = Self::default();
        let sink = seen.clone();
        store.subscribe(Arc::new(move |changes| sink.0.lock().unwrap().extend(changes.iter().map(show))));
        seen
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

fn show(change: &Change) -> String {
    let sign = if change.deleted { '-' } else { '+' };
    assert_eq!(change.scope, scope());
    format!("{sign}{} {}/{}", change.kind, change.parent, change.id)
}

#[tokio::test]
async fn a_commit_is_seen_before_it_is_acknowledged() {
    let store = in_memory();
    let seen = Seen::of(&store);
    for id in ["1", "2"] {
        insert(&store, id).await.unwrap();
        assert_eq!(seen.take(), [format!("+note b/{id}")]);
    }
}

#[tokio::test]
async fn changes_come_in_the_order_in_which_they_were_made() {
    let store = in_memory();
    let seen = Seen::of(&store);
    let job = store.write(|transaction| {
        transaction.insert(&scope(), "", "b", &Book {})?;
        transaction.insert(&scope(), "b", "2", &note("2"))?;
        transaction.put(&scope(), "b", "1", &note("1"))?;
        let read = transaction.get_versioned::<Note>(&scope(), "b", "1")?.unwrap();
        transaction.replace(&scope(), "b", "1", read.version, &note("1"))?;
        transaction.delete::<Note>(&scope(), "b", "2")?;
        transaction.delete::<Note>(&scope(), "b", "never there")?;
        transaction.delete_children::<Book>(&scope(), "b")?;
        transaction.clear()
    });
    job.await.unwrap();
    assert_eq!(seen.take(), ["+book /b", "+note b/2", "+note b/1", "+note b/1", "-note b/2", "-note b/1", "-book /b"]);
}

#[tokio::test]
async fn what_was_taken_back_is_not_seen() {
    let store = in_memory();
    insert(&store, "1").await.unwrap();
    let seen = Seen::of(&store);
    let failed = store.write(|transaction| {
        transaction.delete::<Note>(&scope(), "b", "1")?;
        transaction.insert(&scope(), "b", "2", &note("2"))?;
        transaction.insert(&scope(), "b", "2", &note("again"))
    });
    assert!(failed.await.is_err());
    assert_eq!(seen.take(), [""; 0]);
}

#[tokio::test]
async fn a_subscriber_that_panics_stops_neither_the_writer_nor_the_others() {
    let store = in_memory();
    store.subscribe(Arc::new(|_| panic!("as the test wants it")));
    let seen = Seen::of(&store);
    insert(&store, "1").await.unwrap();
    insert(&store, "2").await.unwrap();
    assert_eq!(seen.take(), ["+note b/1", "+note b/2"]);
}
