//! Writing the answer to a request to predict.

use std::collections::BTreeMap;

use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde::ser::{SerializeSeq, Serializer};
use serde::{Serialize, ser};
use utoipa::ToSchema;

use crate::api::RequestId;
use crate::platform::predictor::{Answers, Servable};

/// What the OpenAPI document says of an answer.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes what `Rendered` writes")]
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
}

#[derive(Serialize)]
struct Rendered<'a> {
    prediction: Predictions<'a>,
    probability: Option<Probabilities<'a>>,
    model: &'a str,
    version: &'a str,
    request_id: &'a str,
}

/// The answers of `servable` as JSON.
pub(super) fn render(servable: &Servable, answers: &Answers, request_id: RequestId) -> Response {
    let is_class = !servable.predicts().classes().is_empty();
    let rendered = Rendered {
        prediction: Predictions(servable, answers),
        probability: is_class.then_some(Probabilities(servable, answers)),
        model: servable.model().as_str(),
        version: servable.label(),
        request_id: request_id.as_str(),
    };
    let mut body = Vec::with_capacity(256);
    match serde_json::to_writer(&mut body, &rendered) {
        Ok(()) => {
            let mut response = Response::new(Body::from(body));
            let headers = response.headers_mut();
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
            response
        }
        // Only a NaN among the answers could do this, and trees answer with none.
        Err(error) => crate::api::error::ApiError::Unanswerable {
            message: error.to_string(),
        }
        .into_response(),
    }
}

struct Predictions<'a>(&'a Servable, &'a Answers);

impl Serialize for Predictions<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let rows = self.1.rows();
        let mut list = serializer.serialize_seq(Some(rows.len()))?;
        for values in rows {
            match self.0.class(values) {
                Some(class) => list.serialize_element(class)?,
                None => list.serialize_element(&finite(values[0])?)?,
            }
        }
        list.end()
    }
}

struct Probabilities<'a>(&'a Servable, &'a Answers);

impl Serialize for Probabilities<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let rows = self.1.rows();
        let mut list = serializer.serialize_seq(Some(rows.len()))?;
        for values in rows {
            match values {
                [probability] => list.serialize_element(&finite(*probability)?)?,
                several => {
                    let by_class: BTreeMap<_, _> = self.0.predicts().classes().iter().zip(several).collect();
                    list.serialize_element(&by_class)?;
                }
            }
        }
        list.end()
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
