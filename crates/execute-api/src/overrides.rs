//! `$context.requestOverride` and `$context.responseOverride`: what a template sets to win over every mapping.
//!
//! Developer Guide, "Override your API's request and response parameters and status codes for REST APIs in API Gateway".

use indexmap::IndexMap;

/// Parameters of one kind that templates may set. AWS documents no limit; what a client sends could otherwise become any number of
/// headers.
pub const OVERRIDES_MAX: usize = 1000;

/// What the templates of one request have set so far. The request template's settings stay in force through the response phase.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Overrides {
    /// `$context.requestOverride.header`.
    pub request_header: IndexMap<String, String>,
    /// `$context.requestOverride.querystring`.
    pub request_querystring: IndexMap<String, String>,
    /// `$context.requestOverride.path`.
    pub request_path: IndexMap<String, String>,
    /// `$context.responseOverride.header`.
    pub response_header: IndexMap<String, String>,
    /// `$context.responseOverride.status`; only an integer from 100 to 599 gets here.
    pub response_status: Option<u16>,
}

impl Overrides {
    /// Everything that was set, each under its path in `$context`.
    #[must_use]
    pub(crate) fn pairs(&self) -> Vec<(String, String)> {
        let maps = [
            ("requestOverride.header", &self.request_header),
            ("requestOverride.querystring", &self.request_querystring),
            ("requestOverride.path", &self.request_path),
            ("responseOverride.header", &self.response_header),
        ];
        let named = maps
            .into_iter()
            .flat_map(|(path, map)| map.iter().map(move |(name, value)| (format!("{path}.{name}"), value.clone())));
        let status = self.response_status.map(|status| ("responseOverride.status".to_owned(), status.to_string()));
        named.chain(status).collect()
    }
}
