//! Exit codes and messages: 0 done, 1 failed, 2 wrong usage or input.

use std::net::TcpListener;

use serde_json::Value;

use crate::support::{Folder, Recipe, customers};

/// Arguments, the exit code, and words that the message has.
type Wrong = (&'static [&'static str], i32, &'static [&'static str]);

const UNKNOWN: &str = "0123456789abcdef0123456789abcdef";

#[test]
fn wrong_usage_and_wrong_input_are_told_apart_from_failures() {
    let folder = Folder::new();
    folder.file("customers.csv", customers(200));
    folder.file(
        "recipe.toml",
        Recipe::quick("leavers", "customers.csv", "left").toml(),
    );
    folder.run(&["train", "recipe.toml"]).done();
    let wrong: &[Wrong] = &[
        (&[], 2, &["Usage"]),
        (&["trian"], 2, &["trian", "train"]),
        (&["train"], 2, &["RECIPE", "usina train customer-churn"]),
        (&["train", "no-such-recipe"], 2, &["no-such-recipe"]),
        (&["train", "missing.toml"], 2, &["missing.toml", "cannot be read"]),
        (
            &["train", "recipe.toml", "--detach"],
            2,
            &["--detach", "usina serve"],
        ),
        (&["predict", "leavers"], 2, &["--json"]),
        (&["predict", "leavers", "--json", "{\"age\": 3"], 2, &["not JSON"]),
        (
            &["predict", "leavers", "--json", "@missing.json"],
            2,
            &["missing.json"],
        ),
        (&["predict", "leavers", "--json", "{}"], 2, &["age", "missing"]),
        (&["predict", "stayers", "--json", "{}"], 2, &["stayers"]),
        (
            &["predict", "leavers", "--json", "{}", "--version", "v9.0.0"],
            2,
            &["leavers", "v9.0.0"],
        ),
        (&["models", "show", "stayers"], 2, &["stayers"]),
        (&["models", "show", "no name"], 2, &["no name"]),
        (&["models", "card", "leavers", "7"], 2, &["leavers", "7"]),
        (
            &["models", "promote"],
            2,
            &["<MODEL>", "usina models promote customer-churn latest"],
        ),
        (
            &["models", "promote", "leavers"],
            2,
            &["which version?", "leavers 2"],
        ),
        (
            &["models", "promote", "leavers", "7"],
            2,
            &["leavers", "7", "usina models show"],
        ),
        (
            &["models", "promote", "stayers", "7"],
            2,
            &["stayers", "usina models list"],
        ),
        (
            &[
                "models",
                "export",
                "leavers",
                "--format",
                "xgboost",
                "-o",
                "missing/x",
            ],
            2,
            &["cannot write missing/x"],
        ),
        (
            &["models", "promote", "leavers", "1", "--stage", "live"],
            2,
            &["live", "production"],
        ),
        (
            &["models", "export", "leavers", "--format", "pickle"],
            2,
            &["pickle", "xgboost"],
        ),
        (&["models", "rollback", "leavers"], 2, &["leavers", "nothing"]),
        (&["jobs", "show", "five"], 2, &["five", "hex"]),
        (&["jobs", "show", "012345"], 2, &["012345", "usina jobs list"]),
        (&["runs", "show", "012345"], 2, &["012345", "usina runs list"]),
        (&["jobs", "show", UNKNOWN], 2, &[UNKNOWN]),
        (&["jobs", "list", "--limit", "0"], 2, &["--limit"]),
        (&["runs", "show", UNKNOWN], 2, &[UNKNOWN]),
        (&["runs", "list", "--experiment", "x"], 2, &["x"]),
        (&["recipes", "no-such-recipe"], 2, &["no-such-recipe"]),
        (&["data", "add", "no name", "customers.csv"], 2, &["no name"]),
        (&["data", "add", "people", "missing.csv"], 2, &["missing.csv"]),
        (
            &[
                "data",
                "add",
                "people",
                "customers.csv",
                "--csv",
                "{\"delimeter\": \";\"}",
            ],
            2,
            &["delimeter"],
        ),
        (&["data", "add", "people", "."], 2, &["is a folder"]),
        (&["data", "show", "people"], 2, &["people", "usina data list"]),
        (&["data", "generate", "card-fraud", "--rows", "0"], 2, &["--rows"]),
        (
            &["serve", "--listen", "8080"],
            2,
            &["--listen", "such as 127.0.0.1:8080"],
        ),
        (&["serve", "--threads", "0"], 2, &["--threads", "from 1"]),
        (&["status"], 1, &["usina serve"]),
        (
            &["train", "recipe.toml", "--data", "customers.csv"],
            2,
            &["customers.csv is not a folder", "--data"],
        ),
        (
            &["models", "list", "--data", "customers.csv"],
            2,
            &["customers.csv is not a folder"],
        ),
    ];
    for (arguments, code, words) in wrong {
        let told = folder.run(arguments).refused(*code);
        for word in *words {
            assert!(
                told.contains(word),
                "{arguments:?} is told {told:?}, without {word:?}"
            );
        }
        assert!(!told.contains("usina up --data customers.csv"), "{told}");
    }
}

#[test]
fn help_and_version_are_no_errors() {
    let folder = Folder::new();
    assert_eq!(
        folder.run(&["--version"]).done(),
        format!("usina {}\n", env!("CARGO_PKG_VERSION"))
    );
    assert!(
        folder
            .run(&["--help"])
            .done()
            .contains("Exit codes: 0 done, 1 failed, 2 wrong")
    );
    assert!(
        folder
            .run(&["models", "promote", "--help"])
            .done()
            .contains("Examples:")
    );
    for shell in ["bash", "zsh", "fish"] {
        assert!(
            folder.run(&["completions", shell]).done().contains("rollback"),
            "{shell}"
        );
    }
    assert!(!folder.data().exists(), "asking for help makes no data folder");
}

#[test]
fn it_listens_nowhere_else_than_on_loopback() {
    let folder = Folder::new();
    for listen in ["0.0.0.0:0", "[::]:0", "192.0.2.1:8080"] {
        let told = folder.run(&["serve", "--listen", listen]).refused(2);
        assert!(told.contains("loopback"), "{told}");
        assert!(told.contains("ssh -L"), "names the remedy: {told}");
    }
    assert!(!folder.data().exists(), "what is refused makes no data folder");
}

#[test]
fn a_port_in_use_is_a_failure_that_names_the_port() {
    let folder = Folder::new();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let told = folder.run(&["serve", "--listen", &address]).refused(1);
    assert!(told.contains(&address), "{told}");
    assert!(
        !folder.data().exists(),
        "what could not start makes no data folder"
    );
}

#[test]
fn a_command_that_needs_data_makes_none_where_there_are_none() {
    let folder = Folder::new();
    let mistyped = folder.path("usina-dta");
    let mistyped = mistyped.to_str().unwrap();
    let needing: [&[&str]; 16] = [
        &["status"],
        &["models", "list"],
        &["models", "show", "leavers"],
        &["models", "card", "leavers"],
        &["models", "promote", "leavers", "1"],
        &["models", "rollback", "leavers"],
        &["models", "default", "leavers"],
        &["models", "export", "leavers", "--format", "xgboost"],
        &["predict", "leavers", "--json", "{}"],
        &["predict", "leavers", "--example"],
        &["runs", "list"],
        &["runs", "show", UNKNOWN],
        &["jobs", "list"],
        &["jobs", "cancel", UNKNOWN],
        &["data", "list"],
        &["data", "show", "people"],
    ];
    for arguments in needing {
        let told = folder
            .run(&[arguments, &["--data", mistyped]].concat())
            .refused(2);
        let remedy = format!("`usina up --data {mistyped}`");
        assert!(
            told.contains("there is no usina data in") && told.contains(&remedy),
            "{arguments:?}: {told}"
        );
        assert!(!folder.path("usina-dta").exists(), "{arguments:?} makes a folder");
    }
    folder.file(
        "recipe.toml",
        Recipe::quick("leavers", "missing.csv", "left").toml(),
    );
    for arguments in [
        ["train", "no-such-recipe", "--data", mistyped].as_slice(),
        &["train", "recipe.toml", "--data", mistyped],
        &["data", "add", "people", "missing.csv", "--data", mistyped],
    ] {
        folder.run(arguments).refused(2);
        assert!(!folder.path("usina-dta").exists(), "{arguments:?} makes a folder");
    }
    let shipped = folder.run(&["recipes", "--data", mistyped]).done();
    assert!(shipped.contains("customer-churn"));
    assert!(
        !folder.path("usina-dta").exists(),
        "what is shipped needs no folder"
    );
    folder.file("customers.csv", customers(200));
    folder
        .run(&["data", "add", "people", "customers.csv", "--data", mistyped])
        .done();
    assert!(
        folder
            .run(&["data", "list", "--data", mistyped])
            .done()
            .contains("people")
    );
}

/// What a failed command with `--json` prints.
fn json_of_failure(folder: &Folder, arguments: &[&str], code: i32) -> Value {
    let ran = folder.run(&[arguments, &["--json"]].concat());
    assert_eq!(ran.code, Some(code), "{ran:?}");
    let told = ran.err.lines().any(|line| line.starts_with("usina: "));
    assert!(told, "people are told as ever: {ran:?}");
    serde_json::from_str(&ran.out).unwrap()
}

#[test]
fn a_script_that_asks_for_json_gets_failures_as_json() {
    let folder = Folder::new();
    let code = |arguments: &[&str], exit: i32| {
        let told = json_of_failure(&folder, arguments, exit);
        assert!(!told["error"]["message"].as_str().unwrap().is_empty(), "{told}");
        told["error"]["code"].as_str().unwrap().to_owned()
    };
    assert_eq!(code(&["models", "list"], 2), "bad_input", "there are no data");
    folder.file("customers.csv", customers(200));
    let good = Recipe::quick("leavers", "customers.csv", "left").toml();
    folder.file("recipe.toml", good.replace("max_depth", "max_dept"));
    let told = json_of_failure(&folder, &["train", "recipe.toml"], 2);
    assert_eq!(
        (&told["error"]["code"], &told["error"]["detail"]["line"]),
        (&"bad_recipe".into(), &9.into())
    );
    folder.file("recipe.toml", good.replace("\"left\"", "\"gone\""));
    let told = json_of_failure(&folder, &["train", "recipe.toml"], 2);
    assert_eq!(
        (&told["error"]["code"], &told["error"]["detail"]["line"]),
        (&"bad_recipe".into(), &5.into())
    );
    // Of whole numbers only the rows tell that the positive one is never there.
    folder.file("numbers.csv", "x,left\n1,0\n2,1\n3,0\n");
    folder.run(&["data", "add", "numbers", "numbers.csv"]).done();
    let stored = Recipe {
        data: "dataset = \"numbers\"\npositive = \"7\"".to_owned(),
        ..Recipe::quick("leavers", "", "left")
    };
    folder.file("recipe.toml", stored.toml());
    let job = json_of_failure(&folder, &["train", "recipe.toml"], 2);
    assert_eq!(
        (&job["state"], &job["bad_input"]),
        (&"failed".into(), &true.into())
    );
    assert!(!job["error"].as_str().unwrap().is_empty(), "{job}");

    assert_eq!(code(&["train", "missing.toml"], 2), "bad_input");
    assert_eq!(code(&["train", "no-such-recipe"], 2), "unknown_recipe");
    assert_eq!(code(&["models", "show", "leavers"], 2), "unknown_model");
    assert_eq!(code(&["models", "promote", "leavers", "1"], 2), "unknown_model");
    assert_eq!(code(&["jobs", "show", UNKNOWN], 2), "unknown_job");
    assert_eq!(code(&["runs", "show", UNKNOWN], 2), "unknown_run");
    assert_eq!(code(&["data", "show", "people"], 2), "unknown_dataset");
    assert_eq!(code(&["recipes", "no-such-recipe"], 2), "bad_input");
    assert_eq!(code(&["status"], 1), "failed");
    let usage = folder.run(&["models", "show", "--json"]);
    assert_eq!(usage.code, Some(2));
    let told: Value = serde_json::from_str(&usage.out).unwrap();
    assert_eq!(told["error"]["code"], "bad_usage", "{usage:?}");
    assert!(
        told["error"]["message"].as_str().unwrap().ends_with("<MODEL>"),
        "{usage:?}"
    );
}

#[test]
fn a_command_that_a_message_names_works_when_it_is_pasted() {
    let folder = Folder::new();
    folder.file("customers.csv", customers(200));
    let recipe = Recipe::quick("leavers", "customers.csv", "left");
    folder.file("recipe.toml", recipe.toml());
    let data = folder.path("my data");
    let data = data.to_str().unwrap();
    let train = |trees| {
        let recipe = Recipe {
            trees,
            ..recipe.clone()
        };
        folder.file("recipe.toml", recipe.toml());
        folder.run(&["train", "recipe.toml", "--data", data]).done()
    };
    let hint = |told: &str, start: &str| {
        let line = told.lines().find_map(|line| line.strip_prefix(start));
        line.unwrap_or_else(|| panic!("{start} is not in {told}"))
            .to_owned()
    };
    let ask = hint(&train(10), "Ask it: ");
    assert!(folder.paste(&ask).done().contains("probability"), "{ask}");
    let promote = hint(&train(20), "Put it to work: ");
    assert!(
        folder.paste(&promote).done().contains("v1.1.0 is in production"),
        "{promote}"
    );

    // With nothing in production the message says how that changes, and an example is there all the same.
    let command = |words: &[&str]| folder.run(&[words, &["--data", data]].concat());
    command(&["models", "promote", "leavers", "2", "--stage", "none"]).done();
    for nothing in [
        &["predict", "leavers", "--json", "{}"][..],
        &["models", "export", "leavers", "--format", "xgboost"],
    ] {
        let told = command(nothing).refused(2);
        let promote = format!("`usina models promote leavers latest --data '{data}'`");
        assert!(
            told.contains("no version of model leavers is in production") && told.contains(&promote),
            "{told}"
        );
    }
    assert!(
        command(&["predict", "leavers", "--example"])
            .done()
            .contains("age")
    );
    let told = command(&["models", "card", "leavers", "7"]).refused(2);
    let show = format!("`usina models show leavers --data '{data}'`");
    assert!(told.contains(&show), "{told}");
    let told = command(&["predict", "stayers", "--json", "{}"]).refused(2);
    assert!(told.contains("no model called stayers"), "{told}");

    let told = folder.run(&["status", "--data", data]).refused(1);
    assert!(told.contains(&format!("`usina serve --data '{data}'`")), "{told}");
}
