//! How much a caller may ask for: API keys, usage plans, the limits of methods and of the account.
//!
//! A request takes a token from each bucket that applies to it, the most specific first; the first empty one refuses it. A
//! method's bucket is filled by its own setting on the stage, else by that of all methods, which gives each method a bucket of
//! its own; the account's is shared by all APIs of a region. API keys cannot be checked yet, so a method that requires one is
//! refused; buckets of usage plans will stand in front of the method's (Developer Guide, "Throttle requests to your REST APIs for
//! better throughput in API Gateway", "Usage plans and API keys for REST APIs in API Gateway").

use std::fmt;

use tokio::time::Instant;

use crate::{
    Failure,
    authorize::Authorized,
    context::RequestContext,
    route::Routed,
    trace::{Fact, Trace, fact::Admission},
};

mod bucket;

pub use bucket::{Bucket, RateLimit};

/// A request that is within every limit.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Admitted<'r> {
    routed: &'r Routed<'r>,
}

/// Whose limit a bucket keeps, in the order in which they are asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Level {
    /// A method of a stage.
    Method,
    /// All APIs of an account in a region.
    Account,
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Method => "Method",
            Self::Account => "Account",
        })
    }
}

/// Admits the request, or says which limit is in its way.
pub(crate) fn throttle<'r>(authorized: Authorized<'r>, trace: &mut Trace) -> Result<Admitted<'r>, Failure> {
    let routed = authorized.routed();
    if routed.method.api_key_required {
        return Err(Failure::Unsupported { feature: "apiKeyRequired".to_owned() });
    }
    trace.record(|| admission(&routed.context));
    take_from_each(routed, trace)?;
    trace.explain(|| Fact::WithinLimits);
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

/// Takes a token from each bucket that applies. What a refused request took from those before the empty one is gone.
fn take_from_each(routed: &Routed<'_>, trace: &mut Trace) -> Result<(), Failure> {
    let buckets =
        [(Level::Method, routed.rules().bucket.as_deref()), (Level::Account, routed.stage.account_bucket.as_deref())];
    let buckets = buckets.into_iter().filter_map(|(level, bucket)| Some((level, bucket?)));
    let mut now = None;
    for (level, bucket) in buckets {
        // A request without limits does not ask for the time.
        if !bucket.take(*now.get_or_insert_with(Instant::now)) {
            record_spent(routed, level, bucket.limit(), trace);
            return Err(Failure::Throttled);
        }
    }
    Ok(())
}

fn record_spent(routed: &Routed<'_>, level: Level, limit: RateLimit, trace: &mut Trace) {
    let RequestContext { api_id, stage, resource_id, http_method, .. } = &routed.context;
    trace.line(format_args!(
        "{level} throttle limit exceeded for RestApi {api_id}, Stage {stage}, Resource {resource_id}, HttpMethod \
         {http_method}. Limit: {:.2} Burst: {}",
        limit.rate(),
        limit.burst()
    ));
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
