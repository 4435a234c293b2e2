//! The wire's rules that hold for every operation: JSON bodies decoded with AWS's complaints, constraint violations collected,
//! answers, and pages of collections. The wire structs of a noun live in the noun's own `wire` module.

mod answer;
mod decode;
mod page;
mod violations;

pub(crate) use answer::{Answer, File};
pub(crate) use decode::decode;
pub(crate) use page::{PageRequest, collection, position_text, whole_collection};
pub(crate) use violations::Violations;

#[cfg(test)]
mod tests;
