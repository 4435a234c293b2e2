use proptest::prelude::*;

use super::*;

const HOST: &str = "abcdef1234.execute-api.us-east-1.amazonaws.com";

#[track_caller]
fn check(host: &str, target: &str, path: &str, context_path: &str) {
    assert!(is_data_plane(host, target));
    let address = Address::parse(host, target).expect("an address");
    assert_eq!(address.api_id().as_str(), "abcdef1234");
    assert_eq!(address.stage().as_str(), "stage");
    assert_eq!((address.path(), address.context_path()), (path, context_path), "{host} {target}");
}

#[test]
fn the_stage_is_the_first_segment_below_an_apis_host() {
    check(HOST, "/stage", "/", "/stage");
    check(HOST, "/stage/", "/", "/stage/");
    check(HOST, "/stage?a=b", "/", "/stage");
    check(HOST, "/stage/proxy-value", "/proxy-value", "/stage/proxy-value");
    check(HOST, "/stage/proxy-value/", "/proxy-value/", "/stage/proxy-value/");
    check(HOST, "/stage//proxy-value", "/proxy-value", "/stage//proxy-value");
    check(HOST, "//stage/proxy-value", "/proxy-value", "/stage/proxy-value");
    check(HOST, "/stage/proxy-value//double-slash", "/proxy-value//double-slash", "/stage/proxy-value//double-slash");
    check(HOST, "/stage/a%2Fb%20c/+?q=/x#y", "/a%2Fb%20c/+", "/stage/a%2Fb%20c/+");
}

#[test]
fn hosts_are_compared_without_case_port_or_suffix() {
    for host in
        ["ABCDEF1234.Execute-API.localhost:4566", "abcdef1234.execute-api.localhost", "abcdef1234.execute-api:80"]
    {
        check(host, "/stage/x", "/x", "/stage/x");
    }
    let address = Address::parse("ABCDEF1234.Execute-API.localhost:4566", "/stage").expect("an address");
    assert_eq!(address.form(), &Form::Host { domain_name: "abcdef1234.execute-api.localhost".into() });
}

#[test]
fn the_path_forms_name_api_and_stage() {
    for prefix in ["/_aws/execute-api/abcdef1234/stage", "/restapis/abcdef1234/stage/_user_request_"] {
        check("localhost:4566", prefix, "/", "/stage");
        check("127.0.0.1", &format!("{prefix}/"), "/", "/stage/");
        check("[::1]:4566", &format!("{prefix}//x/y?z"), "/x/y", "/stage//x/y");
        let address = Address::parse("localhost", prefix).expect("an address");
        assert_eq!(address.form(), &Form::Path);
    }
}

#[test]
fn an_absolute_target_is_read_below_its_origin() {
    check(HOST, "http://elsewhere/stage/x", "/x", "/stage/x");
}

#[test]
fn what_names_no_stage_or_no_possible_api_is_no_address() {
    let targets = [(HOST, "/"), (HOST, ""), (HOST, "/a%20b/x"), ("nope.execute-api.localhost", "/stage")];
    for (host, target) in targets {
        assert!(is_data_plane(host, target), "{host} {target}");
        assert_eq!(Address::parse(host, target), None, "{host} {target}");
    }
    assert_eq!(Address::parse("localhost", "/_aws/execute-api/abcdef1234"), None);
    for target in ["/restapis", "/restapis/abcdef1234/stages/x", "/restapis/abcdef1234/stage/_user_request_x"] {
        assert!(!is_data_plane("localhost", target), "{target}");
        assert_eq!(Address::parse("localhost", target), None, "{target}");
    }
}

proptest! {
    #[test]
    fn whatever_is_addressed_is_data_plane_and_its_paths_agree(host in "\\PC{0,40}", target in "\\PC{0,80}") {
        for host in [host.as_str(), HOST] {
            if let Some(address) = Address::parse(host, &target) {
                prop_assert!(is_data_plane(host, split_target(&target).0));
                prop_assert!(address.path().starts_with('/'));
                let stage = address.context_path().strip_prefix('/').and_then(|path| path.strip_prefix(address.stage().as_str()));
                prop_assert!(stage.is_some());
            }
        }
    }
}
