//! AWS services behind mappings: the `AWS` integration type with anything but a Lambda function's invocation.
//!
//! A call names an action (`dynamodb:action/PutItem`) or a path (`sqs:path/{account}/{queue}`). It is made as the role in the
//! integration's `credentials`, which the port [`Roles`](crate::ports::Roles) takes on, and goes to AWS or to the endpoint that the
//! operator names. Developer Guide, "AWS service integrations", and "Integration" of the API reference, member `uri`.

use std::sync::Arc;

use tokio::time::Instant;

use super::http::{HttpAnswer, HttpRequest};
use crate::{
    Failure,
    gateway::Gateway,
    ports::{Destination, RoleCall, RoleRefusal, Roles},
    route::Routed,
    trace::{Fact, Trace, fact},
};

pub(crate) mod catalogue;
mod denial;
mod endpoints;
mod permissions;
mod request;
mod sign;

pub(crate) use endpoints::EndpointNames;
pub use endpoints::{EndpointUrl, Endpoints, InvalidEndpointUrl};
pub(crate) use request::ServiceRequest;

/// How integrations reach AWS services.
#[derive(Clone)]
pub struct AwsServices {
    /// As whom they are called.
    pub roles: Arc<dyn Roles>,
    /// Where they are.
    pub endpoints: Arc<Endpoints>,
}

impl std::fmt::Debug for AwsServices {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AwsServices").field("endpoints", &self.endpoints).finish_non_exhaustive()
    }
}

/// Calls a service. The caller bounds the time.
pub(crate) async fn call(
    gateway: &Gateway,
    routed: &Routed<'_>,
    request: ServiceRequest<'_>,
    trace: &mut Trace,
) -> Result<HttpAnswer, Failure> {
    let Some(services) = &gateway.aws_services else {
        return Err(Failure::configuration("Invalid endpoint address: AWS services cannot be reached from here"));
    };
    let (base, destination) = address(&request, &services.endpoints);
    let call = RoleCall {
        role_arn: request.target.role_arn.to_string(),
        source_arn: request.source_arn.clone(),
        source_account: request.target.source.account().to_owned(),
        permissions: permissions::needed(&request, destination)?,
        destination,
    };
    let started = Instant::now();
    let answer = match services.roles.assume(call).await {
        Ok(session) => {
            let request = sign::signed(&request, &base, &session)?;
            trace.record(|| Fact::Called(called(&request)));
            gateway.http.send(request).await?
        }
        Err(RoleRefusal::Policy { message }) => {
            tracing::warn!(api_id = routed.context.api_id, %message, "a call of an AWS service was not allowed");
            trace.line(format_args!("Endpoint request URI: {base}{}", request.path_and_query()));
            denial::answer(&request, &message, routed.context.request_id)
        }
        Err(refusal) => return Err(Failure::configuration(refusal.to_string())),
    };
    trace.answered(answer.status, started, || answer.told());
    Ok(answer)
}

/// The base of a call's URL, and whose endpoint that is.
fn address(request: &ServiceRequest<'_>, endpoints: &Endpoints) -> (String, Destination) {
    let target = request.target;
    let Some((url, destination)) = endpoints.find(&target.endpoint_names) else {
        return (format!("https://{}{}", request.host_prefix, target.host), Destination::Aws);
    };
    let base = match &target.subdomain {
        // Servers that are not AWS know buckets by path; the name of the bucket need not resolve.
        Some(bucket) if target.service.is_s3() => format!("{}/{bucket}", url.as_str()),
        Some(_) | None => url.as_str().to_owned(),
    };
    (base, destination)
}

/// The call as a trace tells it, which masks the session's token and the signature.
fn called(request: &HttpRequest) -> fact::IntegrationRequest {
    fact::IntegrationRequest {
        url: request.url(),
        headers: fact::owned(request.header_pairs()),
        body: request.body(),
        function: None,
    }
}
