//! Documentation parts one by one. API Reference, "DocumentationPart".

use definition::documentation::{DocumentationPart, Location, PARTS_MAX, PartType};
use serde::Deserialize;
use serde_json::{Map, Value};
use store::{Order, Reader, Transaction};

use super::{PartPlace, fresh_id, insert, place_id, remove, too_many, undocumented};
use crate::{
    call::Call,
    failure::{Failure, Result},
    patch::{self, Dialect, Op, Rule, Table},
    rest_apis,
    wire::{Answer, PageRequest, collection},
};

/// The constraint of a location's status code.
const STATUS_CODE_RULE: &str = r"Member must satisfy regular expression pattern: ^([1-5]\d\d|\*|\s*)$";

static TABLE: Table<DocumentationPart> = Table {
    dialect: Dialect::Listed,
    rules: &[Rule::new("/properties", &[Op::Replace], |part, patch| {
        part.properties = checked_properties(patch.text())?;
        Ok(())
    })],
};

/// The part that the call's path names; also refuses, in the same words, when the API does not exist.
fn named(reader: &Reader<'_>, call: &Call) -> Result<DocumentationPart> {
    let unknown = || Failure::not_found("Invalid Documentation part identifier specified");
    reader.get(call.scope(), call.api(), call.path("part_id"))?.ok_or_else(unknown)
}

/// The properties as they were sent, if they are what they should be.
fn checked_properties(text: &str) -> Result<String> {
    let is_object = serde_json::from_str::<Map<String, Value>>(text).is_ok();
    let refusal = || Failure::bad_request("Documentation part properties must be a valid JSON object");
    is_object.then(|| text.to_owned()).ok_or_else(refusal)
}

/// `CreateDocumentationPart`.
pub(crate) fn create(transaction: &mut Transaction<'_>, call: &Call) -> Result<Answer> {
    let input: CreateDocumentationPartInput = call.decode()?;
    input.check(call)?;
    rest_apis::find(transaction, call.scope(), call.api())?;
    let location = input.location.unwrap_or_default().into_location()?;
    let properties = checked_properties(&input.properties.unwrap_or_default())?;
    let (scope, api) = (call.scope(), call.api());
    if transaction.get::<PartPlace>(scope, api, &place_id(&location)?)?.is_some() {
        let message = format!("Documentation part already exists for the specified location: {location}");
        return Err(Failure::conflict(message));
    }
    if transaction.count::<DocumentationPart>(scope, api)? >= PARTS_MAX as u64 {
        return Err(too_many());
    }
    let part = DocumentationPart { id: fresh_id(transaction, scope, api, &call.ids)?, location, properties };
    insert(transaction, scope, api, &part)?;
    Answer::created(part)
}

/// `GetDocumentationParts`: of a type, a path and a name where these are asked for; or those entities that have none.
pub(crate) fn list(reader: &Reader<'_>, call: &Call) -> Result<Answer> {
    let wanted = Wanted::of(call)?;
    let page = PageRequest::of(call)?;
    let api = rest_apis::find(reader, call.scope(), call.api())?;
    if call.query("locationStatus") == Some("UNDOCUMENTED") {
        return undocumented::list(reader, call, api, &wanted, &page);
    }
    let range = page.range(Order::OldestFirst);
    let found = reader.pick(call.scope(), call.api(), range, |part: DocumentationPart| {
        let shown = wanted.matches(&part.location).then(|| serde_json::to_value(&part));
        Ok::<_, Failure>(shown.transpose()?)
    })?;
    collection(found.items, found.next)
}

/// `GetDocumentationPart`.
pub(crate) fn get(reader: &Reader<'_>, call: &Call) -> Result<Answer> {
    Answer::ok(named(reader, call)?)
}

/// `UpdateDocumentationPart`: what it says; what it is about never changes.
pub(crate) fn update(transaction: &mut Transaction<'_>, call: &Call) -> Result<Answer> {
    let patches = patch::read(call)?;
    let mut part = named(transaction, call)?;
    TABLE.apply(&mut part, &patches)?;
    transaction.put(call.scope(), call.api(), part.id.as_str(), &part)?;
    Answer::ok(part)
}

/// `DeleteDocumentationPart`. Versions that froze it keep it.
pub(crate) fn delete(transaction: &mut Transaction<'_>, call: &Call) -> Result<Answer> {
    let part = named(transaction, call)?;
    remove(transaction, call.scope(), call.api(), &part)?;
    Ok(Answer::accepted())
}

/// Which parts a list is of.
pub(super) struct Wanted<'c> {
    part_type: Option<&'c str>,
    path: Option<&'c str>,
    name: Option<&'c str>,
}

impl<'c> Wanted<'c> {
    fn of(call: &'c Call) -> Result<Self> {
        let said = |member: &str| call.query(member).filter(|value| !value.is_empty());
        let mut violations = call.violations();
        if let Some(sent) = said("type").filter(|sent| sent.parse::<PartType>().is_err()) {
            let rule =
                format!("Member must satisfy enum value set: [{}]", PartType::ALL.map(PartType::as_str).join(", "));
            violations.uri("type", sent, &rule);
        }
        if let Some(sent) = said("locationStatus").filter(|sent| !matches!(*sent, "DOCUMENTED" | "UNDOCUMENTED")) {
            violations.uri("locationStatus", sent, "Member must satisfy enum value set: [DOCUMENTED, UNDOCUMENTED]");
        }
        violations.finish()?;
        Ok(Self { part_type: said("type"), path: said("path"), name: said("name") })
    }

    pub(super) fn matches(&self, location: &Location) -> bool {
        let (part_type, path, _, _, name) = location.key();
        self.part_type.is_none_or(|wanted| wanted == part_type.as_str())
            && self.path.is_none_or(|wanted| wanted == path)
            && self.name.is_none_or(|wanted| wanted == name)
    }
}

#[derive(Deserialize)]
struct CreateDocumentationPartInput {
    location: Option<LocationInput>,
    properties: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct LocationInput {
    #[serde(rename = "type")]
    part_type: Option<String>,
    path: Option<String>,
    method: Option<String>,
    status_code: Option<String>,
    name: Option<String>,
}

impl CreateDocumentationPartInput {
    fn check(&self, call: &Call) -> Result<()> {
        let mut violations = call.violations();
        violations.required("location", self.location.as_ref());
        if let Some(location) = &self.location {
            violations.required("location.type", location.part_type.as_ref());
            let types = PartType::ALL.map(PartType::as_str);
            violations.choice("location.type", location.part_type.as_deref(), &types);
            let is_code = |code: &&str| {
                code.trim().is_empty() || *code == "*" || code.parse::<definition::id::StatusCode>().is_ok()
            };
            if let Some(code) = location.status_code.as_deref().filter(|code| !is_code(code)) {
                violations.member("location.statusCode", code, STATUS_CODE_RULE);
            }
        }
        violations.required("properties", self.properties.as_ref());
        violations.finish()
    }
}

impl LocationInput {
    fn into_location(self) -> Result<Location> {
        let refusal = |error: &dyn std::error::Error| Failure::bad_request(error.to_string());
        let part_type = self.part_type.unwrap_or_default().parse().map_err(|error| refusal(&error))?;
        let location = Location {
            part_type,
            path: self.path,
            method: self.method,
            status_code: self.status_code,
            name: self.name,
        };
        location.checked().map_err(|error| refusal(&error))
    }
}
