//! The JavaScript SDK: an npm package of an ES module with type declarations, zipped.
//!
//! Two modules are the same for every API: one builds and sends requests, one signs them. What is generated is a table of methods,
//! as JSON in a module, and its types.

use std::{
    collections::HashSet,
    fmt::Write as _,
    io::{Cursor, Write as _},
};

use definition::{
    ApiSnapshot,
    method::{HttpMethod, Method},
    resource::Segment,
};
use indexmap::IndexMap;
use serde::Serialize;
use serde_json::json;
use zip::{CompressionMethod, DateTime, ZipWriter, write::SimpleFileOptions};

use super::method_name::method_name;
use crate::failure::Result;

mod declarations;

/// The folder that holds everything, named as AWS's.
const FOLDER: &str = "apiGateway-js-sdk";
const REQUESTS_MODULE: &str = include_str!("javascript/apiGatewayClient.js");
const SIGNATURE_MODULE: &str = include_str!("javascript/sigV4Client.js");
/// The version of a package whose API has none that npm takes.
const VERSION_DEFAULT: &str = "1.0.0";
/// The characters of a package's name, of the 214 that npm allows.
const NAME_CHARS_MAX: usize = 100;

/// What a package is generated from.
pub(super) struct Source<'a> {
    pub(super) api_name: &'a str,
    pub(super) api_version: Option<&'a str>,
    /// Where the stage is reached, without a slash at the end.
    pub(super) invoke_url: &'a str,
    pub(super) region: &'a str,
    pub(super) snapshot: &'a ApiSnapshot,
}

/// A method as the client sends it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct SdkMethod<'a> {
    verb: &'static str,
    path: &'a str,
    path_params: Vec<&'a str>,
    query_params: Vec<&'a str>,
    header_params: Vec<&'a str>,
    required: Vec<&'a str>,
}

/// The methods of an SDK by name, in the order of the API's resources.
type SdkMethods<'a> = IndexMap<String, SdkMethod<'a>>;

/// The zip of a package.
pub(super) fn package(source: &Source<'_>) -> Result<Vec<u8>> {
    let methods = methods(source.snapshot);
    let files = [
        ("package.json", package_json(source)?),
        ("README.md", readme(source, &methods)),
        ("apigClient.js", module(source, &methods)?),
        ("apigClient.d.ts", declarations::declare(&methods)),
        ("lib/apiGatewayClient.js", REQUESTS_MODULE.to_owned()),
        ("lib/sigV4Client.js", SIGNATURE_MODULE.to_owned()),
    ];
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(DateTime::default())
        .unix_permissions(0o644);
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in files {
        writer.start_file(format!("{FOLDER}/{name}"), options)?;
        writer.write_all(text.as_bytes()).map_err(zip::result::ZipError::from)?;
    }
    Ok(writer.finish()?.into_inner())
}

/// All methods but `ANY`, which has no name in an SDK. Two that would have the same name are told apart by a number.
fn methods(snapshot: &ApiSnapshot) -> SdkMethods<'_> {
    let mut methods = SdkMethods::new();
    for resource in &snapshot.resources {
        let of_resource = snapshot.methods.iter().filter(|method| method.resource_id == resource.id);
        for method in of_resource.filter(|method| method.http_method != HttpMethod::Any) {
            let name = method_name(&resource.path, method.http_method, method.operation_name.as_deref());
            methods.insert(free(name, &methods), SdkMethod::of(&resource.path, method));
        }
    }
    methods
}

/// The name, or the name with the first number from 2 on that makes it another's.
fn free(name: String, taken: &SdkMethods<'_>) -> String {
    if !taken.contains_key(&name) {
        return name;
    }
    // One more number than there are names: one of them is free.
    let mut numbered = (2..taken.len() + 3).map(|number| format!("{name}{number}"));
    numbered.find(|candidate| !taken.contains_key(candidate)).unwrap_or(name)
}

impl<'a> SdkMethod<'a> {
    fn of(path: &'a str, method: &'a Method) -> Self {
        let path_params: Vec<&str> = path
            .split('/')
            .filter_map(|part| match Segment::parse(part)? {
                Segment::Parameter(name) | Segment::Greedy(name) => Some(name),
                Segment::Static(_) => None,
            })
            .collect();
        let declared = |prefix: &'static str| {
            let parameters = method.request_parameters.iter().flatten();
            parameters.filter_map(move |(name, required)| Some((name.strip_prefix(prefix)?, *required)))
        };
        let (query, headers) = (|| declared("method.request.querystring."), || declared("method.request.header."));
        let also_required = query().chain(headers()).filter(|(_, required)| *required).map(|(name, _)| name);
        let mut seen = HashSet::new();
        Self {
            verb: method.http_method.as_str(),
            path,
            required: path_params.iter().copied().chain(also_required).filter(|name| seen.insert(*name)).collect(),
            query_params: query().map(|(name, _)| name).collect(),
            header_params: headers().map(|(name, _)| name).collect(),
            path_params,
        }
    }
}

fn module(source: &Source<'_>, methods: &SdkMethods<'_>) -> Result<String> {
    let api = json!({ "invokeUrl": source.invoke_url, "region": source.region, "methods": methods });
    let api = serde_json::to_string_pretty(&api)?;
    Ok(format!(
        "import {{ ApigError, newClient }} from './lib/apiGatewayClient.js';\n\n\
         const api = {api};\n\n\
         export const apigClientFactory = {{ newClient: (config) => newClient(api, config) }};\n\
         export {{ ApigError }};\n\
         export default apigClientFactory;\n"
    ))
}

fn package_json(source: &Source<'_>) -> Result<String> {
    let document = json!({
        "name": package_name(source),
        "version": source.api_version.filter(|version| is_version(version)).unwrap_or(VERSION_DEFAULT),
        "description": format!("A client for the REST API {}", one_line(source.api_name)),
        "type": "module",
        "main": "apigClient.js",
        "types": "apigClient.d.ts",
        "exports": { ".": { "types": "./apigClient.d.ts", "default": "./apigClient.js" } },
        "engines": { "node": ">=20" },
        "private": true,
    });
    Ok(serde_json::to_string_pretty(&document)? + "\n")
}

/// The API's name in the letters of npm's names, else its id.
fn package_name(source: &Source<'_>) -> String {
    let words = source.api_name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let slug: String = words.collect::<Vec<_>>().join("-").to_ascii_lowercase().chars().take(NAME_CHARS_MAX).collect();
    let slug = if slug.is_empty() { format!("api-{}", source.snapshot.rest_api.id) } else { slug };
    format!("{slug}-sdk")
}

/// Whether npm takes a text for a version: three numbers without leading zeros.
fn is_version(text: &str) -> bool {
    let is_number = |part: &str| {
        let digits = (1..=9).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
        digits && (part == "0" || !part.starts_with('0'))
    };
    text.split('.').count() == 3 && text.split('.').all(is_number)
}

/// A text of the user's where a line break would break the place.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn readme(source: &Source<'_>, methods: &SdkMethods<'_>) -> String {
    let mut calls = String::new();
    for (name, SdkMethod { verb, path, .. }) in methods {
        // Writing into a string cannot fail.
        let _ = writeln!(calls, "* `apigClient.{name}(params, body, additionalParams)`: `{verb} {path}`");
    }
    if calls.is_empty() {
        calls.push_str("The API has no methods but `ANY`, which have no names.\n");
    }
    let package = package_name(source);
    format!(
        "# {name}\n\n\
         A client for a stage of a REST API, for browsers and Node.js 20 or later, without dependencies.\n\n\
         ```js\n\
         import {{ apigClientFactory }} from '{package}';\n\n\
         const apigClient = apigClientFactory.newClient({{ apiKey: '…' }});\n\
         ```\n\n\
         `newClient` takes `accessKey`, `secretKey`, `sessionToken` and `region` to sign requests, `apiKey`, \
         `defaultContentType`, `defaultAcceptType`, and `invokeUrl` to reach the stage elsewhere than at \
         <{invoke_url}>.\n\n\
         A call resolves to `{{ status, statusText, headers, data }}`, and rejects with an `ApigError` that has the same \
         members when the status is not 2xx. `additionalParams` holds `headers` and `queryParams` that the API does not \
         declare, and an `AbortSignal` as `signal`.\n\n\
         {calls}",
        name = one_line(source.api_name),
        invoke_url = source.invoke_url,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_those_that_npm_takes() {
        for (text, expected) in [
            ("1.0.0", true),
            ("0.10.2", true),
            ("1.0", false),
            ("01.0.0", false),
            ("1.0.0.0", false),
            ("1.0.x", false),
            ("", false),
            ("1..0", false),
            ("1.0.0\n", false),
            ("1.0.9999999999", false),
        ] {
            assert_eq!(is_version(text), expected, "{text}");
        }
    }
}
