//! A linear model at rest: JSON that people can read.

use serde::{Deserialize, Serialize};

use super::LinearModel;
use super::model::Term;
use crate::engine::columns::Columns;
use crate::engine::matrix::Feature;
use crate::engine::model::{StoredModelError, check_ends};
use crate::engine::task::Task;

const VERSION: u32 = 1;

/// Of a later version nothing but its number can be counted on.
#[derive(Debug, Deserialize)]
struct Version {
    version: u32,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    version: u32,
    task: Task,
    /// What each score is where every feature is at its mean.
    base: Vec<f64>,
    features: Vec<StoredTerm>,
    rounds: usize,
}

#[derive(Debug, Serialize, Deserialize)]
struct StoredTerm {
    #[serde(flatten)]
    feature: Feature,
    columns: Columns,
    coefficients: Vec<Vec<f64>>,
}

impl LinearModel {
    /// The model as JSON; the same model always gives the same bytes.
    ///
    /// # Errors
    /// When a number is none.
    pub fn encode(&self) -> Result<Vec<u8>, StoredModelError> {
        let features = self.features.iter().zip(self.terms.iter());
        let features = features.map(|(feature, term)| StoredTerm {
            feature: feature.clone(),
            columns: term.columns.clone(),
            coefficients: term.coefficients.clone(),
        });
        Ok(serde_json::to_vec(&Stored {
            version: VERSION,
            task: self.task.clone(),
            base: self.base.to_vec(),
            features: features.collect(),
            rounds: self.rounds,
        })?)
    }

    /// The model in bytes that [`LinearModel::encode`] wrote.
    ///
    /// # Errors
    /// When the bytes are damaged or were not written by usina.
    pub fn decode(bytes: &[u8]) -> Result<Self, StoredModelError> {
        let Version { version } = serde_json::from_slice(bytes)?;
        if version != VERSION {
            return Err(StoredModelError::Version(version));
        }
        let stored: Stored = serde_json::from_slice(bytes)?;
        let agree = |what, expected, got| {
            if expected == got {
                Ok(())
            } else {
                Err(StoredModelError::Contradicts { what, expected, got })
            }
        };
        check_ends(&stored.task, stored.features.len())?;
        let scores = stored.task.width();
        agree("its number of scores", scores, stored.base.len())?;
        for term in &stored.features {
            term.columns.check(&term.feature)?;
            agree(
                "the number of scores of a feature",
                scores,
                term.coefficients.len(),
            )?;
            for score in &term.coefficients {
                agree(
                    "the number of coefficients of a feature",
                    term.columns.width(),
                    score.len(),
                )?;
            }
        }
        let (features, terms): (Vec<_>, Vec<_>) = stored
            .features
            .into_iter()
            .map(|term| (term.feature, Term::new(term.columns, term.coefficients)))
            .unzip();
        Ok(Self::of_terms(
            stored.task,
            features.into(),
            stored.base,
            terms,
            stored.rounds,
        ))
    }
}
