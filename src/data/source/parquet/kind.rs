//! What Parquet's types are to a table.

use arrow_schema::{DataType, Field, TimeUnit};
use parquet::basic::{ConvertedType, LogicalType};
use parquet::schema::types::ColumnDescriptor;

use super::fault::ParquetFault;
use crate::data::schema::ColumnType;
use crate::data::source::error::Problem;

/// What a column of the file holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    /// Values of a type that says all of them.
    Typed(ColumnType),
    /// Texts, which may be moments or categories.
    Text,
    /// Texts of which the file says that they are a category.
    Category,
    /// No value at all.
    Nothing,
}

/// What `field` holds, and the type to read it as. `hint` is its type as the program that wrote the file knew
/// it, if it left that behind.
///
/// # Errors
/// A type that a table does not have.
pub(super) fn of(
    field: &Field,
    leaf: &ColumnDescriptor,
    hint: Option<&DataType>,
) -> Result<(Kind, DataType), Problem> {
    let natural = field.data_type();
    if matches!(hint, Some(DataType::Duration(_))) {
        return Err(refused(
            "durations",
            "write them as numbers, of seconds for example",
        ));
    }
    let typed = |kind| Ok((Kind::Typed(kind), natural.clone()));
    match natural {
        DataType::Float16 | DataType::Float32 | DataType::Float64 => typed(ColumnType::Number),
        DataType::Decimal32(..)
        | DataType::Decimal64(..)
        | DataType::Decimal128(..)
        | DataType::Decimal256(..) => typed(ColumnType::Number),
        DataType::Int8
        | DataType::Int16
        | DataType::Int32
        | DataType::Int64
        | DataType::UInt8
        | DataType::UInt16
        | DataType::UInt32
        | DataType::UInt64 => typed(ColumnType::Integer),
        DataType::Boolean => typed(ColumnType::Boolean),
        DataType::Date32 => typed(ColumnType::Timestamp),
        // The old type of Spark and Hive holds more years than nanoseconds do.
        DataType::Timestamp(TimeUnit::Nanosecond, None)
            if leaf.physical_type() == parquet::basic::Type::INT96 =>
        {
            let micros = DataType::Timestamp(TimeUnit::Microsecond, None);
            Ok((Kind::Typed(ColumnType::Timestamp), micros))
        }
        DataType::Timestamp(..) => typed(ColumnType::Timestamp),
        DataType::Utf8 => {
            let is_category = matches!(hint, Some(DataType::Dictionary(..)));
            let kind = if is_category { Kind::Category } else { Kind::Text };
            Ok((kind, DataType::Utf8View))
        }
        DataType::Binary if is_enum(leaf) => Ok((Kind::Category, DataType::Utf8View)),
        DataType::Null => Ok((Kind::Nothing, DataType::Null)),
        nested_type if nested_type.is_nested() => Err(nested(nested_type)),
        DataType::Binary | DataType::FixedSizeBinary(_) => Err(refused(
            "bytes",
            "write them as text (in SQL: CAST(… AS VARCHAR)), or drop the column",
        )),
        DataType::Time32(_) | DataType::Time64(_) => Err(refused(
            "times without a date",
            "write them as text, or as seconds",
        )),
        DataType::Interval(_) => Err(refused("intervals", "write them as numbers, of days for example")),
        other => Err(refused(
            &format!("the type {other}"),
            "write it as a number or as text",
        )),
    }
}

/// That a column holds more than one value a cell.
pub(super) fn nested(data_type: &DataType) -> Problem {
    Problem::Nested(match data_type {
        DataType::Struct(_) => "an object",
        DataType::Map(..) => "a map",
        _ => "a list",
    })
}

fn is_enum(leaf: &ColumnDescriptor) -> bool {
    matches!(leaf.logical_type_ref(), Some(LogicalType::Enum)) || leaf.converted_type() == ConvertedType::ENUM
}

fn refused(what: &str, remedy: &'static str) -> Problem {
    let what = what.to_owned();
    ParquetFault::Type { what, remedy }.into()
}
