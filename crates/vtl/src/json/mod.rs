//! JSON text in and out, without losing anything: member order, the spelling of numbers, integers of any length.
//!
//! RFC 8259, strictly; of duplicate members the last wins. What a lenient host accepts beyond that is the host's affair.

mod parse;
mod write;

pub use parse::{JSON_DEPTH_MAX, ParseError, parse};
pub use write::{to_text, write, write_string};

pub(crate) use write::write_list;

#[cfg(test)]
mod tests;
