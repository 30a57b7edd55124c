//! Which content types tables come in.

use axum::http::{HeaderMap, header};

use super::error::ApiError;
use crate::platform::datasets::Format;

/// The content types that a table may come in, for messages.
pub const TYPES: &str =
    "text/csv, application/x-ndjson, application/vnd.apache.parquet or application/octet-stream";

/// The format that a content type tells: none within when it tells nothing but bytes, none at all when no table
/// comes in it.
pub(super) fn format(essence: &str) -> Option<Option<Format>> {
    const FORMATS: [(&str, Option<Format>); 6] = [
        ("text/csv", Some(Format::Csv)),
        ("application/x-ndjson", Some(Format::Jsonl)),
        ("application/ndjson", Some(Format::Jsonl)),
        ("application/jsonl", Some(Format::Jsonl)),
        ("application/vnd.apache.parquet", Some(Format::Parquet)),
        ("application/octet-stream", None),
    ];
    let known = FORMATS
        .iter()
        .find(|(name, _)| essence.eq_ignore_ascii_case(name));
    known.map(|(_, format)| *format)
}

/// The format that the headers of a request tell, if they do. Whether the body is packed shows in its first
/// bytes, whatever the headers say of it.
///
/// # Errors
/// The content type is no table's; the body is encoded in another way than gzip's.
pub fn told(headers: &HeaderMap) -> Result<Option<Format>, ApiError> {
    let text = |name| {
        let value = headers.get(name).and_then(|value| value.to_str().ok());
        value.unwrap_or_default()
    };
    let encoding = text(header::CONTENT_ENCODING).trim();
    let is_known = ["", "identity", "gzip", "x-gzip"]
        .iter()
        .any(|known| encoding.eq_ignore_ascii_case(known));
    if !is_known {
        return Err(ApiError::BadParameter {
            name: "Content-Encoding".into(),
            given: encoding.chars().take(100).collect(),
            message: "a table comes as it is, or packed by gzip".to_owned(),
        });
    }
    let given = text(header::CONTENT_TYPE);
    let essence = given.split(';').next().unwrap_or_default().trim();
    format(essence).ok_or_else(|| ApiError::ContentType {
        expected: TYPES,
        got: given.chars().take(100).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told_by(kind: &str, encoding: &str) -> Result<Option<Format>, ApiError> {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, kind.parse().unwrap());
        headers.insert(header::CONTENT_ENCODING, encoding.parse().unwrap());
        told(&headers)
    }

    #[test]
    fn the_headers_tell_the_format() {
        for (kind, format) in [
            ("text/csv; charset=utf-8", Some(Format::Csv)),
            ("Application/X-NDJSON", Some(Format::Jsonl)),
            ("application/jsonl", Some(Format::Jsonl)),
            ("application/vnd.apache.parquet", Some(Format::Parquet)),
            ("application/octet-stream", None),
        ] {
            assert_eq!(told_by(kind, "gzip").unwrap(), format, "{kind}");
        }
        assert!(matches!(
            told_by("text/plain", ""),
            Err(ApiError::ContentType { .. })
        ));
        assert!(matches!(
            told_by("text/csv", "br"),
            Err(ApiError::BadParameter { .. })
        ));
    }
}
