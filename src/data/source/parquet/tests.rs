use std::borrow::Cow;
use std::sync::Arc;

use arrow_array::types::{ArrowPrimitiveType, Float16Type, Int8Type};
use arrow_array::{
    ArrayRef, BinaryArray, BooleanArray, Date32Array, Decimal128Array, DictionaryArray, DurationSecondArray,
    Float16Array, Float32Array, Float64Array, Int8Array, Int16Array, Int32Array, Int64Array,
    LargeStringArray, ListArray, NullArray, RecordBatch, StringArray, StructArray, Time64MicrosecondArray,
    TimestampMicrosecondArray, TimestampMillisecondArray, TimestampNanosecondArray, UInt8Array, UInt16Array,
    UInt32Array, UInt64Array,
};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::ArrowWriterOptions;
use parquet::file::properties::WriterProperties;

use super::*;
use crate::data::cell::Cell;
use crate::data::table::Table;

/// A Parquet file of these columns, in as many row groups as there are batches.
pub(crate) fn written(batches: &[&[(&str, ArrayRef)]], properties: WriterProperties, hints: bool) -> Vec<u8> {
    let batch = |columns: &&[(&str, ArrayRef)]| {
        RecordBatch::try_from_iter_with_nullable(
            columns
                .iter()
                .map(|(name, array)| (*name, Arc::clone(array), true)),
        )
        .unwrap()
    };
    let batches: Vec<RecordBatch> = batches.iter().map(batch).collect();
    let options = ArrowWriterOptions::new()
        .with_properties(properties)
        .with_skip_arrow_metadata(!hints);
    let mut writer = ArrowWriter::try_new_with_options(Vec::new(), batches[0].schema(), options).unwrap();
    for batch in &batches {
        writer.write(batch).unwrap();
        writer.flush().unwrap();
    }
    writer.into_inner().unwrap()
}

fn plain(columns: &[(&str, ArrayRef)]) -> Vec<u8> {
    written(&[columns], WriterProperties::default(), true)
}

fn types(declared: &[(&str, ColumnType)]) -> BTreeMap<String, ColumnType> {
    declared
        .iter()
        .map(|&(name, kind)| (name.to_owned(), kind))
        .collect()
}

fn open(bytes: &[u8]) -> Result<ParquetFile, SourceError> {
    let bytes: Cow<'static, [u8]> = bytes.to_vec().into();
    ParquetFile::open("t.parquet", Arc::new(bytes))
}

fn read(bytes: &[u8], declared: &[(&str, ColumnType)]) -> Result<(Scanned, Vec<Table>), SourceError> {
    let mut file = open(bytes)?;
    let scanned = file.scan(&types(declared))?;
    let batches = file.batches(Arc::new(scanned.schema.clone()), 8_192)?;
    let tables = batches.collect::<Result<Vec<_>, _>>()?;
    Ok((scanned, tables))
}

fn refusal(bytes: &[u8]) -> String {
    read(bytes, &[]).unwrap_err().to_string()
}

fn column(array: impl arrow_array::Array + 'static) -> (ColumnType, Vec<Cell<'static>>) {
    let bytes = plain(&[("c", Arc::new(array))]);
    let (scanned, tables) = read(&bytes, &[]).unwrap();
    let cells = (0..tables[0].rows()).map(|row| match tables[0].cell(row, 0) {
        Cell::Text(text) => Cell::Text(text.into_owned().into()),
        Cell::Missing => Cell::Missing,
        Cell::Number(value) => Cell::Number(value),
        Cell::Integer(value) => Cell::Integer(value),
        Cell::Boolean(value) => Cell::Boolean(value),
        Cell::Timestamp(value) => Cell::Timestamp(value),
    });
    (scanned.schema.fields()[0].kind, cells.collect())
}

#[test]
fn whole_numbers_of_every_width_are_integers() {
    let seven = vec![Cell::Integer(7), Cell::Missing];
    let expected = (ColumnType::Integer, seven);
    assert_eq!(column(Int8Array::from(vec![Some(7), None])), expected);
    assert_eq!(column(Int16Array::from(vec![Some(7), None])), expected);
    assert_eq!(column(Int32Array::from(vec![Some(7), None])), expected);
    assert_eq!(column(Int64Array::from(vec![Some(7), None])), expected);
    assert_eq!(column(UInt8Array::from(vec![Some(7), None])), expected);
    assert_eq!(column(UInt16Array::from(vec![Some(7), None])), expected);
    assert_eq!(column(UInt32Array::from(vec![Some(7), None])), expected);
    assert_eq!(column(UInt64Array::from(vec![Some(7), None])), expected);
    let big = plain(&[("big", Arc::new(UInt64Array::from(vec![1, u64::MAX])))]);
    let told = refusal(&big);
    assert!(
        told.starts_with(
            "t.parquet, row 2, column \"big\": the whole number 18446744073709551615 does not fit"
        ),
        "{told}"
    );
    let numbers = read(&big, &[("big", ColumnType::Number)]).unwrap().1;
    assert_eq!(numbers[0].cell(1, 0), Cell::Number(18_446_744_073_709_551_615.0));
    let texts = read(&big, &[("big", ColumnType::Text)]).unwrap().1;
    assert_eq!(texts[0].cell(1, 0), Cell::text("18446744073709551615"));
    let whole = read(&big, &[("big", ColumnType::Integer)])
        .unwrap_err()
        .to_string();
    assert!(whole.starts_with("t.parquet, row 2, column \"big\""), "{whole}");
}

#[test]
fn other_numbers_are_numbers_and_nan_is_missing() {
    let half = (
        ColumnType::Number,
        vec![Cell::Number(0.5), Cell::Missing, Cell::Missing],
    );
    assert_eq!(
        column(Float64Array::from(vec![Some(0.5), None, Some(f64::NAN)])),
        half
    );
    assert_eq!(
        column(Float32Array::from(vec![Some(0.5), None, Some(f32::NAN)])),
        half
    );
    let halves = [Some(0.5), None, Some(f32::NAN)].map(|value| value.map(half_of));
    assert_eq!(column(Float16Array::from(halves.to_vec())), half);
    let decimals = Decimal128Array::from(vec![Some(1250), Some(-1)])
        .with_precision_and_scale(9, 2)
        .unwrap();
    let expected = vec![Cell::Number(12.5), Cell::Number(-0.01)];
    assert_eq!(column(decimals), (ColumnType::Number, expected));
    let wide = Decimal128Array::from(vec![i128::from(i64::MAX) * 10])
        .with_precision_and_scale(38, 1)
        .unwrap();
    assert_eq!(column(wide).1, [Cell::Number(9_223_372_036_854_775_807.0)]);
    let infinite = refusal(&plain(&[(
        "x",
        Arc::new(Float64Array::from(vec![1.0, f64::INFINITY])),
    )]));
    assert!(
        infinite.starts_with("t.parquet, row 2, column \"x\": this number is infinite"),
        "{infinite}"
    );
}

fn half_of(value: f32) -> <Float16Type as ArrowPrimitiveType>::Native {
    <Float16Type as ArrowPrimitiveType>::Native::from_f32(value)
}

#[test]
fn moments_are_microseconds_whatever_they_were() {
    let expected = (
        ColumnType::Timestamp,
        vec![Cell::Timestamp(1_769_860_800_000_000), Cell::Missing],
    );
    let micros = vec![Some(1_769_860_800_000_000), None];
    assert_eq!(column(TimestampMicrosecondArray::from(micros.clone())), expected);
    assert_eq!(
        column(TimestampMicrosecondArray::from(micros).with_timezone("America/Sao_Paulo")),
        expected
    );
    assert_eq!(
        column(TimestampMillisecondArray::from(vec![
            Some(1_769_860_800_000),
            None
        ])),
        expected
    );
    let nanos = TimestampNanosecondArray::from(vec![Some(1_769_860_800_000_000_999), None]);
    assert_eq!(column(nanos.with_timezone("UTC")), expected);
    let days = column(Date32Array::from(vec![20_484, -1])).1;
    assert_eq!(
        days,
        [
            Cell::Timestamp(1_769_817_600_000_000),
            Cell::Timestamp(-86_400_000_000)
        ]
    );
    let told = refusal(&plain(&[(
        "x",
        Arc::new(TimestampMillisecondArray::from(vec![0, i64::MAX])),
    )]));
    assert!(
        told.starts_with("t.parquet, row 2, column \"x\": this moment is beyond"),
        "{told}"
    );
}

#[test]
fn texts_are_categories_moments_or_texts() {
    let texts = |different: usize| {
        (0..100)
            .map(|row| Some(format!("t{}", row % different)))
            .collect::<Vec<_>>()
    };
    let kind = |array: ArrayRef| read(&plain(&[("c", array)]), &[]).unwrap().0.schema.fields()[0].kind;
    assert_eq!(kind(Arc::new(StringArray::from(texts(50)))), ColumnType::Category);
    assert_eq!(kind(Arc::new(StringArray::from(texts(51)))), ColumnType::Text);
    assert_eq!(
        kind(Arc::new(LargeStringArray::from(texts(3)))),
        ColumnType::Category
    );
    assert_eq!(
        kind(Arc::new(StringArray::from(vec!["7", "8"]))),
        ColumnType::Category
    );
    assert_eq!(
        kind(Arc::new(StringArray::from(vec!["2026-01-31", "2026-02-01"]))),
        ColumnType::Timestamp
    );
    assert_eq!(
        kind(Arc::new(BooleanArray::from(vec![true]))),
        ColumnType::Boolean
    );
    assert_eq!(kind(Arc::new(NullArray::new(3))), ColumnType::Number);
    assert_eq!(
        kind(Arc::new(Int64Array::from(vec![None::<i64>; 3]))),
        ColumnType::Number
    );
    // A dictionary is a category, however many values it has.
    let texts = texts(100);
    let dictionary: DictionaryArray<Int8Type> = texts.iter().map(|text| text.as_deref()).collect();
    assert_eq!(kind(Arc::new(dictionary.clone())), ColumnType::Category);
    let unknown = written(
        &[&[("c", Arc::new(dictionary))]],
        WriterProperties::default(),
        false,
    );
    assert_eq!(
        read(&unknown, &[]).unwrap().0.schema.fields()[0].kind,
        ColumnType::Text
    );
    let as_text = read(&unknown, &[("c", ColumnType::Category)]).unwrap();
    assert_eq!(as_text.0.schema.fields()[0].levels.as_ref().unwrap().len(), 100);
}

#[test]
fn declared_types_are_read_from_what_is_there() {
    let bytes = plain(&[
        ("n", Arc::new(Int32Array::from(vec![1, 0]))),
        ("t", Arc::new(StringArray::from(vec!["7", "08"]))),
        ("d", Arc::new(Date32Array::from(vec![0, 1]))),
    ]);
    let declared = [
        ("n", ColumnType::Boolean),
        ("t", ColumnType::Integer),
        ("d", ColumnType::Text),
    ];
    let (_, tables) = read(&bytes, &declared).unwrap();
    assert_eq!(tables[0].cell(1, 0), Cell::Boolean(false));
    assert_eq!(tables[0].cell(1, 1), Cell::Integer(8));
    assert_eq!(tables[0].cell(1, 2), Cell::text("1970-01-02T00:00:00Z"));
    let empty = plain(&[("n", Arc::new(Int64Array::from(vec![None::<i64>; 2])))]);
    let declared = read(&empty, &[("n", ColumnType::Integer)]).unwrap().0;
    assert_eq!(declared.schema.fields()[0].kind, ColumnType::Integer);
    let wrong = read(&bytes, &[("t", ColumnType::Boolean)])
        .unwrap_err()
        .to_string();
    assert!(
        wrong.starts_with("t.parquet, row 1, column \"t\": expected true or false, got \"7\""),
        "{wrong}"
    );
    let stray = read(&bytes, &[("x", ColumnType::Text)]).unwrap_err().to_string();
    assert!(
        stray.contains("column \"x\"") && stray.contains("\"n\", \"t\", \"d\""),
        "{stray}"
    );
}

#[test]
fn what_a_table_does_not_hold_is_refused_by_the_column_s_name() {
    let number: ArrayRef = Arc::new(Int32Array::from(vec![1]));
    let field = Arc::new(arrow_schema::Field::new("x", arrow_schema::DataType::Int32, true));
    let list = ListArray::from_iter_primitive::<arrow_array::types::Int32Type, _, _>([Some([Some(1)])]);
    for (array, words) in [
        (
            Arc::new(StructArray::from(vec![(field, Arc::clone(&number))])) as ArrayRef,
            "an object in this column",
        ),
        (Arc::new(list), "a list in this column"),
        (
            Arc::new(BinaryArray::from(vec![b"x".as_slice()])),
            "holds bytes; write them as text",
        ),
        (
            Arc::new(Time64MicrosecondArray::from(vec![1])),
            "times without a date",
        ),
        (
            Arc::new(DurationSecondArray::from(vec![1])),
            "holds durations; write them as numbers",
        ),
    ] {
        let told = refusal(&plain(&[("fine", Arc::clone(&number)), ("odd", array)]));
        assert!(
            told.starts_with("t.parquet, column \"odd\": ") && told.contains(words),
            "{told}"
        );
    }
    let twice = refusal(&plain(&[("a", Arc::clone(&number)), (" a", number)]));
    assert!(
        twice.starts_with("t.parquet, column \"a\": this column name is there twice"),
        "{twice}"
    );
    let none = refusal(&plain(&[("a", Arc::new(Int32Array::from(Vec::<i32>::new())))]));
    assert!(none.contains("no rows"), "{none}");
    let long = "x".repeat((1 << 20) + 1);
    let told = refusal(&plain(&[("a", Arc::new(StringArray::from(vec!["x", &long])))]));
    assert!(
        told.starts_with("t.parquet, row 2, column \"a\"") && told.contains("longer than"),
        "{told}"
    );
}

#[test]
fn ten_thousand_columns_are_read_and_one_more_is_not() {
    let names: Vec<String> = (0..10_001).map(|index| format!("c{index}")).collect();
    let number: ArrayRef = Arc::new(Int32Array::from(vec![1]));
    let columns: Vec<_> = names
        .iter()
        .map(|name| (name.as_str(), Arc::clone(&number)))
        .collect();
    let (_, tables) = read(&plain(&columns[..10_000]), &[]).unwrap();
    assert_eq!(tables[0].cell(0, 9_999), Cell::Integer(1));
    assert!(refusal(&plain(&columns)).contains("more than 10000 columns"));
}

#[test]
fn long_texts_make_small_batches() {
    let text = "y".repeat(1 << 20);
    let texts: ArrayRef = Arc::new(StringArray::from(vec![text.as_str(); 40]));
    let (_, tables) = read(&plain(&[("t", texts)]), &[("t", ColumnType::Text)]).unwrap();
    let rows: Vec<usize> = tables.iter().map(Table::rows).collect();
    assert_eq!(rows, [32, 8]);
}

#[test]
fn a_file_that_is_no_whole_parquet_file_is_told_as_what_it_is() {
    let whole = plain(&[("a", Arc::new(Int32Array::from(vec![1, 2, 3])))]);
    assert!(refusal(b"").contains("empty"));
    assert!(refusal(b"a,b\n1,2\n").contains("does not begin with PAR1"));
    assert!(refusal(&[b"PARE", &whole[4..]].concat()).contains("encrypted"));
    for length in 4..whole.len() {
        let told = refusal(&whole[..length]);
        assert!(
            told.contains("ends in the middle") || told.contains("damaged"),
            "{length}: {told}"
        );
    }
}

#[test]
fn no_changed_byte_is_more_than_an_error() {
    let texts: Vec<String> = (0..300).map(|row| format!("text {}", row % 40)).collect();
    let columns: [(&str, ArrayRef); 3] = [
        ("a", Arc::new(Int32Array::from((0..300).collect::<Vec<_>>()))),
        ("t", Arc::new(StringArray::from(texts))),
        (
            "f",
            Arc::new(Float64Array::from(
                (0..300)
                    .map(|row| (row % 7 > 0).then(|| f64::from(row)))
                    .collect::<Vec<_>>(),
            )),
        ),
    ];
    let whole = plain(&columns);
    let mut refused = 0;
    for at in (4..whole.len()).step_by(3) {
        let mut changed = whole.clone();
        changed[at] ^= 1 << (at % 8);
        match read(&changed, &[]) {
            Ok((scanned, tables)) => {
                assert_eq!(
                    tables.iter().map(|table| table.rows() as u64).sum::<u64>(),
                    scanned.rows
                );
            }
            Err(_) => refused += 1,
        }
    }
    assert!(refused > 50, "{refused}");
}
