//! What a stage's settings make of a method: the bucket that it draws from and how its responses are cached.

use std::sync::Arc;

use definition::{
    method::{HttpMethod, Method},
    stage::MethodSetting,
};

use super::{Release, memory::Load, method_settings::MethodSettings};
use crate::{
    cache::CachePolicy,
    observe::MethodWatch,
    throttle::{Bucket, RateLimit},
};

/// The rules of a declared method. Behind an `ANY`, methods may have rules of their own.
#[derive(Debug, Default)]
pub(crate) struct StageRules {
    declared: MethodRules,
    behind_any: Vec<(HttpMethod, MethodRules)>,
}

/// The rules for requests of one method.
#[derive(Debug, Default)]
pub(crate) struct MethodRules {
    /// Absent: nothing of the stage limits the method.
    pub(crate) bucket: Option<Arc<Bucket>>,
    /// Absent: its responses are not cached.
    pub(crate) cache: Option<CachePolicy>,
    /// What is told of its requests.
    pub(crate) watch: MethodWatch,
}

impl StageRules {
    /// No rules at all.
    pub(super) fn none() -> Self {
        Self::default()
    }

    /// What the stage of a release says of a method.
    pub(super) fn compile(
        settings: &MethodSettings<'_>,
        release: Release<'_>,
        path: &str,
        method: &Method,
        load: &mut Load<'_>,
    ) -> Self {
        let declared = method.http_method;
        let mut rules = |http_method| MethodRules::compile(settings, release, path, method, http_method, load);
        if declared != HttpMethod::Any {
            return Self { declared: rules(declared), behind_any: Vec::new() };
        }
        // `GET` differs from the others wherever all methods are cached.
        let differs =
            |http_method: &HttpMethod| *http_method == HttpMethod::Get || settings.own(path, *http_method).is_some();
        let behind_any = HttpMethod::ALL.into_iter().filter(|known| *known != HttpMethod::Any).filter(differs);
        Self {
            behind_any: behind_any.map(|http_method| (http_method, rules(http_method))).collect(),
            declared: rules(declared),
        }
    }

    /// The rules for a request of this method.
    pub(crate) fn of(&self, http_method: HttpMethod) -> &MethodRules {
        let own = self.behind_any.iter().find(|(known, _)| *known == http_method);
        own.map_or(&self.declared, |(_, rules)| rules)
    }
}

impl MethodRules {
    fn compile(
        settings: &MethodSettings<'_>,
        release: Release<'_>,
        path: &str,
        method: &Method,
        http_method: HttpMethod,
        load: &mut Load<'_>,
    ) -> Self {
        let declared = method.http_method;
        let Some(ruling) = settings.ruling(path, declared, http_method) else { return Self::default() };
        // Methods behind an `ANY` draw from its bucket, unless they have a setting of their own.
        let owner = if settings.own(path, http_method).is_some() { http_method } else { declared };
        let cache = release.cache.zip(method.integration.as_ref());
        Self {
            watch: MethodWatch::of(ruling.setting, path, http_method),
            bucket: limit(ruling.setting).map(|limit| load.bucket(format!("{owner} {path}"), limit)),
            cache: cache.and_then(|(cache, integration)| {
                CachePolicy::compile(cache, ruling, http_method, integration, release.deployment_id)
            }),
        }
    }
}

fn limit(setting: &MethodSetting) -> Option<RateLimit> {
    RateLimit::new(setting.throttling_rate_limit, setting.throttling_burst_limit.into())
}
