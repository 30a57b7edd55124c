//! A recipe beside the columns that rows are split by, and the one that says how much each counts.

use super::locate::keys;
use super::{RecipeError, WrittenRecipe};
use crate::data::schema::{ColumnType, Schema};

/// What such a column may hold.
struct Wanted<'a> {
    key: [&'static str; 2],
    column: Option<&'a String>,
    kinds: &'static [ColumnType],
    /// What it holds when it is one of the kinds.
    holds: &'static str,
}

impl WrittenRecipe {
    /// Checks the columns that rows are split by and weighed with.
    pub(super) fn check_split_columns(&self, source: &str, schema: &Schema) -> Result<(), RecipeError> {
        const GROUPS: [ColumnType; 4] = [
            ColumnType::Category,
            ColumnType::Text,
            ColumnType::Integer,
            ColumnType::Boolean,
        ];
        const TIMES: [ColumnType; 3] = [ColumnType::Timestamp, ColumnType::Integer, ColumnType::Number];
        let recipe = self.recipe();
        let wanted = [
            Wanted {
                key: ["validation", "group"],
                column: recipe.validation.group.as_ref(),
                kinds: &GROUPS,
                holds: "categories, texts or whole numbers",
            },
            Wanted {
                key: ["validation", "time"],
                column: recipe.validation.time.as_ref(),
                kinds: &TIMES,
                holds: "points in time or numbers",
            },
            Wanted {
                key: ["data", "weight"],
                column: recipe.data.weight.as_ref(),
                kinds: &TIMES[1..],
                holds: "numbers",
            },
        ];
        wanted
            .iter()
            .try_for_each(|wanted| self.check_one(source, schema, wanted))
    }

    fn check_one(&self, source: &str, schema: &Schema, wanted: &Wanted<'_>) -> Result<(), RecipeError> {
        let Some(name) = wanted.column else {
            return Ok(());
        };
        let wrong = match schema.field(name) {
            _ if *name == self.recipe().data.target => {
                Some(format!("\"{name}\" is the target; name another column"))
            }
            None => Some(format!("{source}: there is no column called \"{name}\"")),
            Some(field) if !wanted.kinds.contains(&field.kind) => Some(format!(
                "{source}: column \"{name}\" is of type {}; name one of {}",
                field.kind, wanted.holds
            )),
            Some(_) => None,
        };
        wrong.map_or(Ok(()), |wrong| {
            let key = wanted.key.join(".");
            Err(self.mistake(&keys(&wanted.key), format!("{key}: {wrong}")))
        })
    }

    /// That the column that `key` names has no value in a row, counted from 0.
    pub fn no_value(&self, key: &[&str; 2], column: &str, row: usize) -> RecipeError {
        let message = format!(
            "{}: \"{column}\" is missing in row {}, and every row needs one; drop the row, or name another column",
            key.join("."),
            row + 1
        );
        self.mistake(&keys(key), message)
    }

    /// That a row's weight, counted from 0, is none.
    pub fn bad_weight(&self, column: &str, row: usize, got: &str) -> RecipeError {
        let message = format!(
            "data.weight: \"{column}\" is {got} in row {}; a weight is a finite number of at least 0",
            row + 1
        );
        self.mistake(&keys(&["data", "weight"]), message)
    }
}
