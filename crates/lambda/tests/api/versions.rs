//! "Manage Lambda function versions", "Create an alias for a Lambda function" of the Lambda Developer Guide.

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::fixture::{ARN, Service, json_of, node, zip};

const FUNCTION: &str = "/2015-03-31/functions/f";
const VERSIONS: &str = "/2015-03-31/functions/f/versions";
const ALIASES: &str = "/2015-03-31/functions/f/aliases";

/// A function that says which version runs, and this text.
fn says(text: &str) -> String {
    format!(
        "exports.handler = async (event, context) => \
         [process.env.AWS_LAMBDA_FUNCTION_VERSION, context.functionVersion, context.invokedFunctionArn, '{text}'];"
    )
}

async fn update(service: &Service, text: &str, publish: bool) -> Value {
    let input = json!({ "ZipFile": zip(&[("index.js", &says(text))]), "Publish": publish });
    let (status, answer) = service.call("PUT", &format!("{FUNCTION}/code"), input).await;
    assert_eq!(status, 200, "{answer}");
    answer
}

/// What the function says under a qualifier, and which version the answer names.
async fn said(service: &Service, qualifier: &str) -> (Value, String) {
    let response = service.invoke(&format!("f:{qualifier}"), &[], "{}").await;
    let version = response.headers().get("x-amz-executed-version");
    (json_of(&response), version.map_or("", |value| value.to_str().unwrap()).to_owned())
}

fn expected(version: &str, qualifier: &str, text: &str) -> (Value, String) {
    (json!([version, version, format!("{ARN}:{qualifier}"), text]), version.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_stays_as_it_was_published() {
    let dir = TempDir::new().unwrap();
    let service = Service::start(&dir);
    let mut input = node("f", &says("one"));
    input["Publish"] = json!(true);
    let created = service.create(input).await;
    assert_eq!((&created["Version"], &created["FunctionArn"]), (&json!("1"), &json!(ARN)));
    let second = update(&service, "two", true).await;
    let arn = format!("{ARN}:2");
    assert_eq!(
        (&second["Version"], &second["FunctionArn"], &second["State"]),
        (&json!("2"), &json!(arn), &json!("Pending"))
    );
    update(&service, "three", false).await;

    assert_eq!(said(&service, "1").await, expected("1", "1", "one"));
    assert_eq!(said(&service, "2").await, expected("2", "2", "two"));
    assert_eq!(said(&service, "$LATEST").await, expected("$LATEST", "$LATEST", "three"));
    let (_, configuration) = service.call("GET", &format!("{FUNCTION}/configuration?Qualifier=1"), Value::Null).await;
    assert_eq!((&configuration["Version"], &configuration["FunctionArn"]), (&json!("1"), &json!(format!("{ARN}:1"))));
    let (_, listed) = service.call("GET", VERSIONS, Value::Null).await;
    let versions: Vec<&Value> =
        listed["Versions"].as_array().unwrap().iter().map(|version| &version["Version"]).collect();
    assert_eq!(versions, [&json!("$LATEST"), &json!("1"), &json!("2")]);
    let (_, page) = service.call("GET", &format!("{VERSIONS}?MaxItems=2"), Value::Null).await;
    let marker = page["NextMarker"].as_str().unwrap();
    let (_, rest) = service.call("GET", &format!("{VERSIONS}?Marker={marker}"), Value::Null).await;
    assert_eq!((rest["Versions"][0]["Version"].as_str(), rest.get("NextMarker")), (Some("2"), None));
    service.lambda.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn publishing_makes_nothing_where_nothing_changed_and_no_number_twice() {
    let dir = TempDir::new().unwrap();
    let service = Service::start(&dir);
    let created = service.create(node("f", &says("one"))).await;
    assert_eq!(created["Version"], "$LATEST");
    let (status, first) = service.call("POST", VERSIONS, json!({ "Description": "first" })).await;
    assert_eq!((status, &first["Version"], &first["Description"]), (201, &json!("1"), &json!("first")));
    let (status, again) = service.call("POST", VERSIONS, json!({ "Description": "again" })).await;
    assert_eq!((status, &again["Version"], &again["Description"]), (201, &json!("1"), &json!("first")));
    assert_eq!(service.call("DELETE", &format!("{FUNCTION}?Qualifier=1"), Value::Null).await.0, 204);
    assert_eq!(service.call("DELETE", &format!("{FUNCTION}?Qualifier=1"), Value::Null).await.0, 204);
    let (_, next) = service.call("POST", VERSIONS, json!({})).await;
    assert_eq!(next["Version"], "2");

    let current = created["CodeSha256"].as_str().unwrap();
    let text = format!(
        "CodeSHA256 (x) is different from current CodeSHA256 in $LATEST ({current}). Please try again with the CodeSHA256 \
         in $LATEST."
    );
    let answer = json!({ "Type": "User", "message": text });
    service
        .refuses("POST", VERSIONS, json!({ "CodeSha256": "x" }), 400, "InvalidParameterValueException", answer)
        .await;
    let text = "The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to \
                retrieve the latest Revision Id";
    let answer = json!({ "Type": "User", "message": text });
    service.refuses("POST", VERSIONS, json!({ "RevisionId": "x" }), 412, "PreconditionFailedException", answer).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alias_names_a_version_and_can_be_moved() {
    let dir = TempDir::new().unwrap();
    let service = Service::start(&dir);
    let mut input = node("f", &says("one"));
    input["Publish"] = json!(true);
    service.create(input).await;
    update(&service, "two", true).await;
    let (status, alias) = service.call("POST", ALIASES, json!({ "Name": "prod", "FunctionVersion": "1" })).await;
    assert_eq!(status, 201);
    let arn = format!("{ARN}:prod");
    let shown = json!({
        "AliasArn": arn, "Name": "prod", "FunctionVersion": "1", "Description": "", "RevisionId": alias["RevisionId"],
    });
    assert_eq!(alias, shown);
    assert_eq!(service.call("GET", &format!("{ALIASES}/prod"), Value::Null).await, (200, shown.clone()));
    assert_eq!(said(&service, "prod").await, expected("1", "prod", "one"));
    let (_, configuration) =
        service.call("GET", &format!("{FUNCTION}/configuration?Qualifier=prod"), Value::Null).await;
    assert_eq!((&configuration["Version"], &configuration["FunctionArn"]), (&json!("1"), &json!(arn)));
    let text = "Unable to delete version because the following aliases reference it: [prod]";
    let answer = json!({ "Type": "User", "message": text });
    let version = format!("{FUNCTION}?Qualifier=1");
    service.refuses("DELETE", &version, Value::Null, 409, "ResourceConflictException", answer).await;

    let (_, moved) = service.call("PUT", &format!("{ALIASES}/prod"), json!({ "FunctionVersion": "2" })).await;
    assert_eq!(moved["FunctionVersion"], "2");
    assert_ne!(moved["RevisionId"], alias["RevisionId"]);
    assert_eq!(said(&service, "prod").await, expected("2", "prod", "two"));
    service.call("POST", ALIASES, json!({ "Name": "dev", "FunctionVersion": "$LATEST" })).await;
    assert_eq!(said(&service, "dev").await, expected("$LATEST", "dev", "two"));
    let (_, listed) = service.call("GET", &format!("{ALIASES}?FunctionVersion=2"), Value::Null).await;
    assert_eq!(listed, json!({ "Aliases": [moved] }));
    assert_eq!(service.call("DELETE", &format!("{ALIASES}/prod"), Value::Null).await.0, 204);
    assert_eq!(service.call("DELETE", &format!("{ALIASES}/prod"), Value::Null).await.0, 204);
    assert_eq!(service.invoke("f:prod", &[], "{}").await.status(), 404);
    service.lambda.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_alias_can_be_is_refused() {
    let dir = TempDir::new().unwrap();
    let service = Service::start(&dir);
    service.create(node("f", &says("one"))).await;
    service.call("POST", ALIASES, json!({ "Name": "prod", "FunctionVersion": "$LATEST" })).await;
    let typed = |text: &str| json!({ "Type": "User", "message": text });
    let missing = |text: String| json!({ "Type": "User", "Message": text });
    let twice = typed(&format!("Alias already exists: {ARN}:prod"));
    let prod = json!({ "Name": "prod", "FunctionVersion": "$LATEST" });
    service.refuses("POST", ALIASES, prod, 409, "ResourceConflictException", twice).await;
    let absent = missing(format!("Function not found: {ARN}:7"));
    let seven = json!({ "Name": "x", "FunctionVersion": "7" });
    service.refuses("POST", ALIASES, seven, 404, "ResourceNotFoundException", absent).await;
    let unknown = missing(format!("Cannot find alias arn: {ARN}:x"));
    service.refuses("GET", &format!("{ALIASES}/x"), Value::Null, 404, "ResourceNotFoundException", unknown).await;
    let unknown = missing(format!("Alias not found: {ARN}:x"));
    service.refuses("PUT", &format!("{ALIASES}/x"), json!({}), 404, "ResourceNotFoundException", unknown).await;
    for input in [
        json!({ "Name": "12", "FunctionVersion": "1" }),
        json!({ "Name": "a b", "FunctionVersion": "1" }),
        json!({ "Name": "x", "FunctionVersion": "latest" }),
        json!({ "FunctionVersion": "1" }),
        json!({ "Name": "x" }),
    ] {
        let (status, error, _) = service.refusal("POST", ALIASES, &input).await;
        assert_eq!((status, error.as_str()), (400, "ValidationException"), "{input}");
    }
    let weights = json!({ "Name": "x", "FunctionVersion": "$LATEST", "RoutingConfig": { "AdditionalVersionWeights": { "1": 0.5 } } });
    let (status, error, _) = service.refusal("POST", ALIASES, &weights).await;
    assert_eq!((status, error.as_str()), (501, "NotImplementedException"));
}

#[tokio::test(flavor = "multi_thread")]
async fn each_qualifier_has_a_policy_of_its_own_and_goes_with_the_function() {
    let dir = TempDir::new().unwrap();
    let service = Service::start(&dir);
    service.create(node("f", &says("one"))).await;
    service.call("POST", VERSIONS, json!({})).await;
    service.call("POST", ALIASES, json!({ "Name": "prod", "FunctionVersion": "1" })).await;
    let policy = |qualifier: &str| format!("{FUNCTION}/policy?Qualifier={qualifier}");
    for qualifier in ["1", "prod"] {
        let statement = json!({
            "StatementId": qualifier, "Action": "lambda:InvokeFunction", "Principal": "apigateway.amazonaws.com",
        });
        let (status, _) = service.call("POST", &policy(qualifier), statement).await;
        assert_eq!(status, 201);
    }
    for qualifier in ["1", "prod"] {
        let (_, answer) = service.call("GET", &policy(qualifier), Value::Null).await;
        let document: Value = serde_json::from_str(answer["Policy"].as_str().unwrap()).unwrap();
        assert_eq!(document["Statement"].as_array().unwrap().len(), 1);
        assert_eq!(document["Statement"][0]["Sid"], qualifier);
        assert_eq!(document["Statement"][0]["Resource"], format!("{ARN}:{qualifier}"));
    }
    assert_eq!(service.call("GET", &format!("{FUNCTION}/policy"), Value::Null).await.0, 404);
    assert_eq!(service.call("DELETE", FUNCTION, Value::Null).await.0, 204);
    service.create(node("f", &says("two"))).await;
    for target in [format!("{ALIASES}/prod"), format!("{FUNCTION}?Qualifier=1"), policy("prod")] {
        assert_eq!(service.call("GET", &target, Value::Null).await.0, 404, "{target}");
    }
}
