//! Records: what every stored thing has in common, and how lists of them are paged.

use std::{fmt, str::FromStr};

use definition::Scope;
use serde::{Serialize, de::DeserializeOwned};

/// The most records that one page holds; a larger limit is taken as this one.
pub const PAGE_MAX: usize = 1000;

/// The most records that one [`Reader::pick`](crate::Reader::pick) looks at, so that a rare thing costs a bounded time: AWS's
/// quota of API keys in a region, the largest collection that is searched.
pub const PICK_SCAN_MAX: usize = 10_000;

/// A kind of thing that is stored as one row: its place, a version, and its JSON.
///
/// A record's place is (account, region, kind, parent, id). A top-level kind has the parent `""`.
pub trait Record: Serialize + DeserializeOwned + Send + 'static {
    /// The kind's name in the database; it never changes once data exists.
    const KIND: &'static str;
    /// The [`KIND`](Self::KIND) of the parent, or `""` for a top-level kind. Parents of different kinds never meet, even when
    /// their ids are the same text.
    const PARENT_KIND: &'static str;
}

/// How often a record was written: 1 for a new one, one more at every put.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(pub(crate) i64);

/// A record with the version under which it was read, for a conditional write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Versioned<R> {
    /// The record.
    pub record: R,
    /// Its version.
    pub version: Version,
}

/// A record found in whatever account, region and below whatever parent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed<R> {
    /// Its account and region.
    pub scope: Scope,
    /// Its parent's id, or `""`.
    pub parent: String,
    /// The record.
    pub record: R,
}

/// A place in the creation order of a list. It stays valid when the record that it was taken from is deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position(pub(crate) i64);

/// Which end of the creation order a list starts at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// As the records were created.
    OldestFirst,
    /// The other way round.
    NewestFirst,
}

/// The page of a list that is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageRange {
    /// Which way the list runs.
    pub order: Order,
    /// The place that the page starts after, in the list's order; its beginning without one.
    pub after: Option<Position>,
    /// How many items it has, 1 to [`PAGE_MAX`].
    pub limit: usize,
}

/// A text that [`Position`]'s `Display` cannot have written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a position of a list")]
pub struct InvalidPosition;

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Position {
    type Err = InvalidPosition;

    fn from_str(text: &str) -> Result<Self, InvalidPosition> {
        let digits_only = text.bytes().all(|byte| byte.is_ascii_digit());
        if !digits_only {
            return Err(InvalidPosition);
        }
        text.parse().map(Self).map_err(|_| InvalidPosition)
    }
}

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<R> {
    /// The records, or what was made of them.
    pub items: Vec<R>,
    /// Where the next page starts, when there is one.
    pub next: Option<Position>,
}
