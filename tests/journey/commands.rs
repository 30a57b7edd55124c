//! Every command does the same whether or not a server holds the data folder.

use serde_json::{Value, json};

use crate::support::{Folder, Recipe, Server, customers, good_customer, patients, post, wait_for};

/// Commands that change nothing, and whose output says the same each time.
const READING: [&[&str]; 27] = [
    &["models", "list"],
    &["models", "list", "--json"],
    &["models", "show", "leavers"],
    &["models", "show", "leavers", "--json"],
    &["models", "card", "leavers"],
    &["models", "card", "days", "v1.0.0"],
    &["models", "curves", "leavers"],
    &["models", "curves", "days", "--json"],
    &["models", "export", "leavers", "--format", "xgboost"],
    &["predict", "leavers", "--example"],
    &["jobs", "list"],
    &["jobs", "list", "--json", "--limit", "2"],
    &["experiments", "list"],
    &["experiments", "list", "--json"],
    &["experiments", "show", "Default"],
    &["experiments", "show", "0", "--json"],
    &["runs", "list", "--experiment", "by ward"],
    &["runs", "list"],
    &["runs", "list", "--json", "--limit", "1"],
    &["data", "list"],
    &["data", "list", "--json"],
    &["data", "show", "leavers"],
    &["data", "show", "people", "--json"],
    &["recipes"],
    &["recipes", "--json"],
    &["recipes", "customer-churn"],
    &["recipes", "credit-risk", "--json"],
];

/// A folder with models of every task, two of them trained without a server.
fn filled() -> Folder {
    let folder = Folder::new();
    folder.file("tables/customers.csv", customers(300));
    folder.file(
        "tables/leavers.toml",
        Recipe::quick("leavers", "customers.csv", "left").toml(),
    );
    folder.file("patients.csv", patients(300));
    let outcomes = Recipe::quick("outcomes", "../patients.csv", "outcome").toml();
    folder.file(
        "outcomes/recipe.toml",
        format!("experiment = \"by ward\"\n{outcomes}"),
    );
    folder.file("days.toml", Recipe::quick("days", "patients.csv", "days").toml());
    folder
}

fn predict(folder: &Folder, model: &str, row: &str) -> Value {
    let arguments = ["predict", model, "--json", row];
    let mut answer: Value = serde_json::from_str(&folder.run(&arguments).done()).unwrap();
    answer.as_object_mut().unwrap().remove("request_id").unwrap();
    answer
}

#[test]
fn a_command_says_the_same_with_a_server_and_without_one() {
    let folder = filled();
    // A recipe's file, a recipe's folder, and how a script would do it; the table is found beside the recipe.
    folder.run(&["train", "tables/leavers.toml"]).done();
    folder.run(&["train", "outcomes"]).done();
    let version = folder.json(&["train", "days.toml"]);
    assert_eq!(
        (&version["model_id"], &version["version"]),
        (&"days".into(), &"v1.0.0".into())
    );
    assert_eq!(
        (&version["stage"], &version["task"]),
        (&"production".into(), &"regression".into())
    );
    assert_eq!(version["dataset"]["name"], "days");
    let added = folder.json(&["data", "add", "people", "patients.csv", "--target", "outcome"]);
    assert_eq!((&added["new"], &added["rows"]), (&true.into(), &300.into()));
    assert_eq!(
        added["version"], version["dataset"]["version"],
        "the same content is the same version"
    );

    let good = good_customer().to_string();
    let sick = r#"[[77, "north", "home"], {"pulse": 101, "ward": "south", "outcome": "clinic"}]"#;
    let asked = || {
        let outcome = predict(
            &folder,
            "outcomes",
            r#"{"pulse": 60, "ward": "north", "days": 8.25}"#,
        );
        (
            predict(&folder, "leavers", &good),
            outcome,
            predict(&folder, "days", sick),
        )
    };
    let say = || READING.map(|arguments| folder.run(arguments).done());
    let (alone, answered_alone) = (say(), asked());
    each_task_answers_in_its_own_form(&answered_alone);

    let server = folder.serve();
    for (arguments, (served, alone)) in READING.iter().zip(say().iter().zip(&alone)) {
        assert!(!alone.trim().is_empty(), "{arguments:?} says nothing");
        assert_eq!(served, alone, "{arguments:?}");
    }
    assert_eq!(asked(), answered_alone);
    a_version_says_what_it_takes_in(&server);
    commands_that_change_something_reach_the_server(&folder);
    server.stop();
}

#[test]
fn experiments_are_found_by_name_and_by_id() {
    let folder = filled();
    folder.run(&["train", "outcomes"]).done();
    folder.run(&["train", "days.toml"]).done();
    let experiments = folder.json(&["experiments", "list"])["experiments"].clone();
    let names = experiments
        .as_array()
        .unwrap()
        .iter()
        .map(|experiment| &experiment["name"]);
    let mut names: Vec<_> = names.collect();
    names.sort_by_key(|name| name.to_string());
    assert_eq!(names, ["Default", "by ward"]);
    let by_ward = folder.json(&["experiments", "show", "by ward"]);
    assert_eq!(by_ward["experiment"]["name"], "by ward");
    assert_eq!(by_ward["runs"].as_array().unwrap().len(), 1);
    assert_eq!(by_ward["runs"][0]["model_name"], "outcomes");
    let id = by_ward["experiment"]["experiment_id"].as_str().unwrap();
    assert_eq!(folder.json(&["experiments", "show", id]), by_ward);
    for given in ["by ward", id] {
        let runs = folder.json(&["runs", "list", "--experiment", given]);
        assert_eq!(runs["runs"], by_ward["runs"], "{given}");
    }
    let told = folder
        .run(&["runs", "list", "--experiment", "by wrad"])
        .refused(2);
    assert!(
        told.contains("by wrad") && told.contains("usina experiments list"),
        "{told}"
    );
}

#[test]
fn the_first_digits_of_an_id_are_enough() {
    let folder = filled();
    folder.run(&["train", "outcomes"]).done();
    folder.run(&["train", "days.toml"]).done();
    let jobs = folder.json(&["jobs", "list"])["jobs"].clone();
    let [first, second] = jobs.as_array().unwrap().as_slice() else {
        panic!("{jobs}");
    };
    let id = |job: &Value, key: &str| job[key].as_str().unwrap().to_owned();
    let own = |one: &str, other: &str| {
        let same = one.bytes().zip(other.bytes()).take_while(|(a, b)| a == b).count();
        one[..=same].to_owned()
    };
    let digits = own(&id(first, "id"), &id(second, "id"));
    assert_eq!(&folder.json(&["jobs", "show", &digits]), first);
    let digits = own(&id(first, "run_id"), &id(second, "run_id"));
    // The other one is in another experiment.
    assert_eq!(folder.json(&["runs", "show", &digits])["run_id"], first["run_id"]);
    folder.run(&["jobs", "cancel", &digits[..0]]).refused(2);
}

/// What a form is made from.
fn a_version_says_what_it_takes_in(server: &Server) {
    let version = server.json("/api/v1/models/leavers/versions/production");
    assert_eq!(version["classes"], json!(["no", "yes"]));
    let inputs = version["inputs"].as_array().unwrap();
    let told = inputs
        .iter()
        .map(|input| json!([input["name"], input["type"], input["nullable"], input["levels"]]));
    let wanted = json!([
        ["age", "integer", false, null],
        ["income", "number", true, null],
        ["plan", "category", false, ["basic", "family", "gold"]],
        ["active", "boolean", false, null],
    ]);
    assert_eq!(told.collect::<Value>(), wanted);
    assert_eq!(
        (&inputs[0]["min"], &inputs[0]["max"]),
        (&json!(18.0), &json!(77.0))
    );
    let example: Value = inputs
        .iter()
        .map(|input| {
            (
                input["name"].as_str().unwrap().to_owned(),
                input["example"].clone(),
            )
        })
        .collect();
    let body = json!({"model": "leavers", "features": example});
    assert_eq!(
        server.send(&post("/api/v1/predict", &body)).status,
        200,
        "{example} is a row that it takes"
    );
}

fn each_task_answers_in_its_own_form((leaver, outcome, days): &(Value, Value, Value)) {
    assert!(["yes", "no"].contains(&leaver["prediction"][0].as_str().unwrap()));
    let says_yes = leaver["probability"][0].as_f64().unwrap() >= 0.5;
    assert_eq!(leaver["prediction"][0] == "yes", says_yes, "{leaver}");

    let by_class = outcome["probability"][0].as_object().unwrap();
    assert_eq!(
        by_class.keys().collect::<Vec<_>>(),
        ["clinic", "home", "transfer"]
    );
    let of = |class: &Value| class.as_f64().unwrap();
    assert!(
        (by_class.values().map(of).sum::<f64>() - 1.0).abs() < 1e-5,
        "{outcome}"
    );
    let likeliest = by_class
        .iter()
        .max_by(|a, b| of(a.1).total_cmp(&of(b.1)))
        .unwrap()
        .0;
    assert_eq!(outcome["prediction"], json!([likeliest]));

    assert_eq!(days["prediction"].as_array().unwrap().len(), 2);
    assert!(
        days["prediction"]
            .as_array()
            .unwrap()
            .iter()
            .all(Value::is_number),
        "{days}"
    );
    assert_eq!(
        days.get("probability"),
        Some(&Value::Null),
        "a number has no probability, and says so: {days}"
    );
}

fn commands_that_change_something_reach_the_server(folder: &Folder) {
    let version = folder.json(&["train", "tables/leavers.toml"]);
    // The same rows and the same recipe again: a patch; the one that serves stays.
    assert_eq!(
        (&version["version"], &version["stage"]),
        (&"v1.0.1".into(), &"none".into())
    );
    let added = folder.json(&["data", "add", "people", "patients.csv"]);
    assert_eq!(added["new"], false, "the same content twice is one version");
    folder.file("more.csv", patients(400));
    let added = folder.json(&["data", "add", "people", "more.csv"]);
    assert_eq!((&added["new"], &added["rows"]), (&true.into(), &400.into()));
    assert_eq!(
        folder.json(&["data", "show", "people"])["versions"]
            .as_array()
            .unwrap()
            .len(),
        2
    );

    let detached = folder.json(&["train", "customer-churn", "--detach"]);
    assert_eq!(detached["model"], "customer-churn");
    let cancelled = folder.json(&["jobs", "cancel", detached["id"].as_str().unwrap()]);
    assert_eq!(cancelled["id"], detached["id"]);
    let exported = folder.path("model.json");
    folder
        .run(&[
            "models",
            "export",
            "leavers",
            "--format",
            "xgboost",
            "-o",
            exported.to_str().unwrap(),
        ])
        .done();
    let exported: Value = serde_json::from_slice(&std::fs::read(exported).unwrap()).unwrap();
    assert_eq!(exported["learner"]["gradient_booster"]["name"], "gbtree");
    let piped = folder.run_with_input(
        &["predict", "leavers", "--json", "@-"],
        &good_customer().to_string(),
    );
    assert!(piped.done().contains("probability"));
}

#[test]
fn two_processes_do_not_share_a_folder() {
    let folder = Folder::new();
    folder.file("customers.csv", customers(200));
    let server = folder.serve();
    let told = folder.run(&["serve", "--listen", "127.0.0.1:0"]).refused(1);
    assert!(told.contains("usina.redb"), "{told}");
    // The second did not take the first's socket away.
    folder.run(&["status"]).done();
    folder.run(&["data", "add", "people", "customers.csv"]).done();
    server.stop();
}

#[test]
fn while_a_training_holds_the_folder_other_commands_work_and_another_training_waits() {
    let folder = Folder::new();
    folder.file("customers.csv", customers(200));
    folder.file("long.toml", Recipe::long("slow").toml());
    folder.file(
        "quick.toml",
        Recipe::quick("leavers", "customers.csv", "left").toml(),
    );
    let training = folder.start(&["train", "long.toml"]);
    wait_for("the training to fit", || {
        training.told().contains("fold 1").then_some(())
    });
    folder.run(&["data", "add", "people", "customers.csv"]).done();
    assert!(folder.run(&["data", "list"]).done().contains("people"));
    let job = folder.json(&["jobs", "list"])["jobs"][0].clone();
    assert_eq!(
        (&job["model"], &job["state"]),
        (&"slow".into(), &"running".into())
    );

    let told = folder.run(&["status"]).refused(1);
    assert!(told.contains("a training holds"), "{told}");
    let told = folder.run(&["train", "quick.toml", "--detach"]).refused(2);
    assert!(told.contains("usina serve"), "{told}");
    let told = folder.run(&["serve", "--listen", "127.0.0.1:0"]).refused(1);
    assert!(told.contains("usina.redb"), "{told}");

    let second = folder.start(&["train", "quick.toml"]);
    wait_for("the second training to wait", || {
        second
            .told()
            .contains("another training holds the folder; waiting")
            .then_some(())
    });
    let id = job["id"].as_str().unwrap();
    folder.run(&["jobs", "cancel", id]).done();
    let called_off = training.wait();
    assert_eq!(called_off.code, Some(1), "{called_off:?}");
    assert!(called_off.err.contains("called off"), "{called_off:?}");
    assert!(second.wait().done().contains("leavers v1.0.0 is in production"));
    assert!(
        !folder.data().join("usina.sock").exists(),
        "a socket on which nobody answers"
    );
    assert_eq!(folder.json(&["jobs", "show", id])["state"], "cancelled");
}

#[test]
fn a_training_whose_socket_cannot_be_served_says_why_and_goes_on() {
    let folder = Folder::new();
    folder.file("customers.csv", customers(200));
    folder.file(
        "quick.toml",
        Recipe::quick("leavers", "customers.csv", "left").toml(),
    );
    // A folder cannot be removed as a socket that was left over is.
    folder.file("data/usina.sock/in-the-way", "");
    let training = folder.start(&["train", "quick.toml"]).wait();
    assert!(training.err.contains("usina.sock"), "{training:?}");
    assert!(training.done().contains("leavers v1.0.0 is in production"));
}

#[test]
fn generated_rows_are_the_same_for_the_same_seed_and_can_be_learnt_from() {
    let folder = Folder::new();
    let generate = |seed: &str| {
        folder
            .run(&["data", "generate", "card-fraud", "--rows", "3000", "--seed", seed])
            .done()
    };
    let rows = generate("7");
    assert_eq!(rows.lines().count(), 3_001);
    assert_eq!(generate("7"), rows);
    assert_ne!(generate("8"), rows);
    let file = folder.path("fraud.csv");
    let to_file = [
        "data",
        "generate",
        "card-fraud",
        "--rows",
        "3000",
        "--seed",
        "7",
        "-o",
        file.to_str().unwrap(),
    ];
    assert_eq!(
        folder.run(&to_file).done(),
        "",
        "what is written to a file is not printed too"
    );
    assert_eq!(std::fs::read_to_string(&file).unwrap(), rows);
    assert!(!folder.data().exists(), "generating needs no data folder");
    let added = folder.json(&["data", "add", "fraud", "fraud.csv", "--target", "fraud"]);
    assert_eq!(added["rows"], 3_000);
}
