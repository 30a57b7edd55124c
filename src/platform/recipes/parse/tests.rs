use super::*;

const GOOD: &str = r#"name = "churn"

[data]
file = "churn.csv"
target = "churn"

[algorithm.boost]
max_depth = 6

[validation]
folds = 5
"#;

fn error(from: &str, to: &str) -> String {
    assert!(GOOD.contains(from), "{from}");
    Recipe::parse("recipe.toml", &GOOD.replace(from, to))
        .unwrap_err()
        .to_string()
}

#[test]
fn a_recipe_needs_little_and_fills_in_the_rest() {
    let recipe = Recipe::parse("recipe.toml", GOOD).unwrap();
    assert_eq!(recipe.validation.holdout, 0.2);
    assert_eq!(recipe.registry.promote, crate::platform::recipes::Promote::First);
}

#[test]
fn a_mistake_is_told_with_its_line_and_column() {
    let told = error("max_depth = 6", "max_dept = 6");
    assert!(
        told.starts_with("recipe.toml:8:1: unknown key max_dept; ") && told.contains("max_depth"),
        "{told}"
    );
    let told = error("folds = 5", "folds = \"five\"");
    assert_eq!(
        told,
        "recipe.toml:11:9: validation.folds: expected a whole number of at least 0, got the text \"five\""
    );
    let told = error("folds = 5", "folds = 1");
    assert_eq!(
        told,
        "recipe.toml:11:1: validation.folds: expected 2 to 100 folds, or 0 for none, got 1"
    );
    let told = error("folds = 5", "group = \"a\"\ntime = \"b\"");
    assert!(
        told.starts_with("recipe.toml:12:1: validation.time: rows are split by groups or by time"),
        "{told}"
    );
    let told = error("[data]", "experiment = \" \"\n[data]");
    assert!(
        told.starts_with("recipe.toml:3:1: experiment: name the"),
        "{told}"
    );
    let version = format!("target = \"churn\"\nversion = \"{}\"", "0".repeat(64));
    let told = error("target = \"churn\"", &version);
    assert!(
        told.starts_with("recipe.toml:6:1: data.version: a version goes with"),
        "{told}"
    );
    let told = error("max_depth = 6", "learning_rate = -1.0");
    assert!(
        told.starts_with("recipe.toml:8:17: algorithm.boost.learning_rate: ") && told.contains("above 0"),
        "{told}"
    );
    let told = error("max_depth = 6", "max_depth = 65");
    assert!(
        told.starts_with("recipe.toml:8:1: algorithm.boost.max_depth: max_depth = 65"),
        "{told}"
    );
    let told = error("[data]", "[data");
    assert!(told.starts_with("recipe.toml:3:"), "{told}");
    let told = error("name = \"churn\"", "name = \"a b\"");
    assert!(
        told.starts_with("recipe.toml:1:8: name: \"a b\" is not a name"),
        "{told}"
    );
    let generated = |what: &str| error("file = \"churn.csv\"", &format!("generate = {{ kind = {what} }}"));
    let told = generated("\"card-fraud\", rows = 1000, users = 3");
    assert!(
        told.starts_with("recipe.toml:4:48: data.generate.users: it goes with"),
        "{told}"
    );
    let told = generated("\"ratings\", rows = 1000, users = 3, items = 4");
    assert!(
        told.contains("data.generate.rows: 3 users rate 4 items at most 12 times"),
        "{told}"
    );
    let told = error("file = \"churn.csv\"", "");
    assert!(
        told.contains("exactly one of file, dataset and generate"),
        "{told}"
    );
}

#[test]
fn the_key_that_a_mistake_is_about_is_named() {
    let field = |from: &str, to: &str| {
        Recipe::parse("r.toml", &GOOD.replace(from, to))
            .unwrap_err()
            .field
    };
    for (from, to, key) in [
        ("folds = 5", "folds = \"five\"", Some("validation.folds")),
        ("folds = 5", "folds = 1", Some("validation.folds")),
        ("max_depth = 6", "max_dept = 6", Some("max_dept")),
        (
            "max_depth = 6",
            "learning_rate = -1.0",
            Some("algorithm.boost.learning_rate"),
        ),
        ("[data]", "[data", None),
    ] {
        assert_eq!(field(from, to).as_deref(), key, "{to}");
    }
}

#[test]
fn a_mistake_is_told_in_the_words_of_recipes_and_not_of_their_reader() {
    let keys = [
        "data",
        "data.csv",
        "data.csv.delimiter",
        "data.csv.missing",
        "data.csv.types",
        "data.csv.types.zip",
        "data.csv.header",
        "data.csv.columns",
        "data.format",
        "data.types",
        "data.types.zip",
        "data.generate",
        "data.generate.kind",
        "data.generate.rows",
        "features",
        "features.drop",
        "features.numeric",
        "features.numeric.impute",
        "features.numeric.impute.constant",
        "features.numeric.scale",
        "features.numeric.indicator",
        "features.numeric.transform",
        "features.numeric.transform.quantile",
        "features.numeric.transform.quantile.n_quantiles",
        "features.numeric.transform.quantile.output_distribution",
        "features.categorical.smooth",
        "features.timestamp",
        "features.timestamp.encode",
        "features.timestamp.parts",
        "features.interactions",
        "features.categorical",
        "features.categorical.encode",
        "features.categorical.min_count",
        "features.categorical.unknown",
        "features.rules",
        "expectations",
        "algorithm",
        "algorithm.boost",
        "algorithm.boost.n_estimators",
        "algorithm.boost.learning_rate",
        "algorithm.boost.tree_method",
        "algorithm.boost.grow_policy",
        "algorithm.boost.eval_metric",
        "algorithm.boost.monotone_constraints",
        "algorithm.boost.monotone_constraints.age",
        "validation",
        "validation.seed",
        "validation.threshold",
        "validation.threshold.rule",
        "validation.threshold.beta",
        "validation.segments",
        "registry",
        "registry.promote",
        "title",
    ];
    let values = [
        "-3",
        "2.5",
        "\"boost\"",
        "[]",
        "[3]",
        "[[]]",
        "{}",
        "{ x = 1 }",
        "true",
    ];
    let (mut told, mut strange) = (0, Vec::<String>::new());
    for (key, value) in keys.iter().flat_map(|key| values.map(|value| (key, value))) {
        let text = format!("name = \"churn\"\n{key} = {value}\n");
        let Err(error) = Recipe::parse("recipe.toml", &text) else {
            continue;
        };
        let ours = [
            "struct", "enum", "tuple", "newtype", "unit ", "::", "Spec", "Boost", "Options",
        ];
        if ours.iter().any(|word| error.message.contains(word)) {
            strange.push(format!("{key} = {value}: {error}"));
        }
        told += 1;
    }
    assert!(strange.is_empty(), "{strange:#?}");
    assert!(told > 200, "{told}");
}

#[test]
fn a_gate_that_is_none_is_told_with_its_line_and_column() {
    let told = |gates: &str| error("folds = 5", &format!("folds = 5\n\n{gates}"));
    for (gates, says) in [
        (
            "[gates]\nroc_auc = \"0.8\"",
            "recipe.toml:14:1: gates.roc_auc: expected a bound, such as \">= 0.8\" or \"<= 0.1\", got \"0.8\"",
        ),
        (
            "[gates]\nroc_auc = 0.8",
            "recipe.toml:14:11: gates.roc_auc: expected text in quotes, got 0.8",
        ),
        (
            "[gates]\nspeed = \">= 3\"",
            "recipe.toml:14:1: gates.speed: there is no gate or metric called speed",
        ),
        (
            "[gates.promotion]\nbeats = \"everyone\"",
            "recipe.toml:14:1: gates.promotion.beats: expected \"baseline\" or \"production\", got \"everyone\"",
        ),
        (
            "[gates]\npromotion = \">= 0.8\"",
            "recipe.toml:14:1: gates.promotion: expected a table",
        ),
        ("gates = [\">= 0.8\"]", "recipe.toml:13:1: "),
    ] {
        let told = told(gates);
        assert!(told.starts_with(says), "{gates}: {told}");
    }
}

#[test]
fn gates_are_no_part_of_a_recipe_that_has_none() {
    let json = |text: &str| {
        Recipe::parse("recipe.toml", text)
            .unwrap()
            .to_canonical_json()
            .unwrap()
    };
    assert!(!json(GOOD).contains("gates"));
    let gated = format!("{GOOD}\n[gates.promotion]\nbeats = \"production\"\n");
    assert!(json(&gated).contains("\"gates\":{\"promotion\":{\"beats\":\"production\"}}"));
}

#[test]
fn a_device_is_no_part_of_a_recipe_that_names_none() {
    let recipe = Recipe::parse("recipe.toml", GOOD).unwrap();
    assert!(!recipe.to_canonical_json().unwrap().contains("training"));
    let empty = Recipe::parse("recipe.toml", &format!("{GOOD}\n[training]\n")).unwrap();
    assert_eq!(recipe, empty);
    let named = format!("{GOOD}\n[training]\ndevice = \"cpu\"\n");
    let named = Recipe::parse("recipe.toml", &named).unwrap();
    assert!(
        named
            .to_canonical_json()
            .unwrap()
            .contains("\"training\":{\"device\":\"cpu\"}")
    );
}

#[test]
fn inner_folds_go_with_folds_and_a_rule() {
    for (lines, says) in [
        (
            "folds = 5\ninner_folds = 3",
            "validation.inner_folds: inner folds choose the threshold",
        ),
        (
            "folds = 5\ninner_folds = 1\nthreshold = { rule = \"f1\" }",
            "expected 2 to 20 inner folds, or 0 for none, got 1",
        ),
        ("folds = 0\ninner_folds = 3", "set validation.folds"),
    ] {
        let told = error("folds = 5", lines);
        assert!(told.contains(says), "{lines}: {told}");
    }
    let nested = GOOD.replace(
        "folds = 5",
        "folds = 5\ninner_folds = 3\nthreshold = { rule = \"f1\" }",
    );
    assert_eq!(
        Recipe::parse("recipe.toml", &nested)
            .unwrap()
            .validation
            .inner_folds,
        3
    );
}
