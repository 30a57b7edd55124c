//! Reading a request to predict: straight into cells, without a tree of JSON values between.

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::cell::Cell as Shared;
use std::fmt;

use serde::Deserialize;
use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use utoipa::ToSchema;

use crate::api::error::ApiError;
use crate::api::json;
use crate::platform::predictor::{Cell, PredictError, Row};

/// The rows that one request may have.
const MAX_ROWS: usize = 100_000;

/// The values that one request may have in all its rows: in memory each takes a dozen times its bytes.
const MAX_CELLS: usize = 4_000_000;

/// What the OpenAPI document says of a request.
#[derive(ToSchema)]
#[schema(as = PredictRequest)]
#[expect(dead_code, reason = "describes what `Request` reads")]
pub(super) struct PredictRequest {
    /// A list in the order of the model's inputs, an object by name, or a list of either.
    #[schema(example = json!({"tenure": 3, "contract": "Month-to-month"}))]
    features: serde_json::Value,
    /// The model; the default model without it.
    model: Option<String>,
    /// The version's label, number or stage; the one in production without it.
    #[schema(example = "v1.0.0")]
    model_version: Option<VersionName>,
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
    pub(super) rows: Vec<Row<'a>>,
    pub(super) model: Option<Cow<'a, str>>,
    pub(super) model_version: Option<Cow<'a, str>>,
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

/// The field that is wrong in a request that is. It is read once more for that: to keep the place while
/// reading would cost the right ones, too.
fn field_at_fault(body: &[u8]) -> Option<String> {
    json::read(body, AskedSeed(&Budget::default())).err()?.field
}

/// What a request may not have too many of.
#[derive(Debug, Clone, Copy)]
enum Bound {
    Rows,
    Cells,
}

/// Counts what is read, and ends the reading where it is too much: a body may be small and its rows large.
///
/// It keeps which bound that was, because the parser's own errors are words alone.
#[derive(Debug, Default)]
struct Budget {
    rows: Shared<usize>,
    cells: Shared<usize>,
    exceeded: Shared<Option<Bound>>,
}

impl Budget {
    fn take_row<E: de::Error>(&self) -> Result<(), E> {
        self.take(&self.rows, MAX_ROWS, Bound::Rows)
    }

    fn take_cell<E: de::Error>(&self) -> Result<(), E> {
        self.take(&self.cells, MAX_CELLS, Bound::Cells)
    }

    fn take<E: de::Error>(&self, taken: &Shared<usize>, limit: usize, bound: Bound) -> Result<(), E> {
        if taken.get() == limit {
            self.exceeded.set(Some(bound));
            return Err(E::custom("too much in one request"));
        }
        taken.set(taken.get() + 1);
        Ok(())
    }
}

/// What a request says, by name.
#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "snake_case")]
enum Said {
    Features,
    Model,
    ModelVersion,
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
        f.write_str("an object with features, and perhaps model and model_version")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Asked<'de>, A::Error> {
        let (mut rows, mut model, mut model_version) = (None, None, None);
        while let Some(said) = map.next_key()? {
            match said {
                Said::Features => once(&mut rows, "features", map.next_value_seed(FeaturesSeed(self.0))?)?,
                Said::Model => once(&mut model, "model", map.next_value::<Option<Name>>()?)?,
                Said::ModelVersion => {
                    once(&mut model_version, "model_version", map.next_value::<Version>()?)?
                }
            }
        }
        Ok(Asked {
            rows: rows.ok_or_else(|| de::Error::missing_field("features"))?,
            model: model.flatten().map(|Name(name)| name),
            model_version: model_version.and_then(|Version(version)| version),
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

/// What one place of a list holds: a cell of one row, or a row of several.
enum Item<'a> {
    Cell(Cell<'a>),
    Row(Row<'a>),
}

struct FeaturesSeed<'b>(&'b Budget);

impl<'de> DeserializeSeed<'de> for FeaturesSeed<'_> {
    type Value = Vec<Row<'de>>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for FeaturesSeed<'_> {
    type Value = Vec<Row<'de>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("features as a list of values, an object of values by name, or a list of either")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        Ok(vec![Row::Named(named(map, self.0)?)])
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut cells = Vec::with_capacity(32);
        let mut rows = Vec::new();
        loop {
            let place = cells.len() + rows.len() + 1;
            let item = seq.next_element_seed(ItemSeed(self.0));
            let item = item.map_err(|error| placed(&format!("place {place} of features"), error))?;
            match item {
                None => break,
                Some(Item::Cell(cell)) => {
                    self.0.take_cell()?;
                    cells.push(cell);
                }
                Some(Item::Row(row)) => rows.push(row),
            }
            if !cells.is_empty() && !rows.is_empty() {
                return Err(de::Error::custom(
                    "features mix values and rows; send one row, or a list of rows",
                ));
            }
        }
        Ok(if cells.is_empty() {
            rows
        } else {
            vec![Row::Listed(cells)]
        })
    }
}

struct ItemSeed<'b>(&'b Budget);

impl<'de> DeserializeSeed<'de> for ItemSeed<'_> {
    type Value = Item<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Item<'de>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

/// The visits of a single value, for a visitor that wraps it with `$wrap`.
macro_rules! visit_cells {
    ($wrap:expr) => {
        fn visit_unit<E>(self) -> Result<Self::Value, E> {
            Ok($wrap(Cell::Missing))
        }

        fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
            Ok($wrap(Cell::Boolean(value)))
        }

        fn visit_i64<E>(self, value: i64) -> Result<Self::Value, E> {
            Ok($wrap(Cell::Integer(value)))
        }

        fn visit_u64<E>(self, value: u64) -> Result<Self::Value, E> {
            // A whole number beyond 64 bits with a sign is a number like any other.
            Ok($wrap(
                i64::try_from(value).map_or(Cell::Number(value as f64), Cell::Integer),
            ))
        }

        fn visit_f64<E>(self, value: f64) -> Result<Self::Value, E> {
            Ok($wrap(Cell::Number(value)))
        }

        fn visit_borrowed_str<E>(self, value: &'de str) -> Result<Self::Value, E> {
            Ok($wrap(Cell::Text(Cow::Borrowed(value))))
        }

        fn visit_str<E>(self, value: &str) -> Result<Self::Value, E> {
            Ok($wrap(Cell::Text(Cow::Owned(value.to_owned()))))
        }
    };
}

impl<'de> Visitor<'de> for ItemSeed<'_> {
    type Value = Item<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value, or a row as a list or an object")
    }

    visit_cells!(Item::Cell);

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Item<'de>, A::Error> {
        self.0.take_row()?;
        named(map, self.0).map(|fields| Item::Row(Row::Named(fields)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Item<'de>, A::Error> {
        self.0.take_row()?;
        let mut cells = Vec::new();
        while let Some(cell) = seq.next_element_seed(CellSeed)? {
            self.0.take_cell()?;
            cells.push(cell);
        }
        Ok(Item::Row(Row::Listed(cells)))
    }
}

/// The values of an object by name.
fn named<'de, A: MapAccess<'de>>(
    mut map: A,
    budget: &Budget,
) -> Result<Vec<(Cow<'de, str>, Cell<'de>)>, A::Error> {
    // Nothing is set aside ahead: there may be a hundred thousand rows, and each may be empty.
    let mut fields = Vec::new();
    while let Some(Name(key)) = map.next_key()? {
        budget.take_cell()?;
        let cell = map.next_value_seed(CellSeed).map_err(|error| {
            let field: String = key.chars().take(100).collect();
            placed(&format!("the feature {field}"), error)
        })?;
        fields.push((key, cell));
    }
    Ok(fields)
}

/// The error with the place in front: of a NaN, the parser itself tells only line and column.
fn placed<E: de::Error>(place: &str, error: E) -> E {
    E::custom(format!("{place}: {error}"))
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

/// Reads one value.
struct CellSeed;

impl<'de> DeserializeSeed<'de> for CellSeed {
    type Value = Cell<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Cell<'de>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for CellSeed {
    type Value = Cell<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number, a string, true, false or null")
    }

    visit_cells!(std::convert::identity);
}
