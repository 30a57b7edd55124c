//! Every key with a value of a wrong type and one of a wrong size.

use super::*;

/// Words that mean something in Rust alone.
const RUST: [&str; 18] = [
    "usize",
    "u64",
    "u32",
    "u8",
    "i64",
    "f64",
    "struct",
    "enum",
    "variant",
    "sequence",
    "map",
    "field",
    "invalid",
    "newtype",
    "identifier",
    "wanted",
    "Option",
    "element",
];

const START: &str = "name = \"a\"\n";
const DATA: &str = "[data]\nfile = \"a.csv\"\ntarget = \"y\"\n";

fn told(text: &str) -> String {
    match Recipe::parse("r.toml", text) {
        Ok(_) => panic!("{text} is not refused"),
        Err(error) => error.to_string(),
    }
}

/// That `line`, the last line of `text`, is refused where it stands, in words that people know.
#[track_caller]
fn is_told_in_words(text: &str, line: &str, path: &str) {
    let text = format!("{text}{line}\n");
    let told = told(&text);
    let place = format!("r.toml:{}:", text.lines().count());
    assert!(told.starts_with(&place), "{line} is told {told}");
    assert!(told.contains(path), "{line} is told {told}");
    let words = told.split(|sign: char| !sign.is_alphanumeric());
    for word in words {
        assert!(!RUST.contains(&word), "{line} is told {told}");
    }
}

#[test]
fn a_value_of_a_wrong_type_is_told_without_the_types_of_rust() {
    let whole = [
        "\"x\"",
        "1.5",
        "true",
        "[1]",
        "{ a = 1 }",
        "2026-01-31",
        "-1",
        "99999999999999999999",
    ];
    let number = ["\"x\"", "true", "[1]", "{ a = 1 }", "2026-01-31"];
    let text = ["1", "1.5", "true", "[1]", "{ a = 1 }", "2026-01-31"];
    let word = ["1", "true", "[\"x\"]", "\"x\"", "{ x = 1 }"];
    let list = ["1", "\"x\"", "true", "{ a = 1 }", "[1]"];
    let table = ["1", "\"x\"", "[1]", "true"];
    let boost = format!("{START}{DATA}[algorithm.boost]\n");
    let below = |header: &str| format!("{START}{DATA}{header}\n");
    let keys: Vec<(String, &str, &[&str])> = [
        ("n_estimators", whole.as_slice()),
        ("learning_rate", &number),
        ("max_depth", &whole),
        ("max_leaves", &whole),
        ("min_child_weight", &number),
        ("gamma", &number),
        ("max_delta_step", &number),
        ("subsample", &number),
        ("colsample_bytree", &number),
        ("colsample_bylevel", &number),
        ("colsample_bynode", &number),
        ("reg_lambda", &number),
        ("reg_alpha", &number),
        ("max_bin", &whole),
        ("scale_pos_weight", &number),
        ("tree_method", &word),
        ("grow_policy", &word),
        ("early_stopping_rounds", &whole),
        ("eval_metric", &word),
        ("monotone_constraints", &table),
        ("monotone_constraints.a", &["1.5", "\"up\"", "2", "[1]"]),
    ]
    .into_iter()
    .map(|(key, values)| (boost.clone(), key, values))
    .chain([
        (START.to_owned(), "title", text.as_slice()),
        (START.to_owned(), "description", &text),
        (START.to_owned(), "experiment", &text),
        (START.to_owned(), "data", &table),
        (START.to_owned() + DATA, "positive", &text),
        (START.to_owned() + DATA, "csv", &table),
        (
            START.to_owned() + DATA,
            "csv.delimiter",
            &["1", "\";;\"", "\"é\"", "[1]"],
        ),
        (START.to_owned() + DATA, "csv.missing", &list),
        (START.to_owned() + DATA, "csv.types", &table),
        (START.to_owned() + DATA, "csv.types.a", &word),
        (below("[features]"), "drop", &list),
        (below("[features]"), "numeric", &table),
        (below("[features]"), "numeric.impute", &word),
        (
            below("[features]"),
            "numeric.impute",
            &["\"constant\"", "{ median = 1 }", "{}", "{ constant = [1] }"],
        ),
        (below("[features]"), "numeric.scale", &word),
        (below("[features]"), "categorical", &table),
        (below("[features]"), "categorical.encode", &word),
        (below("[features]"), "categorical.encode", &["{ onehot = 1 }"]),
        (below("[features]"), "categorical.impute", &word),
        (below("[features]"), "categorical.min_count", &whole),
        (below("[features]"), "categorical.unknown", &word),
        (below("[features]"), "rules", &["1", "\"x\"", "[1]"]),
        (below("[[features.rules]]"), "columns", &list),
        (
            below("[[features.rules]]\ncolumns = [\"a\"]"),
            "min_count",
            &whole,
        ),
        (below("[[features.rules]]\ncolumns = [\"a\"]"), "scale", &word),
        (below("[[features.rules]]\ncolumns = [\"a\"]"), "impute", &word),
        (below(""), "algorithm", &table),
        (below("[algorithm]"), "boost", &table),
        (below("[validation]"), "holdout", &number),
        (below("[validation]"), "folds", &whole),
        (below("[validation]"), "seed", &whole),
        (below("[validation]"), "threshold", &number),
        (below("[registry]"), "promote", &word),
    ])
    .collect();
    for (before, key, values) in keys {
        let last = key.rsplit('.').next().unwrap();
        for value in values {
            // Keys of the top level come before any table.
            is_told_in_words(&before, &format!("{key} = {value}"), last);
        }
    }
    for value in whole {
        let generate = format!("{START}[data]\ntarget = \"fraud\"\n");
        let line = format!("generate = {{ kind = \"card-fraud\", rows = {value} }}");
        is_told_in_words(&generate, &line, "rows");
    }
}

#[test]
fn the_words_that_are_allowed_are_named() {
    for (line, words) in [
        (
            "[validation]\nfolds = \"five\"",
            "validation.folds: expected a whole number of at least 0, got the text \"five\"",
        ),
        (
            "[registry]\npromote = 3",
            "registry.promote: expected one of first, always, never, got 3",
        ),
        (
            "[registry]\npromote = \"now\"",
            "registry.promote: expected one of first, always, never, got \"now\"",
        ),
        (
            "[features.numeric]\nimpute = \"middle\"",
            "\"most_frequent\" or { constant = VALUE }, got the text \"middle\"",
        ),
        (
            "[algorithm.boost]\neta = 0.1\nlearning_rate = 0.1",
            "learning_rate is given twice, under two of its names",
        ),
        (
            "[algorithm]",
            "algorithm: expected one algorithm, as in [algorithm.boost]",
        ),
        (
            "[registry]\npromotion = \"now\"",
            "unknown key promotion; those that are known here: promote",
        ),
        (
            "[algorithm.boost.monotone_constraints]\nage = \"up\"",
            "expected 1 (increasing), 0 (free) or -1 (decreasing), got the text \"up\"",
        ),
    ] {
        let told = told(&format!("{START}{DATA}{line}\n"));
        assert!(told.contains(words), "{line} is told {told}");
    }
}
