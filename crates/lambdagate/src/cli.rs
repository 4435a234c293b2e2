//! The command line. Exit codes: 0 done, 1 failed, 2 not a command line of ours, 64 settings that cannot be used.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

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
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Output {
    /// For people
    Text,
    /// For machines
    Json,
}
