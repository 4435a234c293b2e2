//! Specification, "Documentation parts and versions".

use serde_json::{Value, json};

use crate::gateway::{Api, Gateway, NOW, patch_document};

async fn part(api: &Api<'_>, location: Value, said: &str) -> String {
    let body = json!({ "location": location, "properties": json!({ "description": said }).to_string() });
    api.gateway.expect(201, "POST", &api.at("/documentation/parts"), body).await.id()
}

async fn listed(api: &Api<'_>, query: &str) -> Value {
    let mut page = api.gateway.get(&api.at(&format!("/documentation/parts{query}"))).await;
    let items = page["item"].as_array().unwrap().iter().map(|item| item["location"].clone()).collect();
    page["item"] = Value::Array(items);
    page
}

#[tokio::test]
async fn a_part_is_made_read_patched_and_deleted() {
    let gateway = Gateway::start();
    let api = gateway.api().await;
    let location = json!({ "type": "METHOD", "path": "/pets", "method": "GET" });
    let body = json!({ "location": location, "properties": r#"{"summary": "List", "x-a": [1, {"b": null}]}"# });
    let made = gateway.expect(201, "POST", &api.at("/documentation/parts"), body.clone()).await;
    let path = api.at(&format!("/documentation/parts/{}", made.id()));
    assert_eq!(made.id().len(), 6);
    assert_eq!((&made.json["location"], &made.json["properties"]), (&body["location"], &body["properties"]));
    assert_eq!(gateway.get(&path).await, made.json);

    let same =
        "Documentation part already exists for the specified location: type 'METHOD', path '/pets', method 'GET'";
    gateway.refused(("POST", &api.at("/documentation/parts"), body), "ConflictException", same).await;

    let patched = gateway.patch(&path, &[r#"replace /properties {"summary":"All"}"#]).await;
    assert_eq!(patched.json["properties"], r#"{"summary":"All"}"#);
    for (operation, message) in [
        (
            "replace /location x",
            "Invalid patch path  '/location' specified for op 'replace'. Must be one of: [/properties]",
        ),
        (
            "add /properties {}",
            "Invalid patch path  '/properties' specified for op 'add'. Please choose supported operations",
        ),
        ("replace /properties []", "Documentation part properties must be a valid JSON object"),
    ] {
        gateway.refused(("PATCH", &path, patch_document(&[operation])), "BadRequestException", message).await;
    }
    assert_eq!(gateway.expect(202, "DELETE", &path, Value::Null).await.json, Value::Null);
    let unknown = "Invalid Documentation part identifier specified";
    for method in ["GET", "DELETE"] {
        gateway.refused((method, &path, Value::Null), "NotFoundException", unknown).await;
    }
}

#[tokio::test]
async fn a_part_is_checked_before_it_is_kept() {
    let gateway = Gateway::start();
    let api = gateway.api().await;
    let path = api.at("/documentation/parts");
    let types = "[RESPONSE_BODY, RESPONSE, METHOD, MODEL, AUTHORIZER, RESPONSE_HEADER, RESOURCE, PATH_PARAMETER, \
                 REQUEST_BODY, QUERY_PARAMETER, API, REQUEST_HEADER]";
    let message = format!(
        "3 validation errors detected: Value 'PAGE' at 'createDocumentationPartInput.location.type' failed to satisfy \
         constraint: Member must satisfy enum value set: {types}; Value '2xx' at \
         'createDocumentationPartInput.location.statusCode' failed to satisfy constraint: Member must satisfy regular \
         expression pattern: ^([1-5]\\d\\d|\\*|\\s*)$; Value null at 'createDocumentationPartInput.properties' failed to \
         satisfy constraint: Member must not be null"
    );
    let body = json!({ "location": { "type": "PAGE", "statusCode": "2xx" } });
    gateway.refused(("POST", &path, body), "ValidationException", &message).await;
    for (location, properties, message) in [
        (json!({ "type": "API" }), "[1]", "Documentation part properties must be a valid JSON object"),
        (json!({ "type": "API" }), "", "Documentation part properties must be a valid JSON object"),
        (
            json!({ "type": "MODEL", "path": "/" }),
            "{}",
            "Documentation part location of type 'MODEL' does not allow the field 'path'",
        ),
        (
            json!({ "type": "REQUEST_HEADER" }),
            "{}",
            "Documentation part location of type 'REQUEST_HEADER' requires the field 'name'",
        ),
    ] {
        let body = json!({ "location": location, "properties": properties });
        gateway.refused(("POST", &path, body), "BadRequestException", message).await;
    }
    let body = json!({ "location": { "type": "API" }, "properties": "{}" });
    let unknown = "Invalid API identifier specified 000000000000:nosuchapi0";
    let call = ("POST", "/restapis/nosuchapi0/documentation/parts", body);
    gateway.refused(call, "NotFoundException", unknown).await;
    assert_eq!(gateway.get(&path).await, json!({ "item": [] }));
}

#[tokio::test]
async fn lists_are_filtered_and_paged() {
    let gateway = Gateway::start();
    let api = gateway.api().await;
    let locations = [
        json!({ "type": "API" }),
        json!({ "type": "RESOURCE", "path": "/a" }),
        json!({ "type": "QUERY_PARAMETER", "path": "/a", "method": "GET", "name": "q" }),
        json!({ "type": "RESOURCE", "path": "/b" }),
        json!({ "type": "RESOURCE" }),
    ];
    for location in &locations {
        part(&api, location.clone(), "x").await;
    }
    assert_eq!(listed(&api, "").await, json!({ "item": locations }));
    assert_eq!(listed(&api, "?path=/a").await, json!({ "item": [locations[1], locations[2]] }));
    assert_eq!(listed(&api, "?name=q&locationStatus=DOCUMENTED").await, json!({ "item": [locations[2]] }));
    assert_eq!(listed(&api, "?type=RESOURCE&path=%2F").await, json!({ "item": [locations[4]] }), "the default path");
    let page = listed(&api, "?type=RESOURCE&limit=2").await;
    assert_eq!(page["item"], json!([locations[1], locations[3]]));
    let position = page["position"].as_str().unwrap();
    let rest = listed(&api, &format!("?type=RESOURCE&limit=2&position={position}")).await;
    assert_eq!(rest, json!({ "item": [locations[4]] }));
    assert_eq!(
        listed(&api, "?type=API&limit=1").await,
        json!({ "item": [locations[0]] }),
        "no page after the last match"
    );
    let message = "1 validation error detected: Value 'SOME' at 'locationStatus' failed to satisfy constraint: Member must \
                   satisfy enum value set: [DOCUMENTED, UNDOCUMENTED]";
    let call = ("GET", api.at("/documentation/parts?locationStatus=SOME"), Value::Null);
    gateway.refused((call.0, &call.1, call.2), "ValidationException", message).await;
}

#[tokio::test]
async fn what_is_undocumented_is_listed_too() {
    let gateway = Gateway::start();
    let api = gateway.api().await;
    let pets = api.resource(&api.root, "{pet}").await;
    let body = json!({ "authorizationType": "NONE", "requestParameters": { "method.request.path.pet": true },
                       "requestModels": { "application/json": "Empty" } });
    let method = api.at(&format!("/resources/{pets}/methods/PUT"));
    gateway.expect(201, "PUT", &method, body).await;
    let body = json!({ "responseParameters": { "method.response.header.X": false } });
    gateway.expect(201, "PUT", &format!("{method}/responses/200"), body).await;
    part(&api, json!({ "type": "MODEL", "name": "Error" }), "x").await;
    part(&api, json!({ "type": "METHOD", "path": "/" }), "of any method, and so of none by itself").await;
    let on_put = |part_type: &str| json!({ "type": part_type, "path": "/{pet}", "method": "PUT" });
    let mut parameter = on_put("PATH_PARAMETER");
    parameter["name"] = json!("pet");
    let mut response = on_put("RESPONSE");
    response["statusCode"] = json!("200");
    let mut header = on_put("RESPONSE_HEADER");
    (header["statusCode"], header["name"]) = (json!("200"), json!("X"));
    let expected = json!([
        { "type": "API" },
        { "type": "MODEL", "name": "Empty" },
        { "type": "RESOURCE", "path": "/" },
        { "type": "RESOURCE", "path": "/{pet}" },
        on_put("METHOD"),
        parameter,
        on_put("REQUEST_BODY"),
        response,
        header,
    ]);
    assert_eq!(listed(&api, "?locationStatus=UNDOCUMENTED").await, json!({ "item": expected }));
    let page = listed(&api, "?locationStatus=UNDOCUMENTED&limit=8").await;
    let position = page["position"].as_str().unwrap();
    let rest = listed(&api, &format!("?locationStatus=UNDOCUMENTED&limit=8&position={position}")).await;
    assert_eq!(rest, json!({ "item": [header] }));
}

#[tokio::test]
async fn a_version_freezes_what_is_said_and_is_published_by_a_stage() {
    let gateway = Gateway::start();
    let api = gateway.api().await;
    api.mock("GET").await;
    api.deploy("test").await;
    let versions = api.at("/documentation/versions");
    let stage = api.at("/stages/test");
    let body = json!({ "documentationVersion": "1.0", "stageName": "test", "description": "first" });
    let made = gateway.expect(201, "POST", &versions, body.clone()).await.json;
    assert_eq!(made, json!({ "version": "1.0", "createdDate": NOW, "description": "first" }));
    assert_eq!(gateway.get(&stage).await["documentationVersion"], "1.0");
    assert_eq!(gateway.get(&format!("{versions}/1.0")).await, made);
    let message = "Documentation version already exists: 1.0";
    gateway.refused(("POST", &versions, body), "ConflictException", message).await;
    let missing = json!({ "documentationVersion": "2.0", "stageName": "none" });
    let message = "Invalid stage identifier specified";
    gateway.refused(("POST", &versions, missing), "NotFoundException", message).await;
    assert_eq!(gateway.get(&versions).await, json!({ "item": [made] }), "all or nothing");

    let patched = gateway.patch(&format!("{versions}/1.0"), &["replace /description second"]).await;
    assert_eq!(patched.json["description"], "second");
    let message = "Invalid patch path /version";
    let call = ("PATCH", format!("{versions}/1.0"), patch_document(&["replace /version 2"]));
    gateway.refused((call.0, &call.1, call.2), "BadRequestException", message).await;
    let used = "Active stages pointing to this documentation version must be moved or deleted";
    gateway.refused(("DELETE", &format!("{versions}/1.0"), Value::Null), "BadRequestException", used).await;

    let unknown = "Invalid Documentation version identifier specified";
    let call = ("PATCH", stage.as_str(), patch_document(&["replace /documentationVersion 9"]));
    gateway.refused(call, "BadRequestException", unknown).await;
    let freed = gateway.patch(&stage, &["replace /documentationVersion "]).await;
    assert_eq!(freed.json.get("documentationVersion"), None);
    gateway.expect(202, "DELETE", &format!("{versions}/1.0"), Value::Null).await;
    gateway.refused(("GET", &format!("{versions}/1.0"), Value::Null), "NotFoundException", unknown).await;
}

/// Developer Guide, "Import API documentation".
#[tokio::test]
async fn documentation_is_imported_by_itself() {
    let gateway = Gateway::start();
    let api = gateway.api().await;
    let kept = part(&api, json!({ "type": "RESOURCE", "path": "/old" }), "old").await;
    let root = part(&api, json!({ "type": "RESOURCE" }), "root").await;
    let document = json!({
        "swagger": "2.0",
        "info": { "title": "doc", "version": "1", "description": "API info description" },
        "paths": { "/": { "get": { "description": "Method description.", "responses": { "200": { "description": "200 response" } } } } },
        "x-amazon-apigateway-documentation": { "version": "1.0.3", "documentationParts": [
            { "location": { "type": "RESOURCE" }, "properties": { "summary": "the root" } },
            { "location": { "type": "METHOD", "method": "GET" }, "properties": { "description": "Method description." } },
            { "location": { "type": "METHOD", "name": "x" }, "properties": {} },
        ] },
    });
    let path = api.at("/documentation/parts");
    let message = "Warnings found during import:\n\tIgnoring documentation part: Documentation part location of type \
                   'METHOD' does not allow the field 'name'";
    let strict = ("PUT", format!("{path}?failonwarnings=true"), document.clone());
    gateway.refused((strict.0, &strict.1, strict.2), "BadRequestException", message).await;

    let merged = gateway.expect(200, "PUT", &path, document.clone()).await.json;
    let ids: Vec<&str> = merged["ids"].as_array().unwrap().iter().map(|id| id.as_str().unwrap()).collect();
    assert_eq!((ids.len(), ids[0]), (3, root.as_str()), "two of the extension, one of the info: {merged}");
    assert_eq!(merged["warnings"].as_array().unwrap().len(), 1);
    let shown = gateway.get(&format!("{path}/{root}")).await;
    assert_eq!(shown["properties"], r#"{"description":"root","summary":"the root"}"#);
    assert_eq!(gateway.get(&path).await["item"].as_array().unwrap().len(), 4);

    let replaced = gateway.expect(200, "PUT", &format!("{path}?mode=overwrite"), document).await.json;
    assert_eq!(replaced["ids"], merged["ids"]);
    assert_eq!(gateway.get(&format!("{path}/{root}")).await["properties"], r#"{"summary":"the root"}"#);
    gateway.expect(404, "GET", &format!("{path}/{kept}"), Value::Null).await;
    for body in [json!({}), json!("\u{0}"), Value::Null] {
        let message = "Unable to build importer with provided input.";
        gateway.refused(("PUT", &path, body), "BadRequestException", message).await;
    }
}

#[tokio::test]
async fn an_import_brings_its_documentation_unless_told_not_to() {
    let gateway = Gateway::start();
    let document = json!({
        "openapi": "3.0.1",
        "info": { "title": "doc", "version": "1" },
        "paths": { "/a": { "get": {
            "summary": "List",
            "parameters": [{ "name": "q", "in": "query", "description": "What to find", "schema": {} }],
            "responses": { "200": { "description": "200 response" }, "404": { "description": "Nothing" } },
        } } },
    });
    let ignored = gateway.expect(201, "POST", "/restapis?mode=import&ignore=documentation", document.clone()).await;
    let parts = gateway.get(&format!("/restapis/{}/documentation/parts", ignored.id())).await;
    assert_eq!(parts, json!({ "item": [] }));
    let id = gateway.expect(201, "POST", "/restapis?mode=import", document).await.id();
    let parts = gateway.get(&format!("/restapis/{id}/documentation/parts")).await;
    let said: Vec<(&str, &str)> = parts["item"]
        .as_array()
        .unwrap()
        .iter()
        .map(|part| (part["location"]["type"].as_str().unwrap(), part["properties"].as_str().unwrap()))
        .collect();
    let expected = [
        ("METHOD", r#"{"summary":"List"}"#),
        ("QUERY_PARAMETER", r#"{"description":"What to find"}"#),
        ("RESPONSE", r#"{"description":"Nothing"}"#),
    ];
    assert_eq!(said, expected);
}

#[tokio::test]
async fn a_deleted_part_leaves_its_place_to_another() {
    let gateway = Gateway::start();
    let api = gateway.api().await;
    let location = json!({ "type": "METHOD", "path": "/pets" });
    let first = part(&api, location.clone(), "x").await;
    gateway.expect(202, "DELETE", &api.at(&format!("/documentation/parts/{first}")), Value::Null).await;
    part(&api, location.clone(), "x").await;
    let path = api.at("/documentation/parts");
    let other = json!({ "swagger": "2.0", "info": { "title": "t", "version": "1" }, "paths": {},
        "x-amazon-apigateway-documentation": { "version": "1", "documentationParts": [
            { "location": { "type": "API" }, "properties": { "description": "all" } },
        ] } });
    gateway.expect(200, "PUT", &format!("{path}?mode=overwrite"), other).await;
    part(&api, location, "x").await;
    let taken = json!({ "location": { "type": "API" }, "properties": "{}" });
    let message = "Documentation part already exists for the specified location: type 'API'";
    gateway.refused(("POST", &path, taken), "ConflictException", message).await;
    // What is said alike in other words is about something else: no two texts run together.
    for name in ["a", "a\",\"", "\"a"] {
        part(&api, json!({ "type": "MODEL", "name": name }), "x").await;
    }
}

#[tokio::test]
async fn an_api_has_two_thousand_parts_at_most() {
    let gateway = Gateway::start();
    let api = gateway.api().await;
    let parts = |names: std::ops::Range<usize>| {
        let part = |name| json!({ "location": { "type": "MODEL", "name": format!("m{name}") }, "properties": {} });
        json!({ "swagger": "2.0", "info": { "title": "t", "version": "1" }, "paths": {},
            "x-amazon-apigateway-documentation": {
                "version": "1", "documentationParts": names.map(part).collect::<Vec<_>>(),
            } })
    };
    let path = api.at("/documentation/parts");
    let message = "Maximum number of documentation parts for this API has been reached";
    gateway.expect(200, "PUT", &path, parts(0..1_999)).await;
    gateway.refused(("PUT", &path, parts(1_999..2_001)), "LimitExceededException", message).await;
    part(&api, json!({ "type": "API" }), "the last one").await;
    let one_more = json!({ "location": { "type": "RESOURCE" }, "properties": "{}" });
    gateway.refused(("POST", &path, one_more), "LimitExceededException", message).await;
}
