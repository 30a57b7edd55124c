//! Reading JSON that somebody sent: what is wrong is told in words, and by the field's name.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{DeserializeOwned, DeserializeSeed};
use serde_path_to_error::{Path, Segment, Track};

/// The longest piece of what was sent that is sent back.
const MAX_ECHO: usize = 400;

/// What is wrong with JSON, and where.
#[derive(Debug)]
pub(super) struct Fault {
    /// The field, as `stage` or `features[3].x`, where one is at fault.
    pub(super) field: Option<String>,
    message: String,
}

/// `types.zip: unknown variant …`; where the message names the field already, the message alone.
impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(field) = &self.field
            && !self.message.contains(&format!("`{field}`"))
        {
            write!(f, "{field}: ")?;
        }
        f.write_str(&self.message)
    }
}

/// Reads an object as a `T`. A list is refused, also where serde would take its items for fields in order.
///
/// # Errors
/// It is no object, no JSON, or no `T`.
pub(super) fn object<T: DeserializeOwned>(json: &[u8]) -> Result<T, Fault> {
    let first = json.iter().find(|byte| !byte.is_ascii_whitespace());
    let message = match first {
        Some(b'{') => return read(json, PhantomData::<T>),
        Some(_) => "this is no JSON object",
        None => "there is nothing",
    };
    Err(Fault {
        field: None,
        message: message.to_owned(),
    })
}

/// Reads JSON with `seed`.
///
/// # Errors
/// It is no JSON, or not what `seed` reads.
pub(super) fn read<'de, S: DeserializeSeed<'de>>(json: &'de [u8], seed: S) -> Result<S::Value, Fault> {
    let mut reader = serde_json::Deserializer::from_slice(json);
    let mut track = Track::new();
    let read = seed.deserialize(serde_path_to_error::Deserializer::new(&mut reader, &mut track));
    read.and_then(|value| reader.end().map(|()| value))
        .map_err(|error| {
            let message = error.to_string();
            Fault {
                field: field(&track.path(), &message),
                message: message.chars().take(MAX_ECHO).collect(),
            }
        })
}

/// The field at fault: where the reading stopped, and of one that is missing or surplus there, its name.
fn field(path: &Path, message: &str) -> Option<String> {
    let known = path
        .iter()
        .take_while(|segment| !matches!(segment, Segment::Unknown));
    let mut field = String::new();
    for segment in known {
        append(&mut field, segment);
    }
    if let Some(name) = unplaced(message) {
        append(&mut field, name);
    }
    (!field.is_empty()).then(|| field.chars().take(MAX_ECHO).collect())
}

fn append(path: &mut String, part: impl fmt::Display) {
    let part = part.to_string();
    if !path.is_empty() && !part.starts_with('[') {
        path.push('.');
    }
    path.push_str(&part);
}

/// The field's name in a message about one that has no place of its own. These are serde's words, and ours
/// where it has none.
fn unplaced(message: &str) -> Option<&str> {
    let rest = ["missing field `", "duplicate field `", "surplus field `"]
        .into_iter()
        .find_map(|words| message.strip_prefix(words))?;
    rest.split_once('`').map(|(name, _)| name)
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "read, never looked at")]
    struct Outer {
        name: String,
        #[serde(default)]
        rows: Vec<Inner>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields, expecting = "a row")]
    #[expect(dead_code, reason = "read, never looked at")]
    struct Inner {
        x: f64,
    }

    fn fault(json: &str) -> (Option<String>, String) {
        let fault = object::<Outer>(json.as_bytes()).unwrap_err();
        (fault.field.clone(), fault.to_string())
    }

    #[test]
    fn a_wrong_field_is_named_wherever_it_is() {
        for (json, field) in [
            (r#"{"name": 3}"#, "name"),
            (r#"{"name": nul}"#, "name"),
            (r#"{"nome": "a"}"#, "nome"),
            (r#"{}"#, "name"),
            (r#"{"name": "a", "name": "b"}"#, "name"),
            (r#"{"name": "a", "rows": 3}"#, "rows"),
            (r#"{"name": "a", "rows": [{"x": 1}, {"x": "y"}]}"#, "rows[1].x"),
            (r#"{"name": "a", "rows": [{"x": 1}, {}]}"#, "rows[1].x"),
            (r#"{"name": "a", "rows": [{"x": 1, "x": 2}]}"#, "rows[0].x"),
            (r#"{"name": "a", "rows": [{"y": 1}]}"#, "rows[0].y"),
            (r#"{"name": "a", "rows": [3]}"#, "rows[0]"),
        ] {
            let (named, message) = fault(json);
            assert_eq!(named.as_deref(), Some(field), "{json}: {message}");
        }
        assert!(fault(r#"{"name": 3}"#).1.starts_with("name: invalid type: "));
        assert!(fault("{}").1.starts_with("missing field `name`"));
    }

    #[test]
    fn what_is_no_object_is_no_fault_of_a_field() {
        for json in [
            "",
            " \n",
            "[]",
            "[\"a\"]",
            "3",
            "null",
            "nothing",
            "{",
            "{\"na",
            "{\"name\": \"a\"} {}",
        ] {
            let (named, message) = fault(json);
            assert_eq!(named, None, "{json}: {message}");
            assert!(!message.contains("Outer"), "{json}: {message}");
        }
    }

    #[test]
    fn what_was_sent_is_not_sent_back_whole() {
        let (named, message) = fault(&format!("{{\"{}\": 1}}", "n".repeat(100_000)));
        assert!(named.unwrap().len() <= MAX_ECHO && message.len() < 1_000);
    }
}
