//! Predictions for a table: CSV comes in, and CSV goes out where it is asked for.

use std::fmt::Write;

use axum::body::Body;
use axum::extract::{FromRequestParts, Request};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::Response;
use serde::Deserialize;

use super::answer::{render, unanswerable};
use super::request::{MAX_CELLS, MAX_ROWS};
use super::stream::{MODEL, VERSION};
use super::{aside, servable};
use crate::api::body::{check_type, read_body};
use crate::api::error::ApiError;
use crate::api::failure::accepts;
use crate::api::query::Params;
use crate::api::{Api, RequestId};
use crate::platform::predictor::{Answers, Servable};

/// The type of tables.
const CSV: &str = "text/csv";

/// A table of more bytes is computed aside.
const BYTES_AT_ONCE: usize = 16 << 10;

/// What a table says of itself; `StreamQuery` describes it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct TableQuery {
    model: Option<String>,
    model_version: Option<String>,
}

/// Whether the rows of a request come as a table.
pub(super) fn is_table(headers: &HeaderMap) -> bool {
    check_type(headers, CSV).is_ok()
}

/// Answers all rows of a table, or none.
pub(super) async fn answer(api: &Api, id: RequestId, request: Request) -> Result<Response, ApiError> {
    let started = api.clock.monotonic();
    let (mut parts, body) = request.into_parts();
    let Params(query) = Params::<TableQuery>::from_request_parts(&mut parts, &()).await?;
    let as_csv = accepts(&parts.headers, CSV);
    let body = read_body(Request::from_parts(parts, body), api.limits()).await?;
    let servable = servable(api, query.model.as_deref(), query.model_version.as_deref()).await?;
    let is_long = body.is_large() || body.bytes.len() > BYTES_AT_ONCE;
    aside(is_long, || {
        let most = MAX_ROWS.min(MAX_CELLS / servable.inputs().len().max(1));
        let answered = servable.rows()?.predict_csv(&body.bytes, most);
        servable.note_duration(api.clock.monotonic() - started);
        let answers = answered?;
        if as_csv {
            csv(&servable, &answers)
        } else {
            Ok(render(&servable, &answers, id, None))
        }
    })
}

/// The answers as CSV: the column prediction, and of classes the probability, or one a class (probability_CLASS).
fn csv(servable: &Servable, answers: &Answers) -> Result<Response, ApiError> {
    let mut text = String::from("prediction");
    let classes = servable.predicts().classes();
    match answers.rows().next().map_or(0, <[f32]>::len) {
        _ if classes.is_empty() => {}
        1 => text.push_str(",probability"),
        _ => {
            for class in classes {
                text.push(',');
                push_field(&mut text, &format!("probability_{class}"));
            }
        }
    }
    text.push('\n');
    for values in answers.rows() {
        if let Some(class) = servable.class(values) {
            push_field(&mut text, class);
            text.push(',');
        }
        for (place, value) in values.iter().enumerate() {
            if !value.is_finite() {
                return Err(unanswerable(&"the model answered with no finite number"));
            }
            let sign = if place == 0 { "" } else { "," };
            // Into a text, nothing fails.
            let _ = write!(text, "{sign}{value:?}");
        }
        text.push('\n');
    }
    let mut response = Response::new(Body::from(text));
    let headers = response.headers_mut();
    let mut insert = |name: HeaderName, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    };
    insert(header::CONTENT_TYPE, "text/csv; charset=utf-8");
    insert(MODEL, servable.model().as_str());
    insert(VERSION, servable.label());
    Ok(response)
}

/// Appends a field, in quotes where it needs them.
fn push_field(text: &mut String, field: &str) {
    if !field.is_empty() && !field.contains([',', '"', '\n', '\r']) {
        text.push_str(field);
        return;
    }
    text.push('"');
    text.push_str(&field.replace('"', "\"\""));
    text.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_quoted_where_it_would_be_read_as_something_else() {
        for (field, written) in [
            ("plain", "plain"),
            ("a,b", "\"a,b\""),
            ("say \"x\"", "\"say \"\"x\"\"\""),
            ("two\nlines", "\"two\nlines\""),
            ("", "\"\""),
        ] {
            let mut text = String::new();
            push_field(&mut text, field);
            assert_eq!(text, written);
        }
    }
}
