//! Requests to HTTP backends, over connections that are kept open between them.
//!
//! One client per runtime. A connection is driven by the request that uses it ([`Connection`]) and by nobody else, so a request
//! that is dropped, because its client has gone or its time is up, ends at its backend, too.

use std::{
    future::Future,
    net::SocketAddr,
    pin::{Pin, pin},
    sync::Arc,
    time::Duration,
};

use bytes::Bytes;
use http::response::Parts;
use hyper::body::{Body as _, Incoming};
use tokio::{
    net::{TcpStream, lookup_host},
    time::{Instant, timeout_at},
};

use super::{
    answer_body::{AnswerBody, Time, Transfer},
    connection::Connection,
    egress::Egress,
    error_chain,
    pool::Pool,
    request::HttpRequest,
    tls::BackendTls,
    upload::UploadProgress,
    url::Origin,
};
use crate::{
    Failure,
    map_response::RESPONSE_BYTES_MAX,
    message_body::{MessageBody, StreamError, StreamingBody, TransferMode},
    request::Headers,
    trace::fact::{self, Answer},
};

/// Of a buffered answer so much is read before its head goes on. Most answers end within it: they have a length, can still fail as
/// a whole, and cost the client's connection one write.
const READ_AHEAD_BYTES_MAX: usize = 64 * 1024;

/// Sends requests to HTTP backends.
#[derive(Debug)]
pub(crate) struct HttpClient {
    tls: BackendTls,
    egress: Egress,
    pool: Arc<Pool>,
}

/// A backend's answer, read to its end.
#[derive(Debug)]
pub(crate) struct HttpAnswer {
    pub(crate) status: u16,
    pub(crate) headers: Headers,
    pub(crate) body: Bytes,
}

/// A backend's answer, of which the rest may still be coming.
#[derive(Debug)]
pub(crate) struct PassedAnswer {
    pub(crate) status: u16,
    pub(crate) headers: Headers,
    pub(crate) body: MessageBody,
}

impl HttpAnswer {
    /// The answer as a trace tells it.
    pub(crate) fn told(&self) -> Answer {
        Answer { headers: fact::pairs(&self.headers), body: Some(self.body.clone()), request_id: None }
    }
}

impl PassedAnswer {
    /// The answer as a trace tells it; the body only if it was read before it goes on.
    pub(crate) fn told(&self) -> Answer {
        Answer { headers: fact::pairs(&self.headers), body: self.body.as_whole().cloned(), request_id: None }
    }
}

impl HttpClient {
    pub(crate) fn new(tls: BackendTls) -> Self {
        Self { tls, egress: Egress::anywhere(), pool: Arc::default() }
    }

    /// Lets requests reach only what is permitted.
    pub(crate) fn restrict(&mut self, egress: Egress) {
        self.egress = egress;
    }

    /// Sends a request and reads the whole answer, of at most [`RESPONSE_BYTES_MAX`]. The caller bounds the time.
    ///
    /// # Errors
    /// [`Failure::IntegrationFailure`] when the backend cannot be reached or breaks off, [`Failure::ApiConfiguration`] when what
    /// it sends is no HTTP, [`Failure::ResponseTooLarge`].
    pub(crate) async fn send(&self, request: Box<HttpRequest>) -> Result<HttpAnswer, Failure> {
        let (head, mut body) = self.begin(request, Transfer::Buffered).await?;
        let body = body.read_ahead(RESPONSE_BYTES_MAX).await?;
        let body = body.ok_or(Failure::ResponseTooLarge { limit: RESPONSE_BYTES_MAX })?;
        Ok(HttpAnswer { status: head.status.as_u16(), headers: Headers::from_wire(head.headers, None), body })
    }

    /// Sends a request and passes its answer on: whole if it is short, else while it arrives. The time is that of the whole
    /// answer; what the gateway waits for the client to send does not count.
    ///
    /// # Errors
    /// As [`HttpClient::send`]; [`Failure::IntegrationTimeout`]; [`Failure::RequestTooLarge`] or [`Failure::BodyUnreadable`] when
    /// the client's upload fails.
    pub(crate) async fn pass(
        &self,
        request: Box<HttpRequest>,
        timeout: Duration,
        transfer: Transfer,
    ) -> Result<PassedAnswer, Failure> {
        let upload = request.upload();
        let time = Time { deadline: Instant::now() + timeout, timeout };
        let receiving = async {
            let (head, mut body) = self.begin(request, transfer).await?;
            let whole = match transfer {
                Transfer::Buffered => body.read_ahead(READ_AHEAD_BYTES_MAX).await?,
                Transfer::Stream { .. } => None,
            };
            let deadline = upload.as_ref().map_or(time.deadline, |upload| upload.deadline(timeout));
            body.limit(Time { deadline, timeout });
            let streaming = || MessageBody::Streaming(StreamingBody::new(body, transfer.mode()));
            let body = whole.map_or_else(streaming, MessageBody::Whole);
            Ok(PassedAnswer { status: head.status.as_u16(), headers: Headers::from_wire(head.headers, None), body })
        };
        within(time, upload.as_deref(), pin!(receiving)).await
    }

    /// Sends a request and waits for the head of its answer.
    async fn begin(&self, request: Box<HttpRequest>, transfer: Transfer) -> Result<(Parts, AnswerBody), Failure> {
        let Arrived { head, incoming, connection, origin } = self.exchange(request).await?;
        if transfer.mode() == TransferMode::Buffered && incoming.size_hint().lower() > RESPONSE_BYTES_MAX as u64 {
            return Err(Failure::ResponseTooLarge { limit: RESPONSE_BYTES_MAX });
        }
        let body = AnswerBody::new(incoming, connection, origin, Arc::clone(&self.pool), transfer);
        Ok((head, body))
    }

    async fn exchange(&self, request: Box<HttpRequest>) -> Result<Arrived, Failure> {
        let HttpRequest { destination, mut request } = *request;
        let origin = destination.origin;
        while let Some(mut connection) = self.pool.take(&origin).await {
            match connection.exchange(request).await {
                Ok(response) => return Ok(Arrived::new(response, connection, origin)),
                Err(mut error) => match error.take_message() {
                    // The backend had closed the connection and nothing was sent, so sending is no repetition.
                    Some(unsent) => request = unsent,
                    None => return Err(unanswered(error.error())),
                },
            }
        }
        // Boxed, so that requests over kept connections need not carry the room for this.
        let mut connection = Box::pin(self.connect(&origin)).await?;
        match connection.exchange(request).await {
            Ok(response) => Ok(Arrived::new(response, connection, origin)),
            Err(error) => Err(unanswered(error.error())),
        }
    }

    async fn connect(&self, origin: &Origin) -> Result<Connection, Failure> {
        let stream = self.reach(origin).await?;
        // Messages are written as a whole where possible; waiting to fill a packet only costs time. Failing to say so costs
        // nothing else.
        let _ = stream.set_nodelay(true);
        let Some(security) = &origin.tls else {
            return Connection::open(stream).await.map_err(|error| network(&error));
        };
        let name = String::from(&*origin.host).try_into();
        let name = name.map_err(|_| Failure::invalid_endpoint())?;
        let stream = self.tls.connector(security).connect(name, stream).await.map_err(|error| network(&error))?;
        Connection::open(stream).await.map_err(|error| network(&error))
    }

    /// Connects to the first of the host's permitted addresses that answers.
    async fn reach(&self, origin: &Origin) -> Result<TcpStream, Failure> {
        let addresses = lookup_host((&*origin.host, origin.port)).await.map_err(|error| network(&error))?;
        // The addresses themselves are judged, not the name: it could resolve to others a moment later.
        let permitted: Vec<SocketAddr> = addresses.filter(|address| self.egress.permits(address.ip())).collect();
        if permitted.is_empty() {
            return Err(Failure::IntegrationFailure { detail: format!("no permitted address for {}", origin.host) });
        }
        TcpStream::connect(permitted.as_slice()).await.map_err(|error| network(&error))
    }
}

/// An answer of which the head has arrived.
struct Arrived {
    head: Parts,
    incoming: Incoming,
    connection: Connection,
    origin: Arc<Origin>,
}

impl Arrived {
    fn new(response: http::Response<Incoming>, connection: Connection, origin: Arc<Origin>) -> Self {
        let (head, incoming) = response.into_parts();
        Self { head, incoming, connection, origin }
    }
}

/// Waits for an answer as long as the backend has time: while the client is still uploading, the time begins anew with each part.
///
/// The answer comes pinned, so that it need not be moved into here.
async fn within<T>(
    time: Time,
    upload: Option<&UploadProgress>,
    mut answer: Pin<&mut impl Future<Output = Result<T, Failure>>>,
) -> Result<T, Failure> {
    let Time { mut deadline, timeout } = time;
    loop {
        if let Ok(answer) = timeout_at(deadline, answer.as_mut()).await {
            return answer;
        }
        match upload.map(|upload| upload.deadline(timeout)) {
            Some(extended) if extended > Instant::now() => deadline = extended,
            Some(_) | None => {
                let timeout_ms = u32::try_from(timeout.as_millis()).unwrap_or(u32::MAX);
                return Err(Failure::IntegrationTimeout { timeout_ms });
            }
        }
    }
}

/// The failure of a request that got no answer. One that is no HTTP is the backend's fault, not the network's, and an upload that
/// ends before its end is the client's.
fn unanswered(error: &hyper::Error) -> Failure {
    if error.is_parse() {
        return Failure::configuration(format!("Malformed endpoint response: {error}"));
    }
    let cause = std::error::Error::source(error).and_then(|cause| cause.downcast_ref::<StreamError>());
    match cause {
        Some(StreamError::TooLarge { limit }) => Failure::RequestTooLarge { limit: *limit },
        Some(StreamError::Broken { .. } | StreamError::TooSlow { .. }) => Failure::BodyUnreadable,
        None => network(error),
    }
}

/// The failure of an error on the way, with its causes.
fn network(error: &(dyn std::error::Error + 'static)) -> Failure {
    Failure::IntegrationFailure { detail: error_chain(error) }
}
