//! Small tables with something to learn in them, and recipes over them.

use std::fmt::Write;

use serde_json::{Value, json};

/// Customers of whom some leave: whole numbers, numbers of which some are missing, categories, booleans.
/// A multiple of 100 rows.
pub fn customers(rows: usize) -> String {
    let mut table = "age,income,plan,active,left\n".to_owned();
    for row in 0..rows {
        let age = 18 + row * 37 % 60;
        let income = if row % 11 == 0 {
            String::new()
        } else {
            format!("{}.5", 1_000 + row * 7_919 % 4_000)
        };
        let plan = ["basic", "family", "gold"][row * 13 % 7 % 3];
        let active = row * 29 % 5 != 0;
        let leaves = (age < 40) == (plan == "basic") || row % 17 == 0;
        writeln!(
            table,
            "{age},{income},{plan},{active},{}",
            if leaves { "yes" } else { "no" }
        )
        .unwrap();
    }
    table
}

/// A row that the model of [`customers`] takes.
pub fn good_customer() -> Value {
    json!({"age": 33, "income": 2500.5, "plan": "family", "active": true})
}

/// Patients with one of three outcomes and a number of days: for several classes and for a regression.
pub fn patients(rows: usize) -> String {
    let mut table = "pulse,ward,outcome,days\n".to_owned();
    for row in 0..rows {
        let pulse = 50 + row * 31 % 70;
        let ward = ["north", "south"][row * 7 % 5 % 2];
        let outcome = ["home", "clinic", "transfer"][(pulse / 25) % 3];
        writeln!(table, "{pulse},{ward},{outcome},{}.25", pulse / 7 + row % 3).unwrap();
    }
    table
}

/// A recipe to be written.
#[derive(Debug, Clone)]
pub struct Recipe {
    pub name: &'static str,
    /// What stands in `[data]` beside the target.
    pub data: String,
    pub target: &'static str,
    pub trees: u32,
    pub folds: u32,
}

impl Recipe {
    /// A quick training on the CSV file `file`.
    pub fn quick(name: &'static str, file: &str, target: &'static str) -> Self {
        Self {
            name,
            data: format!("file = \"{file}\""),
            target,
            trees: 10,
            folds: 2,
        }
    }

    /// A training that takes long enough to be interrupted, on generated rows.
    pub fn long(name: &'static str) -> Self {
        let data = "generate = { kind = \"card-fraud\", rows = 20000, seed = 7 }".to_owned();
        Self {
            name,
            data,
            target: "fraud",
            trees: 3_000,
            folds: 5,
        }
    }

    pub fn toml(&self) -> String {
        let Self {
            name,
            data,
            target,
            trees,
            folds,
        } = self;
        format!(
            "name = \"{name}\"\n\n[data]\n{data}\ntarget = \"{target}\"\n\n\
             [algorithm.boost]\nn_estimators = {trees}\nmax_depth = 4\n\n\
             [validation]\nfolds = {folds}\n"
        )
    }
}
