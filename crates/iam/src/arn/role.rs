//! ARNs of IAM roles: `arn:aws:iam::{account}:role/{path/}{name}`.

use std::fmt;
use std::str::FromStr;

use super::{AccountId, Arn, InvalidArn};

/// The longest name of a role or user, in bytes.
const NAME_BYTES_MAX: usize = 64;

/// The ARN of an IAM role.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RoleArn {
    arn: Arn,
    account: AccountId,
}

impl RoleArn {
    /// The account that owns the role.
    #[must_use]
    pub fn account(&self) -> &AccountId {
        &self.account
    }

    /// The role's name: the last segment, without the path.
    #[must_use]
    pub fn name(&self) -> &str {
        self.arn.resource().rsplit('/').next().unwrap_or_default()
    }

    /// The role's path, which begins and ends with a slash; `/` unless the role was made with one.
    #[must_use]
    pub fn path(&self) -> &str {
        let resource = self.arn.resource();
        &resource["role".len()..resource.len() - self.name().len()]
    }

    /// The role as a plain ARN.
    #[must_use]
    pub fn as_arn(&self) -> &Arn {
        &self.arn
    }

    /// The whole ARN.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.arn.as_str()
    }

    /// The ARN of a session of this role: `arn:aws:sts::{account}:assumed-role/{name}/{session}`, without the path.
    #[must_use]
    pub fn session_arn(&self, session_name: &str) -> String {
        format!("arn:{}:sts::{}:assumed-role/{}/{session_name}", self.arn.partition(), self.account, self.name())
    }
}

impl TryFrom<Arn> for RoleArn {
    type Error = InvalidArn;

    fn try_from(arn: Arn) -> Result<Self, InvalidArn> {
        let account = identity_of(&arn, "role/")
            .ok_or_else(|| InvalidArn::Kind { text: arn.as_str().into(), wanted: "an IAM role" })?;
        Ok(Self { arn, account })
    }
}

impl FromStr for RoleArn {
    type Err = InvalidArn;

    fn from_str(text: &str) -> Result<Self, InvalidArn> {
        Self::try_from(text.parse::<Arn>()?)
    }
}

impl fmt::Display for RoleArn {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.arn.fmt(formatter)
    }
}

/// The account of a role's or user's ARN, if it is well formed: a path of printable characters and a name.
pub(super) fn identity_of(arn: &Arn, prefix: &str) -> Option<AccountId> {
    let segments = arn.resource().strip_prefix(prefix)?;
    let (path, name) = segments.rsplit_once('/').unwrap_or(("", segments));
    let is_name_byte = |byte: u8| byte.is_ascii_alphanumeric() || b"_+=,.@-".contains(&byte);
    let name_valid = (1..=NAME_BYTES_MAX).contains(&name.len()) && name.bytes().all(is_name_byte);
    let path_valid = path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'*' && byte != b'?');
    if arn.service() != "iam" || !arn.region().is_empty() || !name_valid || !path_valid {
        return None;
    }
    arn.account().parse().ok()
}
