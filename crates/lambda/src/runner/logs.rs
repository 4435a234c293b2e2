//! A worker's output: records cut at line ends, the platform's own lines between them, the tail a caller may ask for.
//!
//! Standard output and error share one pipe, so their order is kept. A record ends at `\n`; a `\r` inside stays, since
//! the language bootstraps put it in place of the line ends of one multi-line record.
//!
//! AWS: Lambda Developer Guide, "Sending Lambda function logs to `CloudWatch` Logs".

use std::io::{ErrorKind, PipeReader};
use std::os::fd::OwnedFd;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use jiff::Timestamp;
use tokio::net::unix::pipe;
use uuid::Uuid;

use super::function::FunctionVersion;
use super::lock;

/// The tail of a log that Invoke returns.
const TAIL_BYTES: usize = 4096;
/// A longer line is cut into records of this size: `CloudWatch` takes no larger event.
const RECORD_BYTES_MAX: usize = 256 * 1024;
/// How much one turn reads before other work of the thread gets its turn; the pipe holds no more than this.
const DRAIN_BYTES_MAX: usize = 1024 * 1024;
const READ_BYTES: usize = 16 * 1024;

/// One line of a function's log.
#[derive(Debug)]
pub struct LogRecord<'a> {
    /// The version whose worker wrote it.
    pub function: &'a FunctionVersion,
    /// The worker's log stream; its group is `/aws/lambda/{name}`.
    pub log_stream: &'a str,
    /// The invocation in progress; `None` during initialisation and between invocations.
    pub request_id: Option<Uuid>,
    /// When the record was read.
    pub timestamp: Timestamp,
    /// Who wrote it.
    pub source: LogSource,
    /// The record without its line end; bytes that are not UTF-8 are replaced.
    pub message: &'a str,
}

/// Who wrote a log record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogSource {
    /// The function, on standard output or error.
    Function,
    /// The platform: START, END, REPORT and their like.
    Platform,
}

/// Where log records go. Called on the runner's threads while the worker's log is locked: it must not block.
#[derive(Clone)]
pub struct LogSink(Arc<dyn Fn(&LogRecord<'_>) + Send + Sync>);

impl LogSink {
    /// A sink that hands every record to `receive`.
    pub fn new(receive: impl Fn(&LogRecord<'_>) + Send + Sync + 'static) -> Self {
        Self(Arc::new(receive))
    }

    /// A sink that turns records into `tracing` events of level debug.
    #[must_use]
    pub fn tracing() -> Self {
        Self::new(|record| {
            tracing::debug!(function = %record.function.name, stream = record.log_stream, "{}", record.message);
        })
    }
}

/// The log stream of one worker.
pub(super) struct WorkerLog {
    pub(super) stream: String,
    version: Arc<FunctionVersion>,
    pipe: pipe::Receiver,
    sink: LogSink,
    clock: fn() -> Timestamp,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// The beginning of a line whose end has not come.
    partial: Vec<u8>,
    request_id: Option<Uuid>,
    tail: Option<Vec<u8>>,
    /// What is read into.
    buffer: Vec<u8>,
}

impl WorkerLog {
    /// A new stream that reads `pipe`. Must be called within the runtime.
    pub(super) fn new(
        version: Arc<FunctionVersion>,
        pipe: PipeReader,
        sink: LogSink,
        clock: fn() -> Timestamp,
    ) -> std::io::Result<Self> {
        let pipe = pipe::Receiver::from_owned_fd(OwnedFd::from(pipe))?;
        let day = clock().strftime("%Y/%m/%d").to_string();
        let stream = format!("{day}/[{}]{}", version.version, Uuid::new_v4().simple());
        Ok(Self { stream, version, pipe, sink, clock, state: Mutex::default() })
    }

    /// Reads what the worker writes until its last process closed the pipe.
    pub(super) async fn follow(&self) {
        while self.pipe.readable().await.is_ok() {
            // Read by way of tokio, which learns so that the pipe is empty and waits for more.
            match self.read_with(|buffer| self.pipe.try_read(buffer)) {
                Drained::Empty => {}
                Drained::More => tokio::task::yield_now().await,
                Drained::Closed => return,
            }
        }
    }

    /// Takes what the worker has written so far: what it wrote before a request to the Runtime API is in the pipe when
    /// the request arrives. Asks the kernel itself, because tokio's knowledge of the pipe may lag behind.
    pub(super) fn catch_up(&self) {
        self.read_with(|buffer| Ok(rustix::io::read(&self.pipe, buffer)?));
    }

    fn read_with(&self, read: impl Fn(&mut [u8]) -> std::io::Result<usize>) -> Drained {
        let mut state = lock(&self.state);
        let mut buffer = std::mem::take(&mut state.buffer);
        buffer.resize(READ_BYTES, 0);
        let drained = self.drain(&mut state, &mut buffer, read);
        state.buffer = buffer;
        drained
    }

    fn drain(
        &self,
        state: &mut State,
        buffer: &mut [u8],
        read: impl Fn(&mut [u8]) -> std::io::Result<usize>,
    ) -> Drained {
        let mut taken = 0;
        while taken < DRAIN_BYTES_MAX {
            match read(buffer) {
                Ok(0) => return Drained::Closed,
                Ok(length) => {
                    taken += length;
                    self.split(state, &buffer[..length]);
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Drained::Empty,
                Err(_) => return Drained::Closed,
            }
        }
        Drained::More
    }

    /// An invocation begins: what was written before is not its.
    pub(super) fn begin(&self, request_id: Uuid, wants_tail: bool) {
        self.catch_up();
        let mut state = lock(&self.state);
        state.request_id = Some(request_id);
        state.tail = wants_tail.then(Vec::new);
    }

    /// Adds a line of the platform.
    pub(super) fn platform(&self, line: &str) {
        self.emit(&mut lock(&self.state), LogSource::Platform, line);
    }

    /// The invocation is over; its tail, if it was wanted.
    pub(super) fn end(&self) -> Option<Bytes> {
        let mut state = lock(&self.state);
        state.request_id = None;
        let tail = state.tail.take()?;
        let surplus = tail.len().saturating_sub(TAIL_BYTES);
        Some(Bytes::from(tail).slice(surplus..))
    }

    /// The process is gone: an unfinished line is a record too.
    pub(super) fn finish(&self) {
        self.catch_up();
        let mut state = lock(&self.state);
        if !state.partial.is_empty() {
            let line = std::mem::take(&mut state.partial);
            self.emit(&mut state, LogSource::Function, &String::from_utf8_lossy(&line));
        }
    }

    fn split(&self, state: &mut State, mut bytes: &[u8]) {
        while let Some(end) = bytes.iter().position(|byte| *byte == b'\n') {
            let (line, rest) = (&bytes[..end], &bytes[end + 1..]);
            bytes = rest;
            if state.partial.is_empty() {
                self.emit(state, LogSource::Function, &String::from_utf8_lossy(line));
            } else {
                state.partial.extend_from_slice(line);
                let line = std::mem::take(&mut state.partial);
                self.emit(state, LogSource::Function, &String::from_utf8_lossy(&line));
            }
        }
        state.partial.extend_from_slice(bytes);
        if state.partial.len() >= RECORD_BYTES_MAX {
            let line = std::mem::take(&mut state.partial);
            self.emit(state, LogSource::Function, &String::from_utf8_lossy(&line));
        }
    }

    fn emit(&self, state: &mut State, source: LogSource, message: &str) {
        if let Some(tail) = &mut state.tail {
            tail.extend_from_slice(message.as_bytes());
            tail.push(b'\n');
            // Amortised: the tail is cut to size only when it has doubled.
            if tail.len() > 2 * TAIL_BYTES {
                tail.drain(..tail.len() - TAIL_BYTES);
            }
        }
        let record = LogRecord {
            function: &self.version,
            log_stream: &self.stream,
            request_id: state.request_id,
            timestamp: (self.clock)(),
            source,
            message,
        };
        (self.sink.0)(&record);
    }
}

/// What is left in the pipe after a turn of reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Drained {
    Empty,
    More,
    Closed,
}
