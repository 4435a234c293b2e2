//! Client SDKs: which types there are, and the one that is generated. API Reference, "SdkType", "GetSdk".
//!
//! Differs from AWS: of the types, `javascript` alone is generated. It is an ES module without dependencies, with type
//! declarations, where AWS's is a set of scripts for a page; factory, methods, parameters and results are the same.

mod javascript;
mod method_name;
mod sdk_type;

use definition::{ApiSnapshot, stage::Stage};
use store::Reader;

use crate::{
    call::Call,
    failure::{Failure, Result},
    rest_apis, stages,
    wire::{Answer, whole_collection},
};

use javascript::Source;
use sdk_type::{SDK_TYPES, SdkType};

/// The one type that is generated.
const JAVASCRIPT: &str = "javascript";
/// Where AWS's own hosts end; a caller who came by one of them is not told of another.
const AWS_DOMAIN: &str = ".amazonaws.com";

/// `GetSdkTypes`.
pub(crate) fn list_types(_: &Reader<'_>, _: &Call) -> Result<Answer> {
    whole_collection(SDK_TYPES.iter().map(serde_json::to_value).collect::<Result<_, _>>()?)
}

/// `GetSdkType`.
pub(crate) fn get_type(_: &Reader<'_>, call: &Call) -> Result<Answer> {
    let unknown = || Failure::not_found("Invalid SDK type identifier specified");
    Answer::ok(SdkType::named(call.path("sdktype_id")).ok_or_else(unknown)?)
}

/// `GetSdk`: a client for what a stage serves, as a zip.
pub(crate) fn get(reader: &Reader<'_>, call: &Call) -> Result<Answer> {
    let api = rest_apis::find(reader, call.scope(), call.api())?;
    let stage = stages::find(reader, call.scope(), call.api(), call.path("stage_name"))?;
    let name = call.path("sdk_type");
    let sdk_type =
        SdkType::named(name).ok_or_else(|| Failure::bad_request(format!("Invalid SDK type specified: {name}")))?;
    if sdk_type.id != JAVASCRIPT {
        let message = format!("SDKs of type {name} are not available in LambdaGate, {JAVASCRIPT} alone is");
        return Err(Failure::bad_request(message));
    }
    let snapshot = served(reader, call, &stage)?;
    let source = Source {
        api_name: &api.name,
        api_version: api.version.as_deref(),
        invoke_url: &invoke_url(call, &stage),
        region: &call.scope().region,
        snapshot: &snapshot,
    };
    let time = call.now.strftime("%Y-%m-%d_%H-%MZ");
    let file_name = format!("{name}_{time}.zip");
    Ok(Answer::file(file_name, javascript::package(&source)?))
}

/// What the stage's deployment froze.
fn served(reader: &Reader<'_>, call: &Call, stage: &Stage) -> Result<ApiSnapshot> {
    let unknown = || Failure::not_found("Invalid Deployment identifier specified");
    reader.get(call.scope(), call.api(), stage.deployment_id.as_str())?.ok_or_else(unknown)
}

/// Where the stage is reached: by path at the host that the caller has just reached, so that the client works from where it
/// was asked for; without such a host, where AWS would have it.
fn invoke_url(call: &Call, stage: &Stage) -> String {
    let (api, region, stage) = (call.api(), &call.scope().region, &stage.stage_name);
    let is_own = |host: &&str| !host.split(':').next().is_some_and(|name| name.ends_with(AWS_DOMAIN));
    match call.host.as_deref().filter(is_own) {
        Some(host) => format!("http://{host}/_aws/execute-api/{api}/{stage}"),
        None => format!("https://{api}.execute-api.{region}{AWS_DOMAIN}/{stage}"),
    }
}
