//! Whether explanations are asked for, and how long they are to be.

use std::fmt;
use std::num::NonZeroUsize;
use std::str::FromStr;

use serde::de::{self, Deserialize, Deserializer, Visitor};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, OneOfBuilder, Schema, SchemaType, Type};
use utoipa::{PartialSchema, ToSchema};

/// How many inputs an explanation names.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::api::v1::predict) enum Explain {
    /// No explanation.
    #[default]
    No,
    /// All of them.
    All,
    /// Those that add most.
    Top(NonZeroUsize),
}

impl Explain {
    /// How many inputs are named at most; none where nothing is explained.
    pub(in crate::api::v1::predict) fn top(self) -> Option<usize> {
        match self {
            Self::No => None,
            Self::All => Some(usize::MAX),
            Self::Top(top) => Some(top.get()),
        }
    }
}

const EXPECTED: &str = "true, false, or how many features to name";

impl<'de> Deserialize<'de> for Explain {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ExplainVisitor)
    }
}

struct ExplainVisitor;

impl Visitor<'_> for ExplainVisitor {
    type Value = Explain;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(EXPECTED)
    }

    fn visit_unit<E>(self) -> Result<Explain, E> {
        Ok(Explain::No)
    }

    fn visit_bool<E>(self, all: bool) -> Result<Explain, E> {
        Ok(if all { Explain::All } else { Explain::No })
    }

    fn visit_u64<E: de::Error>(self, top: u64) -> Result<Explain, E> {
        let top = usize::try_from(top).ok().and_then(NonZeroUsize::new);
        top.map(Explain::Top)
            .ok_or_else(|| E::invalid_value(de::Unexpected::Unsigned(0), &self))
    }

    /// As a query has it.
    fn visit_str<E: de::Error>(self, text: &str) -> Result<Explain, E> {
        text.parse().map_err(E::custom)
    }
}

impl FromStr for Explain {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "true" => Ok(Self::All),
            "false" => Ok(Self::No),
            text => match text.parse().ok() {
                Some(top) => Ok(Self::Top(top)),
                None => Err(format!("expected {EXPECTED}")),
            },
        }
    }
}

impl PartialSchema for Explain {
    fn schema() -> RefOr<Schema> {
        let one = |kind| ObjectBuilder::new().schema_type(SchemaType::new(kind));
        OneOfBuilder::new()
            .item(one(Type::Boolean))
            .item(one(Type::Integer).minimum(Some(1)))
            .into()
    }
}

impl ToSchema for Explain {}
