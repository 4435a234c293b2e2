//! Any calls of the account's services are answered, and none by a failure inside.
//!
//! Calls are separated by a line `---`. The first line of a call is the service (`iam`, `sts`, `logs`, `metrics-query`,
//! `metrics-json`, `metrics-cbor`) and, of those that are not named in the body, the operation; the other lines are the body.
#![no_main]

use std::sync::LazyLock;

use account::{
    Account, Service,
    logs::{self, LogWriter, Logs},
    metrics::{self, MetricWriter, Metrics},
};
use bytes::Bytes;
use definition::{Caller, Scope};
use http::Request;
use jiff::Timestamp;
use store::Store;
use tokio::runtime::{Builder, Runtime};

/// More calls than this tell nothing new.
const CALLS_MAX: usize = 12;
const SEPARATOR: &[u8] = b"\n---\n";

static RUNTIME: LazyLock<Runtime> =
    LazyLock::new(|| Builder::new_current_thread().enable_time().build().expect("a runtime"));
static SERVICES: LazyLock<Services> = LazyLock::new(Services::start);

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    RUNTIME.block_on(async {
        let mut rest = bytes;
        for _ in 0..CALLS_MAX {
            let end = rest.windows(SEPARATOR.len()).position(|window| window == SEPARATOR);
            SERVICES.call(&rest[..end.unwrap_or(rest.len())]).await;
            let Some(end) = end else { break };
            rest = &rest[end + SEPARATOR.len()..];
        }
        SERVICES.store.write(|transaction| transaction.clear()).await.expect("an empty store");
    });
});

struct Services {
    store: Store,
    account: Account,
    logs: Logs,
    metrics: Metrics,
    caller: Caller,
}

impl Services {
    fn start() -> Self {
        let (store, runtime) = (Store::in_memory().expect("a store"), RUNTIME.handle());
        let clock = || Timestamp::UNIX_EPOCH;
        Self {
            account: Account::new(store.clone()),
            logs: Logs::new(store.clone(), LogWriter::start(store.clone(), runtime, clock)),
            metrics: Metrics::new(store.clone(), MetricWriter::start(store.clone(), runtime, clock)),
            caller: Caller {
                scope: Scope { account: "000000000000".to_owned(), region: "us-east-1".to_owned() },
                access_key: None,
                user_arn: "arn:aws:iam::000000000000:root".to_owned(),
                user_id: "000000000000".to_owned(),
            },
            store,
        }
    }

    async fn call(&self, call: &[u8]) {
        let end = call.iter().position(|byte| *byte == b'\n').unwrap_or(call.len());
        let Ok(line) = std::str::from_utf8(&call[..end]) else { return };
        let (service, operation) = line.split_once(' ').unwrap_or((line, ""));
        let body = Bytes::copy_from_slice(call.get(end + 1..).unwrap_or_default());
        let (path, target) = match service {
            "logs" => ("/".to_owned(), Some(format!("{}{operation}", logs::TARGET_PREFIX))),
            "metrics-json" => ("/".to_owned(), Some(format!("{}{operation}", metrics::TARGET_PREFIX))),
            "metrics-cbor" => (format!("{}{operation}", metrics::PATH_PREFIX), None),
            _ => ("/".to_owned(), None),
        };
        let mut request = Request::post(path);
        if let Some(target) = target {
            request = request.header("x-amz-target", target);
        }
        let Ok(request) = request.body(body) else { return };
        let (caller, now) = (&self.caller, Timestamp::UNIX_EPOCH);
        let response = match service {
            "iam" => self.account.handle(Service::Iam, caller, request, now).await,
            "sts" => self.account.handle(Service::Sts, caller, request, now).await,
            "logs" => self.logs.handle(caller, request, now).await,
            "metrics-query" | "metrics-json" | "metrics-cbor" => self.metrics.handle(caller, request, now).await,
            _ => return,
        };
        assert!(!response.status().is_server_error(), "{line}: {}", response.status());
    }
}
