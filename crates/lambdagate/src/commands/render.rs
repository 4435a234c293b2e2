//! `lambdagate render`: renders a mapping template against a request that a file describes, without a server.
//!
//! Exit codes: 0 rendered, 1 the template failed, 64 the template or the request file cannot be used.

mod request_file;
mod diagnostic;

use std::{
    io::Read as _,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::Context as _;
use execute_api::{
    overrides::Overrides,
    template::{MappingTemplate, Phase, TemplateError, TemplateInput},
};
use indexmap::IndexMap;
use serde::Serialize;

use crate::{
    cli::{EXIT_USAGE, Output, Render, RenderPhase},
    commands::render::request_file::RequestFile,
    telemetry::print_line,
};

/// Stands for standard input where a template's path is asked for.
const STANDARD_INPUT: &str = "-";

/// Renders, prints, and says how it went.
pub(crate) fn run(render: &Render) -> ExitCode {
    let (source, request) = match read(render) {
        Ok(inputs) => inputs,
        Err(error) => {
            eprintln!("lambdagate: {error:#}");
            return ExitCode::from(EXIT_USAGE);
        }
    };
    let phase = match (render.phase, request.phase()) {
        (Some(RenderPhase::Response), _) | (None, Some(Phase::Response)) => Phase::Response,
        (Some(RenderPhase::Request), _) | (None, Some(Phase::Request) | None) => Phase::Request,
    };
    let mut overrides = Overrides::default();
    match rendered(&source, &request, phase, &mut overrides) {
        Ok(output) => {
            match render.output {
                Output::Text => print_text(&output),
                Output::Json => print_line(format_args!("{}", json(&Rendered::new(&output, &overrides)))),
            }
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{}", diagnostic::draw(&error, &source, &render.template));
            if render.output == Output::Json {
                print_line(format_args!("{}", json(&Failed::new(&error))));
            }
            ExitCode::FAILURE
        }
    }
}

fn read(render: &Render) -> anyhow::Result<(String, RequestFile)> {
    let source = read_template(&render.template)?;
    let request = match &render.request {
        Some(path) => RequestFile::read(path)?,
        None => RequestFile::default(),
    };
    Ok((source, request))
}

fn read_template(path: &Path) -> anyhow::Result<String> {
    if path.as_os_str() == STANDARD_INPUT {
        let mut source = String::new();
        std::io::stdin().read_to_string(&mut source).context("the template on standard input cannot be read")?;
        return Ok(source);
    }
    std::fs::read_to_string(path).with_context(|| format!("the template {} cannot be read", path.display()))
}

fn rendered(
    source: &str,
    request: &RequestFile,
    phase: Phase,
    overrides: &mut Overrides,
) -> Result<String, TemplateError> {
    let template = MappingTemplate::compile(source)?;
    let context = request.context();
    let exchange = request.exchange(&context);
    let input = TemplateInput { phase, exchange, body: request.body() };
    template.render(&input, overrides, &vtl::Limits::default())
}

/// The output and nothing else, but for a newline that ends the last line for a terminal.
fn print_text(output: &str) {
    print_line(format_args!("{}", output.strip_suffix('\n').unwrap_or(output)));
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}

/// What `--output json` prints of a success.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Rendered<'a> {
    output: &'a str,
    request_override: RequestOverride<'a>,
    response_override: ResponseOverride<'a>,
}

#[derive(Serialize)]
struct RequestOverride<'a> {
    header: &'a IndexMap<String, String>,
    querystring: &'a IndexMap<String, String>,
    path: &'a IndexMap<String, String>,
}

#[derive(Serialize)]
struct ResponseOverride<'a> {
    header: &'a IndexMap<String, String>,
    status: Option<u16>,
}

impl<'a> Rendered<'a> {
    fn new(output: &'a str, overrides: &'a Overrides) -> Self {
        Self {
            output,
            request_override: RequestOverride {
                header: &overrides.request_header,
                querystring: &overrides.request_querystring,
                path: &overrides.request_path,
            },
            response_override: ResponseOverride {
                header: &overrides.response_header,
                status: overrides.response_status,
            },
        }
    }
}

/// What `--output json` prints of a failure.
#[derive(Serialize)]
struct Failed {
    error: FailedAt,
}

#[derive(Serialize)]
struct FailedAt {
    message: String,
    line: Option<usize>,
    column: Option<usize>,
}

impl Failed {
    fn new(error: &TemplateError) -> Self {
        let place = diagnostic::engine_error(error);
        let message = place.map_or_else(|| error.to_string(), |error| error.detail().to_owned());
        let (line, column) = (place.map(vtl::Error::line), place.map(vtl::Error::column));
        Self { error: FailedAt { message, line, column } }
    }
}

/// How a path is shown.
fn shown(path: &Path) -> PathBuf {
    if path.as_os_str() == STANDARD_INPUT { PathBuf::from("<standard input>") } else { path.to_owned() }
}
