//! The formats are meant to stay: a data folder that format 1 wrote is kept here, with rows of every kind and
//! bundles of every task, and tells for ever what it told then.
//!
//! A format that changes gets the next number and a folder of its own beside this one, made by
//! `USINA_WRITE_FIXTURES=1 tests/run what_is_written_today`.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::support::{Folder, Recipe, customers, patients};

const CUSTOMER: &str = r#"{"age": 33, "income": null, "plan": "family", "active": true}"#;
const COMING: &str = r#"{"pulse": 71, "ward": "south", "days": 8.25}"#;
const STAYING: &str = r#"[71, "north", "clinic"]"#;

fn fixture(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures/format-1")
        .join(file)
}

/// Brings together one of each thing that is to be found for ever.
fn keep(folder: &Folder) {
    folder.file("customers.csv", customers(200));
    folder.file("patients.csv", patients(200));
    let leavers = Recipe {
        trees: 3,
        folds: 2,
        ..Recipe::quick("leavers", "customers.csv", "left")
    };
    let train = |recipe: &Recipe, more: &str| {
        folder.file("recipe.toml", format!("{more}{}", recipe.toml()));
        folder.run(&["train", "recipe.toml"]).done();
    };
    train(
        &leavers,
        "title = \"Leavers\"\ndescription = \"Who **leaves**.\"\n",
    );
    train(&Recipe { trees: 4, ..leavers }, "experiment = \"trials\"\n");
    for (name, target) in [("outcome", "outcome"), ("stay", "days")] {
        let recipe = Recipe::quick(name, "patients.csv", target);
        train(
            &Recipe {
                trees: 3,
                folds: 0,
                ..recipe
            },
            "",
        );
    }
    let promote = [
        "models",
        "promote",
        "leavers",
        "v1.1.0",
        "--reason",
        "it may be better",
    ];
    folder.run(&promote).done();
    let back = ["models", "rollback", "leavers", "--reason", "it was not"];
    folder.run(&back).done();
    folder.run(&["models", "default", "outcome"]).done();
}

/// What the folder tells, command by command.
fn tell(folder: &Folder) -> Value {
    let mut told = Vec::new();
    let mut ask = |words: &[&str]| {
        let answer = folder.json(words);
        told.push(json!({"command": words, "told": answer}));
        answer
    };
    ask(&["models", "list"]);
    for model in ["leavers", "outcome", "stay"] {
        ask(&["models", "show", model]);
    }
    ask(&["models", "history", "leavers"]);
    ask(&["data", "list"]);
    ask(&["data", "show", "outcome"]);
    ask(&["jobs", "list", "--limit", "100"]);
    let runs = ask(&["runs", "list", "--limit", "100"]);
    for run in runs["runs"].as_array().unwrap() {
        ask(&["runs", "show", run["run_id"].as_str().unwrap()]);
    }
    let predict = |words: &[&str]| {
        let answer = folder.run(&[&["predict"], words].concat()).done();
        let mut answer: Value = serde_json::from_str(&answer).unwrap();
        // Names the request, and not what is stored.
        answer.as_object_mut().unwrap().remove("request_id");
        json!({"command": words, "told": answer})
    };
    told.extend([
        predict(&["leavers", "--json", CUSTOMER]),
        predict(&["leavers", "--version", "v1.1.0", "--json", CUSTOMER]),
        predict(&["outcome", "--json", COMING]),
        predict(&["stay", "--json", STAYING]),
    ]);
    let card = folder.run(&["models", "card", "leavers", "v1.0.0"]).done();
    json!({"json": told, "card": card})
}

#[test]
fn a_folder_of_format_1_tells_what_it_told_then() {
    let folder = Folder::new();
    fs::create_dir_all(folder.data()).unwrap();
    fs::copy(fixture("usina.key"), folder.data().join("usina.key")).unwrap();
    fs::write(
        folder.data().join("usina.redb"),
        unpacked(&fixture("usina.redb.zst.hex")),
    )
    .unwrap();
    let then: Value = serde_json::from_slice(&fs::read(fixture("told.json")).unwrap()).unwrap();
    is_what_was_told(&tell(&folder), &then);

    // And it goes on: the same recipe on the same rows is known to be the same.
    folder.file("customers.csv", customers(200));
    let leavers = Recipe::quick("leavers", "customers.csv", "left");
    let leavers = Recipe {
        trees: 4,
        folds: 2,
        ..leavers
    };
    folder.file(
        "recipe.toml",
        format!("experiment = \"trials\"\n{}", leavers.toml()),
    );
    let version = folder.json(&["train", "recipe.toml"]);
    assert_eq!(version["version"], "v1.1.1");
}

/// Each command by itself, so that the one that differs is seen. What is told of more than then is no difference.
fn is_what_was_told(now: &Value, then: &Value) {
    let lines = |told: &Value| told["json"].as_array().unwrap().clone();
    let (now_lines, then_lines) = (lines(now), lines(then));
    assert_eq!(now_lines.len(), then_lines.len());
    for (now, then) in now_lines.iter().zip(&then_lines) {
        assert_eq!(now["command"], then["command"]);
        assert!(
            holds(&now["told"], &then["told"]),
            "{}: {now:#} and then {then:#}",
            now["command"]
        );
    }
    assert_eq!(now["card"], then["card"]);
}

/// Whether all that was told then is told now.
fn holds(now: &Value, then: &Value) -> bool {
    match (now, then) {
        (Value::Object(now), Value::Object(then)) => then
            .iter()
            .all(|(key, then)| now.get(key).is_some_and(|now| holds(now, then))),
        (Value::Array(now), Value::Array(then)) => {
            now.len() == then.len() && now.iter().zip(then).all(|(now, then)| holds(now, then))
        }
        (now, then) => now == then,
    }
}

#[test]
fn what_is_written_today_tells_the_same_tomorrow() {
    let folder = Folder::new();
    keep(&folder);
    let told = tell(&folder);
    if std::env::var_os("USINA_WRITE_FIXTURES").is_some() {
        fs::create_dir_all(fixture("")).unwrap();
        fs::copy(folder.data().join("usina.key"), fixture("usina.key")).unwrap();
        let store = fs::read(folder.data().join("usina.redb")).unwrap();
        let packed = zstd::encode_all(store.as_slice(), 19).unwrap();
        // Text, so that every tool that reads the source tree can read it, too.
        let line = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>() + "\n";
        fs::write(
            fixture("usina.redb.zst.hex"),
            packed.chunks(64).map(line).collect::<String>(),
        )
        .unwrap();
        fs::write(fixture("told.json"), format!("{told:#}\n")).unwrap();
    }
    is_what_was_told(&tell(&folder), &told);
}

fn unpacked(file: &Path) -> Vec<u8> {
    let text = fs::read_to_string(file).unwrap();
    let bytes = text.lines().flat_map(|line| {
        let pairs = (0..line.len()).step_by(2);
        pairs.map(|at| u8::from_str_radix(&line[at..at + 2], 16).unwrap())
    });
    zstd::decode_all(bytes.collect::<Vec<_>>().as_slice()).unwrap()
}
