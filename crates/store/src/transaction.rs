//! What a job sees of the store: a [`Reader`], or a [`Transaction`], which also writes.

use std::{
    ops::{ControlFlow, Deref},
    sync::Arc,
    time::Duration,
};

use definition::{Scope, time::EpochMillis};
use rusqlite::Connection;

use crate::{
    blob::{BLOB_BYTES_MAX, Sha256Hash},
    change::Change,
    error::{Error, Result},
    event::{ClaimedEvent, EVENT_CONTEXT_BYTES_MAX, EVENT_PAYLOAD_BYTES_MAX, EVENTS_MAX, NewEvent},
    record::{PAGE_MAX, PICK_SCAN_MAX, Page, PageRange, Placed, Position, Record, Version, Versioned},
    sqlite::{
        blobs, events, logs, metrics,
        records::{self, Place, Stored},
    },
};

/// A consistent view of the store at one moment.
pub struct Reader<'c> {
    connection: &'c Connection,
}

/// A job's changes, which take effect together or not at all; it reads what it wrote.
pub struct Transaction<'c> {
    reader: Reader<'c>,
    changes: Vec<Change>,
}

impl<'c> Reader<'c> {
    pub(crate) fn new(connection: &'c Connection) -> Self {
        Self { connection }
    }

    /// Where the statements of the crate's other modules run.
    pub(crate) fn connection(&self) -> &'c Connection {
        self.connection
    }

    /// The record at a place.
    pub fn get<R: Record>(&self, scope: &Scope, parent: &str, id: &str) -> Result<Option<R>> {
        Ok(self.get_versioned(scope, parent, id)?.map(|found| found.record))
    }

    /// The record at a place, with the version that [`Transaction::replace`] asks for.
    pub fn get_versioned<R: Record>(&self, scope: &Scope, parent: &str, id: &str) -> Result<Option<Versioned<R>>> {
        let Some(stored) = records::get(self.connection, place::<R>(scope, parent), id)? else {
            return Ok(None);
        };
        let version = Version(stored.version);
        Ok(Some(Versioned { record: parse(&stored)?, version }))
    }

    /// A page of the records below a parent, in creation order: those after `after`, at most `limit` (1 to [`PAGE_MAX`]).
    ///
    /// A record that exists from the first page to the last is seen exactly once, whatever is inserted or deleted in between.
    pub fn list<R: Record>(
        &self,
        scope: &Scope,
        parent: &str,
        after: Option<Position>,
        limit: usize,
    ) -> Result<Page<R>> {
        let limit = limit.clamp(1, PAGE_MAX);
        let after = after.map_or(0, |position| position.0);
        // One more than asked for tells whether there is a next page.
        let mut stored = records::list(self.connection, place::<R>(scope, parent), after, sql_limit(limit + 1))?;
        let more = stored.len() > limit;
        stored.truncate(limit);
        let next = stored.last().filter(|_| more).map(|last| Position(last.sequence));
        Ok(Page { items: parse_all(&stored)?, next })
    }

    /// A page of what `pick` makes of the records below a parent; it passes over a record by making nothing of it.
    ///
    /// Costs the records up to the page's end and the first one behind it, never more than [`PICK_SCAN_MAX`]: a page that ends
    /// there has fewer items than its limit, and a next one. What is promised of [`list`](Self::list) holds here, too.
    pub fn pick<R: Record, T, E: From<Error>>(
        &self,
        scope: &Scope,
        parent: &str,
        range: PageRange,
        mut pick: impl FnMut(R) -> Result<Option<T>, E>,
    ) -> Result<Page<T>, E> {
        let limit = range.limit.clamp(1, PAGE_MAX);
        let after = range.after.map(|position| position.0);
        let (mut page, mut seen, mut last) = (Page { items: Vec::new(), next: None }, 0, None);
        records::walk(self.connection, place::<R>(scope, parent), range.order, after, |stored| {
            let picked = if seen < PICK_SCAN_MAX { pick(parse(&stored)?)? } else { None };
            let is_beyond = seen == PICK_SCAN_MAX || (picked.is_some() && page.items.len() == limit);
            if is_beyond {
                page.next = last;
                return Ok::<_, E>(ControlFlow::Break(()));
            }
            page.items.extend(picked);
            seen += 1;
            last = Some(Position(stored.sequence));
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(page)
    }

    /// All records below a parent, in creation order. For what is bounded by a quota of its owner.
    pub fn list_all<R: Record>(&self, scope: &Scope, parent: &str) -> Result<Vec<R>> {
        parse_all(&records::list(self.connection, place::<R>(scope, parent), 0, i64::MAX)?)
    }

    /// All records below a parent whose ids start with `prefix`, ordered by id. Reads only those.
    pub fn list_prefix<R: Record>(&self, scope: &Scope, parent: &str, prefix: &str) -> Result<Vec<R>> {
        parse_all(&records::list_prefix(self.connection, place::<R>(scope, parent), prefix)?)
    }

    /// Up to `limit` (1 to [`PAGE_MAX`]) records below a parent whose ids come after `after`, ordered by id (as bytes).
    pub fn list_by_id<R: Record>(&self, scope: &Scope, parent: &str, after: &str, limit: usize) -> Result<Vec<R>> {
        let limit = sql_limit(limit.clamp(1, PAGE_MAX));
        parse_all(&records::list_by_id(self.connection, place::<R>(scope, parent), after, limit)?)
    }

    /// How many records of the kind are below a parent.
    pub fn count<R: Record>(&self, scope: &Scope, parent: &str) -> Result<u64> {
        unsigned("count(record)", records::count(self.connection, place::<R>(scope, parent))?)
    }

    /// The record of a kind whose ids are unique over all accounts and regions, and whose it is. Where ids are not unique,
    /// the oldest record.
    pub fn find_by_id<R: Record>(&self, id: &str) -> Result<Option<(Scope, R)>> {
        let Some((scope, stored)) = records::find_by_id(self.connection, R::KIND, id)? else {
            return Ok(None);
        };
        Ok(Some((scope, parse(&stored)?)))
    }

    /// All records of a kind in all accounts and regions, in creation order. For what few accounts have, and few of each.
    pub fn list_everywhere<R: Record>(&self) -> Result<Vec<Placed<R>>> {
        let found = records::list_everywhere(self.connection, R::KIND)?;
        let place = |found: records::Found| {
            let record = parse(&found.stored)?;
            Ok(Placed { scope: found.scope, parent: found.parent, record })
        };
        found.into_iter().map(place).collect()
    }

    /// The bytes with this digest. They are checked against it.
    pub fn get_blob(&self, hash: Sha256Hash) -> Result<Option<Vec<u8>>> {
        let Some(bytes) = blobs::get(self.connection, hash)? else {
            return Ok(None);
        };
        if Sha256Hash::of(&bytes) != hash {
            return Err(Error::CorruptBlob { hash });
        }
        Ok(Some(bytes))
    }

    /// How many events are queued, claimed ones among them.
    pub fn count_events(&self) -> Result<u64> {
        unsigned("event_total.total", events::count(self.connection)?)
    }

    /// When there may next be an event to claim: one comes due, or a claim ends. `None` while the queue is empty.
    pub fn next_event_at(&self) -> Result<Option<EpochMillis>> {
        events::next_attempt_at(self.connection)
    }
}

impl<'c> Transaction<'c> {
    pub(crate) fn new(connection: &'c Connection) -> Self {
        Self { reader: Reader::new(connection), changes: Vec::new() }
    }

    /// What the job touched, in order.
    pub(crate) fn into_changes(self) -> Vec<Change> {
        self.changes
    }

    /// Keeps a record in a free place; [`Error::AlreadyExists`] when it is taken.
    pub fn insert<R: Record>(&mut self, scope: &Scope, parent: &str, id: &str, record: &R) -> Result<()> {
        let body = write(id, record)?;
        if !records::insert(self.reader.connection, place::<R>(scope, parent), id, &body)? {
            return Err(Error::AlreadyExists { kind: R::KIND, id: id.to_owned() });
        }
        self.changed::<R>(scope, parent, id, Outcome::Kept);
        Ok(())
    }

    /// Keeps a record, in place of the one that may be there; its version. A record that is replaced keeps its place in the
    /// creation order.
    pub fn put<R: Record>(&mut self, scope: &Scope, parent: &str, id: &str, record: &R) -> Result<Version> {
        let body = write(id, record)?;
        let version = records::put(self.reader.connection, place::<R>(scope, parent), id, &body)?;
        self.changed::<R>(scope, parent, id, Outcome::Kept);
        Ok(Version(version))
    }

    /// Replaces a record that still has the version that was read; [`Error::VersionConflict`] otherwise.
    pub fn replace<R: Record>(
        &mut self,
        scope: &Scope,
        parent: &str,
        id: &str,
        read: Version,
        record: &R,
    ) -> Result<Version> {
        let body = write(id, record)?;
        if !records::replace(self.reader.connection, place::<R>(scope, parent), id, read.0, &body)? {
            return Err(Error::VersionConflict { kind: R::KIND, id: id.to_owned() });
        }
        self.changed::<R>(scope, parent, id, Outcome::Kept);
        Ok(Version(read.0 + 1))
    }

    /// Deletes a record; whether there was one. What is below it stays: see [`Transaction::delete_children`].
    pub fn delete<R: Record>(&mut self, scope: &Scope, parent: &str, id: &str) -> Result<bool> {
        let deleted = records::delete(self.reader.connection, place::<R>(scope, parent), id)?;
        if deleted {
            self.changed::<R>(scope, parent, id, Outcome::Deleted);
        }
        Ok(deleted)
    }

    /// Deletes all records, of whatever kind, directly below the record of kind `P` with the id `parent`; how many.
    pub fn delete_children<P: Record>(&mut self, scope: &Scope, parent: &str) -> Result<usize> {
        let deleted = records::delete_children(self.reader.connection, scope, P::KIND, parent)?;
        let count = deleted.len();
        self.changes.extend(deleted.into_iter().map(|(kind, id)| Change {
            scope: scope.clone(),
            kind,
            parent: parent.to_owned(),
            id,
            deleted: true,
        }));
        Ok(count)
    }

    /// Keeps bytes, up to [`BLOB_BYTES_MAX`], under their digest. The same bytes are kept once.
    pub fn put_blob(&mut self, bytes: &[u8]) -> Result<Sha256Hash> {
        check_size("blob bytes", bytes.len(), BLOB_BYTES_MAX)?;
        let hash = Sha256Hash::of(bytes);
        blobs::put(self.reader.connection, hash, bytes)?;
        Ok(hash)
    }

    /// Deletes a blob; whether there was one. The caller knows that no record names it any more.
    pub fn delete_blob(&mut self, hash: Sha256Hash) -> Result<bool> {
        blobs::delete(self.reader.connection, hash)
    }

    /// Queues an asynchronous invocation: once the job is acknowledged, it will be handed out until someone completes it.
    pub fn enqueue_event(&mut self, event: &NewEvent) -> Result<()> {
        check_size("event payload bytes", event.payload.len(), EVENT_PAYLOAD_BYTES_MAX)?;
        check_size("event context bytes", event.context.len(), EVENT_CONTEXT_BYTES_MAX)?;
        if self.count_events()? >= EVENTS_MAX {
            return Err(Error::QueueFull { limit: EVENTS_MAX });
        }
        events::insert(self.reader.connection, event)
    }

    /// Claims up to `limit` events that are due at `now`, choosing those due longest, and lists them in the order in which they
    /// were queued. Until `now + lease` nobody else gets them; claims also end when the store is opened anew.
    pub fn claim_events(&mut self, now: EpochMillis, limit: usize, lease: Duration) -> Result<Vec<ClaimedEvent>> {
        let lease_ms = i64::try_from(lease.as_millis()).unwrap_or(i64::MAX);
        let until = EpochMillis(now.0.saturating_add(lease_ms));
        events::claim(self.reader.connection, now, until, sql_limit(limit))
    }

    /// Ends an event for good, whatever came of it; whether it was still queued.
    pub fn complete_event(&mut self, id: &str) -> Result<bool> {
        events::delete(self.reader.connection, id)
    }

    /// Gives a claimed event back, to be handed out from `next_attempt_at` on; whether it was still queued.
    pub fn reschedule_event(&mut self, id: &str, next_attempt_at: EpochMillis, attempts: u32) -> Result<bool> {
        events::reschedule(self.reader.connection, id, next_attempt_at, attempts)
    }

    /// Deletes everything: records, blobs, events, logs and metrics.
    pub fn clear(&mut self) -> Result<()> {
        let connection = self.reader.connection;
        let removed = records::delete_all(connection)?;
        blobs::delete_all(connection)?;
        events::delete_all(connection)?;
        logs::delete_all(connection)?;
        metrics::delete_all(connection)?;
        self.changes.extend(removed.into_iter().map(|record| {
            let records::Removed { scope, kind, parent, id } = record;
            Change { scope, kind, parent, id, deleted: true }
        }));
        Ok(())
    }

    fn changed<R: Record>(&mut self, scope: &Scope, parent: &str, id: &str, outcome: Outcome) {
        self.changes.push(Change {
            scope: scope.clone(),
            kind: R::KIND.to_owned(),
            parent: parent.to_owned(),
            id: id.to_owned(),
            deleted: matches!(outcome, Outcome::Deleted),
        });
    }
}

impl<'c> Deref for Transaction<'c> {
    type Target = Reader<'c>;

    fn deref(&self) -> &Reader<'c> {
        &self.reader
    }
}

/// What became of a touched record.
#[derive(Clone, Copy)]
enum Outcome {
    Kept,
    Deleted,
}

fn place<'a, R: Record>(scope: &'a Scope, parent: &'a str) -> Place<'a> {
    Place { scope, parent_kind: R::PARENT_KIND, parent, kind: R::KIND }
}

fn parse<R: Record>(stored: &Stored) -> Result<R> {
    serde_json::from_str(&stored.body).map_err(|source| Error::CorruptRecord {
        kind: R::KIND,
        id: stored.id.clone(),
        source: Arc::new(source),
    })
}

fn parse_all<R: Record>(stored: &[Stored]) -> Result<Vec<R>> {
    stored.iter().map(parse).collect()
}

fn write<R: Record>(id: &str, record: &R) -> Result<String> {
    serde_json::to_string(record).map_err(|source| Error::UnwritableRecord {
        kind: R::KIND,
        id: id.to_owned(),
        source: Arc::new(source),
    })
}

fn sql_limit(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

fn unsigned(column: &'static str, value: i64) -> Result<u64> {
    u64::try_from(value).map_err(|_| Error::CorruptColumn { column, value })
}

fn check_size(what: &'static str, size: usize, limit: usize) -> Result<()> {
    if size > limit {
        return Err(Error::TooLarge { what, size, limit });
    }
    Ok(())
}
