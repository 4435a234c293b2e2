use indexmap::IndexMap;
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::{
    integration::{Integration, IntegrationType, PassthroughBehavior},
    method::{AuthorizationType, Method, MethodResponse},
    model::Model,
    resource::Resource,
    rest_api::RestApi,
    time::EpochSeconds,
};

fn snapshot() -> ApiSnapshot {
    let root: crate::id::ResourceId = "root000000".parse().unwrap();
    let mut rest_api = RestApi::new("a1b2c3d4e5".parse().unwrap(), root.clone(), EpochSeconds(1_700_000_000));
    "Calls".clone_into(&mut rest_api.name);
    ApiSnapshot {
        rest_api,
        resources: vec![Resource { id: root, parent_id: None, path_part: None, path: "/".to_owned() }],
        methods: Vec::new(),
        models: Vec::new(),
        request_validators: Vec::new(),
        authorizers: Vec::new(),
        gateway_responses: Vec::new(),
    }
}

fn method() -> Method {
    Method {
        resource_id: "root000000".parse().unwrap(),
        http_method: HttpMethod::Get,
        authorization_type: AuthorizationType::None,
        authorizer_id: None,
        authorization_scopes: Vec::new(),
        api_key_required: false,
        operation_name: None,
        request_parameters: None,
        request_models: None,
        request_validator_id: None,
        method_responses: std::collections::BTreeMap::new(),
        integration: None,
    }
}

fn model(name: &str, description: Option<&str>, schema: Option<&str>) -> Model {
    Model {
        id: "m00001".parse().unwrap(),
        name: name.parse().unwrap(),
        description: description.map(str::to_owned),
        schema: schema.map(str::to_owned),
        content_type: "application/json".to_owned(),
    }
}

fn exported(snapshot: &ApiSnapshot, version: Version) -> Value {
    let options = ExportOptions {
        version,
        extensions: &[Extension::ApiGateway],
        region: "eu-west-1",
        stage_name: &"prod".parse().unwrap(),
        documentation: None,
    };
    export(snapshot, &options).unwrap()
}

#[test]
fn an_empty_definition_is_a_document() {
    let expected = json!({
        "swagger": "2.0",
        "info": { "title": "Calls", "version": "2023-11-14T22:13:20Z" },
        "host": "a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com",
        "basePath": "/prod",
        "schemes": ["https"],
        "paths": {},
    });
    assert_eq!(exported(&snapshot(), Version::Swagger2), expected);
}

#[test]
fn models_become_schemas_that_refer_to_each_other() {
    let url = |api: &str, model: &str| format!("https://apigateway.amazonaws.com/restapis/{api}/models/{model}");
    let schema = json!({
        "$schema": "http://json-schema.org/draft-04/schema#",
        "type": "object",
        "definitions": { "id": { "type": "string" } },
        "properties": {
            "id": { "$ref": "#/definitions/id" },
            "friend": { "$ref": url("a1b2c3d4e5", "Empty") },
            "stranger": { "$ref": url("a1b2c3d4e5", "Gone") },
            "other": { "$ref": url("zzzzzzzzzz", "Empty") },
            "$ref": { "type": "string" },
        },
    });
    let snapshot = ApiSnapshot {
        models: vec![
            model("Pet", None, Some(&schema.to_string())),
            model("Empty", Some("Nothing"), Some("{\n  \"title\" : \"Empty Schema\",\n  \"type\" : \"object\"\n}")),
            model("Broken", None, None),
        ],
        ..snapshot()
    };
    let schemas = exported(&snapshot, Version::OpenApi3)["components"]["schemas"].clone();
    let names: Vec<&String> = schemas.as_object().unwrap().keys().collect();
    assert_eq!(names, ["Broken", "Empty", "Pet"]);
    assert_eq!(schemas["Empty"], json!({ "title": "Empty Schema", "type": "object", "description": "Nothing" }));
    let properties = &schemas["Pet"]["properties"];
    assert_eq!(properties["id"]["$ref"], "#/components/schemas/Pet/definitions/id");
    assert_eq!(properties["friend"]["$ref"], "#/components/schemas/Empty");
    assert_eq!(properties["stranger"]["$ref"], json!(url("a1b2c3d4e5", "Gone")));
    assert_eq!(properties["other"]["$ref"], json!(url("zzzzzzzzzz", "Empty")));
    assert_eq!(schemas["Pet"].get("$schema"), None);
}

/// What single calls can make and no document can say is left out, and nothing that it would lead to is wrong.
#[test]
fn what_leads_nowhere_is_left_out() {
    let response = MethodResponse {
        status_code: "200".parse().unwrap(),
        response_parameters: None,
        response_models: Some(IndexMap::from([("application/json".to_owned(), "Gone".to_owned())])),
    };
    let with_response = Method {
        method_responses: std::collections::BTreeMap::from([(response.status_code, response)]),
        request_validator_id: Some("v00001".parse().unwrap()),
        authorization_type: AuthorizationType::Custom,
        authorizer_id: Some("a00001".parse().unwrap()),
        ..method()
    };
    let snapshot = ApiSnapshot { methods: vec![with_response], ..snapshot() };
    for version in [Version::Swagger2, Version::OpenApi3] {
        let text = exported(&snapshot, version).to_string();
        for word in ["$ref", "request-validator", "\"security\""] {
            assert!(!text.contains(word), "{word}: {text}");
        }
    }
}

#[test]
fn of_responses_with_one_pattern_the_first_is_written() {
    let response = |code: &str| crate::integration::IntegrationResponse {
        status_code: code.parse().unwrap(),
        selection_pattern: (code == "500").then(String::new),
        response_parameters: None,
        response_templates: None,
        content_handling: None,
    };
    let responses = ["500", "200"].map(|code| (code.parse().unwrap(), response(code)));
    let integration = Integration {
        integration_type: IntegrationType::Mock,
        http_method: None,
        uri: None,
        credentials: None,
        connection_type: None,
        connection_id: None,
        request_parameters: None,
        request_templates: None,
        passthrough_behavior: PassthroughBehavior::Never,
        content_handling: None,
        timeout_in_millis: 29_000,
        cache_namespace: "root000000".to_owned(),
        cache_key_parameters: Vec::new(),
        tls_config: None,
        response_transfer_mode: None,
        integration_target: None,
        integration_responses: responses.into(),
    };
    let snapshot = ApiSnapshot { methods: vec![Method { integration: Some(integration), ..method() }], ..snapshot() };
    let written =
        exported(&snapshot, Version::OpenApi3)["paths"]["/"]["get"]["x-amazon-apigateway-integration"].clone();
    let expected =
        json!({ "type": "mock", "responses": { "default": { "statusCode": "200" } }, "passthroughBehavior": "never" });
    assert_eq!(written, expected);
}

/// Any JSON value, with texts that YAML could take for something else.
fn values() -> impl Strategy<Value = Value> {
    let texts = prop_oneof![
        any::<String>(),
        "[ -~\\n\\t]{0,12}",
        prop_oneof![
            Just("yes"),
            Just("null"),
            Just("~"),
            Just("1e3"),
            Just("0x1F"),
            Just("- a"),
            Just("a: b"),
            Just("<<")
        ]
        .prop_map(str::to_owned),
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (-1e15..1e15_f64).prop_map(Value::from),
        texts.clone().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 5, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::vec((texts.clone(), inner), 0..4).prop_map(|members| members.into_iter().collect()),
        ]
    })
}

proptest! {
    #[test]
    fn yaml_says_what_json_says(value in values()) {
        let text = to_yaml(&value);
        let read: Value = serde_saphyr::from_str(&text).map_err(|error| TestCaseError::fail(format!("{error}\n{text}")))?;
        prop_assert_eq!(read, value, "{}", text);
    }
}
