use std::cell::Cell;

use http_body_util::{BodyExt as _, Full};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex},
    task::LocalSet,
    time::Instant,
};

use super::{
    super::activity::{BEHIND_TIMEOUT, CHECK_INTERVAL, HEAD_TIMEOUT, IDLE_TIMEOUT, TAKE_TIMEOUT},
    *,
};

const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n";
/// Bytes that the pipe to the client holds.
const PIPE_BYTES: usize = 1024;

type TestBody = Full<Bytes>;

fn ok(body: impl Into<Bytes>) -> Response<TestBody> {
    Response::new(Full::new(body.into()))
}

/// A client of a server that answers each request as told, and the order to stop.
struct Client {
    stream: DuplexStream,
    stop: watch::Sender<bool>,
    started: Instant,
}

impl Client {
    fn new<F>(answer: impl Fn(Request<Incoming>) -> F + 'static) -> Self
    where
        F: Future<Output = Response<TestBody>> + 'static,
    {
        let (stream, served) = duplex(PIPE_BYTES);
        let (stop, stopped) = watch::channel(false);
        tokio::task::spawn_local(serve(served, move |request, _| answer(request), stopped));
        Self { stream, stop, started: Instant::now() }
    }

    async fn send(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).await.unwrap();
    }

    /// Reads until the server closes; what came, and after how long.
    async fn read_to_end(&mut self) -> (Vec<u8>, Duration) {
        let mut read = Vec::new();
        // A reset is as good as an end.
        let _ = self.stream.read_to_end(&mut read).await;
        (read, self.started.elapsed())
    }

    /// Asserts that the server closes after `expected`, or at its next look.
    #[track_caller]
    fn check(closed: Duration, expected: Duration) {
        assert!(closed >= expected && closed <= expected + CHECK_INTERVAL, "{closed:?} instead of {expected:?}");
    }
}

/// Runs a scenario on a clock that jumps ahead whenever nothing is left to do.
fn run(scenario: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
    LocalSet::new().block_on(&runtime, scenario);
}

#[test]
fn a_client_that_says_nothing_is_cut() {
    run(async {
        let (_, closed) = Client::new(|_| async { ok("") }).read_to_end().await;
        Client::check(closed, HEAD_TIMEOUT);
    });
}

#[test]
fn a_head_that_drips_is_cut() {
    run(async {
        let mut client = Client::new(|_| async { ok("") });
        client.send(REQUEST).await;
        assert_eq!(client.stream.read_u8().await.unwrap(), b'H');
        let begun = Instant::now();
        for byte in b"GET / HTTP/1.1\r\nX: yyyyyyyyyyyyyyyyyyyyy" {
            if client.stream.write_all(&[*byte]).await.is_err() {
                break;
            }
            tokio::time::sleep(Duration::from_secs(2)).await;
        }
        Client::check(begun.elapsed(), HEAD_TIMEOUT);
    });
}

#[test]
fn a_connection_that_nobody_uses_is_closed() {
    run(async {
        let mut client = Client::new(|_| async { ok("done") });
        for _ in 0..3 {
            tokio::time::sleep(HEAD_TIMEOUT / 2).await;
            client.send(REQUEST).await;
            client.started = Instant::now();
        }
        let (answers, closed) = client.read_to_end().await;
        assert_eq!(String::from_utf8(answers).unwrap().matches("done").count(), 3);
        Client::check(closed, IDLE_TIMEOUT);
    });
}

#[test]
fn an_answer_that_takes_long_to_make_is_waited_for() {
    run(async {
        let mut client = Client::new(|_| async {
            tokio::time::sleep(2 * IDLE_TIMEOUT).await;
            ok("late")
        });
        client.send(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await;
        let (answer, _) = client.read_to_end().await;
        assert!(answer.ends_with(b"late"));
    });
}

#[test]
fn an_answer_that_is_not_taken_is_given_up() {
    run(async {
        let mut client = Client::new(|_| async { ok(vec![b'x'; 10 * PIPE_BYTES]) });
        client.send(REQUEST).await;
        // The pipe is full; the server alone can end this.
        while client.stream.write_all(b"").await.is_ok() && client.started.elapsed() < 2 * TAKE_TIMEOUT {
            tokio::time::sleep(CHECK_INTERVAL).await;
        }
        let (answer, _) = client.read_to_end().await;
        assert!(answer.len() < 2 * PIPE_BYTES, "{} bytes", answer.len());
    });
}

#[test]
fn an_answer_that_is_sipped_is_given_up_in_the_end() {
    run(async {
        let mut client = Client::new(|_| async { ok(vec![b'x'; 100 * PIPE_BYTES]) });
        client.send(REQUEST).await;
        let mut sip = [0; 64];
        // What is in the pipe can be read after the end, too.
        let mut last = Duration::ZERO;
        while client.stream.read(&mut sip).await.is_ok_and(|count| count > 0) {
            last = client.started.elapsed();
            if last < BEHIND_TIMEOUT + CHECK_INTERVAL {
                tokio::time::sleep(CHECK_INTERVAL / 2).await;
            }
        }
        Client::check(last, BEHIND_TIMEOUT);
    });
}

#[test]
fn an_order_to_stop_lets_the_last_request_finish() {
    run(async {
        let mut client = Client::new(|_| async {
            tokio::time::sleep(Duration::from_secs(5)).await;
            ok("last")
        });
        client.send(REQUEST).await;
        tokio::time::sleep(Duration::from_secs(1)).await;
        client.stop.send(true).unwrap();
        let (answer, closed) = client.read_to_end().await;
        assert!(answer.ends_with(b"last"));
        assert_eq!(closed, Duration::from_secs(5));
    });
}

#[test]
fn a_request_that_was_sent_before_the_order_to_stop_is_answered() {
    run(async {
        let (mut stream, served) = duplex(PIPE_BYTES);
        stream.write_all(REQUEST).await.unwrap();
        let (_stop, stopped) = watch::channel(true);
        serve(served, |_, _| async { ok("in time") }, stopped).await;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.unwrap();
        assert!(answer.ends_with(b"in time"));
    });
}

#[test]
fn an_idle_connection_ends_at_the_order_to_stop() {
    run(async {
        let mut client = Client::new(|_| async { ok("") });
        client.stop.send(true).unwrap();
        let (_, closed) = client.read_to_end().await;
        assert_eq!(closed, Duration::ZERO);
    });
}

#[test]
fn a_first_byte_does_not_make_a_protocol() {
    run(async {
        let mut client = Client::new(|_| async { ok("one") });
        for part in [&b"P"[..], b"RI", b" / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"] {
            client.send(part).await;
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        let (answer, _) = client.read_to_end().await;
        assert!(answer.ends_with(b"one"), "{}", String::from_utf8_lossy(&answer));
    });
}

/// An HTTP/2 client over the same kind of pipe.
async fn http2_client(client: Client) -> (hyper::client::conn::http2::SendRequest<TestBody>, watch::Sender<bool>) {
    let (sender, connection) =
        hyper::client::conn::http2::handshake(StreamExecutor, TokioIo::new(client.stream)).await.unwrap();
    tokio::task::spawn_local(connection);
    (sender, client.stop)
}

fn http2_request() -> Request<TestBody> {
    Request::builder().uri("http://x/").body(Full::default()).unwrap()
}

#[test]
fn http2_is_spoken_to_clients_that_begin_with_it() {
    run(async {
        let client = Client::new(|request| async move {
            assert_eq!(request.version(), http::Version::HTTP_2);
            ok(vec![b'x'; 3 * PIECE_BYTES_MAX])
        });
        let (mut sender, stop) = http2_client(client).await;
        for _ in 0..2 {
            let response = sender.send_request(http2_request()).await.unwrap();
            assert_eq!(response.into_body().collect().await.unwrap().to_bytes().len(), 3 * PIECE_BYTES_MAX);
        }
        stop.send(true).unwrap();
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert!(sender.is_closed());
    });
}

#[test]
fn an_http2_connection_that_nobody_uses_is_closed() {
    run(async {
        let (mut sender, _stop) = http2_client(Client::new(|_| async { ok("") })).await;
        sender.send_request(http2_request()).await.unwrap();
        tokio::time::sleep(IDLE_TIMEOUT / 2).await;
        assert!(!sender.is_closed());
        tokio::time::sleep(IDLE_TIMEOUT / 2 + 2 * CHECK_INTERVAL).await;
        assert!(sender.is_closed());
    });
}

#[test]
fn an_http2_answer_that_is_not_taken_is_given_up() {
    run(async {
        let waiting = Rc::new(Cell::new(0));
        let held = Rc::clone(&waiting);
        let client = Client::new(move |_| {
            held.set(held.get() + 1);
            async { ok(vec![b'x'; 64 * PIECE_BYTES_MAX]) }
        });
        let (mut sender, _stop) = http2_client(client).await;
        let response = sender.send_request(http2_request()).await.unwrap();
        assert_eq!(waiting.get(), 1);
        tokio::time::sleep(STREAM_TIMEOUT + Duration::from_secs(1)).await;
        assert!(response.into_body().collect().await.is_err());
    });
}

#[test]
fn a_panic_is_the_misfortune_of_one_request() {
    run(async {
        assert_eq!(unless_panicked(|| Box::pin(async { 1 })).await, Some(1));
        let never: Option<()> = unless_panicked(|| {
            Box::pin(async {
                tokio::task::yield_now().await;
                panic!("a fault");
            })
        })
        .await;
        assert_eq!(never, None);
    });
}
