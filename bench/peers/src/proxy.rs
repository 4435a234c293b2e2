//! A reverse proxy: bodies stream both ways, connections to the upstream are kept per thread.

use std::{cell::RefCell, rc::Rc};

use bytes::Bytes;
use http_body_util::{Either, Empty};
use hyper::{
    Request, Response, StatusCode,
    body::Incoming,
    client::conn::http1::{self, SendRequest},
    header,
};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use crate::serve;

type Answer = Response<Either<Incoming, Empty<Bytes>>>;

/// One thread's idle connections.
struct Upstream {
    port: u16,
    idle: RefCell<Vec<SendRequest<Incoming>>>,
}

pub(crate) fn run(port: u16, upstream: u16) {
    let state = |port| Upstream { port, idle: RefCell::default() };
    serve::on_every_core(port, state, upstream, |upstream, request| async move {
        upstream.forward(request).await.unwrap_or_else(|| {
            let mut response = Response::new(Either::Right(Empty::new()));
            *response.status_mut() = StatusCode::BAD_GATEWAY;
            response
        })
    });
}

impl Upstream {
    async fn forward(self: Rc<Self>, mut request: Request<Incoming>) -> Option<Answer> {
        let mut sender = self.connection().await?;
        request.headers_mut().remove(header::CONNECTION);
        let response = sender.send_request(request).await.ok()?;
        // The connection is ready again only when this response's body has been read; `connection` waits for that.
        self.idle.borrow_mut().push(sender);
        Some(response.map(Either::Left))
    }

    async fn connection(&self) -> Option<SendRequest<Incoming>> {
        let ready = {
            let mut idle = self.idle.borrow_mut();
            idle.retain(|sender| !sender.is_closed());
            idle.iter().position(SendRequest::is_ready).map(|position| idle.swap_remove(position))
        };
        if let Some(sender) = ready {
            return Some(sender);
        }
        let stream = TcpStream::connect(("127.0.0.1", self.port)).await.ok()?;
        stream.set_nodelay(true).ok()?;
        let (sender, connection) = http1::handshake(TokioIo::new(stream)).await.ok()?;
        tokio::task::spawn_local(connection);
        Some(sender)
    }
}
