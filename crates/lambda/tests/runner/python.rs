//! AWS: "Define Lambda function handler in Python".

use std::sync::Arc;

use serde_json::json;

use crate::fixture::{Host, changed, invocation};

#[tokio::test(flavor = "multi_thread")]
async fn a_handler_answers_json_or_bytes() {
    let host = Host::start();
    let cases = [
        ("def handler(event, context): return {'got': event}", r#"{"got": {"a": "é"}}"#),
        ("def handler(event, context): return None", "null"),
        ("def handler(event, context): return b'raw'", "raw"),
        ("from decimal import Decimal\ndef handler(event, context): return [Decimal('1.10'), 'x']", r#"[1.10, "x"]"#),
    ];
    for (source, expected) in cases {
        let answer = host.invoke(&host.python(source), r#"{"a":"é"}"#).await;
        answer.success();
        assert_eq!(answer.text().replace("\\u00e9", "é"), expected);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exception_has_the_runtime_s_own_shape() {
    let host = Host::start();
    let function = host.python("def handler(event, context):\n    raise ValueError('bad value')\n");
    let answer = host.invoke(&function, "{}").await;
    let file = function.code_dir.join("app.py");
    let frame = format!("  File \"{}\", line 2, in handler\n    raise ValueError('bad value')\n", file.display());
    let expected = json!({
        "errorMessage": "bad value",
        "errorType": "ValueError",
        "requestId": answer.request_id.to_string(),
        "stackTrace": [frame],
    });
    assert!(answer.outcome.function_error.is_some());
    assert_eq!(answer.json, expected);
    let logged = host.log().into_iter().find(|line| line.starts_with("[ERROR]")).unwrap();
    let path = file.display();
    assert_eq!(
        logged,
        format!(
            "[ERROR] ValueError: bad value\rTraceback (most recent call last):\r\u{a0}\u{a0}File \"{path}\", line 2, in \
             handler\r\u{a0}\u{a0}\u{a0}\u{a0}raise ValueError('bad value')"
        )
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_loaded_is_an_init_error() {
    let host = Host::start();
    let cases = [
        (
            "app.handler",
            "import absent",
            "Runtime.ImportModuleError",
            "Unable to import module 'app': No module named 'absent'",
        ),
        ("other.handler", "", "Runtime.ImportModuleError", "Unable to import module 'other': No module named 'other'"),
        ("app.missing", "", "Runtime.HandlerNotFound", "Handler 'missing' missing on module 'app'"),
        (
            "app",
            "",
            "Runtime.MalformedHandlerName",
            "Bad handler 'app': not enough values to unpack (expected 2, got 1)",
        ),
        ("sys.handler", "", "Runtime.BuiltInModuleConflict", "Cannot use built-in module sys as a handler module"),
        ("app.handler", "raise KeyError('at load')", "KeyError", "'at load'"),
    ];
    for (handler, source, error_type, message) in cases {
        let function = Arc::new(host.function("python3.11", handler, &[("app.py", source)]));
        let answer = host.invoke(&function, "{}").await;
        assert!(answer.outcome.function_error.is_some());
        assert_eq!(answer.json["errorType"], error_type, "{}", answer.text());
        assert_eq!(answer.json["errorMessage"], message);
        assert_eq!(answer.json["requestId"], "");
    }
    let broken = Arc::new(host.function("python3.11", "app.handler", &[("app.py", "def handler(:\n")]));
    let answer = host.invoke(&broken, "{}").await;
    assert_eq!(answer.json["errorType"], "Runtime.UserCodeSyntaxError");
    let message = answer.json["errorMessage"].as_str().unwrap();
    assert!(message.starts_with("Syntax error in module 'app': invalid syntax (app.py, line 1)"), "{message}");
}

#[tokio::test(flavor = "multi_thread")]
async fn data_that_is_no_json_is_an_error_of_its_direction() {
    let host = Host::start();
    let identity = host.python("def handler(event, context): return {1, 2} if event else 1");
    let answer = host.invoke(&identity, "{\"a\":1}").await;
    assert_eq!(answer.json["errorType"], "Runtime.MarshalError");
    assert_eq!(answer.json["errorMessage"], "Unable to marshal response: Object of type set is not JSON serializable");
    assert_eq!(host.invoke(&identity, "not json").await.json["errorType"], "Runtime.UnmarshalError");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_context_and_the_log_are_lambda_s() {
    let host = Host::start();
    let source = "import logging, os
def handler(event, context):
    logging.warning('careful\\nplease')
    logging.info('not shown')
    print('plain')
    return {'id': context.aws_request_id, 'memory': context.memory_limit_in_mb, 'name': context.function_name,
            'left': context.get_remaining_time_in_millis(), 'client': context.client_context.client.app_title,
            'home': os.environ.get('HOME'), 'trace': os.environ['_X_AMZN_TRACE_ID']}
";
    let function = changed(&host.python(source), |function| function.memory_mb = 256);
    let mut call = invocation(&function, "{}");
    call.client_context = Some(r#"{"client":{"app_title":"t"}}"#.into());
    call.log_tail = true;
    let trace = call.trace_id.clone();
    let answer = host.try_invoke(&function, call).await.unwrap();
    let value = answer.success();
    let id = answer.request_id;
    assert_eq!(value["id"], id.to_string());
    assert_eq!(value["memory"], "256");
    assert_eq!(value["name"], &*function.name);
    assert_eq!(value["client"], "t");
    assert_eq!(value["home"], json!(null));
    assert_eq!(value["trace"], trace);
    assert!((20_000..=30_000).contains(&value["left"].as_i64().unwrap()));
    let tail = answer.outcome.log_tail.as_deref().map(std::str::from_utf8).unwrap().unwrap();
    let lines: Vec<_> = tail.split_terminator('\n').collect();
    assert!(lines[1].starts_with("[WARNING]\t") && lines[1].ends_with(&format!("Z\t{id}\tcareful\rplease")), "{tail}");
    assert_eq!(lines[2], "plain");
    assert_eq!(lines[3], format!("END RequestId: {id}"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_log_line_does_not_cost_the_answer() {
    let host = Host::start();
    for (body, error_type) in [
        ("sys.stdout.close(); sys.stderr.close(); raise ValueError('closed')", "ValueError"),
        ("os.close(1); os.close(2); raise ValueError('closed')", "ValueError"),
        ("raise KeyError('\\ud800')", "KeyError"),
    ] {
        let function = host.python(&format!("import os, sys\ndef handler(event, context): {body}\n"));
        for _ in 0..2 {
            let answer = host.invoke(&function, "{}").await;
            assert!(
                answer.json["errorType"] == error_type || answer.json["errorType"] == "OSError",
                "{}",
                answer.text()
            );
        }
        assert_eq!(host.runner.worker_count(), 1, "{body}");
        host.runner.retire(&function.arn);
        while host.runner.worker_count() > 0 {
            tokio::task::yield_now().await;
        }
    }
}
