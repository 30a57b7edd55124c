//! Jobs: durable background work. A job survives a crash: it is taken up again, or fails with its reason.

mod check;
mod checkpoint;
mod list;
mod progress;
mod queue;
mod worker;

use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use tokio::sync::Notify;

use crate::base::{Clock, Entropy, JobId, ModelId, Name, RunId, Stop, Time};
use crate::engine::algorithm::Algorithm;
pub use crate::engine::device::DeviceChoice;
use crate::store::{Store, StoreError};

use super::datasets::DatasetError;
use super::page::BadPageToken;
use super::recipes::{RecipeError, StoredRows, shipped};

pub(super) use checkpoint::JobCheckpoints;
pub use list::JobFilter;
pub use progress::{Phase, Progress, Reporter};
pub use worker::{Ended, Work, Worker};

/// Why a job could not be started, found or cancelled.
#[derive(Debug, thiserror::Error)]
pub enum JobError {
    /// No such job.
    #[error("there is no job {0}")]
    Unknown(JobId),
    /// No such recipe.
    #[error("no recipe called \"{0}\" is shipped; those that are: {names}", names = shipped_names())]
    UnknownRecipe(String),
    /// The job has ended.
    #[error("job {id} is {state} already")]
    Ended {
        /// The job.
        id: JobId,
        /// done, failed or cancelled.
        state: State,
    },
    /// Too many wait already.
    #[error("{waiting} jobs are waiting already; try again when some are done")]
    QueueFull {
        /// How many.
        waiting: usize,
    },
    /// A recipe that names a file, sent without the file.
    #[error(
        "the recipe reads the file {file}, which a server does not read for you: add it first with \
         `usina data add`, and name it with data.dataset; or train with `usina train`, which does so"
    )]
    NeedsFile {
        /// The file.
        file: String,
    },
    /// A GPU is asked for, and the algorithm makes no use of one.
    #[error("a GPU is for nets (algorithm.mlp), and the recipe's algorithm is {0}; leave the device out")]
    NotForGpu(&'static str),
    /// A recipe that is more than a recipe.
    #[error("the recipe has {bytes} bytes; at most {} are taken", queue::MAX_RECIPE)]
    RecipeTooLong {
        /// How many it has.
        bytes: usize,
    },
    /// The recipe.
    #[error(transparent)]
    Recipe(#[from] RecipeError),
    /// The page token is none of ours.
    #[error(transparent)]
    PageToken(#[from] BadPageToken),
    /// The dataset that the recipe names.
    #[error(transparent)]
    Dataset(#[from] DatasetError),
    /// A row that this version cannot make sense of.
    #[error("job {id} is not readable: {reason}")]
    Malformed {
        /// The job.
        id: JobId,
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

/// How a job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// It waits for its turn.
    Queued,
    /// It is being done.
    Running,
    /// It is done.
    Done,
    /// It could not be done.
    Failed,
    /// Someone called it off.
    Cancelled,
}

impl State {
    /// How it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether nothing more will happen.
    pub fn is_final(self) -> bool {
        matches!(self, Self::Done | Self::Failed | Self::Cancelled)
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        [
            Self::Queued,
            Self::Running,
            Self::Done,
            Self::Failed,
            Self::Cancelled,
        ]
        .into_iter()
        .find(|state| state.as_str() == text)
    }
}

impl std::fmt::Display for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}

/// What a job is to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Task {
    /// Train a recipe.
    Train {
        /// What messages call the recipe's file.
        file: String,
        /// The recipe's TOML.
        recipe: String,
        /// The shipped recipe it is, when it is one: its data come from the executable.
        shipped: Option<String>,
        /// Whether it trains on rows that usina generates; said by the recipe, which is not read again for
        /// every list.
        generated: bool,
        /// The stored rows to learn from, in place of the file that the recipe names.
        #[serde(default)]
        rows: Option<StoredRows>,
        /// The device that whoever asked wants a net to be trained on, whatever the recipe says.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        device: Option<DeviceChoice>,
    },
}

impl Task {
    /// Whether it trains on rows that usina generates.
    pub fn generates(&self) -> bool {
        let Self::Train { generated, .. } = self;
        *generated
    }
}

/// Who asks for a training, and for what beside the recipe.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// Who.
    pub by: &'a str,
    /// The device that a net is to be trained on, whatever the recipe says.
    pub device: Option<DeviceChoice>,
}

impl<'a> From<&'a str> for Asked<'a> {
    fn from(by: &'a str) -> Self {
        Self { by, device: None }
    }
}

impl Asked<'_> {
    /// That `algorithm` has a use for the device.
    ///
    /// # Errors
    /// A GPU is asked for, and it has none.
    pub fn check(self, algorithm: &Algorithm) -> Result<(), JobError> {
        if self.device == Some(DeviceChoice::Gpu) && !algorithm.is_net() {
            return Err(JobError::NotForGpu(algorithm.name()));
        }
        Ok(())
    }
}

/// What came of a job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// A version of a model.
    Version {
        /// The model, whatever it is called since.
        model: ModelId,
        /// The version's number.
        number: u64,
        /// The version's label.
        label: String,
    },
}

/// A job and how it stands.
#[derive(Debug, Clone)]
pub struct Job {
    /// Its id.
    pub id: JobId,
    /// What it is to do.
    pub task: Task,
    /// The model that it is about, as it was called when the job was asked for.
    pub model: Name,
    /// Who asked for it.
    pub requested_by: String,
    /// How it stands.
    pub state: State,
    /// How far it is, while it runs.
    pub progress: Option<Progress>,
    /// How often it was taken up.
    pub attempts: u32,
    /// When it was asked for.
    pub created_at: Time,
    /// When it is tried again, if something was in the way.
    pub not_before: Option<Time>,
    /// When it was taken up last.
    pub started_at: Option<Time>,
    /// When it ended.
    pub ended_at: Option<Time>,
    /// The run of the last attempt.
    pub run_id: Option<RunId>,
    /// What came of it.
    pub outcome: Option<Outcome>,
    /// Why it failed.
    pub error: Option<String>,
    /// Whether it failed because of its recipe or data.
    pub bad_input: bool,
    /// What its rows violate and is no reason to refuse them, in words.
    pub warnings: Vec<String>,
}

/// The job that is being done: how to stop it, and how far it is.
#[derive(Debug, Clone)]
struct Current {
    id: JobId,
    stop: Stop,
    reporter: Reporter,
}

/// The queue of jobs. One job is done at a time: a training uses every core that there is.
#[derive(Debug, Clone)]
pub struct Jobs {
    store: Store,
    clock: Clock,
    entropy: Entropy,
    current: Arc<Mutex<Option<Current>>>,
    /// Tells the worker that there is something to do.
    added: Arc<Notify>,
}

impl Jobs {
    /// The queue in `store`.
    pub fn new(store: Store, clock: Clock, entropy: Entropy) -> Self {
        Self {
            store,
            clock,
            entropy,
            current: Arc::default(),
            added: Arc::default(),
        }
    }

    fn current(&self, id: JobId) -> Option<Current> {
        let current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        current.clone().filter(|current| current.id == id)
    }

    fn set_current(&self, current: Option<Current>) {
        *self.current.lock().unwrap_or_else(PoisonError::into_inner) = current;
    }
}

/// The shipped recipes' names, for a message.
fn shipped_names() -> String {
    let names = |shipped: Vec<shipped::Shipped>| {
        shipped
            .into_iter()
            .map(|shipped| shipped.folder)
            .collect::<Vec<_>>()
    };
    shipped::all().map(names).unwrap_or_default().join(", ")
}

#[cfg(test)]
mod tests;
