//! AWS: "Define Lambda function handler in Node.js".

use std::sync::Arc;

use serde_json::json;

use crate::fixture::{Host, changed, invocation};

#[tokio::test(flavor = "multi_thread")]
async fn handlers_of_every_style_answer() {
    let host = Host::start();
    let cases = [
        ("exports.handler = async (event) => ({ got: event });", json!({"got": {"a": 1}})),
        ("exports.handler = (event, context, callback) => callback(null, event.a);", json!(1)),
        (
            "exports.handler = (event, context, callback) => { setTimeout(() => callback(null, 'late'), 5); };",
            json!("late"),
        ),
        ("exports.handler = (event, context) => context.succeed('done');", json!("done")),
        ("exports.handler = (event, context) => { context.done(null, 7); };", json!(7)),
        ("exports.handler = async () => {};", json!(null)),
        ("exports.handler = () => {};", json!(null)),
        (
            "let open; exports.handler = (e, context, callback) => { context.callbackWaitsForEmptyEventLoop = false; \
             open = setInterval(() => {}, 1000); callback(null, 'at once'); };",
            json!("at once"),
        ),
        (
            "exports.handler = async (event, context) => { context.done(null, 'first'); return 'second'; };",
            json!("first"),
        ),
        (
            "exports.handler = (event, context) => { context.callbackWaitsForEmptyEventLoop = false; \
             return Promise.resolve().then(() => context.succeed('at once')); };",
            json!("at once"),
        ),
        ("exports.handler = async () => process.env.NODE_EXTRA_CA_CERTS ?? 'clean';", json!("clean")),
    ];
    for (source, expected) in cases {
        let answer = host.invoke(&host.node(source), r#"{"a":1}"#).await;
        assert_eq!(answer.success(), &expected, "{source}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_callback_waits_for_the_event_loop_to_drain() {
    let host = Host::start();
    let function = host.node(
        "const seen = []; exports.handler = (event, context, callback) => { \
         setTimeout(() => seen.push('timer'), 20); callback(null, seen); };",
    );
    assert_eq!(host.invoke(&function, "{}").await.success(), &json!(["timer"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn modules_are_found_where_lambda_finds_them() {
    let host = Host::start();
    let esm = "export const handler = async () => 'esm';";
    let cases: [(&str, &[(&str, &str)]); 6] = [
        ("index.handler", &[("index.mjs", esm)]),
        ("index.handler", &[("index.js", esm), ("package.json", r#"{"type":"module"}"#)]),
        ("index.handler", &[("index.cjs", "exports.handler = async () => 'esm';")]),
        ("src/deep/main.nested.run", &[("src/deep/main.js", "exports.nested = { run: async () => 'esm' };")]),
        (
            "index.handler",
            &[
                ("index.js", "const lib = require('lib'); exports.handler = async () => lib;"),
                ("node_modules/lib/index.js", "module.exports = 'esm';"),
            ],
        ),
        (
            "index.handler",
            &[("index.mjs", "await Promise.resolve(); export const handler = () => Promise.resolve('esm');")],
        ),
    ];
    for (handler, files) in cases {
        let function = Arc::new(host.function("nodejs20.x", handler, files));
        assert_eq!(host.invoke(&function, "{}").await.success(), &json!("esm"), "{files:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_have_the_runtime_s_own_shape() {
    let host = Host::start();
    let cases = [
        ("exports.handler = async () => { throw new TypeError('bad'); };", "TypeError", "bad"),
        ("exports.handler = (e, c, callback) => callback(new Error('no'));", "Error", "no"),
        ("exports.handler = (e, context) => context.fail(new RangeError('far'));", "RangeError", "far"),
        ("exports.handler = () => { throw new Error('sync'); };", "Error", "sync"),
        ("exports.handler = async () => ({ big: 1n });", "Error", "Unable to stringify response body"),
        (
            "exports.handler = async () => new Promise(() => {});",
            "Runtime.NodeJsExit",
            "the event loop ended before the handler's promise was settled",
        ),
    ];
    for (source, error_type, message) in cases {
        let answer = host.invoke(&host.node(source), "{}").await;
        assert!(answer.outcome.function_error.is_some(), "{source}: {}", answer.text());
        let keys: Vec<_> = answer.json.as_object().unwrap().keys().collect();
        assert_eq!(keys, ["errorType", "errorMessage", "trace"], "{source}");
        assert_eq!(answer.json["errorType"], error_type, "{source}");
        assert_eq!(answer.json["errorMessage"], message, "{source}");
        assert_eq!(answer.json["trace"][0], format!("{error_type}: {message}"), "{source}");
    }
    let thrown = host.invoke(&host.node("exports.handler = async () => { throw 'text'; };"), "{}").await;
    thrown.assert_error(r#"{"errorType":"string","errorMessage":"text","trace":[]}"#);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_loaded_is_an_init_error() {
    let host = Host::start();
    let cases = [
        ("index.handler", "require('absent');", "Runtime.ImportModuleError", "Error: Cannot find module 'absent'"),
        ("other.handler", "", "Runtime.ImportModuleError", "Error: Cannot find module 'other'"),
        (
            "index.handler",
            "exports.other = 1;",
            "Runtime.HandlerNotFound",
            "index.handler is undefined or not exported",
        ),
        ("index.handler", "exports.handler = 1;", "Runtime.HandlerNotFound", "index.handler is not a function"),
        ("index.handler", "exports.handler = (;", "Runtime.UserCodeSyntaxError", "SyntaxError: Unexpected token ';'"),
        ("index", "", "Runtime.MalformedHandlerName", "Bad handler"),
        (
            "../index.handler",
            "",
            "Runtime.MalformedHandlerName",
            "'../index.handler' is not a valid handler name. Use absolute paths when specifying root directories in \
             handler names.",
        ),
        ("index.handler", "throw new Error('at load');", "Error", "at load"),
    ];
    for (handler, source, error_type, message) in cases {
        let function = Arc::new(host.function("nodejs20.x", handler, &[("index.js", source)]));
        let answer = host.invoke(&function, "{}").await;
        assert!(answer.outcome.function_error.is_some());
        assert_eq!(answer.json["errorType"], error_type, "{}", answer.text());
        let first_line = answer.json["errorMessage"].as_str().unwrap().lines().next();
        assert_eq!(first_line, Some(message));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_that_nobody_catches_is_reported_and_ends_the_process() {
    let host = Host::start();
    let uncaught = host.node("exports.handler = () => { setTimeout(() => { throw new Error('later'); }, 1); };");
    let answer = host.invoke(&uncaught, "{}").await;
    assert_eq!((&answer.json["errorType"], &answer.json["errorMessage"]), (&json!("Error"), &json!("later")));
    let rejected = host.node("exports.handler = () => { Promise.reject(new Error('lost')); };");
    let answer = host.invoke(&rejected, "{}").await;
    assert_eq!(answer.json["errorType"], "Runtime.UnhandledPromiseRejection");
    assert_eq!(answer.json["errorMessage"], "Error: lost");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_context_and_the_environment_are_lambda_s() {
    let host = Host::start();
    let function = host.node(
        "exports.handler = async (event, context) => ({ context, left: context.getRemainingTimeInMillis(), \
         trace: process.env._X_AMZN_TRACE_ID, env: { ...process.env } });",
    );
    let function = changed(&function, |function| {
        function.environment.insert("MINE".into(), "yes".into());
        function.environment.insert("_HANDLER".into(), "never".into());
    });
    let mut call = invocation(&function, "{}");
    call.client_context = Some("{\"custom\":\n{\"k\":\"é\"}}".into());
    let trace = call.trace_id.clone();
    let answer = host.try_invoke(&function, call).await.unwrap();
    let value = answer.success();
    assert_eq!(value["context"]["awsRequestId"], answer.request_id.to_string());
    assert_eq!(value["context"]["memoryLimitInMB"], "512");
    assert_eq!(value["context"]["invokedFunctionArn"], &*function.arn);
    assert_eq!(value["context"]["clientContext"]["custom"]["k"], "é");
    let left = value["left"].as_i64().unwrap();
    assert!((20_000..=30_000).contains(&left), "{left}");
    assert_eq!(value["trace"], trace);
    let env = &value["env"];
    assert_eq!(env["MINE"], "yes");
    assert_eq!(env["_HANDLER"], "index.handler");
    assert_eq!(env["AWS_EXECUTION_ENV"], "AWS_Lambda_nodejs20.x");
    assert_eq!(env["LAMBDA_TASK_ROOT"], function.code_dir.to_str().unwrap());
    assert_eq!(env["AWS_LAMBDA_LOG_GROUP_NAME"], format!("/aws/lambda/{}", function.name));
    assert_eq!(env["TZ"], ":UTC");
    assert_eq!(env["HOME"], json!(null), "the gate's own variables stay outside");
}

#[tokio::test(flavor = "multi_thread")]
async fn console_records_carry_time_request_and_level() {
    let host = Host::start();
    let function = host.node(
        "console.log('loading'); exports.handler = async () => { console.error('a\\nb'); console.debug({ x: 1 }); };",
    );
    let mut call = invocation(&function, "{}");
    call.log_tail = true;
    let answer = host.try_invoke(&function, call).await.unwrap();
    let id = answer.request_id;
    let tail = answer.outcome.log_tail.clone().unwrap();
    let tail = std::str::from_utf8(&tail).unwrap();
    let lines: Vec<_> = tail.split_terminator('\n').collect();
    assert_eq!(lines[0], format!("START RequestId: {id} Version: $LATEST"));
    assert!(lines[1].ends_with(&format!("Z\t{id}\tERROR\ta\rb")), "{tail}");
    assert!(lines[2].ends_with(&format!("Z\t{id}\tDEBUG\t{{ x: 1 }}")), "{tail}");
    assert_eq!(lines[3], format!("END RequestId: {id}"));
    assert!(lines[4].starts_with(&format!("REPORT RequestId: {id}\tDuration: ")), "{tail}");
    assert!(lines[4].contains(" MB\tInit Duration: "), "{tail}");
    assert_eq!(lines.len(), 5);
    assert!(host.log().iter().any(|line| line.ends_with("Z\tundefined\tINFO\tloading")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_log_line_does_not_cost_the_answer() {
    let host = Host::start();
    let source = "const fs = require('node:fs');
exports.handler = async (event) => {
    fs.closeSync(1);
    console.log('lost');
    if (event.fail) throw new Error('told');
    return 'answered';
};";
    assert_eq!(host.invoke(&host.node(source), "{}").await.success(), "answered");
    let failed = host.invoke(&host.node(source), r#"{"fail":true}"#).await;
    assert_eq!(failed.json["errorMessage"], "told");
}
