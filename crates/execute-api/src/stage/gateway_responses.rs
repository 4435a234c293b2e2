//! The gateway's own answers as a user customised them, compiled.
//!
//! Developer Guide, "Gateway responses for REST APIs in API Gateway". Their templates are no mapping templates: variables are
//! replaced and nothing else happens.

use definition::gateway_response::GatewayResponse;

use crate::{
    content_handling::TemplateSet,
    context::context_variable,
    exchange::Exchange,
    failure::{Failure, GatewayResponseType},
    parameter_mapping::GatewayResponseMapping,
};

/// What a user set, by response type.
#[derive(Debug, Default)]
pub(crate) struct GatewayResponses {
    custom: Vec<(GatewayResponseType, CustomResponse)>,
}

/// What a user set for one response type.
#[derive(Debug)]
pub(crate) struct CustomResponse {
    pub(crate) status: Option<u16>,
    pub(crate) headers: GatewayResponseMapping,
    pub(crate) templates: TemplateSet<PlainTemplate>,
}

/// A text with variables in it.
#[derive(Debug)]
pub(crate) struct PlainTemplate {
    pieces: Vec<Piece>,
}

#[derive(Debug)]
enum Piece {
    Text(Box<str>),
    Context(Box<str>),
    StageVariable(Box<str>),
    Header(Box<str>),
    Querystring(Box<str>),
    Path(Box<str>),
}

impl GatewayResponses {
    pub(crate) fn compile(responses: &[GatewayResponse]) -> Self {
        let custom = responses.iter().filter_map(|response| {
            let response_type =
                GatewayResponseType::ALL.into_iter().find(|known| known.as_str() == response.response_type)?;
            let templates = response.response_templates.iter();
            let compiled = CustomResponse {
                status: response.status_code.map(definition::id::StatusCode::get),
                headers: GatewayResponseMapping::compile(&response.response_parameters),
                templates: templates.map(|(key, text)| (key.clone(), Some(PlainTemplate::compile(text)))).collect(),
            };
            Some((response_type, compiled))
        });
        Self { custom: custom.collect() }
    }

    /// What was set for a type, or else for its family.
    pub(crate) fn get(&self, response_type: GatewayResponseType) -> Option<&CustomResponse> {
        let of = |wanted| self.custom.iter().find(|(known, _)| *known == wanted).map(|(_, response)| response);
        of(response_type).or_else(|| of(response_type.family()))
    }
}

impl PlainTemplate {
    fn compile(text: &str) -> Self {
        let mut pieces = Vec::new();
        let mut literal = String::new();
        let mut rest = text;
        while let Some(at) = rest.find('$') {
            literal.push_str(&rest[..at]);
            let after = &rest[at + 1..];
            let Some((piece, length)) = variable(after) else {
                literal.push('$');
                rest = after;
                continue;
            };
            if !literal.is_empty() {
                pieces.push(Piece::Text(std::mem::take(&mut literal).into()));
            }
            pieces.push(piece);
            rest = &after[length..];
        }
        literal.push_str(rest);
        if !literal.is_empty() {
            pieces.push(Piece::Text(literal.into()));
        }
        Self { pieces }
    }

    pub(crate) fn render(&self, failure: &Failure, exchange: &Exchange<'_>) -> String {
        let mut out = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => out.push_str(text),
                Piece::Context(path) => match error_variable(failure, path) {
                    Some(value) => out.push_str(&value),
                    None => out.push_str(context_variable(exchange.context, path).as_deref().unwrap_or_default()),
                },
                Piece::StageVariable(name) => {
                    out.push_str(exchange.stage_variables.get(&**name).map_or("", String::as_str));
                }
                Piece::Header(name) => out.push_str(exchange.headers.get(name).as_deref().unwrap_or_default()),
                Piece::Querystring(name) => out.push_str(exchange.query.get(name).unwrap_or_default()),
                Piece::Path(name) => out.push_str(exchange.path.get(name).unwrap_or_default()),
            }
        }
        out
    }
}

/// `$context.error.*`, which only a failure knows.
pub(crate) fn error_variable(failure: &Failure, path: &str) -> Option<String> {
    match path.strip_prefix("error.")? {
        "message" => Some(failure.message()),
        "messageString" => Some(serde_json::Value::String(failure.message()).to_string()),
        "responseType" => Some(failure.response_type().map_or("", GatewayResponseType::as_str).to_owned()),
        "validationErrorString" => Some(failure.validation_error().unwrap_or_default().to_owned()),
        _ => None,
    }
}

/// The variable that a text starts with (the `$` is gone), and its length.
fn variable(text: &str) -> Option<(Piece, usize)> {
    type Kind = (&'static str, fn(Box<str>) -> Piece);
    const KINDS: [Kind; 5] = [
        ("context.", Piece::Context),
        ("stageVariables.", Piece::StageVariable),
        ("method.request.header.", Piece::Header),
        ("method.request.querystring.", Piece::Querystring),
        ("method.request.path.", Piece::Path),
    ];
    let (prefix, piece) = KINDS.into_iter().find(|(prefix, _)| text.starts_with(prefix))?;
    let name = &text[prefix.len()..];
    let is_name_byte = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-');
    let length = name.bytes().position(|byte| !is_name_byte(byte)).unwrap_or(name.len());
    let name = name[..length].trim_end_matches('.');
    (!name.is_empty()).then(|| (piece(name.into()), prefix.len() + name.len()))
}
