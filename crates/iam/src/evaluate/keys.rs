//! The condition keys of a request: those that follow from the caller and the time, and those that are passed in.
//! AWS page: "AWS global condition context keys".

use std::borrow::Cow;

use super::{Caller, Request};
use crate::policy::VariableSource;

/// Facts about a request by condition key, each with one or several values. Keys are compared without regard to case.
#[derive(Debug, Clone, Default)]
pub struct ConditionKeys<'a> {
    entries: Vec<(Cow<'a, str>, Vec<Cow<'a, str>>)>,
}

/// The values of one key.
#[derive(Debug)]
pub(super) enum Values<'r> {
    One(Cow<'r, str>),
    Many(&'r [Cow<'r, str>]),
}

impl<'a> ConditionKeys<'a> {
    /// No facts.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The same facts and one more. A key that is already there gains a value.
    #[must_use]
    pub fn with(mut self, key: impl Into<Cow<'a, str>>, value: impl Into<Cow<'a, str>>) -> Self {
        self.add(key, value);
        self
    }

    /// Adds a value of a key. The keys that follow from the caller and the time (`aws:PrincipalArn`,
    /// `aws:CurrentTime`, …) cannot be set this way: what is added under their names is not looked at.
    pub fn add(&mut self, key: impl Into<Cow<'a, str>>, value: impl Into<Cow<'a, str>>) {
        let (key, value) = (key.into(), value.into());
        match self.entries.iter_mut().find(|(known, _)| known.eq_ignore_ascii_case(&key)) {
            Some((_, values)) => values.push(value),
            None => self.entries.push((key, vec![value])),
        }
    }

    /// The values of a key; none if the request has no such key.
    #[must_use]
    pub fn get(&self, key: &str) -> &[Cow<'a, str>] {
        self.entries.iter().find(|(known, _)| known.eq_ignore_ascii_case(key)).map_or(&[], |(_, values)| values)
    }
}

impl<'a> Request<'a> {
    /// The values of a condition key, wherever they come from.
    pub(super) fn values(&self, key: &str) -> Values<'_> {
        match self.derived(key) {
            Derived::Value(value) => Values::One(value),
            Derived::Absent => Values::Many(&[]),
            Derived::Elsewhere => Values::Many(self.keys.get(key)),
        }
    }

    fn derived(&self, key: &str) -> Derived<'a> {
        let is = |name: &str| key.eq_ignore_ascii_case(name);
        if is("aws:CurrentTime") {
            return Derived::Value(self.now.to_string().into());
        }
        if is("aws:EpochTime") {
            return Derived::Value(self.now.as_second().to_string().into());
        }
        if is("aws:PrincipalArn") {
            // For a session this is the role's ARN, not the session's.
            return match self.caller {
                Caller::RoleSession { role, .. } => Derived::Value(role.as_str().into()),
                Caller::Anonymous | Caller::Service(_) | Caller::AccountRoot(_) | Caller::User(_) => {
                    self.caller.arn().into()
                }
            };
        }
        if is("aws:PrincipalAccount") {
            return self.caller.account().map(|account| account.as_str().into()).into();
        }
        if is("aws:PrincipalType") {
            return Derived::Value(principal_type(self.caller).into());
        }
        if is("aws:PrincipalIsAWSService") {
            return Derived::Value(if matches!(self.caller, Caller::Service(_)) { "true" } else { "false" }.into());
        }
        if is("aws:PrincipalServiceName") {
            return match self.caller {
                Caller::Service(service) => Derived::Value((&**service).into()),
                Caller::Anonymous | Caller::AccountRoot(_) | Caller::User(_) | Caller::RoleSession { .. } => {
                    Derived::Absent
                }
            };
        }
        if is("aws:username") {
            return match self.caller {
                Caller::User(user) => Derived::Value(user.name().into()),
                Caller::Anonymous | Caller::Service(_) | Caller::AccountRoot(_) | Caller::RoleSession { .. } => {
                    Derived::Absent
                }
            };
        }
        Derived::Elsewhere
    }
}

/// What caller and time say about a key.
enum Derived<'a> {
    Value(Cow<'a, str>),
    /// It is theirs to say, and they have no value.
    Absent,
    /// It is not theirs.
    Elsewhere,
}

impl<'a> From<Option<Cow<'a, str>>> for Derived<'a> {
    fn from(value: Option<Cow<'a, str>>) -> Self {
        value.map_or(Self::Absent, Self::Value)
    }
}

impl Values<'_> {
    pub(super) fn as_slice(&self) -> &[Cow<'_, str>] {
        match self {
            Self::One(value) => std::slice::from_ref(value),
            Self::Many(values) => values,
        }
    }
}

impl VariableSource for Request<'_> {
    fn single_value(&self, key: &str) -> Option<Cow<'_, str>> {
        match self.values(key) {
            Values::One(value) => Some(value),
            Values::Many([value]) => Some(Cow::Borrowed(value)),
            Values::Many(_) => None,
        }
    }
}

fn principal_type(caller: &Caller) -> &'static str {
    match caller {
        Caller::Anonymous => "Anonymous",
        Caller::Service(_) => "Service",
        Caller::AccountRoot(_) => "Account",
        Caller::User(_) => "User",
        Caller::RoleSession { .. } => "AssumedRole",
    }
}
