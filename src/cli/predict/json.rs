//! Features as JSON, from the command line, a file or standard input.

use std::fmt;
use std::io::Read;

use anyhow::Context;
use serde::de::{self, Deserialize, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use super::super::error::Failure;

/// The features that are given: JSON, `@FILE`, or `@-` for standard input.
///
/// # Errors
/// It cannot be read, or is no JSON.
pub fn features(given: &str) -> Result<Value, Failure> {
    let text = match given.strip_prefix('@') {
        None => given.to_owned(),
        Some("-") => {
            let mut text = String::new();
            std::io::stdin()
                .read_to_string(&mut text)
                .context("standard input cannot be read")?;
            text
        }
        Some(file) => std::fs::read_to_string(file)
            .with_context(|| format!("{file} cannot be read"))
            .map_err(Failure::Input)?,
    };
    let read: Result<Once, _> = serde_json::from_str(&text);
    read.map(|Once(value)| value)
        .context("the features are not JSON")
        .map_err(Failure::Input)
}

/// JSON in which no object has a key twice. The API refuses it, too; read into a map, the last would win unseen.
struct Once(Value);

impl<'de> Deserialize<'de> for Once {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        OnceSeed.deserialize(deserializer).map(Self)
    }
}

struct OnceSeed;

impl<'de> DeserializeSeed<'de> for OnceSeed {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for OnceSeed {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = list.next_element_seed(OnceSeed)? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut fields = Map::new();
        while let Some(key) = map.next_key::<String>()? {
            let value = map.next_value_seed(OnceSeed)?;
            if fields.contains_key(&key) {
                let key: String = key.chars().take(100).collect();
                return Err(de::Error::custom(format!("the feature {key} is there twice")));
            }
            fields.insert(key, value);
        }
        Ok(Value::Object(fields))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn json_is_read_as_it_stands_and_no_key_is_taken_twice() {
        let text = r#"[{"x": 1, "y": [null, true, -2, 1.5, "a", 18446744073709551615]}, 3]"#;
        let expected = json!([{"x": 1, "y": [null, true, -2, 1.5, "a", 18_446_744_073_709_551_615_u64]}, 3]);
        assert_eq!(features(text).unwrap(), expected);
        for twice in [r#"{"x": 1, "x": 2}"#, r#"[{"y": 1}, {"x": 1, "y": 1, "x": 1}]"#] {
            let Err(Failure::Input(error)) = features(twice) else {
                panic!("{twice} passes");
            };
            assert!(
                format!("{error:#}").contains("the feature x is there twice"),
                "{error:#}"
            );
        }
        assert!(features("{").is_err());
    }
}
