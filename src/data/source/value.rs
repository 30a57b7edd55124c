//! How a field's text is understood as a value.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::error::Problem;
use crate::data::cell::shortened;
use crate::data::schema::ColumnType;

/// What a text looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Boolean,
    Integer,
    /// Digits that do not fit 64 bits.
    BigInteger,
    Number,
    /// A number beyond floating point.
    BigNumber,
    Timestamp,
    Text,
}

/// What `text` looks like. Spaces around it do not matter.
pub(super) fn shape(text: &str) -> Shape {
    let text = text.trim_ascii();
    match text.as_bytes().first() {
        Some(b'0'..=b'9' | b'+' | b'-' | b'.') => match numeral(text) {
            Some(Numeral::Whole) if text.parse::<i64>().is_err() => Shape::BigInteger,
            Some(Numeral::Whole) => Shape::Integer,
            Some(Numeral::Short) => Shape::Number,
            Some(Numeral::Long) if number(text).is_err() => Shape::BigNumber,
            Some(Numeral::Long) => Shape::Number,
            None if timestamp(text).is_some() => Shape::Timestamp,
            None => Shape::Text,
        },
        Some(b't' | b'T' | b'f' | b'F')
            if text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("false") =>
        {
            Shape::Boolean
        }
        _ => Shape::Text,
    }
}

/// What `text` looks like that is said to be one: a moment, or text.
pub(super) fn quoted_shape(text: &str) -> Shape {
    if timestamp(text.trim_ascii()).is_some() {
        Shape::Timestamp
    } else {
        Shape::Text
    }
}

enum Numeral {
    /// A sign and digits.
    Whole,
    /// A decimal that surely is within floating point's range.
    Short,
    /// A decimal that must be parsed to know.
    Long,
}

/// Whether `text` is written as a number: sign, digits, point, digits, exponent. Parsing is left for
/// later where the spelling alone tells that it would succeed: inference looks at every cell.
fn numeral(text: &str) -> Option<Numeral> {
    let bytes = text.as_bytes();
    let digits = |from: usize| {
        bytes[from..]
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count()
    };
    let mut at = usize::from(matches!(bytes.first(), Some(b'+' | b'-')));
    let whole = digits(at);
    at += whole;
    if at == bytes.len() && whole > 0 {
        return Some(Numeral::Whole);
    }
    let mut fraction = 0;
    if bytes.get(at) == Some(&b'.') {
        fraction = digits(at + 1);
        at += 1 + fraction;
    }
    if whole + fraction == 0 {
        return None;
    }
    if at == bytes.len() {
        return Some(if whole < 300 {
            Numeral::Short
        } else {
            Numeral::Long
        });
    }
    if !matches!(bytes[at], b'e' | b'E') {
        return None;
    }
    at += 1;
    at += usize::from(matches!(bytes.get(at), Some(b'+' | b'-')));
    let exponent = digits(at);
    (exponent > 0 && at + exponent == bytes.len()).then_some(Numeral::Long)
}

/// A finite number.
pub(super) fn number(text: &str) -> Result<f64, Problem> {
    let text = text.trim_ascii();
    // Rust also reads "inf" and "nan", which are no numbers here.
    let starts = matches!(text.as_bytes().first(), Some(b'0'..=b'9' | b'+' | b'-' | b'.'));
    match text.parse::<f64>() {
        Ok(number) if starts && number.is_finite() => Ok(number),
        Ok(_) if starts && text.bytes().any(|byte| byte.is_ascii_digit()) => {
            Err(Problem::NumberTooBig(shortened(text)))
        }
        _ => Err(wrong(ColumnType::Number, text)),
    }
}

/// A whole number that fits 64 bits.
pub(super) fn integer(text: &str) -> Result<i64, Problem> {
    let text = text.trim_ascii();
    text.parse().map_err(|_| match numeral(text) {
        Some(Numeral::Whole) => Problem::IntegerTooBig(shortened(text)),
        _ => wrong(ColumnType::Integer, text),
    })
}

/// A truth value. A declared boolean may also be written 1 and 0, or yes and no; inference takes only
/// true and false for one.
pub(super) fn boolean(text: &str) -> Result<bool, Problem> {
    let text = text.trim_ascii();
    let is_one_of = |spellings: [&str; 3]| spellings.iter().any(|s| text.eq_ignore_ascii_case(s));
    if is_one_of(["true", "yes", "1"]) {
        Ok(true)
    } else if is_one_of(["false", "no", "0"]) {
        Ok(false)
    } else {
        Err(wrong(ColumnType::Boolean, text))
    }
}

/// A moment in microseconds since the epoch, which finer fractions are cut to.
pub(super) fn moment(text: &str) -> Result<i64, Problem> {
    timestamp(text.trim_ascii()).ok_or_else(|| wrong(ColumnType::Timestamp, text))
}

/// A moment as tables write it, in microseconds since the epoch.
pub(in crate::data) fn timestamp(text: &str) -> Option<i64> {
    // `YYYY-MM-DD` first: what else the parser reads (`20260131`, a zone in brackets) is not ISO 8601
    // as tables have it, or would be taken for a number.
    let bytes = text.as_bytes();
    if bytes.len() < 10 || bytes[4] != b'-' || bytes[7] != b'-' || text.ends_with(']') {
        return None;
    }
    let timestamp = match text.parse::<DateTime>() {
        Ok(civil) if !has_zone(text) => TimeZone::UTC.to_timestamp(civil).ok()?,
        _ => text.parse::<Timestamp>().ok()?,
    };
    Some(timestamp.as_microsecond())
}

/// Whether a time is followed by `Z` or an offset; without this look a civil time would drop it.
fn has_zone(text: &str) -> bool {
    text.get(10..)
        .is_some_and(|time| time.contains(['Z', 'z', '+', '-']))
}

/// A value that is not what its column holds.
pub(super) fn wrong(expected: ColumnType, got: &str) -> Problem {
    Problem::WrongType {
        expected,
        got: shortened(got),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_what_a_person_would_say_it_is() {
        let table = [
            (
                Shape::Integer,
                &["0", "-1", "+5", "007", " 12 ", "9223372036854775807"][..],
            ),
            (
                Shape::BigInteger,
                &[
                    "9223372036854775808",
                    "-9223372036854775809",
                    "123456789012345678901",
                ],
            ),
            (
                Shape::Number,
                &["1.0", ".5", "1.", "-1e5", "1E+5", "1e-400", "0.1e1"],
            ),
            (Shape::BigNumber, &["1e400", "-1e309"]),
            (Shape::Boolean, &["true", "FALSE", "True"]),
            (
                Shape::Timestamp,
                &[
                    "2026-01-31",
                    "2026-01-31T12:00:00Z",
                    "2026-01-31 12:00",
                    "2026-01-31T12:00:00.123-03:00",
                ],
            ),
            (
                Shape::Text,
                &[
                    "x",
                    "1,5",
                    "1 2",
                    "1e",
                    "e5",
                    ".",
                    "-",
                    "inf",
                    "NaN",
                    "0x1f",
                    "1_000",
                    "2026-13-01",
                    "2026-02-30",
                    "12:00",
                    "yes",
                    "truer",
                    "--1",
                    "2026-01-31T12:00[UTC]",
                    "$5",
                    "5%",
                ],
            ),
        ];
        for (expected, texts) in table {
            for text in texts {
                assert_eq!(shape(text), expected, "{text}");
            }
        }
    }

    #[test]
    fn a_time_without_zone_is_utc_and_an_offset_is_kept_to() {
        let noon = moment("2026-01-31T12:00:00Z").unwrap();
        assert_eq!(noon, 1_769_860_800_000_000);
        for same in [
            "2026-01-31 12:00:00",
            "2026-01-31T09:00:00-03:00",
            "2026-01-31T12:00",
            "2026-01-31T12:00:00.0000009Z",
        ] {
            assert_eq!(moment(same).unwrap(), noon, "{same}");
        }
        assert_eq!(moment("2026-01-31").unwrap(), noon - 12 * 3_600_000_000);
        assert_eq!(moment("1969-12-31T23:59:59.999999Z").unwrap(), -1);
    }

    #[test]
    fn a_declared_boolean_has_more_spellings() {
        for (text, expected) in [
            ("yes", true),
            ("No", false),
            ("1", true),
            ("0", false),
            ("TRUE", true),
        ] {
            assert_eq!(boolean(text).unwrap(), expected);
        }
        assert!(boolean("2").is_err());
    }
}
