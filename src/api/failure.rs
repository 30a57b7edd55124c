//! A failure on its way out: what is told of it, and what only the log says.
//!
//! Both travel with the response and are written at the very outside, where the request's id is known
//! (`asked.rs`).

use std::error::Error;

use axum::body::Body;
use serde_json::{Map, Value, json};

use super::request_id::RequestId;

/// What is told of a failure.
#[derive(Debug, Clone)]
pub(super) struct Failure {
    /// One a cause.
    pub(super) code: &'static str,
    /// For people.
    pub(super) message: String,
    /// Facts.
    pub(super) detail: Map<String, Value>,
}

impl Failure {
    /// The body of the answer to the request called `id`.
    pub(super) fn into_body(self, id: RequestId) -> Body {
        let Self {
            code,
            message,
            detail,
        } = self;
        let body = json!({"error": {
            "code": code, "message": message, "detail": detail, "request_id": id.as_str(),
        }});
        Body::from(body.to_string())
    }
}

/// Why the server could not do what it was asked: for its log.
#[derive(Debug, Clone)]
pub(super) struct Cause(String);

impl Cause {
    /// An error and what caused it, in one line.
    pub(super) fn of(error: &dyn Error) -> Self {
        let mut line = error.to_string();
        let mut cause = error.source();
        while let Some(error) = cause {
            line.push_str(": ");
            line.push_str(&error.to_string());
            cause = error.source();
        }
        Self(line)
    }

    /// The line.
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}
