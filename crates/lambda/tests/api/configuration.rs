//! What a new function may not be.

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::fixture::{ECHO, Service, node};

const FUNCTIONS: &str = "/2015-03-31/functions";

struct Case {
    members: Value,
    status: u16,
    error: &'static str,
    text: String,
}

fn invalid(members: Value, text: &str) -> Case {
    Case { members, status: 400, error: "ValidationException", text: format!("1 validation error detected: {text}") }
}

fn senseless(members: Value, text: &str) -> Case {
    Case { members, status: 400, error: "InvalidParameterValueException", text: text.to_owned() }
}

fn absent(members: Value, what: &str) -> Case {
    let text = format!("{what} is not available in LambdaGate; COMPATIBILITY.md lists what is");
    Case { members, status: 501, error: "NotImplementedException", text }
}

async fn check(service: &Service, cases: Vec<Case>) {
    for case in cases {
        let mut input = node("f", ECHO);
        for (member, value) in case.members.as_object().unwrap() {
            input[member] = value.clone();
        }
        let (status, error, answer) = service.refusal("POST", FUNCTIONS, &input).await;
        assert_eq!((status, error.as_str()), (case.status, case.error), "{} {answer}", case.members);
        assert_eq!(answer["message"], case.text, "{}", case.members);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn members_keep_to_the_service_model() {
    let dir = TempDir::new().unwrap();
    let service = Service::start(&dir);
    let long = "d".repeat(257);
    check(&service, vec![
        invalid(json!({ "Role": null }), "Value null at 'role' failed to satisfy constraint: Member must not be null"),
        invalid(json!({ "Timeout": 0 }), "Value '0' at 'timeout' failed to satisfy constraint: Member must have value greater than or equal to 1"),
        invalid(json!({ "Timeout": 901 }), "Value '901' at 'timeout' failed to satisfy constraint: Member must have value less than or equal to 900"),
        invalid(json!({ "MemorySize": 127 }), "Value '127' at 'memorySize' failed to satisfy constraint: Member must have value greater than or equal to 128"),
        invalid(json!({ "EphemeralStorage": { "Size": 511 } }), "Value '511' at 'ephemeralStorage.size' failed to satisfy constraint: Member must have value greater than or equal to 512"),
        invalid(json!({ "Description": long }), &format!("Value '{long}' at 'description' failed to satisfy constraint: Member must have length less than or equal to 256")),
        invalid(json!({ "Handler": "a b" }), r"Value 'a b' at 'handler' failed to satisfy constraint: Member must satisfy regular expression pattern: [^\s]+"),
        invalid(json!({ "Role": "me" }), r"Value 'me' at 'role' failed to satisfy constraint: Member must satisfy regular expression pattern: arn:(aws[a-zA-Z-]*)?:iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+"),
        invalid(json!({ "Architectures": ["mips"] }), "Value '[mips]' at 'architectures' failed to satisfy constraint: Member must satisfy constraint: [Member must satisfy enum value set: [x86_64, arm64], Member must not be null]"),
        invalid(json!({ "TracingConfig": { "Mode": "On" } }), "Value 'On' at 'tracingConfig.mode' failed to satisfy constraint: Member must satisfy enum value set: [Active, PassThrough]"),
    ]).await;
    let (status, error, _) = service.refusal("POST", FUNCTIONS, &json!({ "Timeout": "3" })).await;
    assert_eq!((status, error.as_str()), (400, "SerializationException"));
    let (_, _, answer) = service.refusal("POST", FUNCTIONS, &json!({})).await;
    let text = answer["message"].as_str().unwrap();
    assert!(text.starts_with("3 validation errors detected: Value null at 'functionName'"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn values_make_sense_for_a_function() {
    let dir = TempDir::new().unwrap();
    let service = Service::start(&dir);
    let pair = |length: usize| json!({ "Environment": { "Variables": { "AA": "x".repeat(length - 9) } } });
    let over = format!(
        "Lambda was unable to configure your environment variables because the environment variables you have provided \
         exceeded the 4KB limit. String measured: {}",
        pair(4097)["Environment"]["Variables"]
    );
    let unzippable = "Could not unzip uploaded file. Please check your file, then try to upload again.";
    let long = "f".repeat(65);
    check(&service, vec![
        senseless(json!({ "Runtime": null }), "Runtime and Handler are mandatory parameters for functions created with deployment packages."),
        senseless(json!({ "Runtime": "nodejs4" }), "Value nodejs4 at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: [nodejs24.x, nodejs22.x, nodejs20.x, nodejs18.x, python3.14, python3.13, python3.12, python3.11, python3.10, python3.9, provided.al2023, provided.al2, provided] or be a valid ARN"),
        senseless(pair(4097), &over),
        senseless(json!({ "Environment": { "Variables": { "AWS_REGION": "x", "_HANDLER": "y" } } }), "Lambda was unable to configure your environment variables because the environment variables you have provided contains reserved keys that are currently not supported for modification. Reserved keys used in this request: AWS_REGION, _HANDLER"),
        senseless(json!({ "LoggingConfig": { "ApplicationLogLevel": "DEBUG" } }), "LogLevel is not supported when LogFormat is set to \"Text\". Remove LogLevel from your request or change the LogFormat to \"JSON\" and try again."),
        senseless(json!({ "Code": { "ZipFile": "AAAA" } }), unzippable),
        senseless(json!({ "Code": { "ZipFile": "" } }), "Uploaded file must be a non-empty zip"),
        senseless(json!({ "FunctionName": long }), &format!("1 validation error detected: Value '{long}' at 'functionName' failed to satisfy constraint: Member must have length less than or equal to 64")),
    ]).await;
    let mut fits = node("fits", ECHO);
    fits["Environment"] = pair(4096)["Environment"].clone();
    service.create(fits).await;
    let twice = json!({ "Type": "User", "message": "Function already exist: fits" });
    service.refuses("POST", FUNCTIONS, node("fits", ECHO), 409, "ResourceConflictException", twice).await;
    let elsewhere = node("111111111111:function:f", ECHO);
    service.refuses("POST", FUNCTIONS, elsewhere, 403, "AccessDeniedException", json!({ "Message": null })).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_done_is_refused_and_not_dropped() {
    let dir = TempDir::new().unwrap();
    let service = Service::start(&dir);
    check(
        &service,
        vec![
            absent(json!({ "PackageType": "Image" }), "PackageType Image"),
            absent(json!({ "Code": { "S3Bucket": "b", "S3Key": "k" } }), "code from S3"),
            absent(json!({ "Runtime": "java21" }), "runtime java21"),
            absent(json!({ "Layers": ["arn:aws:lambda:us-east-1:000000000000:layer:l:1"] }), "Layers"),
            absent(json!({ "VpcConfig": { "SubnetIds": ["subnet-1"] } }), "VpcConfig"),
            absent(
                json!({ "DeadLetterConfig": { "TargetArn": "arn:aws:sqs:us-east-1:000000000000:q" } }),
                "DeadLetterConfig",
            ),
            absent(json!({ "KMSKeyArn": "arn:aws:kms:us-east-1:000000000000:key/k" }), "KMSKeyArn"),
            absent(json!({ "SnapStart": { "ApplyOn": "PublishedVersions" } }), "SnapStart"),
            absent(json!({ "LoggingConfig": { "LogGroup": "mine" } }), "LoggingConfig.LogGroup"),
        ],
    )
    .await;
    let mut empty = node("f", ECHO);
    empty["VpcConfig"] = json!({ "SubnetIds": [], "SecurityGroupIds": [] });
    empty["DeadLetterConfig"] = json!({ "TargetArn": "" });
    empty["Layers"] = json!([]);
    empty["Publish"] = json!(false);
    service.create(empty).await;
}
