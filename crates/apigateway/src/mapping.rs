//! Mapping expressions and declared parameters, checked when they are stored.
//!
//! The grammar is [`definition::mapping`]'s; this module asks whether what an expression reads or sets is declared, and words
//! refusals as AWS does. Developer Guide, "Parameter mapping examples for REST APIs in API Gateway".

use std::collections::HashSet;

use definition::{
    gateway_response::GatewayResponse,
    mapping::{
        GatewayResponseSource, GatewayResponseTarget, MethodParameter, RequestSource, RequestTarget, ResponseSource,
        ResponseTarget,
    },
    method::{Method, MethodResponse},
};
use indexmap::IndexMap;

use crate::failure::{Failure, Result};

/// Bytes of a mapping template: the quota "Mapping template size".
const TEMPLATE_BYTES_MAX: usize = 300 * 1024;

/// Refuses parameters of a method that are misnamed, or named alike in two places.
pub(crate) fn check_method_parameters(parameters: Option<&IndexMap<String, bool>>) -> Result<()> {
    let mut names = HashSet::new();
    for text in parameters.into_iter().flat_map(IndexMap::keys) {
        let parameter: MethodParameter = text.parse().map_err(|_| invalid_expression(text))?;
        if !names.insert(parameter.name) {
            return Err(Failure::bad_request("Parameter names must be unique across querystring, header and path"));
        }
    }
    Ok(())
}

/// Refuses declared response headers that are misnamed.
pub(crate) fn check_response_headers(parameters: Option<&IndexMap<String, bool>>) -> Result<()> {
    match parameters.into_iter().flat_map(IndexMap::keys).find(|text| text.parse::<ResponseTarget>().is_err()) {
        Some(text) => Err(invalid_expression(text)),
        None => Ok(()),
    }
}

/// Refuses request mappings that are no mappings, or read what their method does not declare.
pub(crate) fn check_request_mappings(mappings: Option<&IndexMap<String, String>>, method: &Method) -> Result<()> {
    for (target, source) in mappings.into_iter().flatten() {
        target.parse::<RequestTarget>().map_err(|_| invalid_expression(target))?;
        let parsed: RequestSource = source.parse().map_err(|_| invalid_expression(source))?;
        check_declared(&parsed, source, method)?;
    }
    Ok(())
}

/// Refuses parameters of a cache key that are none, or that the method does not declare.
pub(crate) fn check_cache_key(parameters: &[String], method: &Method) -> Result<()> {
    for text in parameters {
        if text.parse::<RequestTarget>().is_ok() {
            continue;
        }
        let parsed: RequestSource = text.parse().map_err(|_| invalid_expression(text))?;
        check_declared(&parsed, text, method)?;
    }
    Ok(())
}

/// Refuses response mappings that are no mappings, or set headers that the method response does not declare.
pub(crate) fn check_response_mappings(
    mappings: Option<&IndexMap<String, String>>,
    response: Option<&MethodResponse>,
) -> Result<()> {
    let declared = response.and_then(|response| response.response_parameters.as_ref());
    for (target, source) in mappings.into_iter().flatten() {
        target.parse::<ResponseTarget>().map_err(|_| invalid_expression(target))?;
        source.parse::<ResponseSource>().map_err(|_| invalid_expression(source))?;
        if !declared.is_some_and(|declared| declared.contains_key(target)) {
            return Err(invalid_parameter(target));
        }
    }
    Ok(())
}

/// Refuses header mappings of a gateway response that are none.
pub(crate) fn check_gateway_response(response: &GatewayResponse) -> Result<()> {
    for (target, source) in &response.response_parameters {
        target.parse::<GatewayResponseTarget>().map_err(|_| invalid_expression(target))?;
        source.parse::<GatewayResponseSource>().map_err(|_| invalid_expression(source))?;
    }
    check_sizes(response.response_templates.values())
}

/// Refuses templates that are too long, or whose content types are none.
pub(crate) fn check_templates(templates: Option<&IndexMap<String, Option<String>>>) -> Result<()> {
    let is_content_type = |text: &str| {
        text.split_once('/').is_some_and(|(kind, subtype)| !kind.is_empty() && !subtype.is_empty())
            && text.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ')
    };
    match templates.into_iter().flat_map(IndexMap::keys).find(|text| !is_content_type(text)) {
        Some(text) => Err(validation_result("", &format!("Invalid content type specified: {text}"))),
        None => check_sizes(templates.into_iter().flat_map(IndexMap::values).flatten()),
    }
}

fn check_sizes<'a>(templates: impl IntoIterator<Item = &'a String>) -> Result<()> {
    if templates.into_iter().any(|template| template.len() > TEMPLATE_BYTES_MAX) {
        let message = format!("Mapping template exceeds the limit of {TEMPLATE_BYTES_MAX} bytes");
        return Err(validation_result("", &message));
    }
    Ok(())
}

fn check_declared(source: &RequestSource, text: &str, method: &Method) -> Result<()> {
    let Some(needed) = source.declaration() else { return Ok(()) };
    let declared = method.request_parameters.as_ref();
    if declared.is_some_and(|declared| declared.contains_key(&needed.to_string())) {
        return Ok(());
    }
    Err(invalid_parameter(text))
}

fn invalid_expression(text: &str) -> Failure {
    validation_result(
        "Invalid mapping expression specified: ",
        &format!("Invalid mapping expression specified: {text}"),
    )
}

fn invalid_parameter(text: &str) -> Failure {
    let error = format!("Invalid mapping expression parameter specified: {text}");
    validation_result("Invalid mapping expression specified: ", &error)
}

fn validation_result(prefix: &str, error: &str) -> Failure {
    Failure::bad_request(format!("{prefix}Validation Result: warnings : [], errors : [{error}]"))
}
