//! Reading rows and their values.

use std::borrow::Cow;
use std::fmt;

use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

use super::Name;
use super::budget::Budget;
use crate::platform::predictor::{Cell, Row};

/// What one place of a list holds: a cell of one row, or a row of several.
enum Item<'a> {
    Cell(Cell<'a>),
    Row(Row<'a>),
}

/// Reads features: a row, or a list of rows.
pub(super) struct FeaturesSeed<'b>(pub(super) &'b Budget);

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

/// Reads periods of a series: a list of rows by name; none for null. What they are of, for messages, is beside the budget.
pub(super) struct PeriodsSeed<'b>(pub(super) &'b Budget, pub(super) &'static str);

impl<'de> DeserializeSeed<'de> for PeriodsSeed<'_> {
    type Value = Option<Vec<Row<'de>>>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for PeriodsSeed<'_> {
    type Value = Option<Vec<Row<'de>>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} as a list of objects, one a period", self.1)
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut rows = Vec::new();
        loop {
            let item = seq.next_element_seed(ItemSeed(self.0));
            let item =
                item.map_err(|error| placed(&format!("period {} of {}", rows.len() + 1, self.1), error))?;
            match item {
                None => return Ok(Some(rows)),
                Some(Item::Row(row @ Row::Named(_))) => rows.push(row),
                Some(_) => return Err(de::Error::invalid_type(de::Unexpected::Other("a value"), &self)),
            }
        }
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

/// Reads one row, and nothing else.
pub(super) struct RowSeed<'b>(pub(super) &'b Budget);

impl<'de> DeserializeSeed<'de> for RowSeed<'_> {
    type Value = Row<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Row<'de>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for RowSeed<'_> {
    type Value = Row<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a row: an object of values by name, or a list of values")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Row<'de>, A::Error> {
        named(map, self.0).map(Row::Named)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Row<'de>, A::Error> {
        let mut cells = Vec::new();
        while let Some(cell) = seq.next_element_seed(CellSeed)? {
            self.0.take_cell()?;
            cells.push(cell);
        }
        Ok(Row::Listed(cells))
    }
}
