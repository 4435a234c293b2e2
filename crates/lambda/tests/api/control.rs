//! Create, read, list, update, delete, tags ("Lambda API reference").

use http::Method;
use lambda::{BODY_BYTES_MAX, Lambda};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::fixture::{ARN, ECHO, ROLE, Service, node, zip};

const FUNCTION: &str = "/2015-03-31/functions/f";

#[tokio::test(flavor = "multi_thread")]
async fn a_function_is_pending_when_it_is_made_and_active_when_it_is_read() {
    let dir = TempDir::new().unwrap();
    let service = Service::start(&dir);
    let created = service.create_node(ECHO).await;
    assert_eq!(created["State"], "Pending");
    assert_eq!(created["StateReasonCode"], "Creating");
    assert_eq!(created["LastUpdateStatus"], Value::Null);
    assert_eq!(created["FunctionArn"], ARN);
    for absent in ["Environment", "Layers", "VpcConfig", "DeadLetterConfig", "KMSKeyArn"] {
        assert!(created.get(absent).is_none(), "{absent}");
    }
    let (status, got) = service.call("GET", FUNCTION, Value::Null).await;
    assert_eq!(status, 200);
    let configuration = &got["Configuration"];
    let expected = json!({
        "FunctionName": "f", "FunctionArn": ARN, "Runtime": "nodejs20.x", "Role": ROLE, "Handler": "index.handler",
        "Description": "", "Timeout": 20, "MemorySize": 256, "Version": "$LATEST", "PackageType": "Zip",
        "TracingConfig": { "Mode": "PassThrough" }, "Architectures": ["x86_64"], "EphemeralStorage": { "Size": 512 },
        "SnapStart": { "ApplyOn": "None", "OptimizationStatus": "Off" },
        "LoggingConfig": { "LogFormat": "Text", "LogGroup": "/aws/lambda/f" },
        "State": "Active", "LastUpdateStatus": "Successful",
    });
    for (member, value) in expected.as_object().unwrap() {
        assert_eq!(&configuration[member], value, "{member}");
    }
    assert_ne!(configuration["RevisionId"], created["RevisionId"]);
    assert_eq!(configuration["CodeSha256"].as_str().unwrap().len(), 44);
    let modified = configuration["LastModified"].as_str().unwrap();
    assert!(modified.ends_with("+0000") && modified.len() == 28, "{modified}");

    let location = got["Code"]["Location"].as_str().unwrap();
    let sha256 = location.strip_prefix("http://127.0.0.1:4566/_lambdagate/code/").unwrap();
    let package = service.lambda.code(sha256).await.unwrap();
    assert_eq!(package.len() as u64, configuration["CodeSize"].as_u64().unwrap());
    assert_eq!(service.lambda.code(&"0".repeat(64)).await, None);

    let (_, qualified) = service.call("GET", &format!("{FUNCTION}/configuration?Qualifier=$LATEST"), Value::Null).await;
    assert_eq!(qualified["FunctionArn"], format!("{ARN}:$LATEST"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_update_keeps_what_it_does_not_name() {
    let dir = TempDir::new().unwrap();
    let service = Service::start(&dir);
    let created = service.create_node(ECHO).await;
    let configuration = format!("{FUNCTION}/configuration");
    let input = json!({ "Timeout": 9, "Environment": { "Variables": { "B_1": "2", "AA": "1" } } });
    let (status, updated) = service.call("PUT", &configuration, input).await;
    assert_eq!((status, &updated["LastUpdateStatus"]), (200, &json!("InProgress")));
    assert_eq!((&updated["Timeout"], &updated["MemorySize"]), (&json!(9), &json!(256)));
    assert_eq!(updated["Environment"].to_string(), r#"{"Variables":{"B_1":"2","AA":"1"}}"#);
    let (_, updated) = service.call("PUT", &configuration, json!({ "Environment": { "Variables": {} } })).await;
    assert_eq!(updated["Environment"], json!({ "Variables": {} }));

    let code = json!({ "ZipFile": zip(&[("index.js", "exports.handler = async () => 2;")]), "DryRun": true });
    let (status, dry) = service.call("PUT", &format!("{FUNCTION}/code"), code.clone()).await;
    assert_eq!(status, 200);
    assert_ne!(dry["CodeSha256"], created["CodeSha256"]);
    let (_, got) = service.call("GET", &configuration, Value::Null).await;
    assert_eq!(got["CodeSha256"], created["CodeSha256"]);
    let code = json!({ "ZipFile": code["ZipFile"], "RevisionId": got["RevisionId"] });
    let (_, updated) = service.call("PUT", &format!("{FUNCTION}/code"), code.clone()).await;
    assert_eq!(updated["CodeSha256"], dry["CodeSha256"]);
    let text = "The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to \
                retrieve the latest Revision Id";
    let answer = json!({ "Type": "User", "message": text });
    service.refuses("PUT", &format!("{FUNCTION}/code"), code, 412, "PreconditionFailedException", answer).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn functions_are_listed_in_pages_of_at_most_fifty() {
    let dir = TempDir::new().unwrap();
    let service = Service::start(&dir);
    for index in 0..53 {
        service.create(node(&format!("f{index}"), ECHO)).await;
    }
    let (_, page) = service.call("GET", "/2015-03-31/functions/?MaxItems=10000", Value::Null).await;
    assert_eq!(page["Functions"].as_array().unwrap().len(), 50);
    for absent in ["State", "LastUpdateStatus", "RuntimeVersionConfig"] {
        assert!(page["Functions"][0].get(absent).is_none(), "{absent}");
    }
    let marker = page["NextMarker"].as_str().unwrap();
    let target = format!("/2015-03-31/functions?FunctionVersion=ALL&Marker={marker}");
    let (_, page) = service.call("GET", &target, Value::Null).await;
    let arns: Vec<_> = page["Functions"].as_array().unwrap().iter().map(|item| &item["FunctionArn"]).collect();
    assert_eq!(arns.len(), 3);
    assert_eq!(arns[2], "arn:aws:lambda:us-east-1:000000000000:function:f52:$LATEST");
    assert!(page.get("NextMarker").is_none());
    let (_, settings) = service.call("GET", "/2016-08-19/account-settings", Value::Null).await;
    assert_eq!(settings["AccountUsage"]["FunctionCount"], 53);
    assert_eq!(settings["AccountLimit"]["CodeSizeZipped"], 52_428_800);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_function_is_gone_with_all_that_is_its_own() {
    let dir = TempDir::new().unwrap();
    let service = Service::start(&dir);
    service.create_node(ECHO).await;
    let latest =
        json!({ "Type": "User", "message": "$LATEST version cannot be deleted without deleting the function." });
    let target = format!("{FUNCTION}?Qualifier=$LATEST");
    service.refuses("DELETE", &target, Value::Null, 400, "InvalidParameterValueException", latest).await;
    let alias = json!({ "Type": "User", "message": "Deletion of aliases is not currently supported." });
    let target = format!("{FUNCTION}?Qualifier=prod");
    service.refuses("DELETE", &target, Value::Null, 400, "InvalidParameterValueException", alias).await;
    assert_eq!(service.call("DELETE", &format!("{FUNCTION}?Qualifier=7"), Value::Null).await.0, 204);
    assert_eq!(service.call("DELETE", FUNCTION, Value::Null).await, (204, Value::Null));
    let gone = json!({ "Type": "User", "Message": format!("Function not found: {ARN}") });
    for (method, target, body) in [
        ("GET", FUNCTION.to_owned(), Value::Null),
        ("DELETE", FUNCTION.to_owned(), Value::Null),
        ("GET", format!("{FUNCTION}/configuration"), Value::Null),
        ("PUT", format!("{FUNCTION}/configuration"), json!({})),
        ("PUT", format!("{FUNCTION}/code"), json!({ "ZipFile": zip(&[("a", "b")]) })),
        ("GET", format!("{FUNCTION}/versions"), Value::Null),
        ("GET", "/2019-09-30/functions/f/concurrency".to_owned(), Value::Null),
        ("GET", "/2020-06-30/functions/f/code-signing-config".to_owned(), Value::Null),
        ("GET", format!("/2017-03-31/tags/{ARN}"), Value::Null),
        ("GET", format!("{FUNCTION}/policy"), Value::Null),
    ] {
        service.refuses(method, &target, body, 404, "ResourceNotFoundException", gone.clone()).await;
    }
    let invoked = json!({ "Type": "User", "Message": format!("Function not found: {ARN}:$LATEST") });
    let target = format!("{FUNCTION}/invocations");
    service.refuses("POST", &target, json!({}), 404, "ResourceNotFoundException", invoked).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tags_belong_to_the_function() {
    let dir = TempDir::new().unwrap();
    let service = Service::start(&dir);
    let mut input = node("f", ECHO);
    input["Tags"] = json!({ "team": "a" });
    service.create(input).await;
    let tags = format!("/2017-03-31/tags/{}", ARN.replace(':', "%3A"));
    assert_eq!(service.call("POST", &tags, json!({ "Tags": { "b": "1", "c": "2" } })).await.0, 204);
    assert_eq!(service.call("DELETE", &format!("{tags}?tagKeys=team&tagKeys=b"), Value::Null).await.0, 204);
    assert_eq!(service.call("GET", &tags, Value::Null).await, (200, json!({ "Tags": { "c": "2" } })));
    assert_eq!(service.call("GET", FUNCTION, Value::Null).await.1["Tags"], json!({ "c": "2" }));
    let many: serde_json::Map<_, _> = (0..50).map(|index| (format!("k{index}"), json!("v"))).collect();
    let answer = json!({ "Type": "User", "message": "Number of tags exceeds resource tag limit." });
    service.refuses("POST", &tags, json!({ "Tags": many }), 400, "InvalidParameterValueException", answer).await;
    let text = "Tags on function aliases and versions are not supported. Please specify a function ARN.";
    let answer = json!({ "Type": "User", "message": text });
    service.refuses("GET", &format!("{tags}%3A1"), Value::Null, 400, "InvalidParameterValueException", answer).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_absent_says_so_and_what_is_unknown_too() {
    let dir = TempDir::new().unwrap();
    let service = Service::start(&dir);
    service.create_node(ECHO).await;
    let absent = |name: &str| json!({ "message": format!("{name} is not available in LambdaGate; COMPATIBILITY.md lists what is") });
    for (method, target, name) in [
        ("POST", "/2021-10-31/functions/f/url", "CreateFunctionUrlConfig"),
        ("PUT", "/2017-10-31/functions/f/concurrency", "PutFunctionConcurrency"),
        ("PUT", "/2019-09-25/functions/f/event-invoke-config", "PutFunctionEventInvokeConfig"),
        ("POST", "/2015-03-31/event-source-mappings/", "CreateEventSourceMapping"),
    ] {
        service.refuses(method, target, json!({}), 501, "NotImplementedException", absent(name)).await;
    }
    let list = service.call("GET", "/2015-03-31/event-source-mappings/", Value::Null).await;
    assert_eq!(list, (200, json!({ "EventSourceMappings": [] })));
    assert_eq!(service.call("GET", "/2019-09-30/functions/f/concurrency", Value::Null).await, (200, json!({})));
    let concurrency = "/2017-10-31/functions/f/concurrency";
    assert_eq!(service.call("DELETE", concurrency, Value::Null).await, (204, Value::Null));
    let missing = json!({ "Type": "User", "Message": format!("Function not found: {}g", ARN.trim_end_matches('f')) });
    let other = "/2017-10-31/functions/g/concurrency";
    service.refuses("DELETE", other, Value::Null, 404, "ResourceNotFoundException", missing).await;
    let signing = service.call("GET", "/2020-06-30/functions/f/code-signing-config", Value::Null).await;
    assert_eq!(signing, (200, json!({ "FunctionName": "f" })));
    let (_, versions) = service.call("GET", &format!("{FUNCTION}/versions"), Value::Null).await;
    assert_eq!(versions["Versions"][0]["FunctionArn"], format!("{ARN}:$LATEST"));
    let unknown = json!({ "message": null });
    service.refuses("PATCH", FUNCTION, Value::Null, 404, "UnknownOperationException", unknown).await;
    let missing = json!({ "Type": "User", "Message": format!("Function not found: {ARN}:7") });
    let target = format!("{FUNCTION}?Qualifier=7");
    service.refuses("GET", &target, Value::Null, 404, "ResourceNotFoundException", missing).await;
}

#[test]
fn a_body_that_no_operation_takes_is_refused_in_the_operations_name() {
    let answer = Lambda::refuse_oversized(&Method::POST, &"/2015-03-31/functions".parse().unwrap());
    assert_eq!(answer.status().as_u16(), 413);
    assert_eq!(answer.headers()["x-amzn-errortype"], "RequestEntityTooLargeException");
    let message = format!("Request must be smaller than {BODY_BYTES_MAX} bytes for the CreateFunction operation");
    let body: Value = serde_json::from_slice(answer.body().as_whole().unwrap()).unwrap();
    assert_eq!(body, json!({ "Type": "User", "message": message }));
    let nothing = Lambda::refuse_oversized(&Method::POST, &"/2015-03-31/nothing".parse().unwrap());
    assert_eq!(nothing.status().as_u16(), 404);
}
