//! What an operation answers: a status and, unless it is a deletion, a JSON document or a file.

use bytes::Bytes;
use http::StatusCode;
use serde::Serialize;
use serde_json::Value;

use crate::failure::Result;

/// An operation's answer.
#[derive(Debug)]
pub(crate) struct Answer {
    /// The status, as the service model has it for the operation.
    pub(crate) status: StatusCode,
    /// The document; none where the model has no output.
    pub(crate) document: Option<Value>,
    /// The file that is answered instead.
    pub(crate) file: Option<File>,
}

/// A file that a client keeps.
#[derive(Debug)]
pub(crate) struct File {
    /// The name that it is offered under.
    pub(crate) name: String,
    /// What is in it.
    pub(crate) content: Bytes,
}

impl Answer {
    /// 200 with a document.
    pub(crate) fn ok(document: impl Serialize) -> Result<Self> {
        Ok(Self { status: StatusCode::OK, document: Some(serde_json::to_value(document)?), file: None })
    }

    /// 201 with a document.
    pub(crate) fn created(document: impl Serialize) -> Result<Self> {
        Ok(Self { status: StatusCode::CREATED, document: Some(serde_json::to_value(document)?), file: None })
    }

    /// 202 without a document: most deletions.
    pub(crate) fn accepted() -> Self {
        Self { status: StatusCode::ACCEPTED, document: None, file: None }
    }

    /// 202 with a document: what is not ready yet.
    pub(crate) fn accepted_with(document: impl Serialize) -> Result<Self> {
        Ok(Self { status: StatusCode::ACCEPTED, document: Some(serde_json::to_value(document)?), file: None })
    }

    /// 204: deletions of methods and what lies below them, and changes of tags.
    pub(crate) fn no_content() -> Self {
        Self { status: StatusCode::NO_CONTENT, document: None, file: None }
    }

    /// 200 with a file: exports.
    pub(crate) fn file(name: String, content: impl Into<Bytes>) -> Self {
        Self { status: StatusCode::OK, document: None, file: Some(File { name, content: content.into() }) }
    }
}
