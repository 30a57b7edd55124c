//! A failure on its way out: what is told of it, and what only the log says.
//!
//! Both travel with the response and are written at the very outside, where the request's id is known
//! (`asked.rs`).

use std::error::Error;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
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

/// The form in which a failure is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// Ours.
    Plain,
    /// Problem details.
    ///
    /// Source: RFC 9457.
    Problem,
}

/// The type of problem details.
const PROBLEM: &str = "application/problem+json";

impl Form {
    /// The form that a request with these headers asks for: problem details where `Accept` names them.
    pub(super) fn asked(headers: &HeaderMap) -> Self {
        // Most clients accept anything, and say no more.
        match headers.get(header::ACCEPT) {
            Some(accept) if accept != "*/*" && accepts(headers, PROBLEM) => Self::Problem,
            _ => Self::Plain,
        }
    }

    /// The form's content type.
    pub(super) fn content_type(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::Plain => "application/json",
            Self::Problem => PROBLEM,
        })
    }
}

/// Whether `Accept` names the content type `wanted` itself, and not with a weight of nothing.
pub(super) fn accepts(headers: &HeaderMap, wanted: &str) -> bool {
    let values = headers.get_all(header::ACCEPT).iter();
    let mut ranges = values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','));
    ranges.any(|range| {
        let mut parts = range.split(';').map(str::trim);
        let is_named = parts.next().is_some_and(|kind| kind.eq_ignore_ascii_case(wanted));
        let weight = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
        is_named && weight.is_none_or(|weight| weight.parse::<f32>().is_ok_and(|weight| weight > 0.0))
    })
}

impl Failure {
    /// The body of the answer with `status` to the request called `id`.
    pub(super) fn into_body(self, id: RequestId, status: StatusCode, form: Form) -> Body {
        let body = match form {
            Form::Plain => self.plain(id),
            Form::Problem => self.problem(id, status),
        };
        Body::from(body.to_string())
    }

    fn plain(self, id: RequestId) -> Value {
        let Self {
            code,
            message,
            detail,
        } = self;
        json!({"error": {
            "code": code, "message": message, "detail": detail, "request_id": id.as_str(),
        }})
    }

    /// `detail` is the RFC's, a sentence; our facts are in `facts`.
    fn problem(self, id: RequestId, status: StatusCode) -> Value {
        let Self {
            code,
            message,
            detail,
        } = self;
        json!({
            "type": format!("urn:usina:error:{code}"),
            "title": title(code),
            "status": status.as_u16(),
            "detail": message,
            "instance": format!("urn:usina:request:{id}"),
            "code": code,
            "facts": detail,
        })
    }
}

/// A code as people write it: `Unknown model`.
fn title(code: &str) -> String {
    let mut words = code.replace('_', " ");
    if let Some(first) = words.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    words
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

#[cfg(test)]
mod tests {
    use super::*;

    fn form(accept: &[&str]) -> Form {
        let mut headers = HeaderMap::new();
        for value in accept {
            headers.append(header::ACCEPT, HeaderValue::from_str(value).unwrap());
        }
        Form::asked(&headers)
    }

    #[test]
    fn problem_details_are_given_to_whoever_names_them() {
        for accept in [
            &["application/problem+json"][..],
            &["application/json, Application/Problem+JSON;q=0.5"],
            &["application/json", "application/problem+json"],
        ] {
            assert_eq!(form(accept), Form::Problem, "{accept:?}");
        }
        for accept in [
            &[][..],
            &["*/*"],
            &["application/*"],
            &["application/json"],
            &["application/problem+json; q=0"],
            &["application/problem+json;q=0.0, application/json"],
            &["application/problem+jsonx"],
        ] {
            assert_eq!(form(accept), Form::Plain, "{accept:?}");
        }
    }

    #[test]
    fn a_title_is_the_code_in_words() {
        assert_eq!(title("unknown_model"), "Unknown model");
        assert_eq!(title(""), "");
    }
}
