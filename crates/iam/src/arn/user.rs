//! ARNs of IAM users: `arn:aws:iam::{account}:user/{path/}{name}`.

use std::fmt;
use std::str::FromStr;

use super::role::identity_of;
use super::{AccountId, Arn, InvalidArn};

/// The ARN of an IAM user.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct UserArn {
    arn: Arn,
    account: AccountId,
}

impl UserArn {
    /// The account that the user belongs to.
    #[must_use]
    pub fn account(&self) -> &AccountId {
        &self.account
    }

    /// The user's name: the last segment, without the path.
    #[must_use]
    pub fn name(&self) -> &str {
        self.arn.resource().rsplit('/').next().unwrap_or_default()
    }

    /// The whole ARN.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.arn.as_str()
    }
}

impl TryFrom<Arn> for UserArn {
    type Error = InvalidArn;

    fn try_from(arn: Arn) -> Result<Self, InvalidArn> {
        let account = identity_of(&arn, "user/")
            .ok_or_else(|| InvalidArn::Kind { text: arn.as_str().into(), wanted: "an IAM user" })?;
        Ok(Self { arn, account })
    }
}

impl FromStr for UserArn {
    type Err = InvalidArn;

    fn from_str(text: &str) -> Result<Self, InvalidArn> {
        Self::try_from(text.parse::<Arn>()?)
    }
}

impl fmt::Display for UserArn {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.arn.fmt(formatter)
    }
}
