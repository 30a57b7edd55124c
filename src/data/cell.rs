//! One value of a table, or of a request to predict.

use std::borrow::Cow;
use std::fmt;

/// One cell: what a caller gives for a field, or what a table holds at a row and a column.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell<'a> {
    /// Nothing is known.
    Missing,
    /// A number.
    Number(f64),
    /// A whole number.
    Integer(i64),
    /// True or false.
    Boolean(bool),
    /// A category's level, or text.
    Text(Cow<'a, str>),
    /// Microseconds since 1970-01-01T00:00:00Z.
    Timestamp(i64),
}

impl<'a> Cell<'a> {
    /// A level or text that is borrowed.
    pub fn text(text: &'a str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }

    /// Whether nothing is known.
    pub fn is_missing(&self) -> bool {
        matches!(self, Self::Missing)
    }
}

/// The value as a message shows it: text quoted and cut at 60 characters.
impl fmt::Display for Cell<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("nothing"),
            Self::Number(number) => f.write_str(&short_number(*number)),
            Self::Integer(integer) => integer.fmt(f),
            Self::Boolean(boolean) => boolean.fmt(f),
            Self::Text(text) => write!(f, "\"{}\"", shortened(text)),
            Self::Timestamp(micros) => match jiff::Timestamp::from_microsecond(*micros) {
                Ok(timestamp) => timestamp.fmt(f),
                Err(_) => write!(f, "{micros} µs"),
            },
        }
    }
}

/// A number in few digits, however big or small it is: `1e308`, not a 1 with 308 zeros.
pub fn short_number(number: f64) -> String {
    const BIG: f64 = 1e16;
    const SMALL: f64 = 1e-5;
    let size = number.abs();
    if size >= BIG || size > 0.0 && size < SMALL {
        format!("{number:e}")
    } else {
        number.to_string()
    }
}

/// The first 60 characters of `text` with control characters escaped: messages stay readable whatever
/// a file holds.
pub fn shortened(text: &str) -> String {
    const LONGEST: usize = 60;
    let mut short: String = text
        .chars()
        .take(LONGEST)
        .flat_map(|c| c.escape_debug().collect::<Vec<_>>())
        .collect();
    if text.chars().nth(LONGEST).is_some() {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_shows_a_cell_in_one_short_line() {
        assert_eq!(Cell::text("a\nb").to_string(), r#""a\nb""#);
        assert_eq!(
            Cell::text(&"é".repeat(70)).to_string(),
            format!("\"{}…\"", "é".repeat(60))
        );
        assert_eq!(Cell::Timestamp(0).to_string(), "1970-01-01T00:00:00Z");
        for (number, shown) in [
            (1.5, "1.5"),
            (0.0, "0"),
            (123_456.0, "123456"),
            (-1e308, "-1e308"),
            (2.5e-300, "2.5e-300"),
            (f64::NAN, "NaN"),
        ] {
            assert_eq!(Cell::Number(number).to_string(), shown);
        }
    }
}
