//! `usina diff` finds out what it is given.

use serde_json::Value;

use crate::support::{Folder, Recipe, customers};

fn diff(folder: &Folder, what: &[&str]) -> Value {
    let arguments = [&["diff"], what, &["--json"]].concat();
    serde_json::from_str(&folder.run(&arguments).done()).unwrap()
}

#[test]
fn a_difference_is_that_of_models_of_datasets_or_of_files() {
    let folder = Folder::new();
    folder.file("customers.csv", customers(300));
    folder.file("more.csv", customers(350));
    let recipe = Recipe::quick("leavers", "customers.csv", "left");
    folder.file("recipe.toml", recipe.toml());
    folder.run(&["train", "recipe.toml"]).done();
    let more = Recipe { trees: 40, ..recipe };
    folder.file("recipe.toml", more.toml());
    folder.run(&["train", "recipe.toml"]).done();

    // The model has the name of its dataset, and goes before it.
    for named in [
        &["leavers@1", "leavers@latest"][..],
        &["leavers"],
        &["leavers@production", "leavers@v1.1.0"],
    ] {
        let models = diff(&folder, named);
        assert_eq!(
            (&models["from"]["number"], &models["to"]["number"]),
            (&1.into(), &2.into()),
            "{named:?}"
        );
        assert_eq!(
            models["parameters"][0]["parameter"],
            "algorithm.boost.n_estimators"
        );
        assert_eq!(models["same_holdout"], true);
    }

    let before = folder.json(&["data", "show", "leavers"])["latest"]["version"]
        .as_str()
        .unwrap()
        .to_owned();
    folder.run(&["data", "add", "leavers", "more.csv"]).done();
    let after = folder.json(&["data", "show", "leavers"])["latest"]["version"]
        .as_str()
        .unwrap()
        .to_owned();
    let (one, other) = (
        format!("leavers@{}", &before[..12]),
        format!("leavers@{}", &after[..12]),
    );
    let datasets = diff(&folder, &[&one, &other]);
    assert_eq!(
        (&datasets["rows"][0], &datasets["rows"][1]),
        (&300.into(), &350.into())
    );

    folder.run(&["data", "add", "people", "customers.csv"]).done();
    let datasets = diff(&folder, &["people", &other]);
    assert_eq!(
        (&datasets["name"], &datasets["with"]),
        (&"people".into(), &"leavers".into())
    );

    // Files need no data folder, and nothing of them stays.
    let empty = Folder::new();
    empty.file("a.csv", customers(300));
    empty.file("b.csv", customers(350));
    let files = diff(&empty, &["a.csv", "b.csv"]);
    assert_eq!((&files["rows"][0], &files["rows"][1]), (&300.into(), &350.into()));
    assert!(!empty.data().exists());
    let told = empty.run(&["diff", "a.csv", "b.csv"]).done();
    assert!(told.starts_with("from a.csv to b.csv\n"), "{told}");

    for (what, says) in [
        (
            &["leavers", "more.csv"][..],
            "leavers is a model and more.csv is a file: name two models",
        ),
        (&["more.csv"], "more.csv is a file; name the other one too"),
        (&["nobody"], "nobody is no model, no dataset and no file"),
        (&["leavers@9", "leavers@1"], "leavers"),
    ] {
        let refused = folder.run(&[&["diff"], what].concat());
        assert_eq!(refused.code, Some(2), "{refused:?}");
        assert!(refused.err.contains(says), "{refused:?}");
    }
}
