//! An API's whole definition at one moment: what a deployment freezes, an import yields and an export reads.

use serde::{Deserialize, Serialize};

use crate::{
    authorizer::Authorizer, gateway_response::GatewayResponse, method::Method, model::Model,
    request_validator::RequestValidator, resource::Resource, rest_api::RestApi,
};

/// Everything of an API that acts at its next deployment (execute-api specification, 7.1).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ApiSnapshot {
    /// The API's own settings.
    pub rest_api: RestApi,
    /// The tree, in creation order; the root is among them.
    pub resources: Vec<Resource>,
    /// All methods of all resources.
    pub methods: Vec<Method>,
    /// Models, in creation order.
    pub models: Vec<Model>,
    /// Request validators, in creation order.
    pub request_validators: Vec<RequestValidator>,
    /// Authorizers, in creation order.
    pub authorizers: Vec<Authorizer>,
    /// Customised gateway responses.
    pub gateway_responses: Vec<GatewayResponse>,
}
