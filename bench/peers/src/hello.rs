//! A constant answer.

use bytes::Bytes;
use http_body_util::Full;
use hyper::{Response, header};

use crate::serve;

const BODY: &[u8] = br#"{"ok":true}"#;

pub(crate) fn run(port: u16) {
    serve::on_every_core(
        port,
        |_| (),
        0,
        |_, _| async {
            let mut response = Response::new(Full::new(Bytes::from_static(BODY)));
            response.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static("application/json"));
            response
        },
    );
}
