//! Who may call: resource policies and authorizers.
//!
//! No kind of authorization can be checked yet, so only methods that ask for none pass: everything else is refused, and
//! nothing passes unchecked (Developer Guide, "Control and manage access to REST APIs in API Gateway"). [`lambda_authorizer`]
//! is what `TestInvokeAuthorizer` runs.

pub mod lambda_authorizer;

use definition::{
    ApiSnapshot,
    method::{AuthorizationType, Method},
    rest_api::EndpointType,
};

use crate::{
    Failure,
    route::Routed,
    trace::{Fact, Trace},
};

/// A request that its method lets through.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Authorized<'r> {
    routed: &'r Routed<'r>,
}

/// What a method demands of its callers, as far as it was established when the stage was loaded.
#[derive(Debug, Clone)]
pub(crate) enum Access {
    /// Nothing.
    Open,
    /// Something that cannot be checked.
    Uncheckable {
        /// What it is, for the operator.
        feature: String,
    },
}

impl Access {
    /// What this method of this API demands.
    pub(crate) fn of(snapshot: &ApiSnapshot, method: &Method) -> Self {
        if snapshot.rest_api.policy.as_deref().is_some_and(|policy| !policy.trim().is_empty()) {
            return Self::Uncheckable { feature: "a resource policy".to_owned() };
        }
        if snapshot.rest_api.endpoint_configuration.types.contains(&EndpointType::Private) {
            // Who comes through which VPC endpoint cannot be told, so nobody may be taken for one who does.
            return Self::Uncheckable { feature: "endpoint type PRIVATE".to_owned() };
        }
        match method.authorization_type {
            AuthorizationType::None => Self::Open,
            AuthorizationType::AwsIam
            | AuthorizationType::Custom
            | AuthorizationType::CognitoUserPools
            | AuthorizationType::Jwt => {
                Self::Uncheckable { feature: format!("authorizationType {}", method.authorization_type.as_str()) }
            }
        }
    }
}

/// Lets the request through, or says why not.
pub(crate) fn authorize<'r>(routed: &'r Routed<'r>, trace: &mut Trace) -> Result<Authorized<'r>, Failure> {
    match &routed.method.access {
        Access::Open => {
            trace.explain(|| Fact::Authorized { demand: AuthorizationType::None.as_str().to_owned() });
            Ok(Authorized { routed })
        }
        Access::Uncheckable { feature } => Err(Failure::Unsupported { feature: feature.clone() }),
    }
}

impl<'r> Authorized<'r> {
    /// The request that was let through.
    pub(crate) fn routed(self) -> &'r Routed<'r> {
        self.routed
    }
}
