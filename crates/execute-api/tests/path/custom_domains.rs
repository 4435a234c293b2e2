//! Specification 1.1: what a request over a custom domain name looks like from inside.

use definition::{
    domain_name::{BasePathMapping, DomainName},
    rest_api::{EndpointConfiguration, EndpointType},
};
use execute_api::address::{Address, CustomDomains};
use serde_json::{Value, json};

use crate::fixture::{API_ID, Api, FakeFunctions, get};

const HOST: &str = "api.example.com";

/// The address of a request to a domain name with one mapping, to the stage `prod`.
fn address(base_path: &str, target: &str) -> Address {
    let configuration = EndpointConfiguration::of(EndpointType::Regional);
    let domain = DomainName::new("*.example.com".to_owned(), configuration);
    let mapping = BasePathMapping {
        base_path: base_path.to_owned(),
        rest_api_id: API_ID.parse().expect("an id"),
        stage: Some("prod".parse().expect("a name")),
    };
    CustomDomains::new(&[(domain, vec![mapping])]).address(HOST, target).expect("an address")
}

/// What of an event tells how the request was addressed.
fn told(event: &Value) -> [&Value; 7] {
    let context = &event["requestContext"];
    let parameters = &event["pathParameters"]["proxy"];
    let members = ["path", "resourcePath", "stage", "domainName", "domainPrefix"].map(|name| &context[name]);
    let [path, resource_path, stage, domain_name, domain_prefix] = members;
    [&event["path"], parameters, path, resource_path, stage, domain_name, domain_prefix]
}

#[tokio::test]
async fn functions_are_told_the_path_with_its_base_path() {
    for (base_path, target, path, parameter) in [
        ("v1", "/v1/pets/1?a=b", "/v1/pets/1", "pets/1"),
        ("(none)", "/pets/1", "/pets/1", "pets/1"),
        ("v1", "//v1//pets", "/v1//pets", "pets"),
    ] {
        let functions = FakeFunctions::answering("{}");
        let client = Api::new().lambda_proxy("ANY", "/{proxy+}").deploy(functions.clone());
        let response = client.respond_at(address(base_path, target), HOST, get(target)).await;
        assert_eq!(response.status(), 200, "{target}");
        let event = functions.event();
        let expected = [path, parameter, path, "/{proxy+}", "prod", HOST, "api"].map(|text| json!(text));
        assert_eq!(told(&event), expected.each_ref(), "{target}");
        assert_eq!(event["headers"]["Host"], HOST);
    }
}

#[tokio::test]
async fn a_disabled_default_endpoint_leaves_custom_domains_open() {
    let functions = FakeFunctions::answering("{}");
    let api = Api::new().set("disableExecuteApiEndpoint", json!(true)).lambda_proxy("GET", "/");
    let client = api.deploy(functions);
    assert_eq!(client.send(get("/prod")).await.status, 403);
    let response = client.respond_at(address("v1", "/v1"), HOST, get("/v1")).await;
    assert_eq!(response.status(), 200);
}
