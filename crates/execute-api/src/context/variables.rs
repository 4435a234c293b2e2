//! The one table of `$context` variables, for templates (`$context.x`) and for mappings (`context.x`) alike.

use std::borrow::Cow;

use super::RequestContext;

/// A variable of `$context`, found once by its name and read for every request.
#[derive(Debug, Clone, Copy)]
pub struct ContextVariable {
    name: &'static str,
    read: for<'c> fn(&'c RequestContext<'_>) -> Option<Cow<'c, str>>,
}

impl ContextVariable {
    /// The variable of this path, such as `identity.sourceIp`; letter case matters.
    #[must_use]
    pub fn named(path: &str) -> Option<&'static Self> {
        VARIABLES.iter().find(|variable| variable.name == path)
    }

    /// All variables, in the order in which `$context.keySet()` has them.
    pub(crate) fn all() -> &'static [Self] {
        VARIABLES
    }

    /// The path, without `context.`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The variable's text for a request; `None` when the request has none.
    #[must_use]
    pub fn read<'c>(&self, context: &'c RequestContext<'_>) -> Option<Cow<'c, str>> {
        (self.read)(context)
    }
}

/// The text of the variable of this path for a request; `None` when there is no such variable or the request has none.
#[must_use]
pub fn context_variable<'c>(context: &'c RequestContext<'_>, path: &str) -> Option<Cow<'c, str>> {
    ContextVariable::named(path)?.read(context)
}

/// A variable that every request has.
macro_rules! present {
    ($name:literal, $($field:ident).+) => {
        ContextVariable { name: $name, read: |context| Some(Cow::Borrowed(context.$($field).+)) }
    };
}

/// A variable that some requests have.
macro_rules! optional {
    ($name:literal, $($field:ident).+) => {
        ContextVariable { name: $name, read: |context| context.$($field).+.map(Cow::Borrowed) }
    };
}

/// A variable that no request has yet.
macro_rules! absent {
    ($name:literal) => {
        ContextVariable { name: $name, read: |_| None }
    };
}

const VARIABLES: &[ContextVariable] = &[
    present!("resourceId", resource_id),
    present!("resourcePath", resource_path),
    optional!("operationName", operation_name),
    present!("httpMethod", http_method),
    present!("extendedRequestId", extended_request_id),
    ContextVariable { name: "requestTime", read: |context| Some(Cow::Owned(request_time(context))) },
    present!("path", path),
    present!("accountId", account_id),
    present!("protocol", protocol),
    present!("stage", stage),
    present!("domainPrefix", domain_prefix),
    ContextVariable { name: "requestTimeEpoch", read: |context| Some(Cow::Owned(context.request_time.0.to_string())) },
    present!("requestId", request_id),
    optional!("identity.accountId", identity.account_id),
    optional!("identity.caller", identity.caller),
    present!("identity.sourceIp", identity.source_ip),
    optional!("identity.accessKey", identity.access_key),
    optional!("identity.apiKey", identity.api_key),
    optional!("identity.apiKeyId", identity.api_key_id),
    optional!("identity.userArn", identity.user_arn),
    optional!("identity.userAgent", identity.user_agent),
    optional!("identity.user", identity.user),
    present!("domainName", domain_name),
    optional!("deploymentId", deployment_id),
    present!("apiId", api_id),
    ContextVariable {
        name: "isCanaryRequest",
        read: |context| context.is_canary.map(|canary| Cow::Borrowed(if canary { "true" } else { "false" })),
    },
    absent!("identity.clientCert.clientCertPem"),
    absent!("identity.clientCert.subjectDN"),
    absent!("identity.clientCert.issuerDN"),
    absent!("identity.clientCert.serialNumber"),
    absent!("identity.clientCert.validity.notBefore"),
    absent!("identity.clientCert.validity.notAfter"),
    absent!("identity.cognitoAuthenticationProvider"),
    absent!("identity.cognitoAuthenticationType"),
    absent!("identity.cognitoIdentityId"),
    absent!("identity.cognitoIdentityPoolId"),
    absent!("identity.principalOrgId"),
    absent!("identity.vpcId"),
    absent!("identity.vpceId"),
    absent!("authorizer.principalId"),
    absent!("awsEndpointRequestId"),
    absent!("awsEndpointRequestId2"),
    absent!("wafResponseCode"),
    absent!("webaclArn"),
    // Only a gateway response has an error, and reads it from its failure.
    absent!("error.message"),
    absent!("error.messageString"),
    absent!("error.responseType"),
    absent!("error.validationErrorString"),
];

/// `09/Apr/2025:12:34:56 +0000`.
fn request_time(context: &RequestContext<'_>) -> String {
    context.request_time.timestamp().strftime("%d/%b/%Y:%H:%M:%S +0000").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::context::fixture::CONTEXT;

    #[test]
    fn variables_read_the_request_and_nothing_else() {
        let check = |path: &str, expected: Option<&str>| {
            assert_eq!(context_variable(&CONTEXT, path).as_deref(), expected, "{path}");
        };
        check("apiId", Some("abcdef1234"));
        check("identity.sourceIp", Some("203.0.113.9"));
        check("requestTime", Some("09/Apr/2025:12:34:56 +0000"));
        check("requestTimeEpoch", Some("1744202096123"));
        check("identity.userAgent", None);
        check("isCanaryRequest", None);
        check("operationName", None);
        check("ApiId", None);
        check("identity", None);
        check("requestOverride", None);
        check("", None);
    }

    #[test]
    fn variables_that_nothing_fills_are_known_and_empty() {
        for path in [
            "identity.clientCert.validity.notAfter",
            "identity.cognitoIdentityId",
            "identity.principalOrgId",
            "identity.vpceId",
            "authorizer.principalId",
            "awsEndpointRequestId",
            "wafResponseCode",
            "webaclArn",
            "error.messageString",
        ] {
            let variable = ContextVariable::named(path).unwrap();
            assert_eq!(variable.read(&CONTEXT).as_deref(), None, "{path}");
        }
    }

    #[test]
    fn no_name_is_there_twice() {
        let names: std::collections::HashSet<_> = VARIABLES.iter().map(ContextVariable::name).collect();
        assert_eq!(names.len(), VARIABLES.len());
    }

    #[test]
    fn a_canary_reads_as_text() {
        let context = RequestContext { is_canary: Some(false), ..CONTEXT };
        assert_eq!(context_variable(&context, "isCanaryRequest").as_deref(), Some("false"));
    }
}
