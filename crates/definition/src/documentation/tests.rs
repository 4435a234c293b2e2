use serde_json::json;

use super::*;

fn location(text: &str) -> Location {
    serde_json::from_str(text).unwrap()
}

fn check(text: &str, expected: Result<&str, &str>) {
    let checked = location(text).checked();
    let shown = checked.as_ref().map(ToString::to_string).map_err(ToString::to_string);
    assert_eq!(shown, expected.map(str::to_owned).map_err(str::to_owned), "{text}");
}

/// Developer Guide, "Valid location fields of DocumentationPart".
#[test]
fn each_type_has_its_fields() {
    check(r#"{"type": "API"}"#, Ok("type 'API'"));
    check(r#"{"type": "API", "path": ""}"#, Ok("type 'API'"));
    check(
        r#"{"type": "API", "path": "/"}"#,
        Err("Documentation part location of type 'API' does not allow the field 'path'"),
    );
    check(r#"{"type": "MODEL", "name": "Pet"}"#, Ok("type 'MODEL', name 'Pet'"));
    check(
        r#"{"type": "RESOURCE", "method": "GET"}"#,
        Err("Documentation part location of type 'RESOURCE' does not allow the field 'method'"),
    );
    check(r#"{"type": "METHOD", "method": "*"}"#, Ok("type 'METHOD', method '*'"));
    check(
        r#"{"type": "METHOD", "statusCode": "200"}"#,
        Err("Documentation part location of type 'METHOD' does not allow the field 'statusCode'"),
    );
    check(
        r#"{"type": "PATH_PARAMETER", "path": "/{id}"}"#,
        Err("Documentation part location of type 'PATH_PARAMETER' requires the field 'name'"),
    );
    check(r#"{"type": "QUERY_PARAMETER"}"#, Ok("type 'QUERY_PARAMETER'"));
    check(
        r#"{"type": "RESPONSE", "statusCode": "4xx"}"#,
        Err("Invalid documentation part location: '4xx' is not a valid statusCode"),
    );
    check(
        r#"{"type": "METHOD", "method": "get"}"#,
        Err("Invalid documentation part location: 'get' is not a valid method"),
    );
    check(
        r#"{"type": "METHOD", "path": "pets"}"#,
        Err("Invalid documentation part location: 'pets' is not a valid path"),
    );
    check(
        r#"{"type": "RESPONSE_HEADER", "path": "/a", "method": "GET", "statusCode": "200", "name": "X"}"#,
        Ok("type 'RESPONSE_HEADER', path '/a', method 'GET', statusCode '200', name 'X'"),
    );
}

#[test]
fn a_default_that_is_said_is_the_one_that_is_not() {
    assert_eq!(location(r#"{"type": "RESOURCE"}"#).key(), location(r#"{"type": "RESOURCE", "path": "/"}"#).key());
    assert_eq!(
        location(r#"{"type": "METHOD"}"#).key(),
        location(r#"{"type": "METHOD", "path": "/", "method": "*"}"#).key()
    );
    assert_ne!(location(r#"{"type": "METHOD"}"#).key(), location(r#"{"type": "RESOURCE"}"#).key());
}

/// Developer Guide, "Inherit content from an API entity of more general specifications".
#[test]
fn the_most_specific_part_counts() {
    let parts = [
        (r#"{"type": "RESPONSE", "statusCode": "400"}"#, "any 400"),
        (r#"{"type": "RESPONSE", "path": "/pets", "statusCode": "400"}"#, "400 of pets"),
        (r#"{"type": "RESPONSE", "path": "/pets", "method": "GET"}"#, "any of GET pets"),
        (r#"{"type": "RESPONSE", "path": "/pet"}"#, "of another path"),
        (r#"{"type": "RESOURCE", "path": "/pets"}"#, "pets"),
        (r#"{"type": "METHOD", "path": "/pets", "method": "POST"}"#, "post"),
    ];
    let parts: Vec<(Location, Map<String, Value>)> = parts
        .iter()
        .map(|(text, said)| (location(text), Map::from_iter([("description".to_owned(), json!(said))])))
        .collect();
    let contents = Contents::of(parts.iter().map(|(location, content)| (location, content)));
    let said = |text: &str| Some(contents.effective(&location(text))?["description"].as_str()?.to_owned());
    let response = |path: &str, method: &str, code: &str| {
        said(&format!(r#"{{"type": "RESPONSE", "path": "{path}", "method": "{method}", "statusCode": "{code}"}}"#))
    };
    assert_eq!(response("/toys", "GET", "400").as_deref(), Some("any 400"));
    assert_eq!(response("/pets", "PUT", "400").as_deref(), Some("400 of pets"));
    assert_eq!(response("/pets/{id}", "GET", "400").as_deref(), Some("400 of pets"), "path, then status code");
    assert_eq!(response("/pets/{id}", "GET", "200").as_deref(), Some("any of GET pets"));
    assert_eq!(response("/pets/{id}", "PUT", "200"), None);
    assert_eq!(said(r#"{"type": "RESOURCE", "path": "/pets/{id}"}"#), None, "resources inherit nothing");
    assert_eq!(said(r#"{"type": "METHOD", "path": "/pets/{id}", "method": "POST"}"#).as_deref(), Some("post"));
    assert_eq!(said(r#"{"type": "METHOD", "path": "/pets/{id}", "method": "GET"}"#), None);
}
