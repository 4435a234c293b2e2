//! One thread, one runtime and one socket per core.

use std::{convert::Infallible, future::Future, net::SocketAddr, rc::Rc, thread};

use hyper::{Request, Response, body::Body, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use socket2::{Domain, Socket, Type};
use tokio::{net::TcpListener, task::LocalSet};

const BACKLOG: i32 = 1024;

/// Serves on loopback until the process ends; `state` is made once per thread.
pub(crate) fn on_every_core<S, A, F, B>(port: u16, state: fn(u16) -> S, argument: u16, answer: A)
where
    S: 'static,
    A: Fn(Rc<S>, Request<Incoming>) -> F + Copy + Send + 'static,
    F: Future<Output = Response<B>> + 'static,
    B: Body + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let threads: Vec<_> = (0..cores)
        .map(|_| {
            thread::spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
                LocalSet::new().block_on(&runtime, async move {
                    let state = Rc::new(state(argument));
                    accept(listen(port), move |request| answer(Rc::clone(&state), request)).await;
                });
            })
        })
        .collect();
    for thread in threads {
        thread.join().expect("a serving thread that does not panic");
    }
}

/// A socket that shares its port with those of the other threads.
pub(crate) fn listen(port: u16) -> TcpListener {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket");
    socket.set_reuse_port(true).expect("SO_REUSEPORT");
    socket.set_nonblocking(true).expect("O_NONBLOCK");
    socket.bind(&SocketAddr::from(([127, 0, 0, 1], port)).into()).expect("a free port");
    socket.listen(BACKLOG).expect("a listening socket");
    TcpListener::from_std(socket.into()).expect("a listener")
}

/// Accepts connections for ever.
pub(crate) async fn accept<A, F, B>(listener: TcpListener, answer: A)
where
    A: Fn(Request<Incoming>) -> F + Clone + 'static,
    F: Future<Output = Response<B>> + 'static,
    B: Body + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    loop {
        let Ok((stream, _)) = listener.accept().await else { continue };
        let _ = stream.set_nodelay(true);
        let answer = answer.clone();
        tokio::task::spawn_local(async move {
            let service = service_fn(move |request| {
                let answer = answer(request);
                async move { Ok::<_, Infallible>(answer.await) }
            });
            // A client that breaks its connection off is no concern of a benchmark.
            let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
    }
}
