//! `lambdagate import --check`: says what an import would refuse or ignore of OpenAPI documents, without a server.
//!
//! Exit codes: 0 nothing would be refused, 1 something would, 64 a file cannot be read.

mod finding;

use std::{
    io::Read as _,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::Context as _;
use definition::Scope;
use serde::Serialize;

use crate::{
    cli::{EXIT_USAGE, Import, Output},
    commands::import::finding::{Effect, Finding},
    telemetry::print_line,
};

/// Stands for standard input where a document's path is asked for.
const STANDARD_INPUT: &str = "-";
/// What stands before the account in the ARN of a role.
const ROLE_PREFIX: &str = "arn:aws:iam::";
/// The account of documents that name none.
const ACCOUNT_DEFAULT: &str = "000000000000";

/// A document and what was found in it.
struct CheckedFile {
    name: String,
    text: String,
    findings: Vec<Finding>,
}

/// Checks, prints, and says how it went.
pub(crate) fn run(import: &Import) -> ExitCode {
    if !import.check {
        eprintln!("lambdagate: import only checks: add --check, or import with `aws apigateway import-rest-api`");
        return ExitCode::from(EXIT_USAGE);
    }
    let mut checked = Vec::new();
    let mut unreadable = false;
    for path in &import.files {
        match read(path) {
            Ok(text) => checked.push(check(import, path, text)),
            Err(error) => {
                eprintln!("lambdagate: {error:#}");
                unreadable = true;
            }
        }
    }
    match import.output {
        Output::Text => checked.iter().for_each(print_text),
        Output::Json => print_line(format_args!("{}", json(&checked))),
    }
    let refused = checked.iter().flat_map(|file| &file.findings).any(|finding| finding.effect == Effect::Error);
    match (unreadable, refused) {
        (true, _) => ExitCode::from(EXIT_USAGE),
        (false, true) => ExitCode::FAILURE,
        (false, false) => ExitCode::SUCCESS,
    }
}

fn read(path: &Path) -> anyhow::Result<String> {
    if path.as_os_str() == STANDARD_INPUT {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text).context("the document on standard input cannot be read")?;
        return Ok(text);
    }
    std::fs::read_to_string(path).with_context(|| format!("the document {} cannot be read", path.display()))
}

fn check(import: &Import, path: &Path, text: String) -> CheckedFile {
    let account = import.account.clone().unwrap_or_else(|| role_account(&text).to_owned());
    let scope = Scope { account, region: import.region.clone() };
    let findings = finding::all(&text, &scope);
    CheckedFile { name: shown(path).display().to_string(), text, findings }
}

/// The account of the first role that a document names: whoever imports the document is of that account.
fn role_account(text: &str) -> &str {
    let is_account = |account: &&str| account.bytes().all(|byte| byte.is_ascii_digit());
    let mut accounts = text.match_indices(ROLE_PREFIX).filter_map(|(at, prefix)| {
        let rest = &text[at + prefix.len()..];
        rest.get(..ACCOUNT_DEFAULT.len()).filter(is_account)
    });
    accounts.next().unwrap_or(ACCOUNT_DEFAULT)
}

/// The findings drawn on standard error, and how many there are of each kind.
fn print_text(file: &CheckedFile) {
    for finding in &file.findings {
        eprintln!("{}\n", finding.draw(&file.name, &file.text));
    }
    let count = |effect| file.findings.iter().filter(|finding| finding.effect == effect).count();
    let (errors, warnings) = (count(Effect::Error), count(Effect::Warning));
    print_line(format_args!("{}: {}, {}", file.name, counted(errors, "error"), counted(warnings, "warning")));
}

fn counted(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

fn json(checked: &[CheckedFile]) -> String {
    let findings: Vec<Printed<'_>> = checked
        .iter()
        .flat_map(|file| {
            file.findings.iter().map(|finding| {
                let place = finding.place(&file.text);
                Printed {
                    file: &file.name,
                    effect: finding.effect,
                    message: &finding.message,
                    pointer: finding.pointer.as_deref(),
                    line: place.map(|(line, _)| line),
                    column: place.map(|(_, column)| column),
                }
            })
        })
        .collect();
    serde_json::to_string_pretty(&findings).unwrap_or_default()
}

/// What `--output json` prints of a finding.
#[derive(Serialize)]
struct Printed<'a> {
    file: &'a str,
    #[serde(rename = "severity")]
    effect: Effect,
    message: &'a str,
    pointer: Option<&'a str>,
    line: Option<usize>,
    column: Option<usize>,
}

/// How a path is shown.
fn shown(path: &Path) -> PathBuf {
    if path.as_os_str() == STANDARD_INPUT { PathBuf::from("<standard input>") } else { path.to_owned() }
}
