//! Conditions on messages whose fields blanks separate ("Using filter patterns to match terms in space-delimited log events").

use super::{
    InvalidPattern,
    condition::{self, Condition},
    scanner::Scanner,
};

/// The most fields that a message is taken apart into.
const FIELDS_MAX: usize = 1024;

/// The fields that a message must have.
#[derive(Debug)]
pub(super) struct Fields {
    before: Vec<Field>,
    /// The fields behind `...`, which are those at the message's end; `None` without `...`: as many fields as named.
    after: Option<Vec<Field>>,
}

/// A field and what is asked of it: all conditions of one of the alternatives. No alternatives: nothing.
#[derive(Debug, Default)]
struct Field {
    alternatives: Vec<Vec<Condition>>,
}

impl Field {
    fn admits(&self, text: &str) -> bool {
        let is_met = |conditions: &Vec<Condition>| conditions.iter().all(|condition| condition.admits_text(text));
        self.alternatives.is_empty() || self.alternatives.iter().any(is_met)
    }
}

impl Fields {
    pub(super) fn match_text(&self, message: &str) -> bool {
        let texts = split(message);
        let named = self.before.len() + self.after.as_ref().map_or(0, Vec::len);
        let fits = if self.after.is_some() { texts.len() >= named } else { texts.len() == named };
        if !fits {
            return false;
        }
        let (front, rest) = texts.split_at(self.before.len());
        let after = self.after.as_deref().unwrap_or_default();
        let back = rest.get(rest.len() - after.len()..).unwrap_or_default();
        let is_met = |(field, text): (&Field, &&str)| field.admits(text);
        self.before.iter().zip(front).all(is_met) && after.iter().zip(back).all(is_met)
    }
}

/// The fields of a message. What stands in quotes or brackets is one field, without them.
fn split(message: &str) -> Vec<&str> {
    let mut fields = Vec::new();
    let mut rest = message.trim();
    while !rest.is_empty() && fields.len() < FIELDS_MAX {
        let closing = match rest.chars().next() {
            Some('"') => Some('"'),
            Some('[') => Some(']'),
            _ => None,
        };
        let enclosed = closing.and_then(|closing| rest.get(1..)?.split_once(closing));
        let (field, behind) = enclosed.unwrap_or_else(|| rest.split_once(char::is_whitespace).unwrap_or((rest, "")));
        fields.push(field);
        rest = behind.trim_start();
    }
    fields
}

/// A whole pattern, brackets included.
pub(super) fn parse(text: &str) -> Result<Fields, InvalidPattern> {
    let mut scanner = Scanner::new(text);
    scanner.expect("[")?;
    let mut fields = Fields { before: Vec::new(), after: None };
    loop {
        scanner.skip_blanks();
        if scanner.take("...") {
            if fields.after.is_some() {
                return Err(scanner.expected("no second ..."));
            }
            fields.after = Some(Vec::new());
        } else {
            let field = field(&mut scanner)?;
            fields.after.as_mut().unwrap_or(&mut fields.before).push(field);
        }
        scanner.skip_blanks();
        if scanner.take("]") {
            break;
        }
        scanner.expect(",")?;
    }
    if scanner.peek().is_some() {
        return Err(scanner.expected("the end"));
    }
    Ok(fields)
}

/// `name`, or conditions that each begin with the name: `w1 = ERROR || w1 = WARN`.
fn field(scanner: &mut Scanner<'_>) -> Result<Field, InvalidPattern> {
    let mut field = Field::default();
    let mut conditions = Vec::new();
    loop {
        scanner.skip_blanks();
        let name = scanner.take_while(|character| character.is_alphanumeric() || "_-".contains(character));
        if name.is_empty() {
            return Err(scanner.expected("the name of a field"));
        }
        scanner.skip_blanks();
        if matches!(scanner.peek(), Some(',' | ']') | None) && conditions.is_empty() && field.alternatives.is_empty() {
            return Ok(field);
        }
        let ends_value = |character: char| character.is_whitespace() || ",]&|".contains(character);
        conditions.push(condition::parse(scanner, ends_value)?);
        scanner.skip_blanks();
        if scanner.take("&&") {
            continue;
        }
        field.alternatives.push(std::mem::take(&mut conditions));
        if !scanner.take("||") {
            return Ok(field);
        }
    }
}
