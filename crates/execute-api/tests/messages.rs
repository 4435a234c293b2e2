//! Golden cases of mapping templates: a template, `---`, and what it reads, against its output and the overrides it leaves.

use execute_api::{
    context::{Identity, RequestContext},
    exchange::Exchange,
    overrides::Overrides,
    request::{Headers, PathParameters, QueryParameters},
    template::{MappingTemplate, Phase, TemplateInput},
};
use indexmap::IndexMap;
use serde::Deserialize;

/// What a template reads, as a case writes it. Everything may be left out.
#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
struct Read {
    response: bool,
    body: String,
    path: Vec<(String, String)>,
    query: String,
    headers: Vec<(String, String)>,
    stage_variables: IndexMap<String, String>,
    canary: Option<bool>,
    overrides: Set,
}

/// What an earlier template has set.
#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
struct Set {
    request_header: IndexMap<String, String>,
    response_header: IndexMap<String, String>,
    response_status: Option<u16>,
}

#[test]
fn templates_render_as_recorded() {
    insta::glob!("messages/cases/*.case", |path| {
        let case = std::fs::read_to_string(path).unwrap();
        let (template, read) = case.rsplit_once("\n---\n").expect("a case has a template, ---, and what it reads");
        let read: Read = serde_json::from_str(read).unwrap();
        let recorded = render(template, &read);
        insta::with_settings!({
            description => template,
            omit_expression => true,
            prepend_module_to_snapshot => false,
            snapshot_path => "messages/snapshots",
        }, {
            insta::assert_snapshot!(recorded);
        });
    });
}

fn render(template: &str, read: &Read) -> String {
    let template = match MappingTemplate::compile(template) {
        Ok(template) => template,
        Err(error) => return format!("does not compile: {error}"),
    };
    let mut headers = Headers::default();
    for (name, value) in &read.headers {
        headers.append(name, value);
    }
    let context = context(read.canary);
    let exchange = Exchange {
        context: &context,
        path: &PathParameters(read.path.clone()),
        query: &QueryParameters::parse(&read.query),
        headers: &headers,
        stage_variables: &read.stage_variables,
    };
    let phase = if read.response { Phase::Response } else { Phase::Request };
    let before = Overrides {
        request_header: read.overrides.request_header.clone(),
        response_header: read.overrides.response_header.clone(),
        response_status: read.overrides.response_status,
        ..Overrides::default()
    };
    let mut overrides = before.clone();
    let input = TemplateInput { phase, exchange, body: &read.body };
    match template.render(&input, &mut overrides, &vtl::Limits::default()) {
        Ok(output) if overrides == Overrides::default() => format!("{output}⏹"),
        Ok(output) => format!("{output}⏹\n\n{overrides:#?}"),
        Err(error) => {
            assert_eq!(overrides, before, "a template that fails sets nothing");
            format!("{error}\n\n{:?}", error.failure(phase))
        }
    }
}

fn context(is_canary: Option<bool>) -> RequestContext<'static> {
    RequestContext {
        account_id: "123456789012",
        api_id: "abcdef1234",
        stage: "prod",
        deployment_id: Some("d1e2f3"),
        resource_id: "x1y2z3",
        resource_path: "/pets/{id}",
        http_method: "POST",
        operation_name: None,
        path: "/prod/pets/a%2Fb",
        protocol: "HTTP/1.1",
        domain_name: "abcdef1234.execute-api.us-east-1.amazonaws.com",
        domain_prefix: "abcdef1234",
        base_path: None,
        request_id: "6c3a2f4e-0b1d-4f5a-8c7e-9d0f1a2b3c4d",
        extended_request_id: "AbCdEfGhIjKlMnO=",
        trace_id: "Root=1-67f66568-0123456789abcdef01234567",
        request_time: definition::time::EpochMillis(1_744_202_096_123),
        identity: Identity { source_ip: "203.0.113.9", user_agent: Some("curl/8"), ..Identity::default() },
        is_canary,
    }
}
