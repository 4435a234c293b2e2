//! Text in and out of the forms that `$util` knows, as the Java libraries behind API Gateway write and read them.

use std::fmt::Write as _;

use base64::{
    Engine as _, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig, general_purpose},
};
use percent_encoding::percent_decode_str;

/// As lenient as the Java decoder: no padding needed, bits at the end do not matter.
const LENIENT_BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// The text as it may stand inside a string literal of JavaScript: both quotes and the backslash behind a backslash, everything
/// outside ASCII as `\uXXXX`. `\'` is no JSON; the Developer Guide says how a template undoes it.
pub(crate) fn escape_java_script(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + text.len() / 8);
    let mut units = [0; 2];
    for c in text.chars() {
        match c {
            '"' | '\'' | '\\' => escaped.extend(['\\', c]),
            '\n' => escaped.push_str("\\n"),
            '\r' => escaped.push_str("\\r"),
            '\t' => escaped.push_str("\\t"),
            '\u{8}' => escaped.push_str("\\b"),
            '\u{c}' => escaped.push_str("\\f"),
            ' '..='\u{7f}' => escaped.push(c),
            c => {
                for unit in c.encode_utf16(&mut units) {
                    // Writing into a string cannot fail.
                    let _ = write!(escaped, "\\u{unit:04X}");
                }
            }
        }
    }
    escaped
}

/// The form of `application/x-www-form-urlencoded`: blanks as `+`, all but `A-Za-z0-9*-._` as `%XX`.
pub(crate) fn url_encode(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// The reverse of [`url_encode`]; bytes that are not UTF-8 become U+FFFD. `None` for a `%` without two hexadecimal digits.
pub(super) fn url_decode(text: &str) -> Option<String> {
    let complete = text.match_indices('%').all(|(at, _)| {
        let digits = text.as_bytes().get(at + 1..at + 3);
        digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    });
    let spaced = text.replace('+', " ");
    complete.then(|| percent_decode_str(&spaced).decode_utf8_lossy().into_owned())
}

/// Base64 of the text's UTF-8, in one line, with padding.
pub(super) fn base64_encode(text: &str) -> String {
    general_purpose::STANDARD.encode(text)
}

/// The text behind base64 of either alphabet. Other characters are passed over, bytes that are not UTF-8 become U+FFFD.
pub(super) fn base64_decode(text: &str) -> String {
    let sextets = text.bytes().filter_map(|byte| match byte {
        b'-' => Some(b'+'),
        b'_' => Some(b'/'),
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'+' | b'/' => Some(byte),
        _ => None,
    });
    let mut sextets: Vec<u8> = sextets.collect();
    if sextets.len() % 4 == 1 {
        // Six bits are no byte.
        sextets.pop();
    }
    let bytes = LENIENT_BASE64.decode(sextets).unwrap_or_default();
    String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}
