//! Inline policies of roles: `PutRolePolicy`, `GetRolePolicy`, `ListRolePolicies`, `DeleteRolePolicy`.

use definition::Scope;
use iam::policy::{Policy, PolicyKind};
use store::Store;

use crate::{
    account::Answer,
    failure::Failure,
    paging::Paging,
    query::{Query, check_length},
    role::{self, policy_length},
    xml::Xml,
};

/// The longest name of an inline policy, in characters.
const POLICY_NAME_LENGTH_MAX: usize = 128;
/// All inline policies of a role together, in characters that are not white space.
const INLINE_POLICIES_LENGTH_MAX: usize = 10_240;

pub(crate) async fn put(store: &Store, scope: Scope, query: &Query<'_>) -> Result<Answer, Failure> {
    let role_name = role::read_name(query)?;
    let policy_name = read_name(query)?;
    let document = query.required("PolicyDocument")?.to_owned();
    check_length("PolicyDocument", &document, 1..=usize::MAX)?;
    Policy::parse(&document, PolicyKind::Identity).map_err(Failure::MalformedPolicyDocument)?;
    role::change(store, scope, role_name, move |role| {
        role.inline_policies.insert(policy_name, document);
        let length: usize = role.inline_policies.values().map(|document| policy_length(document)).sum();
        if length > INLINE_POLICIES_LENGTH_MAX {
            return Err(Failure::PoliciesTooLong { role: role.role_name.clone(), limit: INLINE_POLICIES_LENGTH_MAX });
        }
        Ok(())
    })
    .await
}

pub(crate) async fn get(store: &Store, scope: Scope, query: &Query<'_>) -> Result<Answer, Failure> {
    let policy_name = read_name(query)?;
    let role = role::read(store, scope, query).await?;
    let document = role.inline_policies.get(&policy_name);
    let document = document.ok_or_else(|| Failure::NoSuchRolePolicy { name: policy_name.clone() })?;
    let mut xml = Xml::default();
    xml.text("RoleName", &role.role_name);
    xml.text("PolicyName", &policy_name);
    xml.text("PolicyDocument", &role::encode(document));
    Ok(Answer::Result(xml))
}

pub(crate) async fn list(store: &Store, scope: Scope, query: &Query<'_>) -> Result<Answer, Failure> {
    let paging = Paging::read(query)?;
    let role = role::read(store, scope, query).await?;
    let page = paging.cut(role.inline_policies.into_keys().collect(), String::as_str);
    let mut xml = Xml::default();
    xml.list("PolicyNames", &page.items, |xml, name| xml.escape(name));
    page.write_end(&mut xml);
    Ok(Answer::Result(xml))
}

pub(crate) async fn delete(store: &Store, scope: Scope, query: &Query<'_>) -> Result<Answer, Failure> {
    let role_name = role::read_name(query)?;
    let name = read_name(query)?;
    role::change(store, scope, role_name, move |role| match role.inline_policies.shift_remove(&name) {
        Some(_) => Ok(()),
        None => Err(Failure::NoSuchRolePolicy { name }),
    })
    .await
}

fn read_name(query: &Query<'_>) -> Result<String, Failure> {
    query.entity_name("PolicyName", POLICY_NAME_LENGTH_MAX).map(str::to_owned)
}
