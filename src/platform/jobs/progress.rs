//! How far a running job is. Kept in memory only: nobody needs it after a crash.

use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};

/// What a training is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    /// Rows are read.
    Reading,
    /// Cross-validation.
    Folds,
    /// The model itself is fitted.
    Fitting,
    /// Its quality is measured.
    Validating,
    /// The bundle is made and stored.
    Sealing,
}

impl Phase {
    /// How it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Reading => "reading",
            Self::Folds => "folds",
            Self::Fitting => "fitting",
            Self::Validating => "validating",
            Self::Sealing => "sealing",
        }
    }
}

/// How far a job is.
#[derive(Debug, Clone, PartialEq)]
pub struct Progress {
    /// What it is doing.
    pub phase: Phase,
    /// From 0 to 1, over the whole job.
    pub share: f64,
    /// In words: fold 3 of 5, round 40 of 100.
    pub message: String,
}

/// Takes in how far a job is, for whoever asks.
#[derive(Debug, Clone, Default)]
pub struct Reporter(Arc<Mutex<Option<Progress>>>);

impl Reporter {
    /// Notes how far the job is.
    pub fn report(&self, phase: Phase, share: f64, message: impl Into<String>) {
        let progress = Progress {
            phase,
            share: share.clamp(0.0, 1.0),
            message: message.into(),
        };
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(progress);
    }

    /// How far the job is.
    pub fn progress(&self) -> Option<Progress> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
