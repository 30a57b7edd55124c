//! What recommends items, and recommendations that are known.

use serde::{Deserialize, Serialize};

use super::warm_up::Differs;
use crate::data::feature::{InputField, Value};
use crate::data::schema::ColumnType;
use crate::engine::factor::{FactorModel, RecommendError, Recommended};

/// What recommends items.
#[derive(Debug, Clone)]
pub struct FittedItems {
    /// Users, items and their factors.
    pub model: FactorModel,
    /// The column that says who.
    pub user: String,
    /// The column that says what.
    pub item: String,
    /// How many items are recommended, unless a number is asked for.
    pub top_k: usize,
    /// The value of an item that a new user has had, unless one is given: the middle one of the ratings.
    pub usual: f32,
    /// Recommendations that are known.
    pub warm_up: ItemsWarmUp,
}

/// What stands beside the model.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ItemsPart {
    pub(super) user: String,
    pub(super) item: String,
    pub(super) top_k: usize,
    pub(super) usual: f32,
}

impl FittedItems {
    /// Who is asked for: the one field of a request that is a column.
    pub(super) fn inputs(&self) -> Vec<InputField> {
        vec![InputField {
            name: self.user.clone(),
            kind: ColumnType::Text,
            nullable: true,
            levels: None,
            example: self
                .model
                .users()
                .name(0)
                .map(|user| Value::Text(user.to_owned())),
            min: None,
            median: None,
            max: None,
        }]
    }
}

/// How far a score may be off on another machine, as a share of the larger of 1 and what is due: sums of products in
/// another order.
const TOLERANCE: f32 = 1e-4;

/// Users that are asked.
const USERS: u32 = 4;

/// What a version recommended when it was made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ItemsWarmUp {
    users: Vec<Known>,
}

/// One user and the scores of what was recommended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Known {
    user: String,
    scores: Vec<f32>,
}

impl ItemsWarmUp {
    /// What `model` recommends now to its first users.
    ///
    /// # Errors
    /// It recommends nothing.
    pub fn record(model: &FactorModel, top_k: usize) -> Result<Self, RecommendError> {
        let users = (0..USERS).filter_map(|user| model.users().name(user));
        let known = |user: &str| {
            let told = model.recommend(user, top_k, true)?;
            Ok(Known {
                user: user.to_owned(),
                scores: told.iter().map(|told: &Recommended<'_>| told.score).collect(),
            })
        };
        let users = users.map(known).collect::<Result<_, RecommendError>>()?;
        Ok(Self { users })
    }

    /// That the version recommends what it did when it was made. Scores are compared and not items: of two that are alike
    /// either may come first on another machine.
    ///
    /// # Errors
    /// It does not.
    pub fn check(&self, fitted: &FittedItems) -> Result<(), Differs> {
        let now = Self::record(&fitted.model, fitted.top_k)?;
        if now.users.is_empty() {
            return Err(Differs::NoRows);
        }
        for (row, (got, due)) in now.users.iter().zip(&self.users).enumerate() {
            let mut pairs = got.scores.iter().zip(&due.scores);
            let agree = got.user == due.user
                && got.scores.len() == due.scores.len()
                && pairs.all(|(got, due)| (got - due).abs() <= TOLERANCE * due.abs().max(1.0));
            if !agree {
                return Err(Differs::Answer {
                    row: row + 1,
                    expected: due.scores.clone(),
                    got: got.scores.clone(),
                });
            }
        }
        Ok(())
    }

    /// Recommends to one user, the `turn`-th in turns: for whoever wants to know how long it takes.
    ///
    /// # Errors
    /// There is none, or nothing is recommended.
    pub fn answer_one(&self, fitted: &FittedItems, turn: usize) -> Result<(), Differs> {
        let at = turn.checked_rem(self.users.len()).ok_or(Differs::NoRows)?;
        fitted.model.recommend(&self.users[at].user, fitted.top_k, true)?;
        Ok(())
    }
}
