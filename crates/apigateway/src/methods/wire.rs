//! `PutMethod` on the wire.

use std::collections::BTreeMap;

use definition::{
    id::ResourceId,
    method::{HttpMethod, Method},
};
use indexmap::IndexMap;
use serde::Deserialize;

use super::{NEEDS_AUTHORIZER, authorization_type, validator_id};
use crate::failure::{Failure, Result};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PutMethodInput {
    pub(super) authorization_type: Option<String>,
    authorizer_id: Option<String>,
    api_key_required: Option<bool>,
    operation_name: Option<String>,
    request_parameters: Option<IndexMap<String, bool>>,
    request_models: Option<IndexMap<String, String>>,
    request_validator_id: Option<String>,
    authorization_scopes: Option<Vec<String>>,
}

impl PutMethodInput {
    /// The method that is asked for; what it names is not looked up yet.
    pub(super) fn into_method(self, resource_id: ResourceId, http_method: HttpMethod) -> Result<Method> {
        let authorization_type = authorization_type(self.authorization_type.as_deref().unwrap_or_default())?;
        let authorizer_id = self.authorizer_id.filter(|_| authorization_type.needs_authorizer());
        let refusal = |_| Failure::bad_request(NEEDS_AUTHORIZER);
        Ok(Method {
            resource_id,
            http_method,
            authorization_type,
            authorizer_id: authorizer_id.map(|id| id.parse().map_err(refusal)).transpose()?,
            authorization_scopes: self.authorization_scopes.unwrap_or_default(),
            api_key_required: self.api_key_required.unwrap_or_default(),
            operation_name: self.operation_name,
            request_parameters: self.request_parameters,
            request_models: self.request_models,
            request_validator_id: self.request_validator_id.map(|id| validator_id(&id)).transpose()?,
            method_responses: BTreeMap::new(),
            integration: None,
        })
    }
}
