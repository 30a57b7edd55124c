//! A profile says of a column what pandas' `describe`, `nunique` and `value_counts` say.

use std::fs::File;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use serde_json::Value;
use usina::base::Seed;
use usina::data::profile::{ColumnProfile, Profile, Profiler, Summary};
use usina::data::source::{CsvBatches, CsvOptions, scan};

use super::{python, script};

fn profile(path: &Path) -> Profile {
    let open = || File::open(path).unwrap();
    let options = CsvOptions::default();
    let schema = Arc::new(scan("t.csv", open(), &options).unwrap().schema);
    let mut profiler = Profiler::new(Arc::clone(&schema), Seed::new(0));
    for batch in CsvBatches::new("t.csv", open(), &options, schema, 4_096).unwrap() {
        profiler.update(&batch.unwrap()).unwrap();
    }
    profiler.finish()
}

/// Both add up in another order: the last digits differ, and where values cancel out a few more.
#[track_caller]
fn is_close(what: &str, ours: f64, theirs: f64) {
    let size = theirs.abs().max(1e-9);
    assert!(
        (ours - theirs).abs() / size < 1e-9,
        "{what}: {ours} here, {theirs} in pandas"
    );
}

fn compare(column: &ColumnProfile, pandas: &Value) {
    let name = &column.name;
    let whole = |key: &str| pandas[key].as_u64().unwrap();
    let distinct = column.distinct.unwrap();
    assert_eq!(
        (column.count, column.missing),
        (whole("count"), whole("missing")),
        "{name}"
    );
    assert!(distinct.exact, "{name}");
    assert_eq!(distinct.count, whole("distinct"), "{name}");
    let number = |key: &str| pandas[key].as_f64().unwrap();
    match column.summary.as_ref().unwrap() {
        Summary::Numbers(numbers) => {
            for (key, ours) in [
                ("min", numbers.min),
                ("max", numbers.max),
                ("mean", numbers.mean),
                ("std", numbers.sd),
            ] {
                is_close(&format!("{name} {key}"), ours, number(key));
            }
            let quantiles = numbers.quantiles.as_ref().unwrap();
            assert!(quantiles.exact, "{name}");
            let theirs = pandas["quantiles"].as_array().unwrap();
            assert_eq!(quantiles.values.len(), theirs.len(), "{name}");
            for (ours, theirs) in quantiles.values.iter().zip(theirs) {
                is_close(
                    &format!("{name} at {}", ours.rank),
                    ours.value,
                    theirs.as_f64().unwrap(),
                );
            }
        }
        Summary::Levels(levels) => {
            let count = |level: &String| {
                levels
                    .top
                    .iter()
                    .find(|entry| entry.level == *level)
                    .unwrap()
                    .count
            };
            for (level, theirs) in pandas["top"].as_object().unwrap() {
                // pandas writes truth as True.
                let level = level.replace("True", "true").replace("False", "false");
                assert_eq!(count(&level), theirs.as_u64().unwrap(), "{name}: {level}");
            }
        }
        Summary::Texts(texts) => assert!(texts.min_length <= texts.max_length, "{name}"),
    }
}

#[test]
fn a_profile_says_what_pandas_says() {
    let Some(python) = python() else { return };
    let top = Path::new(env!("CARGO_MANIFEST_DIR"));
    for file in [
        "customer-churn/churn_telco.csv",
        "credit-risk/lending_club.csv",
        "predictive-maintenance/shuttle_fault.csv",
    ] {
        let path = top.join("models").join(file);
        let pandas = script(
            Command::new(&python)
                .arg(top.join("tests/parity/profile.py"))
                .arg(&path),
        );
        let ours = profile(&path);
        assert_eq!(ours.columns.len(), pandas.as_object().unwrap().len(), "{file}");
        for column in &ours.columns {
            compare(column, &pandas[&column.name]);
        }
    }
}
