//! Specification, "Model".

use serde_json::{Value, json};

use crate::gateway::{Gateway, patch_document};

#[tokio::test]
async fn models_are_kept_as_sent() {
    let gateway = Gateway::start();
    let api = gateway.api().await;
    let body = json!({ "name": "Input", "contentType": "application/json", "schema": "{ \"type\":\"object\" }" });
    let created = gateway.expect(201, "POST", &api.at("/models"), body.clone()).await.json;
    let mut expected = body.clone();
    expected["id"] = created["id"].clone();
    assert_eq!(created, expected);
    assert_eq!(gateway.get(&api.at("/models/Input")).await, expected);
    let empty = gateway.get(&api.at("/models/Empty")).await;
    let schema: Value = serde_json::from_str(empty["schema"].as_str().unwrap()).unwrap();
    let schema_id = "http://json-schema.org/draft-04/schema#";
    assert_eq!(schema, json!({ "$schema": schema_id, "title": "Empty Schema", "type": "object" }));
    assert_eq!(empty["description"], "This is a default empty schema model");
    let patched = gateway.patch(&api.at("/models/Input"), &["replace /description d"]).await;
    assert_eq!((patched.status, patched.json["description"].as_str()), (200, Some("d")));
    gateway.expect(202, "DELETE", &api.at("/models/Input"), Value::Null).await;
    let unknown = "Invalid model name specified: Input";
    for path in [api.at("/models/Input"), "/restapis/zzzzzzzzzz/models/Input".to_owned()] {
        gateway.refused(("GET", &path, Value::Null), "NotFoundException", unknown).await;
    }
}

#[tokio::test]
async fn a_bad_model_is_refused() {
    let gateway = Gateway::start();
    let api = gateway.api().await;
    let model =
        |name: &str, schema: Value| json!({ "name": name, "contentType": "application/json", "schema": schema });
    let no_schema = "Model schema must have at least 1 property or array items defined";
    for (body, error, message) in [
        (
            json!({}),
            "ValidationException",
            "2 validation errors detected: Value null at 'createModelInput.name' failed to satisfy constraint: Member must \
             not be null; Value null at 'createModelInput.contentType' failed to satisfy constraint: Member must not be \
             null",
        ),
        (model("", json!("{}")), "BadRequestException", "Model name must be non-empty"),
        (model("Error", json!("{}")), "ConflictException", "Model name already exists for this REST API"),
        (model("New", Value::Null), "BadRequestException", no_schema),
        (model("New", json!("")), "BadRequestException", no_schema),
        (
            model("New", json!("{")),
            "BadRequestException",
            "Invalid model specified: Validation Result: warnings : [], errors : [Invalid model schema specified]",
        ),
    ] {
        gateway.refused(("POST", &api.at("/models"), body), error, message).await;
    }
    let elsewhere = ("POST", "/restapis/zzzzzzzzzz/models", model("New", json!("{}")));
    let unknown = "Invalid API identifier specified 000000000000:zzzzzzzzzz";
    gateway.refused(elsewhere, "NotFoundException", unknown).await;
    for (operation, message) in [
        (
            "replace /name x",
            "Invalid patch path  '/name' specified for op 'replace'. Must be one of: [/description, /schema]",
        ),
        (
            "remove /schema",
            "Invalid patch path  '/schema' specified for op 'remove'. Please choose supported operations",
        ),
    ] {
        let call = ("PATCH", api.at("/models/Error"), patch_document(&[operation]));
        gateway.refused((call.0, &call.1, call.2), "BadRequestException", message).await;
    }
}

#[tokio::test]
async fn a_model_in_use_stays() {
    let gateway = Gateway::start();
    let api = gateway.api().await;
    let path = api.at(&format!("/resources/{}/methods/ANY", api.root));
    let body = json!({ "authorizationType": "NONE", "requestModels": { "application/json": "Empty" } });
    gateway.expect(201, "PUT", &path, body).await;
    let message = "Cannot delete model 'Empty', is referenced in method request: //ANY";
    gateway.refused(("DELETE", &api.at("/models/Empty"), Value::Null), "ConflictException", message).await;
    let url = format!("https://apigateway.amazonaws.com/restapis/{}/models/Error", api.id);
    let schema = json!({ "type": "object", "properties": { "e": { "$ref": url } } }).to_string();
    let body = json!({ "name": "Outer", "contentType": "application/json", "schema": schema });
    gateway.expect(201, "POST", &api.at("/models"), body).await;
    let message = "Cannot delete model 'Error', is referenced in model: Outer";
    gateway.refused(("DELETE", &api.at("/models/Error"), Value::Null), "ConflictException", message).await;
}

#[tokio::test]
async fn a_flattened_model_holds_what_it_refers_to() {
    let gateway = Gateway::start();
    let api = gateway.api().await;
    let url = |name: &str| format!("https://apigateway.amazonaws.com/restapis/{}/models/{name}", api.id);
    for (name, schema) in [
        ("Leaf", json!({ "type": "object", "properties": { "a": { "type": "number" } } })),
        ("Middle", json!({ "type": "array", "items": { "$ref": url("Leaf") } })),
        (
            "Top",
            json!({ "type": "object", "properties": { "m": { "$ref": url("Middle") }, "s": { "type": "string" } } }),
        ),
    ] {
        let body = json!({ "name": name, "contentType": "application/json", "schema": schema.to_string() });
        gateway.expect(201, "POST", &api.at("/models"), body).await;
    }
    let flat = gateway.get(&api.at("/models/Top?flatten=true")).await;
    let schema: Value = serde_json::from_str(flat["schema"].as_str().unwrap()).unwrap();
    assert_eq!(schema["properties"]["m"], json!({ "$ref": "#/definitions/Middle" }));
    assert_eq!(schema["definitions"]["Middle"]["items"], json!({ "$ref": "#/definitions/Leaf" }));
    assert_eq!(schema["definitions"]["Leaf"]["properties"], json!({ "a": { "type": "number" } }));
    let template = gateway.get(&api.at("/models/Top/default_template")).await;
    let expected = "#set($inputRoot = $input.path('$'))\n{\n  \"m\" : [\n##TODO: Update this foreach loop to reference array \
                    from input json\n#foreach($elem in $inputRoot.m)\n    {\n      \"a\" : 12.34\n    }#if($foreach.hasNext),\
                    #end\n\n#end\n],\n  \"s\" : \"foo\"\n}";
    assert_eq!(template, json!({ "value": expected }));
}

/// What such a model stands for grows with every level; the template ends instead.
#[tokio::test]
async fn the_template_of_a_model_that_refers_to_itself_ends() {
    let gateway = Gateway::start();
    let api = gateway.api().await;
    let members: serde_json::Map<String, Value> =
        (0..10).map(|number| (format!("m{number}"), json!({ "$ref": "#" }))).collect();
    let schema = json!({ "type": "object", "properties": members }).to_string();
    let body = json!({ "name": "Tree", "contentType": "application/json", "schema": schema });
    gateway.expect(201, "POST", &api.at("/models"), body).await;
    let template = gateway.get(&api.at("/models/Tree/default_template")).await;
    assert!(template["value"].as_str().unwrap().len() < 300 * 1024);
}
