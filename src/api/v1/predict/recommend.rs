//! Reading what is asked of a recommender, and writing what it recommends.

use std::fmt;

use axum::Json;
use axum::response::{IntoResponse, Response};
use serde::de::Visitor;
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

use crate::api::RequestId;
use crate::platform::predictor::{Recommendation, Servable};

/// A user or an item as a request names it: a text, or a number, for which the text of it stands.
#[derive(Debug, Clone)]
pub(super) struct Id(pub(super) String);

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(IdVisitor)
    }
}

struct IdVisitor;

impl Visitor<'_> for IdVisitor {
    type Value = Id;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an id, which is a text or a whole number")
    }

    fn visit_str<E>(self, text: &str) -> Result<Id, E> {
        Ok(Id(text.to_owned()))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Id, E> {
        Ok(Id(number.to_string()))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Id, E> {
        Ok(Id(number.to_string()))
    }
}

/// An id as the API's description has it.
#[derive(ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "describes what `Id` reads")]
pub(super) enum IdText {
    /// A text.
    Text(String),
    /// A number, for which the text of it stands.
    Number(i64),
}

/// An item that somebody has had: its id, or the id with the value of the rating.
#[derive(Debug, Clone, Deserialize)]
#[serde(
    untagged,
    expecting = "expected an item's id, or {\"item\": id, \"value\": number}"
)]
pub(super) enum Had {
    /// With its value; without it the usual one.
    Rated {
        /// The item.
        item: Id,
        /// The value of the rating.
        value: Option<f32>,
    },
    /// The item alone.
    Item(Id),
}

impl Had {
    pub(super) fn into_pair(self) -> (String, Option<f32>) {
        match self {
            Self::Rated { item, value } => (item.0, value),
            Self::Item(item) => (item.0, None),
        }
    }
}

/// What a model recommends, best first.
#[derive(Serialize, ToSchema)]
pub(super) struct RecommendReply {
    /// The items' ids.
    #[schema(example = json!(["17", "4"]))]
    prediction: Vec<String>,
    /// How good each is, by what it is by.
    score: Vec<f32>,
    /// factors (of a user that is known), items (of what somebody has had), similarity (to an item) or popularity.
    #[schema(example = "factors")]
    by: &'static str,
    /// The model that answered.
    model: String,
    /// The version that answered.
    #[schema(example = "v1.0.0")]
    version: String,
    /// Names this request: in the header x-request-id, and in the server's log.
    request_id: String,
}

/// The recommendation as JSON.
pub(super) fn render(servable: &Servable, answer: Recommendation, id: RequestId) -> Response {
    Json(RecommendReply {
        prediction: answer.items,
        score: answer.scores,
        by: answer.by,
        model: servable.model().to_string(),
        version: servable.label().to_owned(),
        request_id: id.to_string(),
    })
    .into_response()
}
