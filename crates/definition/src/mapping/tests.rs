use super::*;

fn parameter(location: ParameterLocation, name: &str) -> MethodParameter {
    MethodParameter { location, name: name.into() }
}

#[test]
fn request_sources_are_parameters_bodies_and_ambient_values() {
    let check = |text: &str, expected: RequestSource| assert_eq!(text.parse::<RequestSource>(), Ok(expected), "{text}");
    check("method.request.path.id", RequestSource::Parameter(parameter(ParameterLocation::Path, "id")));
    check("method.request.querystring.a.b", RequestSource::Parameter(parameter(ParameterLocation::Querystring, "a.b")));
    check("method.request.header.X-Token", RequestSource::Parameter(parameter(ParameterLocation::Header, "X-Token")));
    check("method.request.multivaluequerystring.a", RequestSource::MultiValueQuerystring("a".into()));
    check("method.request.multivalueheader.A", RequestSource::MultiValueHeader("A".into()));
    check("method.request.body", RequestSource::Body(None));
    check("method.request.body.a.b[0]", RequestSource::Body(Some("a.b[0]".into())));
    check("stageVariables.env", RequestSource::Ambient(AmbientSource::StageVariable("env".into())));
    check("context.identity.sourceIp", RequestSource::Ambient(AmbientSource::Context("identity.sourceIp".into())));
    check(
        "context.authorizer.claims.custom:role",
        RequestSource::Ambient(AmbientSource::Context("authorizer.claims.custom:role".into())),
    );
    check("'Event'", RequestSource::Ambient(AmbientSource::Literal("Event".into())));
    check("''", RequestSource::Ambient(AmbientSource::Literal("".into())));
    check("'it's'", RequestSource::Ambient(AmbientSource::Literal("it's".into())));
}

#[test]
fn response_sources_read_the_integration_response() {
    let check =
        |text: &str, expected: ResponseSource| assert_eq!(text.parse::<ResponseSource>(), Ok(expected), "{text}");
    check("integration.response.header.Location", ResponseSource::Header("Location".into()));
    check("integration.response.multivalueheader.Set-Cookie", ResponseSource::MultiValueHeader("Set-Cookie".into()));
    check("integration.response.body", ResponseSource::Body(None));
    check("integration.response.body.errorMessage.x", ResponseSource::Body(Some("errorMessage.x".into())));
    check("'*'", ResponseSource::Ambient(AmbientSource::Literal("*".into())));
    check("context.requestId", ResponseSource::Ambient(AmbientSource::Context("requestId".into())));
}

#[test]
fn gateway_responses_read_the_request_but_no_body() {
    assert_eq!(
        "method.request.header.Origin".parse(),
        Ok(GatewayResponseSource::Parameter(parameter(ParameterLocation::Header, "Origin")))
    );
    assert!("method.request.body".parse::<GatewayResponseSource>().is_err());
    assert!("integration.response.header.X".parse::<GatewayResponseSource>().is_err());
}

#[test]
fn targets_and_declarations_print_as_they_were_written() {
    for text in ["method.request.path.id", "method.request.querystring.q", "method.request.header.H"] {
        assert_eq!(text.parse::<MethodParameter>().map(|p| p.to_string()).as_deref(), Ok(text));
    }
    for text in ["integration.request.path.id", "integration.request.querystring.q", "integration.request.header.H"] {
        assert_eq!(text.parse::<RequestTarget>().map(|p| p.to_string()).as_deref(), Ok(text));
    }
    let text = "method.response.header.Access-Control-Allow-Origin";
    assert_eq!(text.parse::<ResponseTarget>().map(|p| p.to_string()).as_deref(), Ok(text));
    for text in ["gatewayresponse.header.X-Error", "gatewayresponse.path.p", "gatewayresponse.querystring.q"] {
        assert_eq!(text.parse::<GatewayResponseTarget>().map(|p| p.to_string()).as_deref(), Ok(text));
    }
}

#[test]
fn anything_else_is_an_error_that_names_the_expression() {
    let wrong = [
        "",
        "true",
        "method.request",
        "method.request.",
        "method.request.path",
        "method.request.path.",
        "method.request.cookie.a",
        "method.request.header.a b",
        "method.request.header.é",
        "method.request.body.",
        "method.request.bodyx",
        "'open",
        "'",
        "open'",
        "stageVariables",
        "stageVariables.",
        "stagevariables.a",
        "context",
        "context.",
        "context..a",
        "context.a.",
        "context.a b",
        "integration.request.header.X",
        "method.response.header.X",
        "method.request.multivaluepath.a",
    ];
    for text in wrong {
        assert_eq!(text.parse::<RequestSource>(), Err(InvalidMapping { expression: text.into() }), "{text}");
    }
    assert!("method.request.header.".parse::<MethodParameter>().is_err());
    assert!("method.request.multivalueheader.X".parse::<MethodParameter>().is_err());
    assert!("integration.request.body".parse::<RequestTarget>().is_err());
    assert!("method.response.querystring.X".parse::<ResponseTarget>().is_err());
    assert!("gatewayresponse.body.X".parse::<GatewayResponseTarget>().is_err());
    let error = "true".parse::<RequestSource>().map_err(|error| error.to_string());
    assert_eq!(error, Err("invalid mapping expression \"true\"".to_owned()));
}

#[test]
fn a_source_names_the_declaration_that_it_needs() {
    let check = |text: &str, expected: Option<&str>| {
        let declared =
            text.parse::<RequestSource>().ok().and_then(|source| source.declaration()).map(|p| p.to_string());
        assert_eq!(declared.as_deref(), expected, "{text}");
    };
    check("method.request.path.id", Some("method.request.path.id"));
    check("method.request.multivaluequerystring.a", Some("method.request.querystring.a"));
    check("method.request.multivalueheader.A", Some("method.request.header.A"));
    check("method.request.body.a", None);
    check("'x'", None);
}

#[test]
fn missing_parameters_are_reported_in_the_order_of_their_full_keys() {
    let mut parameters: Vec<MethodParameter> =
        ["method.request.querystring.a", "method.request.path.z", "method.request.header.m"]
            .map(|t| t.parse().unwrap())
            .to_vec();
    parameters.sort();
    let keys: Vec<String> = parameters.iter().map(ToString::to_string).collect();
    assert_eq!(keys, ["method.request.header.m", "method.request.path.z", "method.request.querystring.a"]);
}
