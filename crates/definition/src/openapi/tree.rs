//! Paths that become resources, and the methods on them.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::{Anchor, BasePathMode, Importer, Problem, Version};
use crate::{
    authorizer::Authorizer,
    id::ResourceId,
    method::{HttpMethod, Method},
    request_validator::RequestValidator,
    resource::{Resource, Segment},
};

/// What the document's paths declare.
pub(super) struct Tree {
    pub(super) resources: Vec<Resource>,
    pub(super) methods: Vec<Method>,
    /// Where in `resources` the one with a path is.
    by_path: HashMap<String, usize>,
    /// The path part with a variable below a resource; there can be but one.
    variables: HashMap<ResourceId, String>,
}

/// Where an operation stands.
pub(super) struct Place<'a, 'd> {
    /// The resource that the path became.
    pub(super) resource: &'a Resource,
    /// The path item, for what its operations share.
    pub(super) path_item: &'d Value,
    /// The method.
    pub(super) http_method: HttpMethod,
    /// Validators that may be named.
    pub(super) validators: &'a HashMap<&'a str, &'a RequestValidator>,
    /// Authorizers that may be named.
    pub(super) authorizers: &'a HashMap<&'a str, &'a Authorizer>,
}

impl std::fmt::Display for Place<'_, '_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "'{}' for resource at path '{}'", self.http_method, self.resource.path)
    }
}

impl Importer<'_> {
    pub(super) fn tree(
        &mut self,
        root: &ResourceId,
        validators: &[RequestValidator],
        authorizers: &[Authorizer],
    ) -> Tree {
        let validators =
            validators.iter().filter_map(|validator| Some((validator.name.as_deref()?, validator))).collect();
        let authorizers = authorizers.iter().map(|authorizer| (authorizer.name.as_str(), authorizer)).collect();
        let mut tree = Tree::new(root.clone());
        let mut seen = HashSet::new();
        let base_path = self.base_path();
        for (path, path_item) in self.root_object("paths") {
            if path.starts_with("x-") {
                continue;
            }
            self.findings.look_at(path_item);
            let whole = format!("{base_path}/{}", path.trim_start_matches('/'));
            let resource = match self.resource(&mut tree, &whole) {
                Ok(resource) => resource,
                Err(problem) => {
                    self.findings.refuse(format!("create resource at path '{whole}'"), &problem);
                    continue;
                }
            };
            let Some(path_item) = self.source.resolve(path_item) else {
                self.findings.error(format!("Unable to read resource at path '{whole}': its $ref leads nowhere"));
                continue;
            };
            for (key, operation) in path_item.as_object().into_iter().flatten() {
                self.findings.look_at(operation);
                let Some(http_method) = self.http_method(key, &whole) else { continue };
                let place = Place {
                    resource: &resource,
                    path_item,
                    http_method,
                    validators: &validators,
                    authorizers: &authorizers,
                };
                let method = self.method(&place, operation);
                self.origins.insert(method.record_id(), Anchor::of(operation));
                if seen.insert(method.record_id()) {
                    tree.methods.push(method);
                } else {
                    self.findings
                        .error(format!("Unable to put method {place}: Method already exists for this resource"));
                }
            }
        }
        tree
    }

    /// What stands before every path, without a slash at its end.
    pub(super) fn base_path(&self) -> String {
        let base = self.source.base_path().unwrap_or_default();
        let segments: Vec<&str> = base.split('/').filter(|segment| !segment.is_empty()).collect();
        let kept = match self.options.base_path {
            BasePathMode::Ignore => &[],
            BasePathMode::Prepend => &segments[..],
            BasePathMode::Split => segments.get(1..).unwrap_or_default(),
        };
        kept.iter().flat_map(|segment| ["/", segment]).collect()
    }

    /// The resource at `path`, made with its ancestors if need be.
    fn resource(&mut self, tree: &mut Tree, path: &str) -> Result<Resource, Problem> {
        let mut at = 0;
        for part in path.split('/').filter(|part| !part.is_empty()) {
            let parent = &tree.resources[at];
            let path = format!("{}/{part}", parent.path.trim_end_matches('/'));
            if let Some(existing) = tree.by_path.get(&path) {
                at = *existing;
                continue;
            }
            check_part(part, parent, tree.variables.get(&parent.id))?;
            if !self.source.spend_bytes(path.len()) {
                return Err("the document's paths are too long".into());
            }
            let id = self.fresh()?;
            at = tree.add(Resource { id, parent_id: Some(parent.id.clone()), path_part: Some(part.to_owned()), path });
        }
        Ok(tree.resources[at].clone())
    }

    /// The method that a member of a path item declares; what looks like one and is none is ignored with a warning.
    fn http_method(&mut self, key: &str, path: &str) -> Option<HttpMethod> {
        if key == "x-amazon-apigateway-any-method" {
            return Some(HttpMethod::Any);
        }
        let named = key.to_ascii_uppercase();
        let method = named.parse().ok().filter(|method| *method != HttpMethod::Any && named != key);
        // In OpenAPI 3 the importer warns of every member that there is none of.
        let is_unexpected = self.source.version == Version::Swagger2 && named.parse::<HttpMethod>().is_ok();
        if method.is_none() && (is_unexpected || key == "trace") {
            self.findings.warning(format!("Ignoring '{key}' of resource at path '{path}': not a method of OpenAPI's"));
        }
        method
    }
}

impl Tree {
    fn new(root: ResourceId) -> Self {
        let root = Resource { id: root, parent_id: None, path_part: None, path: "/".to_owned() };
        let mut tree =
            Self { resources: Vec::new(), methods: Vec::new(), by_path: HashMap::new(), variables: HashMap::new() };
        tree.add(root);
        tree
    }

    /// Adds a resource whose path part is fit; where it now is.
    fn add(&mut self, resource: Resource) -> usize {
        let at = self.resources.len();
        self.by_path.insert(resource.path.clone(), at);
        if let (Some(parent), Some(part)) = (&resource.parent_id, &resource.path_part)
            && !matches!(Segment::parse(part), Some(Segment::Static(_)))
        {
            self.variables.insert(parent.clone(), part.clone());
        }
        self.resources.push(resource);
        at
    }
}

/// Refuses a path part that the parent cannot take; `variable` is the parent's child with a variable, if there is one.
fn check_part(part: &str, parent: &Resource, variable: Option<&String>) -> Result<(), Problem> {
    let Some(segment) = Segment::parse(part) else {
        return Err(
            "Resource's path part only allow a-zA-Z0-9._-: or a valid greedy path variable and curly braces at the \
                    beginning and the end and a greedy path variable can only be at the end of the resource path"
                .into(),
        );
    };
    let parent_part = parent.path_part.as_deref().unwrap_or_default();
    if matches!(Segment::parse(parent_part), Some(Segment::Greedy(_))) {
        return Err(format!("Cannot create a child of a resource with a greedy path variable: {parent_part}").into());
    }
    match (segment, variable) {
        (Segment::Parameter(_) | Segment::Greedy(_), Some(sibling)) => Err(format!(
            "A sibling ({sibling}) of this resource already has a variable path part -- only one is allowed"
        )
        .into()),
        (Segment::Static(_), _) | (Segment::Parameter(_) | Segment::Greedy(_), None) => Ok(()),
    }
}
