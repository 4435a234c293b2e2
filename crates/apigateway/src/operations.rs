//! All 124 operations of the service model `apigateway`, `2015-07-09`: how each is called, and who does it.
//!
//! Paths are matched by their percent-encoded segments, which are decoded afterwards, so that an encoded slash stays inside its
//! segment. API Reference, "API operations".

use percent_encoding::percent_decode_str;
use store::{Reader, Transaction};

use crate::{
    access_associations, account, api_keys, authorizers, base_path_mappings, call::Call, client_certificates,
    deployments, documentation, domain_names, exports, failure::Result, gateway_responses, import,
    integration_responses, integrations, method_responses, methods, models, request_validators, resources, rest_apis,
    sdks, stages, tags, usage, usage_plan_keys, usage_plans, vpc_links, wire::Answer,
};

/// An operation of the service model.
pub struct Operation {
    /// The name, such as `CreateRestApi`.
    pub name: &'static str,
    /// The HTTP method.
    pub method: &'static str,
    /// The path; `{name}` stands for one segment, `{name+}` for the rest.
    pub template: &'static str,
    /// The query member and its value that tell the operation from another with the same method and path.
    pub switch: Option<(&'static str, &'static str)>,
    handler: Handler,
}

/// Who does an operation.
#[derive(Clone, Copy)]
pub(crate) enum Handler {
    /// A function over one consistent view of the store.
    Read(fn(&Reader<'_>, &Call) -> Result<Answer>),
    /// A function over one transaction.
    Write(fn(&mut Transaction<'_>, &Call) -> Result<Answer>),
    /// An import, whose document is read before its transaction.
    Import(import::Destination),
    /// The one operation that makes a key, before its transaction.
    GenerateClientCertificate,
    /// An import of documentation alone, whose document is read before its transaction, too.
    ImportDocumentation,
    /// The one operation that runs a method.
    TestInvoke,
    /// The one operation that runs an authorizer.
    TestInvokeAuthorizer,
}

use Handler::{GenerateClientCertificate, Import, ImportDocumentation, Read, TestInvoke, TestInvokeAuthorizer, Write};

impl Operation {
    pub(crate) fn handler(&self) -> Handler {
        self.handler
    }

    const fn when(mut self, member: &'static str, value: &'static str) -> Self {
        self.switch = Some((member, value));
        self
    }

    /// The path's members, when method, path and switch are this operation's.
    fn matches(
        &self,
        method: &str,
        segments: &[&str],
        query: &[(String, String)],
    ) -> Option<Vec<(&'static str, String)>> {
        let switched = self.switch.is_none_or(|(name, value)| query.iter().any(|(n, v)| n == name && v == value));
        if self.method != method || !switched {
            return None;
        }
        let mut members = Vec::new();
        let mut rest = segments;
        for part in self.template.split('/').skip(1) {
            let (first, others) = rest.split_first()?;
            let Some(name) = part.strip_prefix('{').and_then(|name| name.strip_suffix('}')) else {
                if part != *first {
                    return None;
                }
                rest = others;
                continue;
            };
            if let Some(name) = name.strip_suffix('+') {
                members.push((name, decode(&rest.join("/"))?));
                return Some(members);
            }
            members.push((name, decode(first)?));
            rest = others;
        }
        rest.is_empty().then_some(members)
    }
}

/// A member's text; an empty segment is no member.
fn decode(segment: &str) -> Option<String> {
    if segment.is_empty() {
        return None;
    }
    percent_decode_str(segment).decode_utf8().ok().map(Into::into)
}

/// The operation with this method, path and query, with the members of its path.
pub(crate) fn find(
    method: &str,
    path: &str,
    query: &[(String, String)],
) -> Option<(&'static Operation, Vec<(&'static str, String)>)> {
    let segments: Vec<&str> = path.strip_prefix('/')?.split('/').collect();
    OPERATIONS.iter().find_map(|operation| Some((operation, operation.matches(method, &segments, query)?)))
}

const fn op(name: &'static str, method: &'static str, template: &'static str, handler: Handler) -> Operation {
    Operation { name, method, template, switch: None, handler }
}

/// Every operation; one that a query member switches on stands before the one that it is told from.
pub static OPERATIONS: [Operation; 124] = [
    // Account
    op("GetAccount", "GET", "/account", Read(account::get)),
    op("UpdateAccount", "PATCH", "/account", Write(account::update)),
    // API keys
    op("ImportApiKeys", "POST", "/apikeys", Write(api_keys::import)).when("mode", "import"),
    op("GetApiKeys", "GET", "/apikeys", Read(api_keys::list)),
    op("CreateApiKey", "POST", "/apikeys", Write(api_keys::create)),
    op("GetApiKey", "GET", "/apikeys/{api_Key}", Read(api_keys::get)),
    op("UpdateApiKey", "PATCH", "/apikeys/{api_Key}", Write(api_keys::update)),
    op("DeleteApiKey", "DELETE", "/apikeys/{api_Key}", Write(api_keys::delete)),
    // Client certificates
    op("GetClientCertificates", "GET", "/clientcertificates", Read(client_certificates::list)),
    op("GenerateClientCertificate", "POST", "/clientcertificates", GenerateClientCertificate),
    op("GetClientCertificate", "GET", "/clientcertificates/{clientcertificate_id}", Read(client_certificates::get)),
    op(
        "UpdateClientCertificate",
        "PATCH",
        "/clientcertificates/{clientcertificate_id}",
        Write(client_certificates::update),
    ),
    op(
        "DeleteClientCertificate",
        "DELETE",
        "/clientcertificates/{clientcertificate_id}",
        Write(client_certificates::delete),
    ),
    // Domain names
    op("GetDomainNames", "GET", "/domainnames", Read(domain_names::list)),
    op("CreateDomainName", "POST", "/domainnames", Write(domain_names::create)),
    op("GetDomainName", "GET", "/domainnames/{domain_name}", Read(domain_names::get)),
    op("UpdateDomainName", "PATCH", "/domainnames/{domain_name}", Write(domain_names::update)),
    op("DeleteDomainName", "DELETE", "/domainnames/{domain_name}", Write(domain_names::delete)),
    // Base path mappings
    op("GetBasePathMappings", "GET", "/domainnames/{domain_name}/basepathmappings", Read(base_path_mappings::list)),
    op(
        "CreateBasePathMapping",
        "POST",
        "/domainnames/{domain_name}/basepathmappings",
        Write(base_path_mappings::create),
    ),
    op(
        "GetBasePathMapping",
        "GET",
        "/domainnames/{domain_name}/basepathmappings/{base_path}",
        Read(base_path_mappings::get),
    ),
    op(
        "UpdateBasePathMapping",
        "PATCH",
        "/domainnames/{domain_name}/basepathmappings/{base_path}",
        Write(base_path_mappings::update),
    ),
    op(
        "DeleteBasePathMapping",
        "DELETE",
        "/domainnames/{domain_name}/basepathmappings/{base_path}",
        Write(base_path_mappings::delete),
    ),
    // Domain name access associations
    op("GetDomainNameAccessAssociations", "GET", "/domainnameaccessassociations", Read(access_associations::list)),
    op(
        "CreateDomainNameAccessAssociation",
        "POST",
        "/domainnameaccessassociations",
        Write(access_associations::create),
    ),
    op(
        "DeleteDomainNameAccessAssociation",
        "DELETE",
        "/domainnameaccessassociations/{domain_name_access_association_arn}",
        Write(access_associations::delete),
    ),
    op(
        "RejectDomainNameAccessAssociation",
        "POST",
        "/rejectdomainnameaccessassociations",
        Write(access_associations::reject),
    ),
    // REST APIs
    op("ImportRestApi", "POST", "/restapis", Import(import::Destination::NewApi)).when("mode", "import"),
    op("GetRestApis", "GET", "/restapis", Read(rest_apis::list)),
    op("CreateRestApi", "POST", "/restapis", Write(rest_apis::create)),
    op("GetRestApi", "GET", "/restapis/{restapi_id}", Read(rest_apis::get)),
    op("UpdateRestApi", "PATCH", "/restapis/{restapi_id}", Write(rest_apis::update)),
    op("PutRestApi", "PUT", "/restapis/{restapi_id}", Import(import::Destination::ExistingApi)),
    op("DeleteRestApi", "DELETE", "/restapis/{restapi_id}", Write(rest_apis::delete)),
    // Resources
    op("GetResources", "GET", "/restapis/{restapi_id}/resources", Read(resources::list)),
    op("CreateResource", "POST", "/restapis/{restapi_id}/resources/{parent_id}", Write(resources::create)),
    op("GetResource", "GET", "/restapis/{restapi_id}/resources/{resource_id}", Read(resources::get)),
    op("UpdateResource", "PATCH", "/restapis/{restapi_id}/resources/{resource_id}", Write(resources::update)),
    op("DeleteResource", "DELETE", "/restapis/{restapi_id}/resources/{resource_id}", Write(resources::delete)),
    // Methods
    op("PutMethod", "PUT", "/restapis/{restapi_id}/resources/{resource_id}/methods/{http_method}", Write(methods::put)),
    op("GetMethod", "GET", "/restapis/{restapi_id}/resources/{resource_id}/methods/{http_method}", Read(methods::get)),
    op(
        "UpdateMethod",
        "PATCH",
        "/restapis/{restapi_id}/resources/{resource_id}/methods/{http_method}",
        Write(methods::update),
    ),
    op(
        "DeleteMethod",
        "DELETE",
        "/restapis/{restapi_id}/resources/{resource_id}/methods/{http_method}",
        Write(methods::delete),
    ),
    op("TestInvokeMethod", "POST", "/restapis/{restapi_id}/resources/{resource_id}/methods/{http_method}", TestInvoke),
    // Method responses
    op(
        "PutMethodResponse",
        "PUT",
        "/restapis/{restapi_id}/resources/{resource_id}/methods/{http_method}/responses/{status_code}",
        Write(method_responses::put),
    ),
    op(
        "GetMethodResponse",
        "GET",
        "/restapis/{restapi_id}/resources/{resource_id}/methods/{http_method}/responses/{status_code}",
        Read(method_responses::get),
    ),
    op(
        "UpdateMethodResponse",
        "PATCH",
        "/restapis/{restapi_id}/resources/{resource_id}/methods/{http_method}/responses/{status_code}",
        Write(method_responses::update),
    ),
    op(
        "DeleteMethodResponse",
        "DELETE",
        "/restapis/{restapi_id}/resources/{resource_id}/methods/{http_method}/responses/{status_code}",
        Write(method_responses::delete),
    ),
    // Integrations
    op(
        "PutIntegration",
        "PUT",
        "/restapis/{restapi_id}/resources/{resource_id}/methods/{http_method}/integration",
        Write(integrations::put),
    ),
    op(
        "GetIntegration",
        "GET",
        "/restapis/{restapi_id}/resources/{resource_id}/methods/{http_method}/integration",
        Read(integrations::get),
    ),
    op(
        "UpdateIntegration",
        "PATCH",
        "/restapis/{restapi_id}/resources/{resource_id}/methods/{http_method}/integration",
        Write(integrations::update),
    ),
    op(
        "DeleteIntegration",
        "DELETE",
        "/restapis/{restapi_id}/resources/{resource_id}/methods/{http_method}/integration",
        Write(integrations::delete),
    ),
    // Integration responses
    op(
        "PutIntegrationResponse",
        "PUT",
        "/restapis/{restapi_id}/resources/{resource_id}/methods/{http_method}/integration/responses/{status_code}",
        Write(integration_responses::put),
    ),
    op(
        "GetIntegrationResponse",
        "GET",
        "/restapis/{restapi_id}/resources/{resource_id}/methods/{http_method}/integration/responses/{status_code}",
        Read(integration_responses::get),
    ),
    op(
        "UpdateIntegrationResponse",
        "PATCH",
        "/restapis/{restapi_id}/resources/{resource_id}/methods/{http_method}/integration/responses/{status_code}",
        Write(integration_responses::update),
    ),
    op(
        "DeleteIntegrationResponse",
        "DELETE",
        "/restapis/{restapi_id}/resources/{resource_id}/methods/{http_method}/integration/responses/{status_code}",
        Write(integration_responses::delete),
    ),
    // Authorizers
    op("GetAuthorizers", "GET", "/restapis/{restapi_id}/authorizers", Read(authorizers::list)),
    op("CreateAuthorizer", "POST", "/restapis/{restapi_id}/authorizers", Write(authorizers::create)),
    op("GetAuthorizer", "GET", "/restapis/{restapi_id}/authorizers/{authorizer_id}", Read(authorizers::get)),
    op("UpdateAuthorizer", "PATCH", "/restapis/{restapi_id}/authorizers/{authorizer_id}", Write(authorizers::update)),
    op("DeleteAuthorizer", "DELETE", "/restapis/{restapi_id}/authorizers/{authorizer_id}", Write(authorizers::delete)),
    op("TestInvokeAuthorizer", "POST", "/restapis/{restapi_id}/authorizers/{authorizer_id}", TestInvokeAuthorizer),
    // Models
    op("GetModels", "GET", "/restapis/{restapi_id}/models", Read(models::list)),
    op("CreateModel", "POST", "/restapis/{restapi_id}/models", Write(models::create)),
    op("GetModel", "GET", "/restapis/{restapi_id}/models/{model_name}", Read(models::get)),
    op("UpdateModel", "PATCH", "/restapis/{restapi_id}/models/{model_name}", Write(models::update)),
    op("DeleteModel", "DELETE", "/restapis/{restapi_id}/models/{model_name}", Write(models::delete)),
    op(
        "GetModelTemplate",
        "GET",
        "/restapis/{restapi_id}/models/{model_name}/default_template",
        Read(models::get_template),
    ),
    // Request validators
    op("GetRequestValidators", "GET", "/restapis/{restapi_id}/requestvalidators", Read(request_validators::list)),
    op("CreateRequestValidator", "POST", "/restapis/{restapi_id}/requestvalidators", Write(request_validators::create)),
    op(
        "GetRequestValidator",
        "GET",
        "/restapis/{restapi_id}/requestvalidators/{requestvalidator_id}",
        Read(request_validators::get),
    ),
    op(
        "UpdateRequestValidator",
        "PATCH",
        "/restapis/{restapi_id}/requestvalidators/{requestvalidator_id}",
        Write(request_validators::update),
    ),
    op(
        "DeleteRequestValidator",
        "DELETE",
        "/restapis/{restapi_id}/requestvalidators/{requestvalidator_id}",
        Write(request_validators::delete),
    ),
    // Gateway responses
    op("GetGatewayResponses", "GET", "/restapis/{restapi_id}/gatewayresponses", Read(gateway_responses::list)),
    op(
        "PutGatewayResponse",
        "PUT",
        "/restapis/{restapi_id}/gatewayresponses/{response_type}",
        Write(gateway_responses::put),
    ),
    op(
        "GetGatewayResponse",
        "GET",
        "/restapis/{restapi_id}/gatewayresponses/{response_type}",
        Read(gateway_responses::get),
    ),
    op(
        "UpdateGatewayResponse",
        "PATCH",
        "/restapis/{restapi_id}/gatewayresponses/{response_type}",
        Write(gateway_responses::update),
    ),
    op(
        "DeleteGatewayResponse",
        "DELETE",
        "/restapis/{restapi_id}/gatewayresponses/{response_type}",
        Write(gateway_responses::delete),
    ),
    // Documentation parts
    op("ImportDocumentationParts", "PUT", "/restapis/{restapi_id}/documentation/parts", ImportDocumentation),
    op("GetDocumentationParts", "GET", "/restapis/{restapi_id}/documentation/parts", Read(documentation::parts::list)),
    op(
        "CreateDocumentationPart",
        "POST",
        "/restapis/{restapi_id}/documentation/parts",
        Write(documentation::parts::create),
    ),
    op(
        "GetDocumentationPart",
        "GET",
        "/restapis/{restapi_id}/documentation/parts/{part_id}",
        Read(documentation::parts::get),
    ),
    op(
        "UpdateDocumentationPart",
        "PATCH",
        "/restapis/{restapi_id}/documentation/parts/{part_id}",
        Write(documentation::parts::update),
    ),
    op(
        "DeleteDocumentationPart",
        "DELETE",
        "/restapis/{restapi_id}/documentation/parts/{part_id}",
        Write(documentation::parts::delete),
    ),
    // Documentation versions
    op(
        "GetDocumentationVersions",
        "GET",
        "/restapis/{restapi_id}/documentation/versions",
        Read(documentation::versions::list),
    ),
    op(
        "CreateDocumentationVersion",
        "POST",
        "/restapis/{restapi_id}/documentation/versions",
        Write(documentation::versions::create),
    ),
    op(
        "GetDocumentationVersion",
        "GET",
        "/restapis/{restapi_id}/documentation/versions/{doc_version}",
        Read(documentation::versions::get),
    ),
    op(
        "UpdateDocumentationVersion",
        "PATCH",
        "/restapis/{restapi_id}/documentation/versions/{doc_version}",
        Write(documentation::versions::update),
    ),
    op(
        "DeleteDocumentationVersion",
        "DELETE",
        "/restapis/{restapi_id}/documentation/versions/{doc_version}",
        Write(documentation::versions::delete),
    ),
    // Deployments
    op("GetDeployments", "GET", "/restapis/{restapi_id}/deployments", Read(deployments::list)),
    op("CreateDeployment", "POST", "/restapis/{restapi_id}/deployments", Write(deployments::create)),
    op("GetDeployment", "GET", "/restapis/{restapi_id}/deployments/{deployment_id}", Read(deployments::get)),
    op("UpdateDeployment", "PATCH", "/restapis/{restapi_id}/deployments/{deployment_id}", Write(deployments::update)),
    op("DeleteDeployment", "DELETE", "/restapis/{restapi_id}/deployments/{deployment_id}", Write(deployments::delete)),
    // Stages
    op("GetStages", "GET", "/restapis/{restapi_id}/stages", Read(stages::list)),
    op("CreateStage", "POST", "/restapis/{restapi_id}/stages", Write(stages::create)),
    op("GetStage", "GET", "/restapis/{restapi_id}/stages/{stage_name}", Read(stages::get)),
    op("UpdateStage", "PATCH", "/restapis/{restapi_id}/stages/{stage_name}", Write(stages::update)),
    op("DeleteStage", "DELETE", "/restapis/{restapi_id}/stages/{stage_name}", Write(stages::delete)),
    op(
        "FlushStageCache",
        "DELETE",
        "/restapis/{restapi_id}/stages/{stage_name}/cache/data",
        Write(stages::flush_cache),
    ),
    op(
        "FlushStageAuthorizersCache",
        "DELETE",
        "/restapis/{restapi_id}/stages/{stage_name}/cache/authorizers",
        Read(stages::flush_authorizers_cache),
    ),
    // Export and SDKs
    op("GetExport", "GET", "/restapis/{restapi_id}/stages/{stage_name}/exports/{export_type}", Read(exports::get)),
    op("GetSdk", "GET", "/restapis/{restapi_id}/stages/{stage_name}/sdks/{sdk_type}", Read(sdks::get)),
    op("GetSdkTypes", "GET", "/sdktypes", Read(sdks::list_types)),
    op("GetSdkType", "GET", "/sdktypes/{sdktype_id}", Read(sdks::get_type)),
    // Usage plans
    op("GetUsagePlans", "GET", "/usageplans", Read(usage_plans::list)),
    op("CreateUsagePlan", "POST", "/usageplans", Write(usage_plans::create)),
    op("GetUsagePlan", "GET", "/usageplans/{usageplanId}", Read(usage_plans::get)),
    op("UpdateUsagePlan", "PATCH", "/usageplans/{usageplanId}", Write(usage_plans::update)),
    op("DeleteUsagePlan", "DELETE", "/usageplans/{usageplanId}", Write(usage_plans::delete)),
    op("GetUsagePlanKeys", "GET", "/usageplans/{usageplanId}/keys", Read(usage_plan_keys::list)),
    op("CreateUsagePlanKey", "POST", "/usageplans/{usageplanId}/keys", Write(usage_plan_keys::create)),
    op("GetUsagePlanKey", "GET", "/usageplans/{usageplanId}/keys/{keyId}", Read(usage_plan_keys::get)),
    op("DeleteUsagePlanKey", "DELETE", "/usageplans/{usageplanId}/keys/{keyId}", Write(usage_plan_keys::delete)),
    op("GetUsage", "GET", "/usageplans/{usageplanId}/usage", Read(usage::get)),
    op("UpdateUsage", "PATCH", "/usageplans/{usageplanId}/keys/{keyId}/usage", Write(usage::update)),
    // VPC links
    op("GetVpcLinks", "GET", "/vpclinks", Read(vpc_links::list)),
    op("CreateVpcLink", "POST", "/vpclinks", Write(vpc_links::create)),
    op("GetVpcLink", "GET", "/vpclinks/{vpclink_id}", Read(vpc_links::get)),
    op("UpdateVpcLink", "PATCH", "/vpclinks/{vpclink_id}", Write(vpc_links::update)),
    op("DeleteVpcLink", "DELETE", "/vpclinks/{vpclink_id}", Write(vpc_links::delete)),
    // Tags
    op("GetTags", "GET", "/tags/{resource_arn+}", Read(tags::get)),
    op("TagResource", "PUT", "/tags/{resource_arn+}", Write(tags::put)),
    op("UntagResource", "DELETE", "/tags/{resource_arn+}", Write(tags::delete)),
];

#[cfg(test)]
mod tests;
