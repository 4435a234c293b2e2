//! The Lambda service: one value that the listener, the data plane and `lambdagate dev` all talk to.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use definition::Caller;
use definition::function::Function;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Method, Request, Response, StatusCode, Uri};
use jiff::Timestamp;
use serde_json::{Value, json};
use store::{Change, Record as _, Sha256Hash, Store};
use tokio::runtime::Handle;
use uuid::Uuid;

use crate::answer::AnswerBody;
use crate::call::Call;
use crate::code::CodeCache;
use crate::dispatcher::Dispatcher;
use crate::failure::{Failure, Result};
use crate::loaded::Loaded;
use crate::names::function_arn;
use crate::operations::{self, Handler, Operation};
use crate::runner::Runner;

/// Where the listener serves packages, before their SHA-256.
pub(crate) const CODE_PATH: &str = "/_lambdagate/code/";

/// The largest request body that any operation takes, in bytes: CreateFunction's.
pub const BODY_BYTES_MAX: usize = 70_167_211;

/// Lambda's wait before the first retry of an asynchronous invocation.
const RETRY_BASE: Duration = Duration::from_mins(1);
/// Asynchronous invocations at one time, half of what one function's workers can take.
const CONCURRENT_EVENTS: usize = 50;

/// Settings of the service. Build with [`LambdaConfig::new`] and change what differs.
#[derive(Debug, Clone)]
pub struct LambdaConfig {
    /// Where packages are unpacked; everything in it can be made again from the store.
    pub cache_dir: PathBuf,
    /// Scheme and authority under which clients reach the gate, without a slash at the end: `http://127.0.0.1:4566`.
    pub base_url: String,
    /// A multi-thread runtime for the dispatcher and for blocking file work.
    pub runtime: Handle,
    /// The wall clock of asynchronous delivery and of permission decisions.
    pub clock: fn() -> Timestamp,
    /// Wait before the first retry of a failed asynchronous invocation; the second waits twice as long. Default 1 min.
    pub retry_base: Duration,
    /// Asynchronous invocations that run at the same time. Default 50.
    pub concurrent_events: usize,
}

impl LambdaConfig {
    /// The defaults.
    #[must_use]
    pub fn new(cache_dir: PathBuf, base_url: String, runtime: Handle, clock: fn() -> Timestamp) -> Self {
        Self { cache_dir, base_url, runtime, clock, retry_base: RETRY_BASE, concurrent_events: CONCURRENT_EVENTS }
    }
}

/// The Lambda service over one store and one runner. A clone is the same service.
#[derive(Clone)]
pub struct Lambda {
    shared: Arc<Shared>,
}

struct Shared {
    store: Store,
    runner: Runner,
    config: LambdaConfig,
    code_cache: CodeCache,
    loaded: Arc<Loaded>,
    dispatcher: Dispatcher,
}

impl Lambda {
    /// The service that keeps functions in `store` and runs them by `runner`.
    #[must_use]
    pub fn new(store: Store, runner: Runner, config: LambdaConfig) -> Self {
        let loaded = Arc::new(Loaded::new());
        let (kept, workers) = (Arc::clone(&loaded), runner.clone());
        store.subscribe(Arc::new(move |changes: &[Change]| {
            kept.invalidate(changes);
            for change in changes.iter().filter(|change| change.deleted && change.kind == Function::KIND) {
                workers.retire(&function_arn(&change.scope, &change.id));
            }
        }));
        let code_cache = CodeCache::new(config.cache_dir.clone(), config.runtime.clone());
        let dispatcher = Dispatcher::default();
        Self { shared: Arc::new(Shared { store, runner, config, code_cache, loaded, dispatcher }) }
    }

    /// Answers a call of the Lambda API. Every outcome is an answer.
    ///
    /// `caller` is who the listener says that it is; whether it may do this was decided before. `now` dates what is made.
    pub async fn handle(&self, caller: &Caller, request: Request<Bytes>, now: Timestamp) -> Response<AnswerBody> {
        let request_id = Uuid::new_v4();
        let result = self.run_operation(caller, request, now, request_id).await;
        identified(result.unwrap_or_else(|failure| refuse(&failure)), request_id)
    }

    /// Answers a call whose body is larger than [`BODY_BYTES_MAX`], so that the listener did not read it.
    #[must_use]
    pub fn refuse_oversized(method: &Method, uri: &Uri) -> Response<AnswerBody> {
        let failure = operations::find(method, uri.path(), &query_of(uri))
            .map_or(Failure::UnknownOperation, |(route, _)| oversized(route.name));
        identified(refuse(&failure), Uuid::new_v4())
    }

    async fn run_operation(
        &self,
        caller: &Caller,
        request: Request<Bytes>,
        now: Timestamp,
        request_id: Uuid,
    ) -> Result<Response<AnswerBody>> {
        let (head, body) = request.into_parts();
        let query = query_of(&head.uri);
        let found = operations::find(&head.method, head.uri.path(), &query);
        let (route, labels) = found.ok_or(Failure::UnknownOperation)?;
        if body.len() > BODY_BYTES_MAX {
            return Err(oversized(route.name));
        }
        let call = Call { caller: caller.clone(), labels, query, headers: head.headers, body, now };
        match route.handler {
            Handler::Do(operation) => self.execute(operation, call, request_id).await,
            Handler::EmptyList(member) => Ok(document(StatusCode::OK, &json!({ member: [] }))),
            Handler::Absent => Err(Failure::NotImplemented(route.name.to_owned())),
        }
    }

    async fn execute(&self, operation: Operation, call: Call, request_id: Uuid) -> Result<Response<AnswerBody>> {
        const OK: StatusCode = StatusCode::OK;
        const CREATED: StatusCode = StatusCode::CREATED;
        let (status, answer) = match operation {
            Operation::Invoke => return self.invoke(call, request_id).await.map(|response| response.map(Into::into)),
            Operation::InvokeWithResponseStream => return self.invoke_with_response_stream(call, request_id).await,
            Operation::DeleteFunction => return self.delete_function(call).await.map(no_content),
            Operation::DeleteFunctionConcurrency => {
                return self.delete_function_concurrency(call).await.map(no_content);
            }
            Operation::RemovePermission => return self.remove_permission(call).await.map(no_content),
            Operation::TagResource => return self.tag_resource(call).await.map(no_content),
            Operation::UntagResource => return self.untag_resource(call).await.map(no_content),
            Operation::DeleteAlias => return self.delete_alias(call).await.map(no_content),
            Operation::PublishVersion => (CREATED, self.publish_version(call).await),
            Operation::CreateAlias => (CREATED, self.create_alias(call).await),
            Operation::GetAlias => (OK, self.get_alias(call).await),
            Operation::UpdateAlias => (OK, self.update_alias(call).await),
            Operation::ListAliases => (OK, self.list_aliases(call).await),
            Operation::CreateFunction => (CREATED, self.create_function(call).await),
            Operation::AddPermission => (CREATED, self.add_permission(call).await),
            Operation::GetFunction => (OK, self.get_function(call).await),
            Operation::GetFunctionConfiguration => (OK, self.get_function_configuration(call).await),
            Operation::ListFunctions => (OK, self.list_functions(call).await),
            Operation::UpdateFunctionCode => (OK, self.update_function_code(call).await),
            Operation::UpdateFunctionConfiguration => (OK, self.update_function_configuration(call).await),
            Operation::ListVersionsByFunction => (OK, self.list_versions(call).await),
            Operation::GetPolicy => (OK, self.get_policy(call).await),
            Operation::GetFunctionConcurrency => (OK, self.get_function_concurrency(call).await),
            Operation::GetFunctionCodeSigningConfig => (OK, self.get_function_code_signing_config(call).await),
            Operation::GetAccountSettings => (OK, self.get_account_settings(call).await),
            Operation::ListTags => (OK, self.list_tags(call).await),
        };
        answer.map(|answer| document(status, &answer))
    }

    /// The package with this SHA-256 (64 hexadecimal digits), which `GET {base_url}/_lambdagate/code/{sha256}` serves as
    /// `application/zip`: the `Code.Location` of GetFunction.
    pub async fn code(&self, sha256: &str) -> Option<Bytes> {
        let hash: Sha256Hash = sha256.parse().ok()?;
        match self.store().read(move |reader| reader.get_blob(hash)).await {
            Ok(found) => found.map(Bytes::from),
            Err(error) => {
                tracing::error!(%error, "package cannot be read");
                None
            }
        }
    }

    pub(crate) fn store(&self) -> &Store {
        &self.shared.store
    }

    pub(crate) fn runner(&self) -> &Runner {
        &self.shared.runner
    }

    pub(crate) fn config(&self) -> &LambdaConfig {
        &self.shared.config
    }

    pub(crate) fn code_cache(&self) -> &CodeCache {
        &self.shared.code_cache
    }

    pub(crate) fn loaded(&self) -> &Loaded {
        &self.shared.loaded
    }

    pub(crate) fn dispatcher(&self) -> &Dispatcher {
        &self.shared.dispatcher
    }
}

fn query_of(uri: &Uri) -> Vec<(String, String)> {
    form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()).into_owned().collect()
}

fn oversized(operation: &str) -> Failure {
    let text = format!("Request must be smaller than {BODY_BYTES_MAX} bytes for the {operation} operation");
    Failure::EntityTooLarge(text)
}

fn identified(mut response: Response<AnswerBody>, request_id: Uuid) -> Response<AnswerBody> {
    // A UUID is letters, digits and hyphens, which any header can carry.
    if let Ok(value) = HeaderValue::try_from(request_id.to_string()) {
        response.headers_mut().insert("x-amzn-requestid", value);
    }
    response
}

fn refuse(failure: &Failure) -> Response<AnswerBody> {
    if failure.status().is_server_error() && !matches!(failure, Failure::NotImplemented(_)) {
        let source = std::error::Error::source(failure).map(ToString::to_string);
        tracing::error!(error = %failure, source, "Lambda call failed");
    }
    let mut response = document(failure.status(), &failure.document());
    response.headers_mut().insert("x-amzn-errortype", HeaderValue::from_static(failure.error_type()));
    response
}

fn document(status: StatusCode, document: &Value) -> Response<AnswerBody> {
    let mut response = Response::new(Bytes::from(document.to_string()).into());
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

fn no_content((): ()) -> Response<AnswerBody> {
    let mut response = Response::new(Bytes::new().into());
    *response.status_mut() = StatusCode::NO_CONTENT;
    response
}
