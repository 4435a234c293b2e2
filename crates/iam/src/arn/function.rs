//! ARNs of Lambda functions: `arn:aws:lambda:{region}:{account}:function:{name}[:{qualifier}]`.
//!
//! The short forms of a function's name that Lambda's own API takes (`f`, `f:prod`, `{account}:function:f`) are read by
//! the `lambda` crate, which knows the region and account to fill in.

use std::fmt;
use std::str::FromStr;

use super::{AccountId, Arn, InvalidArn, PARTITION, Region};

/// The longest function name inside an ARN, in bytes; what a caller may create is shorter (64).
pub const FUNCTION_NAME_BYTES_MAX: usize = 140;

/// The longest qualifier, in bytes.
pub const QUALIFIER_BYTES_MAX: usize = 128;

/// The ARN of a Lambda function, or with a qualifier of one of its versions or aliases.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FunctionArn {
    partition: Box<str>,
    region: Region,
    account: AccountId,
    name: Box<str>,
    qualifier: Option<Box<str>>,
}

impl FunctionArn {
    /// The ARN of the named function, without a qualifier. Fails on a name that no function can have.
    pub fn new(region: Region, account: AccountId, name: &str) -> Result<Self, InvalidArn> {
        if !is_function_name(name) {
            return Err(kind(name));
        }
        Ok(Self { partition: PARTITION.into(), region, account, name: name.into(), qualifier: None })
    }

    /// The same function under a version number, an alias or `$LATEST`. Fails on a qualifier that none can have.
    pub fn with_qualifier(&self, qualifier: &str) -> Result<Self, InvalidArn> {
        if !is_qualifier(qualifier) {
            return Err(kind(qualifier));
        }
        Ok(Self { qualifier: Some(qualifier.into()), ..self.clone() })
    }

    /// The function itself, whatever version or alias this ARN names.
    #[must_use]
    pub fn unqualified(&self) -> Self {
        Self { qualifier: None, ..self.clone() }
    }

    /// The region that the function lives in.
    #[must_use]
    pub fn region(&self) -> &Region {
        &self.region
    }

    /// The account that owns the function.
    #[must_use]
    pub fn account(&self) -> &AccountId {
        &self.account
    }

    /// The function's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The version, alias or `$LATEST`, if the ARN names one.
    #[must_use]
    pub fn qualifier(&self) -> Option<&str> {
        self.qualifier.as_deref()
    }
}

impl TryFrom<&Arn> for FunctionArn {
    type Error = InvalidArn;

    fn try_from(arn: &Arn) -> Result<Self, InvalidArn> {
        let kind = || kind(arn.as_str());
        if arn.service() != "lambda" {
            return Err(kind());
        }
        let rest = arn.resource().strip_prefix("function:").ok_or_else(kind)?;
        let (name, qualifier) = match rest.split_once(':') {
            Some((name, qualifier)) => (name, Some(qualifier)),
            None => (rest, None),
        };
        if !is_function_name(name) || qualifier.is_some_and(|qualifier| !is_qualifier(qualifier)) {
            return Err(kind());
        }
        Ok(Self {
            partition: arn.partition().into(),
            region: arn.region().parse().map_err(|_| kind())?,
            account: arn.account().parse().map_err(|_| kind())?,
            name: name.into(),
            qualifier: qualifier.map(Into::into),
        })
    }
}

impl FromStr for FunctionArn {
    type Err = InvalidArn;

    fn from_str(text: &str) -> Result<Self, InvalidArn> {
        Self::try_from(&text.parse::<Arn>()?)
    }
}

impl fmt::Display for FunctionArn {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { partition, region, account, name, qualifier } = self;
        write!(formatter, "arn:{partition}:lambda:{region}:{account}:function:{name}")?;
        match qualifier {
            Some(qualifier) => write!(formatter, ":{qualifier}"),
            None => Ok(()),
        }
    }
}

fn kind(text: &str) -> InvalidArn {
    InvalidArn::Kind { text: text.into(), wanted: "a Lambda function" }
}

fn is_function_name(text: &str) -> bool {
    let is_name_byte = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    (1..=FUNCTION_NAME_BYTES_MAX).contains(&text.len()) && text.bytes().all(is_name_byte)
}

fn is_qualifier(text: &str) -> bool {
    let is_alias_byte = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    matches!(text, "$LATEST" | "$LATEST.PUBLISHED")
        || ((1..=QUALIFIER_BYTES_MAX).contains(&text.len()) && text.bytes().all(is_alias_byte))
}
