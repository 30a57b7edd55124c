//! One table in every format is one content.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::Write;
use std::sync::Arc;

use ::parquet::basic::{Compression as Codec, ZstdLevel};
use ::parquet::file::properties::{WriterProperties, WriterVersion};
use arrow_array::types::{Int8Type, Int32Type};
use arrow_array::{
    ArrayRef, BooleanArray, Date32Array, DictionaryArray, Float32Array, Float64Array, Int8Array, Int64Array,
    LargeStringArray, StringArray, TimestampMillisecondArray, TimestampNanosecondArray,
};
use flate2::Compression;
use flate2::write::GzEncoder;

use super::jsonl::JsonlBatches;
use super::parquet::ParquetFile;
use super::parquet::tests::written;
use super::*;
use crate::base::ContentId;
use crate::data::content::ContentHasher;
use crate::data::schema::{ColumnType, Schema};
use crate::data::table::Table;

const ROWS: i64 = 300;

/// Reads a file as the platform does.
pub(crate) fn read(
    name: &str,
    bytes: &[u8],
    options: &ReadOptions,
) -> Result<(ContentId, Schema), SourceError> {
    let bytes: Cow<'static, [u8]> = bytes.to_vec().into();
    let input: Arc<dyn Input> = Arc::new(bytes);
    let text = || Text::new(name, InputReader::new(Arc::clone(&input), 0));
    type Batches = Box<dyn Iterator<Item = Result<Table, SourceError>>>;
    let mut first = text()?;
    let (scanned, batches): (Scanned, Batches) = match first.format(name, options)? {
        Format::Csv => {
            let scanned = scan(name, &mut first, &options.as_csv());
            let scanned = scanned.map_err(|error| first.blame(name, error))?;
            let schema = Arc::new(scanned.schema.clone());
            let batches = CsvBatches::new(name, text()?, &options.as_csv(), schema, 70)?;
            (scanned, Box::new(batches))
        }
        Format::Jsonl => {
            let scanned = jsonl::scan(name, &mut first, &options.types);
            let scanned = scanned.map_err(|error| first.blame(name, error))?;
            let schema = Arc::new(scanned.schema.clone());
            (scanned, Box::new(JsonlBatches::new(name, text()?, schema, 110)?))
        }
        Format::Parquet => {
            let mut file = ParquetFile::open(name, Arc::clone(&input))?;
            let scanned = file.scan(&options.types)?;
            let batches = file.batches(Arc::new(scanned.schema.clone()), 90)?;
            (scanned, Box::new(batches))
        }
    };
    let mut hasher = ContentHasher::new(Arc::new(scanned.schema.clone()));
    for batch in batches {
        hasher.update(&batch?).unwrap();
    }
    assert_eq!(hasher.rows(), scanned.rows);
    Ok((hasher.finish(), scanned.schema))
}

pub(crate) fn packed(content: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

/// The same table as CSV and as JSON lines.
fn as_text() -> (String, String) {
    let (mut csv, mut jsonl) = ("id,size,colour,left,day,at,note,hole\n".to_owned(), String::new());
    for row in 0..ROWS {
        let size = f64::from(row as i32) / 8.0;
        let colour = ["red", "green", "\"blue\", dark"][(row % 3) as usize];
        let left = row % 2 == 0;
        let day = format!("1970-01-{:02}", row % 28 + 1);
        let at = format!("1970-01-01T00:00:{:02}.{:03}", row % 60, row);
        let note = format!("note é {row}");
        let hole = if row % 5 == 0 {
            String::new()
        } else {
            row.to_string()
        };
        let quoted = colour.replace('"', "\"\"");
        csv.push_str(&format!(
            "{row},{size:?},\"{quoted}\",{left},{day},{at},{note},{hole}\n"
        ));
        let object = serde_json::json!({
            "id": row, "size": size, "colour": colour, "left": left, "day": day, "at": at, "note": note,
        });
        let mut line = object.to_string();
        match row % 10 {
            0 => line.insert_str(line.len() - 1, ",\"hole\":null"),
            5 => {}
            _ => line.insert_str(line.len() - 1, &format!(",\"hole\":{row}")),
        }
        jsonl.push_str(&line);
        jsonl.push('\n');
    }
    (csv, jsonl)
}

/// The same table as columns, as wide and named types or as narrow ones.
fn as_columns(rows: std::ops::Range<i64>, is_narrow: bool) -> Vec<(&'static str, ArrayRef)> {
    let all = || rows.clone();
    let colours = || all().map(|row| ["red", "green", "\"blue\", dark"][(row % 3) as usize]);
    let millis = all().map(|row| row % 60 * 1_000 + row);
    let days = all().map(|row| (row % 28) as i32).collect::<Vec<_>>();
    let notes = || all().map(|row| format!("note é {row}")).collect::<Vec<_>>();
    let holes = || all().map(|row| (row % 5 != 0).then_some(row));
    let (colour, at, note, hole, size): (ArrayRef, ArrayRef, ArrayRef, ArrayRef, ArrayRef) = if is_narrow {
        // Levels in an order of their own, of which one is unused.
        let order = StringArray::from(vec!["unused", "green", "\"blue\", dark", "red"]);
        let codes: Int8Array = all().map(|row| Some([3, 1, 2][(row % 3) as usize])).collect();
        (
            Arc::new(DictionaryArray::<Int8Type>::new(codes, Arc::new(order))),
            Arc::new(TimestampMillisecondArray::from(millis.collect::<Vec<_>>())),
            Arc::new(LargeStringArray::from(notes())),
            Arc::new(
                holes()
                    .map(|hole| hole.map(|hole| hole as i32))
                    .collect::<arrow_array::PrimitiveArray<Int32Type>>(),
            ),
            Arc::new(Float32Array::from(
                all().map(|row| row as f32 / 8.0).collect::<Vec<_>>(),
            )),
        )
    } else {
        let nanos: Vec<i64> = millis.map(|millis| millis * 1_000_000).collect();
        (
            Arc::new(StringArray::from_iter_values(colours())),
            Arc::new(TimestampNanosecondArray::from(nanos).with_timezone("UTC")),
            Arc::new(StringArray::from(notes())),
            Arc::new(holes().collect::<Int64Array>()),
            Arc::new(Float64Array::from(
                all().map(|row| row as f64 / 8.0).collect::<Vec<_>>(),
            )),
        )
    };
    vec![
        ("id", Arc::new(Int64Array::from(all().collect::<Vec<_>>()))),
        ("size", size),
        ("colour", colour),
        (
            "left",
            Arc::new(BooleanArray::from(
                all().map(|row| row % 2 == 0).collect::<Vec<_>>(),
            )),
        ),
        ("day", Arc::new(Date32Array::from(days))),
        ("at", at),
        ("note", note),
        ("hole", hole),
    ]
}

#[test]
fn one_table_is_one_content_in_every_format() {
    let (csv, jsonl) = as_text();
    let options = ReadOptions::default();
    let (expected, schema) = read("t.csv", csv.as_bytes(), &options).unwrap();
    use ColumnType::{Boolean, Category, Integer, Number, Text, Timestamp};
    let kinds: Vec<_> = schema.fields().iter().map(|field| field.kind).collect();
    assert_eq!(
        kinds,
        [
            Integer, Number, Category, Boolean, Timestamp, Timestamp, Text, Integer
        ]
    );
    let members = [packed(&csv.as_bytes()[..1_000]), packed(&csv.as_bytes()[1_000..])].concat();
    let wide = as_columns(0..ROWS, false);
    let narrow = as_columns(0..ROWS, true);
    let (first, second) = (as_columns(0..130, true), as_columns(130..ROWS, true));
    let properties = WriterProperties::builder;
    let small_pages = properties()
        .set_writer_version(WriterVersion::PARQUET_2_0)
        .set_compression(Codec::ZSTD(ZstdLevel::default()))
        .set_data_page_row_count_limit(20)
        .set_write_batch_size(10)
        .build();
    let unadorned = properties()
        .set_dictionary_enabled(false)
        .set_compression(Codec::GZIP(Default::default()))
        .build();
    let snappy = properties().set_compression(Codec::SNAPPY).build();
    let files: [(&str, Vec<u8>); 10] = [
        ("t.csv.gz", packed(csv.as_bytes())),
        ("whatever it is called", members),
        ("t.jsonl", jsonl.clone().into()),
        ("standard input", jsonl.clone().into()),
        ("t.ndjson.gz", packed(jsonl.as_bytes())),
        (
            "wide.parquet",
            written(&[&wide], WriterProperties::default(), true),
        ),
        ("narrow.parquet", written(&[&narrow], small_pages, true)),
        ("groups.parquet", written(&[&first, &second], snappy, true)),
        ("unadorned", written(&[&narrow], unadorned, false)),
        (
            "lz4.csv",
            written(
                &[&wide],
                properties().set_compression(Codec::LZ4_RAW).build(),
                false,
            ),
        ),
    ];
    for (name, bytes) in files {
        let (id, found) = read(name, &bytes, &options).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(found, schema, "{name}");
        assert_eq!(id, expected, "{name}");
    }
}

#[test]
fn a_format_that_is_declared_goes_before_what_a_file_seems_to_be() {
    let declared = |format| ReadOptions {
        format: Some(format),
        ..ReadOptions::default()
    };
    let told =
        |name: &str, bytes: &[u8], options: &ReadOptions| read(name, bytes, options).unwrap_err().to_string();
    let (csv, jsonl) = as_text();
    let parquet = written(&[&as_columns(0..9, true)], WriterProperties::default(), true);
    assert!(
        told("t.csv", csv.as_bytes(), &declared(Format::Jsonl)).contains("t.csv, line 1: this is not JSON")
    );
    assert!(told("t.csv", csv.as_bytes(), &declared(Format::Parquet)).contains("not Parquet"));
    assert!(told("t.csv", &parquet, &declared(Format::Csv)).contains("this is a Parquet file, not CSV"));
    assert!(
        told("t.csv", &parquet, &declared(Format::Jsonl)).contains("not JSON lines; leave the format out")
    );
    assert!(read("t.csv", jsonl.as_bytes(), &declared(Format::Jsonl)).is_ok());
    let twice = packed(&packed(csv.as_bytes()));
    assert!(told("t.csv.gz", &twice, &ReadOptions::default()).contains("another one inside of a gzip file"));
    let inside = told("t.parquet.gz", &packed(&parquet), &ReadOptions::default());
    assert!(
        inside.contains("a Parquet file inside of a gzip file; unpack it first"),
        "{inside}"
    );
    let semicolon = ReadOptions {
        csv: CsvOptions {
            delimiter: b';',
            ..CsvOptions::default()
        },
        ..ReadOptions::default()
    };
    assert!(
        told("t.jsonl", jsonl.as_bytes(), &semicolon).contains("the options under csv say how CSV is read")
    );
}

#[test]
fn a_packed_file_that_breaks_off_is_told_as_that() {
    let (csv, jsonl) = as_text();
    for (name, text) in [("t.csv", csv), ("t.jsonl", jsonl)] {
        let whole = packed(text.as_bytes());
        let cut = read(name, &whole[..whole.len() / 2], &ReadOptions::default()).unwrap_err();
        assert_eq!(
            cut.to_string(),
            format!("{name}: the gzip file ends in the middle; copy it again, or pack it again")
        );
        let mut changed = whole.clone();
        changed[whole.len() / 2] ^= 0xff;
        let told = read(name, &changed, &ReadOptions::default())
            .unwrap_err()
            .to_string();
        assert!(told.starts_with(&format!("{name}: the gzip file ")), "{told}");
        let mut short = [text.as_bytes(), b"\n{\"ragged\n"].concat();
        short.truncate(short.len() - 1);
        let ragged = read(name, &packed(&short), &ReadOptions::default())
            .unwrap_err()
            .to_string();
        assert!(
            ragged.starts_with(&format!("{name}, line 30")),
            "a whole file is not blamed: {ragged}"
        );
    }
}

#[test]
fn types_are_declared_for_every_format_alike() {
    let types = BTreeMap::from([
        ("id".to_owned(), ColumnType::Text),
        ("colour".to_owned(), ColumnType::Text),
    ]);
    let options = ReadOptions {
        types,
        ..ReadOptions::default()
    };
    let (csv, jsonl) = as_text();
    let parquet = written(&[&as_columns(0..ROWS, true)], WriterProperties::default(), true);
    let (expected, schema) = read("t.csv", csv.as_bytes(), &options).unwrap();
    assert_eq!(schema.fields()[0].kind, ColumnType::Text);
    for (name, bytes) in [("t.jsonl", jsonl.as_bytes()), ("t.parquet", &parquet)] {
        assert_eq!(read(name, bytes, &options).unwrap().0, expected, "{name}");
    }
    let old = ReadOptions::of_csv(options.as_csv());
    assert_eq!(read("t.csv", csv.as_bytes(), &old).unwrap().0, expected);
}
