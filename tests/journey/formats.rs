//! Recipes over files of every format.

use serde_json::{Map, Value};

use crate::support::{Folder, Recipe, customers};

/// [`customers`] as JSON lines: what is missing is null.
fn customers_as_lines(rows: usize) -> String {
    let table = customers(rows);
    let mut lines = table.lines();
    let names: Vec<&str> = lines.next().unwrap().split(',').collect();
    let object = |line: &str| {
        let cells = names.iter().zip(line.split(','));
        let values = cells.map(|(name, cell)| {
            // An absent key would be missing too, but in the first line it would put its column elsewhere.
            let value = match cell {
                "" => Value::Null,
                cell => serde_json::from_str(cell).unwrap_or_else(|_| Value::from(cell)),
            };
            ((*name).to_owned(), value)
        });
        format!("{}\n", Value::Object(values.collect::<Map<_, _>>()))
    };
    lines.map(object).collect()
}

#[test]
fn a_recipe_s_file_may_be_of_any_format() {
    let folder = Folder::new();
    folder.file("customers.csv", customers(300));
    folder.file("customers.jsonl", customers_as_lines(300));
    folder.file("customers.data", customers_as_lines(300));
    for (file, more) in [
        ("customers.csv", ""),
        ("customers.jsonl", ""),
        ("customers.data", "\nformat = \"jsonl\""),
    ] {
        let mut recipe = Recipe::quick("leavers", file, "left");
        recipe.data.push_str(more);
        folder.file("recipe.toml", recipe.toml());
        folder.run(&["train", "recipe.toml"]).done();
    }
    let dataset = folder.json(&["data", "show", "leavers"]);
    let versions = dataset["versions"].as_array().unwrap();
    assert_eq!(versions.len(), 1, "one content in three files: {versions:?}");
    let told = folder.file(
        "recipe.toml",
        Recipe::quick("leavers", "customers.jsonl", "left")
            .toml()
            .replace("\ntarget", "\ntypes = { shoe = \"text\" }\ntarget"),
    );
    let told = folder.run(&["train", told.to_str().unwrap()]).refused(2);
    assert!(
        told.contains(":5:11: data.types: customers.jsonl, column \"shoe\": "),
        "{told}"
    );
}
