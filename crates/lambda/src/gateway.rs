//! The port through which the data plane calls functions, with the permission that AWS asks of it.
//!
//! The decision is made by `iam::grant` over compiled policies from the snapshot of [`crate::loaded`], so that a call
//! reads neither the store nor a policy's text. AWS: API Gateway Developer Guide, "API Gateway permissions model for
//! invoking an API".

use std::sync::Arc;

use bytes::Bytes;
use http::StatusCode;
use iam::arn::{AccountId, Arn};
use iam::grant::{self, GrantingRole, Invocation};

use crate::failure::Failure;
use crate::invocation::{Delivery, check_event, random_request_id};
use crate::loaded::LoadedFunction;
use crate::runner::FunctionError;
use crate::service::Lambda;

/// The statuses of the three kinds of call.
const DONE: u16 = 200;
const ACCEPTED: u16 = 202;
const DRY_RUN: u16 = 204;

/// How a call waits for its function ("Invoke" of the Lambda API reference).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum InvocationType {
    /// Until the function has answered.
    #[default]
    RequestResponse,
    /// Until the event is durable; the function runs later.
    Event,
    /// Until it is known whether the call would be allowed; the function does not run.
    DryRun,
}

/// In whose name the gateway calls a function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Authority {
    /// The role of the integration's `credentials`.
    Role {
        /// The role's ARN.
        arn: String,
        /// As [`Authority::Gateway`]'s: what the trust policy may ask for as `aws:SourceArn`.
        source_arn: String,
        /// The account that owns the API: `aws:SourceAccount`.
        source_account: String,
    },
    /// The gateway's own: the function's resource policy decides.
    Gateway {
        /// `arn:aws:execute-api:{region}:{account}:{api}/{stage}/{METHOD}/{resource path}`.
        source_arn: String,
        /// The account that owns the API.
        source_account: String,
    },
}

/// What came of a call that was made.
#[derive(Debug, Clone)]
pub struct GatewayAnswer {
    /// 200, 202 for `Event`, 204 for `DryRun`.
    pub status: u16,
    /// The function's result or error document; empty for `Event` and `DryRun`.
    pub payload: Bytes,
    /// `X-Amz-Function-Error`, when the function failed.
    pub function_error: Option<String>,
    /// The invocation's request id.
    pub request_id: String,
}

/// Why a call was not made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No policy lets the gateway call the function.
    #[error("invalid permissions on Lambda function")]
    Permission {
        /// What was missing, for the operator.
        detail: String,
    },
    /// The role cannot be taken on: there is none, or its trust policy does not name API Gateway.
    #[error("API Gateway does not have permission to assume the provided role {arn}")]
    Role {
        /// The role's ARN.
        arn: String,
    },
    /// No such function, version or alias.
    #[error("function not found: {arn}")]
    NotFound {
        /// The ARN that was called.
        arn: String,
    },
    /// A concurrency limit is spent.
    #[error("rate exceeded: {reason}")]
    Throttled {
        /// Lambda's reason.
        reason: String,
    },
    /// The payload is not JSON, or too large.
    #[error("the payload was refused: {detail}")]
    Payload {
        /// Lambda's message.
        detail: String,
    },
    /// The function cannot be called now.
    #[error("the function is not available: {detail}")]
    Unavailable {
        /// Why.
        detail: String,
    },
}

impl Lambda {
    /// Calls the function with the ARN `function_arn`, qualified as the integration names it, on behalf of a method.
    ///
    /// Safe on any runtime; dropping the future does not stop the function. An `Event` is durable before the answer.
    ///
    /// # Errors
    ///
    /// [`Refusal`] when the call was not made; a function that fails is an answer with `function_error`.
    pub async fn invoke_for_gateway(
        &self,
        function_arn: &str,
        payload: Bytes,
        kind: InvocationType,
        authority: Authority,
        trace_id: String,
    ) -> Result<GatewayAnswer, Refusal> {
        let function = self.admit(function_arn, &payload, kind, &authority).await?;
        let request_id = random_request_id();
        let delivery = Delivery { request_id, payload, client_context: None, trace_id, log_tail: false };
        let answer = |status| GatewayAnswer {
            status,
            payload: Bytes::new(),
            function_error: None,
            request_id: request_id.to_string(),
        };
        match kind {
            InvocationType::DryRun => Ok(answer(DRY_RUN)),
            InvocationType::Event => {
                self.enqueue(&function, delivery).await?;
                Ok(answer(ACCEPTED))
            }
            InvocationType::RequestResponse => {
                let outcome = self.run(&function, delivery).await.map_err(Failure::from)?;
                let function_error = outcome.function_error.map(|_| FunctionError::HEADER_VALUE.to_owned());
                Ok(GatewayAnswer { payload: outcome.payload, function_error, ..answer(DONE) })
            }
        }
    }

    /// The function of a call that may be made.
    pub(crate) async fn admit(
        &self,
        function_arn: &str,
        payload: &[u8],
        kind: InvocationType,
        authority: &Authority,
    ) -> Result<Arc<LoadedFunction>, Refusal> {
        let function = match self.load_function(function_arn).await {
            Ok(Some(function)) => function,
            Ok(None) => return Err(Refusal::NotFound { arn: function_arn.to_owned() }),
            Err(failure) => return Err(Refusal::from(failure)),
        };
        self.authorize(&function, authority).await?;
        check_event(payload, kind)?;
        Ok(function)
    }

    async fn authorize(&self, function: &LoadedFunction, authority: &Authority) -> Result<(), Refusal> {
        let (Authority::Role { source_arn, source_account, .. } | Authority::Gateway { source_arn, source_account }) =
            authority;
        let source_arn: Arn = source_arn.parse().map_err(|error| permission(&error))?;
        let source_account: AccountId = source_account.parse().map_err(|error| permission(&error))?;
        let invocation = Invocation {
            function: &function.arn,
            source_arn: &source_arn,
            source_account: &source_account,
            now: (self.config().clock)(),
        };
        let Authority::Role { arn, .. } = authority else {
            return invocation.allowed_by_function(function.policy.as_ref()).map_err(|refusal| permission(&refusal));
        };
        let role = self.loaded().role(self.store(), arn).await?;
        let role = role.ok_or_else(|| Refusal::Role { arn: arn.clone() })?;
        let granting = GrantingRole { arn: &role.arn, trust: &role.trust, policies: &role.policies };
        match invocation.allowed_by_role(&granting, function.policy.as_ref()) {
            Ok(()) => Ok(()),
            Err(grant::Refusal::Trust { .. }) => Err(Refusal::Role { arn: arn.clone() }),
            Err(refusal @ (grant::Refusal::Role { .. } | grant::Refusal::FunctionPolicy { .. })) => {
                Err(permission(&refusal))
            }
        }
    }
}

fn permission(cause: &impl ToString) -> Refusal {
    Refusal::Permission { detail: cause.to_string() }
}

impl From<Failure> for Refusal {
    /// The refusals that a call can meet after its function was found.
    fn from(failure: Failure) -> Self {
        let detail = failure.to_string();
        if let Failure::TooManyRequests { reason } = failure {
            return Self::Throttled { reason: reason.to_owned() };
        }
        match failure.status() {
            StatusCode::BAD_REQUEST | StatusCode::PAYLOAD_TOO_LARGE => Self::Payload { detail },
            _ => {
                let source = std::error::Error::source(&failure).map(|source| format!(": {source}"));
                Self::Unavailable { detail: detail + &source.unwrap_or_default() }
            }
        }
    }
}
