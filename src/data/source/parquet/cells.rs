//! Cells of Arrow's arrays.

use std::fmt::Write as _;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Date32Type, Decimal128Type, Decimal256Type, Float16Type, Float32Type, Float64Type,
    Int8Type, Int16Type, Int32Type, Int64Type, TimestampMicrosecondType, TimestampMillisecondType,
    TimestampNanosecondType, TimestampSecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, PrimitiveArray};
use arrow_schema::{DataType, TimeUnit};
use jiff::Timestamp;

use super::fault::ParquetFault;
use crate::data::source::cells::{Codes, push};
use crate::data::source::error::Problem;
use crate::data::table::Column;

/// The most bytes of a text, as in every format.
const MAX_TEXT: usize = 1 << 20;
/// Powers of ten that are exact.
const EXACT: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18,
    1e19, 1e20, 1e21, 1e22,
];

/// A value that is there.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Value<'a> {
    Number(f64),
    Integer(i64),
    /// A whole number beyond 64 bits with a sign.
    Beyond(u64),
    Boolean(bool),
    /// Microseconds since 1970-01-01T00:00:00Z.
    Moment(i64),
    Text(&'a str),
}

/// Gives the value of a row, none where it is missing.
pub(super) type Reader<'a> = Box<dyn Fn(usize) -> Result<Option<Value<'a>>, Problem> + 'a>;

/// What reads the values of `array`; none for a type that is not read.
pub(super) fn reader(array: &dyn Array) -> Option<Reader<'_>> {
    Some(match array.data_type() {
        DataType::Null => Box::new(|_| Ok(None)),
        DataType::Float16 => of::<Float16Type>(array, |value| number(value.to_f64())),
        DataType::Float32 => of::<Float32Type>(array, |value| number(value.into())),
        DataType::Float64 => of::<Float64Type>(array, number),
        DataType::Int8 => of::<Int8Type>(array, |value| Ok(Some(Value::Integer(value.into())))),
        DataType::Int16 => of::<Int16Type>(array, |value| Ok(Some(Value::Integer(value.into())))),
        DataType::Int32 => of::<Int32Type>(array, |value| Ok(Some(Value::Integer(value.into())))),
        DataType::Int64 => of::<Int64Type>(array, |value| Ok(Some(Value::Integer(value)))),
        DataType::UInt8 => of::<UInt8Type>(array, |value| Ok(Some(Value::Integer(value.into())))),
        DataType::UInt16 => of::<UInt16Type>(array, |value| Ok(Some(Value::Integer(value.into())))),
        DataType::UInt32 => of::<UInt32Type>(array, |value| Ok(Some(Value::Integer(value.into())))),
        DataType::UInt64 => of::<UInt64Type>(array, |value| {
            let small = i64::try_from(value).map(Value::Integer);
            Ok(Some(small.unwrap_or(Value::Beyond(value))))
        }),
        DataType::Decimal128(_, scale) => {
            let scale = *scale;
            of::<Decimal128Type>(array, move |value| decimal(value, scale))
        }
        DataType::Decimal256(..) => {
            let values = array.as_primitive_opt::<Decimal256Type>()?;
            Box::new(|row| match values.is_null(row) {
                true => Ok(None),
                false => parsed(&values.value_as_string(row)),
            })
        }
        DataType::Date32 => {
            of::<Date32Type>(array, |days| moment(i64::from(days).checked_mul(86_400_000_000)))
        }
        DataType::Timestamp(TimeUnit::Second, _) => {
            of::<TimestampSecondType>(array, |value| moment(value.checked_mul(1_000_000)))
        }
        DataType::Timestamp(TimeUnit::Millisecond, _) => {
            of::<TimestampMillisecondType>(array, |value| moment(value.checked_mul(1_000)))
        }
        DataType::Timestamp(TimeUnit::Microsecond, _) => {
            of::<TimestampMicrosecondType>(array, |value| moment(Some(value)))
        }
        // Finer fractions are cut, as in CSV.
        DataType::Timestamp(TimeUnit::Nanosecond, _) => {
            of::<TimestampNanosecondType>(array, |value| moment(Some(value / 1_000)))
        }
        DataType::Boolean => {
            let values = array.as_boolean_opt()?;
            Box::new(|row| Ok((!values.is_null(row)).then(|| Value::Boolean(values.value(row)))))
        }
        DataType::Utf8View => {
            let values = array.as_string_view_opt()?;
            Box::new(|row| {
                if values.is_null(row) {
                    return Ok(None);
                }
                let text = values.value(row);
                match text.len() <= MAX_TEXT {
                    true => Ok(Some(Value::Text(text))),
                    false => Err(Problem::FieldTooLong { max: MAX_TEXT }),
                }
            })
        }
        _ => return None,
    })
}

fn of<'a, T: ArrowPrimitiveType>(
    array: &'a dyn Array,
    read: impl Fn(T::Native) -> Result<Option<Value<'a>>, Problem> + 'a,
) -> Reader<'a> {
    // Arrays are what their types say.
    let values: &PrimitiveArray<T> = array.as_primitive();
    Box::new(move |row| match values.is_null(row) {
        true => Ok(None),
        false => read(values.value(row)),
    })
}

/// NaN is a missing number, as in pandas.
fn number<'a>(value: f64) -> Result<Option<Value<'a>>, Problem> {
    if value.is_infinite() {
        return Err(ParquetFault::Infinite.into());
    }
    Ok((!value.is_nan()).then_some(Value::Number(value)))
}

/// The nearest number to a decimal, which is what its text in CSV gives.
fn decimal(value: i128, scale: i8) -> Result<Option<Value<'static>>, Problem> {
    let power = usize::try_from(scale).ok().and_then(|scale| EXACT.get(scale));
    match power {
        // Both are exact, so the quotient is the nearest.
        Some(power) if value.unsigned_abs() <= 1 << 53 => Ok(Some(Value::Number(value as f64 / power))),
        _ => parsed(&format!("{value}e{}", -i32::from(scale))),
    }
}

fn parsed(text: &str) -> Result<Option<Value<'static>>, Problem> {
    let value = text
        .parse()
        .map_err(|_| ParquetFault::Damaged(format!("{text} is no decimal")))?;
    number(value)
}

fn moment(micros: Option<i64>) -> Result<Option<Value<'static>>, Problem> {
    let calendar = Timestamp::MIN.as_microsecond()..=Timestamp::MAX.as_microsecond();
    match micros.filter(|micros| calendar.contains(micros)) {
        Some(micros) => Ok(Some(Value::Moment(micros))),
        None => Err(ParquetFault::Moment.into()),
    }
}

impl<'a> Value<'a> {
    /// The value as a CSV file has it, in `buffer` where it is no text already.
    pub(super) fn spelled<'b>(self, buffer: &'b mut String) -> &'b str
    where
        'a: 'b,
    {
        buffer.clear();
        // Writing to a string cannot fail.
        let _ = match self {
            Self::Text(text) => return text,
            Self::Number(number) => write!(buffer, "{number:?}"),
            Self::Integer(integer) => write!(buffer, "{integer}"),
            Self::Beyond(integer) => write!(buffer, "{integer}"),
            Self::Boolean(boolean) => write!(buffer, "{boolean}"),
            Self::Moment(micros) => match Timestamp::from_microsecond(micros) {
                Ok(moment) => write!(buffer, "{moment}"),
                Err(_) => Ok(()),
            },
        };
        buffer
    }

    /// Appends the value to a column; returns how many bytes of text that took.
    pub(super) fn push(
        value: Option<Self>,
        column: &mut Column,
        codes: &Codes,
        buffer: &mut String,
    ) -> Result<usize, Problem> {
        match (column, value) {
            (Column::Number(values), Some(Self::Number(value))) => values.push(value),
            (Column::Integer(values), Some(Self::Integer(value))) => values.push(Some(value)),
            (Column::Boolean(values), Some(Self::Boolean(value))) => values.push(Some(value)),
            (Column::Timestamp(values), Some(Self::Moment(value))) => values.push(Some(value)),
            (column, Some(value)) => return push(column, Some(value.spelled(buffer)), codes),
            (column, None) => return push(column, None, codes),
        }
        Ok(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decimal_is_the_number_that_its_text_is() {
        for (value, scale, text) in [
            (1250_i128, 2, "12.50"),
            (-1, 1, "-0.1"),
            (12_345_678_901_234_567_890, 5, "123456789012345.67890"),
            (3, -2, "300"),
            (
                99_999_999_999_999_999_999_999_999_999_999_999_999,
                38,
                "0.99999999999999999999999999999999999999",
            ),
        ] {
            let expected = Some(Value::Number(text.parse().unwrap()));
            assert_eq!(decimal(value, scale).unwrap(), expected, "{text}");
        }
    }

    #[test]
    fn a_moment_is_cut_and_never_beyond_the_calendar() {
        assert_eq!(moment(Some(-1_500 / 1_000)).unwrap(), Some(Value::Moment(-1)));
        for wrong in [None, Some(i64::MAX), Some(i64::MIN)] {
            assert!(moment(wrong).is_err());
        }
    }
}
