//! Managed policies of roles: `AttachRolePolicy`, `DetachRolePolicy`, `ListAttachedRolePolicies`.
//!
//! Differs from AWS: every name below `arn:aws:iam::aws:policy/` can be attached, and those whose documents are unknown to
//! [`definition::role::managed_policy`] grant nothing. There are no managed policies of the account's own.

use definition::Scope;
use iam::arn::Arn;
use store::Store;

use crate::{account::Answer, failure::Failure, paging::Paging, query::Query, role, xml::Xml};

/// Managed policies of one role (IAM's quota `PoliciesPerRole`).
const ATTACHED_POLICIES_MAX: usize = 10;

pub(crate) async fn attach(store: &Store, scope: Scope, query: &Query<'_>) -> Result<Answer, Failure> {
    let role_name = role::read_name(query)?;
    let arn = read_arn(query)?;
    if arn.service() != "iam" || arn.account() != "aws" || name_and_path(arn.as_str()).is_none() {
        return Err(Failure::NoSuchPolicy { arn: arn.to_string() });
    }
    role::change(store, scope, role_name, move |role| {
        let attached = &mut role.attached_policies;
        if attached.iter().any(|known| known == arn.as_str()) {
            return Ok(());
        }
        if attached.len() >= ATTACHED_POLICIES_MAX {
            return Err(Failure::QuotaExceeded { quota: "PoliciesPerRole", limit: ATTACHED_POLICIES_MAX });
        }
        attached.push(arn.to_string());
        Ok(())
    })
    .await
}

pub(crate) async fn detach(store: &Store, scope: Scope, query: &Query<'_>) -> Result<Answer, Failure> {
    let role_name = role::read_name(query)?;
    let arn = read_arn(query)?;
    role::change(store, scope, role_name, move |role| {
        let before = role.attached_policies.len();
        role.attached_policies.retain(|attached| attached != arn.as_str());
        if role.attached_policies.len() == before {
            return Err(Failure::NotAttached { arn: arn.to_string() });
        }
        Ok(())
    })
    .await
}

pub(crate) async fn list(store: &Store, scope: Scope, query: &Query<'_>) -> Result<Answer, Failure> {
    let paging = Paging::read(query)?;
    let path_prefix = query.get("PathPrefix").unwrap_or("/").to_owned();
    let role = role::read(store, scope, query).await?;
    let mut attached = role.attached_policies;
    attached.retain(|arn| name_and_path(arn).is_some_and(|(_, path)| path.starts_with(&path_prefix)));
    let page = paging.cut(attached, String::as_str);
    let mut xml = Xml::default();
    xml.list("AttachedPolicies", &page.items, |xml, arn| {
        xml.text("PolicyName", name_and_path(arn).map_or("", |(name, _)| name));
        xml.text("PolicyArn", arn);
    });
    page.write_end(&mut xml);
    Ok(Answer::Result(xml))
}

fn read_arn(query: &Query<'_>) -> Result<Arn, Failure> {
    let text = query.required("PolicyArn")?;
    text.parse().map_err(|_| Failure::InvalidArn { arn: text.to_owned() })
}

/// A managed policy's name, and its path with both slashes.
fn name_and_path(arn: &str) -> Option<(&str, &str)> {
    let (_, resource) = arn.split_once(":policy")?;
    let slash = resource.rfind('/')?;
    let (path, name) = resource.split_at(slash + 1);
    (path.starts_with('/') && !name.is_empty()).then_some((name, path))
}
