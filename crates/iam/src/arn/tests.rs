use proptest::prelude::*;

use super::{
    ARN_BYTES_MAX, AccountId, Arn, FunctionArn, IntegrationTarget, IntegrationUri, InvalidArn, InvalidIntegrationUri,
    InvocationMode, Region, RoleArn, execute_api_arn,
};

#[track_caller]
fn check_arn(text: &str, expected: Option<[&str; 5]>) {
    let parsed = text.parse::<Arn>().ok();
    let parts =
        parsed.as_ref().map(|arn| [arn.partition(), arn.service(), arn.region(), arn.account(), arn.resource()]);
    assert_eq!(parts, expected, "{text:?}");
}

#[test]
fn an_arn_has_six_parts() {
    check_arn(
        "arn:aws:lambda:eu-west-1:123456789012:function:f:prod",
        Some(["aws", "lambda", "eu-west-1", "123456789012", "function:f:prod"]),
    );
    check_arn("arn:aws:s3:::bucket/key", Some(["aws", "s3", "", "", "bucket/key"]));
    check_arn("arn:aws:iam::123456789012:root", Some(["aws", "iam", "", "123456789012", "root"]));
    check_arn("", None);
    check_arn("arn", None);
    check_arn("arn:aws:s3::", None);
    check_arn("arn:aws:s3:::", None);
    check_arn("arn::s3:::b", None);
    check_arn("arn:aws::::b", None);
    check_arn("urn:aws:s3:::b", None);
    check_arn("arn:aws:s3:::b\n", None);
    check_arn(&format!("arn:aws:s3:::{}", "b".repeat(ARN_BYTES_MAX)), None);
}

#[test]
fn a_function_arn_may_have_a_qualifier() {
    let check = |text: &str, expected: Option<(&str, Option<&str>)>| {
        let parsed = text.parse::<FunctionArn>().ok();
        assert_eq!(parsed.as_ref().map(|arn| (arn.name(), arn.qualifier())), expected, "{text:?}");
        if let Some(parsed) = parsed {
            assert_eq!(parsed.to_string(), text);
        }
    };
    check("arn:aws:lambda:eu-west-1:123456789012:function:f", Some(("f", None)));
    check("arn:aws:lambda:eu-west-1:123456789012:function:f:prod", Some(("f", Some("prod"))));
    check("arn:aws:lambda:eu-west-1:123456789012:function:f:7", Some(("f", Some("7"))));
    check("arn:aws:lambda:eu-west-1:123456789012:function:f:$LATEST", Some(("f", Some("$LATEST"))));
    check("arn:aws:lambda:eu-west-1:123456789012:function:f:$latest", None);
    check("arn:aws:lambda:eu-west-1:123456789012:function:f:a:b", None);
    check("arn:aws:lambda:eu-west-1:123456789012:function:", None);
    check("arn:aws:lambda:eu-west-1:123456789012:function:${stageVariables.f}", None);
    check("arn:aws:lambda:eu-west-1:12345:function:f", None);
    check("arn:aws:lambda::123456789012:function:f", None);
    check("arn:aws:sns:eu-west-1:123456789012:function:f", None);
    check("arn:aws:lambda:eu-west-1:123456789012:layer:f", None);
}

#[test]
fn qualifiers_come_and_go() -> Result<(), InvalidArn> {
    let function: FunctionArn = "arn:aws:lambda:eu-west-1:123456789012:function:f".parse()?;
    let alias = function.with_qualifier("prod")?;
    assert_eq!(alias.to_string(), "arn:aws:lambda:eu-west-1:123456789012:function:f:prod");
    assert_eq!(alias.unqualified(), function);
    assert!(function.with_qualifier("a b").is_err());
    Ok(())
}

#[test]
fn a_role_arn_has_a_path_and_a_name() {
    let check = |text: &str, expected: Option<(&str, &str)>| {
        let parsed = text.parse::<RoleArn>().ok();
        assert_eq!(parsed.as_ref().map(|arn| (arn.path(), arn.name())), expected, "{text:?}");
    };
    check("arn:aws:iam::123456789012:role/r", Some(("/", "r")));
    check("arn:aws:iam::123456789012:role/service-role/deep/r", Some(("/service-role/deep/", "r")));
    check("arn:aws:iam::123456789012:role/", None);
    check("arn:aws:iam::123456789012:role/a/", None);
    check("arn:aws:iam::123456789012:role/a*", None);
    check("arn:aws:iam::*:role/a", None);
    check("arn:aws:iam::123456789012:user/u", None);
    check("arn:aws:iam:eu-west-1:123456789012:role/r", None);
}

#[test]
fn the_source_arn_of_a_method_keeps_the_template_of_its_path() {
    let check = |path: &str, expected: &str| {
        let region: Region = "eu-west-1".parse().unwrap();
        let account: AccountId = "123456789012".parse().unwrap();
        let arn = execute_api_arn(&region, &account, "abcdef1234", "prod", "GET", path).unwrap();
        assert_eq!(arn.as_str(), expected);
    };
    check("/pets/{id}", "arn:aws:execute-api:eu-west-1:123456789012:abcdef1234/prod/GET/pets/{id}");
    check("/", "arn:aws:execute-api:eu-west-1:123456789012:abcdef1234/prod/GET/");
}

#[track_caller]
fn check_lambda(text: &str, expected: Option<(&str, InvocationMode)>) {
    let uri: IntegrationUri = text.parse().unwrap();
    assert_eq!(uri.to_string(), text);
    assert_eq!(uri.lambda().map(|lambda| (lambda.function_text().to_owned(), lambda.mode())), {
        expected.map(|(function, mode)| (function.to_owned(), mode))
    });
}

#[test]
fn an_integration_uri_names_its_function() {
    let function = "arn:aws:lambda:eu-west-1:123456789012:function:f:prod";
    let uri = |version: &str, function: &str, last: &str| {
        format!("arn:aws:apigateway:us-east-1:lambda:path/{version}/functions/{function}/{last}")
    };
    check_lambda(&uri("2015-03-31", function, "invocations"), Some((function, InvocationMode::Buffered)));
    check_lambda(
        &uri("2021-11-15", function, "response-streaming-invocations"),
        Some((function, InvocationMode::Streaming)),
    );
    let variable = "arn:aws:lambda:eu-west-1:123456789012:function:${stageVariables.f}";
    check_lambda(&uri("2015-03-31", variable, "invocations"), Some((variable, InvocationMode::Buffered)));
    check_lambda(&uri("2015-03-31", function, "response-streaming-invocations"), None);
    check_lambda(&uri("2015-03-31", "", "invocations"), None);
    check_lambda("arn:aws:apigateway:us-east-1:sqs:path/123456789012/queue", None);
    check_lambda("arn:aws:apigateway:us-east-1:lambda:action/Invoke", None);

    let uri: IntegrationUri = uri("2015-03-31", function, "invocations").parse().unwrap();
    assert_eq!(uri.region().as_str(), "us-east-1");
    assert_eq!(uri.lambda().unwrap().function_arn().unwrap().to_string(), function);
}

#[test]
fn an_integration_uri_has_a_subdomain_a_service_and_a_target() {
    let uri: IntegrationUri = "arn:aws:apigateway:us-east-1:bucket.a.s3:path/{key}".parse().unwrap();
    assert_eq!(uri.subdomain(), Some("bucket.a"));
    assert_eq!(uri.service(), "s3");
    assert_eq!(uri.target(), &IntegrationTarget::Path("{key}".into()));
    let uri: IntegrationUri = "arn:aws:apigateway:us-east-1:dynamodb:action/PutItem".parse().unwrap();
    assert_eq!(uri.target(), &IntegrationTarget::Action("PutItem".into()));
}

#[test]
fn an_integration_uri_says_what_is_wrong_with_it() {
    let check = |text: &str, expected: fn(&InvalidIntegrationUri) -> bool| {
        let error = text.parse::<IntegrationUri>().unwrap_err();
        assert!(expected(&error), "{text:?}: {error:?}");
    };
    check("http://example.com", |error| matches!(error, InvalidIntegrationUri::Form { .. }));
    check("arn:aws:lambda:r:s3:path/x", |error| matches!(error, InvalidIntegrationUri::Form { .. }));
    check("arn:aws:apigateway::s3:path/x", |error| matches!(error, InvalidIntegrationUri::Region(_)));
    check("arn:aws:apigateway:r:.s3:path/x", |error| matches!(error, InvalidIntegrationUri::Service { .. }));
    check("arn:aws:apigateway:r:a.:path/x", |error| matches!(error, InvalidIntegrationUri::Service { .. }));
    check("arn:aws:apigateway:r:s3:paths/x", |error| matches!(error, InvalidIntegrationUri::Target { .. }));
    check("arn:aws:apigateway:r:s3:path", |error| matches!(error, InvalidIntegrationUri::Target { .. }));
    check(&"a".repeat(ARN_BYTES_MAX + 1), |error| matches!(error, InvalidIntegrationUri::TooLong { .. }));
}

proptest! {
    #[test]
    fn any_text_is_read_without_harm(text in "(arn:)?[ -~é:]{0,60}") {
        if let Ok(arn) = text.parse::<Arn>() {
            prop_assert_eq!(arn.to_string(), text.as_str());
        }
        if let Ok(uri) = text.parse::<IntegrationUri>() {
            prop_assert_eq!(uri.to_string(), text.as_str());
        }
    }

    #[test]
    fn what_parses_prints_as_it_was(
        partition in "aws(-cn)?",
        kind in prop::sample::select(vec!["iam::123456789012:role/", "iam::123456789012:role/a/b/",
            "lambda:eu-west-1:123456789012:function:", "apigateway:eu-west-1:b.s3:path/", "s3:::"]),
        rest in "[a-zA-Z0-9:$_.-]{0,12}",
    ) {
        let text = format!("arn:{partition}:{kind}{rest}");
        if let Ok(arn) = text.parse::<FunctionArn>() { prop_assert_eq!(arn.to_string(), text.as_str()); }
        if let Ok(arn) = text.parse::<RoleArn>() { prop_assert_eq!(arn.to_string(), text.as_str()); }
        if let Ok(uri) = text.parse::<IntegrationUri>() { prop_assert_eq!(uri.to_string(), text.as_str()); }
        if let Ok(arn) = text.parse::<Arn>() { prop_assert_eq!(arn.to_string(), text.as_str()); }
    }
}
