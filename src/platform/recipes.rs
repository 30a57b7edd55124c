//! Recipes: the TOML files that say how a model comes to be, and those that are shipped.

mod beside_data;
mod beside_ratings;
mod beside_rows;
mod beside_series;
mod beside_split;
mod expectations;
pub mod gates;
mod locate;
mod measure;
mod parse;
mod shape;
pub mod shipped;
mod words;
mod written;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::base::{ContentId, Name, Seed};
use crate::data::expect::Expectation;
use crate::data::feature::{Excluded, FeatureSpec, Role};
use crate::data::generate::ratings::{Ratings, RatingsError};
use crate::data::generate::{card_fraud, ratings};
use crate::data::schema::{ColumnType, Schema, SchemaError};
use crate::data::source::{CsvOptions, Format, ReadOptions};
use crate::engine::algorithm::Algorithm;
use crate::engine::boost::BoostParams;
use crate::engine::device::DeviceChoice;
use crate::engine::factor::RecommendSpec;
use crate::engine::forecast::ForecastSpec;
use crate::engine::task::Quantile;
use crate::platform::target::Aim;

pub use gates::Gates;
pub use measure::{RuleName, Threshold, ThresholdSpec};
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
    /// What is forecast, where the rows are a series.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forecast: Option<ForecastSpec>,
    /// What is recommended, where the rows are ratings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recommend: Option<RecommendSpec>,
    /// What is fitted.
    #[serde(default = "default_algorithm")]
    pub algorithm: Algorithm,
    /// On what it is fitted.
    #[serde(default, skip_serializing_if = "Training::is_usual")]
    pub training: Training,
    /// How the quality is measured.
    #[serde(default)]
    pub validation: Validation,
    /// What a new version must be.
    #[serde(default, skip_serializing_if = "Gates::is_empty")]
    pub gates: Gates,
    /// What happens to a new version.
    #[serde(default)]
    pub registry: Registration,
}

/// Where the rows come from: exactly one of `file`, `dataset` and `generate`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub struct DataSpec {
    /// A file, relative to the recipe: CSV, JSON lines or Parquet.
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
    /// Of numbers, the quantile that is predicted; their mean unless it is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quantile: Option<Quantile>,
    /// The column that says how much each row counts when the model learns; all the same unless it is named. It is
    /// no feature.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weight: Option<String>,
    /// The file's format; told by its first bytes and its name unless it is declared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<Format>,
    /// Columns whose type is declared, whatever the file's format; the types of all others are inferred.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub types: BTreeMap<String, ColumnType>,
    /// How the file is read where it is CSV.
    #[serde(default)]
    pub csv: CsvOptions,
}

impl DataSpec {
    /// What of its target is predicted.
    pub fn aim(&self) -> Aim {
        Aim {
            positive: self.positive.clone(),
            quantile: self.quantile,
        }
    }

    /// How the file is read.
    pub fn reading(&self) -> ReadOptions {
        ReadOptions {
            format: self.format,
            types: self.types.clone(),
            csv: self.csv.clone(),
        }
    }
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

/// On what a model is fitted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, expecting = "a table")]
pub struct Training {
    /// The device that a net is fitted on; what usina was started with unless it is given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device: Option<DeviceChoice>,
}

impl Training {
    fn is_usual(&self) -> bool {
        *self == Self::default()
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
    /// In how many parts the rows that a fold learns from are cross-validated in turn, so that what is chosen for the
    /// fold (the threshold) is chosen without the rows that measure it; 0 for none.
    #[serde(skip_serializing_if = "is_zero")]
    pub inner_folds: usize,
    /// Where every random choice of the training starts.
    pub seed: u64,
    /// From which probability on a row is called positive: a number in (0, 1), or the rule that finds it.
    pub threshold: Threshold,
    /// How many intervals of a hundred are to hold the truth, as a share in (0, 1).
    #[serde(skip_serializing_if = "is_usual_confidence")]
    pub confidence: f64,
    /// How many tables are drawn for the intervals, of a very large hold-out fewer; 0 for none.
    #[serde(skip_serializing_if = "is_usual_bootstrap")]
    pub bootstrap: usize,
    /// The columns by which the quality is told apart; they need not be features.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub segments: Vec<String>,
    /// The column whose rows of one value stay together, on one side of every split: a customer, a machine. It is no
    /// feature.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// The column that orders rows in time: what is measured on is then later than what is learnt from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time: Option<String>,
}

impl Recipe {
    /// The columns that are no features, whatever the recipe says of features: what is predicted, what rows are split
    /// by and what they are weighed with.
    pub fn no_features(&self) -> Vec<Excluded<'_>> {
        let columns = [
            (Some(&self.data.target), Role::Target),
            (self.data.weight.as_ref(), Role::Weight),
            (self.validation.group.as_ref(), Role::Group),
        ];
        let named = columns.into_iter().filter_map(|(column, role)| {
            Some(Excluded {
                column: column?,
                role,
            })
        });
        named.collect()
    }
}

const CONFIDENCE: f64 = 0.95;
const BOOTSTRAP: usize = 1000;

fn is_usual_confidence(confidence: &f64) -> bool {
    *confidence == CONFIDENCE
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes what it may skip by reference"
)]
fn is_zero(count: &usize) -> bool {
    *count == 0
}

fn is_usual_bootstrap(resamples: &usize) -> bool {
    *resamples == BOOTSTRAP
}

impl Default for Validation {
    fn default() -> Self {
        Self {
            holdout: 0.2,
            folds: 5,
            inner_folds: 0,
            seed: default_seed(),
            threshold: Threshold::Fixed(0.5),
            confidence: CONFIDENCE,
            bootstrap: BOOTSTRAP,
            segments: Vec::new(),
            group: None,
            time: None,
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
