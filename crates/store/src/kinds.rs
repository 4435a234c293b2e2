//! The kinds of records that the definitions of the control plane are stored as.
//!
//! The id of a method is `{resourceId}/{METHOD}`, that of a model its name, of a gateway response its response type, of a stage
//! and of a flush of its cache its name, of a snapshot its deployment's id, of a documentation version and of what it froze the
//! version's name, of a function its name, of a version of one its number, of an alias its name, of a role
//! [`Role::record_id`] of its name in [`Role::scope`]; the value of an API key is found by its SHA-256; a key in a usage plan
//! has the key's id, a key's plan the plan's, a stage's plan [`StageUsagePlan::record_id`], usage [`Usage::record_id`]; a domain
//! name has [`DomainName::record_id`], a base path mapping its base path, an access association the end of its ARN, the key of a
//! client certificate its certificate's id; the others carry an id.

use definition::{
    ApiSnapshot,
    api_key::{ApiKey, ApiKeyUsagePlan, ApiKeyValueOwner},
    authorizer::Authorizer,
    client_certificate::{ClientCertificate, ClientCertificateKey},
    deployment::Deployment,
    documentation::{DocumentationPart, DocumentationSnapshot, DocumentationVersion},
    domain_name::{BasePathMapping, DomainName, DomainNameAccessAssociation},
    function::{Alias, Function, PublishedVersion},
    gateway_response::GatewayResponse,
    method::Method,
    model::Model,
    request_validator::RequestValidator,
    resource::Resource,
    rest_api::RestApi,
    role::Role,
    stage,
    stage::Stage,
    usage::Usage,
    usage_plan::{StageUsagePlan, UsagePlan, UsagePlanKey},
    vpc_link::VpcLink,
};

use crate::record::Record;

macro_rules! records {
    ($($record:ty: $kind:literal below $parent:literal;)+) => {
        $(impl Record for $record {
            const KIND: &'static str = $kind;
            const PARENT_KIND: &'static str = $parent;
        })+
    };
}

records! {
    RestApi: "rest-api" below "";
    Resource: "resource" below "rest-api";
    Method: "method" below "rest-api";
    Model: "model" below "rest-api";
    RequestValidator: "request-validator" below "rest-api";
    Authorizer: "authorizer" below "rest-api";
    GatewayResponse: "gateway-response" below "rest-api";
    Deployment: "deployment" below "rest-api";
    ApiSnapshot: "snapshot" below "rest-api";
    Stage: "stage" below "rest-api";
    DocumentationPart: "documentation-part" below "rest-api";
    DocumentationVersion: "documentation-version" below "rest-api";
    DocumentationSnapshot: "documentation-snapshot" below "rest-api";
    stage::CacheFlush: "stage-cache-flush" below "rest-api";
    ApiKey: "api-key" below "";
    ApiKeyValueOwner: "api-key-value" below "";
    ApiKeyUsagePlan: "api-key-usage-plan" below "api-key";
    UsagePlan: "usage-plan" below "";
    UsagePlanKey: "usage-plan-key" below "usage-plan";
    StageUsagePlan: "stage-usage-plan" below "rest-api";
    Usage: "usage" below "usage-plan";
    DomainName: "domain-name" below "";
    BasePathMapping: "base-path-mapping" below "domain-name";
    DomainNameAccessAssociation: "domain-name-access-association" below "";
    VpcLink: "vpc-link" below "";
    ClientCertificate: "client-certificate" below "";
    ClientCertificateKey: "client-certificate-key" below "client-certificate";
    Function: "function" below "";
    PublishedVersion: "function-version" below "function";
    Alias: "function-alias" below "function";
    Role: "role" below "";
}
