//! Predictions beyond one row: streams, explanations, dry runs, and whole files.

mod asked;
mod files;
mod streams;

use serde_json::{Value, json};

use crate::support::{Folder, Recipe, Server, customers, patients, post};

/// A server with a model of two classes, one of three, and one of a number.
struct Models {
    folder: Folder,
    server: Server,
}

impl Models {
    fn new() -> Self {
        let folder = Folder::new();
        folder.file("customers.csv", customers(400));
        folder.file("patients.csv", patients(400));
        for (name, file, target) in [
            ("leavers", "customers.csv", "left"),
            ("outcomes", "patients.csv", "outcome"),
            ("stays", "patients.csv", "days"),
        ] {
            let recipe = Recipe::quick(name, file, target);
            folder.file("recipe.toml", recipe.toml());
            folder.run(&["train", "recipe.toml"]).done();
        }
        let server = folder.serve();
        Self { folder, server }
    }

    fn predict(&self, body: &Value) -> Value {
        self.server.send(&post("/api/v1/predict", body)).json()
    }
}

/// A row that each model takes.
fn rows() -> [(&'static str, Value); 3] {
    [
        ("leavers", crate::support::good_customer()),
        ("outcomes", json!({"pulse": 71, "ward": "north", "days": 12.25})),
        ("stays", json!({"pulse": 71, "ward": "north", "outcome": "home"})),
    ]
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap()
}
