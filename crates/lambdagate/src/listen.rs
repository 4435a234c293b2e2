//! Listeners: sockets, threads, and their end.
//!
//! Each serving thread has a single-threaded runtime and a socket of its own on every address (`SO_REUSEPORT`), so that no
//! connection ever moves between cores. What happens on a connection is [`connection`]'s business, what a request means
//! [`crate::serving`]'s.

use std::{
    io,
    net::{SocketAddr, TcpListener},
    rc::Rc,
    sync::{Arc, mpsc},
    task::{Context, Poll},
    thread::JoinHandle,
    time::Duration,
};

use anyhow::Context as _;
use execute_api::request::WrittenNames;
use socket2::{Domain, Socket, Type};
use tokio::{
    net::TcpStream,
    runtime::{Builder, Handle, Runtime},
    sync::{Semaphore, watch},
    task::{JoinSet, LocalSet},
};

mod activity;
pub(crate) mod admission;
mod client_stream;
mod connection;
mod header_names;
pub(crate) mod request_body;

use crate::serving::{Peer, Serving, ServingThread, failed};

/// Connections that one thread holds at a time; further ones wait in the socket's backlog.
const CONNECTIONS_PER_THREAD_MAX: usize = 10_000;
/// Connections that wait for a thread to accept them.
const BACKLOG: i32 = 1024;
/// How long to wait after an accept that failed for want of descriptors or memory.
const ACCEPT_RETRY: Duration = Duration::from_millis(50);

/// What a listener serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    /// Everything.
    Everything,
    /// Deployed APIs only.
    DataPlane,
}

/// The addresses of a gateway, with their real ports.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Addresses {
    /// Of the listener that serves everything.
    pub(crate) everything: SocketAddr,
    /// Of the data plane's own listener.
    pub(crate) data_plane: Option<SocketAddr>,
}

/// Sockets that are bound, one per thread and address.
pub(crate) struct Bound {
    /// Where they are bound.
    pub(crate) addresses: Addresses,
    threads: Vec<Thread>,
}

/// What one serving thread is made of.
struct Thread {
    runtime: Runtime,
    sockets: Vec<(TcpListener, Scope)>,
}

/// Binds `threads` sockets on each address.
pub(crate) fn bind(everything: SocketAddr, data_plane: Option<SocketAddr>, threads: usize) -> anyhow::Result<Bound> {
    let mut sockets: Vec<Vec<(TcpListener, Scope)>> = (0..threads).map(|_| Vec::new()).collect();
    let mut bind_all = |address: SocketAddr, scope| -> anyhow::Result<SocketAddr> {
        let mut address = address;
        for thread in &mut sockets {
            let socket = bind_one(address).with_context(|| format!("cannot listen on {address}"))?;
            address = socket.local_addr()?;
            thread.push((socket, scope));
        }
        Ok(address)
    };
    // A port that some other process listens on must be refused, and SO_REUSEPORT would share it with a process of this user.
    for address in std::iter::once(everything).chain(data_plane).filter(|address| address.port() != 0) {
        drop(bind_exclusively(address).with_context(|| format!("cannot listen on {address}"))?);
    }
    let everything = bind_all(everything, Scope::Everything)?;
    let data_plane = data_plane.map(|address| bind_all(address, Scope::DataPlane)).transpose()?;
    let thread = |sockets| Ok(Thread { runtime: Builder::new_current_thread().enable_all().build()?, sockets });
    let threads = sockets.into_iter().map(thread).collect::<anyhow::Result<_>>()?;
    Ok(Bound { addresses: Addresses { everything, data_plane }, threads })
}

fn bind_exclusively(address: SocketAddr) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    socket.set_reuse_address(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket)
}

fn bind_one(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    socket.set_reuse_address(true)?;
    socket.set_reuse_port(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

/// The serving threads of a gateway.
pub(crate) struct Listeners {
    threads: Vec<JoinHandle<()>>,
    stop: watch::Sender<bool>,
    end: watch::Sender<bool>,
    /// Ends when all threads have let go of its other end.
    busy: mpsc::Receiver<()>,
}

impl Bound {
    /// The runtimes of the threads, which run from [`Bound::serve`] until [`Listeners::end`].
    pub(crate) fn runtimes(&self) -> Vec<Handle> {
        self.threads.iter().map(|thread| thread.runtime.handle().clone()).collect()
    }

    /// Starts the threads.
    pub(crate) fn serve(self, serving: &Arc<Serving>, grace: Duration) -> anyhow::Result<Listeners> {
        let ((stop, stopped), (end, ended)) = (watch::channel(false), watch::channel(false));
        let (work, busy) = mpsc::channel();
        let mut threads = Vec::new();
        for (number, Thread { runtime, sockets }) in self.threads.into_iter().enumerate() {
            let (serving, stopped, mut ended, work) =
                (Arc::clone(serving), stopped.clone(), ended.clone(), work.clone());
            let thread = std::thread::Builder::new().name(format!("serve-{number}"));
            let run = move || {
                LocalSet::new().block_on(&runtime, async {
                    serve_sockets(sockets, &serving, &stopped, grace).await;
                    drop(work);
                    // Functions may still be running whose connections are served here.
                    let _ = ended.wait_for(|end| *end).await;
                });
            };
            threads.push(thread.spawn(run)?);
        }
        Ok(Listeners { threads, stop, end, busy })
    }
}

impl Listeners {
    /// Stops accepting, and lets requests in flight finish within the grace period.
    pub(crate) fn stop(&self) {
        // Nobody listening means that every thread has ended already.
        let _ = self.stop.send(true);
        while self.busy.recv().is_ok() {}
    }

    /// Ends the threads, after they were stopped.
    pub(crate) fn end(self) {
        let _ = self.end.send(true);
        for thread in self.threads {
            if thread.join().is_err() {
                tracing::error!("a serving thread ended by a panic");
            }
        }
    }
}

/// Serves what arrives at the sockets until told to stop, and what has arrived by then.
async fn serve_sockets(
    sockets: Vec<(TcpListener, Scope)>,
    serving: &Arc<Serving>,
    stopped: &watch::Receiver<bool>,
    grace: Duration,
) {
    let serving = Rc::new(ServingThread::new(serving));
    serving.measure();
    let connections = Rc::new(Semaphore::new(CONNECTIONS_PER_THREAD_MAX));
    let mut accepting = JoinSet::new();
    for (socket, scope) in sockets {
        let (serving, stopped, connections) = (Rc::clone(&serving), stopped.clone(), Rc::clone(&connections));
        accepting.spawn_local(async move {
            if let Err(error) = accept(socket, scope, &serving, &stopped, &connections, grace).await {
                tracing::error!(%error, "a listener ended");
            }
        });
    }
    while accepting.join_next().await.is_some() {}
    serving.hand_over_metrics();
}

/// Accepts until told to stop, then waits for the connections.
async fn accept(
    socket: TcpListener,
    scope: Scope,
    serving: &Rc<ServingThread>,
    stopped: &watch::Receiver<bool>,
    connections: &Rc<Semaphore>,
    grace: Duration,
) -> io::Result<()> {
    let listener = tokio::net::TcpListener::from_std(socket)?;
    let mut stopping = stopped.clone();
    let mut open = JoinSet::new();
    loop {
        while open.try_join_next().is_some() {}
        let permit = Rc::clone(connections);
        let accepted = tokio::select! {
            _ = stopping.wait_for(|stop| *stop) => break,
            accepted = async { let _room = permit.acquire().await; listener.accept().await } => accepted,
        };
        match accepted {
            Ok((stream, peer)) => {
                let (serving, stopped, connections) = (Rc::clone(serving), stopped.clone(), Rc::clone(connections));
                open.spawn_local(async move {
                    let _held = connections.acquire().await;
                    serve(stream, peer, scope, serving, stopped).await;
                });
            }
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(ACCEPT_RETRY).await;
            }
        }
    }
    // Who connected in time is served; who comes now is refused.
    while let Poll::Ready(Ok((stream, peer))) = poll_once(|cx| listener.poll_accept(cx)).await {
        open.spawn_local(serve(stream, peer, scope, Rc::clone(serving), stopped.clone()));
    }
    drop(listener);
    let drained = tokio::time::timeout(grace, async { while open.join_next().await.is_some() {} }).await;
    if drained.is_err() {
        tracing::warn!(connections = open.len(), "connections still busy after the grace period are cut");
    }
    Ok(())
}

/// What polling gives right now.
async fn poll_once<T>(mut poll: impl FnMut(&mut Context<'_>) -> Poll<T>) -> Poll<T> {
    std::future::poll_fn(|cx| Poll::Ready(poll(cx))).await
}

async fn serve(
    stream: TcpStream,
    peer: SocketAddr,
    scope: Scope,
    serving: Rc<ServingThread>,
    stopped: watch::Receiver<bool>,
) {
    // Without TCP_NODELAY the stream works, only slower.
    let _ = stream.set_nodelay(true);
    let local_port = stream.local_addr().map_or(0, |address| address.port());
    let peer = Peer { ip: peer.ip(), local_port, scope };
    let answer = move |request: hyper::Request<hyper::body::Incoming>, written: Option<WrittenNames>| {
        let serving = Rc::clone(&serving);
        let answered = connection::unless_panicked(move || serving.answer(request, written, peer));
        async move { answered.await.unwrap_or_else(failed) }
    };
    connection::serve(stream, answer, stopped).await;
}
