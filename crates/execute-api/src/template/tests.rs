use proptest::prelude::*;

use super::{
    codec,
    mentions::{ContextNames, ParameterNames},
    *,
};
use crate::context::fixture::Carried;

fn names(source: &str) -> Option<Vec<String>> {
    match Mentions::in_source(source).parameters {
        ParameterNames::These(names) => Some(names.into_iter().map(String::from).collect()),
        ParameterNames::Any => None,
    }
}

#[test]
fn parameters_are_prepared_by_name_when_all_names_are_written_out() {
    let check = |source: &str, expected: Option<&[&str]>| {
        let expected = expected.map(|names| names.iter().map(|&name| name.to_owned()).collect());
        assert_eq!(names(source), expected, "{source}");
    };
    check("no parameters", Some(&[]));
    check("$input.params('a') $input.params( \"b\" )", Some(&["a", "b"]));
    check("$input.params ('a')", Some(&["a"]));
    check("$input.params()", None);
    check("$input.params($name)", None);
    check("$input.params(\"$name\")", None);
    check("$input.params('a' + 'b')", None);
    check("$input.params('it''s')", None);
    check("$input.params(\"a\\u0041\")", None);
    check("$input.params('a') and params elsewhere", None);
    check("$input.params('open", None);
}

#[test]
fn context_variables_are_prepared_by_name_when_all_names_are_written_out() {
    let check = |source: &str, expected: Option<&[&str]>| {
        let found = match Mentions::in_source(source).context_names {
            ContextNames::These(variables) => {
                Some(variables.iter().map(|variable| variable.name()).collect::<Vec<_>>())
            }
            ContextNames::Any => None,
        };
        assert_eq!(found.as_deref(), expected, "{source}");
    };
    check("no variable, context.stage", Some(&[]));
    check("$context.stage ${context.requestId} $!{context.stage}", Some(&["stage", "requestId"]));
    check("$context.stage.toUpperCase()", Some(&["stage"]));
    check("$context.stage.", Some(&["stage"]));
    check("$context.identity.sourceIp", Some(&["identity.sourceIp"]));
    check("$context.identity.get('sourceIp')", None);
    check("#set($context.requestOverride.header.x = $context.apiId)", Some(&["apiId"]));
    check("$context.authorizer.principalId", Some(&["authorizer.principalId"]));
    check("$context.authorizer.claims.sub", None);
    check("#set($x = \"\\u0024context.stage\")", None);
    check("$context.keySet()", None);
    check("$context['stage']", None);
    check("#set($c = $context)", None);
    check("$context", None);
    check("$contexts.stage", None);
}

#[test]
fn templates_may_be_shared_between_threads() {
    fn shared<T: Send + Sync>() {}
    shared::<MappingTemplate>();
}

#[test]
fn all_paths_of_a_rendering_share_one_allowance_of_nodes() {
    let carried = Carried::default();
    let body = format!("[{}1]", "1,".repeat(10_000));
    let input = TemplateInput { phase: Phase::Request, exchange: carried.exchange(), body: &body };
    let render = |turns: usize| {
        let source = format!("#foreach($i in [1..{turns}])$input.path('$[?(@ == 2)]')#end");
        let template = MappingTemplate::compile(&source).unwrap();
        template.render(&input, &mut Overrides::default(), &Limits::default())
    };
    assert_eq!(render(2).unwrap(), "[][]");
    let is_refused =
        |error: &TemplateError| matches!(error, TemplateError::Engine(error) if error.kind() == vtl::ErrorKind::Host);
    let error = render(1000).unwrap_err();
    assert!(is_refused(&error), "{error}");
    // Patterns in paths that are computed are compiled each time.
    let template = MappingTemplate::compile("#foreach($i in [1..999])$input.path(\"[?(@ =~ /$i/)]\")#end").unwrap();
    let input = TemplateInput { body: "[]", ..input };
    let error = template.render(&input, &mut Overrides::default(), &Limits::default()).unwrap_err();
    assert!(is_refused(&error), "{error}");
}

#[test]
fn limits_stop_a_template_and_leave_the_overrides_alone() {
    let carried = Carried::default();
    let source = "#set($context.requestOverride.header.x = 'v')#foreach($i in [1..100])0123456789#end";
    let template = MappingTemplate::compile(source).unwrap();
    let input = TemplateInput { phase: Phase::Request, exchange: carried.exchange(), body: "" };
    let limits = Limits { output_bytes_max: 100, ..Limits::default() };
    let mut overrides = Overrides::default();
    let error = template.render(&input, &mut overrides, &limits).unwrap_err();
    assert!(matches!(&error, TemplateError::Engine(error) if error.kind() == vtl::ErrorKind::OutputTooLong), "{error}");
    assert_eq!(overrides, Overrides::default());
    let failure = error.failure(Phase::Response);
    assert!(
        matches!(&failure, Failure::ApiConfiguration { detail } if detail.starts_with("Unable to transform response")),
        "{failure}"
    );
}

#[test]
fn a_template_renders_the_same_again() {
    let carried = Carried::default().query("q=1").stage_variable("env", "dev");
    let template = MappingTemplate::compile(
        "#set($r = $input.path('$'))#set($r.n = 2)$r.n $input.params('q') $stageVariables.env",
    )
    .unwrap();
    let input = TemplateInput { phase: Phase::Request, exchange: carried.exchange(), body: r#"{"n":1}"# };
    for _ in 0..2 {
        assert_eq!(template.render(&input, &mut Overrides::default(), &Limits::default()).unwrap(), "2 1 dev");
    }
}

#[test]
fn base64_is_read_leniently() {
    let check = |text: &str, expected: &str| assert_eq!(codec::base64_decode(text), expected, "{text}");
    check("aGVsbG8=", "hello");
    check("aGVsbG8", "hello");
    check("aGVs\r\nbG8=", "hello");
    check("Pz8_Pz4-", "????>>");
    check("", "");
    check("a", "");
    check("/w==", "\u{fffd}");
}

proptest! {
    #[test]
    fn url_encoding_is_undone_by_decoding(text in "\\PC{0,40}") {
        prop_assert_eq!(codec::url_decode(&codec::url_encode(&text)), Some(text));
    }

    #[test]
    fn base64_is_undone_by_decoding(text in "\\PC{0,40}") {
        prop_assert_eq!(codec::base64_decode(&codec::base64_encode(&text)), text);
    }

    #[test]
    fn decoders_never_panic(text in "[%0-9a-zA-Z+é=_-]{0,20}") {
        let _ = codec::url_decode(&text);
        let _ = codec::base64_decode(&text);
    }

    #[test]
    fn escaped_text_is_ascii_without_a_bare_quote(text in "\\PC{0,40}") {
        let escaped = codec::escape_java_script(&text);
        prop_assert!(escaped.is_ascii());
        let undone = escaped.replace("\\'", "'");
        prop_assert_eq!(serde_json::from_str::<String>(&format!("\"{undone}\"")).ok(), Some(text));
    }

    #[test]
    fn no_body_makes_a_template_panic(body in "[{}\\[\\]\",:a-c0-9 ]{0,30}") {
        let carried = Carried::default();
        let template = MappingTemplate::compile("$input.body $input.json('$') $input.path('$..a') $input.path('$').size()").unwrap();
        let input = TemplateInput { phase: Phase::Response, exchange: carried.exchange(), body: &body };
        prop_assert!(template.render(&input, &mut Overrides::default(), &Limits::default()).is_ok());
    }
}
