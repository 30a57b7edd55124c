//! Data files that are no tables: told with file, line and column, exit code 2, and nothing is stored.

use serde_json::json;

use crate::support::{Folder, Recipe, customers};

/// A file's name, its bytes, and how the message begins and what it has.
type BadFile = (&'static str, Vec<u8>, &'static str, &'static [&'static str]);

/// Every file has a column `left`, as far as it has columns.
fn bad_files() -> Vec<BadFile> {
    let long = "x,left\n".to_owned() + &"1,yes\n2,no\n".repeat(10_000);
    let huge_number = format!("x,left\n1.5,yes\n{}.5,no\n", "9".repeat(400));
    vec![
        (
            "short.csv",
            b"x,left\n1,yes\n2\n".to_vec(),
            "short.csv, line 3: ",
            &["1 field, ", "2 columns"],
        ),
        (
            "wide.csv",
            b"x,left\n1,yes\n2,no,9\n".to_vec(),
            "wide.csv, line 3: ",
            &["3 fields", "2 columns"],
        ),
        (
            "late.csv",
            (long.clone() + "3\n").into(),
            "late.csv, line 20002: ",
            &["1 field, "],
        ),
        (
            "utf8.csv",
            b"x,left\n1,yes\n2,n\xe9\n".to_vec(),
            "utf8.csv, line 3, field 2: ",
            &["UTF-8"],
        ),
        (
            "names.csv",
            b"x,l\xff\n1,yes\n".to_vec(),
            "names.csv, line 1",
            &["UTF-8"],
        ),
        (
            "utf16.csv",
            b"\xff\xfex\0,\0y\0\n\0".to_vec(),
            "utf16.csv",
            &["UTF-16", "UTF-8"],
        ),
        (
            "binary.csv",
            b"x,left\n1,yes\n\0\0\0,no\n".to_vec(),
            "binary.csv, line 3",
            &["zero byte"],
        ),
        (
            "gzip.csv",
            b"\x1f\x8b\x08\0\0\0\0\0\0\x03K\xd4".to_vec(),
            "gzip.csv",
            &["gzip", "ends in the middle"],
        ),
        (
            "sheet.csv",
            b"PK\x03\x04\x14\0\x06\0\x08\0".to_vec(),
            "sheet.csv",
            &["Excel"],
        ),
        ("empty.csv", Vec::new(), "empty.csv", &["empty"]),
        ("blank.csv", b"\n\r\n\n".to_vec(), "blank.csv", &["empty"]),
        ("header.csv", b"x,left\n".to_vec(), "header.csv", &["no rows"]),
        (
            "long.csv",
            b"x,left\n1,yes\n99999999999999999999,no\n".to_vec(),
            "long.csv, line 3, column \"x\": ",
            &["99999999999999999999", "64 bits"],
        ),
        (
            "big.csv",
            b"x,left\n1.5,yes\n1e999,no\n".to_vec(),
            "big.csv, line 3, column \"x\": ",
            &["1e999"],
        ),
        (
            "huge.csv",
            huge_number.into(),
            "huge.csv, line 3, column \"x\": ",
            &["beyond"],
        ),
        (
            "twice.csv",
            b"x,left,x\n1,yes,2\n".to_vec(),
            "twice.csv, line 1, column \"x\": ",
            &["twice"],
        ),
        (
            "unnamed.csv",
            b"x,,left\n1,2,yes\n".to_vec(),
            "unnamed.csv, line 1",
            &["column 2", "no name"],
        ),
        (
            "quote.csv",
            b"x,left\n1,\"yes\n2,no\n".to_vec(),
            "quote.csv, line 2",
            &["never closed"],
        ),
        (
            "one.csv",
            b"x,left\n1,yes\n2,yes\n".to_vec(),
            "one.csv",
            &["\"left\"", "\"yes\" in every row", "rows with another value"],
        ),
        (
            "hole.csv",
            b"x,left\n1,yes\n2,\n3,no\n".to_vec(),
            "hole.csv, line 3: ",
            &["\"left\"", "missing"],
        ),
        (
            "late-hole.csv",
            format!("{long}3,\n").into(),
            "late-hole.csv, line 20002: ",
            &["\"left\"", "missing"],
        ),
        (
            "holes.csv",
            b"x,left\n1,\n2,\n".to_vec(),
            "holes.csv",
            &["\"left\"", "missing in every row"],
        ),
        (
            "list.jsonl",
            b"[{\"x\": 1, \"left\": true}]\n".to_vec(),
            "list.jsonl, line 1: ",
            &["got a list", "one object a line"],
        ),
        (
            "broken.jsonl",
            b"{\"x\": 1, \"left\": true}\n{\"x\": 2, left: false}\n".to_vec(),
            "broken.jsonl, line 2: ",
            &["not JSON", "character 10"],
        ),
        (
            "nested.jsonl",
            b"{\"x\": 1, \"left\": true}\n\n{\"x\": [2], \"left\": false}\n".to_vec(),
            "nested.jsonl, line 3, column \"x\": ",
            &["a list"],
        ),
        (
            "twice.jsonl",
            b"{\"x\": 1, \"left\": true, \"x\": 2}\n".to_vec(),
            "twice.jsonl, line 1, column \"x\": ",
            &["twice"],
        ),
        (
            "hole.jsonl",
            b"{\"x\": 1, \"left\": true}\n\n{\"x\": 1}\n{\"x\": 2, \"left\": false}\n".to_vec(),
            "hole.jsonl, line 3: ",
            &["\"left\"", "missing"],
        ),
        ("empty.jsonl", Vec::new(), "empty.jsonl", &["empty"]),
        (
            "cut.parquet",
            b"PAR1\x15\x04\x15\x10\x15\x14".to_vec(),
            "cut.parquet: ",
            &["ends in the middle"],
        ),
        (
            "secret.parquet",
            b"PARE\x15\x04\x15\x10\x15\x14PARE".to_vec(),
            "secret.parquet: ",
            &["encrypted"],
        ),
        (
            "semicolon.csv",
            b"x;left\n1,5;yes\n2,5;no\n".to_vec(),
            "semicolon.csv, line 2: ",
            &["2 fields", "is 1 column", "csv.delimiter = \";\""],
        ),
    ]
}

#[test]
fn how_a_file_is_read_is_said_on_the_command_line() {
    let folder = Folder::new();
    folder.file("sites.csv", "01;?;a\n02;5;b\n");
    let names = ["--header", "no", "--columns", "zip,size,plan", "--delimiter", ";"];
    let more = ["--missing", "?", "--type", "zip=text", "--type", "plan=text"];
    let add = [&["data", "add", "sites", "sites.csv"], &names[..], &more].concat();
    let added = folder.json(&add);
    let columns: Vec<_> = added["columns"].as_array().unwrap().iter().collect();
    let told: Vec<_> = columns
        .iter()
        .map(|column| json!([column["name"], column["type"], column["missing"]]))
        .collect();
    let expected = [
        json!(["zip", "text", false]),
        json!(["size", "integer", true]),
        json!(["plan", "text", false]),
    ];
    assert_eq!(told, expected);
    let lines = "{\"zip\": \"01\", \"plan\": \"a\"}\n{\"zip\": \"02\", \"size\": 5, \"plan\": \"b\"}\n";
    let typed = [
        "data",
        "add",
        "sites",
        "-",
        "--type",
        "zip=text",
        "--type",
        "plan=text",
        "--type",
        "size=integer",
    ];
    let ran = folder.run_with_input(&[&typed[..], &["--json"]].concat(), lines);
    let again: serde_json::Value = serde_json::from_str(&ran.done()).unwrap();
    assert_eq!(
        (&again["source"], &again["rows"]),
        (&json!("standard input"), &json!(2))
    );
    assert_ne!(
        again["version"], added["version"],
        "its columns are in another order"
    );
    let ran = folder.run_with_input(&["data", "add", "broken", "-"], "{\"x\": 1}\n{\n");
    assert!(ran.refused(2).starts_with("usina: standard input, line 2: "));
    for (arguments, words) in [
        (&["--type", "zip"][..], "zip=text"),
        (&["--type", "zip=words"], "is no type"),
        (&["--type", "zip=text", "--type", "zip=number"], "two types"),
        (&["--format", "xml"], "csv, jsonl or parquet"),
        (&["--delimiter", ";;"], "one ASCII character"),
        (&["--delimiter", ";", "--columns", "a,b,c"], "csv.header = false"),
        (
            &["--delimiter", ";", "--header", "no", "--columns", "a,b"],
            "names 2 columns",
        ),
        (&["--header", "no", "--csv", "{}"], "cannot be used with"),
    ] {
        let told = folder
            .run(&[&["data", "add", "wrong", "sites.csv"], arguments].concat())
            .refused(2);
        assert!(told.contains(words), "{arguments:?} is told {told}");
    }
    let listed = folder.json(&["data", "list"]);
    assert_eq!(listed["datasets"].as_array().unwrap().len(), 1);
}

#[test]
fn what_is_doubtful_is_told_with_its_line_and_stored() {
    let folder = Folder::new();
    folder.file("odd.csv", "a,b,c\n\"1,234\",31/01/2026,inf\n7,01/02/2026,2\n");
    let added = folder.run(&["data", "add", "odd", "odd.csv"]);
    for words in [
        "odd.csv:2: column a came in as category, but \"1,234\" looks like a number with signs between thousands",
        "odd.csv:2: column b came in as category, but \"31/01/2026\" looks like a date",
        "odd.csv:2: column c came in as category, but \"inf\" looks like an infinite number",
    ] {
        assert!(added.err.contains(words), "{}", added.err);
    }
    added.done();
    folder.file("lone.csv", "a;b\n1;2\n3;4\n");
    let added = folder.run(&["data", "add", "lone", "lone.csv"]);
    assert!(
        added.err.contains("lone.csv:1: column a;b is the only one"),
        "{}",
        added.err
    );
    assert!(added.err.contains("csv.delimiter = \";\""), "{}", added.err);
}

#[test]
fn a_target_that_is_not_there_is_told_where_it_was_named() {
    let folder = Folder::new();
    folder.file("target.csv", "x,gone\n1,yes\n2,no\n");
    folder.file(
        "recipe.toml",
        Recipe::quick("leavers", "target.csv", "left").toml(),
    );
    let added = folder.run(&["data", "add", "leavers", "target.csv", "--target", "left"]);
    let trained = folder.run(&["train", "recipe.toml"]);
    for (told, place) in [(added, "target.csv, line 1: "), (trained, "recipe.toml:5:1: ")] {
        let told = told.refused(2);
        assert!(told.starts_with(&format!("usina: {place}")), "{told}");
        assert!(told.contains("\"left\"") && told.contains("x, gone"), "{told}");
    }
    nothing_is_stored(&folder);
}

fn nothing_is_stored(folder: &Folder) {
    assert_eq!(folder.json(&["data", "list"])["datasets"], json!([]));
    assert_eq!(folder.json(&["models", "list"])["models"], json!([]));
    assert_eq!(folder.json(&["runs", "list"])["runs"], json!([]));
    assert_eq!(
        folder.json(&["jobs", "list"])["jobs"],
        json!([]),
        "a bad file is found before there is a job"
    );
}

/// Tries every bad file as a dataset and as a recipe's data.
fn all_are_refused(folder: &Folder) {
    for (name, bytes, place, words) in bad_files() {
        let file = format!("tables/{name}");
        folder.file(&file, bytes);
        folder.file(
            "tables/recipe.toml",
            Recipe::quick("leavers", name, "left").toml(),
        );
        let added = folder.run(&["data", "add", "leavers", &file, "--target", "left"]);
        let trained = folder.run(&["train", "tables/recipe.toml"]);
        for told in [added.refused(2), trained.refused(2)] {
            assert!(
                told.starts_with(&format!("usina: {place}")),
                "{name} is told {told:?}"
            );
            assert!(
                words.iter().all(|word| told.contains(word)),
                "{name} is told {told:?}"
            );
            assert_eq!(told.lines().count(), 1, "{name} is told {told:?}");
        }
    }
    nothing_is_stored(folder);
}

#[test]
fn a_bad_file_is_told_with_its_place_and_nothing_is_stored() {
    let folder = Folder::new();
    all_are_refused(&folder);
    let server = folder.serve();
    all_are_refused(&folder);
    let log = server.stop().err;
    assert!(!log.contains("ERROR"), "{log}");
}

#[test]
fn bad_files_do_not_fill_the_store() {
    let folder = Folder::new();
    // About 6 MB that do not compress well. One mistake is found in the first reading, at its end; the
    // other one after the second, when all of the table has been written.
    let mut table = "x,y,same\n".to_owned();
    for row in 0..200_000_u64 {
        let noise = row.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 1;
        table.push_str(&format!("{noise},{},yes\n", noise % 9_973));
    }
    folder.file("good.csv", &table);
    folder.file("bad.csv", table + "1,2\n");
    for _ in 0..4 {
        let told = folder.run(&["data", "add", "table", "bad.csv"]).refused(2);
        assert!(told.contains("line 200002"), "{told}");
        let told = folder
            .run(&["data", "add", "table", "good.csv", "--target", "same"])
            .refused(2);
        assert!(told.contains("\"yes\" in every row"), "{told}");
    }
    assert_eq!(folder.json(&["data", "list"])["datasets"], json!([]));
    let size = |folder: &Folder| std::fs::metadata(folder.data().join("usina.redb")).unwrap().len();
    let good = Folder::new();
    let added = good.json(&["data", "add", "table", folder.path("good.csv").to_str().unwrap()]);
    assert_eq!(added["rows"], 200_000);
    // What a refused file took is used again by the next one: all of them together leave less than two tables would. A
    // busy machine frees it a little later, so that one more file finds room at the end.
    let (bad, good) = (size(&folder), size(&good));
    assert!(
        bad < 2 * good,
        "{bad} bytes after 8 bad files, {good} with one good one"
    );
}

#[test]
fn an_unusual_table_is_no_bad_one() {
    let folder = Folder::new();
    let unusual: [(&str, Vec<u8>, u64); 6] = [
        (
            "mark.csv",
            [b"\xef\xbb\xbf".as_slice(), customers(100).as_bytes()].concat(),
            100,
        ),
        ("windows.csv", customers(100).replace('\n', "\r\n").into(), 100),
        ("open-end.csv", customers(100).trim_end().into(), 100),
        (
            "quoted.csv",
            b"name,left\n\"a \"\"b\"\", c\nd\",yes\ne,no\n".to_vec(),
            2,
        ),
        (
            "accents.csv",
            "país,left\nSão Tomé,yes\nCôte d’Ivoire,no\n".into(),
            2,
        ),
        ("one-row.csv", b"x\n1\n".to_vec(), 1),
    ];
    for (name, bytes, rows) in unusual {
        folder.file(name, bytes);
        let added = folder.json(&["data", "add", name.strip_suffix(".csv").unwrap(), name]);
        assert_eq!(added["rows"], rows, "{name}");
    }
    let same = |name: &str| folder.json(&["data", "show", name])["latest"]["version"].clone();
    assert_eq!(
        same("mark"),
        same("windows"),
        "the cells count, not how they are written"
    );
    assert_eq!(same("mark"), same("open-end"));
}
