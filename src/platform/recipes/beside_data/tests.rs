use super::*;
use crate::data::source::{CsvOptions, scan};

const GOOD: &str = r#"name = "leavers"
[data]
file = "t.csv"
target = "left"
positive = "yes"
[features]
drop = ["id"]
[[features.rules]]
columns = ["plan"]
encode = "onehot"
[algorithm.boost]
eval_metric = "auc"
[algorithm.boost.monotone_constraints]
age = 1
"plan=gold" = -1
"#;

const TABLE: &str = "id,age,plan,note,since,left\n1,20,gold,x1,2024-01-31,yes\n\
    2,30,basic,x2,2024-02-01,no\n3,40,gold,x3,2024-02-02,no\n";

fn check(text: &str) -> Result<(), RecipeError> {
    let options = CsvOptions {
        types: [("note".to_owned(), ColumnType::Text)].into(),
        ..CsvOptions::default()
    };
    let schema = scan("t.csv", TABLE.as_bytes(), &options).unwrap().schema;
    WrittenRecipe::parse("recipe.toml", text)
        .unwrap()
        .check_columns("t.csv", &schema)
}

#[test]
fn a_recipe_that_fits_its_columns_passes() {
    check(GOOD).unwrap();
    check(&GOOD.replace("positive = \"yes\"\n", "")).unwrap();
    // What is predicted is known only with the rows.
    check(
        &GOOD
            .replace("\"left\"\npositive = \"yes\"", "\"age\"")
            .replace("age = 1\n", ""),
    )
    .unwrap();
}

#[test]
fn a_mistake_that_shows_only_beside_the_columns_is_told_where_it_stands() {
    let cases: &[(&str, &str, &str, &str)] = &[
        (
            "\"left\"",
            "\"gone\"",
            "4:1",
            "t.csv: there is no column called \"gone\"",
        ),
        ("\"left\"", "\"note\"", "4:1", "of type text"),
        ("\"yes\"", "\"maybe\"", "5:1", "it is no, yes"),
        ("[\"id\"]", "[\"id\", \"ego\"]", "7:15", "\"ego\""),
        ("[\"plan\"]", "[\"plan\", \"plane\"]", "9:20", "\"plane\""),
        ("[\"plan\"]", "[\"plan\", \"left\"]", "9:20", "it is the target"),
        (
            "[\"plan\"]",
            "[\"plan\", \"note\"]",
            "9:20",
            "text is not a feature",
        ),
        ("[\"plan\"]", "[\"plan\", \"plan\"]", "9:20", "two features.rules"),
        (
            "[\"plan\"]",
            "[\"plan\", \"age\"]",
            "10:1",
            "encode does not go with \"age\"",
        ),
        (
            "encode = \"onehot\"",
            "impute = { constant = \"silver\" }",
            "10:1",
            "\"silver\"",
        ),
        (
            "drop = [\"id\"]",
            "categorical = { impute = \"median\" }",
            "7:17",
            "impute does not go with \"plan\"",
        ),
        (
            "drop = [\"id\"]",
            "drop = [\"id\", \"age\", \"plan\"]\n[[features.rules]]\ncolumns = [\"age\"]",
            "9:12",
            "drops it",
        ),
        (
            "\"auc\"",
            "\"rmse\"",
            "12:1",
            "expected logloss, error, auc, aucpr for a binary task",
        ),
        ("age = 1", "ago = 1", "14:1", "age, plan="),
        ("plan=gold", "plan=silver", "15:1", "plan=silver"),
        ("\"plan=gold\"", "plan", "15:1", "plan"),
    ];
    for (from, to, place, words) in cases {
        assert!(GOOD.contains(from), "{from}");
        let told = check(&GOOD.replacen(from, to, 1)).unwrap_err().to_string();
        assert!(
            told.starts_with(&format!("recipe.toml:{place}: ")),
            "{to} is told {told}"
        );
        assert!(told.contains(words), "{to} is told {told}");
    }
}

#[test]
fn segments_are_columns_and_a_rule_goes_with_two_classes() {
    // One that is no feature tells rows apart as well.
    check(&format!(
        "{GOOD}[validation]\nsegments = [\"plan\", \"id\", \"note\"]\n"
    ))
    .unwrap();
    for (line, words) in [
        (
            "segments = [\"plan\", \"gone\"]",
            "validation.segments: \"gone\" is no column of t.csv",
        ),
        (
            "segments = [\"plan\", \"left\"]",
            "validation.segments: \"left\" is the target",
        ),
    ] {
        let told = check(&format!("{GOOD}[validation]\n{line}\n"))
            .unwrap_err()
            .to_string();
        assert!(
            told.starts_with("recipe.toml:17:21: ") && told.contains(words),
            "{told}"
        );
    }
    let text = format!("{GOOD}[validation]\nthreshold.rule = \"f1\"\n");
    let written = WrittenRecipe::parse("recipe.toml", &text).unwrap();
    let told = written.check_task(&Task::Regression).unwrap_err().to_string();
    assert!(
        told.starts_with("recipe.toml:17:1: validation.threshold: a rule") && told.contains("regression"),
        "{told}"
    );
}

#[test]
fn a_mistake_in_features_names_what_goes_with_the_columns_type() {
    let interaction = |rest: &str| format!("\n[[features.interactions]]\n{rest}\n[algorithm.boost]");
    let unknown = interaction("columns = [\"age\", \"ego\"]\noperation = \"sum\"");
    let setting = interaction("columns = [\"age\", \"id\"]\noperation = \"sum\"\nencode = \"onehot\"");
    let text = interaction("columns = [\"plan\", \"note\"]\noperation = \"cross\"");
    let cases: &[(&str, &str, &str, &str)] = &[
        (
            "encode = \"onehot\"",
            "scale = \"robust\"",
            "10:1",
            "categories take impute, indicator, encode",
        ),
        (
            "encode = \"onehot\"",
            "encode = \"ordinal\"\nlevels = [\"gold\"]",
            "11:1",
            "leave out \"basic\"",
        ),
        (
            "drop = [\"id\"]",
            "numeric = { transform = \"quantile\", scale = \"robust\" }",
            "7:37",
            "scale does not go with \"id\"",
        ),
        (
            "drop = [\"id\"]",
            "timestamp = { encode = \"parts\", parts = [] }",
            "7:33",
            "name at least one part",
        ),
        (
            "drop = [\"id\"]",
            "timestamp = { encode = \"parts\", impute = { constant = \"soon\" } }",
            "7:33",
            "no point in time",
        ),
        (
            "columns = [\"plan\"]\nencode = \"onehot\"",
            "columns = [\"since\"]\ntransform = \"log\"",
            "10:1",
            "timestamps take impute",
        ),
        ("\n[algorithm.boost]", &unknown, "12:19", "no column \"ego\""),
        (
            "\n[algorithm.boost]",
            &setting,
            "14:1",
            "encode does not go with it",
        ),
        ("\n[algorithm.boost]", &text, "12:20", "\"note\" is of type text"),
    ];
    for (from, to, place, words) in cases {
        assert!(GOOD.contains(from), "{from}");
        let told = check(&GOOD.replacen(from, to, 1)).unwrap_err().to_string();
        assert!(
            told.starts_with(&format!("recipe.toml:{place}: ")),
            "{to} is told {told}"
        );
        assert!(told.contains(words), "{to} is told {told}");
    }
}

#[test]
fn a_metric_of_another_task_is_told_once_the_task_is_known() {
    let text = GOOD
        .replace("\"left\"\npositive = \"yes\"", "\"age\"")
        .replace("age = 1\n", "");
    let written = WrittenRecipe::parse("recipe.toml", &text).unwrap();
    let told = written.check_task(&Task::Regression).unwrap_err().to_string();
    assert!(
        told.starts_with("recipe.toml:11:1: algorithm.boost.eval_metric = auc: expected rmse, mae"),
        "{told}"
    );
}

#[test]
fn how_a_file_is_read_is_told_where_the_recipe_says_it() {
    let text = GOOD.replace("positive = \"yes\"", "csv.types = { shoe = \"text\" }");
    let written = WrittenRecipe::parse("recipe.toml", &text).unwrap();
    let wrong = scan("t.csv", TABLE.as_bytes(), &written.recipe().data.csv).unwrap_err();
    let told = written.of_source(&wrong).unwrap().to_string();
    assert!(
        told.starts_with("recipe.toml:5:15: data.csv.types: t.csv, column \"shoe\""),
        "{told}"
    );
    let ragged = scan("t.csv", &b"a,b\n1\n"[..], &CsvOptions::default()).unwrap_err();
    assert!(written.of_source(&ragged).is_none(), "the file is to blame");
}

#[test]
fn a_gate_on_a_metric_of_another_task_is_refused_where_it_stands() {
    let text = "name = \"m\"\n[data]\ndataset = \"d\"\ntarget = \"y\"\n[gates]\nrmse = \"<= 2\"\n";
    let written = WrittenRecipe::parse("r.toml", text).unwrap();
    let task = Task::Binary {
        classes: ["no".to_owned(), "yes".to_owned()],
    };
    let told = written.check_task(&task).unwrap_err().to_string();
    assert!(
        told.starts_with(
            "r.toml:6:1: gates.rmse: a binary task has no metric of this name; there are accuracy,"
        ),
        "{told}"
    );
    written.check_task(&Task::Regression).unwrap();
    // What decisions cost is a metric where the recipe says it.
    let costs = text.replace("rmse = \"<= 2\"", "expected_cost = \"<= 2\"");
    assert!(
        WrittenRecipe::parse("r.toml", &costs)
            .unwrap()
            .check_task(&task)
            .is_err()
    );
    let rule =
        "[validation]\nthreshold = { rule = \"cost\", cost_false_positive = 1, cost_false_negative = 9 }\n";
    let costs = WrittenRecipe::parse("r.toml", &format!("{costs}{rule}")).unwrap();
    costs.check_task(&task).unwrap();
}
