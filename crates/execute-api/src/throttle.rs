//! How much a caller may ask for: API keys, usage plans, stage limits.
//!
//! Nothing is metered yet. A method that requires an API key is refused, because the key cannot be checked; of a stage's limits
//! only those of 0 act, which admit nothing (Developer Guide, "Usage plans and API keys for REST APIs in API Gateway", "Throttle
//! requests to your REST APIs for better throughput in API Gateway").

use definition::{method::HttpMethod, stage::Stage};

use crate::{
    Failure,
    authorize::Authorized,
    context::RequestContext,
    route::Routed,
    trace::{Fact, Trace, fact::Admission},
};

/// The key of the setting of all methods.
const ALL_METHODS: &str = "*/*";

/// A request that is within every limit.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Admitted<'r> {
    routed: &'r Routed<'r>,
}

/// What a stage's settings admit to a method.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Limit {
    /// Everything, as nothing is metered.
    None,
    /// No request at all: a rate or burst of 0.
    Nothing,
}

impl Limit {
    /// What a stage admits to a method: the method's own setting, else that of all methods.
    pub(crate) fn of(stage: &Stage, resource_path: &str, method: HttpMethod) -> Self {
        let own = stage.method_settings.iter().find(|(key, _)| names(key, resource_path, method));
        let setting = own.map(|(_, setting)| setting).or_else(|| stage.method_settings.get(ALL_METHODS));
        match setting {
            // Negative limits stand for none.
            Some(setting) if setting.throttling_burst_limit == 0 || setting.throttling_rate_limit == 0.0 => {
                Self::Nothing
            }
            Some(_) | None => Self::None,
        }
    }
}

/// Whether the key of a setting, `{path with / as ~1}/{METHOD}`, names a method.
fn names(key: &str, resource_path: &str, method: HttpMethod) -> bool {
    key.rsplit_once('/').is_some_and(|(path, name)| {
        name == method.as_str()
            && path.replace("~1", "/").trim_start_matches('/') == resource_path.trim_start_matches('/')
    })
}

/// Admits the request, or says which limit is in its way.
pub(crate) fn throttle<'r>(authorized: Authorized<'r>, trace: &mut Trace) -> Result<Admitted<'r>, Failure> {
    let routed = authorized.routed();
    if routed.method.api_key_required {
        return Err(Failure::Unsupported { feature: "apiKeyRequired".to_owned() });
    }
    if routed.method.limit == Limit::Nothing {
        return Err(Failure::Throttled);
    }
    trace.record(|| admission(&routed.context));
    Ok(Admitted { routed })
}

fn admission(context: &RequestContext<'_>) -> Fact {
    Fact::Admitted(Admission {
        request_id: context.request_id.to_owned(),
        api_id: context.api_id.to_owned(),
        stage: context.stage.to_owned(),
        http_method: context.http_method.to_owned(),
        resource_path: context.resource_path.to_owned(),
    })
}

impl<'r> Admitted<'r> {
    /// A test invocation asks neither for authorization nor for a key, and counts towards no limit.
    pub(crate) fn for_test_invocation(routed: &'r Routed<'r>) -> Self {
        Self { routed }
    }

    /// The request that was admitted.
    pub(crate) fn routed(self) -> &'r Routed<'r> {
        self.routed
    }
}
