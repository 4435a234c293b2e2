//! `GetExport`: what a stage serves, as an OpenAPI document. Developer Guide, "Export a REST API from API Gateway".
//!
//! Writing a document is [`definition::openapi`]'s business; here it is found out what to write.

use definition::{
    ApiSnapshot,
    openapi::{self, ExportOptions, Extension, Version},
};
use store::Reader;

use crate::{
    call::Call,
    documentation,
    failure::{Failure, Result},
    rest_apis, stages,
    wire::Answer,
};

/// `GetExport`.
pub(crate) fn get(reader: &Reader<'_>, call: &Call) -> Result<Answer> {
    rest_apis::find(reader, call.scope(), call.api())?;
    let stage = stages::find(reader, call.scope(), call.api(), call.path("stage_name"))?;
    let export_type = call.path("export_type");
    let version = match export_type {
        "swagger" => Version::Swagger2,
        "oas30" => Version::OpenApi3,
        other => return Err(Failure::bad_request(format!("No API exporter for type '{other}'"))),
    };
    let snapshot: Option<ApiSnapshot> = reader.get(call.scope(), call.api(), stage.deployment_id.as_str())?;
    let snapshot = snapshot.ok_or_else(|| Failure::not_found("Invalid Deployment identifier specified"))?;
    let published = documentation::versions::published(reader, call, &stage)?;
    let options = ExportOptions {
        version,
        extensions: &extensions(call),
        region: &call.scope().region,
        stage_name: &stage.stage_name,
        documentation: published.as_ref().map(|(version, frozen)| (version, frozen.parts.as_slice())),
    };
    let document = openapi::export(&snapshot, &options).map_err(|error| Failure::bad_request(error.to_string()))?;
    let (ending, text) = if wants_yaml(&call.accept) {
        ("yaml", openapi::to_yaml(&document))
    } else {
        ("json", serde_json::to_string_pretty(&document)?)
    };
    let name = format!("{export_type}_{}.{ending}", openapi::document_version(&snapshot));
    Ok(Answer::file(name, text))
}

/// The extensions that the query names, once or several times, each a list; what names none is overlooked.
fn extensions(call: &Call) -> Vec<Extension> {
    let named = call.query.iter().filter(|(member, _)| member == "extensions");
    named.flat_map(|(_, list)| list.split(',')).filter_map(|name| name.trim().parse().ok()).collect()
}

/// Whether the caller prefers YAML; JSON is for all others.
fn wants_yaml(accept: &str) -> bool {
    accept.split(',').any(|range| {
        let media_type = range.split(';').next().unwrap_or_default().trim();
        ["application/yaml", "application/x-yaml", "text/yaml"].iter().any(|yaml| media_type.eq_ignore_ascii_case(yaml))
    })
}
