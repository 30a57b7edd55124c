//! Promote and roll back on a server that answers meanwhile.

use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};

use usina::base::{Clock, Entropy};
use usina::store::{BlobAddress, Store, StoreOptions};

use crate::support::{Connection, Folder, Recipe, Server, customers, get, good_customer, post, wait_for};

fn ask(server: &Server, version: Option<&str>) -> Value {
    let mut body = json!({"model": "leavers", "features": good_customer()});
    if let Some(version) = version {
        body["model_version"] = json!(version);
    }
    server.send(&post("/api/v1/predict", &body)).json()
}

fn stages(server: &Server) -> Value {
    let versions = server.json("/api/v1/models/leavers/versions");
    let stages = versions["versions"].as_array().unwrap().iter();
    stages
        .map(|version| json!([version["number"], version["version"], version["stage"]]))
        .collect()
}

fn roll_back(server: &Server) -> crate::support::Response {
    server.send(&post("/api/v1/models/leavers/rollback", &json!({})))
}

#[test]
fn a_promotion_and_its_rollback_are_live_at_once() {
    let folder = Folder::new();
    folder.file("customers.csv", customers(300));
    let recipe = Recipe::quick("leavers", "customers.csv", "left");
    folder.file("recipe.toml", recipe.toml());
    let server = folder.serve();
    folder.run(&["train", "recipe.toml"]).done();
    let first = ask(&server, None);
    assert_eq!(
        first["version"], "v1.0.0",
        "the first version goes into production by itself"
    );
    roll_back(&server).refused(409, "nothing_to_roll_back_to");

    // Other parameters: a minor version, which waits for somebody to decide.
    folder.file(
        "recipe.toml",
        Recipe {
            trees: 40,
            ..recipe.clone()
        }
        .toml(),
    );
    let second = folder.json(&["train", "recipe.toml"]);
    assert_eq!(
        (&second["version"], &second["stage"]),
        (&"v1.1.0".into(), &"none".into())
    );
    assert_eq!(ask(&server, None)["probability"], first["probability"]);
    let tried = ask(&server, Some("v1.1.0"));
    assert_ne!(
        tried["probability"], first["probability"],
        "a version that is not in production can be asked"
    );

    folder
        .run(&["models", "promote", "leavers", "v1.1.0", "--stage", "staging"])
        .done();
    assert_eq!(ask(&server, None)["version"], "v1.0.0");
    assert_eq!(ask(&server, Some("staging"))["version"], "v1.1.0");

    assert!(
        folder
            .run(&["models", "promote", "leavers", "2"])
            .done()
            .contains("leavers v1.1.0 is in production")
    );
    let live = ask(&server, None);
    assert_eq!(
        (&live["version"], &live["probability"]),
        (&"v1.1.0".into(), &tried["probability"])
    );
    assert_eq!(
        stages(&server),
        json!([[2, "v1.1.0", "production"], [1, "v1.0.0", "archived"]])
    );
    assert!(!server.json("/api/v1/models/leavers/versions/2")["deployment_date"].is_null());

    assert!(
        folder
            .run(&["models", "rollback", "leavers"])
            .done()
            .contains("leavers v1.0.0 is in production")
    );
    let back = ask(&server, None);
    assert_eq!(
        (&back["version"], &back["probability"]),
        (&"v1.0.0".into(), &first["probability"])
    );
    assert_eq!(
        stages(&server),
        json!([[2, "v1.1.0", "archived"], [1, "v1.0.0", "production"]])
    );
    let told = roll_back(&server).refused(409, "nothing_to_roll_back_to");
    assert!(told.message.contains("leavers"), "{}", told.message);

    // What no longer serves says so, and what replaced it survives a restart.
    folder
        .run(&["models", "promote", "leavers", "1", "--stage", "none"])
        .done();
    let nobody = json!({"model": "leavers", "features": good_customer()});
    server
        .send(&post("/api/v1/predict", &nobody))
        .refused(404, "unknown_model");
    folder.run(&["models", "promote", "leavers", "2"]).done();
    server.stop();
    let server = folder.serve();
    let after = ask(&server, None);
    assert_eq!(
        (&after["version"], &after["probability"]),
        (&live["version"], &live["probability"])
    );
    server.stop();
}

#[test]
fn a_model_answers_as_soon_as_its_training_is_done() {
    let folder = Folder::new();
    let server = folder.serve();
    let mut connection = Connection::open(server.address);
    let job = connection
        .send(&post("/api/v1/jobs", &json!({"shipped": "customer-churn"})))
        .json();
    let path = format!("/api/v1/jobs/{}", job["id"].as_str().unwrap());
    // Looked at without a pause, so that the first moment at which it is done is seen.
    let done = wait_for("the training to be done", || {
        (0..100)
            .map(|_| connection.send(&get(&path)).json())
            .find(|job| job["state"] == "done")
    });
    let model = connection.send(&get("/api/v1/models/customer-churn")).json();
    assert_eq!(
        (&model["serving"], &model["version"]),
        (&true.into(), &done["version"])
    );
    server.stop();
}

#[test]
fn no_request_is_lost_while_versions_change() {
    let folder = Folder::new();
    folder.file("customers.csv", customers(300));
    let recipe = Recipe::quick("leavers", "customers.csv", "left");
    for trees in [10, 40] {
        folder.file(
            "recipe.toml",
            Recipe {
                trees,
                ..recipe.clone()
            }
            .toml(),
        );
        folder.run(&["train", "recipe.toml"]).done();
    }
    let server = folder.serve();
    let of = |version: &str| ask(&server, Some(version))["probability"].clone();
    let known = [("v1.0.0", of("v1.0.0")), ("v1.1.0", of("v1.1.0"))];
    assert_ne!(known[0].1, known[1].1);

    let is_over = AtomicBool::new(false);
    let body = json!({"model": "leavers", "features": good_customer()});
    let request = post("/api/v1/predict", &body);
    std::thread::scope(|scope| {
        let asking = [(); 3].map(|()| {
            scope.spawn(|| {
                let (mut connection, mut seen) = (Connection::open(server.address), [0, 0]);
                while !is_over.load(Ordering::Relaxed) {
                    let answer = connection.send(&request).json();
                    let version = known.iter().position(|(label, probability)| {
                        answer["version"] == *label && answer["probability"] == *probability
                    });
                    seen[version.unwrap_or_else(|| panic!("neither version says {answer}"))] += 1;
                }
                seen
            })
        });
        for number in [2, 1, 2, 1, 2, 1, 2, 1, 2, 1] {
            let path = format!("/api/v1/models/leavers/versions/{number}/promote");
            let promoted = server.send(&post(&path, &json!({"stage": "production"}))).json();
            assert_eq!(promoted["number"], number);
            // Whoever asks after the promotion was answered gets the version that was promoted.
            assert_eq!(ask(&server, None)["version"], promoted["version"]);
        }
        is_over.store(true, Ordering::Relaxed);
        for thread in asking {
            let seen = thread.join().unwrap();
            assert!(
                seen.iter().all(|count| *count > 0),
                "both versions answered: {seen:?}"
            );
        }
    });
}

/// Takes a version's bundle out of the store, as a damaged disk would.
fn lose_bundle(folder: &Folder, version: &Value) {
    let address = version["artifact_path"]
        .as_str()
        .unwrap()
        .strip_prefix("blobs/")
        .unwrap();
    let address: BlobAddress = address.parse().unwrap();
    let store = Store::open(&folder.data(), StoreOptions::default(), Clock::system(), Entropy).unwrap();
    store.write_blocking(move |tx| tx.release(&address)).unwrap();
    wait_for("the bundle to be swept", || {
        store
            .blobs()
            .get_blocking(&address, 1 << 30)
            .is_err()
            .then_some(())
    });
    store.close_blocking();
}

#[test]
fn a_version_that_cannot_be_loaded_never_replaces_one_that_serves() {
    let folder = Folder::new();
    folder.file("customers.csv", customers(300));
    let recipe = Recipe::quick("leavers", "customers.csv", "left");
    folder.file("recipe.toml", recipe.toml());
    let first = folder.json(&["train", "recipe.toml"]);
    folder.file("recipe.toml", Recipe { trees: 40, ..recipe }.toml());
    let second = folder.json(&["train", "recipe.toml"]);
    lose_bundle(&folder, &second);

    let server = folder.serve();
    let promote = post(
        "/api/v1/models/leavers/versions/2/promote",
        &json!({"stage": "production"}),
    );
    let refusal = server.send(&promote).refused(409, "cannot_serve");
    assert!(refusal.message.contains("v1.1.0"), "{}", refusal.message);
    folder.run(&["models", "promote", "leavers", "2"]).refused(1);
    let asked = json!({"model": "leavers", "model_version": "v1.1.0", "features": good_customer()});
    server
        .send(&post("/api/v1/predict", &asked))
        .refused(409, "cannot_load");
    assert_eq!(ask(&server, None)["version"], "v1.0.0");
    assert_eq!(
        stages(&server),
        json!([[2, "v1.1.0", "none"], [1, "v1.0.0", "production"]])
    );
    server.stop();

    // When what is in production is lost, all else goes on, and the model says that it does not serve.
    lose_bundle(&folder, &first);
    let server = folder.serve();
    let model = server.json("/api/v1/models/leavers");
    assert_eq!(
        (&model["status"], &model["serving"]),
        (&"production".into(), &false.into())
    );
    let asked = json!({"model": "leavers", "features": good_customer()});
    server
        .send(&post("/api/v1/predict", &asked))
        .refused(404, "unknown_model");
    folder.run(&["train", "recipe.toml"]).done();
    folder.run(&["models", "promote", "leavers", "3"]).done();
    assert_eq!(ask(&server, None)["version"], "v1.1.1");
    let log = server.stop().err;
    assert!(
        log.contains("cannot be loaded") && log.contains("leavers"),
        "{log}"
    );
}

#[test]
fn a_default_model_that_is_not_there_is_told_and_answers_once_it_comes() {
    let folder = Folder::new();
    folder.file("customers.csv", customers(300));
    for name in ["leavers", "stayers"] {
        let recipe = Recipe::quick(name, "customers.csv", "left").toml();
        folder.file(&format!("{name}.toml"), recipe);
    }
    folder.run(&["train", "leavers.toml"]).done();
    let server = folder.serve_with(&["serve", "--default-model", "stayers"]);
    let told = server.running.told();
    for word in ["WARN", "stayers", "models that are there: leavers"] {
        assert!(told.contains(word), "{told}");
    }
    let default = || server.json("/api/v1/info")["default_model"].clone();
    assert_eq!(default(), "leavers");
    folder.run(&["train", "stayers.toml"]).done();
    assert_eq!(default(), "stayers");
    let told = server.stop().err;
    assert!(
        told.contains("a model answers when a request names none model=stayers"),
        "{told}"
    );
}
