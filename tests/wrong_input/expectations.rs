//! Rows that are not what a recipe expects: all violations together, exit code 2, and nothing fitted or stored.

use std::fmt::Write;

use serde_json::json;

use crate::support::{Folder, post};

const RECIPE: &str = r#"name = "visits"

[data]
dataset = "visits"
target = "came"

[algorithm.boost]
n_estimators = 3

[validation]
folds = 0

[[expectations]]
column = "age"
type = "integer"
min = 0

[[expectations]]
column = "code"
pattern = "^[A-Z]{2}$"

[[expectations]]
rows = { min = 1000 }
severity = "warn"
"#;

fn table(age: &str) -> String {
    let mut csv = format!("age,code,came\n{age},AA,yes\n");
    for row in 0..200 {
        let (code, came) = (["AB", "CD", "EF"][row % 3], ["yes", "no"][row % 2]);
        writeln!(csv, "{},{code},{came}", 20 + row % 50).unwrap();
    }
    csv
}

#[test]
fn a_training_whose_rows_violate_what_is_expected_fails_before_anything_is_fitted() {
    let folder = Folder::new();
    folder.file("recipe.toml", RECIPE);
    folder.file("good.csv", table("20"));
    folder.file("bad.csv", table("-4").replace("CD,no", "cd,no"));
    folder.run(&["data", "add", "visits", "bad.csv"]).done();
    let told = folder.run(&["train", "recipe.toml"]).refused(2);
    for words in [
        "violates 2 expectations",
        "column \"age\" should be at least 0, but 1 of 201 cells is not (0.5%): -4 (row 1)",
        "column \"code\" should be a match of ^[A-Z]{2}$",
    ] {
        assert!(told.contains(words), "{told}");
    }
    assert_eq!(folder.json(&["models", "list"])["models"], json!([]));
    assert_eq!(folder.json(&["runs", "list"])["runs"], json!([]));

    for what in ["visits", "bad.csv"] {
        let checked = folder.run(&["data", "check", what, "--recipe", "recipe.toml"]);
        // What is violated is the answer; that it is wrong input, the exit code says.
        assert_eq!(checked.code, Some(2), "{checked:?}");
        assert!(checked.out.contains("a match of ^[A-Z]{2}$"), "{checked:?}");
        assert!(
            checked.err.contains("violates what recipe.toml expects"),
            "{checked:?}"
        );
    }

    // What is only a warning stands in the run and the job, and stops nothing.
    folder.run(&["data", "add", "visits", "good.csv"]).done();
    let shown = folder
        .run(&["data", "check", "visits", "--recipe", "recipe.toml"])
        .done();
    assert!(
        shown.contains("4 rules checked on 201 rows, 1 violated"),
        "{shown}"
    );
    let trained = folder.run(&["train", "recipe.toml"]);
    assert_eq!(trained.code, Some(0), "{trained:?}");
    assert!(
        trained
            .err
            .contains("warning: there should be at least 1000 rows"),
        "{trained:?}"
    );
    // With a file, it is told as soon as the file is in.
    folder.file(
        "beside.toml",
        RECIPE.replace("dataset = \"visits\"", "file = \"good.csv\""),
    );
    let trained = folder.run(&["train", "beside.toml"]);
    assert_eq!(trained.code, Some(0), "{trained:?}");
    let told = "good.csv: warning: there should be at least 1000 rows, but there are 201";
    assert_eq!(trained.err.matches(told).count(), 1, "{trained:?}");
    assert_eq!(trained.err.matches("warning: ").count(), 1, "{trained:?}");
    let job = &folder.json(&["jobs", "list"])["jobs"][0];
    assert_eq!(
        job["warnings"],
        json!(["there should be at least 1000 rows, but there are 201"])
    );
    let shown = folder.run(&["data", "diff", "visits"]).done();
    assert!(shown.contains("levels removed: cd"), "{shown}");
    let shown = folder
        .run(&["data", "profile", "visits", "--column", "age"])
        .done();
    assert!(shown.contains("QUANTILE"), "{shown}");
}

#[test]
fn a_table_that_violates_the_recipe_it_comes_with_is_refused_with_every_violation() {
    let folder = Folder::new();
    let server = folder.serve();
    let query: String = RECIPE
        .replace("dataset = \"visits\"", "file = \"visits.csv\"")
        .bytes()
        .map(|byte| format!("%{byte:02X}"))
        .collect();
    let request = post(&format!("/api/v1/datasets/visits?recipe={query}"), &json!({}))
        .header("Content-Type", "text/csv")
        .body(table("-4").into_bytes());
    let refusal = server.send(&request).refused(422, "expectations_violated");
    let violations = refusal.detail["violations"].as_array().unwrap();
    // The warning is told beside it.
    assert_eq!(violations.len(), 2);
    assert_eq!(violations[0]["column"], "age");
    assert_eq!(violations[0]["count"], 1);
    assert_eq!(
        violations[0]["examples"],
        json!([{"row": 1, "line": 2, "value": "-4"}])
    );
    assert_eq!(violations[1]["severity"], "warn");
    assert_eq!(server.json("/api/v1/datasets"), json!({"datasets": []}));

    let wrong = json!({"expectations": [{"column": "age", "min": "low"}]});
    folder.file("good.csv", table("20"));
    folder.run(&["data", "add", "visits", "good.csv"]).done();
    let check = "/api/v1/datasets/visits/versions/latest/check";
    let refusal = server.send(&post(check, &wrong)).refused(422, "bad_expectation");
    assert_eq!(refusal.detail["field"], "expectations[0].min");
    let right = json!({"expectations": [{"column": "age", "min": 30}]});
    assert_eq!(server.send(&post(check, &right)).json()["success"], false);
}
