//! A recipe beside its data: what is wrong with it and shows only there, told where it stands.
//!
//! The columns are known before the rows, and what is predicted, where it is whole numbers, after them; so
//! there are two checks.

use std::sync::Arc;

use super::locate::{Step, keys};
use super::{RecipeError, WrittenRecipe};
use crate::base::Name;
use crate::data::feature::{self, FeatureError, OutputFeature, OutputKind};
use crate::data::schema::{ColumnType, Schema};
use crate::data::source::{Problem, SourceError};
use crate::engine::algorithm::Algorithm;
use crate::engine::boost::ParamError;
use crate::engine::matrix::Feature;
use crate::engine::task::Task;
use crate::platform::target::{TargetError, known_task};

impl WrittenRecipe {
    /// Checks the recipe beside the columns of its data, which messages call `source`.
    ///
    /// # Errors
    /// The first mistake: a column that is not there, a target that cannot be predicted, a setting or a
    /// parameter that does not go with the columns.
    pub fn check_columns(&self, source: &str, schema: &Schema) -> Result<(), RecipeError> {
        let data = &self.recipe().data;
        let task = known_task(schema, &data.target, data.positive.as_deref())
            .map_err(|error| self.of_target(source, &error))?;
        let outputs = feature::check(&self.recipe().features, schema, &[&data.target])
            .map_err(|error| self.of_features(&error))?;
        let columns: Vec<Feature> = outputs.iter().map(column).collect();
        let Algorithm::Boost(params) = &self.recipe().algorithm;
        params
            .validate_features(&columns)
            .map_err(|error| self.of_param(&error))?;
        self.checker(&Arc::new(schema.clone()))?;
        task.map_or(Ok(()), |task| self.check_task(&task))
    }

    /// Checks the recipe beside what is predicted.
    ///
    /// # Errors
    /// The first parameter that goes with another task.
    pub fn check_task(&self, task: &Task) -> Result<(), RecipeError> {
        let Algorithm::Boost(params) = &self.recipe().algorithm;
        params.validate_task(task).map_err(|error| self.of_param(&error))
    }

    /// That there is no dataset of the name that the recipe gives.
    pub fn no_such_dataset(&self, name: &Name) -> RecipeError {
        let message =
            format!("data.dataset: there is no dataset called {name}; `usina data add {name} FILE` adds one");
        self.mistake(&keys(&["data", "dataset"]), message)
    }

    /// What is wrong with the recipe's file as a whole, for example that there is none.
    pub fn of_file(&self, reason: &str) -> RecipeError {
        self.mistake(&keys(&["data", "file"]), format!("data.file: {reason}"))
    }

    /// What is wrong with the target, told where the recipe names it; `source` is what messages call the rows.
    pub fn of_target(&self, source: &str, error: &TargetError) -> RecipeError {
        let key = match error {
            TargetError::NoSuchClass { .. } | TargetError::NotBinary { .. } => "positive",
            TargetError::NotThere { .. }
            | TargetError::Type { .. }
            | TargetError::Missing { .. }
            | TargetError::MissingEverywhere(_)
            | TargetError::OneClass { .. } => "target",
        };
        self.mistake(&keys(&["data", key]), format!("data.{key}: {source}: {error}"))
    }

    /// What is wrong with how the file is to be read, told where the recipe says it; none when the file is
    /// to blame.
    pub fn of_source(&self, error: &SourceError) -> Option<RecipeError> {
        let path = match (&error.problem, &error.column) {
            (Problem::NoSuchColumn { .. }, Some(column)) => vec!["data", "csv", "types", column],
            (Problem::Delimiter(_), _) => vec!["data", "csv", "delimiter"],
            _ => return None,
        };
        Some(self.mistake(&keys(&path), format!("{}: {error}", path[..3].join("."))))
    }

    fn of_param(&self, error: &ParamError) -> RecipeError {
        let mut path = vec!["algorithm", "boost", error.param];
        if error.param == "monotone_constraints" {
            path.push(&error.value);
        }
        self.mistake(&keys(&path), format!("algorithm.boost.{error}"))
    }

    fn of_features(&self, error: &FeatureError) -> RecipeError {
        let mut path = keys(&["features"]);
        match error {
            FeatureError::NoSuchColumn { place, column } if *place == "features.drop" => {
                path.push(Step::Key("drop"));
                let dropped = self.recipe().features.drop.iter();
                path.extend(dropped.clone().position(|name| name == column).map(Step::Entry));
            }
            FeatureError::NoSuchColumn { column, .. } | FeatureError::RuleForDropped { column, .. } => {
                path.extend(self.in_rules(column).next().into_iter().flatten());
            }
            FeatureError::TwoRules(column) => {
                path.extend(self.in_rules(column).last().into_iter().flatten());
            }
            FeatureError::DoesNotFit {
                setting,
                column,
                kind,
                ..
            } => {
                let key = setting.split(' ').next().unwrap_or(setting);
                path.extend(self.setting(key, column, *kind));
            }
            FeatureError::NoSuchLevel { column, .. } => {
                path.extend(self.setting("impute", column, ColumnType::Category));
            }
            // About all the columns together, or about rows.
            _ => {}
        }
        self.mistake(&path, error.to_string())
    }

    /// Where the rules name `column`, below `features`.
    fn in_rules(&self, column: &str) -> impl Iterator<Item = [Step<'static>; 4]> {
        let rules = self.recipe().features.rules.iter().enumerate();
        rules.flat_map(move |(rule, entry)| {
            let named = entry
                .columns
                .iter()
                .enumerate()
                .filter(move |(_, name)| *name == column);
            named.map(move |(position, _)| {
                [
                    Step::Key("rules"),
                    Step::Entry(rule),
                    Step::Key("columns"),
                    Step::Entry(position),
                ]
            })
        })
    }

    /// Where the setting `key` that holds for `column` stands, below `features`: in its rule, or in the
    /// defaults.
    fn setting<'a>(&self, key: &'a str, column: &str, kind: ColumnType) -> Vec<Step<'a>> {
        let rules = &self.recipe().features.rules;
        let rule = rules
            .iter()
            .position(|rule| rule.columns.iter().any(|name| name == column));
        match rule {
            // The other settings have defaults that go with every column.
            Some(rule) if key != "impute" || rules[rule].impute.is_some() => {
                vec![Step::Key("rules"), Step::Entry(rule), Step::Key(key)]
            }
            _ if matches!(kind, ColumnType::Number | ColumnType::Integer) => keys(&["numeric", key]),
            _ => keys(&["categorical", key]),
        }
    }
}

fn column(output: &OutputFeature) -> Feature {
    match &output.kind {
        OutputKind::Numeric => Feature::numeric(&output.name),
        OutputKind::Categorical { levels } => Feature::categorical(&output.name, levels.len()),
    }
}

#[cfg(test)]
mod tests {
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

    const TABLE: &str = "id,age,plan,note,left\n1,20,gold,x1,yes\n2,30,basic,x2,no\n3,40,gold,x3,no\n";

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
}
