//! Reading a recipe: every mistake is told with its file, line and column.

use std::ops::Range;

use super::locate::{Place, keys, path_at, place_of, place_of_offset};
use super::shape::wrong_shape;
use super::words::{DATE, NO_WORD, plain};
use super::{GenerateKind, GenerateSpec, Recipe};
use crate::data::cell::shortened;
use crate::data::generate::ratings::RatingsError;
use crate::data::source::OptionMistake;
use crate::engine::device::DeviceChoice;

/// What is wrong with a recipe, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}:{column}: {message}")]
pub struct RecipeError {
    /// The recipe's file.
    pub file: String,
    /// 1-based.
    pub line: usize,
    /// 1-based, in characters.
    pub column: usize,
    /// The key that it is about, with dots between its parts, where it is about one.
    pub field: Option<String>,
    /// What is wrong and what is expected.
    pub message: String,
}

impl Recipe {
    /// Reads a recipe from `text`; `file` is what messages call it.
    ///
    /// # Errors
    /// The first mistake: bad TOML, a key that is not known, a value of the wrong type or out of range.
    pub fn parse(file: &str, text: &str) -> Result<Self, RecipeError> {
        let at = |place: Place, field: Option<String>, message: String| RecipeError {
            file: file.to_owned(),
            line: place.line,
            column: place.column,
            field,
            message,
        };
        if let Some((place, message)) = wrong_shape(text) {
            return Err(at(place, None, message));
        }
        let recipe: Self = toml::from_str(text).map_err(|error| {
            let span = error.span().unwrap_or_default();
            let message = match error.message() {
                NO_WORD => words_for(text, &span),
                // What is not known has no place among the values.
                other if other.starts_with("unknown field") && !other.contains(DATE) => {
                    let key = other.split('`').nth(1).map(str::to_owned);
                    return at(place_of_offset(text, span.start), key, plain(other));
                }
                other => plain(other),
            };
            let path = path_at(text, span.start);
            let start = path.as_ref().map_or_else(String::new, |path| format!("{path}: "));
            at(place_of_offset(text, span.start), path, start + &message)
        })?;
        if let Some((key, message)) = recipe.mistake() {
            let path = key.join(".");
            let message = format!("{path}: {message}");
            return Err(at(place_of(text, &keys(&key)), Some(path), message));
        }
        if let Some((key, message)) = recipe.gates.mistake() {
            let path = key.join(".");
            let message = format!("{path}: {message}");
            return Err(at(place_of(text, &keys(&key)), Some(path), message));
        }
        match recipe.wrong_expectation() {
            Some((path, message)) => Err(at(
                place_of(text, &path),
                Some("expectations".to_owned()),
                message,
            )),
            None => Ok(recipe),
        }
    }

    /// The recipe as JSON, every default spelled out: what a run keeps of how it was made.
    ///
    /// # Errors
    /// Never for a recipe that was parsed; the type of the serialiser's error.
    pub fn to_canonical_json(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string(self)
    }

    /// The first value that is out of range: its key and what is expected.
    fn mistake(&self) -> Option<(Vec<&'static str>, String)> {
        let data = &self.data;
        let sources = [
            data.file.is_some(),
            data.dataset.is_some(),
            data.generate.is_some(),
        ];
        if sources.iter().filter(|given| **given).count() != 1 {
            return Some((
                vec!["data"],
                "give exactly one of file, dataset and generate".to_owned(),
            ));
        }
        if data.version.is_some() && data.dataset.is_none() {
            return Some((
                vec!["data", "version"],
                "a version goes with the dataset that it is one of; name that in data.dataset".to_owned(),
            ));
        }
        if let Err(mistake) = data.reading().check() {
            let key = match mistake {
                OptionMistake::TwoTypes(_) => vec!["data", "types"],
                OptionMistake::NamesBesideHeader | OptionMistake::Names(_) => vec!["data", "csv", "columns"],
            };
            return Some((key, mistake.to_string()));
        }
        if self
            .experiment
            .as_deref()
            .is_some_and(|name| name.trim().is_empty())
        {
            return Some((
                vec!["experiment"],
                "name the experiment, or leave it out for Default".to_owned(),
            ));
        }
        if data.target.is_empty() {
            return Some((
                vec!["data", "target"],
                "name the column that is predicted".to_owned(),
            ));
        }
        if let Some(generate) = &data.generate
            && !(1_000..=100_000_000).contains(&generate.rows)
        {
            return Some((
                vec!["data", "generate", "rows"],
                format!("expected 1000 to 100000000 rows, got {}", generate.rows),
            ));
        }
        if let Some(wrong) = data.generate.as_ref().and_then(wrong_sizes) {
            return Some(wrong);
        }
        if self.training.device == Some(DeviceChoice::Gpu) && !self.algorithm.is_net() {
            return Some((
                vec!["training", "device"],
                format!(
                    "nets (algorithm.mlp) run on a GPU, and algorithm.{} does not; leave it out",
                    self.algorithm.name()
                ),
            ));
        }
        let validation = &self.validation;
        if !(validation.holdout > 0.0 && validation.holdout < 1.0) {
            return Some((
                vec!["validation", "holdout"],
                format!("expected a share between 0 and 1, got {}", validation.holdout),
            ));
        }
        if !(validation.folds == 0 || (2..=100).contains(&validation.folds)) {
            return Some((
                vec!["validation", "folds"],
                format!("expected 2 to 100 folds, or 0 for none, got {}", validation.folds),
            ));
        }
        let mistake = self.mistake_in_recommend().or_else(|| self.mistake_in_forecast());
        if let Some(mistake) = mistake {
            return Some(mistake);
        }
        if validation.group.is_some() && validation.time.is_some() {
            return Some((
                vec!["validation", "time"],
                "rows are split by groups or by time, not by both; leave one out".to_owned(),
            ));
        }
        if let Some(mistake) = validation.mistake_in_measuring(self.algorithm.watches()) {
            return Some(mistake);
        }
        let algorithm = self.algorithm.name();
        if data.quantile.is_some() && !self.algorithm.knows_quantiles() {
            return Some((
                vec!["data", "quantile"],
                format!("algorithm.{algorithm} predicts no quantiles; algorithm.boost and algorithm.mlp do"),
            ));
        }
        let wrong = self.algorithm.validate().err()?;
        Some((vec!["algorithm", algorithm, wrong.param], wrong.to_string()))
    }
}

/// What is wrong with how many users and items there are, which ratings alone have.
fn wrong_sizes(generate: &GenerateSpec) -> Option<(Vec<&'static str>, String)> {
    let path = |key| vec!["data", "generate", key];
    match generate.kind {
        GenerateKind::CardFraud => {
            let given = [("users", generate.users), ("items", generate.items)];
            let (key, _) = given.into_iter().find(|(_, size)| size.is_some())?;
            Some((path(key), "it goes with kind = \"ratings\"".to_owned()))
        }
        GenerateKind::Ratings => {
            let error = generate.ratings().err()?;
            let key = match error {
                RatingsError::Size { what, .. } => what,
                RatingsError::Pairs { .. } => "rows",
            };
            Some((path(key), error.to_string()))
        }
    }
}

/// What is said of a value that can only be a word, and is none: what would be said of a wrong word in its
/// place, because that names the right ones.
fn words_for(text: &str, span: &Range<usize>) -> String {
    let got = text.get(span.clone()).unwrap_or_default();
    let word = [&text[..span.start], "\"?\"", &text[span.end..]].concat();
    match toml::from_str::<Recipe>(&word) {
        Err(error) => plain(error.message()).replacen("\"?\"", &shortened(got), 1),
        Ok(_) => NO_WORD.to_owned(),
    }
}

#[cfg(test)]
mod tests;
