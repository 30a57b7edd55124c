//! Experiments and runs, with MLflow's meaning: what was trained, with which parameters, how it went.

mod experiments;
mod filter;
mod metrics;
mod runs;
mod search;
mod status;

use crate::base::{Clock, Entropy, ExperimentId, RunId};
use crate::store::{Store, StoreError};

use super::page::BadPageToken;

pub use crate::store::tables::run_metrics::Point;
pub use experiments::{Experiment, ExperimentFilter};
pub use filter::{BadFilter, Filter};
pub use metrics::{Metric, MetricPoint};
pub use runs::{Input, NewRun, Run};
pub(super) use runs::{end_in, start_in};
pub use search::{BadOrder, Order, RunQuery};
pub use status::RunStatus;

/// Why tracking did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum TrackingError {
    /// No such experiment.
    #[error("there is no experiment {0}")]
    UnknownExperiment(ExperimentId),
    /// No such run.
    #[error("there is no run {0}")]
    UnknownRun(RunId),
    /// The run has no metric of that name.
    #[error("run {run} has no metric called \"{key}\"")]
    UnknownMetric {
        /// The run.
        run: RunId,
        /// What was asked for.
        key: String,
    },
    /// A parameter is written once.
    #[error("the parameter \"{key}\" of run {run} is \"{old}\" already; parameters are written once")]
    ParamChanged {
        /// The run.
        run: RunId,
        /// The parameter.
        key: String,
        /// The value that it has.
        old: String,
    },
    /// The run has ended.
    #[error("run {0} has ended; nothing is added to it any more")]
    Ended(RunId),
    /// More than a run may have.
    #[error("run {run} would have more than {limit} {what}, which is what a run may have")]
    TooMany {
        /// The run.
        run: RunId,
        /// Parameters, tags, inputs or metrics.
        what: &'static str,
        /// How many it may have.
        limit: usize,
    },
    /// The page token is none of ours.
    #[error(transparent)]
    PageToken(#[from] BadPageToken),
    /// A row that this version cannot make sense of.
    #[error("run {run} is not readable: {reason}")]
    Malformed {
        /// The run.
        run: RunId,
        /// What is wrong with it.
        reason: String,
    },
    /// The operating system has no randomness for an id.
    #[error(transparent)]
    Entropy(#[from] crate::base::random::EntropyError),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Experiments and runs.
#[derive(Debug, Clone)]
pub struct Tracking {
    store: Store,
    clock: Clock,
    entropy: Entropy,
}

impl Tracking {
    /// Tracking in `store`.
    pub fn new(store: Store, clock: Clock, entropy: Entropy) -> Self {
        Self {
            store,
            clock,
            entropy,
        }
    }
}

#[cfg(test)]
mod tests;
