//! The table as a whole, and paths against it.

use std::collections::HashSet;

use super::{OPERATIONS, find};

fn check(method: &str, path: &str, query: &[(&str, &str)], expected: Option<(&str, &[(&str, &str)])>) {
    let query: Vec<(String, String)> = query.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
    let found = find(method, path, &query);
    let found = found.as_ref().map(|(operation, members)| {
        (operation.name, members.iter().map(|(name, value)| (*name, value.as_str())).collect::<Vec<_>>())
    });
    assert_eq!(found, expected.map(|(name, members)| (name, members.to_vec())), "{method} {path}");
}

#[test]
fn every_operation_is_found_by_its_own_template() {
    let names: HashSet<&str> = OPERATIONS.iter().map(|operation| operation.name).collect();
    assert_eq!(names.len(), 124);
    for operation in &OPERATIONS {
        let path = operation.template.replace(['{', '}', '+'], "");
        let query: Vec<(String, String)> =
            operation.switch.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let (found, _) = find(operation.method, &path, &query).unwrap();
        assert_eq!(found.name, operation.name);
    }
}

#[test]
fn paths_are_split_before_they_are_decoded() {
    check("GET", "/restapis", &[], Some(("GetRestApis", &[])));
    check("POST", "/restapis", &[("mode", "import")], Some(("ImportRestApi", &[])));
    check("POST", "/restapis", &[("mode", "other")], Some(("CreateRestApi", &[])));
    let members: &[(&str, &str)] = &[("restapi_id", "a/b"), ("model_name", "M é")];
    check("GET", "/restapis/a%2Fb/models/M%20%C3%A9", &[], Some(("GetModel", members)));
    let arn = "arn:aws:apigateway:us-east-1::/restapis/x";
    let encoded = "/tags/arn%3Aaws%3Aapigateway%3Aus-east-1%3A%3A%2Frestapis%2Fx";
    check("GET", encoded, &[], Some(("GetTags", &[("resource_arn", arn)])));
    check("GET", &format!("/tags/{arn}"), &[], Some(("GetTags", &[("resource_arn", arn)])));
    for path in ["", "restapis", "/restapis/", "/restapis/x/", "/restapis/%FF", "/restapis/x/models/y/z"] {
        check("GET", path, &[], None);
    }
    check("get", "/restapis", &[], None);
}
