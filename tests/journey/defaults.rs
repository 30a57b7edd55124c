//! What the README says of a recipe's defaults.

use std::fmt::Write;

use serde_json::json;

use crate::support::{Folder, Recipe, Server, post};

/// Pupils with a grade from 1 to 4.
fn pupils(rows: usize) -> String {
    let mut table = "hours,school,grade\n".to_owned();
    for row in 0..rows {
        let hours = row * 37 % 20;
        let school = ["north", "south"][row % 2];
        writeln!(table, "{hours},{school},{}", 1 + hours / 5).unwrap();
    }
    table
}

fn ask(server: &Server, model: &str, school: &str) -> crate::support::Response {
    let body = json!({"model": model, "features": {"hours": 7, "school": school}});
    server.send(&post("/api/v1/predict", &body))
}

#[test]
fn whole_numbers_of_many_values_are_a_regression_until_they_are_declared_a_category() {
    let folder = Folder::new();
    folder.file("pupils.csv", pupils(200));
    let numbers = Recipe::quick("numbers", "pupils.csv", "grade").toml();
    folder.file("numbers.toml", &numbers);
    assert_eq!(folder.json(&["train", "numbers.toml"])["task"], "regression");
    let classes = numbers.replace("numbers", "classes").replace(
        "target = \"grade\"\n",
        "target = \"grade\"\ncsv.types = { grade = \"category\" }\n",
    );
    folder.file("classes.toml", classes);
    let version = folder.json(&["train", "classes.toml"]);
    assert_eq!(version["task"], "multiclass");
    assert_eq!(version["classes"], json!(["1", "2", "3", "4"]));
}

#[test]
fn an_unknown_category_is_refused_under_native_and_counts_as_other_under_onehot() {
    let folder = Folder::new();
    folder.file("pupils.csv", pupils(200));
    for encode in ["native", "onehot"] {
        for unknown in ["", "error", "other"] {
            let name = format!("{encode}{unknown}");
            let recipe = Recipe::quick("pupils", "pupils.csv", "grade")
                .toml()
                .replace("name = \"pupils\"", &format!("name = \"{name}\""));
            let unknown = match unknown {
                "" => String::new(),
                given => format!("unknown = \"{given}\"\n"),
            };
            let features = format!("[features.categorical]\nencode = \"{encode}\"\n{unknown}");
            folder.file(&format!("{name}.toml"), format!("{recipe}\n{features}"));
            folder.run(&["train", &format!("{name}.toml")]).done();
        }
    }
    let server = folder.serve();
    for model in ["native", "nativeerror", "onehoterror"] {
        assert_eq!(ask(&server, model, "south").status, 200, "{model}");
        ask(&server, model, "west").refused(422, "unknown_category");
    }
    for model in ["onehot", "nativeother", "onehotother"] {
        assert_eq!(ask(&server, model, "west").status, 200, "{model}");
    }
    server.stop();
}
