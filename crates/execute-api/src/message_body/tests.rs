use std::collections::VecDeque;

use super::*;

/// Yields these parts, one per poll.
struct Parts(VecDeque<Result<&'static [u8], StreamError>>);

impl Body for Parts {
    type Data = Bytes;
    type Error = StreamError;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, StreamError>>> {
        Poll::Ready(self.0.pop_front().map(|part| part.map(|data| Frame::data(Bytes::from_static(data)))))
    }
}

fn streaming(parts: impl IntoIterator<Item = Result<&'static [u8], StreamError>>) -> MessageBody {
    MessageBody::Streaming(StreamingBody::new(Parts(parts.into_iter().collect()), TransferMode::Buffered))
}

fn broken() -> StreamError {
    StreamError::Broken { detail: "reset".to_owned() }
}

#[tokio::test]
async fn a_body_is_gathered_within_its_limit() {
    let cases = [
        (MessageBody::empty(), 0, Ok("")),
        (Bytes::from_static(b"abc").into(), 3, Ok("abc")),
        (Bytes::from_static(b"abc").into(), 2, Err(StreamError::TooLarge { limit: 2 })),
        (streaming([]), 0, Ok("")),
        (streaming([Ok(b"abc".as_slice())]), 3, Ok("abc")),
        (streaming([Ok(b"ab".as_slice()), Ok(b"c")]), 3, Ok("abc")),
        (streaming([Ok(b"ab".as_slice()), Ok(b"cd")]), 3, Err(StreamError::TooLarge { limit: 3 })),
        (streaming([Ok(b"ab".as_slice()), Err(broken())]), 3, Err(broken())),
    ];
    for (mut body, limit, expected) in cases {
        let told = format!("{body:?} {limit}");
        let gathered = body.gather(limit).await.map(|bytes| String::from_utf8_lossy(bytes).into_owned());
        assert_eq!(gathered, expected.map(str::to_owned), "{told}");
    }
}

#[tokio::test]
async fn a_whole_body_is_one_frame_of_known_length() {
    let mut body = MessageBody::from(Bytes::from_static(b"abc"));
    assert_eq!((body.size_hint().exact(), body.is_end_stream()), (Some(3), false));
    let frame = body.frame().await.expect("a frame").expect("data");
    assert_eq!(frame.into_data().expect("data"), "abc");
    assert!(body.is_end_stream() && body.frame().await.is_none());
}

#[tokio::test]
async fn what_fails_midway_ends_with_its_error() {
    let mut body = streaming([Ok(b"ab".as_slice()), Err(broken())]);
    assert!(body.frame().await.is_some_and(|frame| frame.is_ok()));
    assert_eq!(body.frame().await.expect("an end").expect_err("an error"), broken());
}
