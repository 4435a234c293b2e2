//! The specification's table of gateway response types: status, error type and body of what nobody customised, byte for byte.

use super::*;
use crate::ports::FunctionRefusal;

const INTERNAL: &str = r#"{"message": "Internal server error"}"#;

#[track_caller]
fn check(failure: &Failure, status: u16, error_type: &str, body: &str) {
    let response = built_in(failure);
    let told = response.body.as_whole().map(|body| String::from_utf8_lossy(body).into_owned());
    assert_eq!((response.status, told.as_deref()), (status, Some(body)), "{failure:?}");
    let headers: Vec<_> = response.headers.iter().map(|header| (header.name(), header.value())).collect();
    assert_eq!(headers, [("x-amzn-ErrorType", error_type.into())], "{failure:?}");
}

#[test]
fn what_fails_before_execution_is_told_without_a_blank() {
    check(&Failure::Forbidden, 403, "ForbiddenException", r#"{"message":"Forbidden"}"#);
    let missing = r#"{"message":"Missing Authentication Token"}"#;
    check(&Failure::MissingAuthenticationToken, 403, "MissingAuthenticationTokenException", missing);
    check(&Failure::Throttled, 429, "TooManyRequestsException", r#"{"message":"Too Many Requests"}"#);
    let too_long = Failure::RequestTooLarge { limit: 1 };
    check(&too_long, 413, "RequestTooLargeException", r#"{"message":"Request Too Long"}"#);
    let body = r#"{"message":"Invalid request body"}"#;
    check(&Failure::BodyUnreadable, 400, "BadRequestException", body);
}

#[test]
fn what_fails_in_execution_is_told_with_a_blank() {
    let missing = Failure::BadRequestParameters { missing: vec!["x-header".to_owned(), "q".to_owned()] };
    let told = r#"{"message": "Missing required request parameters: [x-header, q]"}"#;
    check(&missing, 400, "BadRequestException", told);
    let body = Failure::BadRequestBody { detail: "[a detail for templates alone]".to_owned() };
    check(&body, 400, "BadRequestException", r#"{"message": "Invalid request body"}"#);
    check(&Failure::InvalidJson, 400, "BadRequestException", r#"{"message": "Invalid JSON in request body"}"#);
    let media_type = r#"{"message": "Unsupported Media Type"}"#;
    check(&Failure::UnsupportedMediaType, 415, "BadRequestException", media_type);
    let timeout = Failure::IntegrationTimeout { timeout_ms: 50 };
    let told = r#"{"message": "Endpoint request timed out"}"#;
    check(&timeout, 504, "InternalServerErrorException", told);
    let network = Failure::IntegrationFailure { detail: "connection refused: 10.0.0.1:80".to_owned() };
    let told = r#"{"message": "Network error communicating with endpoint"}"#;
    check(&network, 504, "InternalServerErrorException", told);
}

#[test]
fn no_internal_error_tells_its_reason() {
    let detail = || "a secret of the operator's".to_owned();
    let cases = [
        (Failure::ApiConfiguration { detail: detail() }, 500),
        (Failure::Unsupported { feature: detail() }, 500),
        (Failure::ResponseTooLarge { limit: 1 }, 500),
        (Failure::FunctionRefused(FunctionRefusal::Permission { detail: detail() }), 500),
        (Failure::FunctionRefused(FunctionRefusal::NotFound { arn: detail() }), 500),
        (Failure::FunctionRefused(FunctionRefusal::Throttled { reason: detail() }), 500),
        (Failure::FunctionFailed { message: detail(), request_id: detail() }, 502),
        (Failure::MalformedProxyResponse { detail: detail() }, 502),
    ];
    for (failure, status) in cases {
        check(&failure, status, "InternalServerErrorException", INTERNAL);
    }
}
