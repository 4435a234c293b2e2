//! Amazon Resource Names: `arn:{partition}:{service}:{region}:{account}:{resource}`.
//!
//! [`Arn`] holds any of them and looks into none; [`RoleArn`] and [`FunctionArn`] are the two whose resource part this
//! project relies on, and [`IntegrationUri`] is API Gateway's borrowing of the form for things that are not resources.
//! Whether the named thing exists is for its service to say. AWS page: "Identify AWS resources with Amazon Resource
//! Names (ARNs)".

use std::fmt;
use std::str::FromStr;

mod account;
mod execute_api;
mod function;
mod integration_uri;
mod role;
mod user;
#[cfg(test)]
mod tests;

pub use account::{AccountId, InvalidAccountId, InvalidRegion, REGION_BYTES_MAX, Region};
pub use execute_api::execute_api_arn;
pub use function::{FUNCTION_NAME_BYTES_MAX, FunctionArn, QUALIFIER_BYTES_MAX};
pub use integration_uri::{IntegrationTarget, IntegrationUri, InvalidIntegrationUri, InvocationMode, LambdaTarget};
pub use role::RoleArn;
pub use user::UserArn;

/// The longest ARN that IAM accepts in a policy element or a request, in bytes.
pub const ARN_BYTES_MAX: usize = 2048;

/// The partition of the public regions, which is the only one that this project's own resources live in.
pub const PARTITION: &str = "aws";

/// An Amazon Resource Name, split into its six parts.
///
/// Region and account may be empty, as in the ARNs of IAM and S3; the resource may hold further colons.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Arn {
    text: Box<str>,
    /// Where the colons behind partition, service, region and account stand.
    colons: [usize; 4],
}

/// Why a text is not an ARN, or not an ARN of the wanted kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidArn {
    /// The text is longer than [`ARN_BYTES_MAX`].
    #[error("an ARN has at most {ARN_BYTES_MAX} bytes, this one has {bytes}")]
    TooLong {
        /// Its length.
        bytes: usize,
    },
    /// The text does not have the six colon-separated parts, does not start with `arn:`, or holds control characters.
    #[error("{text:?} is not of the form arn:partition:service:region:account:resource")]
    Form {
        /// The text that was read.
        text: Box<str>,
    },
    /// The text is an ARN, but not of the kind that is needed here.
    #[error("{text:?} is not the ARN of {wanted}")]
    Kind {
        /// The text that was read.
        text: Box<str>,
        /// What was wanted, with its article.
        wanted: &'static str,
    },
}

impl Arn {
    /// The partition: `aws`, `aws-cn`, `aws-us-gov`, …
    #[must_use]
    pub fn partition(&self) -> &str {
        &self.text["arn:".len()..self.colons[0]]
    }

    /// The service's namespace, such as `lambda`.
    #[must_use]
    pub fn service(&self) -> &str {
        &self.text[self.colons[0] + 1..self.colons[1]]
    }

    /// The region, empty for the resources of global services.
    #[must_use]
    pub fn region(&self) -> &str {
        &self.text[self.colons[1] + 1..self.colons[2]]
    }

    /// The account that owns the resource; empty where the service has none in its ARNs.
    #[must_use]
    pub fn account(&self) -> &str {
        &self.text[self.colons[2] + 1..self.colons[3]]
    }

    /// Everything behind the fifth colon, which is never empty.
    #[must_use]
    pub fn resource(&self) -> &str {
        &self.text[self.colons[3] + 1..]
    }

    /// The whole ARN.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl FromStr for Arn {
    type Err = InvalidArn;

    fn from_str(text: &str) -> Result<Self, InvalidArn> {
        if text.len() > ARN_BYTES_MAX {
            return Err(InvalidArn::TooLong { bytes: text.len() });
        }
        let form = || InvalidArn::Form { text: text.into() };
        let mut positions = text.bytes().enumerate().filter(|(_, byte)| *byte == b':').map(|(position, _)| position);
        let mut next_colon = || positions.next().ok_or_else(form);
        let prefix = next_colon()?;
        let colons = [next_colon()?, next_colon()?, next_colon()?, next_colon()?];
        let parts = text.split(':').take(3);
        let partition_and_service_present = parts.skip(1).all(|part| !part.is_empty());
        let resource_present = colons[3] + 1 < text.len();
        if &text[..prefix] != "arn"
            || !partition_and_service_present
            || !resource_present
            || text.chars().any(char::is_control)
        {
            return Err(form());
        }
        Ok(Self { text: text.into(), colons })
    }
}

impl fmt::Display for Arn {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

impl fmt::Debug for Arn {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Arn({})", self.text)
    }
}
