//! Whether and how the responses of a method are cached, as its stage and its integration say.

use std::{sync::Arc, time::Duration};

use definition::{id::DeploymentId, integration::Integration, method::HttpMethod, stage::MethodSetting};

use super::{ResponseCache, key::KeyRecipe};
use crate::stage::{Reach, Ruling};

/// The bytes of a gigabyte, as cache sizes count them.
const GIGABYTE: f64 = 1_073_741_824.0;

/// How the responses of a method are cached.
#[derive(Debug)]
pub(crate) struct CachePolicy {
    pub(super) cache: Arc<ResponseCache>,
    pub(super) key: KeyRecipe,
    /// More than nothing.
    pub(super) ttl: Duration,
    pub(super) invalidation: Invalidation,
}

/// Who may have a response made anew by `Cache-Control: max-age=0`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Invalidation {
    ByAnyone,
    /// Whoever is allowed `execute-api:InvalidateCache`.
    Authorized(Unauthorized),
}

/// What becomes of others who ask for it: `unauthorizedCacheControlHeaderStrategy`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unauthorized {
    /// 403.
    Refused,
    /// Their wish is ignored, which a `Warning` header says.
    Warned,
    /// Their wish is ignored.
    Served,
}

impl CachePolicy {
    /// The policy for requests of a method, if their responses are cached: a setting of its own caches any method, that of all
    /// methods only `GET`.
    pub(crate) fn compile(
        cache: &Arc<ResponseCache>,
        ruling: Ruling<'_>,
        method: HttpMethod,
        integration: &Integration,
        deployment_id: &DeploymentId,
    ) -> Option<Self> {
        let Ruling { setting, reach } = ruling;
        let is_cached = match reach {
            Reach::Own => setting.caching_enabled,
            Reach::All => setting.caching_enabled && method == HttpMethod::Get,
        };
        let ttl = Duration::from_secs(setting.cache_ttl_in_seconds.into());
        (is_cached && !ttl.is_zero()).then(|| Self {
            cache: Arc::clone(cache),
            key: KeyRecipe::compile(integration, deployment_id),
            ttl,
            invalidation: invalidation(setting),
        })
    }
}

fn invalidation(setting: &MethodSetting) -> Invalidation {
    if !setting.require_authorization_for_cache_control {
        return Invalidation::ByAnyone;
    }
    Invalidation::Authorized(match setting.unauthorized_cache_control_header_strategy.as_str() {
        "SUCCEED_WITH_RESPONSE_HEADER" => Unauthorized::Warned,
        "SUCCEED_WITHOUT_RESPONSE_HEADER" => Unauthorized::Served,
        // `FAIL_WITH_403`; the control plane takes no other.
        _ => Unauthorized::Refused,
    })
}

/// The bytes of a `cacheClusterSize`, a number of gigabytes as text.
pub(crate) fn cluster_bytes(size: &str) -> Option<u64> {
    let gigabytes: f64 = size.parse().ok().filter(|size: &f64| size.is_finite() && *size > 0.0)?;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "positive, and a cast of what is too large gives the largest number"
    )]
    Some((gigabytes * GIGABYTE) as u64)
}
