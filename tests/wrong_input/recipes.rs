//! Recipes with a mistake: told with file, line and column, before anything is opened.

use crate::support::{Folder, Recipe, customers};

/// What is replaced in a good recipe, by what, and how the message begins and what it has.
type Mistake = (&'static str, &'static str, &'static str, &'static [&'static str]);

const MISTAKES: &[Mistake] = &[
    ("max_depth", "max_dept", "9:1", &["max_dept", "unknown field"]),
    (
        "[validation]",
        "[validaton]",
        "11:2",
        &["validaton", "unknown field"],
    ),
    ("target", "targets", "5:1", &["targets", "unknown field"]),
    (
        "name = \"leavers\"",
        "name = \"leavers\"\nname = \"stayers\"",
        "2:1",
        &["duplicate key"],
    ),
    ("name = \"leavers\"", "name = \"no name\"", "1:8", &["no name"]),
    ("name = \"leavers\"", "", "1:1", &["name"]),
    ("name = \"leavers\"", "name = leavers", "1:8", &[]),
    ("[data]", "[data", "3:6", &[]),
    ("target = \"left\"", "target = \"\"", "5:1", &["data.target"]),
    (
        "target = \"left\"",
        "target = 3",
        "5:10",
        &["integer `3`", "string"],
    ),
    ("max_depth = 4", "max_depth = \"four\"", "9:13", &["\"four\""]),
    ("max_depth = 4", "max_depth = 4.5", "9:13", &["4.5"]),
    ("max_depth = 4", "max_depth = -1", "9:13", &["-1"]),
    ("max_depth = 4", "learning_rate = 0", "9:17", &["above 0"]),
    ("max_depth = 4", "learning_rate = nan", "9:17", &["above 0"]),
    ("max_depth = 4", "subsample = 1.5", "9:13", &["1.5"]),
    (
        "n_estimators = 10",
        "n_estimators = 0",
        "8:1",
        &["algorithm.boost.n_estimators", "from 1"],
    ),
    (
        "folds = 2",
        "folds = 1",
        "12:1",
        &["validation.folds", "2 to 100"],
    ),
    (
        "folds = 2",
        "folds = 101",
        "12:1",
        &["validation.folds", "2 to 100"],
    ),
    (
        "folds = 2",
        "holdout = 1.0",
        "12:1",
        &["validation.holdout", "between 0 and 1"],
    ),
    (
        "folds = 2",
        "threshold = 0",
        "12:1",
        &["validation.threshold", "between 0 and 1"],
    ),
    (
        "file = \"customers.csv\"",
        "",
        "3:2",
        &["exactly one of file, dataset and generate"],
    ),
    (
        "file = \"customers.csv\"",
        "file = \"a.csv\"\ndataset = \"b\"",
        "3:2",
        &["exactly one of"],
    ),
    (
        "[algorithm.boost]",
        "[algorithm.forest]",
        "7:",
        &["forest", "boost"],
    ),
];

#[test]
fn a_mistake_in_a_recipe_is_told_with_its_place_and_opens_nothing() {
    let folder = Folder::new();
    let good = Recipe::quick("leavers", "customers.csv", "left").toml();
    folder.file("customers.csv", customers(200));
    for (from, to, place, words) in MISTAKES {
        assert!(good.contains(from), "{from}");
        folder.file("recipe.toml", good.replacen(from, to, 1));
        let told = folder.run(&["train", "recipe.toml"]).refused(2);
        assert!(
            told.starts_with(&format!("usina: recipe.toml:{place}")),
            "{to:?} is told {told:?}"
        );
        assert!(
            words.iter().all(|word| told.contains(word)),
            "{to:?} is told {told:?}"
        );
    }
    folder.file("recipe.toml", b"name = \"\xff\"".as_slice());
    assert!(
        folder
            .run(&["train", "recipe.toml"])
            .refused(2)
            .contains("recipe.toml")
    );
    assert!(
        !folder.data().exists(),
        "a recipe is read before the data folder is made"
    );
    folder.file("recipe.toml", &good);
    folder.run(&["train", "recipe.toml"]).done();
}

/// What is replaced in a good recipe, by what, and what the message has: mistakes that only the data show.
const MISFITS: &[(&str, &str, &[&str])] = &[
    (
        "target = \"left\"",
        "target = \"gone\"",
        &["customers.csv", "gone", "age, income, plan, active, left"],
    ),
    (
        "target = \"left\"",
        "target = \"left\"\npositive = \"maybe\"",
        &["maybe", "no, yes"],
    ),
    (
        "target = \"left\"",
        "target = \"age\"\npositive = \"33\"",
        &["positive", "age"],
    ),
    (
        "file = \"customers.csv\"",
        "file = \"customers.csv\"\ncsv = { types = { shoe = \"text\" } }",
        &["shoe"],
    ),
    (
        "file = \"customers.csv\"",
        "file = \"customers.csv\"\ncsv = { types = { plan = \"integer\" } }",
        &["customers.csv", "line 2", "\"plan\"", "a whole number"],
    ),
    (
        "file = \"customers.csv\"",
        "file = \"missing.csv\"",
        &["missing.csv"],
    ),
    ("file = \"customers.csv\"", "dataset = \"people\"", &["people"]),
];

#[test]
fn a_recipe_that_does_not_fit_its_data_is_wrong_input() {
    let folder = Folder::new();
    folder.file("customers.csv", customers(200));
    let good = Recipe::quick("leavers", "customers.csv", "left").toml();
    let server = folder.serve();
    for (from, to, words) in MISFITS {
        assert!(good.contains(from), "{from}");
        folder.file("recipe.toml", good.replacen(from, to, 1));
        let told = folder.run(&["train", "recipe.toml"]).refused(2);
        assert!(
            words.iter().all(|word| told.contains(word)),
            "{to:?} is told {told:?}"
        );
    }
    for job in server.json("/api/v1/jobs")["jobs"].as_array().unwrap() {
        assert_eq!(
            (&job["state"], &job["bad_input"]),
            (&"failed".into(), &true.into()),
            "{job}"
        );
    }
    for run in server.json("/api/v1/runs")["runs"].as_array().unwrap() {
        assert_eq!(run["status"], "FAILED", "{run}");
    }
    assert_eq!(
        server.json("/api/v1/models")["models"].as_array().unwrap().len(),
        0
    );
    server.stop();
}
