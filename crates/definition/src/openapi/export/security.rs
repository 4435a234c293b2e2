//! Authorizers, signatures and API keys as security schemes, and which of them a method requires.

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value, json};

use super::{Exporter, Extension, put_said, put_some};
use crate::{
    ApiSnapshot,
    authorizer::Authorizer,
    documentation::{Location, PartType},
    id::AuthorizerId,
    method::{AuthorizationType, Method},
};

/// The names of the schemes of a document.
pub(super) struct Schemes<'a> {
    authorizers: HashMap<&'a AuthorizerId, String>,
    signature: String,
    api_key: String,
}

impl<'a> Schemes<'a> {
    pub(super) fn of(snapshot: &'a ApiSnapshot) -> Self {
        let mut taken = HashSet::new();
        let authorizers = snapshot
            .authorizers
            .iter()
            .map(|authorizer| (&authorizer.id, free_name(&mut taken, &authorizer.name)))
            .collect();
        Self { authorizers, signature: free_name(&mut taken, "sigv4"), api_key: free_name(&mut taken, "api_key") }
    }
}

/// The name, with as many lines under it as make it one of its own.
fn free_name(taken: &mut HashSet<String>, name: &str) -> String {
    let mut name = name.to_owned();
    while !taken.insert(name.clone()) {
        name.push('_');
    }
    name
}

impl Exporter<'_> {
    pub(super) fn security_schemes(&self) -> Map<String, Value> {
        let mut schemes = Map::new();
        for authorizer in &self.snapshot.authorizers {
            if let Some(name) = self.schemes.authorizers.get(&authorizer.id) {
                schemes.insert(name.clone(), self.authorizer_scheme(authorizer));
            }
        }
        if self.snapshot.methods.iter().any(|method| method.authorization_type == AuthorizationType::AwsIam) {
            let mut scheme = header_scheme("Authorization");
            scheme.insert("x-amazon-apigateway-authtype".to_owned(), json!("awsSigv4"));
            schemes.insert(self.schemes.signature.clone(), Value::Object(scheme));
        }
        if self.snapshot.methods.iter().any(|method| method.api_key_required) {
            schemes.insert(self.schemes.api_key.clone(), Value::Object(header_scheme("x-api-key")));
        }
        schemes.sort_keys();
        schemes
    }

    fn authorizer_scheme(&self, authorizer: &Authorizer) -> Value {
        let header = single_header(authorizer);
        let mut scheme = header_scheme(header.unwrap_or("Unused"));
        let said = self.contents.effective(&Location::of(PartType::Authorizer).named(&authorizer.name));
        put_said(&mut scheme, said, &["description"]);
        put_some(&mut scheme, "x-amazon-apigateway-authtype", authorizer.auth_type.clone());
        if self.has(Extension::Authorizers) {
            let mut members = Map::new();
            // The scheme's header tells the source, except where an import takes no header to be none.
            let source = authorizer.identity_source.clone();
            let source = source.filter(|_| header.is_none() || authorizer.authorizer_type == "REQUEST");
            put_some(&mut members, "identitySource", source);
            put_some(&mut members, "authorizerUri", authorizer.authorizer_uri.clone());
            put_some(&mut members, "authorizerCredentials", authorizer.authorizer_credentials.clone());
            put_some(&mut members, "authorizerResultTtlInSeconds", authorizer.authorizer_result_ttl_in_seconds);
            let expression = authorizer.identity_validation_expression.clone();
            put_some(&mut members, "identityValidationExpression", expression);
            if !authorizer.provider_arns.is_empty() {
                members.insert("providerARNs".to_owned(), json!(authorizer.provider_arns));
            }
            members.insert("type".to_owned(), json!(authorizer.authorizer_type.to_ascii_lowercase()));
            scheme.insert("x-amazon-apigateway-authorizer".to_owned(), Value::Object(members));
        }
        Value::Object(scheme)
    }

    /// What a method requires of its callers.
    pub(super) fn put_security(&self, operation: &mut Map<String, Value>, method: &Method) {
        let mut required = Vec::new();
        let mut require = |name: &str, scopes: &[String]| {
            required.push(Value::Object(Map::from_iter([(name.to_owned(), json!(scopes))])));
        };
        if method.authorization_type == AuthorizationType::AwsIam {
            require(&self.schemes.signature, &[]);
        }
        let authorizer = method.authorizer_id.as_ref().filter(|_| method.authorization_type.needs_authorizer());
        if let Some(name) = authorizer.and_then(|id| self.schemes.authorizers.get(id)) {
            require(name, &method.authorization_scopes);
        }
        if method.api_key_required {
            require(&self.schemes.api_key, &[]);
        }
        if !required.is_empty() {
            operation.insert("security".to_owned(), Value::Array(required));
        }
    }
}

/// The one header that an authorizer reads, if it reads nothing else.
fn single_header(authorizer: &Authorizer) -> Option<&str> {
    let source = authorizer.identity_source.as_deref()?;
    source.strip_prefix("method.request.header.").filter(|name| !name.contains([',', ' ']))
}

fn header_scheme(name: &str) -> Map<String, Value> {
    Map::from_iter([
        ("type".to_owned(), json!("apiKey")),
        ("name".to_owned(), json!(name)),
        ("in".to_owned(), json!("header")),
    ])
}
