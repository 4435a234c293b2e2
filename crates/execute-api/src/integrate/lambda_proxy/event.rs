//! The event that a proxy function gets: the whole request, written straight into one buffer.
//!
//! Developer Guide, "Input format of a Lambda function for proxy integration". Member order and `null` for empty maps are AWS's.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use indexmap::IndexMap;

use crate::{
    context::{Identity, RequestContext, context_variable},
    request::{Header, Headers},
    route::Routed,
};

/// What an event takes besides its variable parts, roughly.
const FIXED_BYTES: usize = 2048;

/// How a request's body stands in its event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EventBody<'a> {
    /// As text; bytes that are not UTF-8 become U+FFFD. Empty is `null`.
    Text(&'a [u8]),
    /// As base64, for binary media types.
    Base64(&'a [u8]),
}

/// Writes the event of a request.
pub(crate) fn event(routed: &Routed<'_>, body: EventBody<'_>) -> Vec<u8> {
    let (EventBody::Text(bytes) | EventBody::Base64(bytes)) = body;
    let mut json = JsonWriter::new(bytes.len() + bytes.len() / 2, NoMembers::Null);
    json.raw("{\"resource\":");
    json.text(&routed.method.resource_path);
    json.raw(",\"path\":");
    json.text(routed.head.path.told());
    json.raw(",\"httpMethod\":");
    json.text(routed.context.http_method);
    write_headers(&mut json, &routed.head.headers);
    write_query(&mut json, &routed.head.query.0);
    json.raw(",\"pathParameters\":");
    json.map(routed.path_parameters.0.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    json.raw(",\"stageVariables\":");
    json.map(routed.stage.variables.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    json.raw(",\"requestContext\":");
    write_context(&mut json, &routed.context);
    json.raw(",\"body\":");
    match body {
        EventBody::Text([]) | EventBody::Base64([]) => json.raw("null,\"isBase64Encoded\":false}"),
        EventBody::Text(bytes) => {
            json.text(&String::from_utf8_lossy(bytes));
            json.raw(",\"isBase64Encoded\":false}");
        }
        EventBody::Base64(bytes) => {
            json.raw("\"");
            json.raw(&STANDARD.encode(bytes));
            json.raw("\",\"isBase64Encoded\":true}");
        }
    }
    json.into_bytes()
}

/// `headers` and `multiValueHeaders`, sorted by name regardless of letter case, as AWS's events are.
pub(crate) fn write_headers(json: &mut JsonWriter, headers: &Headers) {
    let mut sorted: Vec<&Header> = headers.iter().collect();
    sorted.sort_by(|a, b| compare_names(a.name(), b.name()));
    let same_name = |a: &&Header, b: &&Header| a.name() == b.name();
    json.raw(",\"headers\":");
    json.object(sorted.chunk_by(same_name), |json, group| {
        let [.., last] = group else { return };
        json.text(last.name());
        json.raw(":");
        json.text(&last.value());
    });
    json.raw(",\"multiValueHeaders\":");
    json.object(sorted.chunk_by(same_name), |json, group| {
        let [first, ..] = group else { return };
        json.text(first.name());
        json.raw(":");
        json.list(group.iter(), |json, header| json.text(&header.value()));
    });
}

fn compare_names(a: &str, b: &str) -> std::cmp::Ordering {
    let folded = a.bytes().map(|byte| byte.to_ascii_lowercase()).cmp(b.bytes().map(|byte| byte.to_ascii_lowercase()));
    folded.then_with(|| a.cmp(b))
}

/// `queryStringParameters` and `multiValueQueryStringParameters`.
pub(crate) fn write_query(json: &mut JsonWriter, pairs: &[(String, String)]) {
    let mut by_name: IndexMap<&str, Vec<&str>> = IndexMap::new();
    for (name, value) in pairs {
        by_name.entry(name).or_default().push(value);
    }
    json.raw(",\"queryStringParameters\":");
    json.map(by_name.iter().map(|(name, values)| (*name, values.last().copied().unwrap_or_default())));
    json.raw(",\"multiValueQueryStringParameters\":");
    json.object(by_name.iter(), |json, (name, values)| {
        json.text(name);
        json.raw(":");
        json.list(values.iter(), |json, value| json.text(value));
    });
}

/// The object of `requestContext`.
pub(crate) fn write_context(json: &mut JsonWriter, context: &RequestContext<'_>) {
    json.raw("{\"resourceId\":");
    json.text(context.resource_id);
    json.member("resourcePath", context.resource_path);
    json.optional_member("operationName", context.operation_name);
    json.member("httpMethod", context.http_method);
    json.member("extendedRequestId", context.extended_request_id);
    json.optional_member("requestTime", context_variable(context, "requestTime").as_deref());
    json.member("path", context.path);
    json.member("accountId", context.account_id);
    json.member("protocol", context.protocol);
    json.member("stage", context.stage);
    json.member("domainPrefix", context.domain_prefix);
    json.raw(",\"requestTimeEpoch\":");
    json.raw(itoa::Buffer::new().format(context.request_time.0));
    json.member("requestId", context.request_id);
    json.raw(",\"identity\":");
    write_identity(json, &context.identity);
    json.member("domainName", context.domain_name);
    json.optional_member("deploymentId", context.deployment_id);
    json.member("apiId", context.api_id);
    if let Some(is_canary) = context.is_canary {
        json.raw(",\"isCanaryRequest\":");
        json.raw(if is_canary { "true" } else { "false" });
    }
    json.raw("}");
}

fn write_identity(json: &mut JsonWriter, identity: &Identity<'_>) {
    json.raw("{\"cognitoIdentityPoolId\":null");
    json.nullable_member("accountId", identity.account_id);
    json.raw(",\"cognitoIdentityId\":null");
    json.nullable_member("caller", identity.caller);
    json.optional_member("apiKey", identity.api_key);
    json.optional_member("apiKeyId", identity.api_key_id);
    json.member("sourceIp", identity.source_ip);
    json.raw(",\"principalOrgId\":null");
    json.nullable_member("accessKey", identity.access_key);
    json.raw(",\"cognitoAuthenticationType\":null,\"cognitoAuthenticationProvider\":null");
    json.nullable_member("userArn", identity.user_arn);
    json.nullable_member("userAgent", identity.user_agent);
    json.nullable_member("user", identity.user);
    json.raw("}");
}

/// How an event shows a map without a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoMembers {
    /// `null`, to proxy functions.
    Null,
    /// `{}`, to authorizers.
    Empty,
}

/// Appends JSON to a buffer.
pub(crate) struct JsonWriter {
    out: Vec<u8>,
    no_members: NoMembers,
}

impl JsonWriter {
    /// A writer with room for an event and so many bytes more.
    pub(crate) fn new(variable_bytes: usize, no_members: NoMembers) -> Self {
        Self { out: Vec::with_capacity(FIXED_BYTES + variable_bytes), no_members }
    }

    /// What was written.
    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.out
    }

    pub(crate) fn raw(&mut self, json: &str) {
        self.out.extend_from_slice(json.as_bytes());
    }

    fn text(&mut self, text: &str) {
        // Writing a string into a vector cannot fail.
        let _ = serde_json::to_writer(&mut self.out, text);
    }

    pub(crate) fn member(&mut self, name: &str, value: &str) {
        self.raw(",\"");
        self.raw(name);
        self.raw("\":");
        self.text(value);
    }

    /// A member that is `null` when there is no value.
    fn nullable_member(&mut self, name: &str, value: Option<&str>) {
        let Some(value) = value else {
            self.raw(",\"");
            self.raw(name);
            return self.raw("\":null");
        };
        self.member(name, value);
    }

    /// A member that is absent when there is no value.
    fn optional_member(&mut self, name: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.member(name, value);
        }
    }

    pub(crate) fn map<'a>(&mut self, pairs: impl Iterator<Item = (&'a str, &'a str)>) {
        self.object(pairs, |json, (name, value)| {
            json.text(name);
            json.raw(":");
            json.text(value);
        });
    }

    /// An object of what the items write; without items, what the event has for that.
    fn object<T>(&mut self, items: impl Iterator<Item = T>, write: impl Fn(&mut Self, T)) {
        let mut items = items.peekable();
        if items.peek().is_none() {
            return self.raw(match self.no_members {
                NoMembers::Null => "null",
                NoMembers::Empty => "{}",
            });
        }
        self.enclosed("{", items, write, "}");
    }

    fn list<T>(&mut self, items: impl Iterator<Item = T>, write: impl Fn(&mut Self, T)) {
        self.enclosed("[", items, write, "]");
    }

    fn enclosed<T>(&mut self, open: &str, items: impl Iterator<Item = T>, write: impl Fn(&mut Self, T), close: &str) {
        self.raw(open);
        for (position, item) in items.enumerate() {
            if position > 0 {
                self.raw(",");
            }
            write(self, item);
        }
        self.raw(close);
    }
}

#[cfg(test)]
mod tests;
