//! What an authorizer's function is told.

use serde_json::json;

use crate::{
    exchange::Exchange,
    integrate::lambda_proxy::event::{JsonWriter, NoMembers, write_context, write_headers, write_query},
};

/// The event of a `TOKEN` authorizer.
pub(super) fn token(method_arn: &str, token: &str) -> Vec<u8> {
    json!({ "type": "TOKEN", "methodArn": method_arn, "authorizationToken": token }).to_string().into_bytes()
}

/// The event of a `REQUEST` authorizer: a proxy function's without a body, and with `{}` for maps without a member.
pub(super) fn request(method_arn: &str, path: &str, exchange: &Exchange<'_>) -> Vec<u8> {
    let context = exchange.context;
    let mut json = JsonWriter::new(0, NoMembers::Empty);
    json.raw("{\"type\":\"REQUEST\"");
    json.member("methodArn", method_arn);
    json.member("resource", context.resource_path);
    json.member("path", path);
    json.member("httpMethod", context.http_method);
    write_headers(&mut json, exchange.headers);
    write_query(&mut json, &exchange.query.0);
    json.raw(",\"pathParameters\":");
    json.map(exchange.path.0.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    json.raw(",\"stageVariables\":");
    json.map(exchange.stage_variables.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    json.raw(",\"requestContext\":");
    write_context(&mut json, context);
    json.raw("}");
    json.into_bytes()
}
