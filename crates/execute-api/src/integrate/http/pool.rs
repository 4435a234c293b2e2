//! Connections that wait for their next request.
//!
//! One pool per serving thread, so the lock around it is never waited for. Only connections that are open and clean come in
//! ([`Connection::is_clean`]), and what has changed meanwhile is found when one is taken out. A task throws out those that have
//! waited too long; it lives as long as there are any.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::Duration,
};

use tokio::time::Instant;

use super::{connection::Connection, url::Origin};

/// Idle connections kept to one backend.
const IDLE_PER_ORIGIN_MAX: usize = 64;
/// Idle connections kept in all.
const IDLE_MAX: usize = 1024;
/// How long an idle connection is kept, shorter than backends commonly keep theirs.
const IDLE_KEPT: Duration = Duration::from_secs(30);

/// The idle connections of one thread.
#[derive(Debug, Default)]
pub(super) struct Pool {
    idle: Mutex<Idle>,
}

#[derive(Debug, Default)]
struct Idle {
    /// The one that was used last is at the end, and is used next.
    origins: HashMap<Arc<Origin>, Vec<IdleConnection>>,
    connections: usize,
    has_sweeper: bool,
}

#[derive(Debug)]
struct IdleConnection {
    connection: Connection,
    since: Instant,
}

impl Pool {
    /// An idle connection to a backend.
    pub(super) async fn take(&self, origin: &Origin) -> Option<Connection> {
        loop {
            let mut connection = self.idle().pop(origin)?;
            if connection.is_reusable().await {
                return Some(connection);
            }
        }
    }

    /// Keeps a connection for its next request, if there is room. One that is not clean is closed.
    pub(super) fn put(self: &Arc<Self>, origin: Arc<Origin>, connection: Connection) {
        if connection.is_clean() && self.idle().push(origin, connection) {
            tokio::spawn(sweep(Arc::downgrade(self)));
        }
    }

    fn idle(&self) -> MutexGuard<'_, Idle> {
        // Nothing that holds the lock can panic halfway through a change.
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Idle {
    fn pop(&mut self, origin: &Origin) -> Option<Connection> {
        let connections = self.origins.get_mut(origin)?;
        while let Some(IdleConnection { connection, since }) = connections.pop() {
            self.connections -= 1;
            if since.elapsed() < IDLE_KEPT {
                return Some(connection);
            }
        }
        None
    }

    /// Adds a connection and tells whether somebody must sweep from now on.
    fn push(&mut self, origin: Arc<Origin>, connection: Connection) -> bool {
        if self.connections >= IDLE_MAX {
            return false;
        }
        let connections = self.origins.entry(origin).or_default();
        if connections.len() >= IDLE_PER_ORIGIN_MAX {
            return false;
        }
        connections.push(IdleConnection { connection, since: Instant::now() });
        self.connections += 1;
        !std::mem::replace(&mut self.has_sweeper, true)
    }

    /// Throws out what has waited too long and tells whether anything is left.
    fn sweep(&mut self) -> bool {
        self.origins.retain(|_, connections| {
            connections.retain(|kept| kept.since.elapsed() < IDLE_KEPT);
            !connections.is_empty()
        });
        self.connections = self.origins.values().map(Vec::len).sum();
        self.has_sweeper = self.connections > 0;
        self.has_sweeper
    }
}

async fn sweep(pool: Weak<Pool>) {
    loop {
        tokio::time::sleep(IDLE_KEPT).await;
        let Some(pool) = pool.upgrade() else { return };
        if !pool.idle().sweep() {
            return;
        }
    }
}
