//! One table, as pandas and pyarrow write it, is one dataset version.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::{python, script};
use crate::support::Folder;

#[test]
fn what_pandas_writes_is_one_version_in_every_format() {
    let Some(python) = python() else { return };
    let folder = Folder::new();
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/parity/formats.py");
    std::fs::create_dir(folder.path("tables")).unwrap();
    let written = script(Command::new(python).arg(here).arg(folder.path("tables")));
    let files: Vec<&str> = written
        .as_array()
        .unwrap()
        .iter()
        .filter_map(Value::as_str)
        .collect();
    assert!(files.len() > 10, "{files:?}");
    let mut versions = Vec::new();
    for name in &files {
        let file = format!("tables/{name}");
        let mut arguments = vec!["data", "add", "table", &file];
        if *name == "semicolon.csv" {
            arguments.extend(["--delimiter", ";"]);
        }
        let added = folder.json(&arguments);
        assert_eq!(added["rows"], 5_000, "{name}");
        versions.push((*name, added["version"].clone()));
    }
    let first = &versions[0].1;
    let others: Vec<_> = versions.iter().filter(|(_, version)| version != first).collect();
    assert!(
        others.is_empty(),
        "{others:?} are not the version of {}",
        files[0]
    );
    let dataset = folder.json(&["data", "show", "table"]);
    assert_eq!(dataset["versions"].as_array().unwrap().len(), 1);
    let kinds: Vec<_> = dataset["columns"]
        .as_array()
        .unwrap()
        .iter()
        .map(|column| column["type"].clone())
        .collect();
    let expected = [
        "integer",
        "number",
        "category",
        "boolean",
        "timestamp",
        "text",
        "number",
        "integer",
    ];
    assert_eq!(kinds, expected);
}
