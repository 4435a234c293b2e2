//! The store through its public surface.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests say so when something is not as it should be")]

mod records;
mod paging;
mod picking;
mod commits;
mod durability;
mod blobs;
mod events;
mod changes;
mod logs;
mod metrics;

use definition::Scope;
use serde::{Deserialize, Serialize};
use store::{Record, Store};

/// A record of a kind of the tests' own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Note {
    text: String,
}

impl Record for Note {
    const KIND: &'static str = "note";
    const PARENT_KIND: &'static str = "book";
}

/// What notes are in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Book {}

impl Record for Book {
    const KIND: &'static str = "book";
    const PARENT_KIND: &'static str = "";
}

/// Another kind with children.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Shelf {}

impl Record for Shelf {
    const KIND: &'static str = "shelf";
    const PARENT_KIND: &'static str = "";
}

/// What shelves carry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Board {}

impl Record for Board {
    const KIND: &'static str = "board";
    const PARENT_KIND: &'static str = "shelf";
}

fn note(text: &str) -> Note {
    Note { text: text.to_owned() }
}

fn scope() -> Scope {
    scope_in("us-east-1")
}

fn scope_in(region: &str) -> Scope {
    Scope { account: "000000000000".to_owned(), region: region.to_owned() }
}

fn in_memory() -> Store {
    Store::in_memory().unwrap()
}

/// Inserts a note into the book `b`.
async fn insert(store: &Store, id: &str) -> store::Result<()> {
    let id = id.to_owned();
    store.write(move |transaction| transaction.insert(&scope(), "b", &id, &note(&id))).await
}

/// The texts of the notes in the book `b`, in creation order.
async fn texts(store: &Store) -> Vec<String> {
    let notes = store.read(|reader| reader.list_all::<Note>(&scope(), "b")).await.unwrap();
    notes.into_iter().map(|note| note.text).collect()
}
