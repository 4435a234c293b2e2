//! Security schemes that are authorizers (`x-amazon-apigateway-authorizer`).

use serde_json::Value;

use super::{Anchor, Importer, Problem, field, field::text_at};
use crate::authorizer::Authorizer;

impl Importer<'_> {
    pub(super) fn authorizers(&mut self) -> Vec<Authorizer> {
        let mut authorizers = Vec::new();
        for (name, scheme) in self.source.security_schemes().and_then(Value::as_object).into_iter().flatten() {
            self.findings.look_at(scheme);
            let Some(scheme) = self.source.resolve(scheme) else {
                self.findings.error(format!("Unable to create authorizer '{name}': its $ref leads nowhere"));
                continue;
            };
            let Some(extension) = field::member(scheme, "x-amazon-apigateway-authorizer") else { continue };
            self.findings.look_at(extension);
            match self.authorizer(name, scheme, extension) {
                Ok(authorizer) => {
                    self.origins.insert(authorizer.id.to_string(), Anchor::of(extension));
                    authorizers.push(authorizer);
                }
                Err(problem) => self.findings.refuse(format!("create authorizer '{name}'"), &problem),
            }
        }
        authorizers
    }

    fn authorizer(&mut self, name: &str, scheme: &Value, extension: &Value) -> Result<Authorizer, Problem> {
        let authorizer_type = match text_at(extension, "type")?.unwrap_or_default().to_ascii_lowercase().as_str() {
            "token" => "TOKEN",
            "request" => "REQUEST",
            "cognito_user_pools" => "COGNITO_USER_POOLS",
            "jwt" => "JWT",
            other => return Err(format!("unknown type '{other}'").into()),
        };
        let header = match (text_at(scheme, "in")?.as_deref(), text_at(scheme, "name")?) {
            (Some("header"), Some(header)) => format!("method.request.header.{header}"),
            _ => "method.request.header.Authorization".to_owned(),
        };
        let identity_source =
            text_at(extension, "identitySource")?.or((authorizer_type != "REQUEST").then_some(header));
        let ttl = match text_at(extension, "authorizerResultTtlInSeconds")? {
            None => None,
            Some(ttl) => {
                let seconds = ttl.parse().ok().filter(|ttl| *ttl <= 3600_u32);
                Some(seconds.ok_or("authorizerResultTtlInSeconds must be between 0 and 3600")?)
            }
        };
        Ok(Authorizer {
            id: self.fresh()?,
            name: name.to_owned(),
            authorizer_type: authorizer_type.to_owned(),
            auth_type: text_at(scheme, "x-amazon-apigateway-authtype")?,
            authorizer_uri: text_at(extension, "authorizerUri")?,
            authorizer_credentials: text_at(extension, "authorizerCredentials")?,
            identity_source,
            identity_validation_expression: text_at(extension, "identityValidationExpression")?,
            authorizer_result_ttl_in_seconds: ttl,
            provider_arns: field::texts_at(extension, "providerARNs")?,
        })
    }
}
