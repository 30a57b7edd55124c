//! Reading a query's parameters into a struct: what is wrong is told by the parameter's name.
//!
//! The library that reads queries elsewhere tells what is wrong in words alone, which are those of its code.

use std::borrow::Cow;
use std::fmt::{self, Display};
use std::str::FromStr;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{
    self, DeserializeOwned, DeserializeSeed, Deserializer, IntoDeserializer, MapAccess, Visitor,
};
use serde::forward_to_deserialize_any;

/// What is wrong with a query.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// A parameter that the route does not have.
    Unknown {
        /// Its name.
        name: String,
        /// Those that the route has.
        known: &'static [&'static str],
    },
    /// A parameter that has to be there.
    Missing(&'static str),
    /// A parameter that is there more than once.
    Twice(&'static str),
    /// A value that the parameter cannot have.
    Value {
        /// The parameter; empty until it is known.
        name: String,
        /// The value.
        given: String,
        /// What is wrong with it.
        message: String,
    },
}

/// Reads the parameters `pairs` as a `T`.
///
/// # Errors
/// What is wrong with the first that is.
pub(super) fn read<T: DeserializeOwned>(pairs: Vec<(String, String)>) -> Result<T, Fault> {
    let pairs = Pairs {
        left: pairs.into_iter(),
        current: None,
    };
    T::deserialize(MapAccessDeserializer::new(pairs))
}

/// A whole number from `MIN` to `MAX`, where one is given.
pub(in crate::api) fn whole<'de, D, N, const MIN: u64, const MAX: u64>(
    value: D,
) -> Result<Option<N>, D::Error>
where
    D: Deserializer<'de>,
    N: TryFrom<u64>,
{
    let range = |number: &u64| (MIN..=MAX).contains(number);
    let expected = if MAX == u64::MAX {
        format!("expected a whole number from {MIN}")
    } else {
        format!("expected a whole number from {MIN} to {MAX}")
    };
    parsed::<D, u64>(value, &expected, range).and_then(|number| {
        let number = N::try_from(number).map_err(|_| de::Error::custom(&expected))?;
        Ok(Some(number))
    })
}

/// True or false, where one is given.
pub(in crate::api) fn flag<'de, D: Deserializer<'de>>(value: D) -> Result<Option<bool>, D::Error> {
    parsed(value, "expected true or false", |_| true).map(Some)
}

/// A value as its type reads it from text, where one is given.
pub(in crate::api) fn parsed_by<'de, D, T>(value: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr<Err: Display>,
{
    let text = Cow::<str>::deserialize(value)?;
    text.parse().map(Some).map_err(de::Error::custom)
}

fn parsed<'de, D, T>(value: D, expected: &str, is_right: impl Fn(&T) -> bool) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr,
{
    let text = Cow::<str>::deserialize(value)?;
    let parsed = text.parse().ok().filter(is_right);
    parsed.ok_or_else(|| de::Error::custom(expected))
}

/// The parameters of a query.
struct Pairs {
    left: std::vec::IntoIter<(String, String)>,
    /// The one whose name was read.
    current: Option<(String, String)>,
}

impl<'de> MapAccess<'de> for Pairs {
    type Error = Fault;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Fault> {
        self.current = self.left.next();
        let name = self.current.as_ref().map(|(name, _)| name.as_str());
        name.map(|name| seed.deserialize(name.into_deserializer()))
            .transpose()
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Fault> {
        let (name, given) = self.current.take().unwrap_or_default();
        // Also what is found wrong with a value after it was read.
        seed.deserialize(Given(&given))
            .map_err(|fault| fault.of(name, &given))
    }
}

/// The value of a parameter.
struct Given<'a>(&'a str);

impl<'de> Deserializer<'de> for Given<'_> {
    type Error = Fault;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_str(self.0)
    }

    /// What is there is given, be it empty.
    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_some(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

impl Fault {
    /// The fault as that of the parameter `name`, unless it is another's already.
    fn of(self, name: String, given: &str) -> Self {
        match self {
            Self::Value {
                name: none, message, ..
            } if none.is_empty() => Self::Value {
                name,
                given: given.to_owned(),
                message,
            },
            other => other,
        }
    }
}

impl Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown { name, .. } => write!(f, "unknown parameter {name}"),
            Self::Missing(name) => write!(f, "missing parameter {name}"),
            Self::Twice(name) => write!(f, "duplicate parameter {name}"),
            Self::Value { message, .. } => f.write_str(message),
        }
    }
}

impl std::error::Error for Fault {}

impl de::Error for Fault {
    fn custom<T: Display>(message: T) -> Self {
        Self::Value {
            name: String::new(),
            given: String::new(),
            message: message.to_string(),
        }
    }

    fn unknown_field(name: &str, known: &'static [&'static str]) -> Self {
        Self::Unknown {
            name: name.to_owned(),
            known,
        }
    }

    fn missing_field(name: &'static str) -> Self {
        Self::Missing(name)
    }

    fn duplicate_field(name: &'static str) -> Self {
        Self::Twice(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Query {
        format: String,
        #[serde(default, deserialize_with = "whole::<_, _, 1, 1000>")]
        limit: Option<usize>,
        #[serde(default, deserialize_with = "whole::<_, _, 0, { u64::MAX }>")]
        skip: Option<u64>,
        #[serde(default, deserialize_with = "flag")]
        generated: Option<bool>,
        token: Option<String>,
    }

    fn query(pairs: &[(&str, &str)]) -> Result<Query, Fault> {
        let pairs = pairs
            .iter()
            .map(|(name, given)| ((*name).to_owned(), (*given).to_owned()));
        read(pairs.collect())
    }

    #[test]
    fn a_right_query_is_read() {
        let all = [
            ("format", "x"),
            ("limit", "1000"),
            ("skip", "0"),
            ("generated", "true"),
            ("token", "7"),
        ];
        assert_eq!(
            query(&all).unwrap(),
            Query {
                format: "x".into(),
                limit: Some(1000),
                skip: Some(0),
                generated: Some(true),
                token: Some("7".into()),
            }
        );
        assert_eq!(query(&[("format", "")]).unwrap().limit, None);
    }

    #[test]
    fn what_is_wrong_is_told_by_the_parameter() {
        let value = |name: &str, given: &str, message: &str| Fault::Value {
            name: name.to_owned(),
            given: given.to_owned(),
            message: message.to_owned(),
        };
        for given in ["abc", "", "-1", "0", "1001", "1.5", "99999999999999999999"] {
            assert_eq!(
                query(&[("limit", given)]).unwrap_err(),
                value("limit", given, "expected a whole number from 1 to 1000")
            );
        }
        assert_eq!(
            query(&[("skip", "x")]).unwrap_err(),
            value("skip", "x", "expected a whole number from 0")
        );
        assert_eq!(
            query(&[("generated", "yes")]).unwrap_err(),
            value("generated", "yes", "expected true or false")
        );
        assert_eq!(
            query(&[("token", "a"), ("token", "b")]).unwrap_err(),
            Fault::Twice("token")
        );
        assert_eq!(query(&[("skip", "1")]).unwrap_err(), Fault::Missing("format"));
        assert_eq!(
            query(&[("limits", "1")]).unwrap_err(),
            Fault::Unknown {
                name: "limits".to_owned(),
                known: &["format", "limit", "skip", "generated", "token"],
            }
        );
    }
}
