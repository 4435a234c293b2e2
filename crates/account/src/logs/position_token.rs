//! Places in the order of events, as the tokens of pages say them.

use definition::time::EpochMillis;
use store::{Direction, LogGroup, LogPosition, LogSpan};

use super::failure::Failure;

/// Digits of each of a position's two numbers.
const DIGITS: usize = 28;
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// A position and the direction in which a page goes on from there. A forward page begins at the position, a backward one
/// ends before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PositionToken {
    pub(super) direction: Direction,
    pub(super) position: LogPosition,
}

impl PositionToken {
    /// As AWS's tokens look: `f/` or `b/`, 56 digits, `/s`.
    pub(super) fn write(self) -> String {
        let letter = match self.direction {
            Direction::Ascending => 'f',
            Direction::Descending => 'b',
        };
        format!("{letter}/{}/s", digits(self.position))
    }

    pub(super) fn read(token: &str) -> Result<Self, Failure> {
        parse(token).ok_or(Failure::InvalidParameter("The specified nextToken is invalid."))
    }
}

fn parse(token: &str) -> Option<PositionToken> {
    let (letter, rest) = token.split_once('/')?;
    let direction = match letter {
        "f" => Direction::Ascending,
        "b" => Direction::Descending,
        _ => return None,
    };
    let digits = rest.strip_suffix("/s")?;
    if digits.len() != 2 * DIGITS || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let (at, number) = digits.split_at(DIGITS);
    let position = LogPosition { at: EpochMillis(at.parse().ok()?), number: number.parse().ok()? };
    Some(PositionToken { direction, position })
}

/// A position as 56 digits; also an event's id.
pub(super) fn digits(position: LogPosition) -> String {
    format!("{:0DIGITS$}{:0DIGITS$}", position.at.0.max(0), position.number.max(0))
}

/// The position right behind this one.
pub(super) fn behind(position: LogPosition) -> LogPosition {
    LogPosition { at: position.at, number: position.number.saturating_add(1) }
}

/// The events between two moments, `until` left out, that the group still keeps.
pub(super) fn span(group: &LogGroup, now: EpochMillis, from: Option<i64>, until: Option<i64>) -> LogSpan {
    let kept_from = group.retention_days.map_or(0, |days| now.0 - i64::from(days) * DAY_MS);
    let from = from.unwrap_or(0).max(kept_from);
    let start = |at| LogPosition { at: EpochMillis(at), number: 0 };
    LogSpan { from: start(from), to: start(until.unwrap_or(i64::MAX)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_read_as_it_was_written() {
        for direction in [Direction::Ascending, Direction::Descending] {
            for (at, number) in [(0, 0), (1_700_000_000_000, 42), (i64::MAX, i64::MAX)] {
                let token = PositionToken { direction, position: LogPosition { at: EpochMillis(at), number } };
                assert_eq!(PositionToken::read(&token.write()).unwrap(), token);
            }
        }
    }

    #[test]
    fn any_other_text_is_no_token() {
        let nines = "9".repeat(56);
        for text in ["", "f//s", "f/1/s", "x/1/s", &format!("f/{nines}/s"), &format!("f/{}/s", "é".repeat(28))] {
            assert!(PositionToken::read(text).is_err(), "{text}");
        }
    }
}
