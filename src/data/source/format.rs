//! In which format a file is, by its first bytes and its name.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The formats that tables are read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// Comma-separated values.
    Csv,
    /// One JSON object a line.
    Jsonl,
    /// Apache Parquet.
    Parquet,
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Csv, Self::Jsonl, Self::Parquet];

    /// The format of the file called `name` that begins with `head`, which is unpacked if the file is: Parquet
    /// is known by its first bytes, JSON lines by the name or, where the name says nothing, by an opening brace;
    /// all else is CSV.
    pub fn of(name: &str, head: &[u8]) -> Self {
        if super::parquet::is_parquet(head) {
            return Self::Parquet;
        }
        match Self::of_name(name) {
            // Not what its name says: as text, its first bytes tell what it is.
            Some(Self::Parquet) | None => {
                let text = head
                    .strip_prefix(b"\xef\xbb\xbf")
                    .unwrap_or(head)
                    .trim_ascii_start();
                match text.first() {
                    None if Self::of_name(name).is_some() => Self::Parquet,
                    Some(b'{') => Self::Jsonl,
                    _ => Self::Csv,
                }
            }
            Some(format) => format,
        }
    }

    /// The format that a file's name tells, as in `rides.csv.gz`.
    pub fn of_name(name: &str) -> Option<Self> {
        let name = name.to_ascii_lowercase();
        let name = name.strip_suffix(".gz").unwrap_or(&name);
        let (_, ending) = name.rsplit_once('.')?;
        match ending {
            "csv" | "tsv" | "txt" => Some(Self::Csv),
            "jsonl" | "ndjson" => Some(Self::Jsonl),
            "parquet" | "pq" => Some(Self::Parquet),
            _ => None,
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Csv => "csv",
            Self::Jsonl => "jsonl",
            Self::Parquet => "parquet",
        })
    }
}

/// A word that names no format.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected csv, jsonl or parquet")]
pub struct UnknownFormat;

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(given: &str) -> Result<Self, UnknownFormat> {
        let named = Self::ALL.into_iter().find(|format| format.to_string() == given);
        named.ok_or(UnknownFormat)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_format_shows_in_the_first_bytes_and_then_in_the_name() {
        for (name, head, format) in [
            ("a.csv", &b"x,y\n"[..], Format::Csv),
            ("a", b"x,y\n", Format::Csv),
            ("a.csv", b"{\"x\",y\n", Format::Csv),
            ("a.csv", b"PAR1\x15", Format::Parquet),
            ("a", b"PARE\x15", Format::Parquet),
            ("a.parquet", b"x,y\n", Format::Csv),
            ("a.parquet", b"", Format::Parquet),
            ("a", b"", Format::Csv),
            ("A.NDJSON.GZ", b"x", Format::Jsonl),
            ("a.jsonl", b"[", Format::Jsonl),
            ("standard input", b"\xef\xbb\xbf\n {\"x\": 1}", Format::Jsonl),
            ("a.tsv.gz", b"x\ty", Format::Csv),
        ] {
            assert_eq!(Format::of(name, head), format, "{name}");
        }
        assert_eq!("jsonl".parse(), Ok(Format::Jsonl));
        assert_eq!("json".parse::<Format>(), Err(UnknownFormat));
    }
}
