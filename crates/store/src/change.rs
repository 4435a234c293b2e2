//! The change feed: which records a commit touched.

use std::sync::Arc;

use definition::Scope;

/// A record that a committed job inserted, replaced or deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The record's account and region.
    pub scope: Scope,
    /// Its kind, as in [`Record::KIND`](crate::Record::KIND).
    pub kind: String,
    /// Its parent's id, or `""`.
    pub parent: String,
    /// Its id.
    pub id: String,
    /// Whether the record is gone.
    pub deleted: bool,
}

/// Someone who is told of every commit that touched a record.
///
/// It is called on the writer's thread, in commit order, after the commit and before the jobs of that commit are acknowledged:
/// what it does is done when the writer of the change gets its answer. It must be quick and must not wait for the store.
pub type Subscriber = Arc<dyn Fn(&[Change]) + Send + Sync>;
