//! Resources as paths, and the methods on them as operations.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde_json::{Map, Value};

use super::{ExportError, Exporter, put_said};
use crate::{
    documentation::{Location, PartType},
    id::ResourceId,
    method::{HttpMethod, Method},
    openapi::Version,
    resource::Resource,
};

impl Exporter<'_> {
    /// All resources with methods, and those below which there is nothing, by their paths.
    pub(super) fn paths(&self) -> Result<Value, ExportError> {
        let mut methods: HashMap<&ResourceId, Vec<&Method>> = HashMap::new();
        for method in &self.snapshot.methods {
            methods.entry(&method.resource_id).or_default().push(method);
        }
        let parents: HashSet<&ResourceId> =
            self.snapshot.resources.iter().filter_map(|resource| resource.parent_id.as_ref()).collect();
        let mut paths = BTreeMap::new();
        for resource in &self.snapshot.resources {
            let mut methods = methods.remove(&resource.id).unwrap_or_default();
            let is_implied = resource.parent_id.is_none() || parents.contains(&resource.id);
            if methods.is_empty() && is_implied {
                continue;
            }
            methods.sort_by_key(|method| order(method.http_method));
            paths.insert(resource.path.clone(), self.path_item(resource, &methods)?);
        }
        Ok(Value::Object(paths.into_iter().collect()))
    }

    fn path_item(&self, resource: &Resource, methods: &[&Method]) -> Result<Value, ExportError> {
        let mut item = Map::new();
        let said = self.contents.effective(&Location::of(PartType::Resource).at(&resource.path));
        let members: &[&str] = match self.options.version {
            Version::Swagger2 => &[],
            Version::OpenApi3 => &["summary", "description"],
        };
        put_said(&mut item, said, members);
        for method in methods {
            item.insert(key(method.http_method), self.operation(resource, method)?);
        }
        Ok(Value::Object(item))
    }
}

/// Where a method stands among those of its path: as in the specification of OpenAPI, `ANY` last.
fn order(method: HttpMethod) -> u8 {
    match method {
        HttpMethod::Get => 0,
        HttpMethod::Put => 1,
        HttpMethod::Post => 2,
        HttpMethod::Delete => 3,
        HttpMethod::Options => 4,
        HttpMethod::Head => 5,
        HttpMethod::Patch => 6,
        HttpMethod::Any => 7,
    }
}

/// The member of a path item that declares a method.
fn key(method: HttpMethod) -> String {
    match method {
        HttpMethod::Any => "x-amazon-apigateway-any-method".to_owned(),
        HttpMethod::Get
        | HttpMethod::Put
        | HttpMethod::Post
        | HttpMethod::Delete
        | HttpMethod::Options
        | HttpMethod::Head
        | HttpMethod::Patch => method.as_str().to_ascii_lowercase(),
    }
}
