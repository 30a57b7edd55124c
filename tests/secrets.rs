//! Whoever finds the data folder without its key finds nothing in it; and nothing leaks beside it.

mod needle;

use std::path::Path;

use serde_json::{Value, json};

use crate::support::{Folder, Recipe, Server, customers, good_customer, post};
use needle::{Haystack, Needle};

/// Files that have no business being searched: the key, which is what opens the rest.
const KEY: &str = "usina.key";

/// The bytes of all files in the data folder but the key.
fn stored(folder: &Folder) -> Haystack {
    let files = std::fs::read_dir(folder.data())
        .unwrap()
        .map(|entry| entry.unwrap());
    let files = files.filter(|entry| entry.file_type().unwrap().is_file() && entry.file_name() != KEY);
    let bytes: Vec<u8> = files
        .flat_map(|entry| std::fs::read(entry.path()).unwrap())
        .collect();
    assert!(bytes.len() > 300_000, "only {} bytes: was it used?", bytes.len());
    Haystack::new(bytes)
}

/// Uses everything that writes: recipes, tables, predictions, stages, refusals, a kill, a restart.
fn used(folder: &Folder) -> Server {
    folder.file("crew-roster.csv", customers(400));
    let recipe = Recipe::quick("roster-leavers", "crew-roster.csv", "left");
    folder.file(
        "recipe.toml",
        format!("title = \"Who leaves the crew\"\n{}", recipe.toml()),
    );
    folder.file("ragged.csv", customers(400) + "1,2\n");
    let server = folder.serve_with(&["serve", "--verbose"]);
    folder.run(&["train", "customer-churn"]).done();
    folder.run(&["train", "recipe.toml"]).done();
    folder.run(&["train", "recipe.toml"]).done();
    folder.run(&["models", "promote", "roster-leavers", "2"]).done();
    folder.run(&["models", "rollback", "roster-leavers"]).done();
    folder
        .run(&["data", "add", "harbour-people", "crew-roster.csv"])
        .done();
    folder
        .run(&["data", "add", "harbour-people", "ragged.csv"])
        .refused(2);
    for (field, value) in [
        ("age", json!(33)),
        ("plan", json!("galactic-tariff")),
        ("income", json!("abyssal")),
    ] {
        let mut row = good_customer();
        row[field] = value;
        row["income"] = if field == "income" {
            row["income"].clone()
        } else {
            json!(271_828.25)
        };
        server.send(&post(
            "/api/v1/predict",
            &json!({"model": "roster-leavers", "features": row}),
        ));
    }
    server
}

/// What stands in tables, models and rows, as text.
fn texts() -> Vec<Needle> {
    let levels = [
        "Month-to-month",
        "Fiber optic",
        "Electronic check",
        "No phone service",
        "family",
    ];
    let columns = [
        "monthly_charges",
        "paperless_billing",
        "internet_service",
        "senior_citizen",
    ];
    let names = [
        "customer-churn",
        "roster-leavers",
        "harbour-people",
        "crew-roster",
        "churn_telco",
        "churn_telco.csv",
    ];
    let rows = [
        "29.85,29.85",
        "No,1,0,1,0,1,0,No phone",
        "56.95,1889.5",
        "\n18,,basic,false",
    ];
    let recipes = [
        "n_estimators",
        "max_depth",
        "learning_rate",
        "Who leaves the crew",
        "about to leave",
        "holdout",
    ];
    let metrics = [
        "roc_auc",
        "log_loss",
        "f1_score",
        "baseline_",
        "FINISHED",
        "production",
        "card-fraud",
    ];
    let weights = [
        "split_conditions",
        "split_indices",
        "base_weights",
        "tree_param",
        "gbtree",
    ];
    let sent = ["galactic-tariff", "abyssal", "271828.25"];
    let all = [
        &levels[..],
        &columns,
        &names,
        &rows,
        &recipes,
        &metrics,
        &weights,
        &sent,
    ];
    all.concat()
        .into_iter()
        .map(|text| Needle::new(text, text))
        .collect()
}

/// What stands in the exported model: pieces of its text, and of its numbers as a computer keeps them.
fn weights(exported: &[u8]) -> Vec<Needle> {
    let mut needles: Vec<Needle> = (exported.chunks_exact(24).step_by(97))
        .map(|piece| Needle::new("a piece of the exported model", piece))
        .collect();
    let model: Value = serde_json::from_slice(exported).unwrap();
    let trees = model["learner"]["gradient_booster"]["model"]["trees"]
        .as_array()
        .unwrap();
    for tree in trees {
        for kind in ["base_weights", "split_conditions"] {
            let numbers = tree[kind]
                .as_array()
                .unwrap()
                .iter()
                .map(|number| number.as_f64().unwrap());
            let numbers: Vec<f64> = numbers.collect();
            // Zeros and repetitions are found in any file.
            let is_telling = |four: &&[f64]| (1..4).all(|at| four[at] != 0.0 && four[at] != four[at - 1]);
            for four in numbers.chunks_exact(4).filter(is_telling).take(4) {
                let single = |number: &f64| *number as f32;
                let little: Vec<u8> = four
                    .iter()
                    .flat_map(|number| single(number).to_le_bytes())
                    .collect();
                let big: Vec<u8> = four
                    .iter()
                    .flat_map(|number| single(number).to_be_bytes())
                    .collect();
                let double: Vec<u8> = four.iter().flat_map(|number| number.to_le_bytes()).collect();
                needles.extend(
                    [little, big, double].map(|bytes| Needle::new(&format!("numbers of {kind}"), bytes)),
                );
            }
        }
    }
    assert!(needles.len() > 1_000, "{}", needles.len());
    needles
}

/// The master key, as it is and as it may be written down.
fn key(folder: &Folder) -> Vec<Needle> {
    let file = std::fs::read_to_string(folder.data().join(KEY)).unwrap();
    let hex = file.lines().find_map(|line| line.strip_prefix("key ")).unwrap();
    let bytes: Vec<u8> = (0..hex.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap())
        .collect();
    assert_eq!(bytes.len(), 32);
    let backwards: Vec<u8> = bytes.iter().rev().copied().collect();
    vec![
        Needle::new("the key", &bytes[..16]),
        Needle::new("the key", &bytes[16..]),
        Needle::new("the key, backwards", &backwards[..16]),
        Needle::new("the key in hex", &hex[..32]),
        Needle::new("the key in hex", &hex[32..]),
        Needle::new("the key in capital hex", hex[..32].to_uppercase()),
    ]
}

/// Numbers of the rows, as a table in memory has them: a column's values one after another.
fn columns() -> Vec<Needle> {
    let table = customers(400);
    let incomes = table
        .lines()
        .skip(1)
        .filter_map(|row| row.split(',').nth(1)?.parse::<f64>().ok());
    let incomes: Vec<f64> = incomes.collect();
    let (of, single) = (
        |number: &f64| number.to_le_bytes(),
        |number: &f64| (*number as f32).to_le_bytes(),
    );
    let runs = incomes.chunks_exact(4);
    let runs = runs.flat_map(|run| {
        [
            run.iter().flat_map(of).collect(),
            run.iter().flat_map(single).collect::<Vec<u8>>(),
        ]
    });
    runs.map(|bytes| Needle::new("incomes", bytes)).collect()
}

#[test]
fn without_its_key_a_data_folder_gives_nothing_away() {
    let folder = Folder::new();
    let server = used(&folder);
    let exported = folder.path("model.json");
    folder
        .run(&[
            "models",
            "export",
            "customer-churn",
            "--format",
            "xgboost",
            "-o",
            exported.to_str().unwrap(),
        ])
        .done();
    let exported = std::fs::read(exported).unwrap();
    let needles = [
        texts(),
        weights(&exported),
        columns(),
        key(&folder),
        needle::formats(),
    ]
    .concat();
    the_search_finds_what_is_there(&needles, &exported);

    // As a thief of the disk finds it after a power cut, and after everything was swept and closed.
    server.running.kill();
    stored(&folder).has_none_of(&needles);
    let server = folder.serve();
    folder.run(&["train", "recipe.toml"]).done();
    server.stop();
    stored(&folder).has_none_of(&needles);
    let left: Vec<_> = std::fs::read_dir(folder.temporary()).unwrap().collect();
    assert!(
        left.is_empty(),
        "nothing is put into the folder for temporary files: {left:?}"
    );
}

/// That a needle in the haystack would be found.
fn the_search_finds_what_is_there(needles: &[Needle], exported: &[u8]) {
    let plain = [customers(400).as_bytes(), exported].concat();
    let found = Haystack::new(plain).found(needles);
    for name in [
        "family",
        "\n18,,basic,false",
        "split_conditions",
        "monthly_charges",
        "a piece of the exported model",
    ] {
        assert!(found.contains(&name), "{name:?} would not be found");
    }
    for needle in needles.iter().step_by(101) {
        let planted = [&[0; 1_000], needle.bytes(), &[0; 1_000]].concat();
        assert!(
            !Haystack::new(planted)
                .found(std::slice::from_ref(needle))
                .is_empty()
        );
    }
}

#[test]
fn a_log_tells_neither_keys_nor_what_was_sent() {
    let folder = Folder::new();
    let server = used(&folder);
    let log = server.stop().err;
    // The words of what the log is for are there; it is the right file.
    assert!(
        log.contains("a version is registered") && log.contains("roster-leavers"),
        "{log}"
    );
    let values = [
        "galactic-tariff",
        "abyssal",
        "271828",
        "2500.5",
        "Month-to-month",
        "Fiber optic",
        "basic",
        "29.85",
    ];
    let values: Vec<Needle> = values
        .into_iter()
        .map(|value| Needle::new(value, value))
        .collect();
    Haystack::new(log.into_bytes()).has_none_of(&[values, key(&folder)].concat());
}

#[test]
fn a_folder_that_was_moved_opens_with_its_key_and_not_without() {
    let folder = Folder::new();
    folder.file("customers.csv", customers(200));
    folder.run(&["data", "add", "people", "customers.csv"]).done();
    let data = folder.data();
    let hidden = folder.path("elsewhere.key");
    std::fs::rename(data.join(KEY), &hidden).unwrap();
    let told = folder.run(&["data", "list"]).refused(1);
    assert!(told.contains(KEY), "names the file that is missing: {told}");
    assert!(!data.join(KEY).exists(), "no new key is made beside a store");

    let other = Folder::new();
    other.file("customers.csv", customers(100));
    other.run(&["data", "add", "people", "customers.csv"]).done();
    copy(&other.data().join(KEY), &data.join(KEY));
    folder.run(&["data", "list"]).refused(1);
    std::fs::remove_file(data.join(KEY)).unwrap();

    // A key that is kept apart from the store, as a container's secret is.
    let moved = folder.path("moved");
    std::fs::rename(&data, &moved).unwrap();
    let apart = [
        "--data",
        moved.to_str().unwrap(),
        "--master-key-file",
        hidden.to_str().unwrap(),
        "data",
        "list",
    ];
    assert!(folder.run(&apart).done().contains("people"));
    assert!(!moved.join(KEY).exists());
}

fn copy(from: &Path, to: &Path) {
    std::fs::copy(from, to).unwrap();
}
