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
        (
            below("[validation]"),
            "threshold",
            &[
                "\"f1\"",
                "true",
                "[0.5]",
                "2026-01-31",
                "{ rule = \"best\" }",
                "{ rule = 1 }",
                "{}",
            ],
        ),
        (
            below("[validation]\nthreshold.rule = \"f_beta\""),
            "threshold.beta",
            &number,
        ),
        (
            below("[validation]\nthreshold.rule = \"cost\""),
            "threshold.cost_false_positive",
            &number,
        ),
        (below("[validation]"), "confidence", &number),
        (below("[validation]"), "bootstrap", &whole),
        (below("[validation]"), "segments", &list),
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
fn how_is_measured_is_checked_key_by_key() {
    for (lines, place, words) in [
        (
            "threshold = 1",
            "6:1",
            "validation.threshold: expected a probability between 0 and 1, got 1",
        ),
        (
            "threshold = { rule = \"f2\" }",
            "6:22",
            "expected one of f1, f_beta, youden, mcc,",
        ),
        ("threshold = { beta = 2 }", "6:13", "the key rule is missing"),
        (
            "threshold = { rule = \"f1\", gain = 2 }",
            "6:28",
            "unknown key gain; those that are known here: rule, beta",
        ),
        (
            "threshold = { rule = \"f_beta\" }",
            "6:15",
            "the rule f_beta needs beta, as in",
        ),
        (
            "threshold = { rule = \"f_beta\", beta = 0 }",
            "6:32",
            "validation.threshold.beta: expected a number above 0",
        ),
        (
            "threshold = { rule = \"f1\", beta = 2 }",
            "6:28",
            "does not take it; it takes nothing else",
        ),
        (
            "threshold = { rule = \"recall_at_least\" }",
            "6:15",
            "needs value",
        ),
        (
            "threshold = { rule = \"precision_at_least\", value = 1.5 }",
            "6:44",
            "above 0, to 1, got 1.5",
        ),
        (
            "threshold = { rule = \"cost\", cost_false_positive = 2 }",
            "6:15",
            "all rows or none",
        ),
        (
            "threshold = { rule = \"cost\", cost_false_positive = 2, cost_false_negative = -1 }",
            "6:55",
            "validation.threshold.cost_false_negative: expected a number from 0",
        ),
        (
            "threshold.rule = \"youden\"\nfolds = 0",
            "6:1",
            "early_stopping_rounds",
        ),
        (
            "confidence = 1",
            "6:1",
            "validation.confidence: expected a share between 0 and 1",
        ),
        (
            "bootstrap = 10",
            "6:1",
            "validation.bootstrap: expected 100 to 100000 resamples, or 0",
        ),
        (
            "segments = [\"a\", \"b\", \"a\"]",
            "6:1",
            "validation.segments: \"a\" is there twice",
        ),
    ] {
        let told = told(&format!("{START}{DATA}[validation]\n{lines}\n"));
        assert!(
            told.starts_with(&format!("r.toml:{place}: ")),
            "{lines} is told {told}"
        );
        assert!(told.contains(words), "{lines} is told {told}");
    }
}

#[test]
fn a_threshold_is_a_number_or_a_rule_and_stands_in_the_recipe_as_it_was_written() {
    let json = |line: &str| {
        let recipe = Recipe::parse("r.toml", &format!("{START}{DATA}[validation]\n{line}\n")).unwrap();
        let json = recipe.to_canonical_json().unwrap();
        assert_eq!(serde_json::from_str::<Recipe>(&json).unwrap(), recipe);
        let whole: serde_json::Value = serde_json::from_str(&json).unwrap();
        whole["validation"].to_string()
    };
    // As recipes of usina 0.1.0 are written: their versions are known by it.
    let usual = r#"{"holdout":0.2,"folds":5,"seed":42,"threshold":0.5}"#;
    assert_eq!(json(""), usual);
    assert_eq!(
        json("threshold = 0.5\nconfidence = 0.95\nbootstrap = 1000\nsegments = []"),
        usual
    );
    let told = json("threshold = { rule = \"f_beta\", beta = 2 }\nsegments = [\"region\"]\nbootstrap = 0");
    assert_eq!(
        told,
        r#"{"holdout":0.2,"folds":5,"seed":42,"threshold":{"rule":"f_beta","beta":2.0},"bootstrap":0,"segments":["region"]}"#
    );
    let rule =
        "[validation]\nthreshold = { rule = \"cost\", cost_false_positive = 1, gain_true_positive = 5 }\n";
    let recipe = Recipe::parse("r.toml", &format!("{START}{DATA}{rule}")).unwrap();
    let Threshold::Rule(spec) = &recipe.validation.threshold else {
        panic!("not a rule")
    };
    assert_eq!(
        spec.to_string(),
        "cost (cost_false_positive 1, gain_true_positive 5)"
    );
    let watched =
        "[validation]\nfolds = 0\nthreshold.rule = \"mcc\"\n[algorithm.boost]\nearly_stopping_rounds = 5\n";
    assert!(Recipe::parse("r.toml", &format!("{START}{DATA}{watched}")).is_ok());
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
