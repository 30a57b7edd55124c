//! A value as a recipe or JSON writes it.

use std::fmt;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Error as _, MapAccess, Unexpected, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use crate::data::cell::{short_number, shortened};

/// A value that cells are compared with. A moment is a text of RFC 3339, or a date of TOML's own.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Literal {
    /// True or false.
    Boolean(bool),
    /// A whole number.
    Integer(i64),
    /// A number.
    Number(f64),
    /// A text, a category's level, or a moment.
    Text(String),
}

impl Literal {
    /// As a number.
    pub(super) fn number(&self) -> Option<f64> {
        match *self {
            Self::Integer(integer) => Some(integer as f64),
            Self::Number(number) => Some(number),
            Self::Boolean(_) | Self::Text(_) => None,
        }
    }

    /// As a whole number that fits 64 bits.
    pub(super) fn whole(&self) -> Option<i64> {
        match *self {
            Self::Integer(integer) => Some(integer),
            // Beyond 2^53 not every whole number is a float, and who writes one writes it whole.
            Self::Number(number) if number.fract() == 0.0 && number.abs() <= 9.0e15 => Some(number as i64),
            _ => None,
        }
    }

    /// As a moment, in microseconds since the epoch. Without a zone it is UTC, as in tables.
    pub(super) fn moment(&self) -> Option<i64> {
        let Self::Text(text) = self else { return None };
        if let Ok(moment) = text.parse::<Timestamp>() {
            return Some(moment.as_microsecond());
        }
        let civil = text.parse::<DateTime>().ok()?;
        Some(TimeZone::UTC.to_timestamp(civil).ok()?.as_microsecond())
    }
}

/// As a message shows it.
impl fmt::Display for Literal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Boolean(boolean) => boolean.fmt(f),
            Self::Integer(integer) => integer.fmt(f),
            Self::Number(number) => f.write_str(&short_number(*number)),
            Self::Text(text) => write!(f, "\"{}\"", shortened(text)),
        }
    }
}

impl<'de> Deserialize<'de> for Literal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(LiteralVisitor)
    }
}

struct LiteralVisitor;

impl<'de> Visitor<'de> for LiteralVisitor {
    type Value = Literal;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number, true or false, a date, or text in quotes")
    }

    fn visit_bool<E>(self, boolean: bool) -> Result<Literal, E> {
        Ok(Literal::Boolean(boolean))
    }

    fn visit_i64<E>(self, integer: i64) -> Result<Literal, E> {
        Ok(Literal::Integer(integer))
    }

    fn visit_u64<E>(self, integer: u64) -> Result<Literal, E> {
        let whole = i64::try_from(integer).map(Literal::Integer);
        Ok(whole.unwrap_or(Literal::Number(integer as f64)))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Literal, E> {
        Ok(Literal::Number(number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Literal, E> {
        Ok(Literal::Text(text.to_owned()))
    }

    /// TOML's reader gives a date as a table of its own making.
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Literal, A::Error> {
        let date = toml::value::Datetime::deserialize(MapAccessDeserializer::new(map));
        let date = date.map_err(|_| A::Error::invalid_type(Unexpected::Map, &self))?;
        Ok(Literal::Text(date.to_string()))
    }
}
