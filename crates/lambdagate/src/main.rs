//! `lambdagate`: the API gateway for AWS Lambda functions, in one process.
//!
//! This crate joins the others: flags and settings ([`config`]), sockets ([`listen`]), which part of the gateway a request is for
//! ([`dispatch`], [`serving`]), and the ports between data plane, store and functions ([`wiring`]).

use std::process::ExitCode;

use clap::Parser as _;

mod cli;
mod config;
mod project;
mod clock;
mod telemetry;

mod listen;
mod dispatch;
mod serving;
mod admin;
mod wiring;

mod process;
mod commands;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // A worker process starts as this very program and becomes its function's interpreter.
    if std::env::args_os().nth(1).is_some_and(|argument| argument == lambda::worker_init::SUBCOMMAND) {
        return lambda::worker_init::main();
    }
    match commands::run(cli::Cli::parse()) {
        Ok(code) => code,
        Err(error) if error.is::<config::InvalidConfig>() => {
            eprintln!("lambdagate: {error:#}");
            ExitCode::from(cli::EXIT_USAGE)
        }
        Err(error) => {
            eprintln!("lambdagate: {error:#}");
            ExitCode::FAILURE
        }
    }
}
