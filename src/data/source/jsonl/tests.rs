use std::sync::Arc;

use super::*;
use crate::data::cell::Cell;
use crate::data::source::{Place, Reason};
use crate::data::table::Table;

fn types(declared: &[(&str, ColumnType)]) -> BTreeMap<String, ColumnType> {
    declared
        .iter()
        .map(|&(name, kind)| (name.to_owned(), kind))
        .collect()
}

fn table_of(text: &str, declared: &[(&str, ColumnType)]) -> Table {
    let scanned = scan("t.jsonl", text.as_bytes(), &types(declared)).unwrap();
    let schema = Arc::new(scanned.schema);
    let mut whole = Table::empty(Arc::clone(&schema));
    for batch in JsonlBatches::new("t.jsonl", text.as_bytes(), schema, 2).unwrap() {
        let batch = batch.unwrap();
        assert!(batch.rows() <= 2);
        whole.append(batch).unwrap();
    }
    assert_eq!(whole.rows() as u64, scanned.rows);
    whole
}

fn refusal(text: impl AsRef<[u8]>) -> String {
    scan("t.jsonl", text.as_ref(), &BTreeMap::new())
        .unwrap_err()
        .to_string()
}

#[test]
fn columns_are_all_keys_and_what_a_line_does_not_have_is_missing() {
    let table = table_of(
        "\u{feff}{\"a\": 1, \"b\": true}\n\n  {\"c\": \"x\", \"a\": null}\r\n{\"b\": false, \"a\": 3, \"c\": \"\\u00e9\\n\"}",
        &[],
    );
    let columns: Vec<_> = table
        .schema()
        .fields()
        .iter()
        .map(|field| (field.name.as_str(), field.kind, field.missing))
        .collect();
    assert_eq!(
        columns,
        [
            ("a", ColumnType::Integer, true),
            ("b", ColumnType::Boolean, true),
            ("c", ColumnType::Category, true),
        ]
    );
    assert_eq!(table.cell(0, 2), Cell::Missing);
    assert_eq!(
        (table.cell(1, 0), table.cell(1, 1)),
        (Cell::Missing, Cell::Missing)
    );
    assert_eq!(table.cell(2, 2), Cell::text("é\n"));
}

#[test]
fn types_are_those_of_json_and_what_strings_are() {
    let text = (0..60)
        .map(|row| {
            format!(
                "{{\"whole\": {row}, \"number\": {row}.5, \"mixed\": {}, \"when\": \"2026-01-{:02}\", \"zip\": \"0{}\", \"note\": \"n {row}\", \"none\": null}}\n",
                if row == 7 { "1e3".to_owned() } else { row.to_string() },
                row % 28 + 1,
                row % 5,
            )
        })
        .collect::<String>();
    let kinds: Vec<_> = table_of(&text, &[])
        .schema()
        .fields()
        .iter()
        .map(|field| field.kind)
        .collect();
    use ColumnType::{Category, Integer, Number, Text, Timestamp};
    assert_eq!(
        kinds,
        [Integer, Number, Number, Timestamp, Category, Text, Number]
    );
    let declared = table_of(&text, &[("zip", Integer), ("whole", Text), ("note", Category)]);
    assert_eq!(declared.cell(3, 4), Cell::Integer(3));
    assert_eq!(declared.cell(3, 0), Cell::text("3"));
    assert_eq!(declared.schema().fields()[5].kind, Category);
}

#[test]
fn every_bad_line_is_refused_with_place_and_remedy() {
    let cases: [(&[u8], &[&str]); 21] = [
        (b"", &["t.jsonl: ", "empty"]),
        (b"\n \n", &["empty"]),
        (b"{}\n{}\n", &["no object has a key"]),
        (
            b"{\"a\": 1}\n[1, 2]\n",
            &["line 2", "got a list", "orient=\"records\", lines=True"],
        ),
        (b"{\"a\": 1}\n\n7\n", &["line 3", "got a number"]),
        (b"{\n  \"a\": 1\n}\n", &["line 1", "does not end on its line"]),
        (
            b"{\"a\": 1}\n{\"a\": 1\n",
            &["line 2", "does not end on its line"],
        ),
        ("{\"é\": 1, b: 2}\n".as_bytes(), &["line 1", "character 10"]),
        (
            b"{\"a\": 1} {\"a\": 2}\n",
            &["line 1", "trailing", "character 10"],
        ),
        (b"{\"a\": NaN}\n", &["line 1", "no NaN; write null"]),
        (b"{\"a\": -Infinity}\n", &["line 1", "no Infinity; write null"]),
        (
            b"{\"a\": {\"b\": 1}}\n",
            &["line 1", "column \"a\"", "an object", "cell"],
        ),
        (
            b"{\"a\": 1}\n{\"a\": [1]}\n",
            &["line 2", "column \"a\"", "a list"],
        ),
        (
            b"{\"a\": 1, \"b\": 2, \"a\": 3}\n",
            &["line 1", "column \"a\"", "twice"],
        ),
        (b"{\"a\": 1, \"a \": 3}\n", &["line 1", "column \"a\"", "twice"]),
        (b"{\"\": 1}\n", &["line 1", "no name"]),
        (b"{\"a\": \"x\xff\"}\n", &["line 1", "UTF-8"]),
        (b"{\"a\": 1}\n\0\n", &["line 2", "zero byte"]),
        (b"PK\x03\x04", &["ZIP", "not JSON lines"]),
        (
            b"{\"a\": 99999999999999999999}\n",
            &["line 1", "column \"a\"", "64 bits"],
        ),
        (
            b"{\"a\": 1.5}\n{\"a\": 1e999}\n",
            &["line 2", "column \"a\"", "1e999"],
        ),
    ];
    for (text, expected) in cases {
        let told = refusal(text);
        for part in expected {
            assert!(told.contains(part), "{told:?} should say {part:?}");
        }
    }
    let surrogate = refusal(b"{\"a\": \"\\ud800\"}\n");
    assert!(
        surrogate.contains("line 1, column \"a\": this is not JSON"),
        "{surrogate}"
    );
    let long = refusal(format!("{{\"a\": 1}}\n{{\"a\": \"{}\"}}\n", "x".repeat(1 << 20)));
    assert!(
        long.contains("line 2, column \"a\"") && long.contains("longer than"),
        "{long}"
    );
    let stray = scan("t.jsonl", &b"{\"a\": 1}"[..], &types(&[("b", ColumnType::Text)])).unwrap_err();
    assert!(stray.to_string().contains("column \"b\""), "{stray}");
    let wrong = scan(
        "t.jsonl",
        &b"{\"a\": 1}\n{\"a\": \"x\"}"[..],
        &types(&[("a", ColumnType::Number)]),
    );
    assert!(
        wrong
            .unwrap_err()
            .to_string()
            .contains("line 2, column \"a\": expected a number")
    );
}

#[test]
fn a_line_without_an_end_does_not_fill_the_memory() {
    struct Endless(u64);
    impl Read for Endless {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            self.0 += buffer.len() as u64;
            assert!(self.0 < 200 << 20, "it is read on and on");
            buffer.fill(b'1');
            Ok(buffer.len())
        }
    }
    let told = scan("t.jsonl", Endless(0), &BTreeMap::new())
        .unwrap_err()
        .to_string();
    assert!(
        told.contains("line 1: this line is longer than 67108864 bytes"),
        "{told}"
    );
}

#[test]
fn ten_thousand_columns_are_read_and_one_more_is_not() {
    let line = |columns: usize| {
        let entries: Vec<String> = (0..columns)
            .map(|column| format!("\"c{column}\": {column}"))
            .collect();
        format!("{{{}}}\n", entries.join(", "))
    };
    let table = table_of(&line(10_000), &[]);
    assert_eq!(table.cell(0, 9_999), Cell::Integer(9_999));
    let told = refusal(line(10_001));
    assert!(
        told.contains("line 1") && told.contains("more than 10000 columns"),
        "{told}"
    );
}

#[test]
fn doubts_are_told_with_their_lines() {
    let found = scan(
        "t.jsonl",
        &b"{\"a\": 1}\n\n{\"a\": \"?\"}\n{\"b\": \"1,234\"}\n"[..],
        &BTreeMap::new(),
    );
    let doubts = found.unwrap().doubts;
    let of = |at: usize| (doubts[at].column.as_str(), doubts[at].place, doubts[at].reason);
    assert_eq!(of(0), ("a", Place::Line(3), Reason::Unlike(ColumnType::Integer)));
    assert_eq!(of(1), ("b", Place::Line(4), Reason::Thousands));
    assert!(doubts[0].to_string().ends_with("write null"));
}

#[test]
fn a_row_s_line_is_the_one_in_the_file() {
    let text = b"\n{\"a\": 1}\n\n{\"a\": 2}";
    let lines = lines_of("t.jsonl", &text[..], &[(3, 0), (1, 0), (2, 0), (2, 1)]).unwrap();
    assert_eq!(lines, [None, Some(2), Some(4), Some(4)]);
}

#[test]
fn a_file_that_changed_between_its_readings_is_refused() {
    let schema = Arc::new(
        scan("t.jsonl", &b"{\"a\": 1}"[..], &BTreeMap::new())
            .unwrap()
            .schema,
    );
    for second in ["{\"b\": 1}", "{}", "{\"a\": 1, \"a\": 2}"] {
        let mut batches = JsonlBatches::new("t.jsonl", second.as_bytes(), Arc::clone(&schema), 10).unwrap();
        let told = batches.next().unwrap().unwrap_err().to_string();
        assert!(told.contains("changed"), "{told}");
    }
}
