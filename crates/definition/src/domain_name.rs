//! Custom domain names: hosts of a user's own before the stages of APIs ("DomainName", "BasePathMapping" and
//! "DomainNameAccessAssociation" of the API reference).

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use crate::{
    id::{RestApiId, StageName},
    rest_api::{EndpointConfiguration, EndpointType},
    time::EpochSeconds,
};

/// What stands for an empty base path, and for a stage that the client names itself.
pub const NONE: &str = "(none)";

/// A custom domain name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DomainName {
    /// The host, in lower case; its first label may be `*`.
    pub domain_name: String,
    /// Tells private domain names of one host apart; absent on public ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub domain_name_id: Option<String>,
    /// The ARN; absent on public ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub domain_name_arn: Option<String>,
    /// A user's name for the certificate of the edge-optimised or private endpoint.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate_name: Option<String>,
    /// The certificate of the edge-optimised or private endpoint.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate_arn: Option<String>,
    /// When that certificate was named last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate_upload_date: Option<EpochSeconds>,
    /// What a DNS record of the regional endpoint would point at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub regional_domain_name: Option<String>,
    /// The hosted zone of that name, in regions for which AWS publishes one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub regional_hosted_zone_id: Option<String>,
    /// A user's name for the certificate of the regional endpoint.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub regional_certificate_name: Option<String>,
    /// The certificate of the regional endpoint.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub regional_certificate_arn: Option<String>,
    /// What a DNS record of the edge-optimised endpoint would point at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub distribution_domain_name: Option<String>,
    /// The hosted zone of that name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub distribution_hosted_zone_id: Option<String>,
    /// Edge, regional, both while a domain moves, or private.
    pub endpoint_configuration: EndpointConfiguration,
    /// The state; a domain name here is always `AVAILABLE`.
    pub domain_name_status: String,
    /// The name of the TLS policy.
    pub security_policy: String,
    /// `BASIC` or `STRICT`, when one was set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoint_access_mode: Option<String>,
    /// Whose certificates clients must have; absent when they need none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mutual_tls_authentication: Option<MutualTlsAuthentication>,
    /// The certificate that proves whose the domain is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ownership_verification_certificate_arn: Option<String>,
    /// Who may associate VPC endpoints with it, as JSON; private ones only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub management_policy: Option<String>,
    /// Who may call through it, as JSON; private ones only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<String>,
    /// How requests find their API.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub routing_mode: Option<String>,
    /// Tags, in the order given.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub tags: IndexMap<String, String>,
}

impl DomainName {
    /// A public domain name for which nothing else was said.
    #[must_use]
    pub fn new(domain_name: String, endpoint_configuration: EndpointConfiguration) -> Self {
        Self {
            domain_name,
            domain_name_id: None,
            domain_name_arn: None,
            certificate_name: None,
            certificate_arn: None,
            certificate_upload_date: None,
            regional_domain_name: None,
            regional_hosted_zone_id: None,
            regional_certificate_name: None,
            regional_certificate_arn: None,
            distribution_domain_name: None,
            distribution_hosted_zone_id: None,
            endpoint_configuration,
            domain_name_status: "AVAILABLE".to_owned(),
            security_policy: "TLS_1_2".to_owned(),
            endpoint_access_mode: None,
            mutual_tls_authentication: None,
            ownership_verification_certificate_arn: None,
            management_policy: None,
            policy: None,
            routing_mode: None,
            tags: IndexMap::new(),
        }
    }

    /// Its id among the domain names of an account and region: the host, and of a private one the id behind it.
    #[must_use]
    pub fn record_id(&self) -> String {
        Self::record_id_of(&self.domain_name, self.domain_name_id.as_deref())
    }

    /// The id of the record of a domain name of this host and, if it is private, this id.
    #[must_use]
    pub fn record_id_of(domain_name: &str, domain_name_id: Option<&str>) -> String {
        match domain_name_id {
            Some(id) => format!("{domain_name}+{id}"),
            None => domain_name.to_owned(),
        }
    }

    /// Whether only VPC endpoints reach it.
    #[must_use]
    pub fn is_private(&self) -> bool {
        self.endpoint_configuration.types.contains(&EndpointType::Private)
    }
}

/// Whose certificates the clients of a domain name must have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MutualTlsAuthentication {
    /// Where the trusted authorities are kept, an `s3://` URL.
    pub truststore_uri: String,
    /// The version of that object.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub truststore_version: Option<String>,
}

/// Which API and stage serve the requests below a base path of a domain name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BasePathMapping {
    /// The first segment of the path, or [`NONE`] for all paths that have no mapping of their own.
    pub base_path: String,
    /// The API.
    pub rest_api_id: RestApiId,
    /// The stage; without one, the path's next segment names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stage: Option<StageName>,
}

/// That a VPC endpoint may call a private domain name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DomainNameAccessAssociation {
    /// The association's own ARN.
    pub domain_name_access_association_arn: String,
    /// The domain name's.
    pub domain_name_arn: String,
    /// The kind of source; `VPCE` is the only one.
    pub access_association_source_type: String,
    /// The VPC endpoint's id.
    pub access_association_source: String,
    /// Tags, in the order given.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub tags: IndexMap<String, String>,
}
