//! Functions that get the whole request and shape the whole response: the `AWS_PROXY` integration type.
//!
//! Developer Guide, "Lambda proxy integrations in API Gateway".

use super::{Reply, error_message};
use crate::{Failure, ports::FunctionAnswer};

pub(crate) mod event;
pub(crate) mod response;

/// The answer of a function that succeeded.
pub(super) fn reply<'r>(answer: FunctionAnswer) -> Result<Reply<'r>, Failure> {
    if answer.function_error.is_some() {
        return Err(Failure::FunctionFailed { message: error_message(&answer.payload), request_id: answer.request_id });
    }
    Ok(Reply::LambdaProxy { payload: answer.payload })
}
