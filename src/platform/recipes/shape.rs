//! The shape of a recipe: which of its keys are tables. Looked at before the values are read, because serde
//! takes a list for a table, its entries in the order of Rust's fields.

use toml::de::{DeTable, DeValue};

use super::locate::{Place, Step, keys, place_of};

const TABLES: [&[&str]; 25] = [
    &["data"],
    &["data", "csv"],
    &["data", "csv", "types"],
    &["data", "types"],
    &["data", "generate"],
    &["features"],
    &["features", "numeric"],
    &["features", "categorical"],
    &["features", "timestamp"],
    &["forecast"],
    &["recommend"],
    &["algorithm"],
    &["algorithm", "boost"],
    &["algorithm", "linear"],
    &["algorithm", "mlp"],
    &["algorithm", "lstm"],
    &["algorithm", "nmf"],
    &["algorithm", "als"],
    &["algorithm", "boost", "learning_rate_decay"],
    &["algorithm", "boost", "monotone_constraints"],
    &["validation"],
    &["gates"],
    &["gates", "promotion"],
    &["training"],
    &["registry"],
];

/// Lists of tables.
const LISTS: [&[&str]; 3] = [
    &["features", "rules"],
    &["features", "interactions"],
    &["expectations"],
];
const ALGORITHM: [&str; 1] = ["algorithm"];

/// The first part of the recipe in `text` that has another shape, and which it should have; none also when
/// the text is no TOML.
pub(super) fn wrong_shape(text: &str) -> Option<(Place, String)> {
    let document = DeTable::parse(text).ok()?;
    let root = document.get_ref();
    let wrong = |path: &[&str], expected: String| {
        (
            place_of(text, &keys(path)),
            format!("{}: {expected}", path.join(".")),
        )
    };
    let no_table = |path: &&&[&str]| find(root, path).is_some_and(|value| !is_table(value));
    if let Some(path) = TABLES.iter().find(no_table) {
        return Some(wrong(
            path,
            format!("expected a table, as in [{}]", path.join(".")),
        ));
    }
    let is_list = |value: &DeValue<'_>| matches!(value, DeValue::Array(list) if list.iter().all(|entry| is_table(entry.get_ref())));
    let no_list = |path: &&&[&str]| find(root, path).is_some_and(|value| !is_list(value));
    if let Some(path) = LISTS.iter().find(no_list) {
        return Some(wrong(
            path,
            format!("expected tables, as in [[{}]]", path.join(".")),
        ));
    }
    if let Some(wrong) = rows_that_are_no_table(root, text) {
        return Some(wrong);
    }
    match find(root, &ALGORITHM) {
        Some(DeValue::Table(algorithms)) if algorithms.len() != 1 => Some(wrong(
            &ALGORITHM,
            "expected one algorithm, as in [algorithm.boost]".to_owned(),
        )),
        _ => None,
    }
}

/// The first expectation whose `rows` are no table.
fn rows_that_are_no_table(root: &DeTable<'_>, text: &str) -> Option<(Place, String)> {
    let Some(DeValue::Array(entries)) = find(root, &["expectations"]) else {
        return None;
    };
    let is_wrong = |entry: &DeValue<'_>| match entry {
        DeValue::Table(entry) => entry.get("rows").is_some_and(|rows| !is_table(rows.get_ref())),
        _ => false,
    };
    let place = entries.iter().position(|entry| is_wrong(entry.get_ref()))?;
    let path = [Step::Key("expectations"), Step::Entry(place), Step::Key("rows")];
    let message = "expectations.rows: expected a table, as in { min = 1000 }";
    Some((place_of(text, &path), message.to_owned()))
}

fn is_table(value: &DeValue<'_>) -> bool {
    matches!(value, DeValue::Table(_))
}

fn find<'a>(root: &'a DeTable<'a>, path: &[&str]) -> Option<&'a DeValue<'a>> {
    let (last, above) = path.split_last()?;
    let table = above
        .iter()
        .try_fold(root, |table, key| match table.get(*key)?.get_ref() {
            DeValue::Table(inner) => Some(inner),
            _ => None,
        })?;
    Some(table.get(*last)?.get_ref())
}
