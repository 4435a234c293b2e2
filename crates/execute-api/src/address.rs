//! Which API and stage a request speaks to, read from its host and path alone.
//!
//! Three forms are understood: the host form `{apiId}.execute-api.*` of the Developer Guide's "Invoke REST APIs in API Gateway",
//! with the stage as the first path segment, and the path forms `/_aws/execute-api/{apiId}/{stage}/…` and
//! `/restapis/{apiId}/{stage}/_user_request_/…` for clients that cannot resolve such hosts, and hosts of a user's own
//! ([`CustomDomains`]). Whether the API exists is for whoever looks the stage up.

mod custom_domains;

use std::borrow::Cow;

use definition::id::{RestApiId, StageName};
use memchr::{memchr, memchr2, memrchr};

pub use custom_domains::CustomDomains;

/// The label that follows the API's id in a host name.
const HOST_LABEL: &str = "execute-api";
/// What a path of our own form starts with.
const PATH_PREFIX: &str = "/_aws/execute-api/";
/// What a path of the form that older local tools use starts with.
const LEGACY_PATH_PREFIX: &str = "/restapis/";
/// What stands between the stage and the resource path in that form.
const LEGACY_PATH_MARK: &str = "_user_request_";

/// How a client addressed an API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Form {
    /// By a host name of the API's own.
    Host {
        /// The host as the client wrote it, in lower case and without the port.
        domain_name: Box<str>,
    },
    /// By a path on a shared host: towards functions and templates the API goes by the host name that AWS would give it.
    Path,
    /// By a custom domain name.
    CustomDomain {
        /// The host as the client wrote it, in lower case and without the port.
        domain_name: Box<str>,
        /// The base path whose mapping led to the API; absent when that has none.
        base_path: Option<Box<str>>,
    },
}

/// The API and stage that a request speaks to, and the path below the stage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    api_id: RestApiId,
    stage: StageName,
    form: Form,
    path: StagePath,
}

/// The path of a request, raw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StagePath {
    whole: Box<str>,
    /// Where the path below the stage starts.
    below_stage: usize,
    /// Where the path starts that proxy functions are told.
    told: usize,
}

impl StagePath {
    /// A path without a stage in front.
    pub(crate) fn without_stage(path: &str) -> Self {
        Self { whole: path.into(), below_stage: 0, told: 0 }
    }

    /// The path with all that stands in front of the resource's: the stage, a base path.
    pub(crate) fn whole(&self) -> &str {
        &self.whole
    }

    /// The path that proxy functions are told: below the stage on an API's own host, whole on a custom domain name.
    pub(crate) fn told(&self) -> &str {
        self.starting_at(self.told)
    }

    /// The path below the stage, starting with one slash: what resources are matched with.
    pub(crate) fn below_stage(&self) -> &str {
        self.starting_at(self.below_stage)
    }

    fn starting_at(&self, start: usize) -> &str {
        match &self.whole[start..] {
            "" => "/",
            path => path,
        }
    }
}

impl Address {
    /// Reads an address from the `Host` header (or `:authority`) and the request target.
    ///
    /// `None` when the target names no stage or no possible API: the client then gets [`crate::Failure::Forbidden`], as it
    /// does for an API that does not exist.
    #[must_use]
    pub fn parse(host: &str, target: &str) -> Option<Self> {
        let path = path_of(target);
        if let Some(api_id) = api_label(host) {
            let domain_name = without_port(host).to_ascii_lowercase().into();
            let (stage, rest) = first_segment(path);
            return Self::new(&lower_case(api_id), stage, rest, Form::Host { domain_name });
        }
        if let Some(below) = path.strip_prefix(PATH_PREFIX) {
            let (api_id, rest) = first_segment(below);
            let (stage, rest) = first_segment(rest);
            return Self::new(api_id, stage, rest, Form::Path);
        }
        let (api_id, rest) = first_segment(path.strip_prefix(LEGACY_PATH_PREFIX)?);
        let (stage, rest) = first_segment(rest);
        let rest = rest.strip_prefix('/')?.strip_prefix(LEGACY_PATH_MARK)?;
        (rest.is_empty() || rest.starts_with('/')).then_some(())?;
        Self::new(api_id, stage, rest, Form::Path)
    }

    fn new(api_id: &str, stage: &str, rest: &str, form: Form) -> Option<Self> {
        let api_id = api_id.parse().ok()?;
        let mut whole = String::with_capacity(1 + stage.len() + rest.len());
        whole.push('/');
        whole.push_str(stage);
        whole.push_str(rest);
        let below_stage = 1 + stage.len() + (rest.len() - collapse_start(rest).len());
        let path = StagePath { whole: whole.into(), below_stage, told: below_stage };
        Some(Self { api_id, stage: stage.parse().ok()?, form, path })
    }

    /// How the client addressed the API, and the path.
    pub(crate) fn into_form_and_path(self) -> (Form, StagePath) {
        (self.form, self.path)
    }

    /// The API's id.
    #[must_use]
    pub fn api_id(&self) -> &RestApiId {
        &self.api_id
    }

    /// The stage's name.
    #[must_use]
    pub fn stage(&self) -> &StageName {
        &self.stage
    }

    /// How the client addressed the API.
    #[must_use]
    pub fn form(&self) -> &Form {
        &self.form
    }

    /// Whether the host is none of the user's own, so that `disableExecuteApiEndpoint` refuses it.
    #[must_use]
    pub fn is_default_endpoint(&self) -> bool {
        match self.form {
            Form::Host { .. } | Form::Path => true,
            Form::CustomDomain { .. } => false,
        }
    }

    /// `$context.path`: the whole path as sent, raw; only slashes at its start are collapsed.
    #[must_use]
    pub fn context_path(&self) -> &str {
        self.path.whole()
    }

    /// The path below the stage, raw, starting with one slash: what resources are matched with.
    #[must_use]
    pub fn path(&self) -> &str {
        self.path.below_stage()
    }
}

/// Whether a request is for the data plane; cheap, for the listener to dispatch by. Host and path need not name an API that exists.
#[must_use]
pub fn is_data_plane(host: &str, path: &str) -> bool {
    api_label(host).is_some() || path.starts_with(PATH_PREFIX) || is_legacy_path(path_of(path))
}

/// The control plane has paths below `/restapis/` too; the mark in its place tells the two apart.
fn is_legacy_path(path: &str) -> bool {
    path.strip_prefix(LEGACY_PATH_PREFIX).is_some_and(|below| below.split('/').nth(2) == Some(LEGACY_PATH_MARK))
}

/// The host name that AWS would give an API of this region.
#[must_use]
pub fn default_domain_name(api_id: &RestApiId, region: &str) -> String {
    format!("{api_id}.{HOST_LABEL}.{region}.amazonaws.com")
}

/// Path and query of a request target; an absolute target loses its origin, and a fragment is cut.
#[must_use]
pub fn split_target(target: &str) -> (&str, Option<&str>) {
    let target = memchr(b'#', target.as_bytes()).map_or(target, |end| &target[..end]);
    let target = if target.starts_with('/') { target } else { without_origin(target) };
    match memchr(b'?', target.as_bytes()) {
        Some(mark) => (&target[..mark], Some(&target[mark + 1..])),
        None => (target, None),
    }
}

fn without_origin(target: &str) -> &str {
    match target.split_once("://") {
        Some((scheme, after)) if scheme.bytes().all(|b| b.is_ascii_alphanumeric()) => {
            after.find(['/', '?']).map_or("/", |start| &after[start..])
        }
        _ => target,
    }
}

/// The first label of a host name.
pub(crate) fn first_label(domain_name: &str) -> &str {
    domain_name.split_once('.').map_or(domain_name, |(label, _)| label)
}

fn path_of(target: &str) -> &str {
    split_target(target).0
}

fn without_port(host: &str) -> &str {
    let split = memrchr(b':', host.as_bytes()).map(|colon| (&host[..colon], &host[colon + 1..]));
    split.filter(|(_, port)| port.bytes().all(|b| b.is_ascii_digit())).map_or(host, |(name, _)| name)
}

/// The API's id in a host name `{apiId}.execute-api…`, in whatever letter case.
fn api_label(host: &str) -> Option<&str> {
    let dot = memchr(b'.', host.as_bytes()).filter(|dot| *dot > 0)?;
    let (first, after) = (&host[..dot], &host.as_bytes()[dot + 1..]);
    let label = memchr2(b'.', b':', after).map_or(after, |end| &after[..end]);
    label.eq_ignore_ascii_case(HOST_LABEL.as_bytes()).then_some(first)
}

fn lower_case(text: &str) -> Cow<'_, str> {
    if text.bytes().any(|byte| byte.is_ascii_uppercase()) { text.to_ascii_lowercase().into() } else { text.into() }
}

/// The first segment after any slashes, and what follows it.
fn first_segment(path: &str) -> (&str, &str) {
    let path = path.trim_start_matches('/');
    path.split_at(memchr(b'/', path.as_bytes()).unwrap_or(path.len()))
}

fn collapse_start(rest: &str) -> &str {
    let extra = rest.bytes().take_while(|&b| b == b'/').count().saturating_sub(1);
    &rest[extra..]
}

#[cfg(test)]
mod tests;
