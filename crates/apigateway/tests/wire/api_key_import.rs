//! Specification, "API key", and the Developer Guide's "API Gateway API key file format".

use serde_json::{Value, json};

use crate::gateway::{Gateway, Reply};

const IMPORT: &str = "/apikeys?mode=import&format=csv";

async fn import(gateway: &Gateway, file: &str) -> Reply {
    gateway.expect(201, "POST", IMPORT, json!(file)).await
}

async fn plan(gateway: &Gateway) -> String {
    gateway.expect(201, "POST", "/usageplans", json!({ "name": "p" })).await.id()
}

/// Members of the newest keys.
async fn members(gateway: &Gateway, names: &[&str]) -> Vec<Vec<Value>> {
    let keys = gateway.get("/apikeys?includeValues=true").await;
    let members = |key: &Value| names.iter().map(|name| key.get(*name).cloned().unwrap_or_default()).collect();
    keys["item"].as_array().unwrap().iter().map(members).collect()
}

#[tokio::test]
async fn the_guide_s_files_become_keys() {
    let gateway = Gateway::start();
    let (gold, silver) = (plan(&gateway).await, plan(&gateway).await);
    import(&gateway, "Key,name\napikey1234abcdefghij0123456789,MyFirstApiKey\n").await;
    let file =
        "Name,key,description,Enabled,usageplanIds\r\nSecond,second1234abcdefghij0123456789,An imported key,FALSE,\r\n";
    import(&gateway, file).await;
    let file =
        format!("Enabled,Other,Name,key,UsageplanIds\ntrue,x,Third,third1234abcdefghij0123456789,\"{gold}, {silver}\"");
    let reply = import(&gateway, &file).await;
    let found = members(&gateway, &["name", "value", "description", "enabled"]).await;
    let expected = json!([
        ["Third", "third1234abcdefghij0123456789", null, true],
        ["Second", "second1234abcdefghij0123456789", "An imported key", false],
        ["MyFirstApiKey", "apikey1234abcdefghij0123456789", null, true],
    ]);
    assert_eq!(json!(found), expected);
    let third = reply.json["ids"][0].as_str().unwrap().to_owned();
    assert_eq!(reply.json, json!({ "ids": [third], "warnings": [] }));
    let plans = gateway.get(&format!("/usageplans?keyId={third}")).await;
    let plans: Vec<&str> = plans["item"].as_array().unwrap().iter().map(|plan| plan["id"].as_str().unwrap()).collect();
    assert_eq!(plans, [gold, silver]);
}

#[tokio::test]
async fn a_value_that_is_there_is_another_version_of_its_key() {
    let gateway = Gateway::start();
    let plan = plan(&gateway).await;
    let body = json!({ "name": "old", "value": "apikey1234abcdefghij", "customerId": "c", "tags": { "a": "b" } });
    let id = gateway.expect(201, "POST", "/apikeys", body).await.id();
    let file = format!("name,key,usageplanids\nnew,apikey1234abcdefghij,{plan}\nnewer,apikey1234abcdefghij,{plan}\n");
    let reply = import(&gateway, &file).await;
    assert_eq!(reply.json, json!({ "ids": [id], "warnings": [] }));
    let found = members(&gateway, &["name", "customerId", "tags", "enabled"]).await;
    assert_eq!(json!(found), json!([["newer", "c", { "a": "b" }, true]]));
}

#[tokio::test]
async fn what_is_wrong_with_a_record_is_a_warning_that_shows_no_value() {
    let gateway = Gateway::start();
    let plan = plan(&gateway).await;
    let file = format!(
        "Name,Key,UsagePlanIds\nshort,hush,\nfine,apikey1234abcdefghij,zzzzzz\nfine too,other1234abcdefghijk,'{plan},zzzzzz'\n"
    );
    let expected = [
        "Record 2: API Key value should be at least 20 characters",
        "Record 3: Invalid Usage Plan ID specified",
        "Record 4: Invalid Usage Plan ID specified",
    ];
    let refused = ("POST", "/apikeys?mode=import&format=csv&failonwarnings=true", json!(file));
    let message = format!("Warnings found during import:\n\t{}", expected.join("\n\t"));
    gateway.refused(refused, "BadRequestException", &message).await;
    assert_eq!(gateway.get("/apikeys").await, json!({ "item": [] }));
    let reply = import(&gateway, &file).await;
    assert_eq!(reply.json["warnings"], json!(expected));
    assert_eq!(reply.json["ids"].as_array().unwrap().len(), 2);
    assert_eq!(json!(members(&gateway, &["name"]).await), json!([["fine too"], ["fine"]]));
    let keys = gateway.get(&format!("/usageplans/{plan}/keys")).await;
    assert_eq!(keys["item"][0]["id"], reply.json["ids"][1]);
}

#[tokio::test]
async fn a_record_names_ten_plans_at_most() {
    let gateway = Gateway::start();
    let plan = plan(&gateway).await;
    let file = format!("Name,Key,UsagePlanIds\nn,apikey1234abcdefghij,\"{plan}{}\"", ",zzzzzz".repeat(10));
    let reply = import(&gateway, &file).await;
    assert_eq!(reply.json["warnings"], json!(["Record 2: An API Key can be in at most 10 Usage Plans"]));
    assert_eq!(gateway.get(&format!("/usageplans/{plan}/keys")).await, json!({ "item": [] }));
}

#[tokio::test]
async fn what_is_no_key_file_is_refused() {
    let gateway = Gateway::start();
    for (file, message) in [
        ("", "Missing required column 'Key'"),
        ("/tmp/apikey.csv", "Missing required column 'Key'"),
        ("Key,Description\nx,y", "Missing required column 'Name'"),
        ("Key,Name,KEY\n", "Column 'Key' appears more than once"),
        ("Key,Name\n\"x", "Invalid API key file specified: the quotes of a field in record 2 do not end with it"),
    ] {
        gateway.refused(("POST", IMPORT, json!(file)), "BadRequestException", message).await;
    }
    for (query, message) in [
        (
            "",
            "1 validation error detected: Value null at 'format' failed to satisfy constraint: Member must not be null",
        ),
        (
            "&format=json",
            "1 validation error detected: Value 'json' at 'format' failed to satisfy constraint: Member must satisfy enum \
             value set: [csv]",
        ),
    ] {
        let path = format!("/apikeys?mode=import{query}");
        gateway.refused(("POST", &path, json!("Key,Name")), "ValidationException", message).await;
    }
}

#[tokio::test]
async fn an_account_has_ten_thousand_keys_at_most() {
    let gateway = Gateway::start();
    let row = |number: usize| format!("k,key-{number:016}\n");
    let file = std::iter::once("name,key\n".to_owned()).chain((1..10_000).map(row)).collect::<String>();
    assert_eq!(import(&gateway, &file).await.json["warnings"], json!([]));
    let message = "Maximum number of API keys for this account has been reached";
    let file = format!("name,key\n{}{}{}", row(10_000), row(10_001), row(1));
    let reply = import(&gateway, &file).await.json;
    assert_eq!(reply["ids"].as_array().unwrap().len(), 2, "the last one, and one that is there already");
    assert_eq!(reply["warnings"], json!([format!("Record 3: {message}")]));
    gateway.refused(("POST", "/apikeys", json!({})), "LimitExceededException", message).await;
}
