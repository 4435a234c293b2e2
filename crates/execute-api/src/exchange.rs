//! The request as mapping expressions, validators and templates see it.

use indexmap::IndexMap;

use crate::{
    context::RequestContext,
    request::{Headers, PathParameters, QueryParameters},
};

/// All that a mapping may read of a request.
#[derive(Debug, Clone, Copy)]
pub struct Exchange<'a> {
    /// `$context`.
    pub context: &'a RequestContext<'a>,
    /// Path parameters, raw.
    pub path: &'a PathParameters,
    /// Query parameters, decoded once.
    pub query: &'a QueryParameters,
    /// Headers, with their names as the client wrote them.
    pub headers: &'a Headers,
    /// Stage variables.
    pub stage_variables: &'a IndexMap<String, String>,
}
