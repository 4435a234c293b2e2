//! Texts by Java's measure: positions and lengths count UTF-16 units.

use crate::vm::Stop;

/// Units of a text.
pub(super) fn length(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.chars().map(char::len_utf16).sum() }
}

/// The units before a byte position.
pub(super) fn units_before(text: &str, byte: usize) -> usize {
    length(&text[..byte])
}

/// The byte position of a unit, the text's end included; `None` beyond it. A position between the halves of a surrogate
/// pair is taken as the one after it.
pub(super) fn byte_at(text: &str, unit: usize) -> Option<usize> {
    if text.is_ascii() {
        return (unit <= text.len()).then_some(unit);
    }
    let mut units = 0;
    for (byte, character) in text.char_indices() {
        if units >= unit {
            return Some(byte);
        }
        units += character.len_utf16();
    }
    (units >= unit).then_some(text.len())
}

/// The byte position of a unit; of one inside of a surrogate pair or beyond the text's end, the last position before it.
pub(super) fn byte_up_to(text: &str, unit: usize) -> usize {
    let (mut units, mut last) = (0, 0);
    for (byte, character) in text.char_indices() {
        if units > unit {
            return last;
        }
        last = byte;
        units += character.len_utf16();
    }
    if units > unit { last } else { text.len() }
}

/// Java's `substring`.
pub(super) fn substring(text: &str, from: i64, to: Option<i64>) -> Result<&str, Stop> {
    const OUT_OF_RANGE: Stop = Stop::Argument("substring is out of range of the text");
    let byte = |unit: i64| usize::try_from(unit).ok().and_then(|unit| byte_at(text, unit)).ok_or(OUT_OF_RANGE);
    let start = byte(from)?;
    let end = to.map_or(Ok(text.len()), byte)?;
    text.get(start..end).ok_or(OUT_OF_RANGE)
}

/// Java's `String.hashCode`.
pub(super) fn hash_code(text: &str) -> i32 {
    text.encode_utf16().fold(0i32, |hash, unit| hash.wrapping_mul(31).wrapping_add(i32::from(unit)))
}
