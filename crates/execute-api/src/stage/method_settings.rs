//! Which setting of a stage rules a method: its own, else that of all methods.
//!
//! Settings are found by path and method when a stage is loaded. The methods behind an `ANY` may each have a setting of their
//! own (Developer Guide, "Set up a stage for a REST API in API Gateway"; API Reference, "MethodSetting").

use std::collections::HashMap;

use definition::{
    method::HttpMethod,
    stage::{MethodSetting, Stage},
};

/// The key of the setting of all methods.
const ALL_METHODS: &str = "*/*";
/// How far below a path its wire form writes a slash.
const ESCAPED_SLASH: &str = "~1";
const ESCAPED_TILDE: &str = "~0";

/// The settings of a stage by path and method.
#[derive(Debug, Default)]
pub(crate) struct MethodSettings<'a> {
    own: HashMap<(String, HttpMethod), &'a MethodSetting>,
    all: Option<&'a MethodSetting>,
}

/// The setting that rules a method.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Ruling<'a> {
    pub(crate) setting: &'a MethodSetting,
    pub(crate) reach: Reach,
}

/// Whom a setting is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reach {
    /// The method alone.
    Own,
    /// All methods that have none of their own.
    All,
}

impl<'a> MethodSettings<'a> {
    /// The settings of a stage; none under test invocation.
    pub(crate) fn of(stage: Option<&'a Stage>) -> Self {
        let settings = stage.map(|stage| &stage.method_settings);
        let own = settings.into_iter().flatten().filter_map(|(key, setting)| Some((place(key)?, setting)));
        Self { own: own.collect(), all: settings.and_then(|settings| settings.get(ALL_METHODS)) }
    }

    /// What rules requests of a method to a declared method of a resource; both are the same but for `ANY`.
    pub(crate) fn ruling(&self, path: &str, declared: HttpMethod, method: HttpMethod) -> Option<Ruling<'a>> {
        let own = self.own(path, method).or_else(|| self.own(path, declared));
        let own = own.map(|setting| Ruling { setting, reach: Reach::Own });
        own.or_else(|| self.all.map(|setting| Ruling { setting, reach: Reach::All }))
    }

    /// The setting of exactly this method.
    pub(crate) fn own(&self, path: &str, method: HttpMethod) -> Option<&'a MethodSetting> {
        if self.own.is_empty() {
            return None;
        }
        self.own.get(&(bare(path).to_owned(), method)).copied()
    }
}

/// The path, without its leading slash, and the method that a key names; `None` for the key of all methods.
fn place(key: &str) -> Option<(String, HttpMethod)> {
    let (path, method) = key.rsplit_once('/')?;
    let path = path.replace(ESCAPED_SLASH, "/").replace(ESCAPED_TILDE, "~");
    Some((bare(&path).to_owned(), method.parse().ok()?))
}

fn bare(path: &str) -> &str {
    path.trim_start_matches('/')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stage(keys: &[&str]) -> Stage {
        let settings = keys.iter().zip(1..).map(|(key, burst)| {
            (key.to_string(), MethodSetting { throttling_burst_limit: burst, ..MethodSetting::default() })
        });
        Stage {
            stage_name: "prod".parse().unwrap(),
            deployment_id: "d1e2f3".parse().unwrap(),
            description: None,
            cache_cluster_enabled: false,
            cache_cluster_size: None,
            cache_cluster_status: String::new(),
            method_settings: settings.collect(),
            variables: None,
            documentation_version: None,
            client_certificate_id: None,
            access_log_settings: None,
            canary_settings: None,
            tracing_enabled: false,
            tags: indexmap::IndexMap::new(),
            created_date: definition::time::EpochSeconds::from(jiff::Timestamp::UNIX_EPOCH),
            last_updated_date: definition::time::EpochSeconds::from(jiff::Timestamp::UNIX_EPOCH),
        }
    }

    /// The burst of the setting that rules a method: the place of its key in the list, from 1.
    #[track_caller]
    fn check(keys: &[&str], path: &str, declared: HttpMethod, method: HttpMethod, expected: Option<(i32, Reach)>) {
        let stage = stage(keys);
        let ruling = MethodSettings::of(Some(&stage)).ruling(path, declared, method);
        let ruling = ruling.map(|ruling| (ruling.setting.throttling_burst_limit, ruling.reach));
        assert_eq!(ruling, expected, "{method} {path} of {keys:?}");
    }

    #[test]
    fn a_method_s_own_setting_beats_that_of_all() {
        use HttpMethod::{Any, Get, Post};
        let keys = ["*/*", "~1/GET", "pets~1{id}/GET", "~1cats/POST", "all/ANY", "all/GET"];
        check(&keys, "/", Get, Get, Some((2, Reach::Own)));
        check(&keys, "/", Post, Post, Some((1, Reach::All)));
        check(&keys, "/pets/{id}", Get, Get, Some((3, Reach::Own)));
        check(&keys, "/pets", Get, Get, Some((1, Reach::All)));
        check(&keys, "/cats", Post, Post, Some((4, Reach::Own)));
        check(&keys, "/all", Any, Get, Some((6, Reach::Own)));
        check(&keys, "/all", Any, Post, Some((5, Reach::Own)));
        check(&keys[1..], "/pets", Get, Get, None);
        check(&[], "/", Get, Get, None);
    }

    #[test]
    fn a_test_invocation_has_no_settings() {
        assert_eq!(MethodSettings::of(None).ruling("/", HttpMethod::Get, HttpMethod::Get), None);
    }
}
