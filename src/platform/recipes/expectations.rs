//! A recipe's expectations: their mistakes, told where they stand, and the check that comes of them.

use std::sync::Arc;

use super::locate::Step;
use super::{Recipe, RecipeError, WrittenRecipe};
use crate::data::expect::{Checker, ExpectationError, validate};
use crate::data::schema::Schema;
use crate::platform::datasets::DatasetError;

impl Recipe {
    /// The first mistake in the expectations that shows without a table: where it stands, and what it is.
    pub(super) fn wrong_expectation(&self) -> Option<(Vec<Step<'static>>, String)> {
        let error = validate(&self.expectations).err()?;
        Some((path(&error), message(&error)))
    }
}

impl WrittenRecipe {
    /// The check of rows of this schema against the recipe's expectations; none when there are none.
    ///
    /// # Errors
    /// The first mistake that shows beside the columns.
    pub fn checker(&self, schema: &Arc<Schema>) -> Result<Option<Checker>, RecipeError> {
        let expectations = &self.recipe().expectations;
        if expectations.is_empty() {
            return Ok(None);
        }
        let checker = Checker::new(expectations, Arc::clone(schema));
        checker
            .map(Some)
            .map_err(|error| self.mistake(&path(&error), message(&error)))
    }

    /// An error of a dataset, told where the recipe has what is to blame for it.
    pub fn of_dataset_error(&self, error: DatasetError) -> DatasetError {
        match error {
            DatasetError::Expectation(error) => {
                DatasetError::Recipe(self.mistake(&path(&error), message(&error)))
            }
            DatasetError::Source(source) => match self.of_source(&source) {
                Some(told) => DatasetError::Recipe(told),
                None => DatasetError::Source(source),
            },
            other => other,
        }
    }
}

fn path(error: &ExpectationError) -> Vec<Step<'static>> {
    let mut path = vec![Step::Key("expectations"), Step::Entry(error.expectation)];
    path.extend(error.key.map(Step::Key));
    path.extend(error.entry.map(Step::Entry));
    path
}

fn message(error: &ExpectationError) -> String {
    match error.key {
        Some(key) => format!("expectations.{key}: {error}"),
        None => format!("expectations: {error}"),
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

[[expectations]]
column = "age"
type = "integer"
not_null = { max_missing = 0.01 }
min = 0
max = 120

[[expectations]]
columns = ["plan", "left"]
in_set = ["gold", "basic", "yes", "no"]
severity = "warn"

[[expectations]]
rows = { min = 2 }
"#;

    const TABLE: &str = "age,plan,left\n20,gold,yes\n30,basic,no\n";

    fn check(text: &str) -> Result<(), RecipeError> {
        let schema = scan("t.csv", TABLE.as_bytes(), &CsvOptions::default())
            .unwrap()
            .schema;
        let written = WrittenRecipe::parse("r.toml", text)?;
        written.check_columns("t.csv", &schema)?;
        written.checker(&Arc::new(schema)).map(|_| ())
    }

    #[test]
    fn a_mistake_in_an_expectation_is_told_where_it_stands() {
        check(GOOD).unwrap();
        for (from, to, place, words) in [
            (
                "min = 0",
                "min = 200",
                "11:1",
                "expectations.max: min is 200, which is more than max, 120",
            ),
            ("min = 0", "mim = 0", "10:1", "unknown key mim"),
            (
                "min = 0",
                "min = { a = 1 }",
                "10:7",
                "expected a number, true or false, a date, or text in quotes",
            ),
            (
                "min = 0",
                "pattern = \"0\"",
                "10:1",
                "expectations.pattern: it goes with texts and categories",
            ),
            (
                "min = 0",
                "monotone = \"up\"",
                "10:12",
                "expected one of increasing, strictly_increasing",
            ),
            (
                "min = 0",
                "unique = \"yes\"",
                "10:10",
                "expected true or false, got the text \"yes\"",
            ),
            (
                "{ max_missing = 0.01 }",
                "{ max_missing = 1.5 }",
                "9:1",
                "from 0 to 1, got 1.5",
            ),
            (
                "{ max_missing = 0.01 }",
                "{ missing = 0.5 }",
                "9:14",
                "unknown key missing",
            ),
            (
                "{ max_missing = 0.01 }",
                "0.01",
                "9:12",
                "expected true, false or a table such as",
            ),
            ("\"integer\"", "\"int\"", "8:8", "number, integer, boolean"),
            ("\"age\"", "\"aged\"", "7:1", "there is no column called \"aged\""),
            (
                "\"plan\", ",
                "\"plan\", \"plane\", ",
                "14:20",
                "no column called \"plane\"",
            ),
            (
                "\"gold\", ",
                "\"gold\", 3, ",
                "15:19",
                "3 cannot be in the column \"plan\"",
            ),
            ("\"warn\"", "\"warning\"", "16:12", "error or warn"),
            (
                "{ min = 2 }",
                "[2, 3]",
                "19:1",
                "expectations.rows: expected a table",
            ),
            ("{ min = 2 }", "{ min = 2, max = 1 }", "19:1", "min is 2"),
            ("rows = { min = 2 }", "mostly = 0.9", "18:1", "name a column"),
        ] {
            assert!(GOOD.contains(from), "{from}");
            let told = check(&GOOD.replacen(from, to, 1)).unwrap_err().to_string();
            assert!(
                told.starts_with(&format!("r.toml:{place}: ")),
                "{to} is told {told}"
            );
            assert!(told.contains(words), "{to} is told {told}");
        }
        let told = check("name = \"a\"\nexpectations = 3\n[data]\nfile = \"t.csv\"\ntarget = \"left\"\n");
        assert_eq!(
            told.unwrap_err().to_string(),
            "r.toml:2:1: expectations: expected tables, as in [[expectations]]"
        );
    }

    #[test]
    fn a_recipe_without_expectations_is_written_as_it_was() {
        let start = GOOD.find("\n[[").unwrap();
        let bare = Recipe::parse("r.toml", &GOOD[..start]).unwrap();
        assert!(!bare.to_canonical_json().unwrap().contains("expectations"));
        let full = Recipe::parse("r.toml", GOOD).unwrap();
        let json = full.to_canonical_json().unwrap();
        assert_eq!(serde_json::from_str::<Recipe>(&json).unwrap(), full);
    }
}
