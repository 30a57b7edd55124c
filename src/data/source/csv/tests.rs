use std::sync::Arc;

use super::*;
use crate::data::cell::Cell;
use crate::data::content::ContentHasher;
use crate::data::schema::{Field, Schema};
use crate::data::table::Table;

mod doubts;
mod properties;

fn scanned(csv: impl AsRef<[u8]>) -> Result<Scanned, SourceError> {
    scan("t.csv", csv.as_ref(), &CsvOptions::default())
}

fn refusal(csv: impl AsRef<[u8]>) -> String {
    scanned(csv).unwrap_err().to_string()
}

fn typed(csv: &str, types: &[(&str, ColumnType)]) -> Result<Scanned, SourceError> {
    let types = types
        .iter()
        .map(|&(name, kind)| (name.to_owned(), kind))
        .collect();
    scan(
        "t.csv",
        csv.as_bytes(),
        &CsvOptions {
            types,
            ..CsvOptions::default()
        },
    )
}

fn table(csv: impl AsRef<[u8]>, options: &CsvOptions, batch_rows: usize) -> Table {
    let csv = csv.as_ref();
    let schema = Arc::new(scan("t.csv", csv, options).unwrap().schema);
    let mut whole = Table::empty(schema.clone());
    for batch in CsvBatches::new("t.csv", csv, options, schema, batch_rows).unwrap() {
        let batch = batch.unwrap();
        assert!(batch.rows() <= batch_rows);
        whole.append(batch).unwrap();
    }
    whole
}

/// A reader that gives one byte at a time.
struct Trickle<'a>(&'a [u8]);

impl Read for Trickle<'_> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let (Some((&byte, rest)), Some(place)) = (self.0.split_first(), into.first_mut()) else {
            return Ok(0);
        };
        *place = byte;
        self.0 = rest;
        Ok(1)
    }
}

#[test]
fn types_are_inferred_from_all_rows() {
    let many: Vec<String> = (0..50).map(|i| format!("name {i}")).collect();
    let half: Vec<String> = (0..50).map(|i| format!("name {}", i / 2)).collect();
    let repeat = |values: &[&str]| values.iter().map(|&value| value.to_owned()).collect::<Vec<_>>();
    let cases = [
        (repeat(&["1", "-2", "+3"]), ColumnType::Integer),
        (repeat(&["1", "2.5", "3"]), ColumnType::Number),
        (repeat(&["1", "", "1e3"]), ColumnType::Number),
        (repeat(&["true", "FALSE", "NA"]), ColumnType::Boolean),
        (repeat(&["true", "1"]), ColumnType::Category),
        (
            repeat(&["2026-01-31", "2026-01-31T10:00:00Z"]),
            ColumnType::Timestamp,
        ),
        (repeat(&["2026-01-31", "5"]), ColumnType::Category),
        (repeat(&["a", "b"]), ColumnType::Category),
        (repeat(&["1", "2", "x"]), ColumnType::Category),
        (repeat(&["", "NaN", "null"]), ColumnType::Number),
        (repeat(&["inf", "1"]), ColumnType::Category),
        (many, ColumnType::Text),
        (half, ColumnType::Category),
    ];
    for (values, expected) in cases {
        let csv = format!(
            "k,c\n{}",
            values
                .iter()
                .map(|value| format!("0,{value}\n"))
                .collect::<String>()
        );
        let field = scanned(&csv).unwrap().schema.fields()[1].clone();
        assert_eq!(field.kind, expected, "{values:?}");
        let options = CsvOptions::default();
        let missing = values
            .iter()
            .filter(|value| Missing::new(&options).has(value))
            .count();
        assert_eq!(field.missing, missing > 0, "{values:?}");
        let table = table(&csv, &options, 7);
        let cells = (0..table.rows())
            .filter(|&row| table.cell(row, 1).is_missing())
            .count();
        assert_eq!((table.rows(), cells), (values.len(), missing));
    }
}

#[test]
fn too_many_different_texts_are_no_category() {
    let csv = |different: usize| {
        let rows = (0..4000)
            .map(|row| format!("level {}\n", row % different))
            .collect::<String>();
        format!("c\n{rows}")
    };
    assert_eq!(
        scanned(csv(1000)).unwrap().schema.fields()[0].kind,
        ColumnType::Category
    );
    assert_eq!(
        scanned(csv(1001)).unwrap().schema.fields()[0].kind,
        ColumnType::Text
    );
}

#[test]
fn a_type_that_hangs_on_few_values_is_told() {
    let found = scanned("a,b\n1,x\n2,y\n?,z\n4,w\n").unwrap();
    let doubt = Doubt {
        column: "a".into(),
        kind: ColumnType::Category,
        place: Place::Line(4),
        got: "?".into(),
        reason: Reason::Unlike(ColumnType::Integer),
        format: Format::Csv,
    };
    assert_eq!(found.doubts, [doubt]);
}

#[test]
fn a_declared_type_goes_before_inference() {
    let csv = "zip,when,flag,note\n007,2026-01-31,1,a\n008,,0,b\n";
    let found = typed(
        csv,
        &[
            ("zip", ColumnType::Category),
            ("flag", ColumnType::Boolean),
            ("note", ColumnType::Text),
        ],
    );
    let schema = found.unwrap().schema;
    assert_eq!(schema.fields()[0], Field::category("zip", ["007", "008"]));
    assert_eq!(
        schema.fields()[1],
        Field::new("when", ColumnType::Timestamp).with_missing()
    );
    assert_eq!(schema.fields()[2].kind, ColumnType::Boolean);
    assert_eq!(schema.fields()[3].kind, ColumnType::Text);
}

#[test]
fn every_bad_file_is_refused_with_place_and_remedy() {
    let long = "x".repeat((1 << 20) + 1);
    let open = format!("a,b\n1,2\n3,\"{}", "x\n".repeat(2 << 20));
    let wide = format!(
        "{}\n",
        (0..10_001).map(|i| i.to_string()).collect::<Vec<_>>().join(",")
    );
    let cases: [(&[u8], &[&str]); 30] = [
        (b"", &["t.csv: ", "empty"]),
        (b"\xef\xbb\xbf", &["empty"]),
        (b"\n\r\n\n", &["empty"]),
        (b"a,b\n", &["no rows"]),
        (b"a,b", &["no rows"]),
        (b"a,b\n1,2\n3\n", &["line 3", "1 field, ", "2 columns", "quote"]),
        (b"a,b\n1,2\n\n\n3,4,5\n", &["line 5", "3 fields"]),
        (b"a,b\r\n\"x\r\ny\",2\r\n3\r\n", &["line 4", "1 field, "]),
        (b"a,b\n1,2\n1,\"x\ny\xff\"\n", &["line 3", "UTF-8"]),
        (b"a,b\n1,\xc3\n", &["line 2", "UTF-8"]),
        (b"a,b\n\xc3,\xa9\n", &["line 2", "UTF-8"]),
        (b"a\xff,b\n1,2\n", &["line 1", "UTF-8"]),
        (b"a,b\n1,2\nx\0,3\n", &["line 3", "zero byte"]),
        (b"BZh91AY", &["bzip2", "unpack"]),
        (b"PK\x03\x04\x14\0", &["ZIP or Excel", "CSV"]),
        (b"PAR1\x15\x04", &["a Parquet file", "declare it as parquet"]),
        (b"%PDF-1.7\n", &["PDF"]),
        (b"\xff\xfea\0,\0b\0", &["UTF-16", "UTF-8"]),
        (b"a,b,a\n1,2,3\n", &["line 1", "column \"a\"", "twice"]),
        (b"a,,c\n1,2,3\n", &["line 1", "column 2", "no name"]),
        (
            b"a,b\n1,2\n1,9223372036854775808\n",
            &["line 3", "column \"b\"", "9223372036854775808", "64 bits", "text"],
        ),
        (b"a,b\n1.5,2\n\n1e999,2\n", &["line 4", "column \"a\"", "1e999"]),
        (b"a,b\n1,2\n3,\"4\n", &["line 3", "never closed"]),
        (b"\"a,b\n1,2\n", &["line 1", "never closed"]),
        (open.as_bytes(), &["line 3", "longer than 1048576 bytes"]),
        (
            "ação,b\n99999999999999999999,1\n".as_bytes(),
            &["column \"ação\""],
        ),
        (wide.as_bytes(), &["line 1", "more than 10000 columns"]),
        (b"a\n\"", &["line 2", "never closed"]),
        (b"\x89PNG\r\n\x1a\n", &["picture"]),
        (b"SQLite format 3\0", &["SQLite"]),
    ];
    for (csv, expected) in cases {
        let message = refusal(csv);
        for part in expected {
            assert!(message.contains(part), "{message:?} should say {part:?}");
        }
    }
    let message = refusal(format!("a,b\n1,2\n{long},2\n"));
    assert!(
        message.contains("line 3") && message.contains("longer than"),
        "{message}"
    );
    // Just short enough.
    assert!(scanned(format!("a,b\n{},2\n", &long[1..])).is_ok());
}

#[test]
fn a_declared_type_that_is_not_met_is_refused_at_its_line() {
    let message = |csv: &str, kind| typed(csv, &[("b", kind)]).unwrap_err().to_string();
    let bad = message("a,b\n1,2\n1,\"x\n\"\n", ColumnType::Number);
    assert!(
        bad.starts_with("t.csv, line 3, column \"b\": expected a number"),
        "{bad}"
    );
    assert!(message("a,b\n1,2.5\n", ColumnType::Integer).contains("got \"2.5\""));
    assert!(message("a,b\n1,maybe\n", ColumnType::Boolean).contains("true or false"));
    assert!(message("a,b\n1,31/01/2026\n", ColumnType::Timestamp).contains("2026-01-31"));
    assert!(message("a,b\n1,9999999999999999999\n", ColumnType::Integer).contains("64 bits"));
    let stray = typed("a,b\n1,2\n", &[("c", ColumnType::Text)])
        .unwrap_err()
        .to_string();
    assert!(
        stray.contains("column \"c\"") && stray.contains("\"a\", \"b\""),
        "{stray}"
    );
}

#[test]
fn a_number_too_big_for_its_first_look_is_fine_where_the_column_allows_it() {
    let found = scanned("a,b\n12345678901234567890,12345678901234567890\n1.5,x\n").unwrap();
    assert_eq!(found.schema.fields()[0].kind, ColumnType::Number);
    assert_eq!(found.schema.fields()[1].kind, ColumnType::Category);
}

#[test]
fn spreadsheets_write_marks_and_line_ends_of_their_own() {
    let plain = table(
        "nome,ação\n1,\"a, b\"\n2,\"diz \"\"oi\"\"\"\n",
        &CsvOptions::default(),
        10,
    );
    let theirs = "\u{feff}nome,ação\r\n1,\"a, b\"\r\n\r\n2,\"diz \"\"oi\"\"\"";
    assert_eq!(table(theirs, &CsvOptions::default(), 10), plain);
    assert_eq!(plain.cell(1, 1), Cell::text("diz \"oi\""));
    assert_eq!(plain.schema().fields()[1].name, "ação");
    let trickled = scan("t.csv", Trickle(theirs.as_bytes()), &CsvOptions::default()).unwrap();
    assert_eq!(&trickled.schema, plain.schema().as_ref());
}

#[test]
fn another_delimiter_and_other_marks_of_missing_are_options() {
    let options: CsvOptions = toml::from_str("delimiter = \";\"\nmissing = [\"?\"]").unwrap();
    let table = table("a;b\n1,5;x\n?;NA\n", &options, 10);
    assert_eq!(table.cell(0, 0), Cell::text("1,5"));
    assert_eq!(
        (table.cell(1, 0), table.cell(1, 1)),
        (Cell::Missing, Cell::text("NA"))
    );
    assert!(toml::from_str::<CsvOptions>("delimiter = \"é\"").is_err());
    assert!(toml::from_str::<CsvOptions>("delimeter = \";\"").is_err());
    let quote = CsvOptions {
        delimiter: b'"',
        ..CsvOptions::default()
    };
    assert!(
        scan("t.csv", &b"a\n1\n"[..], &quote)
            .unwrap_err()
            .to_string()
            .contains("delimiter")
    );
    let json = serde_json::to_string(&options).unwrap();
    assert_eq!(serde_json::from_str::<CsvOptions>(&json).unwrap(), options);
}

#[test]
fn ten_thousand_columns_are_read() {
    let line = |cell: fn(usize) -> String| (0..10_000).map(cell).collect::<Vec<_>>().join(",");
    let csv = format!(
        "{}\n{}\n{}\n",
        line(|i| format!("c{i}")),
        line(|i| i.to_string()),
        line(|_| "NA".into())
    );
    let table = table(&csv, &CsvOptions::default(), 1);
    assert_eq!((table.rows(), table.columns().len()), (2, 10_000));
    assert_eq!(table.cell(0, 9_999), Cell::Integer(9_999));
    assert_eq!(table.cell(1, 9_999), Cell::Missing);
}

#[test]
fn a_file_that_changed_between_its_readings_is_refused() {
    let schema = Arc::new(scanned("a,b\n1,x\n").unwrap().schema);
    let second = |csv: &str| {
        let options = CsvOptions::default();
        let batches = CsvBatches::new("t.csv", csv.as_bytes(), &options, schema.clone(), 10);
        batches
            .and_then(|mut batches| batches.next().unwrap())
            .unwrap_err()
            .to_string()
    };
    assert!(second("a,c\n1,x\n").contains("changed"));
    assert!(second("a,b\n1,z\n").contains("line 2, column \"b\""));
    assert!(second("a,b\n,x\n").contains("changed"));
    assert!(second("a,b\n1.5,x\n").contains("expected a whole number"));
}

#[test]
fn the_spelling_of_a_table_is_not_its_content() {
    let id = |csv: &str| {
        let table = table(csv, &CsvOptions::default(), 2);
        let mut hasher = ContentHasher::new(table.schema().clone());
        hasher.update(&table).unwrap();
        hasher.finish()
    };
    let plain = id("n,c,t\n1.0,x,2026-01-31\n2.5,y,2026-02-01\n-0.0,,\n");
    assert_eq!(
        plain,
        id("\"n\",c,t\r\n1.00,\"x\",2026-01-31T00:00:00Z\r\n25e-1,y,2026-02-01 00:00\r\n0.0,NA,null\r\n")
    );
    assert_ne!(plain, id("n,c,t\n1.0,x,2026-01-31\n2.5,x,2026-02-01\n-0.0,,\n"));
}

#[test]
fn long_texts_make_small_batches() {
    let text = "y".repeat(1 << 20);
    let csv = format!("t\n{}", format!("{text}\n").repeat(40));
    let options = CsvOptions {
        types: [("t".into(), ColumnType::Text)].into(),
        ..CsvOptions::default()
    };
    let schema = Arc::new(scan("t.csv", csv.as_bytes(), &options).unwrap().schema);
    let batches = CsvBatches::new("t.csv", csv.as_bytes(), &options, schema, 1000).unwrap();
    let rows: Vec<usize> = batches.map(|batch| batch.unwrap().rows()).collect();
    assert_eq!(rows, [32, 8]);
}

#[test]
fn a_declared_category_has_its_limit_too() {
    let csv = format!(
        "c\n{}",
        (0..=Schema::MAX_LEVELS)
            .map(|i| format!("{i}\n"))
            .collect::<String>()
    );
    let message = typed(&csv, &[("c", ColumnType::Category)])
        .unwrap_err()
        .to_string();
    assert!(
        message.contains("line 65538, column \"c\"") && message.contains("declare the column as \"text\"")
    );
}
