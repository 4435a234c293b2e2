//! The entry of every call: find the operation, run it over the store, and put its answer or its refusal on the wire.

use std::sync::Arc;

use bytes::Bytes;
use definition::Caller;
use http::{
    HeaderValue, Request, Response, StatusCode,
    header::{ACCEPT, CONTENT_DISPOSITION, CONTENT_TYPE, HOST, RETRY_AFTER, USER_AGENT},
    request::Parts,
};
use serde_json::{Value, json};
use store::Store;

use crate::{
    account::AccountThrottle,
    authorizers::{self, AuthorizerTester},
    call::Call,
    client_certificates, documentation,
    failure::{Failure, Result},
    ids::Ids,
    import,
    operations::{self, Handler},
    test_invoke::{self, TestInvoker},
    wire::{Answer, File},
};

/// The largest body that any operation takes, in bytes; imports have a smaller limit of their own.
pub const BODY_BYTES_MAX: usize = 10 * 1024 * 1024;

/// When to ask again after too many things or calls, in seconds. Deleting something takes a while.
const RETRY_AFTER_SECONDS: &str = "60";

/// The control plane over one store. A clone is the same control plane.
#[derive(Clone)]
pub struct ControlPlane {
    pub(crate) store: Store,
    pub(crate) ids: Arc<Ids>,
    test_invoker: TestInvoker,
    authorizer_tester: AuthorizerTester,
    account_throttle: Option<AccountThrottle>,
}

impl ControlPlane {
    /// A control plane that keeps its records in `store`, names new things by `ids`, and runs methods by `test_invoker` and
    /// authorizers by `authorizer_tester`.
    #[must_use]
    pub fn new(store: Store, ids: Ids, test_invoker: TestInvoker, authorizer_tester: AuthorizerTester) -> Self {
        let account_throttle = Some(AccountThrottle::default());
        Self { store, ids: Arc::new(ids), test_invoker, authorizer_tester, account_throttle }
    }

    /// The same control plane, over a data plane that keeps this throttle for an account; `None` is no limit.
    #[must_use]
    pub fn with_account_throttle(mut self, throttle: Option<AccountThrottle>) -> Self {
        self.account_throttle = throttle;
        self
    }

    /// Does one call. Every outcome is an answer: a refusal has its status, its `x-amzn-ErrorType` and a `message`.
    ///
    /// `caller` is who the listener says that it is; whether it may do this was decided before. `now` dates what is made.
    pub async fn handle(&self, caller: &Caller, request: Request<Bytes>, now: jiff::Timestamp) -> Response<Bytes> {
        let mut response = match self.run(caller, request, now).await {
            Ok(Answer { file: Some(file), .. }) => attach(file),
            Ok(answer) => render(answer.status, answer.document.as_ref()),
            Err(failure) => refuse(&failure),
        };
        let ids = [("x-amzn-requestid", self.ids.uuid()), ("x-amz-apigw-id", self.ids.extended_request_id())];
        for (name, id) in ids {
            // An id is letters, digits and a few signs, which any header can carry.
            if let Ok(value) = HeaderValue::try_from(id) {
                response.headers_mut().insert(name, value);
            }
        }
        response
    }

    async fn run(&self, caller: &Caller, request: Request<Bytes>, now: jiff::Timestamp) -> Result<Answer> {
        let (head, body) = request.into_parts();
        let query: Vec<(String, String)> =
            form_urlencoded::parse(head.uri.query().unwrap_or_default().as_bytes()).into_owned().collect();
        let (operation, path) =
            operations::find(head.method.as_str(), head.uri.path(), &query).ok_or(Failure::UnknownRoute)?;
        if body.len() > BODY_BYTES_MAX {
            return Err(Failure::bad_request(format!("Request body exceeds the limit of {BODY_BYTES_MAX} bytes")));
        }
        let user_agent = head.headers.get(USER_AGENT).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let (caller, ids, account_throttle) = (caller.clone(), Arc::clone(&self.ids), self.account_throttle);
        let host = host_of(&head);
        let accept = head.headers.get(ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
        let call = Call { operation, caller, path, user_agent, query, host, accept, body, now, ids, account_throttle };
        match operation.handler() {
            Handler::Read(read) => self.store.read(move |reader| read(reader, &call)).await,
            Handler::Write(write) => self.store.write(move |transaction| write(transaction, &call)).await,
            Handler::Import(destination) => import::run(&self.store, destination, call).await,
            Handler::GenerateClientCertificate => client_certificates::generate(&self.store, call).await,
            Handler::ImportDocumentation => documentation::import(&self.store, call).await,
            Handler::TestInvoke => test_invoke::run(&self.store, &self.test_invoker, call).await,
            Handler::TestInvokeAuthorizer => authorizers::test_invoke(&self.store, &self.authorizer_tester, call).await,
        }
    }
}

/// The host and port that a client names; none when they hold what no host has.
fn host_of(head: &Parts) -> Option<String> {
    let named = head.headers.get(HOST).and_then(|host| host.to_str().ok());
    let host = named.or_else(|| head.uri.authority().map(http::uri::Authority::as_str))?;
    let is_host_byte = |byte: u8| byte.is_ascii_alphanumeric() || b".-_:[]".contains(&byte);
    (!host.is_empty() && host.bytes().all(is_host_byte)).then(|| host.to_owned())
}

fn refuse(failure: &Failure) -> Response<Bytes> {
    if failure.status().is_server_error() {
        let source = std::error::Error::source(failure).map(ToString::to_string);
        tracing::error!(error = %failure, source, "control-plane call failed");
    }
    let mut response = render(failure.status(), Some(&json!({ "message": failure.message() })));
    response.headers_mut().insert("x-amzn-errortype", HeaderValue::from_static(failure.error_type()));
    if response.status() == StatusCode::TOO_MANY_REQUESTS {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static(RETRY_AFTER_SECONDS));
    }
    response
}

/// A file as clients of `GetExport` expect it.
fn attach(file: File) -> Response<Bytes> {
    // Whatever would end the quoted name, or the header, is no part of it.
    let is_fit = |sign: char| (sign.is_ascii_graphic() || sign == ' ') && !matches!(sign, '"' | '\\' | '/');
    let name: String = file.name.chars().map(|sign| if is_fit(sign) { sign } else { '_' }).collect();
    let mut response = Response::new(file.content);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    if let Ok(disposition) = HeaderValue::try_from(format!("attachment; filename=\"{name}\"")) {
        response.headers_mut().insert(CONTENT_DISPOSITION, disposition);
    }
    response
}

fn render(status: StatusCode, document: Option<&Value>) -> Response<Bytes> {
    let body = document.map(|document| Bytes::from(document.to_string())).unwrap_or_default();
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
