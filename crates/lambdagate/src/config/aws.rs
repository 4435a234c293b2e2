//! How integrations reach AWS services: the endpoints of the command line, and what the AWS SDKs read from the environment.
//!
//! AWS SDKs and Tools Reference Guide, "Service-specific endpoints", "AWS access keys". An endpoint on the command line wins over
//! any in the environment, one for a service over one for all.

use execute_api::{
    gateway::{EndpointUrl, Endpoints},
    ports::Credentials,
};

/// What every variable of interest begins with.
const PREFIX: &str = "AWS_";
/// The endpoint of all services.
const ENDPOINT_URL: &str = "AWS_ENDPOINT_URL";
/// The endpoint of one service, whose id follows.
const SERVICE_ENDPOINT_URL: &str = "AWS_ENDPOINT_URL_";
/// Whether the endpoints of the environment are to be overlooked.
const IGNORE_ENDPOINT_URLS: &str = "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS";
const ACCESS_KEY_ID: &str = "AWS_ACCESS_KEY_ID";
const SECRET_ACCESS_KEY: &str = "AWS_SECRET_ACCESS_KEY";
const SESSION_TOKEN: &str = "AWS_SESSION_TOKEN";

/// How integrations reach AWS services.
#[derive(Debug, Clone, Default)]
pub(crate) struct AwsConfig {
    /// Where services are.
    pub(crate) endpoints: Endpoints,
    /// The operator's credentials, if there are some.
    pub(crate) credentials: Option<Credentials>,
}

/// The AWS variables of this process.
pub(crate) fn environment() -> Vec<(String, String)> {
    let text =
        std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    text.filter(|(name, value)| name.starts_with(PREFIX) && !value.is_empty()).collect()
}

impl AwsConfig {
    /// What `--aws-endpoint` and the environment's `variables` say together; what is wrong with them is added to `problems`.
    pub(crate) fn resolve(flags: &[String], variables: &[(String, String)], problems: &mut Vec<String>) -> Self {
        let value = |name: &str| variables.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
        let credentials = match (value(ACCESS_KEY_ID), value(SECRET_ACCESS_KEY)) {
            (Some(id), Some(secret)) => {
                let token = value(SESSION_TOKEN).map(str::to_owned);
                Some(Credentials::new(id, secret, token, None, "environment"))
            }
            (None, None) => None,
            (Some(_), None) => {
                problems.push(format!("{ACCESS_KEY_ID} is set without {SECRET_ACCESS_KEY}"));
                None
            }
            (None, Some(_)) => {
                problems.push(format!("{SECRET_ACCESS_KEY} is set without {ACCESS_KEY_ID}"));
                None
            }
        };
        let mut endpoints = Named::default();
        for flag in flags {
            let (service, url) = match flag.split_once('=') {
                Some((service, url)) if !service.contains("://") => (Some(service), url),
                Some(_) | None => (None, flag.as_str()),
            };
            endpoints.add(&format!("--aws-endpoint {flag:?}"), service, url, problems);
        }
        // An endpoint for all on the command line leaves nothing for the environment to say.
        let is_ignored = value(IGNORE_ENDPOINT_URLS).is_some_and(|text| text.eq_ignore_ascii_case("true"));
        if endpoints.all.is_none() && !is_ignored {
            let mut named = Named::default();
            for (name, url) in variables {
                match name.strip_prefix(SERVICE_ENDPOINT_URL) {
                    Some(service) if !service.is_empty() => named.add(name, Some(service), url, problems),
                    _ if name == ENDPOINT_URL => named.add(name, None, url, problems),
                    Some(_) | None => {}
                }
            }
            named.services.append(&mut endpoints.services);
            endpoints = named;
        }
        Self { endpoints: endpoints.into_endpoints(), credentials }
    }
}

/// Endpoints as they are named; of two for one service the later counts.
#[derive(Default)]
struct Named {
    all: Option<EndpointUrl>,
    services: Vec<(String, EndpointUrl)>,
}

impl Named {
    fn add(&mut self, origin: &str, service: Option<&str>, url: &str, problems: &mut Vec<String>) {
        match (url.parse(), service) {
            (Ok(url), None) => self.all = Some(url),
            (Ok(url), Some(service)) => self.services.push((service.to_owned(), url)),
            (Err(error), _) => problems.push(format!("{origin}: {error}")),
        }
    }

    fn into_endpoints(self) -> Endpoints {
        let named = self
            .services
            .into_iter()
            .fold(Endpoints::of_aws(), |endpoints, (service, url)| endpoints.with_service(&service, url));
        match self.all {
            Some(url) => named.with_all(url),
            None => named,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolve(flags: &[&str], variables: &[(&str, &str)]) -> (AwsConfig, Vec<String>) {
        let flags: Vec<String> = flags.iter().map(|&flag| flag.to_owned()).collect();
        let variables: Vec<(String, String)> =
            variables.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect();
        let mut problems = Vec::new();
        let config = AwsConfig::resolve(&flags, &variables, &mut problems);
        (config, problems)
    }

    fn check(flags: &[&str], variables: &[(&str, &str)], expected: &Endpoints) {
        let (config, problems) = resolve(flags, variables);
        assert_eq!(problems, Vec::<String>::new(), "{flags:?} {variables:?}");
        assert_eq!(config.endpoints, *expected, "{flags:?} {variables:?}");
    }

    fn url(text: &str) -> EndpointUrl {
        text.parse().unwrap()
    }

    #[test]
    fn the_command_line_wins_over_the_environment_and_a_service_over_all() {
        let (a, b) = ("http://127.0.0.1:1", "http://127.0.0.1:2");
        let sqs_variable = ("AWS_ENDPOINT_URL_SQS", b);
        check(&[], &[], &Endpoints::of_aws());
        check(&[a], &[], &Endpoints::of_aws().with_all(url(a)));
        check(&[], &[("AWS_ENDPOINT_URL", a)], &Endpoints::of_aws().with_all(url(a)));
        check(&[], &[sqs_variable], &Endpoints::of_aws().with_service("sqs", url(b)));
        check(&["sqs=http://127.0.0.1:1"], &[sqs_variable], &Endpoints::of_aws().with_service("sqs", url(a)));
        check(&[a], &[sqs_variable], &Endpoints::of_aws().with_all(url(a)));
        let both = Endpoints::of_aws().with_service("sqs", url(b)).with_all(url(a));
        check(&["sqs=http://127.0.0.1:2"], &[("AWS_ENDPOINT_URL", a)], &both);
        check(&[], &[sqs_variable, ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true")], &Endpoints::of_aws());
    }

    #[test]
    fn problems_name_their_origin() {
        for (flags, variables, origin) in [
            (&["sqs=localhost:5000"][..], &[][..], "--aws-endpoint"),
            (&[], &[("AWS_ENDPOINT_URL_S3", "nowhere")], "AWS_ENDPOINT_URL_S3"),
            (&[], &[("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")], "AWS_SECRET_ACCESS_KEY"),
            (&[], &[("AWS_SECRET_ACCESS_KEY", "hush")], "AWS_ACCESS_KEY_ID"),
        ] {
            let (_, problems) = resolve(flags, variables);
            assert!(problems.len() == 1 && problems[0].contains(origin), "{problems:?}");
            assert!(!problems[0].contains("hush"), "{problems:?}");
        }
    }

    #[test]
    fn secrets_are_not_printed() {
        let keys = [
            ("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE"),
            ("AWS_SECRET_ACCESS_KEY", "hush"),
            ("AWS_SESSION_TOKEN", "whisper"),
        ];
        let (config, _) = resolve(&[], &keys);
        let credentials = config.credentials.as_ref().unwrap();
        assert_eq!((credentials.secret_access_key(), credentials.session_token()), ("hush", Some("whisper")));
        let printed = format!("{config:?}");
        assert!(!printed.contains("hush") && !printed.contains("whisper"), "{printed}");
    }
}
