//! Header names as the client wrote them.
//!
//! A function sees `event.headers["X-My-Header"]` in the letters of the client, and HTTP parsers keep only `x-my-header`. A
//! [`HeadTap`] stands between a connection and its parser, follows the message framing, and remembers the names of each request
//! head in order. It takes no decision: were it ever to lose track, the names would be the parser's lower-case ones.

use std::{
    cell::RefCell,
    collections::VecDeque,
    io,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll, ready},
};

use execute_api::request::{WrittenNames, WrittenNamesBuilder};
use hyper::rt::ReadBufCursor;
use memchr::{memchr, memchr_iter};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// A head of more bytes than this is not followed; the parser refuses it anyway.
pub(crate) const HEAD_BYTES_MAX: usize = 64 * 1024;
/// How many bytes are taken from the socket at a time.
const READ_BYTES_MAX: usize = 16 * 1024;
/// How many heads may wait for their requests to be served; a client that pipelines more is no longer followed.
const PENDING_HEADS_MAX: usize = 64;

/// The names of the heads that have passed and whose requests have not been served yet.
#[derive(Debug, Clone, Default)]
pub(crate) struct HeadNames(Rc<RefCell<HeadScanner>>);

impl HeadNames {
    /// The names of the next request's head, in order; `None` when the tap has lost track.
    pub(crate) fn next_head(&self) -> Option<WrittenNames> {
        self.0.borrow_mut().heads.pop_front()
    }
}

thread_local! {
    /// Where bytes pass through. A read takes no longer than one poll, so that the connections of a thread can share it.
    static SCRATCH: RefCell<Box<[u8]>> = RefCell::new(vec![0; READ_BYTES_MAX].into_boxed_slice());
}

/// A connection whose request heads are overheard.
#[derive(Debug)]
pub(crate) struct HeadTap<T> {
    stream: T,
    names: HeadNames,
}

impl<T> HeadTap<T> {
    /// Listens in on `stream`; what it hears is in the second value.
    pub(crate) fn new(stream: T) -> (Self, HeadNames) {
        let names = HeadNames::default();
        (Self { stream, names: names.clone() }, names)
    }
}

impl<T: AsyncRead + Unpin> hyper::rt::Read for HeadTap<T> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, mut cursor: ReadBufCursor<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        SCRATCH.with_borrow_mut(|scratch| {
            let room = cursor.remaining().min(scratch.len());
            let mut buffer = ReadBuf::new(&mut scratch[..room]);
            ready!(Pin::new(&mut this.stream).poll_read(cx, &mut buffer))?;
            this.names.0.borrow_mut().feed(buffer.filled());
            cursor.put_slice(buffer.filled());
            Poll::Ready(Ok(()))
        })
    }
}

impl<T: AsyncWrite + Unpin> hyper::rt::Write for HeadTap<T> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().stream).poll_write(cx, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().stream).poll_write_vectored(cx, slices)
    }
}

/// Follows a stream of requests from head to head.
#[derive(Debug, Default)]
struct HeadScanner {
    place: Place,
    /// A head or a line of which the end has not arrived.
    partial: Vec<u8>,
    heads: VecDeque<WrittenNames>,
}

/// Where in a message the stream stands.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// In a head, or before one.
    #[default]
    Head,
    /// In a body of which so many bytes are to come.
    Body(u64),
    /// In the line that holds a chunk's size.
    ChunkSize,
    /// In a chunk of which so many bytes are to come, its line end included.
    Chunk(u64),
    /// In a line after the last chunk.
    Trailer,
    /// Lost: nothing is followed any more.
    Lost,
}

impl HeadScanner {
    fn feed(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            bytes = match self.place {
                Place::Head => self.feed_head(bytes),
                Place::Body(left) => self.skip(bytes, left, Place::Body, Place::Head),
                Place::Chunk(left) => self.skip(bytes, left, Place::Chunk, Place::ChunkSize),
                Place::ChunkSize | Place::Trailer => self.feed_line(bytes),
                Place::Lost => return,
            };
        }
    }

    fn skip<'a>(&mut self, bytes: &'a [u8], left: u64, stay: fn(u64) -> Place, next: Place) -> &'a [u8] {
        let skipped = usize::try_from(left).unwrap_or(usize::MAX).min(bytes.len());
        let left = left - skipped as u64;
        self.place = if left == 0 { next } else { stay(left) };
        &bytes[skipped..]
    }

    fn feed_head<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        if self.partial.is_empty()
            && let Some(end) = head_end(bytes, 0)
        {
            self.take_head(&bytes[..end]);
            return &bytes[end..];
        }
        let seen = self.partial.len();
        self.partial.extend_from_slice(bytes);
        let Some(end) = head_end(&self.partial, seen.saturating_sub(3)) else {
            if self.partial.len() > HEAD_BYTES_MAX {
                self.lose();
            }
            return &[];
        };
        let head = std::mem::take(&mut self.partial);
        self.take_head(&head[..end]);
        &bytes[end - seen..]
    }

    fn take_head(&mut self, head: &[u8]) {
        // Empty lines before a request line are allowed and are no part of the head.
        let Some(start) = head.iter().position(|byte| !matches!(byte, b'\r' | b'\n')) else { return };
        let (names, place) = read_head(&head[start..]);
        self.place = place;
        self.heads.push_back(names);
        if self.heads.len() > PENDING_HEADS_MAX {
            self.lose();
        }
    }

    /// Lines of a chunked body end with both characters: with one alone the parser would refuse them, or read on.
    fn feed_line<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        let Some(end) = memchr(b'\n', bytes) else {
            self.partial.extend_from_slice(bytes);
            if self.partial.len() > HEAD_BYTES_MAX {
                self.lose();
            }
            return &[];
        };
        self.partial.extend_from_slice(&bytes[..end]);
        let line = std::mem::take(&mut self.partial);
        let Some(line) = line.strip_suffix(b"\r") else {
            self.lose();
            return &[];
        };
        self.place = match self.place {
            Place::Trailer if line.is_empty() => Place::Head,
            Place::Trailer => Place::Trailer,
            Place::ChunkSize | Place::Head | Place::Body(_) | Place::Chunk(_) | Place::Lost => match chunk_size(line) {
                Some(0) => Place::Trailer,
                Some(size) => Place::Chunk(size.saturating_add(2)),
                None => Place::Lost,
            },
        };
        &bytes[end + 1..]
    }

    fn lose(&mut self) {
        self.place = Place::Lost;
        self.partial = Vec::new();
        self.heads.clear();
    }
}

/// The length of the head at the start of `bytes`, with its empty line; `from` says where to begin to look.
fn head_end(bytes: &[u8], from: usize) -> Option<usize> {
    memchr_iter(b'\n', &bytes[from..]).find_map(|offset| {
        let after = from + offset + 1;
        match &bytes[after..] {
            [b'\n', ..] => Some(after + 1),
            [b'\r', b'\n', ..] => Some(after + 2),
            _ => None,
        }
    })
}

/// The names of a head's fields, and where the stream stands behind the head.
fn read_head(head: &[u8]) -> (WrittenNames, Place) {
    let mut names = WrittenNamesBuilder::with_capacity(head.len());
    let (mut place, mut is_chunked) = (Place::Head, false);
    for line in lines(head).skip(1) {
        let Some(colon) = memchr(b':', line) else { continue };
        let (name, value) = (&line[..colon], &line[colon + 1..]);
        names.push(name);
        is_chunked |= name.eq_ignore_ascii_case(b"transfer-encoding");
        if name.eq_ignore_ascii_case(b"content-length") {
            place = behind_length(value);
        }
    }
    let place = if is_chunked && place != Place::Lost { Place::ChunkSize } else { place };
    (names.build(), place)
}

/// The lines of a head, without their line feeds.
fn lines(head: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut start = 0;
    memchr_iter(b'\n', head).map(move |end| {
        let line = &head[start..end];
        start = end + 1;
        line
    })
}

/// Where the stream stands behind a head with this `Content-Length`.
fn behind_length(value: &[u8]) -> Place {
    match std::str::from_utf8(value.trim_ascii()).ok().and_then(|text| text.parse().ok()) {
        Some(0) => Place::Head,
        Some(length) => Place::Body(length),
        None => Place::Lost,
    }
}

fn chunk_size(line: &[u8]) -> Option<u64> {
    let digits = line.split(|&byte| byte == b';').next()?.trim_ascii();
    u64::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

#[cfg(test)]
mod tests;
