//! An AWS service that an `AWS` integration calls, by an action or by a path.

use definition::{integration::Integration, method::HttpMethod};
use iam::arn::{IntegrationTarget, IntegrationUri};
use indexmap::IndexMap;

use super::{MethodSource, with_stage_variables};
use crate::{
    Failure,
    integrate::aws_service::{
        EndpointNames,
        catalogue::{self, GLOBAL_REGION, Service},
    },
};

/// The domain of each partition's hosts.
const DOMAINS: [(&str, &str); 3] =
    [("aws", "amazonaws.com"), ("aws-cn", "amazonaws.com.cn"), ("aws-us-gov", "amazonaws.com")];

/// A service's action or path, and the role as which it is called.
#[derive(Debug)]
pub(crate) struct ServiceTarget {
    pub(crate) service: Service,
    /// As the URI names it, without the subdomain.
    pub(crate) name: Box<str>,
    /// Such as the bucket in `bucket.s3`.
    pub(crate) subdomain: Option<Box<str>>,
    /// What of it is called, with `{name}` still to be replaced.
    pub(crate) spec: Spec,
    pub(crate) endpoint_names: EndpointNames,
    /// AWS's own host for it.
    pub(crate) host: Box<str>,
    /// The partition that its resources' ARNs name.
    pub(crate) partition: Box<str>,
    /// The region that calls are signed for.
    pub(crate) region: Box<str>,
    /// The method towards the service; absent: the client's.
    pub(crate) http_method: Option<HttpMethod>,
    pub(crate) role_arn: Box<str>,
    pub(crate) source: MethodSource,
}

/// What of a service is called.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Spec {
    /// An action and perhaps parameters: `Publish&TopicArn=…`.
    Action(Box<str>),
    /// A path, without its leading slash.
    Path(Box<str>),
}

impl ServiceTarget {
    pub(super) fn compile(
        integration: &Integration,
        uri: &IntegrationUri,
        variables: &IndexMap<String, String>,
        source: MethodSource,
    ) -> Result<Self, Failure> {
        let http_method: Option<HttpMethod> = integration.http_method.as_deref().and_then(|text| text.parse().ok());
        let http_method = http_method.ok_or_else(|| Failure::configuration("Invalid integration HTTP method"))?;
        let (_, domain) = DOMAINS
            .iter()
            .find(|(partition, _)| *partition == uri.partition())
            .ok_or_else(Failure::invalid_endpoint)?;
        let (subdomain, name) = (uri.subdomain(), uri.service());
        if !subdomain.is_none_or(is_host_part) {
            return Err(Failure::invalid_endpoint());
        }
        let is_global = uri.partition() == "aws" && subdomain.is_none() && catalogue::is_global(name);
        let region = if is_global { GLOBAL_REGION } else { uri.region().as_str() };
        let label = subdomain.map_or_else(|| name.to_owned(), |subdomain| format!("{subdomain}.{name}"));
        let host = if is_global { format!("{label}.{domain}") } else { format!("{label}.{region}.{domain}") };
        let spec = match uri.target() {
            IntegrationTarget::Action(action) => Spec::Action(action.clone()),
            IntegrationTarget::Path(path) => Spec::Path(path.trim_start_matches('/').into()),
        };
        let role_arn = with_stage_variables(integration.credentials.as_deref().unwrap_or_default(), variables);
        if role_arn.is_empty() {
            return Err(Failure::configuration("Role ARN must be specified for AWS integrations"));
        }
        let service = Service::of(subdomain, name);
        Ok(Self {
            endpoint_names: EndpointNames::new(subdomain, name, &service),
            service,
            name: name.into(),
            subdomain: subdomain.map(Into::into),
            spec,
            host: host.to_ascii_lowercase().into(),
            partition: uri.partition().into(),
            region: region.into(),
            http_method: Some(http_method).filter(|method| *method != HttpMethod::Any),
            role_arn: role_arn.into(),
            source,
        })
    }
}

/// Whether a text is dot-separated labels of a host name.
fn is_host_part(text: &str) -> bool {
    let is_label_byte = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    text.split('.').all(|label| !label.is_empty() && label.bytes().all(is_label_byte))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// The target of a `POST` integration with this URI and the role `gateway`.
    pub(crate) fn target(uri: &str) -> Result<ServiceTarget, Failure> {
        let integration: Integration = serde_json::from_value(serde_json::json!({
            "type": "AWS", "uri": uri, "httpMethod": "POST", "credentials": "arn:aws:iam::000000000000:role/gateway",
            "passthroughBehavior": "WHEN_NO_MATCH", "timeoutInMillis": 29_000, "cacheNamespace": "", "cacheKeyParameters": []
        }))
        .unwrap();
        let source = MethodSource {
            prefix: "arn:aws:execute-api:us-east-1:000000000000:a1b2c3d4e5/test/".into(),
            suffix: "/items".into(),
            account: "000000000000".into(),
        };
        ServiceTarget::compile(&integration, &uri.parse().unwrap(), &IndexMap::new(), source)
    }

    #[test]
    fn a_service_has_a_host_in_its_region_and_partition() {
        for (uri, host, region) in [
            ("arn:aws:apigateway:eu-west-1:dynamodb:action/PutItem", "dynamodb.eu-west-1.amazonaws.com", "eu-west-1"),
            ("arn:aws:apigateway:eu-west-1:a.b.s3:path/{key}", "a.b.s3.eu-west-1.amazonaws.com", "eu-west-1"),
            ("arn:aws:apigateway:eu-west-1:iam:action/ListRoles", "iam.amazonaws.com", "us-east-1"),
            ("arn:aws-cn:apigateway:cn-north-1:sqs:path/1/q", "sqs.cn-north-1.amazonaws.com.cn", "cn-north-1"),
        ] {
            let target = target(uri).unwrap();
            assert_eq!((&*target.host, &*target.region), (host, region), "{uri}");
        }
    }

    #[test]
    fn what_cannot_be_a_host_is_an_invalid_endpoint() {
        for uri in [
            "arn:aws-moon:apigateway:r:sqs:path/1/q",
            "arn:aws:apigateway:r:a/b.s3:path/x",
            "arn:aws:apigateway:r:{bucket}.s3:path/x",
            "arn:aws:apigateway:r:user@host.s3:path/x",
            "arn:aws:apigateway:r:a..b.s3:path/x",
        ] {
            assert_eq!(target(uri).unwrap_err(), Failure::invalid_endpoint(), "{uri}");
        }
    }
}
