//! Authorizers as they are declared; the data plane runs them. API Reference, "Authorizer".
//!
//! Differs from AWS: the type `JWT` is refused.

mod rules;
mod test_invoke;

pub(crate) use rules::check;
pub(crate) use test_invoke::run as test_invoke;
pub use test_invoke::{AuthorizerTest, AuthorizerTestResult, AuthorizerTester};

use definition::{authorizer::Authorizer, id::AuthorizerId, rest_api::RestApi};
use serde::Deserialize;
use store::{Reader, Transaction};

use crate::{
    call::Call,
    failure::{Failure, Result},
    ids::fresh,
    methods,
    patch::{self, Dialect, Op, Patch, Rule, Table},
    rest_apis,
    wire::Answer,
};

static TABLE: Table<Authorizer> = Table {
    dialect: Dialect::Plain,
    rules: &[
        Rule::set("/name", &[Op::Replace], |authorizer, patch| {
            patch.text().clone_into(&mut authorizer.name);
        }),
        Rule::set("/type", &[Op::Replace], |authorizer, patch| {
            patch.text().clone_into(&mut authorizer.authorizer_type);
        }),
        Rule::set("/authType", &[Op::Replace], |authorizer, patch| set(&mut authorizer.auth_type, patch)),
        Rule::set("/authorizerUri", &[Op::Replace], |authorizer, patch| set(&mut authorizer.authorizer_uri, patch)),
        Rule::set("/authorizerCredentials", &[Op::Replace], |authorizer, patch| {
            set(&mut authorizer.authorizer_credentials, patch);
        }),
        Rule::new("/authorizerResultTtlInSeconds", &[Op::Replace], |authorizer, patch| {
            authorizer.authorizer_result_ttl_in_seconds = Some(rules::ttl(patch.text().parse().unwrap_or(-1))?);
            Ok(())
        }),
        Rule::set("/identityValidationExpression", &[Op::Replace], |authorizer, patch| {
            set(&mut authorizer.identity_validation_expression, patch);
        }),
        Rule::set("/identitySource", &[Op::Replace, Op::Add, Op::Remove], |authorizer, patch| {
            set(&mut authorizer.identity_source, patch);
        }),
        Rule::set("/providerARNs", &[Op::Add, Op::Remove], |authorizer, patch| {
            patch::edit_list(&mut authorizer.provider_arns, patch.op, patch.text());
        }),
    ],
};

fn set(member: &mut Option<String>, patch: &Patch) {
    *member = patch.optional_text();
}

/// The authorizer that the call's path names.
fn named(reader: &Reader<'_>, call: &Call) -> Result<Authorizer> {
    let unknown = || Failure::not_found("Invalid Authorizer identifier specified");
    reader.get(call.scope(), call.api(), call.path("authorizer_id"))?.ok_or_else(unknown)
}

fn keep(transaction: &mut Transaction<'_>, call: &Call, authorizer: &Authorizer) -> Result<()> {
    transaction.put(call.scope(), call.api(), authorizer.id.as_str(), authorizer)?;
    Ok(())
}

/// Refuses a name that another authorizer of the API has, by which imports would take both for one. An API has few of them.
fn check_name(reader: &Reader<'_>, call: &Call, authorizer: &Authorizer) -> Result<()> {
    let others = reader.list_all::<Authorizer>(call.scope(), call.api())?;
    if others.iter().any(|other| other.name == authorizer.name && other.id != authorizer.id) {
        let message =
            format!("Authorizer name must be unique. Authorizer {} already exists in this RestApi.", authorizer.name);
        return Err(Failure::bad_request(message));
    }
    Ok(())
}

/// `CreateAuthorizer`.
pub(crate) fn create(transaction: &mut Transaction<'_>, call: &Call) -> Result<Answer> {
    let input: CreateAuthorizerInput = call.decode()?;
    let mut violations = call.violations();
    violations.required("name", input.name.as_ref());
    violations.required("type", input.authorizer_type.as_ref());
    violations.choice("type", input.authorizer_type.as_deref(), &rules::TYPES);
    violations.finish()?;
    if transaction.get::<RestApi>(call.scope(), "", call.api())?.is_none() {
        return Err(Failure::concurrent_modification());
    }
    let taken = |id: &AuthorizerId| Ok(transaction.get::<Authorizer>(call.scope(), call.api(), id.as_str())?.is_some());
    let authorizer = input.into_authorizer(fresh(|| call.ids.short(), taken)?)?;
    check(&authorizer)?;
    check_name(transaction, call, &authorizer)?;
    keep(transaction, call, &authorizer)?;
    Answer::created(authorizer)
}

/// `GetAuthorizers`.
pub(crate) fn list(reader: &Reader<'_>, call: &Call) -> Result<Answer> {
    rest_apis::list_below::<Authorizer>(reader, call)
}

/// `GetAuthorizer`.
pub(crate) fn get(reader: &Reader<'_>, call: &Call) -> Result<Answer> {
    Answer::ok(named(reader, call)?)
}

/// `UpdateAuthorizer`.
pub(crate) fn update(transaction: &mut Transaction<'_>, call: &Call) -> Result<Answer> {
    let patches = patch::read(call)?;
    let mut authorizer = named(transaction, call)?;
    TABLE.apply(&mut authorizer, &patches)?;
    check(&authorizer)?;
    check_name(transaction, call, &authorizer)?;
    keep(transaction, call, &authorizer)?;
    Answer::ok(authorizer)
}

/// `DeleteAuthorizer`: refused while a method refers to it.
pub(crate) fn delete(transaction: &mut Transaction<'_>, call: &Call) -> Result<Answer> {
    let authorizer = named(transaction, call)?;
    let id = &authorizer.id;
    let refers = |method: &definition::method::Method| (method.authorizer_id.as_ref() == Some(id)).then_some(());
    if let Some((user, ())) = methods::find_user(transaction, call, refers)? {
        let name = &authorizer.name;
        let message = format!("Cannot delete authorizer '{name}', is referenced in method: {user}");
        return Err(Failure::conflict(message));
    }
    transaction.delete::<Authorizer>(call.scope(), call.api(), id.as_str())?;
    Ok(Answer::accepted())
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CreateAuthorizerInput {
    name: Option<String>,
    #[serde(rename = "type")]
    authorizer_type: Option<String>,
    auth_type: Option<String>,
    authorizer_uri: Option<String>,
    authorizer_credentials: Option<String>,
    identity_source: Option<String>,
    identity_validation_expression: Option<String>,
    authorizer_result_ttl_in_seconds: Option<i64>,
    #[serde(rename = "providerARNs")]
    provider_arns: Option<Vec<String>>,
}

impl CreateAuthorizerInput {
    fn into_authorizer(self, id: AuthorizerId) -> Result<Authorizer> {
        let authorizer_type = self.authorizer_type.unwrap_or_default();
        let ttl = match self.authorizer_result_ttl_in_seconds {
            Some(ttl) => Some(rules::ttl(ttl)?),
            None => (authorizer_type != rules::JWT).then_some(rules::TTL_SECONDS_DEFAULT),
        };
        Ok(Authorizer {
            id,
            name: self.name.unwrap_or_default(),
            auth_type: self.auth_type.or_else(|| rules::auth_type(&authorizer_type)),
            authorizer_type,
            authorizer_uri: self.authorizer_uri,
            authorizer_credentials: self.authorizer_credentials,
            identity_source: self.identity_source,
            identity_validation_expression: self.identity_validation_expression,
            authorizer_result_ttl_in_seconds: ttl,
            provider_arns: self.provider_arns.unwrap_or_default(),
        })
    }
}
