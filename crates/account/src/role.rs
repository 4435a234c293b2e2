//! Roles: `CreateRole`, `GetRole`, `ListRoles`, `DeleteRole`, `UpdateAssumeRolePolicy`.

use definition::{Scope, role::Role};
use iam::policy::{Policy, PolicyKind};
use jiff::Timestamp;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use store::{PAGE_MAX, Reader, Store, Transaction};

use crate::{
    account::Answer,
    failure::Failure,
    paging::Paging,
    query::{Query, check_characters, check_length},
    role_tags,
    xml::Xml,
};

/// The longest name of a role, in characters.
pub(crate) const ROLE_NAME_LENGTH_MAX: usize = 64;
/// Roles of one account (IAM's quota `RolesPerAccount`).
const ROLES_MAX: usize = 1000;
/// The longest path, in characters.
const PATH_LENGTH_MAX: usize = 512;
/// The longest description, in characters.
const DESCRIPTION_LENGTH_MAX: usize = 1000;
/// The longest trust policy, in characters that are not white space (IAM's quota `ACLSizePerRole`).
const TRUST_POLICY_LENGTH_MAX: usize = 2048;
/// The shortest `MaxSessionDuration`, and the one of roles for which none was given, in seconds.
const SESSION_SECONDS_MIN: u32 = 3600;
/// The longest `MaxSessionDuration`, in seconds.
const SESSION_SECONDS_MAX: u32 = 43_200;
/// What follows `AROA` in the unique id of a role: so many of `[A-Z2-7]`.
const ROLE_ID_SUFFIX_LENGTH: usize = 17;

/// Policy documents stand in answers percent-encoded as RFC 3986 has it.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

pub(crate) async fn create(store: &Store, scope: Scope, query: &Query<'_>, now: Timestamp) -> Result<Answer, Failure> {
    let role = read_new(&scope.account, query, now)?;
    let session_given = query.get("MaxSessionDuration").is_some();
    let role = store.write(move |transaction| {
        // The listing below reads one page, which therefore has to hold all roles.
        const { assert!(ROLES_MAX <= PAGE_MAX) };
        if transaction.count::<Role>(&scope, "")? >= ROLES_MAX as u64 {
            return Err(Failure::QuotaExceeded { quota: "RolesPerAccount", limit: ROLES_MAX });
        }
        match transaction.insert(&scope, "", &Role::record_id(&role.role_name), &role) {
            Ok(()) => Ok(role),
            Err(store::Error::AlreadyExists { .. }) => Err(Failure::RoleExists { name: role.role_name }),
            Err(error) => Err(error.into()),
        }
    });
    let role = role.await?;
    let mut xml = Xml::default();
    xml.element("Role", |xml| {
        write_identity(xml, &role);
        // Unlike the other operations, this one leaves out a duration that is only the default.
        if session_given {
            xml.number("MaxSessionDuration", role.max_session_duration);
        }
        role_tags::write(xml, &role);
    });
    Ok(Answer::Result(xml))
}

pub(crate) async fn get(store: &Store, scope: Scope, query: &Query<'_>) -> Result<Answer, Failure> {
    let role = read(store, scope, query).await?;
    let mut xml = Xml::default();
    xml.element("Role", |xml| {
        write_identity(xml, &role);
        xml.number("MaxSessionDuration", role.max_session_duration);
        role_tags::write(xml, &role);
        // No role is ever used through STS here, so there is no time and region to tell.
        xml.element("RoleLastUsed", |_| ());
    });
    Ok(Answer::Result(xml))
}

pub(crate) async fn list(store: &Store, scope: Scope, query: &Query<'_>) -> Result<Answer, Failure> {
    let paging = Paging::read(query)?;
    let path_prefix = query.get("PathPrefix").unwrap_or("/").to_owned();
    check_length("PathPrefix", &path_prefix, 1..=PATH_LENGTH_MAX)?;
    let after = Role::record_id(paging.after());
    let roles = store.read(move |reader| reader.list_by_id::<Role>(&scope, "", &after, ROLES_MAX)).await;
    let mut roles = roles.map_err(Failure::Store)?;
    roles.retain(|role| role.path.starts_with(&path_prefix));
    // Names that differ only in case are one name, and so it is their small spelling that has an order.
    let keyed = roles.into_iter().map(|role| (Role::record_id(&role.role_name), role)).collect();
    let page = paging.cut(keyed, |(key, _)| key);
    let mut xml = Xml::default();
    page.write_end(&mut xml);
    xml.list("Roles", &page.items, |xml, (_, role)| {
        write_identity(xml, role);
        xml.number("MaxSessionDuration", role.max_session_duration);
    });
    Ok(Answer::Result(xml))
}

pub(crate) async fn delete(store: &Store, scope: Scope, query: &Query<'_>) -> Result<Answer, Failure> {
    let name = read_name(query)?;
    let deleted = store.write(move |transaction| {
        let role = find(transaction, &scope, &name)?;
        if !role.attached_policies.is_empty() {
            return Err(Failure::HasAttachedPolicies);
        }
        if !role.inline_policies.is_empty() {
            return Err(Failure::HasInlinePolicies);
        }
        transaction.delete::<Role>(&scope, "", &Role::record_id(&name))?;
        Ok(())
    });
    deleted.await.map(|()| Answer::Done)
}

pub(crate) async fn update_trust(store: &Store, scope: Scope, query: &Query<'_>) -> Result<Answer, Failure> {
    let name = read_name(query)?;
    let document = read_trust_policy(query, "PolicyDocument")?;
    change(store, scope, name, move |role| {
        role.assume_role_policy_document = document;
        Ok(())
    })
    .await
}

/// The `RoleName` of a request.
pub(crate) fn read_name(query: &Query<'_>) -> Result<String, Failure> {
    query.entity_name("RoleName", ROLE_NAME_LENGTH_MAX).map(str::to_owned)
}

/// The role that a request names.
pub(crate) async fn read(store: &Store, scope: Scope, query: &Query<'_>) -> Result<Role, Failure> {
    let name = read_name(query)?;
    store.read(move |reader| find(reader, &scope, &name)).await
}

/// Changes one role, or nothing when `edit` refuses.
pub(crate) async fn change(
    store: &Store,
    scope: Scope,
    name: String,
    edit: impl FnOnce(&mut Role) -> Result<(), Failure> + Send + 'static,
) -> Result<Answer, Failure> {
    let changed = store.write(move |transaction: &mut Transaction<'_>| {
        let mut role = find(transaction, &scope, &name)?;
        edit(&mut role)?;
        transaction.put(&scope, "", &Role::record_id(&name), &role)?;
        Ok(())
    });
    changed.await.map(|()| Answer::Done)
}

/// A policy document as it stands in answers.
pub(crate) fn encode(document: &str) -> String {
    utf8_percent_encode(document, RESERVED).to_string()
}

/// A policy's length as IAM's quotas count it.
pub(crate) fn policy_length(document: &str) -> usize {
    document.chars().filter(|character| !character.is_whitespace()).count()
}

fn find(reader: &Reader<'_>, scope: &Scope, name: &str) -> Result<Role, Failure> {
    let found = reader.get::<Role>(scope, "", &Role::record_id(name))?;
    found.filter(|role| role.role_name == name).ok_or_else(|| Failure::NoSuchRole { name: name.to_owned() })
}

fn read_new(account: &str, query: &Query<'_>, now: Timestamp) -> Result<Role, Failure> {
    let role_name = read_name(query)?;
    let path = read_path(query)?;
    let assume_role_policy_document = read_trust_policy(query, "AssumeRolePolicyDocument")?;
    let description = query.get("Description").filter(|text| !text.is_empty());
    if let Some(description) = description {
        check_length("Description", description, 0..=DESCRIPTION_LENGTH_MAX)?;
        let allowed = |c| matches!(c, '\t' | '\n' | '\r' | ' '..='~' | '\u{A1}'..='\u{FF}');
        check_characters("Description", description, r"[\u0009\u000A\u000D\u0020-\u007E\u00A1-\u00FF]*", allowed)?;
    }
    let range = SESSION_SECONDS_MIN..=SESSION_SECONDS_MAX;
    let max_session_duration = query.number("MaxSessionDuration", range)?.unwrap_or(SESSION_SECONDS_MIN);
    Ok(Role {
        arn: format!("arn:{}:iam::{account}:role{path}{role_name}", iam::arn::PARTITION),
        role_name,
        path,
        role_id: new_role_id(),
        create_date: now.into(),
        assume_role_policy_document,
        description: description.map(str::to_owned),
        max_session_duration,
        tags: role_tags::read(query)?,
        inline_policies: [].into(),
        attached_policies: Vec::new(),
    })
}

fn read_path(query: &Query<'_>) -> Result<String, Failure> {
    let path = query.get("Path").unwrap_or("/");
    check_length("Path", path, 1..=PATH_LENGTH_MAX)?;
    check_characters("Path", path, PATH_PATTERN, |character| character.is_ascii_graphic())?;
    if !path.starts_with('/') || !path.ends_with('/') {
        let constraint = format!("Member must satisfy regular expression pattern: {PATH_PATTERN}");
        return Err(Failure::Constraint { member: "Path", value: path.to_owned(), constraint });
    }
    Ok(path.to_owned())
}

const PATH_PATTERN: &str = r"(\u002F)|(\u002F[\u0021-\u007F]+\u002F)";

fn read_trust_policy(query: &Query<'_>, member: &'static str) -> Result<String, Failure> {
    let document = query.required(member)?;
    check_length(member, document, 1..=usize::MAX)?;
    Policy::parse(document, PolicyKind::Trust).map_err(Failure::MalformedPolicyDocument)?;
    if policy_length(document) > TRUST_POLICY_LENGTH_MAX {
        return Err(Failure::QuotaExceeded { quota: "ACLSizePerRole", limit: TRUST_POLICY_LENGTH_MAX });
    }
    Ok(document.to_owned())
}

fn new_role_id() -> String {
    const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let suffix = (0..ROLE_ID_SUFFIX_LENGTH).map(|_| char::from(ALPHABET[fastrand::usize(..ALPHABET.len())]));
    "AROA".chars().chain(suffix).collect()
}

/// The members that every operation shows, in AWS's order.
fn write_identity(xml: &mut Xml, role: &Role) {
    xml.text("Path", &role.path);
    xml.text("RoleName", &role.role_name);
    xml.text("RoleId", &role.role_id);
    xml.text("Arn", &role.arn);
    xml.text("CreateDate", &date(role));
    xml.text("AssumeRolePolicyDocument", &encode(&role.assume_role_policy_document));
    if let Some(description) = &role.description {
        xml.text("Description", description);
    }
}

/// When a role was made, such as `2026-01-31T12:00:00Z`.
fn date(role: &Role) -> String {
    let time = Timestamp::from_second(role.create_date.0).unwrap_or(Timestamp::UNIX_EPOCH);
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
