//! Collections: the array `item`, cut into pages by `limit` and `position`.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Map, Value};
use store::{Order, PageRange, Position};

use crate::{
    call::Call,
    failure::{Failure, Result},
    wire::Answer,
};

/// How many items a page has when the caller does not say.
const LIMIT_DEFAULT: usize = 25;
/// How many items a page has at most.
const LIMIT_MAX: usize = 500;

/// The page that a call asks for.
pub(crate) struct PageRequest {
    /// The place that the page starts after.
    pub(crate) after: Option<Position>,
    /// How many items it has, 1 to [`LIMIT_MAX`].
    pub(crate) limit: usize,
}

impl PageRequest {
    /// Reads `limit` and `position`. A limit out of range is the nearest one in range.
    pub(crate) fn of(call: &Call) -> Result<Self> {
        let limit = match call.query("limit") {
            None | Some("") => LIMIT_DEFAULT,
            Some(text) => {
                let number: i64 = text.parse().map_err(|_| Failure::bad_request("Invalid limit specified"))?;
                usize::try_from(number).unwrap_or_default().clamp(1, LIMIT_MAX)
            }
        };
        let after = match call.query("position") {
            None | Some("") => None,
            Some(text) => Some(decode(text).ok_or_else(|| Failure::bad_request("Invalid position specified"))?),
        };
        Ok(Self { after, limit })
    }

    /// The same page of a list that runs this way.
    pub(crate) fn range(&self, order: Order) -> PageRange {
        PageRange { order, after: self.after, limit: self.limit }
    }
}

/// A page of a collection, with the position of the next one when there is one.
pub(crate) fn collection(items: Vec<Value>, next: Option<Position>) -> Result<Answer> {
    let mut document = Map::new();
    document.insert("item".to_owned(), Value::Array(items));
    if let Some(next) = next {
        document.insert("position".to_owned(), Value::String(position_text(next)));
    }
    Answer::ok(document)
}

/// A position as clients send it back.
pub(crate) fn position_text(position: Position) -> String {
    URL_SAFE_NO_PAD.encode(position.to_string())
}

/// A collection that AWS does not page.
pub(crate) fn whole_collection(items: Vec<Value>) -> Result<Answer> {
    collection(items, None)
}

fn decode(text: &str) -> Option<Position> {
    String::from_utf8(URL_SAFE_NO_PAD.decode(text).ok()?).ok()?.parse().ok()
}
