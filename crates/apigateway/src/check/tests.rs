use super::*;

/// Checks what is found, a line each: severity, pointer, message.
fn check(document: &str, expected: &str) {
    let scope = Scope { account: "000000000000".to_owned(), region: "us-east-1".to_owned() };
    let found: Vec<String> = check_document(document.as_bytes(), &scope)
        .unwrap()
        .into_iter()
        .map(|Diagnostic { severity, message, pointer }| {
            format!("{severity:?} {} {message}", pointer.as_deref().unwrap_or("none"))
        })
        .collect();
    assert_eq!(found, expected.lines().collect::<Vec<_>>(), "{document}");
}

#[test]
fn a_document_without_fault_is_without_findings() {
    check("{openapi: 3.0.1, info: {title: T, version: '1'}, paths: {}}", "");
    check("{swagger: '2.0', info: {title: T}, paths: {/a: {get: {responses: {}}}}}", "");
}

const DOCUMENT: &str = r"
openapi: 3.0.1
info: { title: T }
security: [ { key: [] } ]
x-amazon-apigateway-policies: {}
paths:
  /a/{id}:
    get:
      parameters: [ { name: c, in: cookie, schema: {} } ]
      responses: { 200: { description: ok }, default: { description: other } }
      x-amazon-apigateway-integration:
        type: aws_proxy
        uri: { 'Fn::Sub': 'arn:${F.Arn}' }
    put:
      responses: {}
      x-amazon-apigateway-integration:
        type: http
        httpMethod: GET
        uri: http://example.com
        timeoutInMillis: 5
    post:
      x-amazon-apigateway-integration:
        type: mock
        requestTemplate: {}
        requestParameters:
          integration.request.path.id: true
          integration.request.path.x: method.request.path.x
components:
  schemas:
    Pet: { type: object, properties: { name: { type: string, example: Rex } } }
";

const FOUND: &str = r#"Silence /components/schemas/Pet/properties/name/example 'example' of a schema is dropped
Error /paths/~1a~1{id}/get/x-amazon-apigateway-integration/uri Unable to put integration on 'GET' for resource at path '/a/{id}': uri must be a string, not {"Fn::Sub":"arn:${F.Arn}"}
Error /paths/~1a~1{id}/put/x-amazon-apigateway-integration/timeoutInMillis Unable to put integration on 'PUT' for resource at path '/a/{id}': Timeout should be between 50 ms and 29000 ms
Warning /paths/~1a~1{id}/post/x-amazon-apigateway-integration/requestParameters/integration.request.path.id Invalid format for 'requestParameters'. Expected type string for property 'integration.request.path.id' of resource '/a/{id}' and method 'POST' but got 'true'
Warning /info Parse issue: attribute info.version is missing
Warning /paths/~1a~1{id}/post Parse issue: attribute paths.'/a/{id}'(post).responses is missing
Silence /x-amazon-apigateway-policies 'x-amazon-apigateway-policies' is no extension of this place and is ignored
Silence /security 'security' of the document is ignored: each operation must say what it requires
Silence /paths/~1a~1{id}/get/parameters/0 parameters in 'cookie' are ignored
Silence /paths/~1a~1{id}/get/responses/default the response 'default' is ignored: a method response has a status code
Silence /paths/~1a~1{id}/post/x-amazon-apigateway-integration/requestTemplate 'requestTemplate' is no member of an integration and is ignored
Error /paths/~1a~1{id}/post/x-amazon-apigateway-integration Unable to put integration on 'POST' for resource at path '/a/{id}': Invalid mapping expression specified: Validation Result: warnings : [], errors : [Invalid mapping expression parameter specified: method.request.path.x]"#;

#[test]
fn every_finding_names_its_value() {
    check(DOCUMENT, FOUND);
}

/// What could not be read is told once, and not judged by what stands for it.
#[test]
fn rules_are_for_what_was_read() {
    let document = "swagger: '2.0'\ninfo: { title: T }\npaths:\n  /a:\n    get:\n      parameters: [ { name: q, in: query, required: [] } ]\n      \
                    responses: {}\n      x-amazon-apigateway-integration: { type: mock, requestParameters: { \
                    integration.request.header.q: method.request.querystring.q } }\n";
    check(
        document,
        "Error /paths/~1a/get/parameters/0/required Unable to put method 'GET' for resource at path '/a': required must be \
         true or false, not []",
    );
}
