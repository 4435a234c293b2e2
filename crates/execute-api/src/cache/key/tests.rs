use proptest::prelude::*;

use super::*;
use crate::{
    context::fixture::CONTEXT,
    request::{Headers, PathParameters, QueryParameters},
};

struct Sent<'a> {
    path: &'a [(&'a str, &'a str)],
    query: &'a str,
    headers: &'a [(&'a str, &'a str)],
    body: &'a str,
}

const NOTHING: Sent<'_> = Sent { path: &[], query: "", headers: &[], body: "" };

fn recipe(parameters: &[&str], mappings: &[(&str, &str)], deployment: &str) -> KeyRecipe {
    let integration: Integration = serde_json::from_value(serde_json::json!({
        "type": "HTTP", "httpMethod": "GET", "uri": "http://backend", "passthroughBehavior": "WHEN_NO_MATCH",
        "timeoutInMillis": 29000, "cacheNamespace": "ns", "cacheKeyParameters": parameters,
        "requestParameters": mappings.iter().copied().collect::<IndexMap<_, _>>(),
    }))
    .unwrap();
    KeyRecipe::compile(&integration, &deployment.parse().unwrap())
}

fn key(recipe: &KeyRecipe, sent: &Sent<'_>) -> Vec<u8> {
    let mut headers = Headers::default();
    sent.headers.iter().for_each(|(name, value)| headers.append(name, value));
    let path = sent.path.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let exchange = Exchange {
        context: &CONTEXT,
        path: &PathParameters(path),
        query: &QueryParameters::parse(sent.query),
        headers: &headers,
        stage_variables: &IndexMap::new(),
    };
    recipe.of(&exchange, sent.body.as_bytes()).unwrap()
}

#[test]
fn only_named_parameters_count() {
    let recipe = recipe(
        &["method.request.querystring.type", "method.request.header.X-Tenant", "method.request.path.id"],
        &[],
        "d1e2f3",
    );
    let base =
        Sent { path: &[("id", "7")], query: "type=admin&department=A", headers: &[("X-Tenant", "t")], ..NOTHING };
    let check = |sent: &Sent<'_>, same: bool| {
        assert_eq!(key(&recipe, sent) == key(&recipe, &base), same, "{} {:?}", sent.query, sent.headers);
    };
    check(&base, true);
    check(&Sent { query: "department=B&type=admin", ..base }, true);
    check(&Sent { body: "other", ..base }, true);
    check(&Sent { headers: &[("x-tenant", "t"), ("X-Other", "o")], ..base }, true);
    check(&Sent { query: "type=regular", ..base }, false);
    check(&Sent { query: "", ..base }, false);
    check(&Sent { query: "type=other&type=admin", ..base }, false);
    check(&Sent { headers: &[("X-Tenant", "u")], ..base }, false);
    check(&Sent { path: &[("id", "8")], ..base }, false);
}

#[test]
fn integration_parameters_count_as_they_are_mapped() {
    let mapped = recipe(
        &["integration.request.querystring.q", "integration.request.header.H", "integration.request.path.unmapped"],
        &[
            ("integration.request.querystring.q", "method.request.querystring.other"),
            ("integration.request.header.H", "method.request.body.name"),
        ],
        "d1e2f3",
    );
    let base = Sent { query: "other=1&q=2", body: r#"{"name":"Ana"}"#, ..NOTHING };
    let check =
        |sent: &Sent<'_>, same: bool| assert_eq!(key(&mapped, sent) == key(&mapped, &base), same, "{}", sent.query);
    check(&Sent { query: "other=1&q=9", ..base }, true);
    check(&Sent { body: r#"{"age":3,"name":"Ana"}"#, ..base }, true);
    check(&Sent { query: "other=9&q=2", ..base }, false);
    check(&Sent { body: r#"{"name":"Bob"}"#, ..base }, false);
    check(&Sent { path: &[("unmapped", "x")], ..base }, false);
}

#[test]
fn namespace_deployment_and_declared_parameters_keep_apart() {
    let key = |parameters: &[&str], deployment: &str| key(&recipe(parameters, &[], deployment), &NOTHING);
    let (a, b) = ("method.request.querystring.a", "method.request.querystring.b");
    assert_eq!(key(&[a, b], "d1e2f3"), key(&[b, a, b], "d1e2f3"));
    assert_ne!(key(&[a, b], "d1e2f3"), key(&[a], "d1e2f3"));
    assert_ne!(key(&[a], "d1e2f3"), key(&[a], "d1e2f4"));
}

proptest! {
    /// No two lists of values run into one another.
    #[test]
    fn different_values_give_different_keys(
        left in prop::collection::vec("[a-c=&]{0,3}", 0..4),
        right in prop::collection::vec("[a-c=&]{0,3}", 0..4),
    ) {
        let keys = |values: &[String]| {
            let mut key = Vec::new();
            push_all(&mut key, values.iter().map(String::as_bytes));
            key
        };
        prop_assert_eq!(left == right, keys(&left) == keys(&right));
    }
}
