//! The file that stands for a request: JSON or YAML, every member optional.
//!
//! ```yaml
//! phase: request              # or response; then body is the integration's answer
//! body: {"id": 7}             # a string as it is, anything else as its JSON text
//! headers: {Accept: text/plain, X-Tag: [a, b]}
//! querystring: {q: shoes}
//! path: {id: "7"}
//! stageVariables: {env: test}
//! context: {stage: prod, identity: {sourceIp: 192.0.2.1}}
//! ```

use std::path::Path;

use anyhow::{Context as _, bail};
use definition::time::EpochMillis;
use execute_api::{
    context::{Identity, RequestContext},
    exchange::Exchange,
    request::{Headers, PathParameters, QueryParameters},
    template::Phase,
};
use indexmap::IndexMap;
use serde::Deserialize;

/// Bytes of a request file; a payload has 10 MB at most.
const FILE_BYTES_MAX: u64 = 16 * 1024 * 1024;

/// The request that a template reads.
#[derive(Default)]
pub(super) struct RequestFile {
    phase: Option<Phase>,
    body: String,
    headers: Headers,
    query: QueryParameters,
    path: PathParameters,
    stage_variables: IndexMap<String, String>,
    context: ContextMembers,
}

/// The file as it is written.
#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
struct Written {
    phase: Option<WrittenPhase>,
    body: Option<serde_json::Value>,
    headers: IndexMap<String, OneOrMore>,
    querystring: IndexMap<String, OneOrMore>,
    path: IndexMap<String, Scalar>,
    stage_variables: IndexMap<String, Scalar>,
    context: ContextMembers,
}

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "lowercase")]
enum WrittenPhase {
    Request,
    Response,
}

/// A value, or several of the same name.
#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMore {
    One(Scalar),
    More(Vec<Scalar>),
}

/// A text; YAML reads `7` and `true` as something else, which is taken as it prints.
#[derive(Deserialize)]
#[serde(untagged)]
enum Scalar {
    Text(String),
    Integer(i64),
    Number(f64),
    Truth(bool),
}

impl Scalar {
    fn into_text(self) -> String {
        match self {
            Self::Text(text) => text,
            Self::Integer(integer) => integer.to_string(),
            Self::Number(number) => number.to_string(),
            Self::Truth(truth) => truth.to_string(),
        }
    }
}

/// The members of `$context` that a file may set.
#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
struct ContextMembers {
    account_id: Option<String>,
    api_id: Option<String>,
    stage: Option<String>,
    deployment_id: Option<String>,
    resource_id: Option<String>,
    resource_path: Option<String>,
    http_method: Option<String>,
    operation_name: Option<String>,
    path: Option<String>,
    protocol: Option<String>,
    domain_name: Option<String>,
    domain_prefix: Option<String>,
    request_id: Option<String>,
    extended_request_id: Option<String>,
    request_time_epoch: Option<i64>,
    is_canary_request: Option<bool>,
    identity: IdentityMembers,
}

#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
struct IdentityMembers {
    source_ip: Option<String>,
    user_agent: Option<String>,
    api_key: Option<String>,
    api_key_id: Option<String>,
    account_id: Option<String>,
    caller: Option<String>,
    user: Option<String>,
    user_arn: Option<String>,
    access_key: Option<String>,
}

impl RequestFile {
    /// Reads a file; what is not `.json` is taken for YAML, of which JSON is a part.
    pub(super) fn read(path: &Path) -> anyhow::Result<Self> {
        let name = path.display();
        let length = std::fs::metadata(path).with_context(|| format!("the request file {name} cannot be read"))?.len();
        if length > FILE_BYTES_MAX {
            bail!("the request file {name} has {length} bytes, allowed are {FILE_BYTES_MAX}");
        }
        let text = std::fs::read_to_string(path).with_context(|| format!("the request file {name} cannot be read"))?;
        let is_json = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json"));
        let written: anyhow::Result<Written> = if is_json {
            serde_json::from_str(&text).map_err(anyhow::Error::from)
        } else {
            serde_saphyr::from_str(&text).map_err(anyhow::Error::from)
        };
        Ok(written.with_context(|| format!("{name} is not a request file"))?.into())
    }

    /// The phase that the file names.
    pub(super) fn phase(&self) -> Option<Phase> {
        self.phase
    }

    /// The payload.
    pub(super) fn body(&self) -> &str {
        &self.body
    }

    /// The facts of the request, those of the documentation's examples where the file is silent.
    pub(super) fn context(&self) -> RequestContext<'_> {
        fn or<'a>(text: Option<&'a String>, default: &'a str) -> &'a str {
            text.map_or(default, String::as_str)
        }
        let ContextMembers { identity, .. } = &self.context;
        RequestContext {
            account_id: or(self.context.account_id.as_ref(), "123456789012"),
            api_id: or(self.context.api_id.as_ref(), "abcdef1234"),
            stage: or(self.context.stage.as_ref(), "test"),
            deployment_id: self.context.deployment_id.as_deref(),
            resource_id: or(self.context.resource_id.as_ref(), "abc123"),
            resource_path: or(self.context.resource_path.as_ref(), "/"),
            http_method: or(self.context.http_method.as_ref(), "POST"),
            operation_name: self.context.operation_name.as_deref(),
            path: or(self.context.path.as_ref(), "/test/"),
            protocol: or(self.context.protocol.as_ref(), "HTTP/1.1"),
            domain_name: or(self.context.domain_name.as_ref(), "abcdef1234.execute-api.us-east-1.amazonaws.com"),
            domain_prefix: or(self.context.domain_prefix.as_ref(), "abcdef1234"),
            base_path: None,
            request_id: or(self.context.request_id.as_ref(), "00000000-0000-4000-8000-000000000000"),
            extended_request_id: or(self.context.extended_request_id.as_ref(), "AAAAAAAAAAAAAAA="),
            trace_id: "",
            request_time: EpochMillis(self.context.request_time_epoch.unwrap_or(0)),
            identity: Identity {
                source_ip: or(identity.source_ip.as_ref(), "127.0.0.1"),
                user_agent: identity.user_agent.as_deref(),
                api_key: identity.api_key.as_deref(),
                api_key_id: identity.api_key_id.as_deref(),
                account_id: identity.account_id.as_deref(),
                caller: identity.caller.as_deref(),
                user: identity.user.as_deref(),
                user_arn: identity.user_arn.as_deref(),
                access_key: identity.access_key.as_deref(),
            },
            is_canary: self.context.is_canary_request,
        }
    }

    /// All that a template reads besides the payload.
    pub(super) fn exchange<'a>(&'a self, context: &'a RequestContext<'a>) -> Exchange<'a> {
        Exchange {
            context,
            path: &self.path,
            query: &self.query,
            headers: &self.headers,
            stage_variables: &self.stage_variables,
        }
    }
}

impl From<Written> for RequestFile {
    fn from(written: Written) -> Self {
        let mut headers = Headers::default();
        for (name, value) in listed(written.headers) {
            headers.append(&name, &value);
        }
        Self {
            phase: written.phase.map(|phase| match phase {
                WrittenPhase::Request => Phase::Request,
                WrittenPhase::Response => Phase::Response,
            }),
            body: match written.body {
                None => String::new(),
                Some(serde_json::Value::String(text)) => text,
                Some(document) => document.to_string(),
            },
            headers,
            query: QueryParameters(listed(written.querystring)),
            path: PathParameters(texts(written.path).collect()),
            stage_variables: texts(written.stage_variables).collect(),
            context: written.context,
        }
    }
}

fn texts(scalars: IndexMap<String, Scalar>) -> impl Iterator<Item = (String, String)> {
    scalars.into_iter().map(|(name, value)| (name, value.into_text()))
}

/// Each value with its name.
fn listed(values: IndexMap<String, OneOrMore>) -> Vec<(String, String)> {
    let each = values.into_iter().flat_map(|(name, values)| {
        let values = match values {
            OneOrMore::One(value) => vec![value],
            OneOrMore::More(values) => values,
        };
        values.into_iter().map(move |value| (name.clone(), value.into_text()))
    });
    each.collect()
}
