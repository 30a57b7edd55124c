//! Writing the answer to a request to predict.

use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde::ser::{SerializeMap, SerializeSeq, Serializer};
use serde::{Serialize, ser};
use utoipa::ToSchema;

use super::explanation::ExplanationView;
use crate::api::RequestId;
use crate::api::error::ApiError;
use crate::platform::predictor::{Answers, Servable};

/// What a model answers.
#[derive(Serialize, ToSchema)]
pub(super) struct PredictAnswer {
    /// The class or the number, one a row.
    #[schema(example = json!(["Yes"]))]
    prediction: Vec<serde_json::Value>,
    /// The probability of the positive class, one a row; of several classes, an object by class. Null for a
    /// regression.
    #[schema(example = json!([0.83]), required = true)]
    probability: Option<Vec<serde_json::Value>>,
    /// The model that answered.
    model: String,
    /// The version that answered.
    #[schema(example = "v1.0.0")]
    version: String,
    /// Names this request: in the header x-request-id, and in the server's log.
    request_id: String,
    /// What each input adds to the prediction, one a row; there where it is asked for.
    explanations: Option<Vec<ExplanationView>>,
}

#[derive(Serialize)]
struct Rendered<'a> {
    prediction: Predictions<'a>,
    probability: Option<Probabilities<'a>>,
    model: &'a str,
    version: &'a str,
    request_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    explanations: Option<Vec<ExplanationView>>,
}

/// The answers of `servable` as JSON, with explanations where they are asked for.
pub(super) fn render(
    servable: &Servable,
    answers: &Answers,
    request_id: RequestId,
    explanations: Option<Vec<ExplanationView>>,
) -> Response {
    let is_class = !servable.predicts().classes().is_empty();
    let rendered = Rendered {
        prediction: Predictions(servable, answers),
        probability: is_class.then_some(Probabilities(servable, answers)),
        model: servable.model().as_str(),
        version: servable.label(),
        request_id: request_id.as_str(),
        explanations,
    };
    let mut body = Vec::with_capacity(256);
    match serde_json::to_writer(&mut body, &rendered) {
        Ok(()) => {
            let mut response = Response::new(Body::from(body));
            let headers = response.headers_mut();
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
            response
        }
        Err(error) => unanswerable(&error).into_response(),
    }
}

/// Only a NaN among the answers could do this, and trees answer with none.
pub(super) fn unanswerable(error: &impl std::fmt::Display) -> ApiError {
    ApiError::Unanswerable {
        message: error.to_string(),
    }
}

/// The answer to one row of a stream.
#[derive(Serialize)]
struct Line<'a> {
    prediction: Prediction<'a>,
    probability: Option<Probability<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    explanation: Option<ExplanationView>,
}

/// Appends the answer to one row as a line of its own.
///
/// # Errors
/// The model answered with no finite number; then nothing is appended.
pub(super) fn write_line(
    servable: &Servable,
    values: &[f32],
    explanation: Option<ExplanationView>,
    out: &mut Vec<u8>,
) -> Result<(), ApiError> {
    let is_class = !servable.predicts().classes().is_empty();
    let line = Line {
        prediction: Prediction(servable, values),
        probability: is_class.then_some(Probability(servable, values)),
        explanation,
    };
    let start = out.len();
    if let Err(error) = serde_json::to_writer(&mut *out, &line) {
        out.truncate(start);
        return Err(unanswerable(&error));
    }
    out.push(b'\n');
    Ok(())
}

struct Predictions<'a>(&'a Servable, &'a Answers);

impl Serialize for Predictions<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let rows = self.1.rows();
        let mut list = serializer.serialize_seq(Some(rows.len()))?;
        for values in rows {
            list.serialize_element(&Prediction(self.0, values))?;
        }
        list.end()
    }
}

/// The class or the number that a row's values say.
struct Prediction<'a>(&'a Servable, &'a [f32]);

impl Serialize for Prediction<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0.class(self.1) {
            Some(class) => serializer.serialize_str(class),
            None => serializer.serialize_f32(finite(self.1[0])?),
        }
    }
}

struct Probabilities<'a>(&'a Servable, &'a Answers);

impl Serialize for Probabilities<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let rows = self.1.rows();
        let mut list = serializer.serialize_seq(Some(rows.len()))?;
        for values in rows {
            list.serialize_element(&Probability(self.0, values))?;
        }
        list.end()
    }
}

/// The probability of the positive class, or one a class by its name.
struct Probability<'a>(&'a Servable, &'a [f32]);

impl Serialize for Probability<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.1 {
            [probability] => serializer.serialize_f32(finite(*probability)?),
            several => {
                let classes = self.0.predicts().classes();
                let mut by_class: Vec<_> = classes.iter().zip(several).collect();
                by_class.sort_unstable_by_key(|(class, _)| *class);
                let mut map = serializer.serialize_map(Some(several.len()))?;
                for (class, probability) in by_class {
                    map.serialize_entry(class, probability)?;
                }
                map.end()
            }
        }
    }
}

/// JSON has no NaN and no infinity, and writing null would look like an answer.
fn finite<E: ser::Error>(value: f32) -> Result<f32, E> {
    if value.is_finite() {
        Ok(value)
    } else {
        Err(E::custom("the model answered with no finite number"))
    }
}
