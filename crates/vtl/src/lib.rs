//! The Velocity template language: parse once, render within limits.
//!
//! A template goes through four stages, each a function of the one before: source → tree (`parser`) → program
//! (`compile`) → output (`vm`).
//! [`Template::parse`] does the first three and keeps a flat list of instructions that any thread may share;
//! [`Template::render`] runs it against a [`Context`] of named [`Value`]s and stops at a [`Limits`] with an [`Error`] that
//! knows its place in the source.
//!
//! The crate is pure (no clock, no disk, no network) and knows no AWS: `$input`, `$context` and `$util` are values that the
//! data plane supplies, as plain [`Value`]s or as [`Object`]s of its own. Where the language of API Gateway's mapping
//! templates (Developer Guide, "Mapping template transformations for REST APIs in API Gateway") differs from Apache
//! Velocity 1.7, API Gateway wins.
//!
//! ```
//! use vtl::{Context, Limits, Template, Value};
//!
//! let template = Template::parse("Hello#if($name), $name#end!")?;
//! let mut context = Context::new();
//! context.insert("name", Value::from("Ana"));
//! assert_eq!(template.render(&context, &Limits::default())?, "Hello, Ana!");
//! # Ok::<(), vtl::Error>(())
//! ```

mod error;
mod limits;
mod value;
pub mod json;
pub mod java_regex;
mod context;
mod ast;
mod parser;
mod program;
mod compile;
mod methods;
mod vm;
mod template;

pub use context::Context;
pub use error::{Error, ErrorKind, Span};
pub use limits::{Limits, TEMPLATE_BYTES_MAX};
pub use template::Template;
pub use value::{
    HostError, List, ListKind, Map, MapKind, Number, Object, PrintError, SharedList, SharedMap, TEXT_BYTES_MAX,
    VALUE_DEPTH_MAX, Value,
};
