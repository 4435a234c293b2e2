//! What is known of AWS's services: the protocol that each speaks, and the names that it goes by.
//!
//! The facts are those of the SDKs' service models, one line per endpoint in `services.tsv`; a conformance test compares the two.
//! A service that has no line can be called by its paths, and its actions as those of the query protocol.

/// A line per endpoint: host label, service id, protocol, target prefix or API version (or `-`), signing name.
const SERVICES: &str = include_str!("services.tsv");

/// Services that have one endpoint for all regions, and sign for this one. Their models call it the global endpoint.
const GLOBAL: [&str; 3] = ["cloudfront", "iam", "route53"];
/// The region that the services with a global endpoint sign for.
pub(crate) const GLOBAL_REGION: &str = "us-east-1";

/// Actions that the service answers on a host of their own, and what its label begins with.
const HOST_PREFIXES: [(&str, &str, &str); 6] = [
    ("logs", "GetLogObject", "stream-"),
    ("logs", "StartLiveTail", "stream-"),
    ("servicediscovery", "DiscoverInstances", "data-"),
    ("servicediscovery", "DiscoverInstancesRevision", "data-"),
    ("states", "StartSyncExecution", "sync-"),
    ("states", "TestState", "sync-"),
];

/// Services whose IAM actions bear another name than their signatures ("Actions, resources, and condition keys for AWS
/// services" of the Service Authorization Reference).
const ACTION_PREFIXES: [(&str, &str); 3] = [("iotdata", "iot"), ("monitoring", "cloudwatch"), ("tagging", "tag")];

/// What must be known of a service to call it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Service {
    /// The name by which SDKs configure it, such as `DynamoDB` or `CloudWatch Logs`.
    pub(crate) sdk_id: Box<str>,
    pub(crate) protocol: Protocol,
    /// The service of the credential scope.
    pub(crate) signing_name: Box<str>,
}

/// How actions are spelled on the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Protocol {
    /// `X-Amz-Target: {prefix}.{Action}` and a JSON document.
    Json { target_prefix: Box<str>, content_type: &'static str },
    /// `Action={Action}&Version={version}` and flat parameters.
    Query { version: Option<Box<str>> },
    /// HTTP methods and paths; there are no actions on the wire.
    Rest,
}

impl Service {
    /// The service with this endpoint: `{subdomain}.{service}` if that is one, else `{service}`.
    pub(crate) fn of(subdomain: Option<&str>, name: &str) -> Self {
        let with_subdomain = subdomain.and_then(|subdomain| Self::known(&format!("{subdomain}.{name}")));
        with_subdomain.or_else(|| Self::known(name)).unwrap_or_else(|| Self {
            sdk_id: name.into(),
            protocol: Protocol::Query { version: None },
            signing_name: name.into(),
        })
    }

    fn known(endpoint: &str) -> Option<Self> {
        let mut fields = SERVICES.lines().map(|line| line.split('\t'));
        let mut fields = fields.find_map(|mut fields| (fields.next() == Some(endpoint)).then_some(fields))?;
        let (sdk_id, protocol) = (fields.next()?.into(), fields.next()?);
        let detail: Box<str> = fields.next()?.into();
        let protocol = match protocol {
            "json-1.0" => Protocol::Json { target_prefix: detail, content_type: "application/x-amz-json-1.0" },
            "json-1.1" => Protocol::Json { target_prefix: detail, content_type: "application/x-amz-json-1.1" },
            "query" => Protocol::Query { version: Some(detail) },
            _ => Protocol::Rest,
        };
        Some(Self { sdk_id, protocol, signing_name: fields.next()?.into() })
    }

    /// Whether it is S3, whose paths are signed as they are, and whose buckets are paths or subdomains.
    pub(crate) fn is_s3(&self) -> bool {
        &*self.sdk_id == "S3"
    }

    /// What stands before the colon in the names of its IAM actions.
    pub(crate) fn action_prefix(&self) -> &str {
        let named = ACTION_PREFIXES.iter().find(|(signing_name, _)| *signing_name == &*self.signing_name);
        named.map_or(&*self.signing_name, |(_, prefix)| prefix)
    }
}

/// Whether the service has one endpoint for all regions.
pub(crate) fn is_global(service: &str) -> bool {
    GLOBAL.contains(&service)
}

/// What the host label begins with when a service is called for this action.
pub(crate) fn host_prefix(service: &str, action: &str) -> &'static str {
    let named = HOST_PREFIXES.iter().find(|(known, name, _)| *known == service && *name == action);
    named.map_or("", |(_, _, prefix)| prefix)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(target_prefix: &str, content_type: &'static str) -> Protocol {
        Protocol::Json { target_prefix: target_prefix.into(), content_type }
    }

    fn query(version: &str) -> Protocol {
        Protocol::Query { version: Some(version.into()) }
    }

    #[test]
    fn services_are_found_by_their_endpoints() {
        let (v0, v1) = ("application/x-amz-json-1.0", "application/x-amz-json-1.1");
        for (subdomain, name, protocol, signing_name) in [
            (None, "dynamodb", json("DynamoDB_20120810", v0), "dynamodb"),
            (Some("streams"), "dynamodb", json("DynamoDBStreams_20120810", v0), "dynamodb"),
            (None, "kinesis", json("Kinesis_20131202", v1), "kinesis"),
            (None, "states", json("AWSStepFunctions", v0), "states"),
            (None, "events", json("AWSEvents", v1), "events"),
            (None, "secretsmanager", json("secretsmanager", v1), "secretsmanager"),
            (None, "sqs", query("2012-11-05"), "sqs"),
            (None, "sns", query("2010-03-31"), "sns"),
            (None, "email", query("2010-12-01"), "ses"),
            (None, "monitoring", query("2010-08-01"), "monitoring"),
            (None, "s3", Protocol::Rest, "s3"),
            (Some("a.bucket"), "s3", Protocol::Rest, "s3"),
            (Some("runtime"), "sagemaker", Protocol::Rest, "sagemaker"),
            (None, "nothing-yet", Protocol::Query { version: None }, "nothing-yet"),
        ] {
            let service = Service::of(subdomain, name);
            assert_eq!((service.protocol, &*service.signing_name), (protocol, signing_name), "{subdomain:?} {name}");
        }
    }

    #[test]
    fn every_line_can_be_read() {
        let mut names: Vec<&str> = Vec::new();
        for line in SERVICES.lines() {
            let fields: Vec<&str> = line.split('\t').collect();
            let [name, sdk_id, protocol, detail, signing_name] = fields[..] else { panic!("{line}") };
            assert!(!sdk_id.is_empty() && !detail.is_empty() && !signing_name.is_empty(), "{line}");
            assert!(["json-1.0", "json-1.1", "query", "rest"].contains(&protocol), "{line}");
            assert_eq!(protocol == "rest", detail == "-", "{line}");
            names.push(name);
        }
        assert!(names.is_sorted_by(|a, b| a < b), "one line per endpoint, in order");
    }
}
