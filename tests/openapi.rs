//! The description of the API: whole, and true of every answer.

mod schema;

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::support::{Folder, Recipe, Request, Response, Server, customers, get, good_customer, post};
use schema::Document;

/// The methods of the document's operations, as OpenAPI writes them.
const METHODS: [&str; 6] = ["get", "post", "head", "put", "patch", "delete"];

/// A public key; whose it is, nobody knows.
const KEY: &str = "abababababababababababababababababababababababababababababababab";

/// Path, method and description of every operation.
pub fn operations(document: &Value) -> Vec<(&str, &str, &Value)> {
    let paths = document["paths"].as_object().unwrap().iter();
    let operations = paths.flat_map(|(path, item)| {
        item.as_object()
            .unwrap()
            .iter()
            .map(move |(method, operation)| (path.as_str(), method.as_str(), operation))
    });
    operations.collect()
}

/// The names in braces in a path.
fn holes(path: &str) -> BTreeSet<&str> {
    path.split('/')
        .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
        .collect()
}

/// A server with something behind every route, and what stands for the holes in the paths.
struct Filled {
    _folder: Folder,
    server: Server,
    job: String,
    run: String,
    dataset_version: String,
    bundle: Vec<u8>,
}

impl Filled {
    fn new() -> Self {
        let folder = Folder::new();
        folder.file("customers.csv", customers(200));
        folder.file(
            "recipe.toml",
            Recipe::quick("leavers", "customers.csv", "left").toml(),
        );
        let server = folder.serve();
        folder.run(&["train", "recipe.toml"]).done();
        folder
            .run(&["models", "alias", "leavers", "1", "champion"])
            .done();
        folder.run(&["trust", "add", KEY]).done();
        let bundle = ["models", "export", "leavers", "--output", "leavers.usina"];
        folder.run(&bundle).done();
        let version = server.json("/api/v1/models/leavers/versions/1");
        let job = server.json("/api/v1/jobs")["jobs"][0].clone();
        let id = |key: &str| job[key].as_str().unwrap().to_owned();
        Self {
            job: id("id"),
            run: id("run_id"),
            dataset_version: version["dataset"]["version"].as_str().unwrap().to_owned(),
            bundle: std::fs::read(folder.path("leavers.usina")).unwrap(),
            server,
            _folder: folder,
        }
    }

    /// A path of the document with what is there in place of its holes.
    fn filled(&self, path: &str) -> String {
        let id = match path.split('/').nth(3) {
            Some("jobs") => &self.job,
            Some("runs") => &self.run,
            _ => "leavers",
        };
        let version = if path.contains("/datasets/") {
            "latest"
        } else {
            "1"
        };
        let filled = path
            .replace("{id}", id)
            .replace("{name}", "leavers")
            .replace("{version}", version)
            .replace("{alias}", "champion")
            .replace("{key}", KEY);
        let filled = filled.replace("{metric}", "roc_auc");
        assert!(!filled.contains('{'), "{filled}: nothing is known to put here");
        match path.rsplit('/').next() {
            Some("export") => filled + "?format=xgboost",
            Some("compare") => filled + "?from=1&to=1",
            // There is one version, beside itself.
            Some("diff") => filled + "?with=leavers",
            Some("lineage") if !path.contains("{id}") => {
                format!("{filled}?dataset_version={}", self.dataset_version)
            }
            _ => filled,
        }
    }

    /// A right request for an operation.
    fn request(&self, path: &str, method: &str) -> Request {
        let empty = json!({});
        let filled = self.filled(path);
        match (method, path.rsplit('/').next().unwrap()) {
            ("get", _) => get(&filled),
            ("patch", _) => {
                post(&filled, &json!({"description": "**x**", "tags": {"a": "b"}})).method("PATCH")
            }
            ("put", "{alias}") => post(&filled, &json!({"version": "1"})).method("PUT"),
            ("delete", _) => post(&filled, &empty).method("DELETE"),
            (_, "trust") => post(&filled, &json!({"key": KEY})),
            (_, "bundles") => post(&filled, &empty)
                .header("Content-Type", "application/octet-stream")
                .body(self.bundle.clone()),
            (_, "predict") => post(&filled, &json!({"model": "leavers", "features": good_customer()})),
            (_, "jobs") => post(&filled, &json!({"shipped": "customer-churn"})),
            (_, "promote") => post(&filled, &json!({"stage": "production"})),
            (_, "check") => post(&filled, &json!({"expectations": [{"rows": {"min": 1}}]})),
            (_, "cancel" | "rollback" | "default" | "restore") => post(&filled, &empty),
            (_, "{name}") => post(&filled, &empty)
                .header("Content-Type", "text/csv")
                .body(customers(100)),
            _ => panic!("{method} {path}: nothing is known to send"),
        }
    }
}

#[test]
fn the_document_describes_every_operation_once_and_wholly() {
    let folder = Folder::new();
    let server = folder.serve();
    let document = server.json("/api/openapi.json");
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1."));
    assert_eq!(document["info"]["title"], "usina");
    assert_eq!(document["info"]["version"], env!("CARGO_PKG_VERSION"));
    let known: BTreeSet<_> = document["tags"]
        .as_array()
        .unwrap()
        .iter()
        .map(|tag| tag["name"].as_str().unwrap())
        .collect();

    let (mut ids, mut used) = (BTreeSet::new(), BTreeSet::new());
    let operations = operations(&document);
    assert!(operations.len() > 20, "{}", operations.len());
    for (path, method, operation) in operations {
        let place = format!("{method} {path}");
        assert!(METHODS.contains(&method), "{place}");
        let id = operation["operationId"].as_str().unwrap();
        assert!(ids.insert(id), "{place}: another operation is called {id}, too");
        assert!(!operation["summary"].as_str().unwrap().is_empty(), "{place}");
        let tags: Vec<_> = operation["tags"]
            .as_array()
            .unwrap()
            .iter()
            .map(|tag| tag.as_str().unwrap())
            .collect();
        assert!(tags.len() == 1 && known.contains(tags[0]), "{place}: {tags:?}");
        used.extend(tags);

        let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
        let in_path = parameters.iter().filter(|parameter| parameter["in"] == "path");
        let in_path: BTreeSet<_> = in_path
            .map(|parameter| parameter["name"].as_str().unwrap())
            .collect();
        assert_eq!(in_path, holes(path), "{place}");
        assert_eq!(
            operation.get("requestBody").is_some(),
            !["get", "head"].contains(&method),
            "{place}"
        );

        let responses = operation["responses"].as_object().unwrap();
        assert!(responses.keys().any(|status| status.starts_with('2')), "{place}");
        assert!(
            responses.contains_key("default"),
            "{place}: what does a failure look like?"
        );
        for (status, response) in responses {
            assert!(
                !response["description"].as_str().unwrap().is_empty(),
                "{place}: {status}"
            );
            assert!(
                !response["content"].as_object().unwrap().is_empty(),
                "{place}: {status}"
            );
        }
    }
    assert_eq!(used, known, "every tag is used");
    let answer = &document["components"]["schemas"]["PredictAnswer"];
    let keys: BTreeSet<_> = answer["properties"]
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    let required = answer["required"].as_array().unwrap().iter();
    let required: BTreeSet<_> = required.map(|key| key.as_str().unwrap()).collect();
    let more: Vec<_> = keys.difference(&required).collect();
    assert_eq!(
        more,
        [&"explanations"],
        "a prediction has all its keys, but for what has to be asked for"
    );
    Document(&document).check_references();
    server.stop();
}

#[test]
fn every_answer_is_as_the_document_describes_it() {
    let filled = Filled::new();
    let document = filled.server.json("/api/openapi.json");
    for (path, method, operation) in operations(&document) {
        let request = filled.request(path, method);
        let answer = filled.server.send(&request);
        assert!(
            ![404, 405].contains(&answer.status),
            "{method} {path}: {}",
            answer.text()
        );
        // What is in production is not deleted, and what is not deleted is not restored.
        let is_refused_for_now = ["/rollback", "/cancel", "/restore"]
            .iter()
            .any(|end| path.ends_with(end))
            || method == "delete" && (path.ends_with("/{id}") || path.ends_with("/{version}"));
        assert_eq!(
            answer.status >= 400,
            is_refused_for_now,
            "{method} {path}: {}",
            answer.text()
        );
        check(&document, operation, &format!("{method} {path}"), &answer);
    }
}

#[test]
fn every_failure_is_as_the_document_describes_it() {
    let filled = Filled::new();
    let document = filled.server.json("/api/openapi.json");
    let mut tried = 0;
    for (path, method, operation) in operations(&document) {
        let place = format!("{method} {path}");
        let mut wrong = vec![filled.request(path, method).header("Host", "evil.example")];
        if !["get", "head"].contains(&method) {
            wrong.push(filled.request(path, method).header("Content-Type", "text/plain"));
            wrong.push(filled.request(path, method).body("\u{0}"));
        }
        if !holes(path).is_empty() {
            let nothing = path
                .replace("{id}", "nothing")
                .replace("{name}", "nothing")
                .replace("{version}", "1");
            let nothing = nothing.replace("{metric}", "nothing") + "?format=xgboost";
            wrong.extend((method == "get").then(|| get(&nothing)));
        }
        for request in wrong {
            let answer = filled.server.send(&request);
            assert!(
                (400..500).contains(&answer.status),
                "{place}: {} {}",
                answer.status,
                answer.text()
            );
            check(&document, operation, &place, &answer);
            tried += 1;
        }
    }
    assert!(tried > 50, "{tried}");
}

/// What is sent in place of a right body: other values, other fields, and no JSON at all.
const WRONG_BODIES: [&str; 10] = [
    "",
    "3",
    "null",
    "\"stage\"",
    "[]",
    "[3]",
    "[[]]",
    "{\"x\": 1}",
    "{\"stage\": {}, \"shipped\": [], \"features\": 3}",
    "{\"recipe\": \"data = 3\"}",
];

#[test]
fn no_failure_is_told_in_the_words_of_the_code() {
    let filled = Filled::new();
    let document = filled.server.json("/api/openapi.json");
    let posts = operations(&document)
        .into_iter()
        .filter(|(_, method, _)| *method == "post");
    for (path, method, _) in posts {
        for body in WRONG_BODIES {
            let request = filled.request(path, method).body(body);
            let told = filled.server.send(&request).text();
            for word in ["struct ", "enum ", "tuple", "variant of", "Option", "::"] {
                assert!(!told.contains(word), "{path} {body}: {told}");
            }
        }
    }
}

/// That an answer's status, type and JSON are among those that its operation describes.
fn check(document: &Value, operation: &Value, place: &str, answer: &Response) {
    let responses = &operation["responses"];
    let described = responses
        .get(answer.status.to_string())
        .unwrap_or(&responses["default"]);
    assert!(
        answer.status >= 400 || responses.get(answer.status.to_string()).is_some(),
        "{place}: {} is not described",
        answer.status
    );
    let content = described["content"].as_object().unwrap();
    let given = answer.header("content-type").unwrap().split(';').next().unwrap();
    let schema = content
        .get(given)
        .unwrap_or_else(|| panic!("{place}: {given} is not described"));
    if given == "application/json" {
        let json: Value = serde_json::from_slice(&answer.body).unwrap();
        Document(document).check(&schema["schema"], &json, place);
    } else {
        assert!(!answer.body.is_empty(), "{place}");
    }
}
