//! Comma-separated values as API key files have them. Developer Guide, "API Gateway API key file format".
//!
//! A field may stand in double or in single quotes, then with commas and line ends in it; a quote inside of a quoted field is
//! doubled. A field that merely starts with a single quote is taken as it is.

/// How many records a file can have, its header among them: AWS's quota of API keys in a region.
const RECORDS_MAX: usize = 10_001;

/// How many fields a record can have: more than a file has reason to.
const FIELDS_MAX: usize = 100;

/// Why a text is not such a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum InvalidCsv {
    /// The text is not in UTF-8.
    #[error("the file is not in UTF-8")]
    NotUtf8,
    /// A field's quotes are not closed, or something follows them.
    #[error("the quotes of a field in record {record} do not end with it")]
    Quotes {
        /// The record, counted from 1.
        record: usize,
    },
    /// The file is too long.
    #[error("the file has more than {} records", RECORDS_MAX)]
    TooManyRecords,
    /// A record is too long.
    #[error("record {record} has more than {} fields", FIELDS_MAX)]
    TooManyFields {
        /// The record, counted from 1.
        record: usize,
    },
}

/// The records of a file; lines without a character are none.
pub(super) fn parse(bytes: &[u8]) -> Result<Vec<Vec<String>>, InvalidCsv> {
    let text = std::str::from_utf8(bytes).map_err(|_| InvalidCsv::NotUtf8)?;
    let mut rest = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut records = Vec::new();
    while !rest.is_empty() {
        if let Some(behind) = line_end(rest) {
            rest = behind;
            continue;
        }
        if records.len() == RECORDS_MAX {
            return Err(InvalidCsv::TooManyRecords);
        }
        let (record, behind) = record(rest, records.len() + 1)?;
        records.push(record);
        rest = behind;
    }
    Ok(records)
}

/// The record that a text starts with, and what is behind its line.
fn record(text: &str, number: usize) -> Result<(Vec<String>, &str), InvalidCsv> {
    let mut fields = Vec::new();
    let mut rest = text;
    loop {
        if fields.len() == FIELDS_MAX {
            return Err(InvalidCsv::TooManyFields { record: number });
        }
        let (field, behind) = field(rest).ok_or(InvalidCsv::Quotes { record: number })?;
        fields.push(field);
        if let Some(next) = behind.strip_prefix(',') {
            rest = next;
            continue;
        }
        return Ok((fields, line_end(behind).unwrap_or(behind)));
    }
}

/// The field that a text starts with, and what is behind it: a comma, a line end, or nothing. `None` when its quotes are wrong.
fn field(text: &str) -> Option<(String, &str)> {
    match text.chars().next() {
        Some('"') => quoted(text, '"'),
        Some('\'') => quoted(text, '\'').or_else(|| Some(plain(text))),
        _ => Some(plain(text)),
    }
}

fn plain(text: &str) -> (String, &str) {
    let end = text.find([',', '\n', '\r']).unwrap_or(text.len());
    let (field, behind) = text.split_at(end);
    (field.to_owned(), behind)
}

fn quoted(text: &str, quote: char) -> Option<(String, &str)> {
    let mut field = String::new();
    let mut rest = text.strip_prefix(quote)?;
    loop {
        let (part, behind) = rest.split_once(quote)?;
        field.push_str(part);
        if let Some(more) = behind.strip_prefix(quote) {
            field.push(quote);
            rest = more;
            continue;
        }
        let is_end = behind.is_empty() || behind.starts_with(',') || line_end(behind).is_some();
        return is_end.then_some((field, behind));
    }
}

/// What is behind the line end that a text starts with.
fn line_end(text: &str) -> Option<&str> {
    text.strip_prefix("\r\n").or_else(|| text.strip_prefix(['\n', '\r']))
}

#[cfg(test)]
mod tests;
