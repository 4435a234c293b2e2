//! Where the values of a document stand in its text.

use std::{collections::HashSet, fmt, ops::Range};

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::{Location, Spanned};

use super::{findings::FINDINGS_MAX, source::yaml};

/// The places of a document's values, by their JSON pointers.
#[derive(Debug)]
pub struct Spans {
    root: Spanned<Shape>,
    /// How many bytes stand before what was read: a byte order mark.
    skipped: usize,
}

/// A value as far as its places go.
#[derive(Debug)]
enum Shape {
    Scalar,
    Items(Vec<Spanned<Self>>),
    Members(Vec<(Spanned<String>, Spanned<Self>)>),
}

/// Which of the places of a member is pointed at.
type MemberPlace = for<'s> fn(&'s Spanned<String>, &'s Spanned<Shape>) -> &'s Location;

impl Spans {
    /// Reads JSON or YAML; nothing when it is neither.
    #[must_use]
    pub fn of(document: &str) -> Option<Self> {
        let text = document.strip_prefix('\u{feff}').unwrap_or(document);
        let root = yaml(text).or_else(|_| yaml(&without_surrogates(text))).ok()?;
        Some(Self { root, skipped: document.len() - text.len() })
    }

    /// The bytes to point at for a value: a text, a number or the like itself, of what holds others its name where it is a
    /// member, else its beginning. For a pointer that leads nowhere, those of the last value on the way.
    #[must_use]
    pub fn get(&self, pointer: &str) -> Option<Range<usize>> {
        self.walk(
            pointer,
            |name, member| {
                if matches!(member.value, Shape::Scalar) { &member.defined } else { &name.defined }
            },
        )
    }

    /// The same, but of every member its name.
    #[must_use]
    pub fn name(&self, pointer: &str) -> Option<Range<usize>> {
        self.walk(pointer, |name, _| &name.defined)
    }

    /// The bytes of the names of members that have no effect, because a later member of the same object has the same name; not
    /// more than [`FINDINGS_MAX`].
    #[must_use]
    pub fn overridden(&self) -> Vec<(&str, Range<usize>)> {
        let mut overridden = Vec::new();
        self.collect_overridden(&self.root.value, &mut overridden);
        overridden
    }

    fn collect_overridden<'s>(&'s self, shape: &'s Shape, found: &mut Vec<(&'s str, Range<usize>)>) {
        match shape {
            Shape::Scalar => {}
            Shape::Items(items) => {
                for item in items {
                    self.collect_overridden(&item.value, found);
                }
            }
            Shape::Members(members) => {
                let mut later = HashSet::new();
                let repeated = members.iter().rev().filter(|(name, _)| !later.insert(name.value.as_str()));
                let places = repeated.filter_map(|(name, _)| Some((name.value.as_str(), range(&name.defined)?)));
                let places = places.map(|(name, at)| (name, at.start + self.skipped..at.end + self.skipped));
                found.extend(places.take(FINDINGS_MAX.saturating_sub(found.len())));
                for (_, member) in members {
                    self.collect_overridden(&member.value, found);
                }
            }
        }
    }

    fn walk(&self, pointer: &str, place: MemberPlace) -> Option<Range<usize>> {
        let mut at = range(&self.root.defined);
        let mut value = &self.root;
        for segment in pointer.split('/').skip(1) {
            let segment = segment.replace("~1", "/").replace("~0", "~");
            let (place, next) = match &value.value {
                Shape::Scalar => break,
                Shape::Items(items) => {
                    let Some(item) = segment.parse().ok().and_then(|number: usize| items.get(number)) else { break };
                    (&item.defined, item)
                }
                Shape::Members(members) => {
                    let Some((name, member)) = members.iter().rfind(|(name, _)| name.value == segment) else { break };
                    (place(name, member), member)
                }
            };
            at = range(place).or(at);
            value = next;
        }
        at.map(|at| at.start + self.skipped..at.end + self.skipped)
    }
}

/// A text of the same length in which blanks stand for signs beyond 16 bits that JSON writes as two escapes, and YAML cannot.
fn without_surrogates(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("\\u") {
        let (before, escape) = rest.split_at(at);
        masked.push_str(before);
        let is_surrogate =
            matches!(escape.as_bytes(), [_, _, b'd' | b'D', b'8' | b'9' | b'a'..=b'f' | b'A'..=b'F', ..]);
        let is_whole = escape.get(2..6).is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let (shown, length) = if is_surrogate && is_whole { ("\\u0020", 6) } else { ("\\u", 2) };
        masked.push_str(shown);
        rest = &escape[length..];
    }
    masked + rest
}

/// The bytes of a place, as far as they are known.
fn range(location: &Location) -> Option<Range<usize>> {
    let span = location.span();
    let start = usize::try_from(span.byte_offset()?).ok()?;
    let length = span.byte_len().and_then(|length| usize::try_from(length).ok()).unwrap_or_default();
    Some(start..start + length)
}

impl<'de> Deserialize<'de> for Shape {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ShapeVisitor)
    }
}

struct ShapeVisitor;

impl<'de> Visitor<'de> for ShapeVisitor {
    type Value = Shape;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_bool<E>(self, _: bool) -> Result<Shape, E> {
        Ok(Shape::Scalar)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Shape, E> {
        Ok(Shape::Scalar)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Shape, E> {
        Ok(Shape::Scalar)
    }

    fn visit_i128<E>(self, _: i128) -> Result<Shape, E> {
        Ok(Shape::Scalar)
    }

    fn visit_u128<E>(self, _: u128) -> Result<Shape, E> {
        Ok(Shape::Scalar)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Shape, E> {
        Ok(Shape::Scalar)
    }

    fn visit_str<E>(self, _: &str) -> Result<Shape, E> {
        Ok(Shape::Scalar)
    }

    fn visit_bytes<E>(self, _: &[u8]) -> Result<Shape, E> {
        Ok(Shape::Scalar)
    }

    fn visit_unit<E>(self) -> Result<Shape, E> {
        Ok(Shape::Scalar)
    }

    fn visit_none<E>(self) -> Result<Shape, E> {
        Ok(Shape::Scalar)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Shape, D::Error> {
        Shape::deserialize(deserializer)
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<Shape, D::Error> {
        Shape::deserialize(deserializer)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Shape, A::Error> {
        let mut shapes = Vec::new();
        while let Some(item) = items.next_element()? {
            shapes.push(item);
        }
        Ok(Shape::Items(shapes))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Shape, A::Error> {
        let mut shapes = Vec::new();
        while let Some(member) = members.next_entry()? {
            shapes.push(member);
        }
        Ok(Shape::Members(shapes))
    }
}

#[cfg(test)]
mod tests;
