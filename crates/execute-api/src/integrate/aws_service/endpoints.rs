//! Where AWS services are reached: AWS itself, or what the operator names instead.
//!
//! AWS SDKs and Tools Reference Guide, "Service-specific endpoints".

use std::collections::HashMap;

use http::Uri;

use super::catalogue::Service;
use crate::ports::Destination;

/// Services that LambdaGate has itself, by their endpoints' names.
const OWN_SERVICES: [&str; 6] = ["apigateway", "iam", "lambda", "logs", "monitoring", "sts"];

/// The endpoints that services are reached at instead of AWS's own.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Endpoints {
    all: Option<EndpointUrl>,
    by_service: HashMap<Box<str>, EndpointUrl>,
    own: Option<EndpointUrl>,
}

/// The base of a service's URLs: `http` or `https`, a host, perhaps a port and a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndpointUrl(Box<str>);

/// A text that no service can be reached at.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not a URL of the form http://host or https://host, with a port or path if need be")]
pub struct InvalidEndpointUrl {
    /// The offending text.
    pub text: Box<str>,
}

impl std::str::FromStr for EndpointUrl {
    type Err = InvalidEndpointUrl;

    fn from_str(text: &str) -> Result<Self, InvalidEndpointUrl> {
        let invalid = || InvalidEndpointUrl { text: text.into() };
        let uri: Uri = text.parse().map_err(|_| invalid())?;
        let authority = uri.authority().ok_or_else(invalid)?;
        let speaks_http = matches!(uri.scheme_str(), Some("http" | "https"));
        // Credentials in a URL would end up in logs; nothing is sent of them anyway.
        if !speaks_http || authority.as_str().contains('@') || uri.query().is_some() {
            return Err(invalid());
        }
        Ok(Self(text.trim_end_matches('/').into()))
    }
}

impl EndpointUrl {
    /// The URL, without a slash at its end.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Endpoints {
    /// AWS's own endpoints for all services.
    #[must_use]
    pub fn of_aws() -> Self {
        Self::default()
    }

    /// The services that LambdaGate has itself are reached here unless an endpoint is named for them or for all.
    #[must_use]
    pub fn with_own(mut self, url: EndpointUrl) -> Self {
        self.own = Some(url);
        self
    }

    /// Names the endpoint of all services that none is named for.
    #[must_use]
    pub fn with_all(mut self, url: EndpointUrl) -> Self {
        self.all = Some(url);
        self
    }

    /// Names a service's endpoint. `service` is what SDKs or integration URIs call it, however that is cased, with hyphens,
    /// underscores or blanks: `sfn`, `states`, `CLOUDWATCH_LOGS`, `cloudwatch-logs`, `logs`.
    #[must_use]
    pub fn with_service(mut self, service: &str, url: EndpointUrl) -> Self {
        self.by_service.insert(key(service), url);
        self
    }

    /// The endpoint named for a service, and whose it is; `None` where AWS's own is to be taken.
    pub(crate) fn find(&self, names: &EndpointNames) -> Option<(&EndpointUrl, Destination)> {
        let configured = names.keys.iter().find_map(|key| self.by_service.get(key)).or(self.all.as_ref());
        match configured {
            Some(url) => Some((url, Destination::Configured)),
            None => self.own.as_ref().filter(|_| names.own).map(|url| (url, Destination::Own)),
        }
    }
}

/// What an endpoint may be configured as, most specific name first; made once per integration.
#[derive(Debug)]
pub(crate) struct EndpointNames {
    keys: Vec<Box<str>>,
    /// Whether LambdaGate has the service itself.
    own: bool,
}

impl EndpointNames {
    pub(crate) fn new(subdomain: Option<&str>, name: &str, service: &Service) -> Self {
        let with_subdomain = subdomain.map(|subdomain| key(&format!("{subdomain}.{name}")));
        let keys = with_subdomain.into_iter().chain([key(name), key(&service.sdk_id)]).collect();
        Self { keys, own: subdomain.is_none() && OWN_SERVICES.contains(&name) }
    }
}

fn key(service: &str) -> Box<str> {
    let hyphenated = service.trim().replace(['_', ' '], "-");
    hyphenated.to_ascii_lowercase().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> EndpointUrl {
        text.parse().unwrap()
    }

    fn find(endpoints: &Endpoints, subdomain: Option<&str>, name: &str) -> Option<(String, Destination)> {
        let names = EndpointNames::new(subdomain, name, &Service::of(subdomain, name));
        endpoints.find(&names).map(|(url, destination)| (url.as_str().to_owned(), destination))
    }

    #[test]
    fn a_service_is_named_as_sdks_or_uris_name_it() {
        for name in ["sfn", "SFN", "states"] {
            let endpoints = Endpoints::of_aws().with_service(name, url("http://127.0.0.1:8083"));
            let found = find(&endpoints, None, "states");
            assert_eq!(found, Some(("http://127.0.0.1:8083".to_owned(), Destination::Configured)), "{name}");
        }
        for name in ["CLOUDWATCH_LOGS", "cloudwatch-logs", "CloudWatch Logs", "logs"] {
            let endpoints = Endpoints::of_aws().with_service(name, url("http://127.0.0.1:1"));
            assert!(find(&endpoints, None, "logs").is_some(), "{name}");
            assert!(find(&endpoints, None, "monitoring").is_none(), "{name}");
        }
        let streams = Endpoints::of_aws().with_service("DYNAMODB_STREAMS", url("http://127.0.0.1:1"));
        assert!(find(&streams, Some("streams"), "dynamodb").is_some());
        assert!(find(&streams, None, "dynamodb").is_none());
        let buckets = Endpoints::of_aws().with_service("s3", url("http://127.0.0.1:1"));
        assert!(find(&buckets, Some("a-bucket"), "s3").is_some());
    }

    #[test]
    fn the_more_specific_endpoint_wins_and_aws_is_the_last() {
        let own = Endpoints::of_aws().with_own(url("http://127.0.0.1:4566"));
        assert_eq!(find(&own, None, "sqs"), None);
        assert_eq!(find(&own, None, "lambda"), Some(("http://127.0.0.1:4566".to_owned(), Destination::Own)));
        let all = own.with_all(url("http://localhost:5000/"));
        assert_eq!(find(&all, None, "lambda"), Some(("http://localhost:5000".to_owned(), Destination::Configured)));
        let one = all.with_service("sqs", url("https://queue.example/base/"));
        assert_eq!(find(&one, None, "sqs"), Some(("https://queue.example/base".to_owned(), Destination::Configured)));
    }

    #[test]
    fn an_endpoint_is_an_http_url() {
        for text in
            ["", "localhost:5000", "ftp://x", "http://", "http://a:b@host", "http://host?x=1", "/path", "http://a b"]
        {
            assert!(text.parse::<EndpointUrl>().is_err(), "{text:?}");
        }
    }
}
