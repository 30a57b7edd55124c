use std::sync::Arc;

use super::*;
use crate::data::source::{CsvBatches, CsvOptions, scan};

const TABLE: &str = "id,age,plan,when,score,note
1,20,gold,2026-01-01,0.5,AB
2,-1,basic,2026-01-03,,CD
3,150,gold,2026-01-02,1.5,ef
3,40,silver,2026-01-04,-2,GH
5,30,basic,2026-01-05,0.25,x9
";

/// TOML as a recipe has it below its first keys.
fn read(toml: &str) -> Vec<Expectation> {
    #[derive(Deserialize)]
    struct Part {
        expectations: Vec<Expectation>,
    }
    toml::from_str::<Part>(toml).unwrap().expectations
}

fn check_in_batches(toml: &str, csv: &str, rows: usize) -> Result<CheckReport, ExpectationError> {
    let options = CsvOptions {
        types: [("note".to_owned(), ColumnType::Text)].into(),
        ..CsvOptions::default()
    };
    let schema = Arc::new(scan("t.csv", csv.as_bytes(), &options).unwrap().schema);
    let mut checker = Checker::new(&read(toml), Arc::clone(&schema))?;
    for batch in CsvBatches::new("t.csv", csv.as_bytes(), &options, schema, rows).unwrap() {
        checker.see(&batch.unwrap()).unwrap();
    }
    Ok(checker.finish())
}

fn check(toml: &str) -> CheckReport {
    check_in_batches(toml, TABLE, 8192).unwrap()
}

fn told(toml: &str) -> Vec<String> {
    let report = check(toml);
    report.violations.iter().map(Violation::to_string).collect()
}

#[test]
fn every_violation_is_told_with_its_count_and_rows() {
    let toml = r#"
[[expectations]]
column = "id"
type = "integer"
unique = true
monotone = "increasing"
[[expectations]]
column = "age"
min = 0
max = 120
[[expectations]]
column = "plan"
type = "text"
in_set = ["gold", "basic"]
pattern = "^[a-z]+$"
[[expectations]]
column = "when"
type = "timestamp"
min = 2026-01-02
max = "2026-01-04T12:00:00Z"
monotone = "strictly_increasing"
[[expectations]]
column = "score"
not_null = true
max = 1
[[expectations]]
column = "note"
pattern = "^[A-Z]{2}$"
[[expectations]]
rows = { min = 6 }
"#;
    let expected = [
        r#"column "id" should be unique, but 2 of 5 cells are not (40%): 3 (row 4)"#,
        r#"column "age" should be at least 0, but 1 of 5 cells is not (20%): -1 (row 2)"#,
        r#"column "age" should be at most 120, but 1 of 5 cells is not (20%): 150 (row 3)"#,
        r#"column "plan" should be one of "gold", "basic", but 1 of 5 cells is not (20%): "silver" (row 4)"#,
        r#"column "when" should be at least "2026-01-02", but 1 of 5 cells is not (20%): 2026-01-01T00:00:00Z (row 1)"#,
        r#"column "when" should be at most "2026-01-04T12:00:00Z", but 1 of 5 cells is not (20%): 2026-01-05T00:00:00Z (row 5)"#,
        r#"column "when" should be strictly increasing, but 1 of 5 cells is not (20%): 2026-01-02T00:00:00Z (row 3)"#,
        r#"column "score" should be present, but 1 of 5 cells is not (20%): nothing (row 2)"#,
        r#"column "score" should be at most 1, but 1 of 4 cells is not (25%): 1.5 (row 3)"#,
        r#"column "note" should be a match of ^[A-Z]{2}$, but 2 of 5 cells are not (40%): "ef" (row 3), "x9" (row 5)"#,
        "there should be at least 6 rows, but there are 5",
    ];
    assert_eq!(told(toml), expected);
    let report = check(toml);
    assert_eq!((report.rows, report.checked, report.is_success()), (5, 16, false));
    for rows in [1, 2, 3] {
        assert_eq!(check_in_batches(toml, TABLE, rows).unwrap(), report);
    }
}

#[test]
fn what_is_as_expected_is_not_told() {
    let toml = r#"
[[expectations]]
columns = ["id", "age"]
type = "number"
not_null = true
min = -1
max = 150
mostly = 0.8
[[expectations]]
column = "score"
not_null = { max_missing = 0.2 }
in_set = [0.5, 1.5, -2, 0.25]
[[expectations]]
column = "when"
monotone = "increasing"
mostly = 0.8
[[expectations]]
column = "id"
monotone = "increasing"
[[expectations]]
rows = { min = 5, max = 5 }
"#;
    assert_eq!(told(toml), Vec::<String>::new());
    assert!(check(toml).is_success());
}

#[test]
fn a_tolerated_share_is_tolerated_and_one_more_is_not() {
    let age = |mostly: &str| {
        told(&format!(
            "[[expectations]]\ncolumn = \"age\"\nmax = 120\nmostly = {mostly}\n"
        ))
    };
    assert_eq!(age("0.8"), Vec::<String>::new());
    assert_eq!(
        age("0.81"),
        [
            r#"column "age" should be at most 120 in all but 19% of the cells, but 1 of 5 cells is not (20%): 150 (row 3)"#
        ]
    );
    let csv: String = (0..100).fold("x,y\n".to_owned(), |csv, row| {
        csv + if row == 7 { "1,\n" } else { "1,2\n" }
    });
    let missing = |share: &str| {
        let toml = format!("[[expectations]]\ncolumn = \"y\"\nnot_null = {{ max_missing = {share} }}\n");
        let options = CsvOptions::default();
        let schema = Arc::new(scan("t.csv", csv.as_bytes(), &options).unwrap().schema);
        let mut checker = Checker::new(&read(&toml), Arc::clone(&schema)).unwrap();
        for batch in CsvBatches::new("t.csv", csv.as_bytes(), &options, schema, 30).unwrap() {
            checker.see(&batch.unwrap()).unwrap();
        }
        checker.finish().is_success()
    };
    assert!(missing("0.01"));
    assert!(!missing("0.009"));
}

#[test]
fn a_warning_is_told_and_is_no_failure() {
    let report = check("[[expectations]]\ncolumn = \"age\"\nmin = 0\nseverity = \"warn\"\n");
    assert_eq!((report.violations.len(), report.is_success()), (1, true));
    assert_eq!(report.of_severity(Severity::Warn).count(), 1);
}

#[test]
fn a_wrong_type_is_a_violation_and_not_a_mistake() {
    let toml = "[[expectations]]\ncolumn = \"plan\"\ntype = \"integer\"\nmin = 0\nunique = true\n";
    assert_eq!(
        told(toml),
        [
            r#"column "plan" should be of type integer, but is category"#,
            r#"column "plan" should be unique, but 4 of 5 cells are not (80%): "gold" (row 3), "basic" (row 5)"#,
        ]
    );
}

#[test]
fn a_mistake_names_the_expectation_the_key_and_what_is_expected() {
    for (lines, key, entry, words) in [
        ("min = 0", None, None, "name a column, columns, or rows"),
        ("column = \"age\"", None, None, "nothing is expected here"),
        (
            "column = \"age\"\nnot_null = false",
            None,
            None,
            "nothing is expected here",
        ),
        (
            "column = \"age\"\ncolumns = [\"id\"]\nmin = 0",
            Some("columns"),
            None,
            "not both",
        ),
        ("columns = []\nmin = 0", Some("columns"), None, "name a column"),
        (
            "columns = [\"id\", \"id\"]\nmin = 0",
            Some("columns"),
            Some(1),
            "twice",
        ),
        (
            "columns = [\"id\", \"ego\"]\nmin = 0",
            Some("columns"),
            Some(1),
            "no column called \"ego\"",
        ),
        (
            "column = \"ego\"\nmin = 0",
            Some("column"),
            None,
            "the columns are id, age",
        ),
        (
            "column = \"age\"\nmin = 0\nmostly = 1.5",
            Some("mostly"),
            None,
            "at most 1, got 1.5",
        ),
        (
            "column = \"age\"\nmin = 0\nmostly = 0",
            Some("mostly"),
            None,
            "above 0",
        ),
        (
            "column = \"age\"\nnot_null = { max_missing = 2.0 }",
            Some("not_null"),
            None,
            "from 0 to 1",
        ),
        (
            "column = \"age\"\nmin = 3\nmax = 2",
            Some("max"),
            None,
            "min is 3, which is more",
        ),
        (
            "column = \"age\"\nmin = 3\nmax = 2026-01-01",
            Some("max"),
            None,
            "cannot be compared",
        ),
        ("column = \"age\"\nmin = nan", Some("min"), None, "finite"),
        (
            "column = \"age\"\nmin = \"low\"",
            Some("min"),
            None,
            "got \"low\"",
        ),
        ("column = \"age\"\nmin = true", Some("min"), None, "got true"),
        (
            "column = \"age\"\nmin = 2026-01-01",
            Some("min"),
            None,
            "of type integer",
        ),
        (
            "column = \"when\"\nmin = 3",
            Some("min"),
            None,
            "of type timestamp",
        ),
        (
            "column = \"plan\"\nmin = 3",
            Some("min"),
            None,
            "goes with numbers and timestamps",
        ),
        (
            "column = \"age\"\npattern = \"a\"",
            Some("pattern"),
            None,
            "goes with texts and categories",
        ),
        (
            "column = \"plan\"\npattern = \"a(\"",
            Some("pattern"),
            None,
            "unclosed group",
        ),
        (
            "column = \"plan\"\npattern = \"(a{500}){500}\"",
            Some("pattern"),
            None,
            "too large",
        ),
        (
            "column = \"plan\"\nmonotone = \"increasing\"",
            Some("monotone"),
            None,
            "of type category",
        ),
        (
            "column = \"plan\"\nin_set = []",
            Some("in_set"),
            None,
            "name the values",
        ),
        (
            "column = \"plan\"\nin_set = [\"gold\", 3]",
            Some("in_set"),
            Some(1),
            "3 cannot be in",
        ),
        (
            "column = \"age\"\nin_set = [1, 2.5]",
            Some("in_set"),
            Some(1),
            "2.5 cannot be in",
        ),
        ("rows = {}", Some("rows"), None, "give min, max or both"),
        ("rows = { min = 3, max = 2 }", Some("rows"), None, "more than max"),
        (
            "rows = { min = 3 }\ncolumn = \"age\"",
            Some("rows"),
            None,
            "of its own",
        ),
        (
            "rows = { min = 3 }\nmostly = 0.9",
            Some("mostly"),
            None,
            "not with rows",
        ),
    ] {
        let toml = format!("[[expectations]]\ncolumn = \"id\"\nmin = 0\n[[expectations]]\n{lines}\n");
        let error = check_in_batches(&toml, TABLE, 10).unwrap_err();
        assert_eq!(
            (error.expectation, error.key, error.entry),
            (1, key, entry),
            "{lines}: {error}"
        );
        assert!(error.to_string().contains(words), "{lines}: {error}");
    }
}

#[test]
fn expectations_read_back_what_they_write_and_write_no_defaults() {
    let toml = r#"
[[expectations]]
column = "when"
not_null = { max_missing = 0.5 }
min = 2026-01-02T03:04:05Z
mostly = 0.9
severity = "warn"
[[expectations]]
columns = ["a", "b"]
not_null = true
in_set = [1, 2.5, "x", true]
"#;
    let expectations = read(toml);
    let json = serde_json::to_string(&expectations).unwrap();
    assert_eq!(
        json,
        concat!(
            r#"[{"column":"when","not_null":{"max_missing":0.5},"min":"2026-01-02T03:04:05Z","mostly":0.9,"severity":"warn"},"#,
            r#"{"columns":["a","b"],"not_null":true,"in_set":[1,2.5,"x",true]}]"#
        )
    );
    assert_eq!(
        serde_json::from_str::<Vec<Expectation>>(&json).unwrap(),
        expectations
    );
}

#[test]
fn the_lines_of_examples_are_asked_for_at_once() {
    let mut report = check("[[expectations]]\ncolumns = [\"age\", \"id\"]\nmin = 2\nmax = 4\n");
    let schema = scan("t.csv", TABLE.as_bytes(), &CsvOptions::default())
        .unwrap()
        .schema;
    report.locate(&schema, |cells| {
        assert_eq!(cells[..2], [(2, 1), (1, 1)], "{cells:?}");
        cells.iter().map(|(row, _)| Some(row + 1)).collect()
    });
    let lines: Vec<_> = report.violations[0]
        .examples
        .iter()
        .map(|example| example.line)
        .collect();
    assert_eq!(lines, [Some(3)]);
}
