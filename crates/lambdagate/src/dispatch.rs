//! Which part of the gateway a request on the shared listener is for.
//!
//! In this order: LambdaGate's own paths, the data plane by host, the data plane by path, then an AWS service by the credential
//! scope of the signature, by `X-Amz-Target`, by path. A host that is a custom domain name leads to the data plane, too, whatever
//! the signature says; it is looked up last, and not for the hosts and paths of APIs ([`Destination::yields_to_custom_domains`]).
//!
//! Calls of the control API are not authorized, so what a browser sends on behalf of some web page is kept from it.

use std::net::IpAddr;

use execute_api::address::{Address, is_data_plane};
use http::{HeaderMap, HeaderValue, Method, Uri, uri::Authority};
use iam::sigv4::{Authorization, CredentialScope};

/// The prefix of LambdaGate's own paths.
pub(crate) const ADMIN_PREFIX: &str = "/_lambdagate/";

/// Who answers a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Destination {
    /// Health, readiness, reset.
    Admin,
    /// A deployed API.
    DataPlane {
        /// Its address, unless the host is a custom domain name or the target names no stage.
        address: Option<Address>,
    },
    /// An AWS service, in the region that the signature names.
    Service {
        /// The service.
        service: Service,
        /// What the signature says of its maker.
        credential: Option<Credential>,
    },
    /// Nobody: the request names a service that is not here, or none.
    Nobody {
        /// The service's signing name, when there is one.
        service: Option<String>,
    },
    /// Nobody: a browser made the request for a page of another site, or may have. Deployed APIs alone are for such pages.
    ForeignPage,
    /// Nobody: the request calls this machine by a name that anybody could have given it.
    PublicName,
}

impl Destination {
    /// Whether the request is the data plane's all the same if its host is a custom domain name.
    pub(crate) fn yields_to_custom_domains(&self) -> bool {
        match self {
            Self::Admin | Self::DataPlane { .. } => false,
            Self::Service { .. } | Self::Nobody { .. } | Self::ForeignPage | Self::PublicName => true,
        }
    }
}

/// An AWS service that answers here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Service {
    /// The control plane of API Gateway.
    ApiGateway,
    /// Lambda.
    Lambda,
    /// IAM.
    Iam,
    /// STS.
    Sts,
    /// CloudWatch Logs.
    Logs,
    /// CloudWatch metrics.
    Monitoring,
}

/// What a signature says of its maker; nothing here has been verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Credential {
    /// The access key id.
    pub(crate) access_key: String,
    /// The region of the credential scope.
    pub(crate) region: String,
}

/// Finds who answers a request with this method, target (path and query as sent) and headers.
pub(crate) fn destination(method: &Method, target: &str, headers: &HeaderMap) -> Destination {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let is_admin = path.starts_with(ADMIN_PREFIX);
    let host = headers.get(http::header::HOST).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !is_admin && is_data_plane(host, path) {
        return Destination::DataPlane { address: Address::parse(host, target) };
    }
    if headers.get(http::header::ORIGIN).is_some_and(is_foreign) {
        return Destination::ForeignPage;
    }
    if !is_private(host) {
        return Destination::PublicName;
    }
    if is_admin {
        return Destination::Admin;
    }
    let found = service(method, path, query, headers);
    if let Destination::Service { service, .. } = found
        && is_possibly_embedded(method, service, headers)
    {
        return Destination::ForeignPage;
    }
    found
}

/// The service that a request is for.
fn service(method: &Method, path: &str, query: &str, headers: &HeaderMap) -> Destination {
    if let Some(scope) = credential_scope(query, headers) {
        let credential = Credential { access_key: scope.access_key_id().to_owned(), region: scope.region().to_owned() };
        return match service_of_name(scope.service()) {
            Some(service) => Destination::Service { service, credential: Some(credential) },
            None => Destination::Nobody { service: Some(scope.service().to_owned()) },
        };
    }
    if let Some(target) = headers.get("x-amz-target") {
        let target = target.to_str().unwrap_or_default();
        return match service_of_target(target) {
            Some(service) => Destination::Service { service, credential: None },
            None => Destination::Nobody { service: Some(target.to_owned()) },
        };
    }
    match service_of_path(method, path, headers) {
        Some(service) => Destination::Service { service, credential: None },
        None => Destination::Nobody { service: None },
    }
}

/// Whether a page's origin is another machine than this one. Browsers name it with every request but the `GET`s of images, links
/// and a page's own site.
fn is_foreign(origin: &HeaderValue) -> bool {
    let uri = origin.to_str().ok().and_then(|text| text.parse::<Uri>().ok());
    !uri.as_ref().and_then(Uri::host).is_some_and(is_this_machine)
}

/// Whether a request was sent to this machine by a name that it has for itself, or by an address that leads to nobody else.
pub(crate) fn is_addressed_locally(headers: &HeaderMap) -> bool {
    let Some(host) = headers.get(http::header::HOST) else { return true };
    let authority = host.to_str().ok().and_then(|text| text.parse::<Authority>().ok());
    authority.is_some_and(|authority| is_this_machine(authority.host()))
}

fn is_this_machine(host: &str) -> bool {
    let is_local_name = host == "localhost" || host.ends_with(".localhost");
    is_local_name || address(host).is_some_and(|address| address.is_loopback())
}

/// Whether a host is an address, a bare name, or in a domain that strangers cannot put names into. The page of a site whose name
/// server gives out this machine's address ("DNS rebinding") is of the same origin as what it calls, but calls it by its own name.
fn is_private(host: &str) -> bool {
    const PRIVATE_DOMAINS: [&str; 7] =
        [".localhost", ".local", ".internal", ".test", ".home.arpa", ".amazonaws.com", ".amazonaws.com.cn"];
    let authority = host.parse::<Authority>().ok();
    let name = authority.as_ref().map_or(host, Authority::host).trim_end_matches('.').to_ascii_lowercase();
    !name.contains('.') || address(&name).is_some() || PRIVATE_DOMAINS.iter().any(|domain| name.ends_with(domain))
}

fn address(host: &str) -> Option<IpAddr> {
    host.trim_start_matches('[').trim_end_matches(']').parse().ok()
}

/// Whether an image or a link of any page may be behind a request: a `GET` without a header that needs the page's own program. Most
/// services only read by `GET`; those of the query protocol also change things.
fn is_possibly_embedded(method: &Method, service: Service, headers: &HeaderMap) -> bool {
    let is_plain = matches!(*method, Method::GET | Method::HEAD) && !headers.contains_key(http::header::AUTHORIZATION);
    match service {
        Service::Iam | Service::Monitoring => is_plain,
        Service::ApiGateway | Service::Lambda | Service::Sts | Service::Logs => false,
    }
}

/// The scope that a signature claims, in the header or in the query. One that cannot be read claims nothing.
fn credential_scope(query: &str, headers: &HeaderMap) -> Option<CredentialScope> {
    let header = headers.get(http::header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let authorization = match header {
        Some(value) => Authorization::from_header(value).ok(),
        None => Authorization::from_query(query).ok().flatten(),
    };
    authorization.map(|authorization| authorization.scope().clone())
}

fn service_of_name(name: &str) -> Option<Service> {
    match name {
        "apigateway" => Some(Service::ApiGateway),
        "lambda" => Some(Service::Lambda),
        "iam" => Some(Service::Iam),
        "sts" => Some(Service::Sts),
        "logs" => Some(Service::Logs),
        "monitoring" => Some(Service::Monitoring),
        _ => None,
    }
}

fn service_of_target(target: &str) -> Option<Service> {
    if target.starts_with(account::logs::TARGET_PREFIX) {
        return Some(Service::Logs);
    }
    target.starts_with(account::metrics::TARGET_PREFIX).then_some(Service::Monitoring)
}

/// Unsigned calls, as `curl` makes them: the first path segment tells the service.
fn service_of_path(method: &Method, path: &str, headers: &HeaderMap) -> Option<Service> {
    const API_GATEWAY_ROOTS: [&str; 11] = [
        "account",
        "apikeys",
        "clientcertificates",
        "domainnames",
        "domainnameaccessassociations",
        "rejectdomainnameaccessassociations",
        "restapis",
        "sdktypes",
        "tags",
        "usageplans",
        "vpclinks",
    ];
    let first = path.trim_start_matches('/').split('/').next().unwrap_or_default();
    if path.starts_with(account::metrics::PATH_PREFIX) {
        return Some(Service::Monitoring);
    }
    if API_GATEWAY_ROOTS.contains(&first) {
        return Some(Service::ApiGateway);
    }
    let is_api_date = first.len() == 10
        && first
            .bytes()
            .enumerate()
            .all(|(i, byte)| if i == 4 || i == 7 { byte == b'-' } else { byte.is_ascii_digit() });
    if is_api_date {
        return Some(Service::Lambda);
    }
    let content_type =
        headers.get(http::header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let is_form = content_type.starts_with("application/x-www-form-urlencoded");
    (method == Method::POST && path == "/" && is_form).then_some(Service::Iam)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(method: &Method, target: &str, headers: &[(&'static str, &str)]) -> Destination {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.insert(*name, HeaderValue::from_str(value).unwrap());
        }
        destination(method, target, &map)
    }

    fn check(target: &str, headers: &[(&'static str, &str)], expected: &Destination) {
        assert_eq!(&sent(&Method::POST, target, headers), expected, "{target} {headers:?}");
    }

    fn deployed(host: &str, target: &str) -> Destination {
        Destination::DataPlane { address: Some(Address::parse(host, target).unwrap()) }
    }

    fn signed(service: &str) -> String {
        format!(
            "AWS4-HMAC-SHA256 Credential=AKID/20260101/eu-west-1/{service}/aws4_request, SignedHeaders=host, Signature={}",
            "0".repeat(64)
        )
    }

    #[test]
    fn a_request_goes_where_its_path_host_and_signature_say() {
        check("/_lambdagate/health", &[], &Destination::Admin);
        let host = "a1b2c3d4e5.execute-api.localhost:4566";
        check("/prod/x", &[("host", host)], &deployed(host, "/prod/x"));
        check("/", &[("host", host)], &Destination::DataPlane { address: None });
        for target in ["/_aws/execute-api/a1b2c3d4e5/prod/x", "/restapis/a1b2c3d4e5/prod/_user_request_/x"] {
            check(target, &[], &deployed("", target));
        }
        let credential = Some(Credential { access_key: "AKID".to_owned(), region: "eu-west-1".to_owned() });
        for (name, service) in [
            ("apigateway", Service::ApiGateway),
            ("lambda", Service::Lambda),
            ("iam", Service::Iam),
            ("sts", Service::Sts),
            ("logs", Service::Logs),
            ("monitoring", Service::Monitoring),
        ] {
            let expected = Destination::Service { service, credential: credential.clone() };
            check("/", &[("authorization", &signed(name))], &expected);
        }
        check("/", &[("authorization", &signed("sqs"))], &Destination::Nobody { service: Some("sqs".to_owned()) });
        for target in ["/restapis", "/restapis//a1b2c3d4e5/prod/_user_request_/x"] {
            check(target, &[], &Destination::Service { service: Service::ApiGateway, credential: None });
        }
        check("/2015-03-31/functions", &[], &Destination::Service { service: Service::Lambda, credential: None });
        let form = [("content-type", "application/x-www-form-urlencoded; charset=utf-8")];
        check("/", &form, &Destination::Service { service: Service::Iam, credential: None });
        check("/nothing", &[], &Destination::Nobody { service: None });
        for (target, service) in [
            ("Logs_20140328.DescribeLogGroups", Service::Logs),
            ("GraniteServiceVersion20100801.ListMetrics", Service::Monitoring),
        ] {
            check("/", &[("x-amz-target", target)], &Destination::Service { service, credential: None });
        }
        let other = "DynamoDB_20120810.ListTables";
        check("/", &[("x-amz-target", other)], &Destination::Nobody { service: Some(other.to_owned()) });
        let cbor = "/service/GraniteServiceVersion20100801/operation/ListMetrics";
        check(cbor, &[], &Destination::Service { service: Service::Monitoring, credential: None });
    }
    #[test]
    fn only_names_of_this_machine_are_local() {
        for (host, expected) in [
            (Some("127.0.0.1:4566"), true),
            (Some("localhost:4566"), true),
            (Some("gate.localhost"), true),
            (Some("[::1]:4566"), true),
            (Some("example.com:4566"), false),
            (Some("localhost.example.com"), false),
            (Some("203.0.113.9"), false),
            (Some(""), false),
            (None, true),
        ] {
            let host = host.map(|host| (http::header::HOST, HeaderValue::from_static(host)));
            assert_eq!(is_addressed_locally(&host.clone().into_iter().collect()), expected, "{host:?}");
        }
    }

    #[test]
    fn a_page_of_another_site_reaches_deployed_apis_alone() {
        let functions = Destination::Service { service: Service::Lambda, credential: None };
        for origin in ["http://localhost:3000", "http://app.localhost", "https://127.0.0.1", "http://[::1]:4566"] {
            check("/2015-03-31/functions", &[("origin", origin)], &functions);
            check("/_lambdagate/reset", &[("origin", origin)], &Destination::Admin);
        }
        for origin in
            ["https://example.com", "http://localhost.example.com", "http://127.0.0.1.example.com", "null", ""]
        {
            check("/2015-03-31/functions", &[("origin", origin)], &Destination::ForeignPage);
            check("/_lambdagate/reset", &[("origin", origin)], &Destination::ForeignPage);
            let target = "/_aws/execute-api/a1b2c3d4e5/prod/x";
            check(target, &[("origin", origin)], &deployed("", target));
        }
    }

    #[test]
    fn only_names_that_strangers_cannot_give_reach_the_services() {
        let functions = Destination::Service { service: Service::Lambda, credential: None };
        for host in [
            "",
            "127.0.0.1:4566",
            "[::1]:4566",
            "192.0.2.1",
            "localhost:4566",
            "LOCALHOST",
            "gateway",
            "host.docker.internal:4566",
            "sqs.localhost.:4566",
            "lambda.us-east-1.amazonaws.com",
        ] {
            check("/2015-03-31/functions", &[("host", host)], &functions);
            check("/_lambdagate/reset", &[("host", host)], &Destination::Admin);
        }
        for host in ["rebound.example.com:4566", "127.0.0.1.example.com", "localhost.example", "evil-amazonaws.com"] {
            check("/2015-03-31/functions", &[("host", host)], &Destination::PublicName);
            check("/_lambdagate/explain/last", &[("host", host)], &Destination::PublicName);
            let target = "/_aws/execute-api/a1b2c3d4e5/prod/x";
            check(target, &[("host", host)], &deployed(host, target));
        }
    }

    #[test]
    fn no_image_of_a_page_changes_anything() {
        let signed_by_query = |service: &str| {
            format!(
                "/?Action=DeleteRole&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=A%2F20260101%2Feu-west-1%2F{service}%2F\
                 aws4_request&X-Amz-Date=20260101T000000Z&X-Amz-SignedHeaders=host&X-Amz-Expires=60&X-Amz-Signature={}",
                "0".repeat(64)
            )
        };
        let is_service = |destination| matches!(destination, Destination::Service { .. });
        for service in ["iam", "monitoring"] {
            let target = signed_by_query(service);
            assert_eq!(sent(&Method::GET, &target, &[]), Destination::ForeignPage, "{service}");
            assert!(is_service(sent(&Method::POST, &target, &[])), "{service}");
            assert!(is_service(sent(&Method::GET, "/", &[("authorization", &signed(service))])), "{service}");
        }
        for service in ["sts", "lambda", "apigateway"] {
            assert!(is_service(sent(&Method::GET, &signed_by_query(service), &[])), "{service}");
        }
    }
}
