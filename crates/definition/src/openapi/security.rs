//! How an operation's callers prove who they are: `security` and `x-amazon-apigateway-auth`.
//!
//! Whatever is declared here and cannot be read refuses the document, so that no method is open by mistake.

use serde_json::Value;

use super::{
    Importer, Problem, field,
    field::{text_at, texts_at},
    tree::Place,
};
use crate::{authorizer::Authorizer, id::AuthorizerId, method::AuthorizationType};

/// What deploy tools require of callers where none is to prove anything, in the place of a scheme's name; AWS SAM does, and
/// defines no such scheme.
const NOTHING_REQUIRED: &str = "NONE";

/// How callers of an operation prove who they are.
#[derive(Default)]
pub(super) struct Security {
    pub(super) authorization_type: AuthorizationType,
    pub(super) authorizer_id: Option<AuthorizerId>,
    pub(super) scopes: Vec<String>,
    pub(super) api_key_required: bool,
}

impl Importer<'_> {
    /// Reads the operation's requirements; those at the document's root are ignored, as AWS does.
    pub(super) fn security(&mut self, place: &Place<'_, '_>, operation: &Value) -> Security {
        let read = self.read_security(place, operation);
        self.findings.or_default(format!("put method {place}"), read)
    }

    fn read_security(&mut self, place: &Place<'_, '_>, operation: &Value) -> Result<Security, Problem> {
        let mut security = Security::default();
        for requirement in field::list_at(operation, "security")? {
            let Some(schemes) = requirement.as_object() else {
                return Err(field::wrong("security", "a list of objects", requirement));
            };
            for name in schemes.keys() {
                self.require(&mut security, place, name, requirement)?;
            }
        }
        if let Some(kind) = own_authorization(operation)? {
            security.authorization_type = kind.to_ascii_uppercase().parse()?;
        }
        match (security.authorization_type.needs_authorizer(), &security.authorizer_id) {
            (true, None) => Err("Invalid authorizer ID specified. Setting the authorization type to CUSTOM or \
                                 COGNITO_USER_POOLS requires a valid authorizer."
                .into()),
            (true, Some(_)) => Ok(security),
            (false, _) => Ok(Security { authorizer_id: None, ..security }),
        }
    }

    /// Adds what the scheme `name` of a requirement asks for.
    fn require(
        &mut self,
        security: &mut Security,
        place: &Place<'_, '_>,
        name: &str,
        requirement: &Value,
    ) -> Result<(), Problem> {
        let scheme = self.source.security_schemes().and_then(|schemes| field::member(schemes, name));
        if scheme.is_none() && name == NOTHING_REQUIRED {
            return Ok(());
        }
        let scheme = scheme.ok_or_else(|| format!("security scheme '{name}' is not defined"))?;
        let scheme = self.source.resolve(scheme).ok_or_else(|| format!("security scheme '{name}' leads nowhere"))?;
        if let Some(authorizer) = place.authorizers.get(name) {
            security.authorization_type = authorization_type(authorizer);
            security.authorizer_id = Some(authorizer.id.clone());
            security.scopes = texts_at(requirement, name)?;
        } else if is_signature(scheme)? {
            security.authorization_type = AuthorizationType::AwsIam;
        } else if is_api_key(scheme)? {
            security.api_key_required = true;
        } else {
            // A scheme that API Gateway cannot check is not a check; AWS ignores it, and says nothing.
            self.findings
                .warning(format!("Security scheme '{name}' of method {place} is not one that API Gateway checks"));
        }
        Ok(())
    }
}

/// The type that the operation's own extension names, whatever its requirements ask for.
fn own_authorization(operation: &Value) -> Result<Option<String>, Problem> {
    const KEY: &str = "x-amazon-apigateway-auth";
    let Some(auth) = field::member(operation, KEY) else { return Ok(None) };
    if !auth.is_object() {
        return Err(field::wrong(KEY, "an object", auth));
    }
    text_at(auth, "type")?.map(Some).ok_or_else(|| Problem::from(format!("{KEY} has no type")).of(Some(auth)))
}

fn authorization_type(authorizer: &Authorizer) -> AuthorizationType {
    match authorizer.authorizer_type.as_str() {
        "COGNITO_USER_POOLS" => AuthorizationType::CognitoUserPools,
        "JWT" => AuthorizationType::Jwt,
        _ => AuthorizationType::Custom,
    }
}

fn is_signature(scheme: &Value) -> Result<bool, Problem> {
    let kind = text_at(scheme, "x-amazon-apigateway-authtype")?;
    Ok(kind.is_some_and(|kind| kind.eq_ignore_ascii_case("awsSigv4")))
}

fn is_api_key(scheme: &Value) -> Result<bool, Problem> {
    for (key, expected) in [("type", "apiKey"), ("in", "header"), ("name", "x-api-key")] {
        if !text_at(scheme, key)?.is_some_and(|value| value.eq_ignore_ascii_case(expected)) {
            return Ok(false);
        }
    }
    Ok(true)
}
