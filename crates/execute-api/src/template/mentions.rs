//! What a template's source mentions, so that a rendering prepares nothing that no one reads.
//!
//! A variable can only be reached by its written name (there is no `#evaluate`), so a source that does not contain a word
//! cannot use the variable of that name. Whoever contains it in a text or comment pays for it and nothing else.

use crate::{context::ContextVariable, json_path::JsonPath};

/// Which of the host's variables a source mentions.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "one flag per variable that a template may mention")]
pub(super) struct Mentions {
    pub(super) input: bool,
    pub(super) util: bool,
    pub(super) context: bool,
    pub(super) stage_variables: bool,
    pub(super) parameters: ParameterNames,
    pub(super) context_names: ContextNames,
}

/// Which of `$context`'s variables a source can read.
#[derive(Debug)]
pub(super) enum ContextNames {
    /// These, and the overrides: each `$context` of the source is followed by a name written out.
    These(Vec<&'static ContextVariable>),
    /// Any: `$context` is passed on, listed, or asked by computed names.
    Any,
}

/// Which request parameters a source can ask `$input` for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum ParameterNames {
    /// These: each `params` of the source is a call with a name written out.
    These(Vec<Box<str>>),
    /// Any: names are computed, or all parameters are taken as a map.
    Any,
}

impl Mentions {
    pub(super) fn in_source(source: &str) -> Self {
        // A quoted string may spell any character as `\u` and its code, and so hide a name.
        let hides_names = source.contains("\\u");
        let mentions = |name: &str| hides_names || source.contains(name);
        Self {
            input: mentions("input"),
            util: mentions("util"),
            context: mentions("context"),
            stage_variables: mentions("stageVariables"),
            parameters: if hides_names { ParameterNames::Any } else { ParameterNames::in_source(source) },
            context_names: if hides_names { ContextNames::Any } else { ContextNames::in_source(source) },
        }
    }
}

impl ContextNames {
    fn in_source(source: &str) -> Self {
        let mut named: Vec<&'static ContextVariable> = Vec::new();
        for (at, word) in source.match_indices("context") {
            let before = source[..at].trim_end_matches('{').trim_end_matches('!');
            if !before.ends_with('$') {
                // A text that is no reference.
                continue;
            }
            let Some(path) = source[at + word.len()..].strip_prefix('.').map(dotted_name) else { return Self::Any };
            if matches!(path.split('.').next(), Some("requestOverride" | "responseOverride")) {
                continue;
            }
            // What follows a variable's own name is a method of its text.
            let variables = ContextVariable::all().iter().filter(|variable| {
                let rest = path.strip_prefix(variable.name());
                rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
            });
            let Some(variable) = variables.max_by_key(|variable| variable.name().len()) else { return Self::Any };
            if !named.iter().any(|known| known.name() == variable.name()) {
                named.push(variable);
            }
        }
        Self::These(named)
    }
}

/// Names joined by full stops that a text starts with.
fn dotted_name(text: &str) -> &str {
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    &text[..text.find(|c| !is_name(c)).unwrap_or(text.len())]
}

impl ParameterNames {
    fn in_source(source: &str) -> Self {
        let names = source.match_indices("params").map(|(at, word)| {
            let (name, rest) = quoted_argument(&source[at + word.len()..])?;
            rest.trim_start().starts_with(')').then(|| name.into())
        });
        names.collect::<Option<_>>().map_or(Self::Any, Self::These)
    }
}

/// JSONPaths by their text, compiled once; those that a template computes are compiled when it does.
#[derive(Debug)]
pub(super) struct WrittenPaths {
    paths: Vec<(Box<str>, JsonPath)>,
}

impl WrittenPaths {
    pub(super) fn in_source(source: &str) -> Self {
        let mut paths: Vec<(Box<str>, JsonPath)> = Vec::new();
        let calls = source.match_indices(".json").chain(source.match_indices(".path"));
        for (at, word) in calls {
            let Some((text, _)) = quoted_argument(&source[at + word.len()..]) else { continue };
            if paths.iter().any(|(known, _)| **known == *text) {
                continue;
            }
            // A path that cannot be compiled fails when, and only when, the template comes to it.
            if let Ok(path) = JsonPath::compile(text) {
                paths.push((text.into(), path));
            }
        }
        Self { paths }
    }

    pub(super) fn get(&self, text: &str) -> Option<&JsonPath> {
        self.paths.iter().find(|(known, _)| **known == *text).map(|(_, path)| path)
    }
}

/// The text of a literal that opens a call's arguments, and what follows it. A literal that Velocity would change is none.
fn quoted_argument(source: &str) -> Option<(&str, &str)> {
    let arguments = source.trim_start().strip_prefix('(')?.trim_start();
    let quote = arguments.chars().next().filter(|c| matches!(c, '\'' | '"'))?;
    let (text, rest) = arguments[1..].split_once(quote)?;
    let changes = |c: char| matches!(c, '#' | '\\') || (c == '$' && quote == '"');
    (!text.contains(changes) && !rest.starts_with(quote)).then_some((text, rest))
}
