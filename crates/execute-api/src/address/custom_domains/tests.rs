//! Hosts and paths against a table of domain names.

use definition::rest_api::{EndpointConfiguration, EndpointType};
use proptest::prelude::*;

use super::*;
use crate::address::is_data_plane;

fn domain(name: &str, endpoint_type: EndpointType) -> DomainName {
    DomainName::new(name.to_owned(), EndpointConfiguration::of(endpoint_type))
}

fn mapping(base_path: &str, api: &str, stage: Option<&str>) -> BasePathMapping {
    BasePathMapping {
        base_path: base_path.to_owned(),
        rest_api_id: api.parse().unwrap(),
        stage: stage.map(|stage| stage.parse().unwrap()),
    }
}

fn table() -> CustomDomains {
    let with = |name, mappings| (domain(name, EndpointType::Regional), mappings);
    let root = || mapping("(none)", "rootrootro", Some("live"));
    let mut guarded = domain("guarded.example.com", EndpointType::Regional);
    guarded.mutual_tls_authentication = Some(definition::domain_name::MutualTlsAuthentication {
        truststore_uri: "s3://trust/store.pem".to_owned(),
        truststore_version: None,
    });
    let mut ruled = domain("ruled.example.com", EndpointType::Regional);
    ruled.routing_mode = Some("ROUTING_RULE_ONLY".to_owned());
    CustomDomains::new(&[
        (domain("both.example.com", EndpointType::Private), vec![mapping("(none)", "privatepri", Some("live"))]),
        with("both.example.com", vec![root()]),
        with("both.example.com", vec![mapping("(none)", "secondseco", Some("live"))]),
        with(
            "api.example.com",
            vec![root(), mapping("v1", "oneoneoneo", Some("prod")), mapping("own", "ownownowno", None)],
        ),
        with("free.example.com", vec![mapping("(none)", "freefreefr", None)]),
        with("bare.example.com", vec![mapping("v1", "oneoneoneo", Some("prod"))]),
        with("*.example.com", vec![mapping("(none)", "wildwildwi", Some("live"))]),
        (guarded, vec![root()]),
        (ruled, vec![root()]),
        (domain("private.example.com", EndpointType::Private), vec![root()]),
    ])
}

/// Where a request goes: API, stage, resource path, context path.
#[track_caller]
fn check(host: &str, target: &str, expected: Option<(&str, &str, &str, &str)>) {
    let address = table().address(host, target);
    let found = address.as_ref().map(|address| {
        assert_eq!(address.path.told(), address.context_path(), "functions are told the whole path");
        assert!(!address.is_default_endpoint());
        (address.api_id().as_str(), address.stage().as_str(), address.path(), address.context_path())
    });
    assert_eq!(found, expected, "{host} {target}");
}

#[test]
fn the_mapping_of_the_first_segment_wins_over_that_of_all_paths() {
    let host = "api.example.com";
    check(host, "/v1/pets?a=/v1", Some(("oneoneoneo", "prod", "/pets", "/v1/pets")));
    check(host, "/v1", Some(("oneoneoneo", "prod", "/", "/v1")));
    check(host, "/v1/", Some(("oneoneoneo", "prod", "/", "/v1/")));
    check(host, "/v1//pets", Some(("oneoneoneo", "prod", "/pets", "/v1//pets")));
    check(host, "//v1/pets", Some(("oneoneoneo", "prod", "/pets", "/v1/pets")));
    check(host, "/v10/pets", Some(("rootrootro", "live", "/v10/pets", "/v10/pets")));
    check(host, "/V1/pets", Some(("rootrootro", "live", "/V1/pets", "/V1/pets")));
    check(host, "/(none)/pets", Some(("rootrootro", "live", "/(none)/pets", "/(none)/pets")));
    check(host, "/", Some(("rootrootro", "live", "/", "/")));
    check(host, "http://elsewhere/v1/pets#x", Some(("oneoneoneo", "prod", "/pets", "/v1/pets")));
    check("bare.example.com", "/v2", None);
    check("bare.example.com", "/", None);
}

#[test]
fn a_mapping_without_a_stage_takes_it_from_the_path() {
    check("api.example.com", "/own/dev/pets/", Some(("ownownowno", "dev", "/pets/", "/own/dev/pets/")));
    check("api.example.com", "/own//dev", Some(("ownownowno", "dev", "/", "/own//dev")));
    check("api.example.com", "/own", None);
    check("api.example.com", "/own/a%20b/pets", None);
    check("free.example.com", "/dev/pets", Some(("freefreefr", "dev", "/pets", "/dev/pets")));
    check("free.example.com", "/", None);
}

#[test]
fn hosts_are_found_by_name_and_then_by_wildcard() {
    let address = table().address("API.Example.com:8443", "/v1/x").unwrap();
    let domain_name = "api.example.com".into();
    assert_eq!(address.form(), &Form::CustomDomain { domain_name, base_path: Some("v1".into()) });
    let address = table().address("a.example.com.", "/x").unwrap();
    assert_eq!(address.form(), &Form::CustomDomain { domain_name: "a.example.com".into(), base_path: None });
    check("a.example.com", "/x", Some(("wildwildwi", "live", "/x", "/x")));
    check("both.example.com", "/x", Some(("rootrootro", "live", "/x", "/x")));
    for host in ["example.com", "a.b.example.com", "example.org", "*.example.org", "", ".", "localhost"] {
        assert!(!table().contains(host), "{host}");
        check(host, "/v1/pets", None);
    }
    assert!(!CustomDomains::default().contains("api.example.com"));
}

#[test]
fn a_host_whose_callers_cannot_be_told_apart_serves_nobody() {
    for host in ["private.example.com", "guarded.example.com", "ruled.example.com"] {
        assert!(table().contains(host), "{host}");
        check(host, "/x", None);
    }
}

proptest! {
    #[test]
    fn whatever_is_addressed_is_a_known_host_and_its_paths_agree(host in "\\PC{0,40}", target in "\\PC{0,80}") {
        let table = table();
        for host in [host.as_str(), "api.example.com", "free.example.com"] {
            if let Some(address) = table.address(host, &target) {
                prop_assert!(table.contains(host));
                prop_assert!(address.path().starts_with('/'));
                prop_assert!(address.context_path().starts_with('/') && !address.context_path().starts_with("//"));
                prop_assert!(address.path() == "/" || address.context_path().ends_with(address.path()));
                prop_assert!(!is_data_plane(host, "/") || host.contains("execute-api"));
            }
        }
    }
}
