//! A request for unit tests.

use definition::time::EpochMillis;
use indexmap::IndexMap;

use super::{Identity, RequestContext};
use crate::{
    exchange::Exchange,
    request::{Headers, PathParameters, QueryParameters},
};

/// The facts of a request to `POST /prod/pets/1`.
pub(crate) const CONTEXT: RequestContext<'static> = RequestContext {
    account_id: "123456789012",
    api_id: "abcdef1234",
    stage: "prod",
    deployment_id: Some("d1e2f3"),
    resource_id: "x1y2z3",
    resource_path: "/pets/{id}",
    http_method: "POST",
    operation_name: None,
    path: "/prod/pets/1",
    protocol: "HTTP/1.1",
    domain_name: "abcdef1234.execute-api.us-east-1.amazonaws.com",
    domain_prefix: "abcdef1234",
    base_path: None,
    request_id: "6c3a2f4e-0b1d-4f5a-8c7e-9d0f1a2b3c4d",
    extended_request_id: "AbCdEfGhIjKlMnO=",
    trace_id: "Root=1-67f66568-0123456789abcdef01234567",
    request_time: EpochMillis(1_744_202_096_123),
    identity: Identity {
        source_ip: "203.0.113.9",
        user_agent: None,
        api_key: None,
        api_key_id: None,
        account_id: None,
        caller: None,
        user: None,
        user_arn: None,
        access_key: None,
    },
    is_canary: None,
};

/// What a request carries.
#[derive(Default)]
pub(crate) struct Carried {
    path: PathParameters,
    query: QueryParameters,
    headers: Headers,
    stage_variables: IndexMap<String, String>,
}

impl Carried {
    pub(crate) fn path(mut self, name: &str, value: &str) -> Self {
        self.path.0.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn query(mut self, query: &str) -> Self {
        self.query = QueryParameters::parse(query);
        self
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.append(name, value);
        self
    }

    pub(crate) fn stage_variable(mut self, name: &str, value: &str) -> Self {
        self.stage_variables.insert(name.to_owned(), value.to_owned());
        self
    }

    pub(crate) fn exchange(&self) -> Exchange<'_> {
        Exchange {
            context: &CONTEXT,
            path: &self.path,
            query: &self.query,
            headers: &self.headers,
            stage_variables: &self.stage_variables,
        }
    }
}
