use serde_json::{Value, json};

use super::*;

fn stored() -> Value {
    json!({
        "FunctionName": "f", "Role": "arn:aws:iam::000000000000:role/r", "Runtime": "nodejs20.x", "Handler": "index.handler",
        "Description": "", "CodeSize": 1, "CodeSha256": "AA==", "Timeout": 900, "MemorySize": 128,
        "EphemeralStorage": { "Size": 512 }, "Environment": { "Variables": { "SECRET": "hush" } },
        "TracingConfig": { "Mode": "PassThrough" }, "Architecture": "arm64", "LoggingConfig": { "LogFormat": "JSON" },
        "LastModified": 0, "RevisionId": "r", "ExecutionId": "e", "LastVersion": 3,
        "Permissions": [
            { "Sid": "s", "Effect": "Allow", "Principal": { "Service": "apigateway.amazonaws.com" }, "Action": "lambda:*", "Resource": "a" },
            { "Sid": "t", "Effect": "Allow", "Principal": { "AWS": "arn:aws:iam::111111111111:root" }, "Action": "lambda:*", "Resource": "a" },
            { "Sid": "u", "Effect": "Allow", "Principal": "*", "Action": "lambda:*", "Resource": "a" },
        ],
    })
}

#[test]
fn a_function_is_stored_as_it_is_and_shows_no_secret() {
    let function: Function = serde_json::from_value(stored()).unwrap();
    assert_eq!(serde_json::to_value(&function).unwrap(), stored());
    let mut older = stored();
    older["LastVersion"].take();
    older.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    assert_eq!(serde_json::from_value::<Function>(older).unwrap(), Function { last_version: 0, ..function.clone() });
    let debug = format!("{function:?}");
    assert!(debug.contains("SECRET") && !debug.contains("hush"), "{debug}");
}

#[test]
fn settings_outside_of_their_quotas_cannot_be_held() {
    for (member, value) in [("Timeout", 0), ("Timeout", 901), ("MemorySize", 127), ("MemorySize", 10_241)] {
        let mut document = stored();
        document[member] = json!(value);
        assert!(serde_json::from_value::<Function>(document).is_err(), "{member} {value}");
    }
}

#[test]
fn a_policy_has_all_statements_or_is_none() {
    let mut function: Function = serde_json::from_value(stored()).unwrap();
    let document: Value = serde_json::from_str(&function.policy_document().unwrap()).unwrap();
    assert_eq!(document["Statement"], stored()["Permissions"]);
    assert_eq!((&document["Version"], &document["Id"]), (&json!("2012-10-17"), &json!("default")));
    function.permissions.clear();
    assert_eq!(function.policy_document(), None);
}
