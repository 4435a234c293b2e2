use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::{
    integration::{IntegrationType, PassthroughBehavior},
    method::{AuthorizationType, HttpMethod, Method},
    rest_api::{ApiKeySource, EndpointConfiguration},
    time::EpochSeconds,
};

fn options() -> ImportOptions {
    ImportOptions {
        scope: Scope { account: "000000000000".to_owned(), region: "eu-west-1".to_owned() },
        base: RestApi::new("a1b2c3d4e5".parse().unwrap(), "root000000".parse().unwrap(), EpochSeconds(1)),
        base_path: BasePathMode::Ignore,
        endpoint_type: None,
        vpc_endpoint_ids: Vec::new(),
        documentation: DocumentationMode::Read,
    }
}

fn read_with(document: &str, options: &ImportOptions) -> Result<Import, ImportError> {
    let mut number = 0;
    import(document.as_bytes(), options, &mut || {
        number += 1;
        format!("id{number:04}")
    })
}

fn read(document: &str) -> Import {
    read_with(document, &options()).unwrap()
}

fn method<'a>(import: &'a Import, http_method: HttpMethod, path: &str) -> &'a Method {
    let resource = import.snapshot.resources.iter().find(|resource| resource.path == path).unwrap();
    let methods = &mut import.snapshot.methods.iter();
    methods.find(|method| method.resource_id == resource.id && method.http_method == http_method).unwrap()
}

fn paths(import: &Import) -> BTreeSet<&str> {
    import.snapshot.resources.iter().map(|resource| resource.path.as_str()).collect()
}

const CALC: &str = r#"
openapi: 3.0.1
info: { title: Calc, version: "1.0", description: adds }
x-amazon-apigateway-request-validators:
  all: { validateRequestBody: true, validateRequestParameters: true }
x-amazon-apigateway-binary-media-types: [ image/png ]
paths:
  /calc:
    parameters: [ { name: trace, in: header, schema: { type: string } } ]
    get:
      operationId: calculate
      x-amazon-apigateway-request-validator: all
      parameters:
        - { name: operand1, in: query, required: true, schema: { type: number } }
      responses:
        200:
          description: ok
          headers: { X-Total: { schema: { type: string } } }
          content: { application/json: { schema: { $ref: '#/components/schemas/Result' } } }
      x-amazon-apigateway-integration:
        type: aws
        httpMethod: POST
        uri: arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/arn:aws:lambda:${AWS::Region}:${AWS::AccountId}:function:Calc/invocations
        passthroughBehavior: when_no_templates
        requestTemplates:
          application/json: |
            { "a": "$input.params('operand1')" }
        responses:
          default: { statusCode: "200", responseTemplates: { application/json: "" } }
          ".*wrong.*": { statusCode: 400 }
    post:
      requestBody: { content: { application/json: { schema: { $ref: '#/components/schemas/Input' } } } }
      responses: {}
      x-amazon-apigateway-integration: { type: mock }
  /calc/{a}/{rest+}:
    x-amazon-apigateway-any-method:
      responses: {}
      x-amazon-apigateway-integration: { type: aws_proxy, httpMethod: GET, uri: "arn:aws:x" }
components:
  schemas:
    Input: { type: object, properties: { a: { type: number, example: 3 }, example: { type: string } } }
    Result: { type: object, properties: { input: { $ref: '#/components/schemas/Input' } } }
"#;

#[test]
fn a_document_becomes_resources_methods_and_models() {
    let import = read(CALC);
    assert_eq!(import.warnings, Vec::<String>::new());
    assert_eq!(paths(&import), BTreeSet::from(["/", "/calc", "/calc/{a}", "/calc/{a}/{rest+}"]));
    let api = &import.snapshot.rest_api;
    assert_eq!(
        (api.name.as_str(), api.version.as_deref(), api.description.as_deref()),
        ("Calc", Some("1.0"), Some("adds"))
    );
    assert_eq!(api.binary_media_types, ["image/png"]);

    let get = method(&import, HttpMethod::Get, "/calc");
    let parameters = get.request_parameters.as_ref().unwrap();
    assert!(parameters["method.request.querystring.operand1"]);
    assert!(!parameters["method.request.header.trace"]);
    assert_eq!(get.request_validator_id, Some(import.snapshot.request_validators[0].id.clone()));
    assert_eq!(get.operation_name.as_deref(), Some("calculate"));
    let ok = &get.method_responses[&"200".parse().unwrap()];
    assert_eq!(ok.response_models.as_ref().unwrap()["application/json"], "Result");
    assert!(ok.response_parameters.as_ref().unwrap().contains_key("method.response.header.X-Total"));

    let any = method(&import, HttpMethod::Any, "/calc/{a}/{rest+}");
    let declared: Vec<&String> = any.request_parameters.as_ref().unwrap().keys().collect();
    assert_eq!(declared, ["method.request.path.a"], "a greedy parameter is not declared");
    assert_eq!(any.integration.as_ref().unwrap().http_method.as_deref(), Some("POST"));
}

#[test]
fn integrations_keep_their_templates_and_turn_response_keys_into_patterns() {
    let import = read(CALC);
    let integration = method(&import, HttpMethod::Get, "/calc").integration.as_ref().unwrap();
    assert_eq!(integration.integration_type, IntegrationType::Aws);
    assert_eq!(integration.passthrough_behavior, PassthroughBehavior::WhenNoTemplates);
    assert!(integration.uri.as_ref().unwrap().contains("arn:aws:lambda:eu-west-1:000000000000:function:Calc"));
    let template = integration.request_templates.as_ref().unwrap()["application/json"].as_deref();
    assert_eq!(template, Some("{ \"a\": \"$input.params('operand1')\" }\n"));
    let ok = &integration.integration_responses[&"200".parse().unwrap()];
    assert_eq!(ok.selection_pattern, None);
    assert_eq!(ok.response_templates.as_ref().unwrap()["application/json"].as_deref(), Some(""));
    let wrong = &integration.integration_responses[&"400".parse().unwrap()];
    assert_eq!(wrong.selection_pattern.as_deref(), Some(".*wrong.*"));
}

#[test]
fn references_between_schemas_become_references_between_models() {
    let import = read(CALC);
    let schema = |name: &str| -> Value {
        let model = import.snapshot.models.iter().find(|model| model.name.as_str() == name).unwrap();
        serde_json::from_str(model.schema.as_deref().unwrap()).unwrap()
    };
    assert_eq!(
        schema("Result")["properties"]["input"]["$ref"],
        "https://apigateway.amazonaws.com/restapis/a1b2c3d4e5/models/Input"
    );
    let input = schema("Input");
    assert_eq!(input["properties"]["a"], serde_json::json!({"type": "number"}), "the keyword `example` is dropped");
    assert!(input["properties"].get("example").is_some(), "a member called `example` is not");
}

#[test]
fn swagger_bodies_take_the_documents_content_types() {
    let import = read(
        r##"{"swagger": "2.0", "info": {"title": "S", "version": 1}, "basePath": "/v1/x", "consumes": ["application/json", "text/x"],
            "paths": {"/a": {"post": {"parameters": [{"in": "body", "name": "b", "schema": {"type": "object"}}],
              "responses": {"200": {"description": "ok", "schema": {"$ref": "#/definitions/Out"}}}}}},
            "definitions": {"Out": {"type": "string"}}}"##,
    );
    let post = method(&import, HttpMethod::Post, "/a");
    let models = post.request_models.as_ref().unwrap();
    assert_eq!(models["application/json"], "POSTaRequestModel");
    assert_eq!(models["text/x"], "POSTaRequestModel");
    assert_eq!(
        post.method_responses[&"200".parse().unwrap()].response_models.as_ref().unwrap()["application/json"],
        "Out"
    );
    assert_eq!(import.snapshot.models.len(), 2);
}

#[test]
fn the_base_path_is_ignored_prepended_or_split() {
    let document = r#"{"swagger": "2.0", "info": {"title": "S"}, "basePath": "/v1/x", "paths": {"/a": {}}}"#;
    for (mode, expected) in [
        (BasePathMode::Ignore, BTreeSet::from(["/", "/a"])),
        (BasePathMode::Prepend, BTreeSet::from(["/", "/v1", "/v1/x", "/v1/x/a"])),
        (BasePathMode::Split, BTreeSet::from(["/", "/x", "/x/a"])),
    ] {
        let import = read_with(document, &ImportOptions { base_path: mode, ..options() }).unwrap();
        assert_eq!(paths(&import), expected, "{mode:?}");
    }
}

#[test]
fn security_becomes_authorization_and_is_never_lost() {
    let import = read(
        r#"{"openapi": "3.0.0", "info": {"title": "S"}, "components": {"securitySchemes": {
             "key": {"type": "apiKey", "name": "X-API-Key", "in": "header"},
             "sig": {"type": "apiKey", "name": "Authorization", "in": "header", "x-amazon-apigateway-authtype": "awsSigv4"},
             "mine": {"type": "apiKey", "name": "token", "in": "header", "x-amazon-apigateway-authtype": "custom",
               "x-amazon-apigateway-authorizer": {"type": "token", "authorizerUri": "arn:x", "authorizerResultTtlInSeconds": 60}}}},
           "paths": {"/k": {"get": {"security": [{"key": []}]}}, "/s": {"get": {"security": [{"sig": []}]}},
             "/m": {"get": {"security": [{"mine": ["a/b"]}]}}, "/i": {"get": {"x-amazon-apigateway-auth": {"type": "AWS_IAM"}}}}}"#,
    );
    assert!(method(&import, HttpMethod::Get, "/k").api_key_required);
    assert_eq!(method(&import, HttpMethod::Get, "/s").authorization_type, AuthorizationType::AwsIam);
    assert_eq!(method(&import, HttpMethod::Get, "/i").authorization_type, AuthorizationType::AwsIam);
    let mine = method(&import, HttpMethod::Get, "/m");
    assert_eq!(mine.authorization_type, AuthorizationType::Custom);
    assert_eq!(mine.authorizer_id, Some(import.snapshot.authorizers[0].id.clone()));
    assert_eq!(mine.authorization_scopes, ["a/b"]);
    assert_eq!(import.snapshot.authorizers[0].identity_source.as_deref(), Some("method.request.header.token"));
}

/// AWS SAM writes `Authorizer: NONE` so, beside an authorizer that is every other method's.
#[test]
fn a_scheme_that_is_none_asks_for_nothing() {
    let import = read("swagger: '2.0'\ninfo: { title: T }\npaths: { /a: { get: { security: [ { NONE: [] } ] } } }");
    let get = method(&import, HttpMethod::Get, "/a");
    assert_eq!((get.authorization_type, get.api_key_required), (AuthorizationType::None, false));
    assert_eq!(import.warnings, Vec::<String>::new());
    check_rejected(
        "swagger: '2.0'\ninfo: { title: T }\npaths: { /a: { get: { security: [ { none: [] } ] } } }",
        "security scheme 'none' is not defined",
    );
}

fn check_rejected(document: &str, expected: &str) {
    let error = read_with(document, &options()).unwrap_err().to_string();
    assert!(error.contains(expected), "{error}");
}

#[test]
fn what_cannot_be_is_rejected_with_its_place() {
    check_rejected("not: [a, document", "Invalid OpenAPI input.");
    check_rejected("{}", "Invalid OpenAPI input.");
    check_rejected("openapi: 3.1.0", "3.1.0 is not supported");
    check_rejected("openapi: 3.0.0\npaths: {}", "info.title is missing");
    let with = |paths: &str| format!("openapi: 3.0.0\ninfo: {{ title: T }}\npaths:\n{paths}");
    check_rejected(
        &with("  /{a}: {}\n  /{b}: {}"),
        "'/{b}': A sibling ({a}) of this resource already has a variable path part",
    );
    check_rejected(&with("  /{a+}/b: {}"), "Cannot create a child of a resource with a greedy path variable: {a+}");
    check_rejected(&with("  /a b: {}"), "path part only allow");
    let integration = |text: &str| with(&format!("  /a:\n    get: {{ x-amazon-apigateway-integration: {text} }}"));
    check_rejected(
        &integration("{ type: aws }"),
        "Unable to put integration on 'GET' for resource at path '/a': uri is missing",
    );
    check_rejected(&integration("{ type: soap, uri: x }"), "is not a valid integration type");
    check_rejected(&integration("{ type: mock, timeoutInMillis: 40 }"), "Timeout should be between 50 ms and 29000 ms");
    let streamed = "type: http_proxy, uri: 'http://a', httpMethod: GET, responseTransferMode: stream";
    check_rejected(
        &integration(&format!("{{ {streamed}, timeoutInMillis: 900001 }}")),
        "Timeout should be between 50 ms and 900000 ms",
    );
    read_with(&integration(&format!("{{ {streamed}, timeoutInMillis: 900000 }}")), &options()).unwrap();
    check_rejected(
        &integration("{ type: mock, responseTransferMode: STREAM }"),
        "Response transfer mode STREAM is only supported for integrations of type HTTP_PROXY and AWS_PROXY",
    );
    check_rejected(&integration("{ type: mock, responseTransferMode: slow }"), "is not a valid response transfer mode");
    check_rejected(
        &with("  /a:\n    get: { security: [ { nobody: [] } ] }"),
        "security scheme 'nobody' is not defined",
    );
}

/// A flag that is misspelt or a function call that nobody evaluated must not switch off what it was to switch on.
#[test]
fn what_has_another_type_in_an_integration_is_rejected_and_never_dropped() {
    let with = |rest: &str| format!("openapi: 3.0.0\ninfo: {{ title: T }}\n{rest}");
    let method = |rest: &str| with(&format!("paths:\n  /a:\n    get: {{ {rest} }}"));
    let integration = |rest: &str| method(&format!("x-amazon-apigateway-integration: {{ {rest} }}"));
    let put = "Unable to put integration on 'GET' for resource at path '/a': ";
    check_rejected(
        &integration("type: aws_proxy, uri: { 'Fn::Sub': 'arn:${F.Arn}' }"),
        &format!(r#"{put}uri must be a string, not {{"Fn::Sub":"arn:${{F.Arn}}"}}"#),
    );
    check_rejected(
        &integration("type: mock, credentials: { Ref: Role }"),
        &format!("{put}credentials must be a string"),
    );
    check_rejected(
        &integration("type: mock, requestTemplates: { application/json: { 'Fn::Sub': '{}' } }"),
        &format!("{put}requestTemplates.application/json must be a string"),
    );
    check_rejected(
        &integration("type: mock, requestTemplates: '{}'"),
        &format!("{put}requestTemplates must be an object"),
    );
    check_rejected(&integration("type: mock, responses: [200]"), &format!("{put}responses must be an object"));
    check_rejected(
        &integration("type: http, httpMethod: GET, uri: 'http://a', tlsConfig: { insecureSkipVerification: perhaps }"),
        &format!("{put}insecureSkipVerification must be true or false"),
    );
}

/// As with integrations, above all where it says who may call.
#[test]
fn what_has_another_type_in_a_method_is_rejected_and_never_dropped() {
    let with = |rest: &str| format!("openapi: 3.0.0\ninfo: {{ title: T }}\n{rest}");
    let method = |rest: &str| with(&format!("paths:\n  /a:\n    get: {{ {rest} }}"));
    let put = "Unable to put method 'GET' for resource at path '/a': ";
    check_rejected(&method("security: key"), &format!("{put}security must be a list"));
    check_rejected(&method("security: [key]"), &format!("{put}security must be a list of objects"));
    check_rejected(&method("x-amazon-apigateway-auth: { type: [AWS_IAM] }"), &format!("{put}type must be a string"));
    check_rejected(
        &method("x-amazon-apigateway-auth: AWS_IAM"),
        &format!("{put}x-amazon-apigateway-auth must be an object, not \"AWS_IAM\""),
    );
    check_rejected(
        &method("x-amazon-apigateway-auth: { authType: AWS_IAM }"),
        &format!("{put}x-amazon-apigateway-auth has no type"),
    );
    check_rejected(
        &method("x-amazon-apigateway-auth: { type: CUSTOM }"),
        &format!("{put}Invalid authorizer ID specified."),
    );
    check_rejected(
        &method("x-amazon-apigateway-request-validator: { Ref: all }"),
        &format!("{put}x-amazon-apigateway-request-validator must be a string"),
    );
    check_rejected(
        &method("parameters: [ { name: a, in: query, required: [] } ]"),
        &format!("{put}required must be true or false"),
    );
    check_rejected(
        &method("requestBody: { $ref: '#/components/requestBodies/None' }"),
        &format!("{put}the request body's $ref leads nowhere"),
    );
    check_rejected(&method("responses: { 200: { $ref: '#/nowhere' } }"), "the $ref of response '200' leads nowhere");
    check_rejected(&with("paths: { /a: { $ref: '#/nowhere' } }"), "path '/a': its $ref leads nowhere");
    check_rejected(
        &with("x-amazon-apigateway-request-validators: { all: { validateRequestBody: sure } }"),
        "Unable to create request validator 'all': validateRequestBody must be true or false",
    );
    check_rejected(
        &with("x-amazon-apigateway-endpoint-configuration: { disableExecuteApiEndpoint: 1 }"),
        "disableExecuteApiEndpoint must be true or false",
    );
    check_rejected("openapi: 3.0.0\ninfo: { title: { Ref: 'AWS::StackName' } }", "title must be a string");
    check_rejected(
        &with(
            "components: { securitySchemes: { a: { x-amazon-apigateway-authorizer: { type: cognito_user_pools, providerARNs: [ { \
             Ref: Pool } ] } } } }",
        ),
        "Unable to create authorizer 'a': providerARNs must be a list of strings",
    );
}

#[test]
fn flags_may_be_texts() {
    let import = read(
        "openapi: 3.0.0\ninfo: { title: T }\nx-amazon-apigateway-request-validators: { all: { validateRequestBody: 'True' } }\n\
         paths: { /a: { get: { parameters: [ { name: a, in: query, required: 'true' } ] } } }",
    );
    assert!(import.snapshot.request_validators[0].validate_request_body);
    let get = method(&import, HttpMethod::Get, "/a");
    assert!(get.request_parameters.as_ref().unwrap()["method.request.querystring.a"]);
}

#[test]
fn the_base_stands_where_the_document_is_silent_and_lists_are_added_to() {
    let mut base = options().base;
    base.name = "old".to_owned();
    base.description = Some("as it was".to_owned());
    base.disable_execute_api_endpoint = true;
    base.api_key_source = ApiKeySource::Authorizer;
    base.endpoint_configuration = EndpointConfiguration::of(EndpointType::Regional);
    base.binary_media_types = vec!["image/png".to_owned()];
    let with_base = ImportOptions { base, ..options() };
    let silent = read_with("openapi: 3.0.0", &with_base).unwrap();
    assert_eq!(silent.snapshot.rest_api, with_base.base);
    let document = "openapi: 3.0.0\ninfo: { title: new }\nx-amazon-apigateway-binary-media-types: [ image/png, '*/*' ]\n\
                    x-amazon-apigateway-endpoint-configuration: { disableExecuteApiEndpoint: false }";
    let said = read_with(document, &with_base).unwrap().snapshot.rest_api;
    assert_eq!((said.name.as_str(), said.disable_execute_api_endpoint), ("new", false));
    assert_eq!(said.binary_media_types, ["image/png", "*/*"]);
}

#[test]
fn references_between_schemas_lead_to_models_or_are_rejected() {
    let schemas = |schemas: &str| format!("openapi: 3.0.0\ninfo: {{ title: T }}\ncomponents: {{ schemas: {schemas} }}");
    for reference in
        ["#/components/schemas/None", "#/components/schemas/A/properties/b", "#/components/responses/A", "a.yaml", ""]
    {
        check_rejected(
            &schemas(&format!("{{ A: {{ type: object }}, B: {{ items: {{ $ref: '{reference}' }} }} }}")),
            &format!("Unable to create model 'B': Unable to resolve model reference '{reference}'"),
        );
    }
    let itself = schemas("{ A: { properties: { a: { items: { $ref: '#/components/schemas/A/properties/a' } } } } }");
    check_rejected(&itself, "the schema is nested deeper than 100");
    check_rejected(
        &schemas("{ '_': { type: object } }"),
        "Unable to create model '_': Model name must be alphanumeric",
    );
    check_rejected(&schemas("{ A: text }"), "Unable to create model 'A': the schema is not an object");
    let import = read(&schemas("{ A: { type: number, minimum: 0, exclusiveMinimum: true } }"));
    assert_eq!(import.snapshot.models[0].schema.as_deref(), Some(r#"{"type":"number","minimum":0}"#));
}

/// What a bundler leaves of schemas that were in files of their own.
#[test]
fn references_to_other_places_of_the_document_are_what_they_lead_to() {
    let import = read(
        "openapi: 3.0.0\ninfo: { title: T, version: 1 }\npaths:\n  /a:\n    get: { responses: { 200: { description: ok, content: { \
         application/json: { schema: { type: object, properties: { next: { $ref: '#/components/schemas/Page' } } } } } } } }\n    put: { \
         responses: { 200: { description: ok, content: { application/json: { schema: { $ref: \
         '#/paths/~1a/get/responses/200/content/application~1json/schema' } } } } } }\n    post: { responses: { 200: { description: ok, \
         content: { application/json: { schema: { $ref: '#/x-page' } } } } } }\nx-page: { $ref: '#/components/schemas/Page' }\ncomponents: \
         { schemas: { Page: { properties: { at: { type: string, example: a } } }, Cursor: { $ref: \
         '#/components/schemas/Page/properties/at' } } }",
    );
    assert_eq!(import.warnings, Vec::<String>::new());
    let schema = |name: &str| -> Value {
        let model = import.snapshot.models.iter().find(|model| model.name.as_str() == name).unwrap();
        serde_json::from_str(model.schema.as_deref().unwrap()).unwrap()
    };
    assert_eq!(schema("Cursor"), serde_json::json!({ "type": "string" }));
    assert_eq!(schema("PUTa200ResponseModel"), schema("GETa200ResponseModel"));
    let post = method(&import, HttpMethod::Post, "/a");
    let ok = &post.method_responses[&"200".parse().unwrap()];
    assert_eq!(ok.response_models.as_ref().unwrap()["application/json"], "Page");
}

/// Developer Guide, "Errors and warnings from importing your API": a missing model reference is a minor issue.
#[test]
fn a_body_without_its_model_is_a_warning() {
    let import = read(
        "openapi: 3.0.0\ninfo: { title: T, version: 1 }\npaths:\n  /a:\n    get: { responses: { 200: { description: ok, content: { \
         application/json: { schema: { $ref: '#/components/schemas/None' } } } } } }\n    put: { responses: {}, requestBody: { content: { \
         application/json: { schema: { $ref: 'other.yaml#/Thing' } } } } }",
    );
    let expected = ["None", "Thing"].map(|name| format!("Reference to model '{name}' not found. Ignoring."));
    assert_eq!(import.warnings, expected);
    assert_eq!(method(&import, HttpMethod::Put, "/a").request_models, None);
    assert_eq!(import.snapshot.models, []);
}

#[test]
fn schemas_whose_names_differ_in_signs_alone_have_models_of_their_own() {
    let import = read(
        "openapi: 3.0.0\ninfo: { title: T, version: 1 }\npaths: {}\ncomponents: { schemas: { a-b: { type: object, description: first }, \
         a_b: { items: { $ref: '#/components/schemas/a-b' } }, ab: { type: string } } }",
    );
    let names: Vec<&str> = import.snapshot.models.iter().map(|model| model.name.as_str()).collect();
    assert_eq!(names, ["ab2", "ab3", "ab"]);
    assert!(import.snapshot.models[1].schema.as_ref().unwrap().contains("/models/ab2\""));
    assert_eq!(import.documentation[0].location.to_string(), "type 'MODEL', name 'ab2'");
    let renamed = |from: &str, to: &str| format!("Model name '{from}' is not alphanumeric; the model is called '{to}'");
    assert_eq!(import.warnings, [renamed("a-b", "ab2"), renamed("a_b", "ab3")]);
}

#[test]
fn a_scheme_may_be_a_reference_and_none_drops_the_authorizer() {
    let import = read(
        r##"{"openapi": "3.0.0", "info": {"title": "S"}, "components": {"x-shared": {"type": "apiKey", "name": "token", "in": "header",
               "x-amazon-apigateway-authorizer": {"type": "token", "authorizerUri": "arn:x"}},
             "securitySchemes": {"mine": {"$ref": "#/components/x-shared"}}},
           "paths": {"/m": {"get": {"security": [{"mine": []}]}},
             "/n": {"get": {"security": [{"mine": []}], "x-amazon-apigateway-auth": {"type": "NONE"}}}}}"##,
    );
    assert_eq!(method(&import, HttpMethod::Get, "/m").authorization_type, AuthorizationType::Custom);
    let none = method(&import, HttpMethod::Get, "/n");
    assert_eq!((none.authorization_type, &none.authorizer_id), (AuthorizationType::None, &None));
}

#[test]
fn what_looks_like_a_method_and_is_none_is_a_warning_and_a_method_twice_an_error() {
    let with = |paths: &str| format!("openapi: 3.0.0\ninfo: {{ title: T, version: 1 }}\npaths:\n{paths}");
    let import = read(&with("  /a: { GET: {}, trace: {}, summary: text }"));
    assert!(import.snapshot.methods.is_empty());
    assert_eq!(import.warnings.len(), 2, "{:?}", import.warnings);
    check_rejected(&with("  /a: { get: {} }\n  /a/: { get: {} }"), "'/a': Method already exists for this resource");
}

/// Shapes of documents that people write.
#[test]
fn yaml_has_merge_keys_anchors_numbers_as_keys_and_tags() {
    let import = read(
        "swagger: 2.0\ninfo: { title: T, version: 2020-01-01 }\nx-cors: &cors\n  type: MOCK\n  responses: { default: { statusCode: 200 } }\n\
         paths:\n  /{proxy+}:\n    options:\n      responses: { 200: { description: ok } }\n      x-amazon-apigateway-integration:\n        \
         <<: *cors\n        requestTemplates:\n          application/json: |\n            #set($a = 1)\n            {\"statusCode\": 200}\n    \
         x-amazon-apigateway-any-method:\n      x-amazon-apigateway-integration:\n        type: AWS_PROXY\n        uri: \
         !Sub arn:${AWS::Region}:${AWS::AccountId}\n",
    );
    let options = method(&import, HttpMethod::Options, "/{proxy+}");
    assert!(options.method_responses.contains_key(&"200".parse().unwrap()));
    let integration = options.integration.as_ref().unwrap();
    assert_eq!(integration.integration_type, IntegrationType::Mock);
    assert!(integration.integration_responses.contains_key(&"200".parse().unwrap()));
    let template = integration.request_templates.as_ref().unwrap()["application/json"].as_deref();
    assert_eq!(template, Some("#set($a = 1)\n{\"statusCode\": 200}\n"));
    let any = method(&import, HttpMethod::Any, "/{proxy+}").integration.as_ref().unwrap();
    assert_eq!(any.uri.as_deref(), Some("arn:eu-west-1:000000000000"));
}

#[test]
fn a_small_document_that_stands_for_a_large_one_is_rejected() {
    let large = "x".repeat(1024 * 1024);
    let paths = |path: &dyn Fn(usize) -> String| (0..100).map(path).collect::<Vec<_>>().join(",");
    let referring = paths(&|number| format!(r##""/p{number}": {{"$ref": "#/x-item"}}"##));
    let document = format!(
        r#"{{"openapi": "3.0.0", "info": {{"title": "T"}}, "x-item": {{"get": {{"description": "{large}"}}}}, "paths": {{{referring}}}}}"#
    );
    check_rejected(&document, "stand for more than 67108864 bytes");
    let nested =
        format!(r#"{{"openapi": "3.0.0", "info": {{"title": "T"}}, "paths": {{"{}": {{}}}}}}"#, "/a".repeat(50_000));
    check_rejected(&nested, "stand for more than 67108864 bytes");
}

#[test]
fn a_mapping_that_is_no_string_is_a_warning() {
    let import = read(
        "swagger: 2.0\ninfo: { title: T }\npaths: { /a: { get: { x-amazon-apigateway-integration: { type: mock, \
         requestParameters: { integration.request.header.nothing: true } } } } }",
    );
    let expected = "Invalid format for 'requestParameters'. Expected type string for property \
                    'integration.request.header.nothing' of resource '/a' and method 'GET' but got 'true'";
    assert_eq!(import.warnings, [expected]);
}

#[test]
fn what_openapi_requires_and_is_missing_is_a_warning() {
    let import = read(
        "openapi: 3.0.0\ninfo: { title: T }\npaths: { /a: { get: {}, put: { responses: { 200: {}, 201: { description: ok } } } } }",
    );
    let missing = |attribute: &str| format!("Parse issue: attribute {attribute} is missing");
    let expected =
        ["info.version", "paths.'/a'(get).responses", "paths.'/a'(put).responses.200.description"].map(missing);
    assert_eq!(import.warnings, expected);
}

#[test]
fn what_openapi_has_no_word_for_is_a_warning() {
    let import = read(
        "openapi: 3.0.0\ninfo: { title: T, version: 1 }\ncomponents: { schema: {} }\npaths:\n  a: { get: { operationId: x, responses: {} \
         } }\n  /b: { get: { operationId: x, responses: {} } }",
    );
    let expected = [
        "components.schema is unexpected",
        "paths. Resource a should start with /",
        "paths.'/b'(get).operationId is repeated",
    ];
    assert_eq!(import.warnings, expected.map(|issue| format!("Parse issue: attribute {issue}")));
    assert_eq!(paths(&import), BTreeSet::from(["/", "/a", "/b"]));
}

proptest! {
    #[test]
    fn no_text_makes_the_importer_panic(text in "\\PC{0,200}") {
        let _ = read_with(&text, &options());
    }

    #[test]
    fn no_schema_makes_the_importer_panic(schema in "[\\[\\]{}:,a-c$ref\"#/ ]{0,60}") {
        let document = format!("openapi: 3.0.0\ninfo: {{ title: T }}\ncomponents: {{ schemas: {{ A: {schema} }} }}");
        let _ = read_with(&document, &options());
    }
}
