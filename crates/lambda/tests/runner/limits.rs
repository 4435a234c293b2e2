//! Time, memory, size and crashes: the platform's words in a function's place.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;

use crate::fixture::{Host, changed, invocation};

#[tokio::test(flavor = "multi_thread")]
async fn a_function_over_its_time_is_killed_and_its_files_survive() {
    let host = Host::start();
    let function = host.python(
        "import os, time, tempfile
def handler(event, context):
    path = os.path.join(tempfile.gettempdir(), 'mark')
    if os.path.exists(path): return [os.getpid(), int(open(path).read())]
    open(path, 'w').write(str(os.getpid()))
    time.sleep(60)
",
    );
    let function = changed(&function, |function| function.timeout = Duration::from_secs(1));
    let first = host.invoke(&function, "{}").await;
    first.assert_error(
        r#"{"errorType":"Sandbox.Timedout","errorMessage":"RequestId: {id} Error: Task timed out after 1.00 seconds"}"#,
    );
    assert!(first.outcome.duration >= Duration::from_secs(1));
    let log = host.log().join("\n");
    assert!(log.contains(&format!("{} Task timed out after 1.00 seconds", first.request_id)), "{log}");
    assert!(log.contains("Status: timeout\t"), "{log}");
    let second = host.invoke(&function, "{}").await;
    let pids = second.success();
    assert_ne!(pids[0], pids[1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exit_or_a_signal_is_an_exit_error() {
    let host = Host::start();
    let cases = [
        ("import sys\ndef handler(e, c): sys.exit(0)", "Runtime exited without providing a reason"),
        ("import os\ndef handler(e, c): os._exit(3)", "Runtime exited with error: exit status 3"),
        ("import os\ndef handler(e, c): os.kill(os.getpid(), 9)", "Runtime exited with error: signal: killed"),
        ("import os\ndef handler(e, c): os.abort()", "Runtime exited with error: signal: aborted"),
        (
            "import os, signal\ndef handler(e, c): os.kill(os.getpid(), signal.SIGSEGV)",
            "Runtime exited with error: signal: segmentation fault",
        ),
    ];
    for (source, text) in cases {
        let answer = host.invoke(&host.python(source), "{}").await;
        let payload = r#"{"errorType":"Runtime.ExitError","errorMessage":"RequestId: {id} Error: TEXT"}"#;
        answer.assert_error(&payload.replace("TEXT", text));
    }
    let node = host.node("exports.handler = async () => process.exit(5);");
    host.invoke(&node, "{}").await.assert_error(
        r#"{"errorType":"Runtime.ExitError","errorMessage":"RequestId: {id} Error: Runtime exited with error: exit status 5"}"#,
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_while_loading_is_tried_twice_and_then_reported() {
    let host = Host::start();
    let source = "import os\nprint('attempt', flush=True)\nos._exit(4)\n";
    let answer = host.invoke(&host.python(source), "{}").await;
    answer.assert_error(
        r#"{"errorType":"Runtime.ExitError","errorMessage":"RequestId: {id} Error: Runtime exited with error: exit status 4"}"#,
    );
    assert_eq!(host.log().iter().filter(|line| *line == "attempt").count(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hanging_initialisation_continues_inside_the_invocation() {
    let host = Host::start_with(|config| config.init_timeout = Duration::from_secs(3));
    // The first attempt hangs, the second finds the mark of the first.
    let source = "import os, tempfile, time
path = os.path.join(tempfile.gettempdir(), 'mark')
if not os.path.exists(path):
    open(path, 'w').close()
    time.sleep(60)
def handler(event, context): return 'ready'
";
    let answer = host.invoke(&host.python(source), "{}").await;
    assert_eq!(answer.success(), "ready");
    assert_eq!(answer.outcome.init_duration, None);
    let forever = changed(&host.python("import time\ntime.sleep(60)\n"), |f| f.timeout = Duration::from_secs(1));
    host.invoke(&forever, "{}").await.assert_error(
        r#"{"errorType":"Sandbox.Timedout","errorMessage":"RequestId: {id} Error: Task timed out after 1.00 seconds"}"#,
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn more_memory_than_configured_ends_the_process() {
    let host = Host::start();
    let source = "import time
def handler(event, context):
    hog = bytearray(300 * 1024 * 1024)
    for i in range(0, len(hog), 4096): hog[i] = 1
    time.sleep(20)
";
    let function = changed(&host.python(source), |function| function.memory_mb = 128);
    let answer = host.invoke(&function, "{}").await;
    answer.assert_error(
        r#"{"errorType":"Runtime.ExitError","errorMessage":"RequestId: {id} Error: Runtime exited with error: signal: killed"}"#,
    );
    assert!(host.log().iter().any(|line| line.contains("Status: error\tError Type: Runtime.OutOfMemory\t")));
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_up_to_six_mebibytes_pass_and_larger_ones_do_not() {
    let host = Host::start();
    let limit = 6 * 1024 * 1024 + 100;
    let node = host.node("exports.handler = async (event) => 'x'.repeat(event.size - 2);");
    let python = host.python("def handler(event, context): return 'x' * (event['size'] - 2)");
    for function in [&node, &python] {
        let fits = host.invoke(function, &json!({"size": limit}).to_string()).await;
        fits.success();
        assert_eq!(fits.outcome.payload.len(), limit);
        host.invoke(function, &json!({"size": limit + 1}).to_string()).await.assert_error(
            r#"{"errorMessage":"Response payload size exceeded maximum allowed payload size (6291556 bytes).","errorType":"Function.ResponseSizeTooLarge"}"#,
        );
        host.invoke(function, r#"{"size":3}"#).await.success();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_event_arrives_whole() {
    let host = Host::start();
    let event = json!({"data": "é".repeat(3 * 1024 * 1024 - 100)}).to_string();
    let node = host.node("exports.handler = async (event) => event.data.length;");
    let python = host.python("def handler(event, context): return len(event['data'])");
    for function in [&node, &python] {
        assert_eq!(host.invoke(function, &event).await.success(), &json!(3 * 1024 * 1024 - 100));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_bootstrap_is_an_invalid_entrypoint() {
    let host = Host::start();
    let function = Arc::new(host.function("provided.al2023", "", &[("readme.txt", "")]));
    host.invoke(&function, "{}").await.assert_error(
        r#"{"errorType":"Runtime.InvalidEntrypoint","errorMessage":"RequestId: {id} Error: Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]"}"#,
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_tail_holds_the_last_four_kibibytes() {
    let host = Host::start();
    let function = host.python("def handler(event, context):\n    for i in range(2000): print(f'line {i:04}')\n");
    let mut call = invocation(&function, "{}");
    call.log_tail = true;
    let answer = host.try_invoke(&function, call).await.unwrap();
    let tail = answer.outcome.log_tail.unwrap();
    assert_eq!(tail.len(), 4096);
    let text = std::str::from_utf8(&tail).unwrap();
    assert!(text.contains("line 1999\nEND RequestId: "), "{text}");
    assert!(text.ends_with("\t\n"), "{text}");
}
