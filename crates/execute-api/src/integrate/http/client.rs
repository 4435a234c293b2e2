//! Connections to HTTP backends, kept open between requests.
//!
//! One client per runtime: its connections are driven by that runtime's tasks and shared with no other core, so the lock
//! around the idle ones is never waited for.

use std::{collections::HashMap, net::SocketAddr, sync::Mutex, time::Duration};

use bytes::{Bytes, BytesMut};
use http::Response;
use http_body_util::{BodyExt, Full};
use hyper::{
    body::{Body, Incoming},
    client::conn::http1::{self, SendRequest},
};
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpStream, lookup_host},
    time::Instant,
};

use super::{
    egress::Egress,
    request::{HttpRequest, Origin},
    tls::BackendTls,
};
use crate::{
    Failure,
    map_response::RESPONSE_BYTES_MAX,
    request::Headers,
    trace::fact::{self, Answer},
};

/// Idle connections kept to one backend.
const IDLE_PER_ORIGIN_MAX: usize = 64;
/// Backends to which idle connections are kept; beyond them a connection is closed after its request.
const IDLE_ORIGINS_MAX: usize = 1024;
/// How long an idle connection is kept, shorter than backends commonly keep theirs.
const IDLE_KEPT: Duration = Duration::from_secs(30);
/// The largest response head that is read, in bytes.
const HEAD_BYTES_MAX: usize = 64 * 1024;

/// Sends requests to HTTP backends.
#[derive(Debug)]
pub(crate) struct HttpClient {
    tls: BackendTls,
    egress: Egress,
    idle: Mutex<HashMap<Origin, Vec<IdleConnection>>>,
}

/// A backend's answer, read whole.
#[derive(Debug)]
pub(crate) struct HttpAnswer {
    pub(crate) status: u16,
    pub(crate) headers: Headers,
    pub(crate) body: Bytes,
}

impl HttpAnswer {
    /// The answer as a trace tells it.
    pub(crate) fn told(&self) -> Answer {
        Answer { headers: fact::pairs(&self.headers), body: Some(self.body.clone()), request_id: None }
    }
}

#[derive(Debug)]
struct IdleConnection {
    sender: SendRequest<Full<Bytes>>,
    since: Instant,
}

impl HttpClient {
    pub(crate) fn new(tls: BackendTls) -> Self {
        Self { tls, egress: Egress::anywhere(), idle: Mutex::default() }
    }

    /// Lets requests reach only what is permitted.
    pub(crate) fn restrict(&mut self, egress: Egress) {
        self.egress = egress;
    }

    /// Sends a request, over a kept connection if there is one. The caller bounds the time.
    pub(crate) async fn send(&self, request: HttpRequest) -> Result<HttpAnswer, Failure> {
        let HttpRequest { origin, request, .. } = request;
        let mut request = request;
        while let Some(mut sender) = self.take_idle(&origin) {
            if sender.ready().await.is_err() {
                continue;
            }
            match sender.try_send_request(request).await {
                Ok(response) => return self.finish(origin, sender, response).await,
                Err(mut error) => match error.take_message() {
                    // The backend had closed the connection and nothing was sent, so sending is no repetition.
                    Some(unsent) => request = unsent,
                    None => return Err(unanswered(error.error())),
                },
            }
        }
        let mut sender = self.connect(&origin).await?;
        let response = sender.send_request(request).await.map_err(|error| unanswered(&error))?;
        self.finish(origin, sender, response).await
    }

    async fn finish(
        &self,
        origin: Origin,
        sender: SendRequest<Full<Bytes>>,
        response: Response<Incoming>,
    ) -> Result<HttpAnswer, Failure> {
        let (head, body) = response.into_parts();
        let body = read(body).await?;
        self.put_idle(origin, sender);
        Ok(HttpAnswer { status: head.status.as_u16(), headers: Headers::from_wire(head.headers, None), body })
    }

    async fn connect(&self, origin: &Origin) -> Result<SendRequest<Full<Bytes>>, Failure> {
        let stream = self.reach(origin).await?;
        // Requests are small and complete; waiting to fill a packet only costs time. Failing to say so costs nothing else.
        let _ = stream.set_nodelay(true);
        let Some(verification) = origin.tls else { return handshake(stream).await };
        let name = origin.host.clone().try_into().map_err(|_| Failure::configuration("Invalid endpoint address"))?;
        let stream = self.tls.connector(verification).connect(name, stream).await.map_err(|error| network(&error))?;
        handshake(stream).await
    }

    /// Connects to the first of the host's permitted addresses that answers.
    async fn reach(&self, origin: &Origin) -> Result<TcpStream, Failure> {
        let addresses = lookup_host((origin.host.as_str(), origin.port)).await.map_err(|error| network(&error))?;
        // The addresses themselves are judged, not the name: it could resolve to others a moment later.
        let permitted: Vec<SocketAddr> = addresses.filter(|address| self.egress.permits(address.ip())).collect();
        if permitted.is_empty() {
            return Err(Failure::IntegrationFailure { detail: format!("no permitted address for {}", origin.host) });
        }
        TcpStream::connect(permitted.as_slice()).await.map_err(|error| network(&error))
    }

    fn take_idle(&self, origin: &Origin) -> Option<SendRequest<Full<Bytes>>> {
        let mut idle = self.idle.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let connections = idle.get_mut(origin)?;
        while let Some(IdleConnection { sender, since }) = connections.pop() {
            if since.elapsed() < IDLE_KEPT && !sender.is_closed() {
                return Some(sender);
            }
        }
        None
    }

    fn put_idle(&self, origin: Origin, sender: SendRequest<Full<Bytes>>) {
        if sender.is_closed() {
            return;
        }
        let mut idle = self.idle.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if idle.len() >= IDLE_ORIGINS_MAX && !idle.contains_key(&origin) {
            idle.retain(|_, connections| {
                connections.retain(|kept| kept.since.elapsed() < IDLE_KEPT && !kept.sender.is_closed());
                !connections.is_empty()
            });
            if idle.len() >= IDLE_ORIGINS_MAX {
                return;
            }
        }
        let connections = idle.entry(origin).or_default();
        if connections.len() < IDLE_PER_ORIGIN_MAX {
            connections.push(IdleConnection { sender, since: Instant::now() });
        }
    }
}

async fn handshake<S>(stream: S) -> Result<SendRequest<Full<Bytes>>, Failure>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let mut builder = http1::Builder::new();
    builder.max_buf_size(HEAD_BYTES_MAX);
    // The parser keeps names in lower case; capitals at word starts are how clients write nearly all of them.
    builder.title_case_headers(true);
    let (sender, connection) = builder.handshake(TokioIo::new(stream)).await.map_err(|error| network(&error))?;
    // The task ends when the sender is dropped or the backend closes; its error reaches the sender, too.
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!(%error, "a connection to an HTTP backend ended");
        }
    });
    Ok(sender)
}

async fn read(mut body: Incoming) -> Result<Bytes, Failure> {
    let too_large = || Failure::ResponseTooLarge { limit: RESPONSE_BYTES_MAX };
    if body.size_hint().lower() > RESPONSE_BYTES_MAX as u64 {
        return Err(too_large());
    }
    let mut read = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|error| network(&error))?.into_data() else { continue };
        if read.len() + data.len() > RESPONSE_BYTES_MAX {
            return Err(too_large());
        }
        read.extend_from_slice(&data);
    }
    Ok(read.freeze())
}

/// The failure of a request that got no answer: one that is no HTTP is the backend's fault, not the network's.
fn unanswered(error: &hyper::Error) -> Failure {
    if error.is_parse() {
        Failure::configuration(format!("Malformed endpoint response: {error}"))
    } else {
        network(error)
    }
}

/// The failure of an error on the way, with its causes.
fn network(error: &(dyn std::error::Error + 'static)) -> Failure {
    let mut detail = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        detail.push_str(": ");
        detail.push_str(&error.to_string());
        cause = error.source();
    }
    Failure::IntegrationFailure { detail }
}
