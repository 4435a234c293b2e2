//! Hosts of a user's own, and which API and stage stand behind their paths.
//!
//! A mapping of the path's first segment wins over the mapping of all paths, as the longest base path does: there are none of
//! several segments in this version of API Gateway. Developer Guide, "Custom domain name for public REST APIs in API Gateway".

use std::collections::HashMap;

use definition::{
    domain_name::{BasePathMapping, DomainName, NONE},
    id::{RestApiId, StageName},
};

use super::{Address, Form, StagePath, collapse_start, first_segment, path_of, without_port};

/// The routing mode that leaves base path mappings aside.
const RULES_ONLY: &str = "ROUTING_RULE_ONLY";

/// All custom domain names of a gateway. Immutable: a change of one makes another table.
#[derive(Debug, Default)]
pub struct CustomDomains {
    /// By host in lower case; the name of a wildcard domain starts with `*.`.
    by_name: HashMap<Box<str>, Domain>,
}

/// Which mappings a host has.
#[derive(Debug, Default)]
struct Domain {
    by_base_path: HashMap<Box<str>, Target>,
    /// For paths that have no mapping of their own.
    root: Option<Target>,
}

/// Where a mapping leads.
#[derive(Debug)]
struct Target {
    api_id: RestApiId,
    /// Absent when the client names it.
    stage: Option<StageName>,
}

impl CustomDomains {
    /// The table of these domain names with their mappings. Of two with the same host the first counts, and public ones before
    /// private ones.
    ///
    /// A domain name whose callers cannot be told from others is there without its mappings, so that everybody is refused: a
    /// private one, and one that asks for client certificates.
    #[must_use]
    pub fn new(domains: &[(DomainName, Vec<BasePathMapping>)]) -> Self {
        let mut by_name = HashMap::with_capacity(domains.len());
        let (private, public): (Vec<_>, Vec<_>) = domains.iter().partition(|(domain, _)| domain.is_private());
        for (domain, mappings) in public.into_iter().chain(private) {
            let served = if is_open(domain) { mappings.as_slice() } else { &[] };
            by_name.entry(domain.domain_name.as_str().into()).or_insert_with(|| Domain::new(served));
        }
        Self { by_name }
    }

    /// Whether a host, with or without a port, is one of them.
    #[must_use]
    pub fn contains(&self, host: &str) -> bool {
        !self.by_name.is_empty() && self.find(&host_name(host)).is_some()
    }

    /// The address that a host and a request target speak of; `None` when they speak of none, for which the client is refused as
    /// for an API that does not exist.
    #[must_use]
    pub fn address(&self, host: &str, target: &str) -> Option<Address> {
        let domain_name = host_name(host);
        let domain = self.find(&domain_name)?;
        let whole = format!("/{}", path_of(target).trim_start_matches('/'));
        let (first, behind_first) = first_segment(&whole);
        let (mapped, base_path, rest) = match domain.by_base_path.get(first) {
            Some(mapped) => (mapped, Some(first.into()), behind_first),
            None => (domain.root.as_ref()?, None, whole.as_str()),
        };
        let (stage, rest) = if let Some(stage) = &mapped.stage {
            (stage.clone(), rest)
        } else {
            let (stage, rest) = first_segment(rest);
            (stage.parse().ok()?, rest)
        };
        let below_stage = whole.len() - collapse_start(rest).len();
        Some(Address {
            api_id: mapped.api_id.clone(),
            stage,
            form: Form::CustomDomain { domain_name: domain_name.into(), base_path },
            path: StagePath { whole: whole.into(), below_stage, told: 0 },
        })
    }

    /// The domain of exactly this name, else the wildcard beside it.
    fn find(&self, name: &str) -> Option<&Domain> {
        self.by_name.get(name).or_else(|| {
            let (_, parent) = name.split_once('.')?;
            self.by_name.get(format!("*.{parent}").as_str())
        })
    }
}

impl Domain {
    fn new(mappings: &[BasePathMapping]) -> Self {
        let mut domain = Self::default();
        for mapping in mappings {
            let target = Target { api_id: mapping.rest_api_id.clone(), stage: mapping.stage.clone() };
            if mapping.base_path == NONE {
                domain.root = Some(target);
            } else {
                domain.by_base_path.insert(mapping.base_path.as_str().into(), target);
            }
        }
        domain
    }
}

/// Whether everybody may call through the domain name, and by its mappings.
fn is_open(domain: &DomainName) -> bool {
    !domain.is_private()
        && domain.mutual_tls_authentication.is_none()
        && domain.routing_mode.as_deref() != Some(RULES_ONLY)
}

/// A `Host` header's name as domain names are written.
fn host_name(host: &str) -> String {
    let name = without_port(host);
    name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase()
}

#[cfg(test)]
mod tests;
