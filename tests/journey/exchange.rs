//! A version moves from one machine to another, and what is not right is refused there.

use std::fs;

use serde_json::json;

use crate::support::{Folder, Recipe, customers, good_customer, post};

/// A machine with a version of a model called leavers, and its bundle.
fn lab() -> (Folder, Vec<u8>) {
    let folder = Folder::new();
    folder.file("customers.csv", customers(300));
    let recipe = Recipe::quick("leavers", "customers.csv", "left");
    folder.file("recipe.toml", recipe.toml());
    folder.run(&["train", "recipe.toml"]).done();
    folder
        .run(&["models", "alias", "leavers", "1", "champion"])
        .done();
    folder.run(&["models", "export", "leavers@champion"]).done();
    let bundle = fs::read(folder.path("leavers-v1.0.0.usina")).unwrap();
    (folder, bundle)
}

#[test]
fn a_version_moves_to_a_machine_that_trusts_its_maker_and_answers_there() {
    let (lab, bundle) = lab();
    let plant = Folder::new();
    let file = plant.file("leavers.usina", &bundle);
    let import = ["models", "import", file.to_str().unwrap()];
    let told = plant.run(&import).refused(2);
    assert!(
        told.contains("usina trust add") && told.contains("--trust-new"),
        "{told}"
    );

    let key = plant.file("lab.key", lab.run(&["trust", "show"]).done());
    plant
        .run(&["trust", "add", key.to_str().unwrap(), "--name", "the lab"])
        .done();
    let version = plant.json(&import);
    assert_eq!(
        (&version["new"], &version["stage"]),
        (&json!(true), &json!("none"))
    );
    assert_eq!(
        plant.json(&import)["new"],
        false,
        "the same bundle twice is one version"
    );
    plant.run(&["models", "promote", "leavers@1"]).done();

    let customer = good_customer().to_string();
    let ask = |folder: &Folder| {
        let answer = folder.run(&["predict", "leavers", "--json", &customer]).done();
        let answer: serde_json::Value = serde_json::from_str(&answer).unwrap();
        answer["probability"].clone()
    };
    assert_eq!(ask(&plant), ask(&lab));
    let lineage = plant.json(&["models", "lineage", "leavers@1"]);
    assert_eq!(lineage["origin"], "imported");
    let same = lab.json(&["models", "lineage", "leavers@1"]);
    assert_eq!(
        (&lineage["digest"], &lineage["signer"]),
        (&same["digest"], &same["signer"])
    );
    plant.run(&["models", "history", "leavers", "--verify"]).done();
}

#[test]
fn what_is_no_right_bundle_is_refused_with_a_code_and_nothing_is_kept() {
    let (lab, bundle) = lab();
    let server = lab.serve();
    let send = |bytes: Vec<u8>| {
        post("/api/v1/bundles?name=copy", &json!({}))
            .header("Content-Type", "application/octet-stream")
            .body(bytes)
    };
    let flipped = |position: usize| {
        let mut bytes = bundle.clone();
        bytes[position] ^= 1;
        bytes
    };
    for (bytes, code) in [
        (b"PK\x03\x04 and more that is no bundle".to_vec(), "not_a_bundle"),
        (flipped(0), "not_a_bundle"),
        ([b"usina bundle 2\n", &bundle[15..]].concat(), "newer_bundle"),
        (flipped(100), "bad_signature"),
        (flipped(bundle.len() - 1), "damaged_part"),
        (bundle[..bundle.len() - 1].to_vec(), "bundle_cut_off"),
        (Vec::new(), "bundle_cut_off"),
        ([bundle.as_slice(), b"x"].concat(), "bundle_goes_on"),
    ] {
        server.send(&send(bytes)).refused(422, code);
    }
    let models = server.json("/api/v1/models");
    assert_eq!(models["models"].as_array().unwrap().len(), 1);
    assert_eq!(server.send(&send(bundle.clone())).status, 201);
}

#[test]
fn an_alias_a_tag_and_a_deletion_are_seen_by_a_running_server_at_once() {
    let (lab, _) = lab();
    let server = lab.serve();
    let ask = |version: &str| {
        let body = json!({"model": "leavers", "model_version": version, "features": good_customer()});
        server.send(&post("/api/v1/predict", &body))
    };
    assert_eq!(ask("@champion").json()["version"], "v1.0.0");
    let behind = json!({"model": "leavers@champion", "features": good_customer()});
    assert_eq!(
        server.send(&post("/api/v1/predict", &behind)).json()["version"],
        "v1.0.0"
    );
    lab.run(&["models", "tag", "leavers", "team=growth"]).done();
    let tagged = server.json("/api/v1/models?tag.team=growth&stage=production");
    assert_eq!(tagged["models"].as_array().unwrap().len(), 1);

    let refused = lab.run(&["models", "delete", "leavers"]).refused(2);
    assert!(refused.contains("--stage archived"), "{refused}");
    lab.run(&["models", "promote", "leavers@1", "--stage", "archived"])
        .done();
    assert_eq!(ask("@champion").status, 200, "it is in no stage, and still there");
    lab.run(&["models", "delete", "leavers", "1"]).done();
    ask("@champion").refused(404, "unknown_version");
    ask("1").refused(404, "deleted");
    lab.run(&["models", "restore", "leavers", "1"]).done();
    assert_eq!(ask("1").status, 200);
    let then = lab.json(&["models", "history", "leavers", "--as-of", "0s ago"]);
    assert_eq!(
        (&then["production"], &then["aliases"]),
        (&json!(null), &json!({}))
    );
}
