//! LambdaGate's own paths: health, readiness, function code, explanations, reset.

use execute_api::respond::ResponseBody;
use http::{Method, Response, StatusCode, header, request::Parts};
use store::Transaction;

use crate::{
    dispatch::{self, ADMIN_PREFIX},
    serving::{Serving, json, json_bytes, refusal},
};

/// Answers a request below `/_lambdagate/`.
pub(crate) async fn answer(serving: &Serving, head: &Parts) -> Response<ResponseBody> {
    let path = head.uri.path().strip_prefix(ADMIN_PREFIX).unwrap_or_default();
    if path == "reset" {
        return if head.method == Method::POST { reset(serving).await } else { wrong_method("POST") };
    }
    if head.method != Method::GET && head.method != Method::HEAD {
        return wrong_method("GET");
    }
    match path {
        "health" => json(StatusCode::OK, r#"{"status":"ok"}"#.to_owned()),
        "ready" if serving.is_ready() => json(StatusCode::OK, r#"{"status":"ready"}"#.to_owned()),
        "ready" => json(StatusCode::SERVICE_UNAVAILABLE, r#"{"status":"stopping"}"#.to_owned()),
        _ => match (path.strip_prefix("code/"), path.strip_prefix("explain/")) {
            (Some(hash), _) => code(serving, hash).await,
            (None, Some(_)) if !dispatch::is_addressed_locally(&head.headers) => {
                let message = "Explanations are read at 127.0.0.1 or localhost";
                refusal(StatusCode::FORBIDDEN, "AccessDeniedException", message)
            }
            (None, Some(name)) => explanation(serving, name),
            (None, None) => refusal(StatusCode::NOT_FOUND, "UnknownOperationException", "There is no such page"),
        },
    }
}

/// A function's deployment package, for the URL that `GetFunction` shows.
async fn code(serving: &Serving, hash: &str) -> Response<ResponseBody> {
    match serving.lambda.code(hash).await {
        Some(package) => {
            let mut response = Response::new(ResponseBody::from(package));
            response.headers_mut().insert(header::CONTENT_TYPE, http::HeaderValue::from_static("application/zip"));
            response
        }
        None => refusal(StatusCode::NOT_FOUND, "ResourceNotFoundException", "There is no such code"),
    }
}

/// The story of a request, by its id, or of the `last` one that was explained.
fn explanation(serving: &Serving, name: &str) -> Response<ResponseBody> {
    let request_id = Some(name).filter(|name| *name != "last");
    let kept = serving.ports.explanations.as_ref().and_then(|explanations| explanations.get(request_id));
    let Some(explanation) = kept else {
        let message = "No explanation is kept of this request: serve with --explain, or send X-LambdaGate-Explain: 1";
        return refusal(StatusCode::NOT_FOUND, "ResourceNotFoundException", message);
    };
    json_bytes(StatusCode::OK, explanation)
}

/// Empties everything: APIs, functions, roles, code, queued invocations, logs and metrics. The change feed drops what was loaded and ends idle
/// workers before this answers; invocations in progress end as they would have.
async fn reset(serving: &Serving) -> Response<ResponseBody> {
    // What is on its way would arrive afterwards.
    serving.log_writer.flush().await;
    serving.metric_writer.flush().await;
    match serving.store.write(|transaction: &mut Transaction<'_>| transaction.clear()).await {
        Ok(()) => {
            if let Some(explanations) = &serving.ports.explanations {
                explanations.clear();
            }
            json(StatusCode::OK, r#"{"status":"reset"}"#.to_owned())
        }
        Err(error) => {
            tracing::error!(%error, "the state cannot be emptied");
            refusal(StatusCode::INTERNAL_SERVER_ERROR, "InternalFailure", "The state cannot be emptied")
        }
    }
}

fn wrong_method(allowed: &str) -> Response<ResponseBody> {
    let message = format!("Only {allowed} is answered here");
    refusal(StatusCode::METHOD_NOT_ALLOWED, "UnknownOperationException", &message)
}
