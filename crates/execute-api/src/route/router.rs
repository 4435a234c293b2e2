//! From a path and an HTTP method to the method that serves them.
//!
//! The tree of resources is compiled once per stage. Per level a static segment beats `{parameter}`, which beats `{greedy+}`; a
//! resource without a usable method is no match, and the search goes on with what is less specific. Segments are compared
//! raw: nothing is percent-decoded (Developer Guide, "Set up a proxy integration with a proxy resource").

use std::collections::BTreeMap;

use definition::{method::HttpMethod, resource::Segment};
use memchr::memchr;

use crate::request::PathParameters;

/// The resource tree of a stage, ready to search.
#[derive(Debug)]
pub struct Router {
    /// The root is the first; each node is the child of exactly one other.
    nodes: Vec<Node>,
}

/// What a path and an HTTP method lead to.
#[derive(Debug, PartialEq, Eq)]
pub struct Match {
    /// The value given to [`Router::insert`] for the method.
    pub method: usize,
    /// The path parameters, raw, in template order.
    pub path_parameters: PathParameters,
}

/// Nodes below another, by their static segment or parameter name.
type Children = Vec<(Box<str>, usize)>;

#[derive(Debug, Default)]
struct Node {
    /// Children of static segments; a tree, so that an API of very many siblings is built as fast as it is searched.
    statics: BTreeMap<Box<str>, usize>,
    parameters: Children,
    greedy: Children,
    methods: Vec<(HttpMethod, usize)>,
}

impl Router {
    /// A tree that leads nowhere yet.
    #[must_use]
    pub fn new() -> Self {
        Self { nodes: vec![Node::default()] }
    }

    /// Adds a method of a resource under a number of the caller's choice.
    ///
    /// A path template with a part that API Gateway would refuse matches nothing.
    pub fn insert(&mut self, path_template: &str, http_method: HttpMethod, method: usize) {
        let Some(node) = self.node_of(path_template) else { return };
        self.nodes[node].methods.push((http_method, method));
    }

    /// Finds the method that serves a path, which starts with one slash and is raw. One trailing slash is ignored.
    #[must_use]
    pub fn find(&self, path: &str, http_method: HttpMethod) -> Option<Match> {
        let path = path.strip_prefix('/').unwrap_or(path);
        let path = path.strip_suffix('/').unwrap_or(path);
        let mut bound = Vec::new();
        let rest = if path.is_empty() { None } else { Some(path) };
        let method = self.search(0, rest, http_method, &mut bound)?;
        let pairs = bound.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        Some(Match { method, path_parameters: PathParameters(pairs) })
    }

    /// Depth first; the depth is that of the resource tree and each node is visited at most once, so hostile paths cost no more.
    fn search<'s>(
        &'s self,
        node: usize,
        rest: Option<&'s str>,
        http_method: HttpMethod,
        bound: &mut Vec<(&'s str, &'s str)>,
    ) -> Option<usize> {
        let node = &self.nodes[node];
        let Some(rest) = rest else { return node.method(http_method) };
        let (segment, after) = match memchr(b'/', rest.as_bytes()) {
            Some(slash) => (&rest[..slash], Some(&rest[slash + 1..])),
            None => (rest, None),
        };
        if let Some(child) = node.statics.get(segment)
            && let Some(method) = self.search(*child, after, http_method, bound)
        {
            return Some(method);
        }
        let depth = bound.len();
        for (name, child) in node.parameters.iter().filter(|_| !segment.is_empty()) {
            bound.push((name, segment));
            if let Some(method) = self.search(*child, after, http_method, bound) {
                return Some(method);
            }
            bound.truncate(depth);
        }
        for (name, child) in node.greedy.iter().filter(|_| !rest.is_empty()) {
            if let Some(method) = self.nodes[*child].method(http_method) {
                bound.push((name, rest));
                return Some(method);
            }
        }
        None
    }

    fn node_of(&mut self, path_template: &str) -> Option<usize> {
        let mut node = 0;
        for part in path_template.split('/').filter(|part| !part.is_empty()) {
            node = match Segment::parse(part)? {
                Segment::Static(text) => {
                    if let Some(child) = self.nodes[node].statics.get(text) {
                        *child
                    } else {
                        let child = self.add_node();
                        self.nodes[node].statics.insert(text.into(), child);
                        child
                    }
                }
                Segment::Parameter(name) => self.child(node, name, |node| &mut node.parameters),
                Segment::Greedy(name) => self.child(node, name, |node| &mut node.greedy),
            };
        }
        Some(node)
    }

    fn child(&mut self, node: usize, name: &str, kind: fn(&mut Node) -> &mut Children) -> usize {
        if let Some((_, child)) = kind(&mut self.nodes[node]).iter().find(|(known, _)| **known == *name) {
            return *child;
        }
        let child = self.add_node();
        kind(&mut self.nodes[node]).push((name.into(), child));
        child
    }

    fn add_node(&mut self) -> usize {
        self.nodes.push(Node::default());
        self.nodes.len() - 1
    }
}

impl Default for Router {
    fn default() -> Self {
        Self::new()
    }
}

impl Node {
    fn method(&self, http_method: HttpMethod) -> Option<usize> {
        let of =
            |wanted: HttpMethod| self.methods.iter().find(|(known, _)| *known == wanted).map(|(_, method)| *method);
        of(http_method).or_else(|| of(HttpMethod::Any))
    }
}

#[cfg(test)]
mod tests;
