//! The last step: a method response, or the gateway's own answer to a failure, on its way to the client.
//!
//! Developer Guide, "Gateway responses for REST APIs in API Gateway", "Payload compression for REST APIs in API Gateway".

use http::{HeaderName, HeaderValue, Method, Response, StatusCode, header};
use http_body::Body as _;

use crate::{
    Failure,
    exchange::Exchange,
    failure::BodyForm,
    map_response::{FINAL_STATUS_MIN, MethodResponse},
    message_body::MessageBody,
    request::{
        Headers,
        head::{REQUEST_ID, RequestHead},
    },
    stage::LoadedStage,
};

mod compress;
pub(crate) mod remap;

use remap::ResponsePath;

/// A response's body, as the listener sends it.
pub type ResponseBody = MessageBody;

/// The content type of a response that nobody gave one.
pub(crate) const JSON: HeaderValue = HeaderValue::from_static("application/json");
const EXTENDED_REQUEST_ID: HeaderName = HeaderName::from_static("x-amz-apigw-id");

/// The gateway's own answer to a failure, as the stage's user customised it.
pub(crate) fn gateway_response(stage: &LoadedStage, exchange: &Exchange<'_>, failure: &Failure) -> MethodResponse {
    let mut response = built_in(failure);
    let custom = failure.customised_as().and_then(|response_type| stage.gateway_responses.get(response_type));
    let Some(custom) = custom else { return response };
    for (name, value) in custom.headers.apply(exchange, failure) {
        if let Some(name) = remap::client_name(ResponsePath::Custom, name) {
            response.headers.set(&name, &value);
        }
    }
    let accept = exchange.headers.value_of(&header::ACCEPT);
    if let Some(template) = custom.templates.for_response(accept.as_deref()) {
        response.body = template.render(failure, exchange).into();
    }
    response.status = custom.status.filter(|status| *status >= FINAL_STATUS_MIN).unwrap_or(response.status);
    response
}

/// The answer to a failure that nobody customised.
pub(crate) fn built_in(failure: &Failure) -> MethodResponse {
    let mut headers = Headers::default();
    headers.append_static("x-amzn-ErrorType", failure.error_type());
    let message = serde_json::Value::String(failure.message());
    let body = match failure.body_form() {
        BodyForm::BeforeExecution => format!("{{\"message\":{message}}}"),
        BodyForm::InExecution => format!("{{\"message\": {message}}}"),
    };
    MethodResponse { status: failure.status(), headers, body: body.into() }
}

/// Puts a response on the wire: the gateway's headers, compression, no body for `HEAD`.
///
/// # Errors
/// A body that had to be read whole to be compressed broke off, or is too large.
pub(crate) async fn respond(
    stage: &LoadedStage,
    head: &RequestHead,
    mut response: MethodResponse,
) -> Result<Response<ResponseBody>, Failure> {
    if let Some(minimum_bytes) = stage.minimum_compression_bytes {
        Box::pin(compress::compress(minimum_bytes, &head.headers, &mut response)).await?;
    }
    Ok(wire(&head.sent_method, &head.request_id, &head.extended_request_id, response))
}

/// Puts a response to a request line of this method on the wire as it is, under these ids.
pub(crate) fn wire(
    method: &Method,
    request_id: &str,
    extended_request_id: &str,
    response: MethodResponse,
) -> Response<ResponseBody> {
    let MethodResponse { status, mut headers, body } = response;
    let length = body.size_hint().exact().unwrap_or(0);
    let is_head = method == Method::HEAD;
    let mut wire = Response::new(if is_head { MessageBody::empty() } else { body });
    *wire.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    // The length is the body's own: what a mapping says of it went out under another name.
    headers.drop_named(&[header::CONTENT_LENGTH, REQUEST_ID, EXTENDED_REQUEST_ID]);
    let has_type = headers.has(&header::CONTENT_TYPE);
    let mut fields = headers.into_map();
    if !has_type {
        fields.insert(header::CONTENT_TYPE, JSON);
    }
    for (name, id) in [(REQUEST_ID, request_id), (EXTENDED_REQUEST_ID, extended_request_id)] {
        if let Ok(value) = HeaderValue::from_str(id) {
            fields.insert(name, value);
        }
    }
    if is_head && length > 0 {
        fields.insert(header::CONTENT_LENGTH, length.into());
    }
    *wire.headers_mut() = fields;
    wire
}

#[cfg(test)]
mod tests;
