//! When workers start, are used again, and end.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use lambda::runner::{FunctionVersion, InvokeError, LogFormat, Runtime, ThrottleReason};
use serde_json::{Value, json};

use crate::fixture::{Host, changed, invocation};

const PID: &str = "import os\ndef handler(event, context): return os.getpid()";

/// Whether a process of this id exists and is no zombie of ours.
fn is_alive(pid: &Value) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit(')').next().is_some_and(|rest| !rest.is_empty() && !rest.trim_start().starts_with('Z'))
}

/// A function whose invocations wait until `count` of them run at the same time.
fn meeting(host: &Host, count: usize) -> Arc<FunctionVersion> {
    let place = host.scratch().join("meeting");
    std::fs::create_dir_all(&place).unwrap();
    let source = "import os, time
def handler(event, context):
    place = os.environ['PLACE']
    open(os.path.join(place, str(os.getpid())), 'w').close()
    while len(os.listdir(place)) < int(os.environ['COUNT']): time.sleep(0.002)
    return os.getpid()
";
    changed(&host.python(source), |function| {
        function.environment.insert("PLACE".into(), place.to_str().unwrap().into());
        function.environment.insert("COUNT".into(), count.to_string());
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_one_after_the_other_share_a_worker() {
    // However slow the machine is, a worker that has answered is waited for.
    let host = Host::start_with(|config| config.return_grace = Duration::from_secs(30));
    let node = host.node("exports.handler = async () => process.pid;");
    for function in [host.python(PID), node] {
        let first = host.invoke(&function, "{}").await;
        assert!(first.outcome.init_duration.is_some());
        for _ in 0..200 {
            let again = host.invoke(&function, "{}").await;
            assert_eq!(again.success(), first.success());
            assert_eq!(again.outcome.init_duration, None);
        }
    }
    assert_eq!(host.runner.worker_count(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_that_overlap_have_workers_of_their_own() {
    let host = Arc::new(Host::start());
    let function = meeting(&host, 3);
    let calls: Vec<_> = (0..3)
        .map(|_| {
            let (host, function) = (Arc::clone(&host), Arc::clone(&function));
            tokio::spawn(async move { host.invoke(&function, "{}").await.success().clone() })
        })
        .collect();
    let mut pids = BTreeSet::new();
    for call in calls {
        pids.insert(call.await.unwrap().as_u64());
    }
    assert_eq!(pids.len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_calls_at_once_are_all_answered() {
    let host = Arc::new(Host::start());
    let function = host.python("def handler(event, context): return event['n'] * 2");
    let calls: Vec<_> = (0..30)
        .map(|n| {
            let (host, function) = (Arc::clone(&host), Arc::clone(&function));
            tokio::spawn(async move { host.invoke(&function, &json!({"n": n}).to_string()).await.success().clone() })
        })
        .collect();
    for (n, call) in calls.into_iter().enumerate() {
        assert_eq!(call.await.unwrap(), json!(n * 2));
    }
}

#[test]
fn a_current_thread_runtime_may_call() {
    let home = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let host = home.block_on(async { Host::start() });
    let function = host.python(PID);
    let caller = tokio::runtime::Builder::new_current_thread().build().unwrap();
    caller.block_on(host.invoke(&function, "{}")).success();
    home.block_on(host.runner.shutdown());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_that_goes_away_does_not_cancel_the_function() {
    let host = Host::start();
    let mark = host.scratch().join("mark");
    let source =
        "import os\ndef handler(event, context):\n    open(os.environ['MARK'], 'a').write('x')\n    return os.getpid()";
    let function = changed(&host.python(source), |function| {
        function.environment.insert("MARK".into(), mark.to_str().unwrap().into());
    });
    // Polled once, so that it is queued, and dropped.
    let call = host.runner.invoke(&function, invocation(&function, "{}"));
    let _ = tokio::time::timeout(Duration::ZERO, call).await;
    host.invoke(&function, "{}").await.success();
    // The second call may have got a worker of its own that was faster.
    while std::fs::read_to_string(&mark).unwrap() != "xx" {
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revision_has_workers_of_its_own_and_retiring_ends_the_idle_ones() {
    let host = Host::start();
    let function = host.python(PID);
    let first = host.invoke(&function, "{}").await;
    let renewed = changed(&function, |_| {});
    let second = host.invoke(&renewed, "{}").await;
    assert_ne!(first.success(), second.success());
    host.runner.retire(&function.arn);
    let third = host.invoke(&renewed, "{}").await;
    assert_ne!(third.success(), second.success());
    host.runner.shutdown().await;
    for answer in [first, second, third] {
        assert!(!is_alive(answer.success()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retired_worker_finishes_what_it_does() {
    let host = Arc::new(Host::start());
    let function = meeting(&host, 2);
    let call = {
        let (host, function) = (Arc::clone(&host), Arc::clone(&function));
        tokio::spawn(async move { host.invoke(&function, "{}").await.success().clone() })
    };
    let place = host.scratch().join("meeting");
    while std::fs::read_dir(&place).unwrap().count() == 0 {
        tokio::task::yield_now().await;
    }
    host.runner.retire(&function.arn);
    std::fs::write(place.join("other"), "").unwrap();
    let old = call.await.unwrap();
    assert_ne!(host.invoke(&function, "{}").await.success(), &old);
}

#[tokio::test(flavor = "multi_thread")]
async fn shutdown_leaves_no_process_and_refuses_calls() {
    let host = Host::start();
    let stubborn = host.python(
        "import os, signal, subprocess
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = subprocess.Popen(['sleep', '1000'])
def handler(event, context): return [os.getpid(), child.pid]
",
    );
    let answer = host.invoke(&stubborn, "{}").await;
    let pids = answer.success().as_array().unwrap();
    assert!(pids.iter().all(is_alive));
    host.runner.shutdown().await;
    assert_eq!(host.runner.worker_count(), 0);
    // The grandchild is reaped by init, some time after it was killed.
    assert!(!is_alive(&pids[0]));
    while is_alive(&pids[1]) {
        tokio::task::yield_now().await;
    }
    let refused = host.try_invoke(&stubborn, invocation(&stubborn, "{}")).await;
    assert_eq!(refused.unwrap_err(), InvokeError::ShuttingDown);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_host_lets_calls_wait_and_then_throttles() {
    let host = Arc::new(Host::start_with(|config| {
        config.max_workers_per_function = 1;
        config.queue_timeout = Duration::from_millis(50);
    }));
    let function = meeting(&host, 2);
    let call = {
        let (host, function) = (Arc::clone(&host), Arc::clone(&function));
        tokio::spawn(async move { host.invoke(&function, "{}").await.success().clone() })
    };
    let place = host.scratch().join("meeting");
    while std::fs::read_dir(&place).unwrap().count() == 0 {
        tokio::task::yield_now().await;
    }
    let throttled = host.try_invoke(&function, invocation(&function, "{}")).await;
    let reason = ThrottleReason::ConcurrentInvocationLimitExceeded;
    assert_eq!(throttled.unwrap_err(), InvokeError::Throttled { reason });
    std::fs::write(place.join("other"), "").unwrap();
    call.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_function_without_workers_gets_the_place_of_an_idle_one() {
    let host = Host::start_with(|config| config.max_workers = 1);
    let (first, second) = (host.python(PID), host.python(PID));
    let pid = host.invoke(&first, "{}").await;
    assert_ne!(host.invoke(&second, "{}").await.success(), pid.success());
    assert_eq!(host.runner.worker_count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_idle_time_every_call_is_cold() {
    let host = Host::start_with(|config| config.idle_ttl = Duration::ZERO);
    let function = host.python(PID);
    let first = host.invoke(&function, "{}").await;
    let second = host.invoke(&function, "{}").await;
    assert_ne!(first.success(), second.success());
    assert!(second.outcome.init_duration.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_function_that_cannot_start_is_not_started_for_every_call() {
    let host = Host::start();
    let function = host.python("print('loading', flush=True)\nraise RuntimeError('no')\n");
    for _ in 0..20 {
        let answer = host.invoke(&function, "{}").await;
        assert_eq!(answer.json["errorType"], "RuntimeError");
    }
    let starts = host.log().iter().filter(|line| *line == "loading").count();
    assert!((1..20).contains(&starts), "{starts}");
}

#[tokio::test(flavor = "multi_thread")]
async fn json_logging_makes_every_record_an_object() {
    let host = Host::start();
    let node = host.node("exports.handler = async () => { console.warn('careful'); console.debug('hidden'); };");
    let python = host.python("import logging\ndef handler(event, context): logging.warning('careful')");
    for function in [node, python] {
        let function = changed(&function, |function| function.log_format = LogFormat::Json);
        let mut call = invocation(&function, "{}");
        call.log_tail = true;
        let answer = host.try_invoke(&function, call).await.unwrap();
        let id = answer.request_id.to_string();
        let tail = answer.outcome.log_tail.unwrap();
        let records: Vec<Value> =
            tail.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice(line).ok()).collect();
        assert_eq!(records.len(), 3, "{records:?}");
        assert_eq!((&records[0]["type"], &records[0]["record"]["requestId"]), (&json!("platform.start"), &json!(id)));
        assert_eq!((&records[1]["message"], &records[1]["requestId"]), (&json!("careful"), &json!(id)));
        assert_eq!(
            (&records[2]["type"], &records[2]["record"]["status"]),
            (&json!("platform.report"), &json!("success"))
        );
        assert_eq!(records[2]["record"]["metrics"]["memorySizeMB"], 512);
    }
}

/// Identifiers of AWS's list, and neighbours of them.
#[test]
fn runtime_identifiers_are_parsed_whole() {
    for identifier in ["nodejs18.x", "nodejs26.x", "python3.9", "python3.15", "provided"] {
        assert_eq!(identifier.parse::<Runtime>().map(|runtime| runtime.to_string()), Ok(identifier.to_owned()));
    }
    assert_eq!("provided.al2023".parse(), Ok(Runtime::Provided));
    for identifier in
        ["", "nodejs", "nodejs16.x", "nodejs27.x", "nodejs020.x", "nodejs20", "python3.8", "python3.+9", "java21"]
    {
        assert!(identifier.parse::<Runtime>().is_err(), "{identifier}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_answers_and_never_asks_again_ends_with_its_time() {
    let host = Host::start_with(|config| {
        config.max_workers_per_function = 1;
        config.queue_timeout = Duration::from_mins(1);
    });
    let source = "exports.handler = async () => { setImmediate(() => { for (;;); }); return process.pid; };";
    let function = changed(&host.node(source), |function| function.timeout = Duration::from_secs(1));
    let first = host.invoke(&function, "{}").await;
    let second = host.invoke(&function, "{}").await;
    assert_ne!(first.success(), second.success());
    assert!(!is_alive(first.success()));
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn a_daemon_does_not_outlive_the_runner() {
    let host = Host::start();
    let source = "import os, time
def handler(event, context):
    read, write = os.pipe()
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            os.write(write, str(os.getpid()).encode())
            time.sleep(1000)
        os._exit(0)
    os.wait()
    return int(os.read(read, 20))
";
    let daemon = host.invoke(&host.python(source), "{}").await.success().clone();
    assert!(is_alive(&daemon));
    host.runner.shutdown().await;
    while is_alive(&daemon) {
        tokio::task::yield_now().await;
    }
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn what_a_killed_gate_left_behind_ends_at_the_next_start() {
    let dir = tempfile::TempDir::new().unwrap();
    let scratch = dir.path().canonicalize().unwrap().join("scratch");
    let mut sleep = std::process::Command::new("sleep");
    sleep.arg("1000").env("AWS_LAMBDA_LOG_STREAM_NAME", "of an earlier run");
    let start = |sleep: &mut std::process::Command, runtime_dir: &str| {
        sleep.env("LAMBDA_RUNTIME_DIR", scratch.join(runtime_dir)).spawn().unwrap()
    };
    let (mut ours, mut other) = (start(&mut sleep, "runtime"), start(&mut sleep, "other"));
    let host = Host::start_with(|config| config.scratch_dir.clone_from(&scratch));
    assert!(!ours.wait().unwrap().success());
    assert!(is_alive(&json!(other.id())));
    other.kill().unwrap();
    other.wait().unwrap();
    host.runner.shutdown().await;
}
