//! The command line. Exit codes: 0 done, 1 failed, 2 not a command line of ours, 64 settings that cannot be used.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::config::RawConfig;

/// The exit code for settings that cannot be used (`EX_USAGE` of sysexits).
pub(crate) const EXIT_USAGE: u8 = 64;

/// The API gateway for AWS Lambda functions, self-hosted.
#[derive(Debug, Parser)]
#[command(version, about, max_term_width = 120)]
pub(crate) struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Serve the control API, deployed APIs and functions; state lives in the data folder
    Serve(RawConfig),
    /// Run a project folder: import its API, create its functions, deploy, and reload what changes
    Dev(Dev),
    /// Tell the story of a request that a running gateway served
    Explain(Explain),
    /// Render a mapping template against a request that a file describes, without a server
    Render(Render),
    /// Say what an import would refuse or ignore of OpenAPI documents, without a server
    Import(Import),
}

/// The settings of `dev`.
#[derive(Debug, Args)]
pub(crate) struct Dev {
    /// Folder with a lambdagate.yaml
    #[arg(default_value = ".")]
    pub(crate) project: PathBuf,
    /// The settings that `serve` has too.
    #[command(flatten)]
    pub(crate) config: RawConfig,
}

/// The settings of `explain`.
#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// The request's id, from the response header x-amzn-RequestId
    #[arg(required_unless_present = "last")]
    pub(crate) request_id: Option<String>,
    /// The last request that was explained
    #[arg(long, conflicts_with = "request_id")]
    pub(crate) last: bool,
    /// How it is printed
    #[arg(long, value_enum, default_value_t = Output::Text)]
    pub(crate) output: Output,
    /// Where the gateway listens
    #[arg(long, value_name = "URL", env = "LAMBDAGATE_ENDPOINT", default_value = "http://127.0.0.1:4566")]
    pub(crate) endpoint: http::Uri,
}

/// How something is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Output {
    /// For people
    Text,
    /// For machines
    Json,
}

/// The settings of `render`.
#[derive(Debug, Args)]
#[command(after_long_help = RENDER_HELP)]
pub(crate) struct Render {
    /// The template's file, or - for standard input
    pub(crate) template: PathBuf,
    /// The request that the template reads, as JSON or YAML; without one, a request with nothing in it
    #[arg(long, short, value_name = "FILE")]
    pub(crate) request: Option<PathBuf>,
    /// Which message the template makes; the request file's `phase` where this is absent, else request
    #[arg(long, value_enum)]
    pub(crate) phase: Option<RenderPhase>,
    /// What is printed: the output as it is, or an object with output, requestOverride and responseOverride, or with error
    #[arg(long, value_enum, default_value_t = Output::Text)]
    pub(crate) output: Output,
}

/// The settings of `import`.
#[derive(Debug, Args)]
#[command(after_long_help = IMPORT_HELP)]
pub(crate) struct Import {
    /// Only read the documents; `aws apigateway import-rest-api` imports them
    #[arg(long)]
    pub(crate) check: bool,
    /// The documents, Swagger 2.0 or OpenAPI 3.0 in JSON or YAML; - for standard input
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// Account that imports them; that of the first role that a document names where this is absent
    #[arg(long, value_name = "DIGITS", env = "LAMBDAGATE_ACCOUNT")]
    pub(crate) account: Option<String>,
    /// Region that they are imported to
    #[arg(long, value_name = "NAME", env = "LAMBDAGATE_REGION", default_value = "us-east-1")]
    pub(crate) region: String,
    /// What is printed: drawings of the source, or a list of objects with file, severity, message, pointer, line and column
    #[arg(long, value_enum, default_value_t = Output::Text)]
    pub(crate) output: Output,
}

/// What `import --help` adds.
const IMPORT_HELP: &str = "\
error    API Gateway would refuse the document
warning  API Gateway would ignore this, with a warning or without

Exit codes: 0 nothing would be refused, 1 something would, 64 a file cannot be read.";

/// Which message a template makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum RenderPhase {
    /// The integration request: body is the client's
    Request,
    /// The method response: body is the integration's
    Response,
}

/// What `render --help` adds.
const RENDER_HELP: &str = "\
A request file has any of these members:

  body            a string as it is, anything else as its JSON text
  headers         name: value, or name: [value, value]
  querystring     name: value, or name: [value, value]
  path            name: value
  stageVariables  name: value
  context         members of $context, such as stage, httpMethod, identity: {sourceIp: …}
  phase           request or response

Exit codes: 0 rendered, 1 the template failed, 64 the template or the request file cannot be used.";
