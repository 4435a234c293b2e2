//! An explanation as a person reads it in a terminal.
//!
//! What comes from requests and backends may hold control characters, which a terminal would act upon; they are shown escaped.

use std::fmt::{self, Display, Formatter};

use super::{Explanation, Step, TimedStep, Tried};
use crate::trace::fact::Pairs;

/// Lines of a quoted text that are printed.
const LINES_MAX: usize = 40;

impl Display for Explanation {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { request_id, http_method, path, status, api_id, stage, .. } = self;
        writeln!(f, "{} {} -> {status} in {}", Plain(http_method), Plain(path), Time(self.took_us))?;
        writeln!(f, "  request {}, API {}, stage {}", Plain(request_id), Plain(api_id), Plain(stage))?;
        for step in &self.steps {
            step.fmt(f)?;
        }
        for advice in &self.advice {
            writeln!(f, "\nAdvice: {}", Plain(advice))?;
        }
        Ok(())
    }
}

impl Display for TimedStep {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "\n{:>10}  ", Time(self.at_us).to_string())?;
        match &self.step {
            Step::Route { chosen, rejected } => {
                writeln!(f, "route: {}", Plain(chosen.as_deref().unwrap_or("no method fits")))?;
                rejected.iter().try_for_each(|rejected| {
                    writeln!(f, "            not {}: {}", Plain(&rejected.method), Plain(&rejected.reason))
                })
            }
            Step::Authorize { demand } => writeln!(f, "authorize: {}", Plain(demand)),
            Step::Throttle => writeln!(f, "throttle: within every limit"),
            Step::Request { path_parameters, query, headers, body } => {
                writeln!(f, "request")?;
                list(f, "path", path_parameters)?;
                list(f, "query", query)?;
                list(f, "header", headers)?;
                quote(f, "body", body)
            }
            Step::Validate { parameters, models } if parameters.is_empty() && models.is_empty() => {
                writeln!(f, "validate: nothing is demanded")
            }
            Step::Validate { parameters, models } => {
                writeln!(f, "validate: passed")?;
                parameters.iter().try_for_each(|name| writeln!(f, "            has {}", Plain(name)))?;
                models.iter().try_for_each(|name| writeln!(f, "            model for {}", Plain(name)))
            }
            Step::Cache { hit: true } => writeln!(f, "cache: it has the response"),
            Step::Cache { hit: false } => writeln!(f, "cache: it has no response, the backend is asked"),
            Step::Template { phase, source, input, output, error, overridden, took_us } => {
                writeln!(f, "{phase} template, {}", Time(*took_us))?;
                quote(f, "source", source)?;
                quote(f, "input", input)?;
                quote(f, "output", output.as_deref().unwrap_or_default())?;
                quote(f, "error", error.as_deref().unwrap_or_default())?;
                list(f, "set", overridden)
            }
            Step::Passthrough { phase, .. } => writeln!(f, "{phase} body passed as it was"),
            Step::NoTemplate { templates } => {
                writeln!(f, "no template for the content type; there are some for {}", Plain(&templates.join(", ")))
            }
            Step::Call { url, headers, body, function: _, source_arn, role } => {
                writeln!(f, "call {}", Plain(url))?;
                let authority = role.as_ref().map(|role| format!("with role {role}"));
                let authority = authority.or_else(|| source_arn.as_ref().map(|arn| format!("as {arn}")));
                authority.map_or(Ok(()), |text| writeln!(f, "            {}", Plain(&text)))?;
                list(f, "header", headers)?;
                quote(f, "body", body)
            }
            Step::Answer { status, took_us, headers, body } => {
                writeln!(f, "answer {status} after {}", Time(*took_us))?;
                list(f, "header", headers)?;
                quote(f, "body", body.as_deref().unwrap_or_default())
            }
            Step::FunctionError { message } => writeln!(f, "the function failed: {}", Plain(message)),
            Step::Select { text, tried, chosen } => {
                writeln!(f, "select an integration response for {text:?}")?;
                tried.iter().try_for_each(|tried| candidate(f, tried, *chosen))
            }
            Step::Response { status, headers, body } => {
                writeln!(f, "response {status}")?;
                list(f, "header", headers)?;
                quote(f, "body", body.as_deref().unwrap_or_default())
            }
            Step::Failure { status, reason } => writeln!(f, "answered {status} itself: {}", Plain(reason)),
            Step::Note { text } => writeln!(f, "{}", Plain(text)),
        }
    }
}

/// A response that was tried, and what it was tried with.
fn candidate(f: &mut Formatter<'_>, tried: &Tried, chosen: Option<u16>) -> fmt::Result {
    let pattern = tried.pattern.as_deref().map_or_else(|| "default".to_owned(), |text| format!("{text:?}"));
    let mark = if chosen == Some(tried.status) { "chosen" } else { "not chosen" };
    writeln!(f, "            {} ({}): {mark}", tried.status, Plain(&pattern))
}

fn list(f: &mut Formatter<'_>, title: &str, pairs: &Pairs) -> fmt::Result {
    pairs.iter().try_for_each(|(name, value)| writeln!(f, "            {title} {}: {}", Plain(name), Plain(value)))
}

fn quote(f: &mut Formatter<'_>, title: &str, text: &str) -> fmt::Result {
    if text.is_empty() {
        return Ok(());
    }
    writeln!(f, "            {title}:")?;
    text.lines().take(LINES_MAX).try_for_each(|line| writeln!(f, "              {}", Plain(line)))?;
    match text.lines().count().saturating_sub(LINES_MAX) {
        0 => Ok(()),
        more => writeln!(f, "              … {more} more lines"),
    }
}

/// A text whose control characters are shown and not obeyed.
struct Plain<'t>(&'t str);

impl Display for Plain<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|character| match character {
            '\t' => f.write_str("\t"),
            control if control.is_control() => write!(f, "{}", control.escape_default()),
            other => write!(f, "{other}"),
        })
    }
}

/// Microseconds, in the unit that suits them.
struct Time(u64);

impl Display for Time {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let milliseconds = self.0 / 1000;
        match self.0 {
            0..1000 => write!(f, "{} us", self.0),
            1000..10_000 => write!(f, "{milliseconds}.{} ms", self.0 % 1000 / 100),
            _ => write!(f, "{milliseconds} ms"),
        }
    }
}
