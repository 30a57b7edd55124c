//! A recipe as it was written: with its text, so that a mistake that shows only beside the data still has
//! its line and column.

use serde::{Deserialize, Serialize};

use super::locate::{Step, place_of};
use super::{Recipe, RecipeError};
use crate::base::{ContentId, Name};

/// Rows that are in the store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredRows {
    /// The dataset.
    pub dataset: Name,
    /// Its version; the one that came in last unless it is named.
    pub version: Option<ContentId>,
}

/// A recipe, its text, and what messages call its file.
#[derive(Debug, Clone)]
pub struct WrittenRecipe {
    recipe: Recipe,
    file: String,
    text: String,
}

impl WrittenRecipe {
    /// Reads a recipe from `text`; `file` is what messages call it.
    ///
    /// # Errors
    /// The first mistake, as [`Recipe::parse`] tells it.
    pub fn parse(file: &str, text: &str) -> Result<Self, RecipeError> {
        Ok(Self {
            recipe: Recipe::parse(file, text)?,
            file: file.to_owned(),
            text: text.to_owned(),
        })
    }

    /// The same recipe, to learn from stored rows in place of the file that it names. Its text and lines stay,
    /// so that a mistake is told where its author wrote it.
    #[must_use]
    pub fn on(mut self, rows: &StoredRows) -> Self {
        let data = &mut self.recipe.data;
        data.file = None;
        data.dataset = Some(rows.dataset.clone());
        data.version = rows.version;
        self
    }

    /// What the text says.
    pub fn recipe(&self) -> &Recipe {
        &self.recipe
    }

    /// What messages call the recipe's file.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// The text itself.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// A mistake in what `path` leads to.
    pub(super) fn mistake(&self, path: &[Step<'_>], message: String) -> RecipeError {
        let place = place_of(&self.text, path);
        RecipeError {
            file: self.file.clone(),
            line: place.line,
            column: place.column,
            field: Some(dotted(path)),
            message,
        }
    }
}

/// A path as messages write it: `features.rules[0].columns`.
fn dotted(path: &[Step<'_>]) -> String {
    path.iter().fold(String::new(), |written, step| match step {
        Step::Key(key) if written.is_empty() => (*key).to_owned(),
        Step::Key(key) => format!("{written}.{key}"),
        Step::Entry(entry) => format!("{written}[{entry}]"),
    })
}
