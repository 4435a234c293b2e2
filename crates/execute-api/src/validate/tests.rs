use definition::{
    id::{ModelId, ModelName},
    request_validator::RequestValidator,
};
use indexmap::IndexMap;
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::context::fixture::Carried;

fn method(parameters: &[(&str, bool)], models: &[(&str, &str)]) -> Method {
    let parameters: IndexMap<&str, bool> = parameters.iter().copied().collect();
    let models: IndexMap<&str, &str> = models.iter().copied().collect();
    serde_json::from_value(json!({
        "resourceId": "abc123",
        "httpMethod": "POST",
        "authorizationType": "NONE",
        "apiKeyRequired": false,
        "requestParameters": parameters,
        "requestModels": models,
    }))
    .unwrap()
}

fn validator(body: bool, parameters: bool) -> RequestValidator {
    serde_json::from_value(json!({ "id": "v1", "validateRequestBody": body, "validateRequestParameters": parameters }))
        .unwrap()
}

fn model(name: &str, schema: &str) -> Model {
    Model {
        id: "m1".parse::<ModelId>().unwrap(),
        name: name.parse::<ModelName>().unwrap(),
        description: None,
        schema: Some(schema.to_owned()),
        content_type: "application/json".to_owned(),
    }
}

/// The check of bodies by a model with this schema.
fn validation(schema: &str) -> RequestValidation {
    let method = method(&[], &[("application/json", "M")]);
    RequestValidation::compile(&method, Some(&validator(true, false)), &[model("M", schema)])
}

/// What the check says of a body.
fn check_body(schema: &str, body: &str) -> Result<(), Failure> {
    let validation = validation(schema);
    assert!(validation.reads_body());
    validation.check(&Carried::default().exchange(), body.as_bytes())
}

fn details(schema: &str, body: &str) -> String {
    match check_body(schema, body) {
        Err(Failure::BadRequestBody { detail }) => detail,
        other => panic!("{schema} {body}: {other:?}"),
    }
}

#[test]
fn missing_parameters_are_reported_together_in_the_order_of_their_keys() {
    let method = method(
        &[
            ("method.request.querystring.qs1", true),
            ("method.request.path.issuer", true),
            ("method.request.header.x-header-param", true),
            ("method.request.querystring.optional", false),
        ],
        &[],
    );
    let check = |carried: Carried, missing: &[&str]| {
        let validation = RequestValidation::compile(&method, Some(&validator(true, true)), &[]);
        let expected = match missing {
            [] => Ok(()),
            names => {
                Err(Failure::BadRequestParameters { missing: names.iter().map(|&name| name.to_owned()).collect() })
            }
        };
        assert_eq!(validation.check(&carried.exchange(), b""), expected);
    };
    check(Carried::default(), &["x-header-param", "issuer", "qs1"]);
    check(Carried::default().path("issuer", "1"), &["x-header-param", "qs1"]);
    check(
        Carried::default().path("issuer", "1").query("qs1=").header("x-header-param", ""),
        &["x-header-param", "qs1"],
    );
    check(Carried::default().path("issuer", "1").query("qs1=x").header("X-Header-Param", "v"), &["x-header-param"]);
    check(Carried::default().path("issuer", "1").query("qs1=x").header("x-header-param", "v"), &[]);
}

#[test]
fn without_the_validators_flag_nothing_is_checked() {
    let method = method(&[("method.request.querystring.a", true)], &[("application/json", "M")]);
    let models = [model("M", r#"{"required":["x"]}"#)];
    for validator in [None, Some(validator(false, false))] {
        let validation = RequestValidation::compile(&method, validator.as_ref(), &models);
        assert!(!validation.reads_body());
        assert_eq!(validation.check(&Carried::default().exchange(), b"no json"), Ok(()));
    }
    let parameters_first = RequestValidation::compile(&method, Some(&validator(true, true)), &models);
    let failure = parameters_first.check(&Carried::default().exchange(), b"no json");
    assert_eq!(failure, Err(Failure::BadRequestParameters { missing: vec!["a".to_owned()] }));
}

#[test]
fn a_required_parameter_whose_name_is_none_fails_each_request() {
    let method = method(&[("method.request.cookie.a", true)], &[]);
    let validation = RequestValidation::compile(&method, Some(&validator(false, true)), &[]);
    assert!(matches!(validation.check(&Carried::default().exchange(), b""), Err(Failure::ApiConfiguration { .. })));
}

#[test]
fn the_model_is_chosen_by_content_type() {
    let method = method(&[], &[("application/json", "Json"), ("text/xml", "Empty")]);
    let with_default = self::method(&[], &[("application/json", "Json"), ("$default", "Rest")]);
    let models = [model("Json", r#"{"required":["json"]}"#), model("Rest", r#"{"required":["rest"]}"#)];
    let check = |method: &Method, content_type: Option<&str>, missing: Option<&str>| {
        let validation = RequestValidation::compile(method, Some(&validator(true, false)), &models);
        let carried =
            content_type.map_or_else(Carried::default, |value| Carried::default().header("Content-type", value));
        let expected = missing.map_or(Ok(()), |name| {
            Err(Failure::BadRequestBody { detail: format!("[object has missing required properties ([\"{name}\"])]") })
        });
        assert_eq!(validation.check(&carried.exchange(), b"{}"), expected, "{content_type:?}");
    };
    check(&method, None, Some("json"));
    check(&method, Some("application/json"), Some("json"));
    check(&method, Some("APPLICATION/json; charset=utf-8"), Some("json"));
    check(&method, Some("text/plain"), None);
    check(&method, Some("text/xml"), None);
    check(&with_default, Some("text/plain"), Some("rest"));
    check(&with_default, Some("application/json"), Some("json"));
}

#[test]
fn an_empty_body_is_an_empty_object() {
    assert_eq!(details(r#"{"required":["a"]}"#, ""), r#"[object has missing required properties (["a"])]"#);
    assert_eq!(check_body(r#"{"type":"object"}"#, ""), Ok(()));
}

#[test]
fn what_is_not_json_is_an_invalid_body() {
    assert!(details(r"{}", "{broken").starts_with("[body is not JSON: "));
    assert!(details(r"{}", " ").starts_with("[body is not JSON: "));
}

#[test]
fn messages_are_worded_as_clients_know_them() {
    let check =
        |schema: &str, body: &str, expected: &str| assert_eq!(details(schema, body), expected, "{schema} {body}");
    check(r#"{"required":["a","b","c"]}"#, r#"{"b":1}"#, r#"[object has missing required properties (["a","c"])]"#);
    check(
        r#"{"type":["integer","number"]}"#,
        r#""x""#,
        r#"[instance type (string) does not match any allowed primitive type (allowed: ["integer","number"])]"#,
    );
    check(
        r#"{"type":"number"}"#,
        "null",
        r#"[instance type (null) does not match any allowed primitive type (allowed: ["integer","number"])]"#,
    );
    check(
        r#"{"type":"integer"}"#,
        "1.5",
        r#"[instance type (number) does not match any allowed primitive type (allowed: ["integer"])]"#,
    );
    check(
        r#"{"type":"object"}"#,
        "[]",
        r#"[instance type (array) does not match any allowed primitive type (allowed: ["object"])]"#,
    );
    check(
        r#"{"enum":["a","b"]}"#,
        r#""x""#,
        r#"[instance value ("x") not found in enum (possible values: ["a","b"])]"#,
    );
    check(
        r#"{"properties":{"a":{}},"additionalProperties":false}"#,
        r#"{"a":1,"x":2}"#,
        r#"[object instance has properties which are not allowed by the schema: ["x"]]"#,
    );
    check(r#"{"minimum":5}"#, "3", "[numeric instance is lower than the required minimum (minimum: 5, found: 3)]");
    check(r#"{"maximum":5}"#, "7", "[numeric instance is greater than the required maximum (maximum: 5, found: 7)]");
    check(
        r#"{"minimum":5,"exclusiveMinimum":true}"#,
        "5",
        "[numeric instance is not strictly greater than the required minimum 5]",
    );
    check(
        r#"{"maximum":5,"exclusiveMaximum":true}"#,
        "5",
        "[numeric instance is not strictly lower than the required maximum 5]",
    );
    check(r#"{"multipleOf":2}"#, "5", "[remainder of division is not zero (5 / 2)]");
}

#[test]
fn messages_about_lengths_and_combinations_are_worded_so_too() {
    let check =
        |schema: &str, body: &str, expected: &str| assert_eq!(details(schema, body), expected, "{schema} {body}");
    check(r#"{"minLength":3}"#, r#""é""#, r#"[string "é" is too short (length: 1, required minimum: 3)]"#);
    check(r#"{"maxLength":1}"#, r#""ab""#, r#"[string "ab" is too long (length: 2, maximum allowed: 1)]"#);
    check(r#"{"pattern":"^a+$"}"#, r#""b""#, r#"[ECMA 262 regex "^a+$" does not match input string "b"]"#);
    check(
        r#"{"minItems":2}"#,
        "[1]",
        "[array is too short: must have at least 2 elements but instance has 1 elements]",
    );
    check(r#"{"maxItems":0}"#, "[1]", "[array is too long: must have at most 0 elements but instance has 1 elements]");
    check(r#"{"uniqueItems":true}"#, "[1,1]", "[array must not contain duplicate elements]");
    check(r#"{"minProperties":1}"#, "{}", "[object has too few properties (found 0 but schema requires at least 1)]");
    check(
        r#"{"maxProperties":0}"#,
        r#"{"a":1}"#,
        "[object has too many properties (found 1 but schema requires at most 0)]",
    );
    check(
        r#"{"anyOf":[{"type":"string"},{"type":"null"}]}"#,
        "1",
        "[instance failed to match at least one required schema among 2]",
    );
    check(
        r#"{"oneOf":[{"type":"string"},{"type":"null"}]}"#,
        "1",
        "[instance failed to match exactly one schema (matched 0 out of 2)]",
    );
    check(
        r#"{"oneOf":[{"type":"integer"},{"minimum":0},{"type":"null"}]}"#,
        "1",
        "[instance failed to match exactly one schema (matched 2 out of 3)]",
    );
    check(r#"{"not":{"type":"integer"}}"#, "1", "[instance matched a schema which it should not have]");
    check(
        r#"{"properties":{"a":{"type":"string"},"b":{"required":["c","d"]}},"required":["z"]}"#,
        r#"{"a":1,"b":{}}"#,
        r#"[object has missing required properties (["z"]), instance type (integer) does not match any allowed primitive type (allowed: ["string"]), object has missing required properties (["c","d"])]"#,
    );
}

#[test]
fn valid_bodies_pass() {
    let schema = r##"{"$schema":"http://json-schema.org/draft-04/schema#","title":"x","type":"object","properties":{"a":{"$ref":"#/definitions/n"},"s":{"format":"email"}},"definitions":{"n":{"type":"number","minimum":0,"exclusiveMinimum":true}},"unknownKeyword":1}"##;
    assert_eq!(check_body(schema, r#"{"a":0.5,"s":"no mail"}"#), Ok(()));
    assert!(check_body(schema, r#"{"a":0}"#).is_err());
    assert_eq!(check_body(r#"{"pattern":"^(?=a)ab"}"#, r#""abc""#), Ok(()));
}

#[test]
fn models_refer_to_each_other_even_in_circles() {
    let url = "https://apigateway.amazonaws.com/restapis/whatever00/models";
    let models = [
        model(
            "Result",
            &format!(
                r#"{{"type":"object","properties":{{"input":{{"$ref":"{url}/Input"}},"output":{{"$ref":"{url}/Output"}}}}}}"#
            ),
        ),
        model(
            "Input",
            &format!(
                r#"{{"type":"object","required":["a"],"properties":{{"a":{{"type":"number"}},"op":{{"$ref":"{url}/Op#/definitions/op"}}}}}}"#
            ),
        ),
        model(
            "Output",
            &format!(
                r#"{{"type":"object","properties":{{"c":{{"type":"number","minimum":0,"exclusiveMinimum":true}},"next":{{"$ref":"{url}/Result"}}}}}}"#
            ),
        ),
        model("Op", r#"{"definitions":{"op":{"enum":["+","-"]}}}"#),
    ];
    let method = method(&[], &[("application/json", "Result")]);
    let validation = RequestValidation::compile(&method, Some(&validator(true, false)), &models);
    let check = |body: &str, expected: Result<(), &str>| {
        let expected = expected.map_err(|detail| Failure::BadRequestBody { detail: detail.to_owned() });
        assert_eq!(validation.check(&Carried::default().exchange(), body.as_bytes()), expected, "{body}");
    };
    check(r#"{"input":{"a":1,"op":"+"},"output":{"c":1,"next":{"input":{"a":2}}}}"#, Ok(()));
    check(r#"{"input":{}}"#, Err(r#"[object has missing required properties (["a"])]"#));
    check(r#"{"output":{"next":{"input":{}}}}"#, Err(r#"[object has missing required properties (["a"])]"#));
    check(
        r#"{"input":{"a":1,"op":"x"}}"#,
        Err(r#"[instance value ("x") not found in enum (possible values: ["+","-"])]"#),
    );
    check(r#"{"output":{"c":0}}"#, Err("[numeric instance is not strictly greater than the required minimum 0]"));
}

#[test]
fn a_broken_model_fails_each_request_and_nothing_is_fetched() {
    let check = |models: &[Model], name: &str| {
        let method = method(&[], &[("application/json", name)]);
        let validation = RequestValidation::compile(&method, Some(&validator(true, false)), models);
        let failure = validation.check(&Carried::default().exchange(), b"{}");
        assert!(matches!(failure, Err(Failure::ApiConfiguration { .. })), "{name}: {failure:?}");
    };
    check(&[], "Missing");
    check(&[model("M", "{not json")], "M");
    check(&[model("M", r#"{"type":"nonsense"}"#)], "M");
    check(&[model("M", r#"{"$ref":"https://apigateway.amazonaws.com/restapis/a/models/Missing"}"#)], "M");
    check(&[model("M", r#"{"$ref":"https://example.com/schema.json"}"#)], "M");
    check(&[model("M", r#"{"$ref":"file:///etc/passwd"}"#)], "M");
    check(&[model("M", r##"{"$ref":"#/definitions/missing"}"##)], "M");
}

#[test]
fn checks_may_be_shared_between_threads() {
    fn shared<T: Send + Sync>() {}
    shared::<RequestValidation>();
}

#[test]
fn every_keyword_of_draft_4_counts() {
    let check = |schema: &str, valid: &str, invalid: &str| {
        assert_eq!(check_body(schema, valid), Ok(()), "{schema} {valid}");
        assert!(check_body(schema, invalid).is_err(), "{schema} {invalid}");
    };
    check(r#"{"patternProperties":{"^n":{"type":"number"}}}"#, r#"{"n1":1,"x":"y"}"#, r#"{"n1":"1"}"#);
    check(
        r#"{"patternProperties":{"^n":{}},"additionalProperties":{"type":"null"}}"#,
        r#"{"n":1,"x":null}"#,
        r#"{"x":1}"#,
    );
    check(r#"{"items":{"type":"integer"}}"#, "[1,2]", r#"[1,"2"]"#);
    check(r#"{"items":[{"type":"integer"},{"type":"string"}],"additionalItems":false}"#, r#"[1,"a"]"#, r#"[1,"a",2]"#);
    check(r#"{"allOf":[{"required":["a"]},{"required":["b"]}]}"#, r#"{"a":1,"b":2}"#, r#"{"a":1}"#);
    check(r#"{"anyOf":[{"required":["a"]},{"required":["b"]}]}"#, r#"{"b":2}"#, r#"{"c":1}"#);
    check(r#"{"oneOf":[{"required":["a"]},{"required":["b"]}]}"#, r#"{"b":2}"#, r#"{"a":1,"b":2}"#);
    check(r#"{"dependencies":{"a":["b"]}}"#, r#"{"b":1}"#, r#"{"a":1}"#);
    check(r#"{"dependencies":{"a":{"required":["b"]}}}"#, r#"{"a":1,"b":1}"#, r#"{"a":1}"#);
    check(r#"{"pattern":"b+"}"#, r#""abc""#, r#""ac""#);
    check(r#"{"enum":[{"a":[1]},null]}"#, r#"{"a":[1.0]}"#, r#"{"a":[2]}"#);
    check(r#"{"uniqueItems":true}"#, r#"[1,"1"]"#, "[1,1.0]");
}

proptest! {
    #[test]
    fn no_body_makes_the_check_panic(body in proptest::collection::vec(any::<u8>(), 0..80), json in "[{}\\[\\]\",:a0-9. -]{0,40}") {
        let schema = r##"{"type":["object","array"],"required":["a"],"properties":{"a":{"pattern":"^(?=a)(a|b)+$"},"b":{"$ref":"#"}},"items":{"$ref":"#"}}"##;
        for body in [&body[..], json.as_bytes()] {
            let checked = validation(schema).check(&Carried::default().exchange(), body);
            prop_assert!(matches!(checked, Ok(()) | Err(Failure::BadRequestBody { .. })), "{:?}", checked);
        }
        let nested = format!("{}{json}", "[".repeat(5_000));
        prop_assert!(check_body(schema, &nested).is_err());
    }
}
