//! Gates, from the recipe to production.

use serde_json::{Value, json};

use crate::support::{Folder, Recipe, customers, post};

#[test]
fn a_version_goes_as_far_as_its_gates_let_it() {
    let folder = Folder::new();
    folder.file("customers.csv", customers(300));
    let recipe = Recipe::quick("leavers", "customers.csv", "left").toml();
    let gated = |gates: &str| folder.file("recipe.toml", format!("{recipe}\n{gates}"));

    gated("[gates]\nroc_auc = \">= 2\"\n");
    let refused = folder.run(&["train", "recipe.toml"]);
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert!(
        refused.err.contains("leavers was trained and is not registered")
            && refused.err.contains("roc_auc = \">= 2\": it is "),
        "{refused:?}"
    );
    assert_eq!(folder.json(&["models", "list"])["models"], json!([]));

    gated("[gates]\nroc_auc = \"about 0.8\"\n");
    let refused = folder.run(&["train", "recipe.toml"]);
    assert_eq!(refused.code, Some(2), "{refused:?}");
    assert!(
        refused.err.contains("gates.roc_auc: expected a bound"),
        "{refused:?}"
    );

    gated(
        "[gates]\nbeats = \"baseline\"\n[gates.promotion]\nbeats = \"production\"\nlatency = \"<= 10 s\"\n",
    );
    folder.run(&["train", "recipe.toml"]).done();
    let again = folder.run(&["train", "recipe.toml"]).done();
    assert!(
        again.contains("It may not go into production: beats = \"production\": not surely better")
            && again.contains("models promote leavers v1.0.1 --force"),
        "{again}"
    );
    let shown = folder.run(&["models", "show", "leavers"]).done();
    for line in [
        "v1.0.1 at its gates",
        "v1.0.0 at its gates",
        "not surely better than v1.0.0",
        "nothing is in production",
    ] {
        assert!(shown.contains(line), "{line} in {shown}");
    }
    let outcomes = |version: &str| -> Value {
        let shown = folder.json(&["models", "show", "leavers"]);
        let versions = shown["versions"].as_array().unwrap().iter();
        let version = versions
            .clone()
            .find(|other| other["version"] == version)
            .unwrap();
        version["gates"]
            .as_array()
            .unwrap()
            .iter()
            .map(|gate| gate["outcome"].clone())
            .collect()
    };
    assert_eq!(outcomes("v1.0.0"), json!(["passed", "skipped", "passed"]));
    assert_eq!(outcomes("v1.0.1"), json!(["passed", "failed", "passed"]));

    let refused = folder.run(&["models", "promote", "leavers", "2"]);
    assert_eq!(refused.code, Some(2), "{refused:?}");
    assert!(refused.err.contains("--force"), "{refused:?}");
    {
        let server = folder.serve();
        let path = "/api/v1/models/leavers/versions/2/promote";
        let refusal = server
            .send(&post(path, &json!({"stage": "production"})))
            .refused(409, "gates_failed");
        assert_eq!(refusal.detail["version"], "v1.0.1");
        assert_eq!(refusal.detail["gates"].as_array().unwrap().len(), 1);
    }
    folder
        .run(&[
            "models", "promote", "leavers", "2", "--force", "--reason", "a test",
        ])
        .done();
    let history = folder.run(&["models", "history", "leavers"]).done();
    assert!(history.contains("a test (forced past beats"), "{history}");
    // What has served before comes back without being asked.
    folder.run(&["models", "rollback", "leavers"]).done();
}
