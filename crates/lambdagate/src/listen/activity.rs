//! What a connection is doing, and since when: so that one that does nothing of use is closed.
//!
//! Four clients hold a connection for nothing: one that never begins a request, one that never ends a head, one that never takes its
//! answer, one that never comes back. Noting what happens costs a store into a cell; the only timer is one per connection, which
//! looks every [`CHECK_INTERVAL`]. Bodies have their own limits ([`super::request_body`]), and so have calls of backends.
//!
//! The quota "Idle connection timeout" of "Quotas for configuring and running a REST API in API Gateway".

use std::{cell::Cell, io, rc::Rc, task::Poll, time::Duration};

use tokio::time::Instant;

/// How long a client may take to send a request's head, from its first byte; of a new connection, from its start.
pub(crate) const HEAD_TIMEOUT: Duration = Duration::from_secs(30);
/// How long a connection may wait for its next request.
pub(crate) const IDLE_TIMEOUT: Duration = Duration::from_secs(310);
/// How long a client may take nothing of an answer that waits for it.
pub(crate) const TAKE_TIMEOUT: Duration = Duration::from_mins(1);
/// How long a client may be behind with taking its answers without ever catching up: as long as AWS lets an answer stream.
pub(crate) const BEHIND_TIMEOUT: Duration = Duration::from_mins(15);
/// How often a connection is looked at; what is overdue is noticed so much later at the most.
pub(crate) const CHECK_INTERVAL: Duration = Duration::from_secs(10);

/// Why a connection is to be closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Overdue {
    /// No request came.
    Idle,
    /// A head came too slowly.
    Head,
    /// An answer was not taken.
    Answer,
}

/// What a connection is doing.
#[derive(Debug)]
pub(crate) struct Activity {
    /// Requests that are being answered.
    in_flight: Cell<usize>,
    /// What is waited for while there are none.
    pause: Cell<Pause>,
    /// Set while there are bytes that the client does not take.
    behind: Cell<Option<Behind>>,
    /// Whether bytes that arrive belong to no request in particular.
    multiplexed: Cell<bool>,
}

/// What is waited for between requests.
#[derive(Debug, Clone, Copy)]
enum Pause {
    /// The next request.
    Idle(Instant),
    /// The rest of a head.
    Head(Instant),
}

/// A client that does not take what it asked for.
#[derive(Debug, Clone, Copy)]
struct Behind {
    since: Instant,
    /// When it last took something.
    took_at: Instant,
}

impl Activity {
    /// A new connection's.
    pub(crate) fn new() -> Rc<Self> {
        Rc::new(Self {
            in_flight: Cell::new(0),
            pause: Cell::new(Pause::Head(Instant::now())),
            behind: Cell::new(None),
            multiplexed: Cell::new(false),
        })
    }

    /// From here on the connection speaks HTTP/2, where bytes that arrive need not be a head.
    pub(crate) fn set_multiplexed(&self) {
        self.multiplexed.set(true);
        self.pause.set(Pause::Idle(Instant::now()));
    }

    /// Notes that bytes arrived.
    pub(crate) fn on_read(&self) {
        if self.in_flight.get() == 0
            && !self.multiplexed.get()
            && let Pause::Idle(_) = self.pause.get()
        {
            self.pause.set(Pause::Head(Instant::now()));
        }
    }

    /// Notes what became of a write of so many bytes.
    pub(crate) fn on_write(&self, offered: usize, outcome: &Poll<io::Result<usize>>) {
        let behind = self.behind.get();
        match (outcome, behind) {
            (Poll::Ready(Ok(taken)), Some(_)) if *taken >= offered => self.behind.set(None),
            (Poll::Ready(Ok(_)), Some(behind)) => {
                self.behind.set(Some(Behind { took_at: Instant::now(), ..behind }));
            }
            (Poll::Pending, None) => {
                let now = Instant::now();
                self.behind.set(Some(Behind { since: now, took_at: now }));
            }
            (Poll::Pending | Poll::Ready(Err(_)), Some(_)) | (Poll::Ready(_), None) => {}
        }
    }

    /// Notes that a request has arrived; it is being answered until the guard is dropped.
    pub(crate) fn begin(self: &Rc<Self>) -> InFlight {
        self.in_flight.set(self.in_flight.get() + 1);
        InFlight(Rc::clone(self))
    }

    /// Waits until the connection is to be closed.
    pub(crate) async fn overdue(&self) -> Overdue {
        loop {
            tokio::time::sleep(CHECK_INTERVAL).await;
            if let Some(overdue) = self.overdue_at(Instant::now()) {
                return overdue;
            }
        }
    }

    fn overdue_at(&self, now: Instant) -> Option<Overdue> {
        if let Some(Behind { since, took_at }) = self.behind.get() {
            let is_overdue = now - took_at >= TAKE_TIMEOUT || now - since >= BEHIND_TIMEOUT;
            return is_overdue.then_some(Overdue::Answer);
        }
        if self.in_flight.get() > 0 {
            return None;
        }
        match self.pause.get() {
            Pause::Idle(since) => (now - since >= IDLE_TIMEOUT).then_some(Overdue::Idle),
            Pause::Head(since) => (now - since >= HEAD_TIMEOUT).then_some(Overdue::Head),
        }
    }
}

/// A request that is being answered.
#[derive(Debug)]
pub(crate) struct InFlight(Rc<Activity>);

impl Drop for InFlight {
    fn drop(&mut self) {
        let left = self.0.in_flight.get().saturating_sub(1);
        self.0.in_flight.set(left);
        if left == 0 {
            self.0.pause.set(Pause::Idle(Instant::now()));
        }
    }
}
