//! From a request of the query protocol to its operation, and from the outcome to the response.

use bytes::Bytes;
use definition::{Caller, role::Role};
use http::{HeaderName, HeaderValue, Request, Response, StatusCode, header};
use jiff::Timestamp;
use store::Store;

use crate::{
    attached_policy, caller_identity,
    failure::Failure,
    query::Query,
    role, role_policy, role_tags,
    xml::{self, Xml},
};

/// The longest request that is read: a role's largest policy, percent-encoded, with room to spare.
pub const REQUEST_BYTES_MAX: usize = 1024 * 1024;

/// A service of the account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Service {
    /// Identity and Access Management: roles and their policies.
    Iam,
    /// Security Token Service: who am I?
    Sts,
}

impl Service {
    /// The version of the service's API, as every request names it.
    fn version(self) -> &'static str {
        match self {
            Self::Iam => "2010-05-08",
            Self::Sts => "2011-06-15",
        }
    }

    /// The XML namespace of the service's answers.
    fn namespace(self) -> &'static str {
        match self {
            Self::Iam => "https://iam.amazonaws.com/doc/2010-05-08/",
            Self::Sts => "https://sts.amazonaws.com/doc/2011-06-15/",
        }
    }
}

/// What an operation has to say when it succeeds: the members of its result, or nothing.
pub(crate) enum Answer {
    /// The operation has no result.
    Done,
    /// The members of the element `…Result`.
    Result(Xml),
}

/// The account's services over a store.
#[derive(Debug, Clone)]
pub struct Account {
    store: Store,
}

impl Account {
    /// The services over `store`.
    #[must_use]
    pub fn new(store: Store) -> Self {
        Self { store }
    }

    /// Answers one request in the name of `caller`. Everything that can go wrong becomes an error response of the service.
    pub async fn handle(
        &self,
        service: Service,
        caller: &Caller,
        request: Request<Bytes>,
        now: Timestamp,
    ) -> Response<Bytes> {
        let request_id = uuid::Uuid::new_v4().to_string();
        let outcome = match Query::read(&request) {
            Ok(query) => {
                let answer = self.run(service, caller, &query, now).await;
                answer.map(|answer| xml::response(query.action(), service.namespace(), answer, &request_id))
            }
            Err(failure) => Err(failure),
        };
        match outcome {
            Ok(body) => respond(StatusCode::OK, body, &request_id),
            Err(failure) => {
                if let Failure::Store(source) = &failure {
                    tracing::error!(error = source as &dyn std::error::Error, %request_id, "an operation of the account failed");
                }
                respond(failure.status(), xml::error(service.namespace(), &failure.fault(), &request_id), &request_id)
            }
        }
    }

    async fn run(
        &self,
        service: Service,
        caller: &Caller,
        query: &Query<'_>,
        now: Timestamp,
    ) -> Result<Answer, Failure> {
        if query.version() != Some(service.version()) {
            return Err(Failure::unknown_action(query));
        }
        match service {
            Service::Iam => self.iam(&caller.scope.account, query, now).await,
            Service::Sts => match query.action() {
                "GetCallerIdentity" => Ok(caller_identity::get(caller)),
                _ => Err(Failure::unknown_action(query)),
            },
        }
    }

    async fn iam(&self, account: &str, query: &Query<'_>, now: Timestamp) -> Result<Answer, Failure> {
        let store = &self.store;
        let scope = Role::scope(account);
        match query.action() {
            "CreateRole" => role::create(store, scope, query, now).await,
            "GetRole" => role::get(store, scope, query).await,
            "ListRoles" => role::list(store, scope, query).await,
            "DeleteRole" => role::delete(store, scope, query).await,
            "UpdateAssumeRolePolicy" => role::update_trust(store, scope, query).await,
            "PutRolePolicy" => role_policy::put(store, scope, query).await,
            "GetRolePolicy" => role_policy::get(store, scope, query).await,
            "ListRolePolicies" => role_policy::list(store, scope, query).await,
            "DeleteRolePolicy" => role_policy::delete(store, scope, query).await,
            "AttachRolePolicy" => attached_policy::attach(store, scope, query).await,
            "DetachRolePolicy" => attached_policy::detach(store, scope, query).await,
            "ListAttachedRolePolicies" => attached_policy::list(store, scope, query).await,
            "TagRole" => role_tags::tag(store, scope, query).await,
            "UntagRole" => role_tags::untag(store, scope, query).await,
            "ListRoleTags" => role_tags::list(store, scope, query).await,
            _ => Err(Failure::unknown_action(query)),
        }
    }
}

fn respond(status: StatusCode, body: String, request_id: &str) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/xml"));
    if let Ok(request_id) = HeaderValue::from_str(request_id) {
        headers.insert(HeaderName::from_static("x-amzn-requestid"), request_id);
    }
    response
}
