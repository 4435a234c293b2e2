//! Tags of roles: `TagRole`, `UntagRole`, `ListRoleTags`. Keys are told apart without regard to case.

use definition::{Scope, role::Role};
use indexmap::IndexMap;
use store::Store;

use crate::{
    account::Answer,
    failure::Failure,
    paging::Paging,
    query::{Query, check_length},
    role,
    xml::Xml,
};

/// Tags of one role.
const TAGS_MAX: usize = 50;
/// The longest key, in characters.
const KEY_LENGTH_MAX: usize = 128;
/// The longest value, in characters.
const VALUE_LENGTH_MAX: usize = 256;

pub(crate) async fn tag(store: &Store, scope: Scope, query: &Query<'_>) -> Result<Answer, Failure> {
    let role_name = role::read_name(query)?;
    let tags = read(query)?;
    role::change(store, scope, role_name, move |role| {
        for (key, value) in tags {
            match role.tags.iter_mut().find(|(known, _)| known.eq_ignore_ascii_case(&key)) {
                Some((_, known)) => *known = value,
                None => {
                    role.tags.insert(key, value);
                }
            }
        }
        check_count(role.tags.len())
    })
    .await
}

pub(crate) async fn untag(store: &Store, scope: Scope, query: &Query<'_>) -> Result<Answer, Failure> {
    let role_name = role::read_name(query)?;
    let keys: Vec<String> = query.list("TagKeys").into_iter().map(str::to_owned).collect();
    role::change(store, scope, role_name, move |role| {
        role.tags.retain(|known, _| !keys.iter().any(|key| key.eq_ignore_ascii_case(known)));
        Ok(())
    })
    .await
}

pub(crate) async fn list(store: &Store, scope: Scope, query: &Query<'_>) -> Result<Answer, Failure> {
    let paging = Paging::read(query)?;
    let role = role::read(store, scope, query).await?;
    let page = paging.cut(role.tags.into_iter().collect(), |(key, _): &(String, String)| key);
    let mut xml = Xml::default();
    xml.list("Tags", &page.items, |xml, (key, value)| write_tag(xml, key, value));
    page.write_end(&mut xml);
    Ok(Answer::Result(xml))
}

/// The tags of a request.
pub(crate) fn read(query: &Query<'_>) -> Result<IndexMap<String, String>, Failure> {
    let given = query.tags();
    check_count(given.len())?;
    let mut tags: IndexMap<String, String> = IndexMap::with_capacity(given.len());
    for (key, value) in given {
        check_length("Tags", key, 1..=KEY_LENGTH_MAX)?;
        check_length("Tags", value, 0..=VALUE_LENGTH_MAX)?;
        if tags.keys().any(|known| known.eq_ignore_ascii_case(key)) {
            return Err(Failure::DuplicateTagKeys);
        }
        tags.insert(key.to_owned(), value.to_owned());
    }
    Ok(tags)
}

/// The tags of a role that has any.
pub(crate) fn write(xml: &mut Xml, role: &Role) {
    if role.tags.is_empty() {
        return;
    }
    let tags: Vec<_> = role.tags.iter().collect();
    xml.list("Tags", &tags, |xml, (key, value)| write_tag(xml, key, value));
}

fn write_tag(xml: &mut Xml, key: &str, value: &str) {
    xml.text("Key", key);
    xml.text("Value", value);
}

fn check_count(count: usize) -> Result<(), Failure> {
    if count > TAGS_MAX {
        return Err(Failure::QuotaExceeded { quota: "TagsPerRole", limit: TAGS_MAX });
    }
    Ok(())
}
