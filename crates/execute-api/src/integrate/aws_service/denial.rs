//! The service's answer to a call that the role's policies do not allow, which integration responses may select.
//!
//! AWS pages: "Common errors" of the services' API references, "Troubleshoot access denied error messages" of the IAM User Guide.

use bytes::Bytes;

use super::{catalogue::Protocol, request::ServiceRequest};
use crate::{integrate::http::HttpAnswer, request::Headers};

/// The answer in the form that the service gives it, with the message of IAM.
pub(super) fn answer(request: &ServiceRequest<'_>, message: &str, request_id: &str) -> HttpAnswer {
    let service = &request.target.service;
    let mut headers = Headers::default();
    headers.append("x-amzn-RequestId", request_id);
    let targeted = request.header("x-amz-target").is_some();
    let (status, content_type, body) = match &service.protocol {
        _ if service.is_s3() => (403, "application/xml", s3(message, request_id)),
        Protocol::Json { content_type, .. } => (400, *content_type, json(message)),
        Protocol::Query { .. } if targeted => (400, "application/x-amz-json-1.0", json(message)),
        Protocol::Query { .. } => (403, "application/json", query(&service.sdk_id, message, request_id)),
        Protocol::Rest => {
            headers.append_static("x-amzn-ErrorType", "AccessDeniedException");
            (403, "application/json", serde_json::json!({ "Message": message }).to_string())
        }
    };
    headers.append_static("Content-Type", content_type);
    HttpAnswer { status, headers, body: Bytes::from(body) }
}

fn json(message: &str) -> String {
    let kind = "com.amazon.coral.service#AccessDeniedException";
    serde_json::json!({ "__type": kind, "Message": message }).to_string()
}

/// As services of the query protocol answer whoever accepts JSON, which the gateway does.
fn query(sdk_id: &str, message: &str, request_id: &str) -> String {
    let code = if sdk_id == "SNS" { "AuthorizationError" } else { "AccessDenied" };
    let error = serde_json::json!({ "Code": code, "Message": message, "Type": "Sender" });
    serde_json::json!({ "Error": error, "RequestId": request_id }).to_string()
}

fn s3(message: &str, request_id: &str) -> String {
    let message = message.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>AccessDenied</Code><Message>{message}</Message>\
         <RequestId>{request_id}</RequestId></Error>"
    )
}
