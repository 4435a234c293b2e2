//! Inputs and outputs of operations, whatever protocol carries them.

use definition::time::EpochMillis;
use jiff::Timestamp;

use super::failure::Failure;

/// The most items that a list may hold; no operation takes more.
const ITEMS_MAX: usize = 1000;

/// A value of a request or an answer.
#[derive(Debug, Clone, PartialEq)]
pub enum Document {
    /// Nothing; the same as a member that is absent.
    Null,
    /// True or false.
    Bool(bool),
    /// A number.
    Number(f64),
    /// A text; in a form also whatever else it spells.
    Text(String),
    /// A moment.
    Time(EpochMillis),
    /// Values in their order.
    List(Vec<Document>),
    /// Members by name.
    Structure(Vec<(String, Document)>),
    /// Entries whose keys are data; of answers only.
    Map(Vec<(String, Document)>),
}

impl Document {
    /// A structure of these members.
    pub(super) fn structure<const N: usize>(members: [(&str, Document); N]) -> Self {
        Self::Structure(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    }

    pub(super) fn text(text: &str) -> Self {
        Self::Text(text.to_owned())
    }

    /// A member of the input.
    pub(super) fn member(&self, name: &str) -> Member<'_> {
        Member { path: name.to_owned(), value: self.find(name) }
    }

    fn find(&self, name: &str) -> Option<&Document> {
        let Self::Structure(members) = self else { return None };
        let found = members.iter().find(|(member, _)| member == name).map(|(_, value)| value);
        found.filter(|value| **value != Self::Null)
    }
}

/// A place in an input, with its path as AWS's messages spell it.
#[derive(Debug)]
pub(super) struct Member<'d> {
    path: String,
    value: Option<&'d Document>,
}

impl<'d> Member<'d> {
    pub(super) fn path(&self) -> &str {
        &self.path
    }

    pub(super) fn is_given(&self) -> bool {
        self.value.is_some()
    }

    pub(super) fn member(&self, name: &str) -> Self {
        Self { path: format!("{}.{name}", self.path), value: self.value.and_then(|value| value.find(name)) }
    }

    /// The items of a list; none when it is absent.
    pub(super) fn items(&self) -> Result<Vec<Self>, Failure> {
        let items: &[Document] = match self.value {
            None => &[],
            Some(Document::List(items)) => items,
            // A form spells an empty list so.
            Some(Document::Text(text)) if text.is_empty() => &[],
            Some(_) => return Err(self.invalid("must be a list.")),
        };
        if items.len() > ITEMS_MAX {
            return Err(self.invalid(&format!("must have no more than {ITEMS_MAX} items.")));
        }
        let item = |(index, value)| Self { path: format!("{}.member.{}", self.path, index + 1), value: Some(value) };
        Ok(items.iter().enumerate().map(item).collect())
    }

    pub(super) fn text(&self) -> Result<Option<&'d str>, Failure> {
        match self.value {
            None => Ok(None),
            Some(Document::Text(text)) => Ok(Some(text)),
            Some(_) => Err(self.invalid("must be a string.")),
        }
    }

    /// A text of 1 to `length_max` characters that must be there.
    pub(super) fn name(&self, length_max: usize) -> Result<&'d str, Failure> {
        let text = self.text()?.ok_or_else(|| self.missing())?;
        self.check_length(text, length_max)?;
        Ok(text)
    }

    /// A text of 1 to `length_max` characters, if it is there.
    pub(super) fn optional_name(&self, length_max: usize) -> Result<Option<&'d str>, Failure> {
        let text = self.text()?;
        text.map_or(Ok(()), |text| self.check_length(text, length_max))?;
        Ok(text)
    }

    fn check_length(&self, text: &str, length_max: usize) -> Result<(), Failure> {
        if (1..=length_max).contains(&text.chars().count()) {
            return Ok(());
        }
        Err(self.invalid(&format!("must have a length of 1 to {length_max} characters.")))
    }

    /// A finite number.
    pub(super) fn number(&self) -> Result<Option<f64>, Failure> {
        let number = match self.value {
            None => return Ok(None),
            Some(Document::Number(number)) => Some(*number),
            Some(Document::Text(text)) => text.parse().ok(),
            Some(_) => None,
        };
        let number = number.filter(|number| number.is_finite());
        number.map(Some).ok_or_else(|| self.invalid("must be a finite number."))
    }

    /// A whole number from 1 on.
    pub(super) fn positive(&self) -> Result<Option<u32>, Failure> {
        let Some(number) = self.number()? else { return Ok(None) };
        // A double holds every u32 exactly; whatever is none of them prints otherwise.
        let whole = format!("{number:.0}").parse::<u32>().ok();
        let whole = whole.filter(|whole| *whole > 0 && f64::from(*whole).total_cmp(&number).is_eq());
        whole.map(Some).ok_or_else(|| self.invalid("must be a whole number greater than 0."))
    }

    pub(super) fn flag(&self) -> Result<Option<bool>, Failure> {
        match self.value {
            None => Ok(None),
            Some(Document::Bool(flag)) => Ok(Some(*flag)),
            Some(Document::Text(text)) if text == "true" => Ok(Some(true)),
            Some(Document::Text(text)) if text == "false" => Ok(Some(false)),
            Some(_) => Err(self.invalid("must be true or false.")),
        }
    }

    pub(super) fn time(&self) -> Result<Option<EpochMillis>, Failure> {
        let time = match self.value {
            None => return Ok(None),
            Some(Document::Time(time)) => Some(*time),
            Some(Document::Number(seconds)) => time_of_seconds(*seconds),
            Some(Document::Text(text)) => time_of_text(text),
            Some(_) => None,
        };
        time.map(Some).ok_or_else(|| self.invalid("must be a timestamp."))
    }

    /// A value that must be there.
    pub(super) fn required<T>(&self, value: Option<T>) -> Result<T, Failure> {
        value.ok_or_else(|| self.missing())
    }

    pub(super) fn missing(&self) -> Failure {
        Failure::Missing { parameter: self.path.clone() }
    }

    pub(super) fn invalid(&self, rule: &str) -> Failure {
        Failure::InvalidValue { parameter: self.path.clone(), rule: rule.to_owned() }
    }
}

/// The millisecond that is nearest to so many seconds after 1970 began, if a timestamp can hold it.
pub(super) fn time_of_seconds(seconds: f64) -> Option<EpochMillis> {
    let time = jiff::SignedDuration::try_from_secs_f64(seconds).ok()?;
    // A double is rarely the very number of seconds that its writer meant.
    let time = Timestamp::from_duration(time).ok()?.round(jiff::Unit::Millisecond).ok()?;
    Some(time.into())
}

/// ISO 8601, or seconds.
fn time_of_text(text: &str) -> Option<EpochMillis> {
    match text.parse::<Timestamp>() {
        Ok(time) => Some(time.into()),
        Err(_) => time_of_seconds(text.parse().ok()?),
    }
}
