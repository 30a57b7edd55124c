//! Reading a request to predict: straight into cells, without a tree of JSON values between.

mod budget;
mod cells;
mod explain;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, Visitor};
use utoipa::ToSchema;

use budget::{Bound, Budget};
use cells::{FeaturesSeed, PeriodsSeed, RowSeed};

use super::recommend::{Had, Id, IdText};
use crate::api::error::ApiError;
use crate::api::json;
use crate::platform::predictor::{Ahead, PredictError, Row, Wanted};

pub(super) use budget::{MAX_CELLS, MAX_ROWS};
pub(super) use explain::Explain;

/// What is asked of a model.
#[derive(ToSchema)]
#[schema(as = PredictRequest)]
#[expect(dead_code, reason = "describes what `Request` reads")]
pub(super) struct PredictRequest {
    /// A list in the order of the model's inputs, an object by name, or a list of either. Not of a forecast.
    #[schema(example = json!({"tenure": 3, "contract": "Month-to-month"}))]
    features: Option<serde_json::Value>,
    /// Of a forecast: the latest periods, an object each, by the names of the model's inputs; without it the forecast
    /// goes on from the latest periods that the version knows.
    history: Option<Vec<serde_json::Value>>,
    /// Of a forecast: what is known of the periods to come, an object each.
    future: Option<Vec<serde_json::Value>>,
    /// Of a forecast: how many periods; as many as the model looks ahead without it.
    #[schema(example = 14)]
    horizon: Option<usize>,
    /// Of recommendations: who. One that is not known is recommended what is popular.
    user: Option<IdText>,
    /// Of recommendations: what somebody has had who is not known, each an id or `{"item": …, "value": …}`.
    #[schema(example = json!(["17", {"item": "4", "value": 5}]))]
    items: Option<Vec<serde_json::Value>>,
    /// Of recommendations: an item, to find others like it.
    similar_to: Option<IdText>,
    /// Of recommendations: how many items.
    #[schema(example = 10)]
    top_k: Option<usize>,
    /// Of recommendations: whether what the user has had is recommended, too.
    #[schema(default = false)]
    keep_seen: Option<bool>,
    /// The model; the default model without it.
    model: Option<String>,
    /// The version's label, number or stage; the one in production without it.
    #[schema(example = "v1.0.0")]
    model_version: Option<VersionName>,
    /// Whether to say what each input adds to the prediction; a number: only those many that add most.
    #[schema(default = false)]
    explain: Option<Explain>,
    /// Whether to say how the input is understood, in place of a prediction.
    #[schema(default = false)]
    dry_run: Option<bool>,
}

/// A version as a request names it.
#[derive(Deserialize, ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "describes what `Version` reads")]
enum VersionName {
    /// Its label, its number or its stage.
    Text(String),
    /// Its number.
    Number(u64),
}

/// A request as rows.
#[derive(Debug)]
pub(super) struct Asked<'a> {
    pub(super) what: What<'a>,
    pub(super) model: Option<Cow<'a, str>>,
    pub(super) model_version: Option<Cow<'a, str>>,
    pub(super) explain: Explain,
    pub(super) dry_run: bool,
}

/// What is asked for.
#[derive(Debug)]
pub(super) enum What<'a> {
    /// An answer to each row.
    Rows(Vec<Row<'a>>),
    /// The next periods of a series.
    Forecast(Ahead<'a>),
    /// Items for somebody.
    Recommend(Wanted),
}

impl Asked<'_> {
    /// Whether more is asked for than a prediction, or something else.
    pub(super) fn is_more_than_an_answer(&self) -> bool {
        self.dry_run || self.explain != Explain::No
    }
}

/// Reads a request.
pub(super) fn parse(body: &[u8]) -> Result<Asked<'_>, ApiError> {
    let budget = Budget::default();
    let mut reader = serde_json::Deserializer::from_slice(body);
    let asked = AskedSeed(&budget).deserialize(&mut reader);
    asked
        .and_then(|asked| reader.end().map(|()| asked))
        .map_err(|error| match budget.exceeded.get() {
            Some(Bound::Rows) => PredictError::TooManyRows { limit: MAX_ROWS }.into(),
            Some(Bound::Cells) => ApiError::TooManyValues { limit: MAX_CELLS },
            None => ApiError::BadBody {
                message: error.to_string(),
                field: field_at_fault(body),
            },
        })
}

/// Reads one row, as a line of its own.
pub(super) fn parse_row(line: &[u8]) -> Result<Row<'_>, ApiError> {
    let budget = Budget::default();
    let mut reader = serde_json::Deserializer::from_slice(line);
    let row = RowSeed(&budget).deserialize(&mut reader);
    row.and_then(|row| reader.end().map(|()| row)).map_err(|error| {
        let place = json::read(line, RowSeed(&Budget::default()));
        ApiError::BadBody {
            // Always the first line of what is read here, which is another of what was sent.
            message: error.to_string().replace(" at line 1 column ", " at column "),
            field: place.err().and_then(|fault| fault.field),
        }
    })
}

/// The field that is wrong in a request that is. It is read once more for that: to keep the place while
/// reading would cost the right ones, too.
fn field_at_fault(body: &[u8]) -> Option<String> {
    json::read(body, AskedSeed(&Budget::default())).err()?.field
}

/// What a request says, by name.
#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "snake_case")]
enum Said {
    Features,
    History,
    Future,
    Horizon,
    User,
    Items,
    SimilarTo,
    TopK,
    KeepSeen,
    Model,
    ModelVersion,
    Explain,
    DryRun,
}

/// Reads a request within a budget, which a derived reader could not be given.
struct AskedSeed<'b>(&'b Budget);

impl<'de> DeserializeSeed<'de> for AskedSeed<'_> {
    type Value = Asked<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Asked<'de>, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for AskedSeed<'_> {
    type Value = Asked<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "an object with features, for a forecast history, future or horizon, or for recommendations user, items or \
             similar_to, and perhaps model, model_version, explain and dry_run",
        )
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Asked<'de>, A::Error> {
        let (mut rows, mut model, mut model_version) = (None, None, None);
        let (mut explain, mut dry_run) = (None, None);
        let (mut history, mut future, mut horizon) = (None, None, None);
        let (mut user, mut items, mut similar_to) = (None, None, None);
        let (mut top_k, mut keep_seen) = (None, None);
        while let Some(said) = map.next_key()? {
            match said {
                Said::Features => once(&mut rows, "features", map.next_value_seed(FeaturesSeed(self.0))?)?,
                Said::History => once(
                    &mut history,
                    "history",
                    map.next_value_seed(PeriodsSeed(self.0, "history"))?,
                )?,
                Said::Future => once(
                    &mut future,
                    "future",
                    map.next_value_seed(PeriodsSeed(self.0, "future"))?,
                )?,
                Said::Horizon => once(&mut horizon, "horizon", map.next_value::<Option<usize>>()?)?,
                Said::User => once(&mut user, "user", map.next_value::<Option<Id>>()?)?,
                Said::Items => once(&mut items, "items", map.next_value::<Option<Vec<Had>>>()?)?,
                Said::SimilarTo => once(&mut similar_to, "similar_to", map.next_value::<Option<Id>>()?)?,
                Said::TopK => once(&mut top_k, "top_k", map.next_value::<Option<usize>>()?)?,
                Said::KeepSeen => once(&mut keep_seen, "keep_seen", map.next_value::<Option<bool>>()?)?,
                Said::Model => once(&mut model, "model", map.next_value::<Option<Name>>()?)?,
                Said::ModelVersion => {
                    once(&mut model_version, "model_version", map.next_value::<Version>()?)?
                }
                Said::Explain => once(&mut explain, "explain", map.next_value::<Explain>()?)?,
                Said::DryRun => once(&mut dry_run, "dry_run", map.next_value::<Option<bool>>()?)?,
            }
        }
        let is_forecast = history.is_some() || future.is_some() || horizon.is_some();
        let is_wanted = user.is_some()
            || items.is_some()
            || similar_to.is_some()
            || top_k.is_some()
            || keep_seen.is_some();
        let what = match (rows, is_forecast, is_wanted) {
            (Some(rows), false, false) => What::Rows(rows),
            (None, false, true) => What::Recommend(Wanted {
                user: user.flatten().map(|id| id.0),
                items: items
                    .flatten()
                    .map(|items| items.into_iter().map(Had::into_pair).collect()),
                similar_to: similar_to.flatten().map(|id| id.0),
                top_k: top_k.flatten(),
                keep_seen: keep_seen.flatten().unwrap_or(false),
            }),
            (None, true, false) => What::Forecast(Ahead {
                history: history.flatten(),
                future: future.flatten().unwrap_or_default(),
                horizon: horizon.flatten(),
            }),
            (None, true, true) => {
                let message = "history, future and horizon ask for a forecast, and user, items, similar_to and top_k for \
                               recommendations; send one or the other";
                return Err(de::Error::custom(message));
            }
            (Some(_), ..) => {
                let message = "features are rows, and history, future, horizon, user, items, similar_to and top_k ask for \
                               something else; send one or the other";
                return Err(de::Error::custom(message));
            }
            (None, false, false) => return Err(de::Error::missing_field("features")),
        };
        Ok(Asked {
            what,
            model: model.flatten().map(|Name(name)| name),
            model_version: model_version.and_then(|Version(version)| version),
            explain: explain.unwrap_or_default(),
            dry_run: dry_run.flatten().unwrap_or(false),
        })
    }
}

/// Puts `value` into `place`, where nothing may be yet.
fn once<T, E: de::Error>(place: &mut Option<T>, name: &'static str, value: T) -> Result<(), E> {
    match place.replace(value) {
        None => Ok(()),
        Some(_) => Err(E::duplicate_field(name)),
    }
}

/// A name, borrowed from the body where it has no escapes.
#[derive(Deserialize)]
#[serde(transparent)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

/// What a version is asked for by: a text, or its number, for which the text of it stands; none for null.
struct Version<'a>(Option<Cow<'a, str>>);

impl<'de: 'a, 'a> Deserialize<'de> for Version<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(VersionVisitor).map(Self)
    }
}

struct VersionVisitor;

impl<'de> Visitor<'de> for VersionVisitor {
    type Value = Option<Cow<'de, str>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a version's label, number or stage")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
        Ok(Some(Cow::Owned(number.to_string())))
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Some(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Some(Cow::Owned(text.to_owned())))
    }
}
