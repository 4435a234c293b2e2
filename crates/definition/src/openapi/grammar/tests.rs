use super::*;
use crate::{Scope, openapi::Severity};

/// Checks the attributes that are unexpected.
fn check(document: &str, expected: &[&str]) {
    let scope = Scope { account: "000000000000".to_owned(), region: "us-east-1".to_owned() };
    let source = Source::parse(document.as_bytes(), &scope).unwrap();
    let mut findings = Findings::default();
    warn(&source, &mut findings);
    let texts = expected.iter().map(|attribute| format!("Parse issue: attribute {attribute} is unexpected"));
    assert_eq!(findings.texts(Severity::Warning), texts.collect::<Vec<_>>(), "{document}");
}

#[test]
fn members_of_other_notations_are_unexpected() {
    check(
        "{openapi: 3.0.1, host: h, basePath: /b, info: {title: T, x-own: 1, titel: T}}",
        &["host", "basePath", "info.titel"],
    );
    check(
        "{openapi: 3.0.1, components: {schemas: {}, models: {}, x-amazon-apigateway-integrations: {i: {type: mock}}}}",
        &["components.models"],
    );
}

#[test]
fn places_are_named_by_paths_methods_and_parameters() {
    check(
        "{openapi: 3.0.1, paths: {/a: {summary: s, GET: {}, connect: {}, parameters: [{name: p, in: query, type: string}], get: {\
         produces: [], parameters: [{in: query, values: []}], requestBody: {schema: {}, content: {a/b: {schemas: {}}}}, responses: {\
         200: {schema: {}, headers: {X: {type: string}}, content: {a/b: {schema: {const: 1}}}}, default: {body: {}}}}}}}",
        &[
            "paths.'/a'.GET",
            "paths.'/a'.connect",
            "paths.'/a'.parameters.[p].type",
            "paths.'/a'(get).produces",
            "paths.'/a'(get).parameters.[['unknown']].values",
            "paths.'/a'(get).requestBody.schema",
            "paths.'/a'(get).requestBody.content.schemas",
            "paths.'/a'(get).responses.200.schema",
            "paths.'/a'(get).responses.200.headers.X.type",
            "paths.'/a'(get).responses.200.content.schema.const",
            "paths.'/a'(get).responses.default.body",
        ],
    );
}

#[test]
fn schemas_are_read_to_their_ends_and_their_members_may_be_called_anything() {
    check(
        "{openapi: 3.0.1, components: {schemas: {A: {$schema: s, properties: {const: {examples: []}, x-own: {id: i}}, items: {\
         dependencies: {}}, allOf: [{$ref: r}, {patternProperties: {}}], additionalProperties: {definitions: {}}, x-own: {const: 1}}}, \
         securitySchemes: {k: {type: apiKey, flow: f}}, responses: {R: {code: 1}}, parameters: {P: {name: p, type: string}}}}",
        &[
            "components.schemas.A.$schema",
            "components.schemas.A.const.examples",
            "components.schemas.A.x-own.id",
            "components.schemas.A.dependencies",
            "components.schemas.A.patternProperties",
            "components.schemas.A.definitions",
            "components.securitySchemes.k.flow",
            "components.responses.R.code",
            "components.parameters.P.type",
        ],
    );
}

#[test]
fn what_has_another_type_is_overlooked() {
    check("{openapi: 3.0.1, info: T, paths: [], components: {schemas: [], securitySchemes: {a: 1}}}", &[]);
    check(
        "{openapi: 3.0.1, paths: {/a: {get: 1, put: {parameters: {}, responses: [], requestBody: r}, parameters: [1]}}}",
        &[],
    );
}
