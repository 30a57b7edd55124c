//! Recipes with a mistake: told with file, line and column, before anything is opened.

use serde_json::json;

use crate::support::{Folder, Recipe, Server, customers, post};

/// What is replaced in a good recipe, by what, and how the message begins and what it has.
type Mistake = (&'static str, &'static str, &'static str, &'static [&'static str]);

const MISTAKES: &[Mistake] = &[
    (
        "max_depth",
        "max_dept",
        "9:1",
        &["unknown key max_dept", "max_depth"],
    ),
    (
        "[validation]",
        "[validaton]",
        "11:2",
        &["unknown key validaton", "validation"],
    ),
    ("target", "targets", "5:1", &["unknown key targets", "target"]),
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
        &["data.target", "text in quotes", "got 3"],
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

/// What is replaced in a good recipe, by what, and how the message begins and what it has: mistakes that
/// only the data show.
const MISFITS: &[Mistake] = &[
    (
        "target = \"left\"",
        "target = \"gone\"",
        "recipe.toml:5:1: data.target: customers.csv: ",
        &["\"gone\"", "age, income, plan, active, left"],
    ),
    (
        "target = \"left\"",
        "target = \"left\"\npositive = \"maybe\"",
        "recipe.toml:6:1: data.positive: customers.csv: ",
        &["maybe", "no, yes"],
    ),
    (
        "target = \"left\"",
        "target = \"age\"\npositive = \"33\"",
        "recipe.toml:6:1: data.positive: customers.csv: ",
        &["numbers", "age"],
    ),
    (
        "[algorithm.boost]",
        "[features]\ndrop = [\"plan\", \"shoe\"]\n[algorithm.boost]",
        "recipe.toml:8:17: ",
        &["features.drop", "\"shoe\""],
    ),
    (
        "[algorithm.boost]",
        "[[features.rules]]\ncolumns = [\"shoe\"]\n[algorithm.boost]",
        "recipe.toml:8:12: ",
        &["features.rules", "\"shoe\""],
    ),
    (
        "max_depth = 4",
        "monotone_constraints = { age = 1, shoe = 1 }",
        "recipe.toml:9:35: ",
        &["monotone_constraints", "shoe", "age, income"],
    ),
    (
        "max_depth = 4",
        "eval_metric = \"rmse\"",
        "recipe.toml:9:1: algorithm.boost.eval_metric = rmse: ",
        &["logloss", "binary"],
    ),
    (
        "target = \"left\"",
        "target = \"age\"\n[algorithm.boost]\neval_metric = \"auc\"\n[validation]",
        "recipe.toml:7:1: algorithm.boost.eval_metric = auc: ",
        &["rmse", "regression"],
    ),
    (
        "file = \"customers.csv\"",
        "file = \"customers.csv\"\ncsv = { types = { shoe = \"text\" } }",
        "recipe.toml:5:19: data.csv.types: customers.csv, column \"shoe\": ",
        &["no such column"],
    ),
    (
        "file = \"customers.csv\"",
        "file = \"customers.csv\"\ncsv = { types = { plan = \"integer\" } }",
        "customers.csv, line 2, column \"plan\": ",
        &["a whole number"],
    ),
    (
        "file = \"customers.csv\"",
        "file = \"missing.csv\"",
        "recipe.toml:4:1: data.file: missing.csv cannot be read",
        &[],
    ),
    (
        "file = \"customers.csv\"",
        "dataset = \"people\"",
        "recipe.toml:4:1: data.dataset: ",
        &["people", "usina data add"],
    ),
];

/// The good recipe with one thing replaced; what comes after a replaced `[algorithm.boost]` goes with it.
fn mistaken(good: &str, from: &str, to: &str) -> String {
    assert!(good.contains(from), "{from}");
    let replaced = good.replacen(from, to, 1);
    match to.ends_with("[validation]") {
        true => replaced
            .split_inclusive("[validation]")
            .next()
            .unwrap()
            .to_owned(),
        false => replaced,
    }
}

fn nothing_is_stored(server: &Server) {
    for (path, list) in [
        ("datasets", "datasets"),
        ("jobs", "jobs"),
        ("runs", "runs"),
        ("models", "models"),
    ] {
        let stored = server.json(&format!("/api/v1/{path}"));
        assert_eq!(stored[list], json!([]), "{path}");
    }
}

#[test]
fn a_recipe_that_does_not_fit_its_file_is_told_its_line_and_nothing_is_stored() {
    let folder = Folder::new();
    folder.file("customers.csv", customers(200));
    let good = Recipe::quick("leavers", "customers.csv", "left").toml();
    let server = folder.serve();
    for (from, to, place, words) in MISFITS {
        folder.file("recipe.toml", mistaken(&good, from, to));
        let told = folder.run(&["train", "recipe.toml"]).refused(2);
        assert!(
            told.starts_with(&format!("usina: {place}")),
            "{to:?} is told {told:?}"
        );
        assert!(
            words.iter().all(|word| told.contains(word)),
            "{to:?} is told {told:?}"
        );
    }
    nothing_is_stored(&server);
    server.stop();
    // Without a server, too.
    folder.file("recipe.toml", mistaken(&good, MISFITS[0].0, MISFITS[0].1));
    folder.run(&["train", "recipe.toml"]).refused(2);
    assert_eq!(folder.json(&["data", "list"])["datasets"], json!([]));
}

#[test]
fn a_recipe_that_does_not_fit_a_stored_dataset_makes_no_job() {
    let folder = Folder::new();
    folder.file("customers.csv", customers(200));
    let server = folder.serve();
    folder.run(&["data", "add", "people", "customers.csv"]).done();
    let mut recipe = Recipe::quick("leavers", "", "left");
    recipe.data = "dataset = \"people\"".to_owned();
    let good = recipe.toml();
    for (from, to, place, words) in MISFITS {
        // What is said of the file does not hold here; of whole numbers the task shows with the rows alone.
        if from.starts_with("file") || to.contains("\"age\"") {
            continue;
        }
        let text = mistaken(&good, from, to);
        let refused = server
            .send(&post("/api/v1/jobs", &json!({"recipe": text})))
            .refused(422, "bad_recipe");
        let place = place.replace("customers.csv", "dataset people");
        assert!(
            refused.message.starts_with(&place),
            "{to:?} is told {}",
            refused.message
        );
        assert!(
            words.iter().all(|word| refused.message.contains(word)),
            "{to:?} is told {}",
            refused.message
        );
        let line = place.split(':').nth(1).unwrap().parse::<u64>().unwrap();
        assert_eq!(refused.detail["line"], line, "{}", refused.detail);
        folder.file("recipe.toml", text);
        folder.run(&["train", "recipe.toml"]).refused(2);
    }
    assert_eq!(server.json("/api/v1/jobs")["jobs"], json!([]));

    let late = mistaken(
        &good,
        "target = \"left\"",
        "target = \"age\"\n[algorithm.boost]\neval_metric = \"auc\"\n[validation]",
    );
    let job = server
        .send(&post("/api/v1/jobs", &json!({"recipe": late})))
        .json();
    let failed = server.job_end(job["id"].as_str().unwrap());
    assert_eq!(
        (&failed["state"], &failed["bad_input"]),
        (&"failed".into(), &true.into())
    );
    let error = failed["error"].as_str().unwrap();
    assert!(
        error.starts_with("recipe.toml:7:1: algorithm.boost.eval_metric = auc: "),
        "{error}"
    );
    server.stop();
}

#[test]
fn a_recipe_that_is_too_long_for_an_address_is_checked_by_its_job() {
    let folder = Folder::new();
    folder.file("customers.csv", customers(200));
    let recipe = Recipe::quick("leavers", "customers.csv", "left").toml();
    let long = format!("description = \"{}\"\n{recipe}", "long ".repeat(20_000));
    let server = folder.serve();
    folder.file("recipe.toml", &long);
    folder.run(&["train", "recipe.toml"]).done();
    folder.file(
        "recipe.toml",
        mistaken(&long, "max_depth = 4", "eval_metric = \"rmse\""),
    );
    let told = folder.run(&["train", "recipe.toml"]).refused(2);
    assert!(told.contains("eval_metric = rmse"), "{told}");
    server.stop();
}

#[test]
fn a_table_is_refused_over_http_when_the_recipe_beside_it_does_not_go_with_it() {
    let folder = Folder::new();
    let server = folder.serve();
    let good = Recipe::quick("leavers", "customers.csv", "left").toml();
    let add = |recipe: &str, more: &str| {
        let escape = |byte: u8| format!("%{byte:02X}");
        let recipe: String = recipe.bytes().map(escape).collect();
        let path = format!("/api/v1/datasets/leavers?recipe={recipe}&recipe_file=mine.toml{more}");
        let request = post(&path, &json!({})).header("Content-Type", "text/csv");
        server.send(&request.body(customers(200)))
    };
    let wrong = mistaken(&good, "max_depth = 4", "eval_metric = \"rmse\"");
    let refused = add(&wrong, "").refused(422, "bad_recipe");
    assert!(
        refused.message.starts_with("mine.toml:9:1: "),
        "{}",
        refused.message
    );
    assert_eq!(
        refused.detail,
        json!({"line": 9, "column": 1, "field": "algorithm.boost.eval_metric"})
    );
    let refused = add(&good.replace("folds = 2", "folds = 1"), "").refused(422, "bad_recipe");
    assert!(
        refused.message.contains("validation.folds"),
        "{}",
        refused.message
    );
    for said_twice in ["&target=left", "&csv=%7B%7D"] {
        add(&good, said_twice).refused(400, "bad_parameter");
    }
    nothing_is_stored(&server);
    assert_eq!(add(&good, "").status, 201);
    server.stop();
}

#[test]
fn what_shows_only_in_the_training_is_told_at_the_line_that_its_author_wrote() {
    let folder = Folder::new();
    let left = |row: usize| if row.is_multiple_of(84) { "yes" } else { "no" };
    let rows = (0..500).map(|row| format!("{},{}\n", row * 7 % 101, left(row)));
    folder.file("rare.csv", format!("age,left\n{}", rows.collect::<String>()));
    // Six are enough by their number; which of them are held out, only the training knows.
    let text = "name = \"rare\"\n\n[data]\nfile = \"rare.csv\"\ntarget = \"left\"\n\n[validation]\n\
                holdout = 0.5\nfolds = 5\n";
    folder.file("recipe.toml", text);
    let told = folder.run(&["train", "recipe.toml"]).refused(2);
    assert!(
        told.contains(
            "recipe.toml:9:1: validation.folds: \"left\" is \"yes\" in 3 rows that can be learnt from"
        ),
        "{told}"
    );
}
