//! `PATCH` as every resource knows it: a list of operations, applied in order to a copy, all or nothing.
//!
//! A resource says in a [`Table`] which paths it has, which operations each allows, and what they do; this module reads the
//! operations, finds their rules, and words refusals in the resource's dialect. AWS page: "Patch operations".

use indexmap::IndexMap;
use serde::Deserialize;

use crate::{
    call::Call,
    failure::{Failure, Result},
    wire::Violations,
};

/// The operations that AWS's model knows, in the order of its error text.
const OPS: [(&str, Op); 6] = [
    ("add", Op::Add),
    ("remove", Op::Remove),
    ("move", Op::Move),
    ("test", Op::Test),
    ("replace", Op::Replace),
    ("copy", Op::Copy),
];

/// How many operations a patch can have; ours, AWS publishes none. Each may look through a list that those before it made.
const OPERATIONS_MAX: usize = 5_000;

/// What a patch operation does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Op {
    /// Gives a value to what need not be there.
    Add,
    /// Takes something away.
    Remove,
    /// Known to the model, allowed nowhere.
    Move,
    /// Known to the model, allowed nowhere.
    Test,
    /// Gives another value.
    Replace,
    /// Takes the value from elsewhere; stages only.
    Copy,
}

impl Op {
    /// The wire name.
    pub(crate) fn as_str(self) -> &'static str {
        OPS.iter().find(|(_, op)| *op == self).map_or("", |(name, _)| name)
    }
}

/// One operation of a patch, its constraints checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Patch {
    /// What it does.
    pub(crate) op: Op,
    /// Where, as sent.
    pub(crate) path: String,
    /// The path's segments, unescaped.
    pub(crate) segments: Vec<String>,
    /// The value; absent and empty are the same to most paths.
    pub(crate) value: Option<String>,
    /// Where a copy takes its value from.
    pub(crate) from: Option<String>,
}

impl Patch {
    /// The value's text; empty when there is none.
    pub(crate) fn text(&self) -> &str {
        self.value.as_deref().unwrap_or_default()
    }

    /// The value as a text that may be unset: removing, and an empty value, unset it.
    pub(crate) fn optional_text(&self) -> Option<String> {
        (self.op != Op::Remove && !self.text().is_empty()).then(|| self.text().to_owned())
    }

    /// The value as a flag: anything but `true`, in whatever casing, is false.
    pub(crate) fn flag(&self) -> bool {
        self.text().eq_ignore_ascii_case("true")
    }

    /// The path's segment at `index`, which the rule's pattern says is there.
    pub(crate) fn segment(&self, index: usize) -> &str {
        self.segments.get(index).map_or("", String::as_str)
    }

    /// The plain refusal: `Invalid patch path {path}`.
    pub(crate) fn invalid_path(&self) -> Failure {
        Failure::bad_request(format!("Invalid patch path {}", self.path))
    }
}

/// What one path of a resource allows.
pub(crate) struct Rule<T: 'static> {
    /// The path; a segment `*` stands for any one.
    pub(crate) path: &'static str,
    /// The operations allowed.
    pub(crate) ops: &'static [Op],
    /// The refusal of other operations, where it is not the dialect's.
    pub(crate) otherwise: Option<&'static str>,
    /// What they do.
    action: Action<T>,
}

/// What the operations of a rule do.
enum Action<T: 'static> {
    /// They cannot fail.
    Set(fn(&mut T, &Patch)),
    /// They refuse some values.
    Try(fn(&mut T, &Patch) -> Result<()>),
}

impl<T> Rule<T> {
    /// A path that refuses some values. Operations that it does not allow are refused in the table's dialect.
    pub(crate) const fn new(path: &'static str, ops: &'static [Op], apply: fn(&mut T, &Patch) -> Result<()>) -> Self {
        Self { path, ops, otherwise: None, action: Action::Try(apply) }
    }

    /// The same of a path that takes every value.
    pub(crate) const fn set(path: &'static str, ops: &'static [Op], apply: fn(&mut T, &Patch)) -> Self {
        Self { path, ops, otherwise: None, action: Action::Set(apply) }
    }

    /// The same path with a refusal of its own.
    pub(crate) const fn otherwise(mut self, refusal: &'static str) -> Self {
        self.otherwise = Some(refusal);
        self
    }

    fn matches(&self, segments: &[String]) -> bool {
        let mut pattern = self.path.split('/').skip(1);
        let all_match =
            segments.iter().all(|segment| pattern.next().is_some_and(|part| part == "*" || part == segment));
        all_match && pattern.next().is_none()
    }
}

/// How a resource words the refusal of a path.
#[derive(Clone, Copy)]
pub(crate) enum Dialect {
    /// `Invalid patch path {path}`.
    Plain,
    /// Naming the paths that can be replaced.
    Listed,
    /// As the function says.
    Own(fn(&Patch) -> Failure),
}

/// All that can be patched of a resource.
pub(crate) struct Table<T: 'static> {
    /// How refusals are worded.
    pub(crate) dialect: Dialect,
    /// The paths, the first match wins.
    pub(crate) rules: &'static [Rule<T>],
}

impl<T> Table<T> {
    /// Applies a patch to `target`, which the caller drops when this fails.
    pub(crate) fn apply(&self, target: &mut T, patches: &[Patch]) -> Result<()> {
        for patch in patches {
            let matching = || self.rules.iter().filter(|rule| rule.matches(&patch.segments));
            if let Some(rule) = matching().find(|rule| rule.ops.contains(&patch.op)) {
                match rule.action {
                    Action::Set(apply) => apply(target, patch),
                    Action::Try(apply) => apply(target, patch)?,
                }
                continue;
            }
            return Err(match matching().find_map(|rule| rule.otherwise) {
                Some(refusal) => Failure::bad_request(refusal),
                None => self.refuse(patch),
            });
        }
        Ok(())
    }

    fn refuse(&self, patch: &Patch) -> Failure {
        match self.dialect {
            Dialect::Plain => patch.invalid_path(),
            Dialect::Own(refusal) => refusal(patch),
            Dialect::Listed => {
                let specified =
                    format!("Invalid patch path  '{}' specified for op '{}'.", patch.path, patch.op.as_str());
                if patch.op != Op::Replace {
                    return Failure::bad_request(format!("{specified} Please choose supported operations"));
                }
                let replaceable = self.rules.iter().filter(|rule| rule.ops.contains(&Op::Replace));
                let paths: Vec<&str> = replaceable.map(|rule| rule.path).collect();
                Failure::bad_request(format!("{specified} Must be one of: [{}]", paths.join(", ")))
            }
        }
    }
}

/// Reads the patch in a call's body; unknown operations are violations of the model, a missing path is refused at once.
pub(crate) fn read(call: &Call) -> Result<Vec<Patch>> {
    read_with(call, call.violations())
}

/// The same of a call of which other violations are known.
pub(crate) fn read_with(call: &Call, mut violations: Violations) -> Result<Vec<Patch>> {
    let sent = call.decode::<wire::PatchInput>()?.patch_operations.unwrap_or_default();
    if sent.len() > OPERATIONS_MAX {
        return Err(Failure::bad_request(format!("A patch has at most {OPERATIONS_MAX} operations")));
    }
    let names: Vec<&str> = OPS.iter().map(|(name, _)| *name).collect();
    for (number, operation) in (1..).zip(&sent) {
        let place = format!("patchOperations.{number}.member.op");
        violations.required(&place, operation.op.as_ref());
        violations.choice(&place, operation.op.as_deref(), &names);
    }
    violations.finish()?;
    sent.into_iter().map(parse).collect()
}

fn parse(sent: wire::PatchOperation) -> Result<Patch> {
    let op = OPS.iter().find(|(name, _)| sent.op.as_deref() == Some(name)).map(|(_, op)| *op);
    let (Some(op), Some(path)) = (op, sent.path) else {
        return Err(Failure::bad_request("Invalid patch path null"));
    };
    let Some(rest) = path.strip_prefix('/') else {
        return Err(Failure::bad_request(format!("Invalid patch path {path}")));
    };
    let segments = rest.split('/').map(unescape).collect();
    Ok(Patch { op, path, segments, value: sent.value, from: sent.from })
}

fn unescape(segment: &str) -> String {
    segment.replace("~1", "/").replace("~0", "~")
}

/// Adds, replaces or removes one entry of a map that is absent when it is empty; `missing` refuses to replace or remove what is
/// not there.
pub(crate) fn edit_entry<V>(
    map: &mut Option<IndexMap<String, V>>,
    name: &str,
    op: Op,
    value: V,
    missing: &'static str,
) -> Result<()> {
    let present = map.as_ref().is_some_and(|map| map.contains_key(name));
    if !present && op != Op::Add {
        return Err(Failure::not_found(missing));
    }
    let entries = map.get_or_insert_default();
    if op == Op::Remove {
        entries.shift_remove(name);
    } else {
        entries.insert(name.to_owned(), value);
    }
    if entries.is_empty() {
        *map = None;
    }
    Ok(())
}

/// Adds a text to a list that holds each once, or removes it.
pub(crate) fn edit_list(list: &mut Vec<String>, op: Op, text: &str) {
    list.retain(|item| item != text);
    if op != Op::Remove {
        list.push(text.to_owned());
    }
}

mod wire {
    use super::Deserialize;

    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    pub(super) struct PatchInput {
        pub(super) patch_operations: Option<Vec<PatchOperation>>,
    }

    #[derive(Deserialize)]
    pub(super) struct PatchOperation {
        pub(super) op: Option<String>,
        pub(super) path: Option<String>,
        pub(super) value: Option<String>,
        pub(super) from: Option<String>,
    }
}

#[cfg(test)]
mod tests;
