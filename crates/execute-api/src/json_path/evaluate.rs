//! From a document to the nodes that a path names.

use vtl::{Map, Value, json};

use super::{JsonPath, JsonPathError, Step, VISITED_NODES_MAX};

type Result<T> = std::result::Result<T, JsonPathError>;

/// What a path does at a string where it wants to go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Strings {
    /// It finds nothing there.
    AreLeaves,
    /// It reads a string that holds a JSON object or array, and goes on inside.
    AreEntered,
}

/// What a path finds in a document. `visited` counts the nodes on the way.
pub(super) fn find(path: &JsonPath, document: &Value, strings: Strings, visited: &mut usize) -> Result<Option<Value>> {
    Evaluation { root: document, strings, visited }.find(path, document)
}

/// One evaluation, the operand paths of its filters included.
pub(super) struct Evaluation<'d> {
    root: &'d Value,
    strings: Strings,
    visited: &'d mut usize,
}

impl Evaluation<'_> {
    /// What an operand path of a filter finds, seen from the node under test.
    pub(super) fn find_operand(&mut self, path: &JsonPath, current: &Value) -> Result<Option<Value>> {
        if path.from_current {
            return self.find(path, current);
        }
        let root = self.root;
        self.find(path, root)
    }

    fn find(&mut self, path: &JsonPath, start: &Value) -> Result<Option<Value>> {
        let mut found = Vec::new();
        self.walk(&path.steps, start, &mut found)?;
        let result = if path.definite { found.into_iter().next() } else { Some(Value::json_list(found)) };
        match (&path.function, result) {
            (Some(function), Some(value)) => function.apply(&value, self, start),
            (_, result) => Ok(result),
        }
    }

    fn walk(&mut self, steps: &[Step], node: &Value, found: &mut Vec<Value>) -> Result<()> {
        self.visit()?;
        let Some((step, rest)) = steps.split_first() else {
            found.push(node.clone());
            return Ok(());
        };
        if self.strings == Strings::AreEntered
            && let Some(inner) = embedded(node)
        {
            return self.walk(steps, &inner, found);
        }
        match step {
            Step::Member(name) => self.walk_all(rest, member(node, name), found),
            Step::Members(names) if rest.is_empty() => {
                found.extend(merged(node, names));
                Ok(())
            }
            Step::Members(names) => names.iter().try_for_each(|name| self.walk_all(rest, member(node, name), found)),
            Step::Wildcard => self.walk_all(rest, children(node), found),
            Step::Index(position) => self.walk_all(rest, items_at(node, [*position]), found),
            Step::Indexes(positions) => self.walk_all(rest, items_at(node, positions.iter().copied()), found),
            Step::Slice(from, to) => self.walk_all(rest, slice(node, *from, *to), found),
            Step::Filter(filter) => {
                // A map is tested itself, a list by its items; a scalar cannot be filtered.
                let candidates = if let Value::Map(_) = node { vec![node.clone()] } else { children(node) };
                for candidate in candidates {
                    if filter.accepts(self, &candidate)? {
                        self.walk(rest, &candidate, found)?;
                    }
                }
                Ok(())
            }
            Step::DeepScan => self.scan(rest, node, found),
        }
    }

    fn walk_all(
        &mut self,
        steps: &[Step],
        nodes: impl IntoIterator<Item = Value>,
        found: &mut Vec<Value>,
    ) -> Result<()> {
        nodes.into_iter().try_for_each(|node| self.walk(steps, &node, found))
    }

    /// Takes the steps from every list and map at and below a node, parents first. The documents that reach this point nest
    /// no deeper than [`json::JSON_DEPTH_MAX`], so that recursion is safe.
    fn scan(&mut self, steps: &[Step], node: &Value, found: &mut Vec<Value>) -> Result<()> {
        self.visit()?;
        match (node, steps.first()) {
            // A filter tests maps one by one, each when the scan comes to it.
            (Value::List(_), Some(Step::Filter(_))) => {}
            // Of every list Jayway goes on with all items, whatever positions are asked for, unless the path ends there.
            (Value::List(_), Some(Step::Index(_) | Step::Indexes(_) | Step::Slice(..))) if steps.len() > 1 => {
                self.walk_all(&steps[1..], children(node), found)?;
            }
            (Value::List(_) | Value::Map(_), _) => self.walk(steps, node, found)?,
            _ => return Ok(()),
        }
        children(node).iter().try_for_each(|child| self.scan(steps, child, found))
    }

    /// Counts a node.
    pub(super) fn visit(&mut self) -> Result<()> {
        self.visit_all(1)
    }

    /// Counts a text that is copied.
    pub(super) fn visit_text(&mut self, bytes: usize) -> Result<()> {
        self.visit_all(bytes / 16)
    }

    /// Counts so many nodes.
    pub(super) fn visit_all(&mut self, nodes: usize) -> Result<()> {
        *self.visited = self.visited.saturating_add(nodes);
        if *self.visited > VISITED_NODES_MAX { Err(JsonPathError::TooManyNodes) } else { Ok(()) }
    }
}

/// The item at a position of a list, counted from the end when negative.
pub(super) fn at(items: &[Value], position: i64) -> Option<&Value> {
    let index = if position < 0 { i64::try_from(items.len()).ok()?.checked_add(position)? } else { position };
    items.get(usize::try_from(index).ok()?)
}

fn member(node: &Value, name: &str) -> Option<Value> {
    if let Value::Map(map) = node { map.borrow().get(name).cloned() } else { None }
}

/// A map of those members that are there.
fn merged(node: &Value, names: &[Box<str>]) -> Option<Value> {
    let Value::Map(map) = node else { return None };
    let map = map.borrow();
    let members = names.iter().filter_map(|name| map.get(name).map(|value| (&**name, value.clone())));
    Some(Value::from(members.collect::<Map>()))
}

fn children(node: &Value) -> Vec<Value> {
    match node {
        Value::List(list) => list.borrow().to_vec(),
        Value::Map(map) => map.borrow().values().cloned().collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => Vec::new(),
    }
}

fn items_at(node: &Value, positions: impl IntoIterator<Item = i64>) -> Vec<Value> {
    let Value::List(list) = node else { return Vec::new() };
    let list = list.borrow();
    positions.into_iter().filter_map(|position| at(&list, position).cloned()).collect()
}

/// `[from:to]` as Jayway reads it: with one end open a negative end counts from the list's end; with both given they are a
/// range of positions, of which negative ones count from the end one by one.
fn slice(node: &Value, from: Option<i64>, to: Option<i64>) -> Vec<Value> {
    let Value::List(list) = node else { return Vec::new() };
    let list = list.borrow();
    let length = i64::try_from(list.len()).unwrap_or(i64::MAX);
    let from_end = |position: i64| if position < 0 { length.saturating_add(position) } else { position };
    let range = match (from, to) {
        (Some(from), Some(to)) => from.max(-length)..to.min(length),
        (Some(from), None) => from_end(from).max(0)..length,
        (None, to) => 0..from_end(to.unwrap_or(length)).min(length),
    };
    range.filter_map(|position| at(&list, position).cloned()).collect()
}

/// The JSON inside a string that holds an object or array.
fn embedded(node: &Value) -> Option<Value> {
    let Value::String(text) = node else { return None };
    if !text.trim_start().starts_with(['{', '[']) {
        return None;
    }
    json::parse(text).ok()
}
