//! Documents that are imported, exported and imported again: each file in `documents` is a case.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

use std::{collections::HashMap, path::Path};

use definition::{
    ApiSnapshot, Scope,
    documentation::{DeclaredPart, DocumentationPart, DocumentationVersion},
    openapi::{
        BasePathMode, DocumentationMode, ExportOptions, Extension, Import, ImportOptions, Version, export, import,
        to_yaml,
    },
    rest_api::RestApi,
    time::EpochSeconds,
};
use serde_json::Value;

const ALL: [Extension; 2] = [Extension::ApiGateway, Extension::Postman];

/// Reads a document, naming its parts by ids that start with `first`.
fn read(document: &str, first: char) -> Import {
    let options = ImportOptions {
        scope: Scope { account: "000000000000".to_owned(), region: "us-east-1".to_owned() },
        base: RestApi::new("a1b2c3d4e5".parse().unwrap(), "root000000".parse().unwrap(), EpochSeconds(1_700_000_000)),
        base_path: BasePathMode::Ignore,
        endpoint_type: None,
        vpc_endpoint_ids: Vec::new(),
        documentation: DocumentationMode::Read,
    };
    let mut number = 0;
    import(document.as_bytes(), &options, &mut || {
        number += 1;
        format!("{first}{number:05}")
    })
    .unwrap()
}

/// The documentation that a document declares, as a stage would publish it.
fn published(declared: &[DeclaredPart]) -> (DocumentationVersion, Vec<DocumentationPart>) {
    let version = DocumentationVersion {
        version: "1.0".to_owned(),
        created_date: EpochSeconds(1_700_000_000),
        description: None,
    };
    let part = |(number, part): (usize, &DeclaredPart)| DocumentationPart {
        id: format!("d{number:05}").parse().unwrap(),
        location: part.location.clone(),
        properties: Value::Object(part.content.clone()).to_string(),
    };
    (version, declared.iter().enumerate().map(part).collect())
}

fn exported(import: &Import, version: Version, extensions: &[Extension]) -> Value {
    let (name, parts) = published(&import.documentation);
    let options = ExportOptions {
        version,
        extensions,
        region: "us-east-1",
        stage_name: &"prod".parse().unwrap(),
        documentation: (!parts.is_empty()).then_some((&name, &parts)),
    };
    export(&import.snapshot, &options).unwrap()
}

/// A definition in which ids are what they name, and nothing has an order that says nothing.
fn normal(snapshot: &ApiSnapshot) -> Value {
    let mut names: HashMap<String, String> = HashMap::new();
    names.extend(snapshot.resources.iter().map(|it| (it.id.to_string(), it.path.clone())));
    names.extend(snapshot.models.iter().map(|it| (it.id.to_string(), it.name.to_string())));
    names.extend(snapshot.request_validators.iter().map(|it| (it.id.to_string(), it.name.clone().unwrap())));
    names.extend(snapshot.authorizers.iter().map(|it| (it.id.to_string(), it.name.clone())));
    let mut value = serde_json::to_value(snapshot).unwrap();
    rename(&mut value, &names);
    for part in value.as_object_mut().unwrap().values_mut() {
        if let Value::Array(items) = part {
            items.sort_by_key(Value::to_string);
        }
    }
    value
}

fn rename(value: &mut Value, names: &HashMap<String, String>) {
    match value {
        Value::String(text) => {
            if let Some(name) = names.get(text) {
                text.clone_from(name);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| rename(item, names)),
        Value::Object(members) => {
            members.values_mut().for_each(|member| rename(member, names));
            members.sort_keys();
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn sorted(parts: &[DeclaredPart]) -> Vec<(String, Value)> {
    let mut sorted: Vec<_> =
        parts.iter().map(|part| (part.location.to_string(), Value::Object(part.content.clone()))).collect();
    sorted.sort_by(|a, b| a.0.cmp(&b.0));
    sorted
}

/// What Swagger cannot say: bodies whose models differ by content type.
fn without_other_content_types(mut import: Import) -> Import {
    for method in &mut import.snapshot.methods {
        if let Some(models) = &mut method.request_models {
            models.retain(|content_type, _| content_type == "application/json");
        }
    }
    import
}

fn check_round_trip(path: &Path, version: Version) {
    let mut original = read(&std::fs::read_to_string(path).unwrap(), 'a');
    if version == Version::Swagger2 {
        original = without_other_content_types(original);
    }
    let document = exported(&original, version, &ALL);
    for text in [document.to_string(), serde_json::to_string_pretty(&document).unwrap(), to_yaml(&document)] {
        let again = read(&text, 'b');
        assert_eq!(normal(&again.snapshot), normal(&original.snapshot), "{}: {version:?}\n{text}", path.display());
        assert_eq!(sorted(&again.documentation), sorted(&original.documentation), "{}: {version:?}", path.display());
        assert_eq!(again.warnings, Vec::<String>::new(), "{}: {version:?}", path.display());
        assert_eq!(exported(&again, version, &ALL), document, "{}: {version:?}", path.display());
    }
}

#[test]
fn an_export_is_imported_to_the_same_api() {
    insta::glob!("documents/*", |path| {
        for version in [Version::OpenApi3, Version::Swagger2] {
            check_round_trip(path, version);
        }
    });
}

#[test]
fn exports_are_as_recorded() {
    insta::glob!("documents/*", |path| {
        let import = read(&std::fs::read_to_string(path).unwrap(), 'a');
        let recorded = [
            to_yaml(&exported(&import, Version::OpenApi3, &ALL)),
            to_yaml(&exported(&import, Version::Swagger2, &[])),
            to_yaml(&exported(&import, Version::Swagger2, &[Extension::Integrations, Extension::Authorizers])),
        ];
        insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
            insta::assert_snapshot!(recorded.concat());
        });
    });
}
