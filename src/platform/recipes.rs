//! Recipes: the TOML files that say how a model comes to be, and those that are shipped.

mod beside_data;
mod beside_rows;
mod expectations;
mod locate;
mod parse;
mod shape;
pub mod shipped;
mod words;
mod written;

use serde::{Deserialize, Serialize};

use crate::base::{ContentId, Name, Seed};
use crate::data::expect::Expectation;
use crate::data::feature::FeatureSpec;
use crate::data::generate::ratings::{Ratings, RatingsError};
use crate::data::generate::{card_fraud, ratings};
use crate::data::schema::{Schema, SchemaError};
use crate::data::source::CsvOptions;
use crate::engine::algorithm::Algorithm;
use crate::engine::boost::BoostParams;

pub use parse::RecipeError;
pub use written::{StoredRows, WrittenRecipe};

/// How a model comes to be: data, features, algorithm, validation.
///
/// A version is known by the digest of its recipe's JSON. So a key that joins later is left out of the JSON
/// where it has its default (`skip_serializing_if`): recipes that do not use it stay what they were.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub struct Recipe {
    /// The model that the recipe makes versions of.
    pub name: Name,
    /// One line for people.
    #[serde(default)]
    pub title: String,
    /// What the model is for; Markdown.
    #[serde(default)]
    pub description: String,
    /// The experiment that its runs belong to; Default unless it is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub experiment: Option<String>,
    /// Where the rows come from and what is predicted.
    pub data: DataSpec,
    /// What the rows have to be.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub expectations: Vec<Expectation>,
    /// What becomes of the columns.
    #[serde(default)]
    pub features: FeatureSpec,
    /// What is fitted.
    #[serde(default = "default_algorithm")]
    pub algorithm: Algorithm,
    /// How the quality is measured.
    #[serde(default)]
    pub validation: Validation,
    /// What happens to a new version.
    #[serde(default)]
    pub registry: Registration,
}

/// Where the rows come from: exactly one of `file`, `dataset` and `generate`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub struct DataSpec {
    /// A CSV file, relative to the recipe.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// A dataset that is in the store already.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dataset: Option<Name>,
    /// Which version of the dataset; the one that came in last unless it is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<ContentId>,
    /// Rows that usina generates itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub generate: Option<GenerateSpec>,
    /// The column that is predicted.
    pub target: String,
    /// The class that a binary model gives the probability of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub positive: Option<String>,
    /// How the file is read.
    #[serde(default)]
    pub csv: CsvOptions,
}

/// Rows that usina generates itself, from a seed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub struct GenerateSpec {
    /// What is generated.
    pub kind: GenerateKind,
    /// How many rows.
    pub rows: u64,
    /// Where the random sequence starts.
    #[serde(default = "default_seed")]
    pub seed: u64,
    /// Of ratings, how many users give them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub users: Option<u64>,
    /// Of ratings, how many items are rated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub items: Option<u64>,
}

impl GenerateSpec {
    /// The ratings that it says.
    ///
    /// # Errors
    /// Too few or too many users or items.
    pub fn ratings(&self) -> Result<Ratings, RatingsError> {
        Ratings::new(
            self.rows,
            self.users.unwrap_or(Ratings::USERS),
            self.items.unwrap_or(Ratings::ITEMS),
            Seed::new(self.seed),
        )
    }

    /// The columns of what it says.
    ///
    /// # Errors
    /// Never: a test of theirs holds that they make a schema.
    pub fn schema(&self) -> Result<Schema, SchemaError> {
        match self.kind {
            GenerateKind::CardFraud => card_fraud::schema(),
            GenerateKind::Ratings => ratings::schema(),
        }
    }
}

/// What usina can generate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GenerateKind {
    /// Card transactions, 1% of them fraud.
    CardFraud,
    /// Ratings from 1 to 5 that users give to items.
    Ratings,
}

impl GenerateKind {
    /// How it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::CardFraud => "card-fraud",
            Self::Ratings => "ratings",
        }
    }
}

/// How the quality is measured.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, expecting = "a table")]
pub struct Validation {
    /// The share of rows that the model never sees, in (0, 1).
    pub holdout: f64,
    /// In how many parts the training rows are cross-validated; 0 for none.
    pub folds: usize,
    /// Where every random choice of the training starts.
    pub seed: u64,
    /// From which probability on a row is called positive, in (0, 1).
    pub threshold: f64,
}

impl Default for Validation {
    fn default() -> Self {
        Self {
            holdout: 0.2,
            folds: 5,
            seed: default_seed(),
            threshold: 0.5,
        }
    }
}

fn default_algorithm() -> Algorithm {
    Algorithm::Boost(BoostParams::default())
}

const fn default_seed() -> u64 {
    42
}

/// What happens to a new version.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, expecting = "a table")]
pub struct Registration {
    /// When it is put into production without being asked.
    pub promote: Promote,
}

/// When a new version is put into production without being asked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Promote {
    /// When nothing is in production yet, so that the first training serves at once.
    #[default]
    First,
    /// Always.
    Always,
    /// Never.
    Never,
}

#[cfg(test)]
mod tests;
