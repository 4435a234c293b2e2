//! One sentence of help for each of the usual mistakes, told from the facts of a request.

use serde_json::Value;

use crate::{
    Failure,
    ports::FunctionRefusal,
    template::Phase,
    trace::{
        Event, Fact,
        fact::{BodyMapping, CalledFunction, MethodRequest, RejectedBecause, Routing, Selection},
    },
};

/// Members that a proxy function's answer may have.
const PROXY_MEMBERS: [&str; 5] = ["statusCode", "headers", "multiValueHeaders", "body", "isBase64Encoded"];
/// Names that a sentence lists.
const LISTED_MAX: usize = 3;

/// The mistakes that are looked for. Each sees all facts and says its sentence, or nothing.
const MISTAKES: [fn(&Facts<'_>) -> Option<String>; 14] = [
    missing_preflight,
    unknown_route,
    unmet_demand,
    unsupported_media_type,
    broken_template,
    refused_invocation,
    failed_function,
    malformed_proxy_answer,
    undecodable_base64,
    no_selection,
    undeclared_response,
    swallowed_error,
    timed_out,
    unreachable_backend,
];

/// What would help with a request.
pub(super) fn advice(events: &[Event]) -> Vec<String> {
    let facts = Facts::of(events);
    MISTAKES.iter().filter_map(|mistake| mistake(&facts)).collect()
}

/// The facts that mistakes are told by.
#[derive(Debug, Default)]
struct Facts<'e> {
    failure: Option<&'e Failure>,
    routing: Option<&'e Routing>,
    request: Option<&'e MethodRequest>,
    templates: Option<&'e [String]>,
    broken: Option<&'e BodyMapping>,
    function: Option<&'e CalledFunction>,
    url: Option<&'e str>,
    answer: Option<&'e [u8]>,
    function_error: Option<&'e str>,
    selection: Option<&'e Selection>,
}

impl<'e> Facts<'e> {
    fn of(events: &'e [Event]) -> Self {
        let mut facts = Self::default();
        for event in events {
            match &event.fact {
                Fact::Failed(refusal) => facts.failure = Some(&refusal.failure),
                Fact::Routed(routing) => facts.routing = Some(routing),
                Fact::Started(request) => facts.request = Some(request),
                Fact::NoTemplate { templates } => facts.templates = Some(templates),
                Fact::Mapped(mapping) if mapping.output.is_err() => facts.broken = Some(mapping),
                Fact::Called(request) => {
                    facts.function = request.function.as_ref();
                    facts.url = Some(&request.url);
                }
                Fact::Answered(response) => facts.answer = response.answer.body.as_deref(),
                Fact::FunctionFailed { message, .. } => facts.function_error = Some(message),
                Fact::Selected(selection) => facts.selection = Some(selection),
                Fact::Received { .. }
                | Fact::Authorized { .. }
                | Fact::Admitted(_)
                | Fact::WithinLimits
                | Fact::Validated(_)
                | Fact::LookedUp { .. }
                | Fact::Mapped(_)
                | Fact::Responded(_)
                | Fact::Completed { .. }
                | Fact::Line(_) => {}
            }
        }
        facts
    }
}

fn missing_preflight(facts: &Facts<'_>) -> Option<String> {
    let routing = facts.routing.filter(|routing| routing.chosen.is_none() && routing.is_preflight)?;
    let path = &routing.path;
    Some(format!(
        "A browser asked before a call to {path} (CORS), and no OPTIONS method answers: add one with a MOCK integration and the \
         Access-Control-Allow-* headers, and deploy."
    ))
}

fn unknown_route(facts: &Facts<'_>) -> Option<String> {
    let routing = facts.routing.filter(|routing| routing.chosen.is_none() && !routing.is_preflight)?;
    let Some(nearest) = routing.rejected.first() else {
        return Some("The deployment of this stage has no method at all: add one, and deploy again.".to_owned());
    };
    if nearest.reason == RejectedBecause::HttpMethod {
        let methods = routing.rejected.iter().filter(|rejected| rejected.reason == RejectedBecause::HttpMethod);
        let methods: Vec<&str> = methods.map(|rejected| rejected.route.http_method.as_str()).collect();
        return Some(format!(
            "{} is there, but not for {}: it has {}. What was added since the last deployment needs another one.",
            nearest.route.resource_path,
            routing.http_method,
            methods.join(", ")
        ));
    }
    let routes = routing.rejected.iter().take(LISTED_MAX).map(|rejected| &rejected.route);
    let routes: Vec<String> = routes.map(|route| format!("{} {}", route.http_method, route.resource_path)).collect();
    Some(format!(
        "No resource of the deployed API has this path; the nearest are {}. What was added since the last deployment needs \
         another one.",
        routes.join(", ")
    ))
}

fn unmet_demand(facts: &Facts<'_>) -> Option<String> {
    let failure = facts.failure?;
    if let Failure::BadRequestParameters { missing } = failure {
        return Some(format!(
            "The method requires {}: send them, spelled with exactly these letters, or take the request validator off.",
            missing.join(", ")
        ));
    }
    if let Failure::BadRequestBody { detail } = failure {
        return Some(format!("The body does not satisfy the model of its content type: {detail}."));
    }
    let Failure::Unsupported { feature } = failure else { return None };
    Some(format!(
        "The API asks for {feature}, which this version cannot check, so it refuses: COMPATIBILITY.md lists what works."
    ))
}

fn unsupported_media_type(facts: &Facts<'_>) -> Option<String> {
    let templates = facts.templates?;
    let request = facts.request?;
    let sent = request.headers.iter().rev().find(|(name, _)| name.eq_ignore_ascii_case("content-type"));
    let sent = sent.map_or("application/json (none was sent)", |(_, value)| value.as_str());
    let known = if templates.is_empty() { "none".to_owned() } else { templates.join(", ") };
    Some(format!(
        "The integration's passthroughBehavior lets no body of content type {sent} pass without a template, and there are \
         templates for: {known}."
    ))
}

fn broken_template(facts: &Facts<'_>) -> Option<String> {
    let mapping = facts.broken?;
    let phase = match mapping.phase {
        Phase::Request => "request",
        Phase::Response => "response",
    };
    let report = mapping.output.as_ref().err()?;
    Some(format!("The {phase} template cannot be rendered; its engine says: {report}"))
}

fn refused_invocation(facts: &Facts<'_>) -> Option<String> {
    let Failure::FunctionRefused(refusal) = facts.failure? else { return None };
    let function = facts.function?;
    let CalledFunction { arn, source_arn, role } = function;
    Some(match refusal {
        FunctionRefusal::Permission { .. } => match role {
            Some(role) => format!("Let the role {role} do lambda:InvokeFunction on {arn}."),
            None => format!(
                "The function's policy does not let this method call it. This would: aws lambda add-permission --function-name \
                 {arn} --statement-id apigateway --action lambda:InvokeFunction --principal apigateway.amazonaws.com \
                 --source-arn '{source_arn}'"
            ),
        },
        FunctionRefusal::Role { arn } => {
            format!("The trust policy of {arn} must let apigateway.amazonaws.com do sts:AssumeRole.")
        }
        FunctionRefusal::NotFound { arn } => format!(
            "There is no function, version or alias {arn}: create it, or mend the integration's URI and the stage variables in it."
        ),
        FunctionRefusal::Throttled { .. } => {
            "The function has no concurrency left: raise its reserved concurrency, or call it less.".to_owned()
        }
        FunctionRefusal::Payload { .. } => {
            "A function takes JSON: make the request template render a JSON document.".to_owned()
        }
        FunctionRefusal::Unavailable { detail } => format!("The function cannot be run now: {detail}."),
    })
}

fn failed_function(facts: &Facts<'_>) -> Option<String> {
    let Failure::FunctionFailed { message, request_id } = facts.failure? else { return None };
    Some(format!("The function failed ({message}); its own log tells more, under request id {request_id}."))
}

/// What a proxy function's answer is in place of a response.
fn malformed_proxy_answer(facts: &Facts<'_>) -> Option<String> {
    const NEEDED: &str = "a proxy integration needs an object with statusCode";
    let Failure::MalformedProxyResponse { detail } = facts.failure? else { return None };
    let Ok(answer) = serde_json::from_slice::<Value>(facts.answer?) else {
        return Some(format!("The function's answer is not JSON: {NEEDED}."));
    };
    let Value::Object(members) = &answer else {
        return Some(format!("The function returned {}; {NEEDED}.", kind(&answer)));
    };
    let unknown: Vec<&str> =
        members.keys().map(String::as_str).filter(|name| !PROXY_MEMBERS.contains(name)).take(LISTED_MAX).collect();
    if !unknown.is_empty() && !members.contains_key("statusCode") {
        return Some(format!(
            "The function returned its data ({}) as the response itself; {NEEDED}, and the data in body as a string, such as \
             JSON.stringify(data).",
            unknown.join(", ")
        ));
    }
    if !unknown.is_empty() {
        return Some(format!(
            "The function's answer has members that no response has ({}): move them into body or headers.",
            unknown.join(", ")
        ));
    }
    match members.get("body") {
        Some(Value::String(_) | Value::Null) | None => {
            Some(format!("The function's answer is not of a response's form: {detail}."))
        }
        Some(body) => Some(format!(
            "The function returned {} as body, which must be a string: use JSON.stringify(data) or json.dumps(data).",
            kind(body)
        )),
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing (null)",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

fn undecodable_base64(facts: &Facts<'_>) -> Option<String> {
    let Failure::ApiConfiguration { detail } = facts.failure? else { return None };
    detail.contains("base64").then(|| {
        "The body was to be decoded from base64 and is none: encode it where isBase64Encoded is true, or take contentHandling \
         CONVERT_TO_BINARY or the client's Accept out of the API's binaryMediaTypes."
            .to_owned()
    })
}

fn no_selection(facts: &Facts<'_>) -> Option<String> {
    let selection = facts.selection.filter(|selection| selection.chosen.is_none())?;
    let patterns = selection.candidates.iter().filter_map(|candidate| candidate.pattern.as_deref());
    let patterns: Vec<String> = patterns.take(LISTED_MAX).map(|pattern| format!("{pattern:?}")).collect();
    let tried = if patterns.is_empty() { String::new() } else { format!(" (tried: {})", patterns.join(", ")) };
    Some(format!(
        "No integration response fits {:?}{tried}, and there is no default one: add an integration response without a \
         selectionPattern. A pattern must match the whole text.",
        selection.text
    ))
}

fn undeclared_response(facts: &Facts<'_>) -> Option<String> {
    let selection = facts.selection?;
    let chosen = selection.candidates.iter().find(|candidate| selection.chosen == Some(candidate.status))?;
    let status = chosen.status;
    (!chosen.declared).then(|| {
        format!(
            "The integration response {status} was chosen, but the method declares no response {status}: add it (aws apigateway \
             put-method-response --status-code {status} …), and deploy."
        )
    })
}

/// A function behind mappings that failed and still gave a success.
fn swallowed_error(facts: &Facts<'_>) -> Option<String> {
    let message = facts.function_error?;
    let selection = facts.selection?;
    let default = selection.candidates.iter().find(|candidate| candidate.pattern.is_none())?;
    (selection.chosen == Some(default.status)).then(|| {
        format!(
            "The function failed, and as no selectionPattern matches its errorMessage {message:?}, the client got the default \
             response {}: add an integration response whose pattern matches the whole message, such as \".*{}.*\".",
            default.status,
            message.split_whitespace().next().unwrap_or_default()
        )
    })
}

fn timed_out(facts: &Facts<'_>) -> Option<String> {
    let Failure::IntegrationTimeout { timeout_ms } = facts.failure? else { return None };
    let backend = if facts.function.is_some() { "function" } else { "backend" };
    Some(format!(
        "The {backend} took longer than the integration's timeoutInMillis of {timeout_ms}: make it faster, raise that time, or \
         let it work asynchronously."
    ))
}

fn unreachable_backend(facts: &Facts<'_>) -> Option<String> {
    let Failure::IntegrationFailure { detail } = facts.failure? else { return None };
    Some(format!("The backend at {} could not be reached: {detail}.", facts.url?))
}

#[cfg(test)]
mod tests;
