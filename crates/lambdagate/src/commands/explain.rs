//! `lambdagate explain`: the story of a request, from the gateway that served it.

use anyhow::Context as _;
use bytes::Bytes;
use execute_api::trace::explanation::Explanation;
use http::{Request, StatusCode, Uri, header};
use http_body_util::{BodyExt as _, Empty, Limited};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use crate::{
    cli::{Explain, Output},
    dispatch::ADMIN_PREFIX,
    telemetry::print_line,
};

/// How long the gateway may take to answer.
const TIMEOUT: std::time::Duration = std::time::Duration::from_secs(10);
/// The largest explanation that is read, in bytes; a gateway keeps no larger ones.
const ANSWER_BYTES_MAX: usize = 32 * 1024 * 1024;

/// Prints the story.
pub(crate) fn run(explain: &Explain) -> anyhow::Result<()> {
    let name = explain.request_id.as_deref().unwrap_or("last");
    let is_name = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    anyhow::ensure!(is_name, "{name:?} is no request id");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let fetching = fetch(&explain.endpoint, name);
    let json = runtime.block_on(async {
        tokio::time::timeout(TIMEOUT, fetching).await.context("the gateway did not answer in time")?
    })?;
    match explain.output {
        Output::Json => print_line(format_args!("{}", String::from_utf8_lossy(&json))),
        Output::Text => {
            let explanation: Explanation = serde_json::from_slice(&json)
                .context("the gateway's explanation cannot be read: is it of this version?")?;
            print_line(format_args!("{}", explanation.to_string().trim_end()));
        }
    }
    Ok(())
}

async fn fetch(endpoint: &Uri, name: &str) -> anyhow::Result<Bytes> {
    let (Some("http"), Some(authority)) = (endpoint.scheme_str(), endpoint.authority()) else {
        anyhow::bail!("--endpoint {endpoint}: an endpoint looks like http://127.0.0.1:4566");
    };
    let stream = TcpStream::connect((authority.host().trim_matches(['[', ']']), authority.port_u16().unwrap_or(80)))
        .await
        .with_context(|| format!("no gateway answers at {endpoint}"))?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    let request = Request::get(format!("{ADMIN_PREFIX}explain/{name}"))
        .header(header::HOST, authority.as_str())
        .body(Empty::<Bytes>::new())?;
    let exchange = async move {
        let response = sender.send_request(request).await?;
        let status = response.status();
        let body =
            Limited::new(response.into_body(), ANSWER_BYTES_MAX).collect().await.map_err(anyhow::Error::from_boxed)?;
        anyhow::Ok((status, body.to_bytes()))
    };
    // The connection is driven only as long as the exchange lasts.
    let (status, body) = tokio::select! {
        exchanged = exchange => exchanged?,
        ended = connection => { ended?; anyhow::bail!("the gateway closed the connection") }
    };
    if status == StatusCode::OK {
        return Ok(body);
    }
    let message = serde_json::from_slice::<serde_json::Value>(&body).ok();
    let message = message.as_ref().and_then(|document| document["message"].as_str()).unwrap_or("no explanation");
    anyhow::bail!("{message}")
}
