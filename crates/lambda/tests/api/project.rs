//! Functions from a folder, as `lambdagate dev` keeps them.

use indexmap::IndexMap;
use lambda::FunctionSpec;
use serde_json::Value;
use tempfile::TempDir;

use crate::fixture::{Service, json_of, scope};

fn spec() -> FunctionSpec {
    FunctionSpec {
        runtime: "nodejs20.x".to_owned(),
        handler: "index.handler".to_owned(),
        timeout: Some(20),
        memory: None,
        environment: IndexMap::new(),
        role: None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_becomes_a_function_and_its_changes_run() {
    let dir = TempDir::new().unwrap();
    let service = Service::start(&dir);
    let folder = dir.path().join("code");
    std::fs::create_dir_all(folder.join("lib")).unwrap();
    std::fs::write(folder.join("lib/text.js"), "let n = 0; module.exports = () => `one ${++n}`;").unwrap();
    std::fs::write(
        folder.join("index.js"),
        "const text = require('./lib/text'); exports.handler = async () => text();",
    )
    .unwrap();
    let scope = scope();
    let apply = |spec: FunctionSpec| service.lambda.apply_function(&scope, "f", spec, &folder);
    apply(spec()).await.unwrap();
    assert_eq!(json_of(&service.invoke("f", &[], "").await), "one 1");
    let (_, before) = service.call("GET", "/2015-03-31/functions/f/configuration", Value::Null).await;
    assert_eq!(before["Role"], "arn:aws:iam::000000000000:role/lambdagate-dev");
    apply(spec()).await.unwrap();
    assert_eq!(json_of(&service.invoke("f", &[], "").await), "one 2");
    let (_, after) = service.call("GET", "/2015-03-31/functions/f/configuration", Value::Null).await;
    assert_eq!(before, after);
    std::fs::write(folder.join("lib/text.js"), "module.exports = () => 'two ' + process.env.WHO;").unwrap();
    apply(FunctionSpec { environment: IndexMap::from([("WHO".to_owned(), "me".to_owned())]), ..spec() }).await.unwrap();
    assert_eq!(json_of(&service.invoke("f", &[], "").await), "two me");
    service.lambda.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_function_can_be_is_refused_with_its_reason() {
    let dir = TempDir::new().unwrap();
    let service = Service::start(&dir);
    let empty = dir.path().join("empty");
    std::fs::create_dir(&empty).unwrap();
    for (name, spec, folder, expected) in [
        ("f", spec(), empty.clone(), "has no file"),
        ("f", spec(), dir.path().join("missing"), "No such file"),
        ("f", FunctionSpec { timeout: Some(901), ..spec() }, empty.clone(), "'timeout'"),
        ("a b", spec(), empty.clone(), "'functionName'"),
    ] {
        let refused = service.lambda.apply_function(&scope(), name, spec, &folder).await.unwrap_err();
        assert!(refused.to_string().contains(expected), "{refused}");
    }
    let missing = service.lambda.grant_gateway(&scope(), "f", "a1b2c3d4e5").await.unwrap_err();
    assert!(missing.to_string().starts_with("Function not found"), "{missing}");
}
