//! One call of an operation: who calls, what the path, the query and the body say.

use std::sync::Arc;

use bytes::Bytes;
use definition::{Caller, Scope, time::EpochSeconds};
use jiff::{civil::Date, tz::TimeZone};
use serde::de::DeserializeOwned;

use crate::{
    account::AccountThrottle,
    failure::Result,
    ids::Ids,
    operations::Operation,
    wire::{Violations, decode},
};

/// The constraint of status codes in paths.
const STATUS_CODE_RULE: &str = r"Member must satisfy regular expression pattern: [1-5]\d\d";

/// One call of an operation.
pub(crate) struct Call {
    /// What is called.
    pub(crate) operation: &'static Operation,
    /// Who calls.
    pub(crate) caller: Caller,
    /// The path's members by the names of the operation's template, decoded.
    pub(crate) path: Vec<(&'static str, String)>,
    /// The caller's `User-Agent`.
    pub(crate) user_agent: Option<String>,
    /// The query's members in the order sent, decoded.
    pub(crate) query: Vec<(String, String)>,
    /// The host and port that the call was sent to, when they look like any.
    pub(crate) host: Option<String>,
    /// The media types that the caller would take, as the header `Accept` has them; empty without one.
    pub(crate) accept: String,
    /// The body as it came.
    pub(crate) body: Bytes,
    /// When the call was made.
    pub(crate) now: jiff::Timestamp,
    /// Where new identifiers come from.
    pub(crate) ids: Arc<Ids>,
    /// The throttle of every account; `None` is no limit.
    pub(crate) account_throttle: Option<AccountThrottle>,
}

impl Call {
    /// The account and region that the call speaks of.
    pub(crate) fn scope(&self) -> &Scope {
        &self.caller.scope
    }

    /// The path member of this name; empty when the operation's template has none.
    pub(crate) fn path(&self, name: &str) -> &str {
        self.path.iter().find(|(member, _)| *member == name).map_or("", |(_, value)| value)
    }

    /// The id of the REST API in the path.
    pub(crate) fn api(&self) -> &str {
        self.path("restapi_id")
    }

    /// The first query member of this name.
    pub(crate) fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(member, _)| member == name).map(|(_, value)| value.as_str())
    }

    /// Whether a flag of the query is set: `true` in any casing.
    pub(crate) fn query_flag(&self, name: &str) -> bool {
        self.query(name).is_some_and(|value| value.eq_ignore_ascii_case("true"))
    }

    /// Whether the repeatable query member `embed` names this.
    pub(crate) fn embeds(&self, what: &str) -> bool {
        self.query.iter().filter(|(member, _)| member == "embed").any(|(_, value)| value.split(',').any(|v| v == what))
    }

    /// The moment of the call as the wire has it.
    pub(crate) fn time(&self) -> EpochSeconds {
        self.now.into()
    }

    /// The day of the call, in UTC.
    pub(crate) fn today(&self) -> Date {
        self.now.to_zoned(TimeZone::UTC).date()
    }

    /// The body as this wire struct.
    pub(crate) fn decode<T: DeserializeOwned>(&self) -> Result<T> {
        decode(&self.body)
    }

    /// The constraint violations so far: those of the path.
    pub(crate) fn violations(&self) -> Violations {
        let mut violations = Violations::of(self.operation.name);
        if let Some((_, code)) = self.path.iter().find(|(member, _)| *member == "status_code")
            && code.parse::<definition::id::StatusCode>().is_err()
        {
            violations.uri("statusCode", code, STATUS_CODE_RULE);
        }
        violations
    }
}
