//! Files that are read as well as could be, and how their author is told.

use super::*;

/// What is doubtful in a file: column, place, value and why, of each.
fn doubts(csv: &str) -> Vec<(String, Place, String, Reason)> {
    let found = scanned(csv).unwrap().doubts.into_iter();
    found
        .map(|doubt| (doubt.column, doubt.place, doubt.got, doubt.reason))
        .collect()
}

#[test]
fn a_column_that_a_person_takes_for_numbers_or_dates_is_told() {
    let told = |line, got: &str, reason| vec![("b".to_owned(), Place::Line(line), got.to_owned(), reason)];
    for (rows, expected) in [
        ("x,\"1,234\"\nx,12\n", told(2, "1,234", Reason::Thousands)),
        (
            "x,12\nx,\"1,234.5\"\nx,7\n",
            told(3, "1,234.5", Reason::Thousands),
        ),
        ("x,\"1,5\"\nx,\"2,75\"\n", told(2, "1,5", Reason::DecimalComma)),
        ("x,7\nx,007\nx,-01\n", told(3, "007", Reason::LeadingZeros)),
        ("x,0\nx,0.5\nx,-0\n", vec![]),
        ("x,inf\nx,1\nx,-inf\n", told(2, "inf", Reason::Infinity)),
        (
            "x,NA\nx,31/01/2026\nx,2026-02-01\n",
            told(3, "31/01/2026", Reason::Date),
        ),
        // What goes with neither is what it is: text.
        ("x,\"1,234\"\nx,red\n", vec![]),
        ("x,31/01/2026\nx,5\n", vec![]),
        (
            "x,12\nx,\"1,234\"\nx,red\n",
            told(3, "1,234", Reason::Unlike(ColumnType::Integer)),
        ),
    ] {
        assert_eq!(doubts(&format!("a,b\n{rows}")), expected, "{rows}");
    }
    let declared = typed("a,b\nx,inf\n", &[("b", ColumnType::Text)]).unwrap();
    assert_eq!(declared.doubts, []);
}

#[test]
fn a_file_that_comes_in_as_one_column_is_told() {
    let semicolon = scanned("age;plan\n1;a\n2;b\n").unwrap();
    let told = semicolon.doubts[0].to_string();
    assert!(told.contains("csv.delimiter = \";\""), "{told}");
    assert_eq!(semicolon.doubts[0].place, Place::Line(1));
    assert_eq!(doubts("age\n1\n2\n"), []);
    let headless = CsvOptions {
        header: false,
        ..CsvOptions::default()
    };
    let tabs = scan("t.csv", &b"1\ta\n2\tb\n"[..], &headless).unwrap();
    assert!(tabs.doubts[0].to_string().contains("csv.delimiter = \"\\t\""));
}

#[test]
fn a_file_without_a_line_of_names_has_names_all_the_same() {
    let with = |columns: &[&str]| CsvOptions {
        header: false,
        columns: columns.iter().map(|&name| name.to_owned()).collect(),
        ..CsvOptions::default()
    };
    let csv = "\n1,a\n2,\"b\nc\"\n";
    let counted = table(csv, &with(&[]), 1);
    let names = |table: &Table| {
        table
            .schema()
            .fields()
            .iter()
            .map(|field| field.name.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(names(&counted), ["column_1", "column_2"]);
    assert_eq!((counted.rows(), counted.cell(0, 0)), (2, Cell::Integer(1)));
    let named = table(csv, &with(&["n", " t "]), 10);
    assert_eq!(names(&named), ["n", "t"]);
    assert_eq!(named.cell(1, 1), Cell::text("b\nc"));

    let told =
        |csv: &str, options: &CsvOptions| scan("t.csv", csv.as_bytes(), options).unwrap_err().to_string();
    let few = told(csv, &with(&["n"]));
    assert!(
        few.starts_with("t.csv, line 2: csv.columns names 1 columns, but this row has 2 fields"),
        "{few}"
    );
    assert!(told("1,2\n3\n", &with(&[])).contains("line 2: this row has 1 field"));
    assert!(told("", &with(&[])).contains("empty"));
    let beside = CsvOptions {
        header: true,
        ..with(&["n", "t"])
    };
    assert!(told(csv, &beside).contains("csv.header = false"));
    assert_eq!(
        hints::lines_of("t.csv", csv.as_bytes(), &with(&[]), &[(2, 0)]).unwrap(),
        [Some(3)]
    );
}
