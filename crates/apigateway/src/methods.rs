//! Methods of resources. API Reference, "Method".
//!
//! A method is one record with all that hangs below it: its responses, its integration and the integration's responses.

mod wire;

use definition::{
    Scope,
    authorizer::Authorizer,
    id::ResourceId,
    method::{AuthorizationType, HttpMethod, Method},
    request_validator::RequestValidator,
    resource::Resource,
};
use serde_json::Value;
use store::{Reader, Transaction};

use crate::{
    call::Call,
    failure::{Failure, Result},
    mapping, models,
    patch::{self, Dialect, Op, Rule, Table, edit_entry, edit_list},
    resources,
    wire::Answer,
};

const NEEDS_AUTHORIZER: &str = "Invalid authorizer ID specified. Setting the authorization type to CUSTOM or \
                                COGNITO_USER_POOLS requires a valid authorizer.";

/// The refusal of replacing or removing a parameter that is not declared.
pub(crate) const UNKNOWN_PARAMETER: &str = "Invalid parameter name specified";
/// The refusal of replacing or removing what is kept by a content type that is not there.
pub(crate) const UNKNOWN_CONTENT_TYPE: &str = "Content-Type specified was not found";

/// What may be done to an entry of a map.
pub(crate) const ENTRY_OPS: &[Op] = &[Op::Add, Op::Remove, Op::Replace];

static TABLE: Table<Method> = Table {
    dialect: Dialect::Plain,
    rules: &[
        Rule::new("/authorizationType", &[Op::Replace], |method, patch| {
            method.authorization_type = authorization_type(patch.text())?;
            Ok(())
        }),
        Rule::set("/authorizerId", &[Op::Replace, Op::Remove], |method, patch| {
            // Whether the method needs one shows when the whole patch is applied; an id that is none is then missed.
            method.authorizer_id = patch.optional_text().and_then(|id| id.parse().ok());
        }),
        Rule::set("/apiKeyRequired", &[Op::Replace], |method, patch| {
            method.api_key_required = patch.flag();
        }),
        Rule::set("/operationName", &[Op::Replace], |method, patch| {
            method.operation_name = patch.optional_text();
        }),
        Rule::new("/requestValidatorId", &[Op::Replace, Op::Remove], |method, patch| {
            method.request_validator_id = patch.optional_text().map(|id| validator_id(&id)).transpose()?;
            Ok(())
        }),
        Rule::new("/requestParameters/*", ENTRY_OPS, |method, patch| {
            let name = patch.segment(1);
            edit_entry(&mut method.request_parameters, name, patch.op, patch.flag(), UNKNOWN_PARAMETER)
        }),
        Rule::new("/requestModels/*", ENTRY_OPS, |method, patch| {
            let (content_type, model) = (patch.segment(1), patch.text().to_owned());
            edit_entry(&mut method.request_models, content_type, patch.op, model, UNKNOWN_CONTENT_TYPE)
        }),
        Rule::set("/authorizationScopes", &[Op::Add, Op::Remove], |method, patch| {
            edit_list(&mut method.authorization_scopes, patch.op, patch.text());
        }),
    ],
};

/// The method that the call's path names.
pub(crate) fn named(reader: &Reader<'_>, call: &Call) -> Result<Method> {
    if let Some(method) = find(reader, call, call.path("http_method"))? {
        return Ok(method);
    }
    resources::named(reader, call)?;
    Err(unknown())
}

/// The method that serves requests of the HTTP method that the call's path names: that of this name, or the resource's `ANY`.
pub(crate) fn serving(reader: &Reader<'_>, call: &Call) -> Result<(Method, HttpMethod)> {
    if let Ok(http_method) = call.path("http_method").parse::<HttpMethod>() {
        for name in [http_method, HttpMethod::Any] {
            if let Some(method) = find(reader, call, name.as_str())? {
                return Ok((method, http_method));
            }
        }
    }
    resources::named(reader, call)?;
    Err(unknown())
}

/// The method of this name of the resource that the call's path names.
fn find(reader: &Reader<'_>, call: &Call, name: &str) -> Result<Option<Method>> {
    Ok(reader.get(call.scope(), call.api(), &format!("{}/{name}", call.path("resource_id")))?)
}

/// The refusal of a method that is not there.
pub(crate) fn unknown() -> Failure {
    Failure::not_found("Invalid Method identifier specified")
}

/// Keeps a method, new or changed.
pub(crate) fn keep(transaction: &mut Transaction<'_>, scope: &Scope, api: &str, method: &Method) -> Result<()> {
    transaction.put(scope, api, &method.record_id(), method)?;
    Ok(())
}

/// All methods of one resource, by their names.
pub(crate) fn of_resource(reader: &Reader<'_>, scope: &Scope, api: &str, id: &ResourceId) -> Result<Vec<Method>> {
    Ok(reader.list_prefix(scope, api, &format!("{id}/"))?)
}

/// Deletes all methods of one resource.
pub(crate) fn delete_all(transaction: &mut Transaction<'_>, scope: &Scope, api: &str, id: &ResourceId) -> Result<()> {
    for method in of_resource(transaction, scope, api, id)? {
        transaction.delete::<Method>(scope, api, &method.record_id())?;
    }
    Ok(())
}

/// A method's wire form.
pub(crate) fn shown(method: &Method) -> Result<Value> {
    let mut document = serde_json::to_value(method)?;
    if let Some(members) = document.as_object_mut() {
        members.shift_remove("resourceId");
    }
    Ok(document)
}

/// The first method of an API of which `refers` says something, as `{path}/{METHOD}` with what it said: the user that stands
/// against a deletion.
pub(crate) fn find_user<T>(
    reader: &Reader<'_>,
    call: &Call,
    refers: impl Fn(&Method) -> Option<T>,
) -> Result<Option<(String, T)>> {
    for method in reader.list_all::<Method>(call.scope(), call.api())? {
        if let Some(found) = refers(&method) {
            let resource: Option<Resource> = reader.get(call.scope(), call.api(), method.resource_id.as_str())?;
            let path = resource.map(|resource| resource.path).unwrap_or_default();
            return Ok(Some((format!("{path}/{}", method.http_method), found)));
        }
    }
    Ok(None)
}

/// `PutMethod`.
pub(crate) fn put(transaction: &mut Transaction<'_>, call: &Call) -> Result<Answer> {
    let input: wire::PutMethodInput = call.decode()?;
    let mut violations = call.violations();
    violations.required("authorizationType", input.authorization_type.as_ref());
    violations.finish()?;
    let resource = resources::named(transaction, call)?;
    let http_method = http_method(call.path("http_method"))?;
    let method = input.into_method(resource.id, http_method)?;
    if transaction.get::<Method>(call.scope(), call.api(), &method.record_id())?.is_some() {
        return Err(Failure::conflict("Method already exists for this resource"));
    }
    check(transaction, call, &method)?;
    keep(transaction, call.scope(), call.api(), &method)?;
    Answer::created(shown(&method)?)
}

/// `GetMethod`.
pub(crate) fn get(reader: &Reader<'_>, call: &Call) -> Result<Answer> {
    Answer::ok(shown(&named(reader, call)?)?)
}

/// `UpdateMethod`.
pub(crate) fn update(transaction: &mut Transaction<'_>, call: &Call) -> Result<Answer> {
    let patches = patch::read(call)?;
    let mut method = named(transaction, call)?;
    TABLE.apply(&mut method, &patches)?;
    if !method.authorization_type.needs_authorizer() {
        method.authorizer_id = None;
    }
    check(transaction, call, &method)?;
    keep(transaction, call.scope(), call.api(), &method)?;
    Answer::ok(shown(&method)?)
}

/// `DeleteMethod`.
pub(crate) fn delete(transaction: &mut Transaction<'_>, call: &Call) -> Result<Answer> {
    let method = named(transaction, call)?;
    transaction.delete::<Method>(call.scope(), call.api(), &method.record_id())?;
    Ok(Answer::no_content())
}

/// The HTTP method of this name, of a method or of an integration.
pub(crate) fn http_method(name: &str) -> Result<HttpMethod> {
    if name.is_empty() {
        return Err(Failure::bad_request("Enumeration value for HttpMethod must be non-empty"));
    }
    name.parse().map_err(|_| {
        let options: Vec<&str> = HttpMethod::ALL.iter().map(|method| method.as_str()).collect();
        Failure::bad_request(format!("Invalid HttpMethod specified. Valid options are {}", options.join(",")))
    })
}

fn authorization_type(name: &str) -> Result<AuthorizationType> {
    name.parse().map_err(|_| {
        let options = "NONE,AWS_IAM,CUSTOM,COGNITO_USER_POOLS,JWT";
        Failure::bad_request(format!("Invalid authorizationType specified. Valid options are {options}"))
    })
}

fn validator_id(text: &str) -> Result<definition::id::RequestValidatorId> {
    text.parse().map_err(|_| unknown_validator())
}

fn unknown_validator() -> Failure {
    Failure::bad_request("Invalid Request Validator identifier specified")
}

/// Refuses a method that names what is not there, or names it badly.
fn check(reader: &Reader<'_>, call: &Call, method: &Method) -> Result<()> {
    let (scope, api) = (call.scope(), call.api());
    if method.authorization_type.needs_authorizer() {
        let id = method.authorizer_id.as_ref().map_or("", |id| id.as_str());
        if id.is_empty() || reader.get::<Authorizer>(scope, api, id)?.is_none() {
            return Err(Failure::bad_request(NEEDS_AUTHORIZER));
        }
    }
    if let Some(id) = &method.request_validator_id
        && reader.get::<RequestValidator>(scope, api, id.as_str())?.is_none()
    {
        return Err(unknown_validator());
    }
    mapping::check_method_parameters(method.request_parameters.as_ref())?;
    models::check_references(reader, call, method.request_models.as_ref())
}
