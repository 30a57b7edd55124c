//! Adding, finding and cancelling jobs.

use super::{Asked, Job, JobError, Jobs, State, Task};
use crate::base::{JobId, Name, Time, to_the_end};
use crate::store::tables::jobs::{self, JobRow};
use crate::store::{StoreError, Tx};

use super::super::recipes::{StoredRows, WrittenRecipe, shipped};

/// More jobs than this do not wait at once.
const MAX_WAITING: usize = 1_000;

/// The longest recipe, in bytes. It stands in a row, and its words in the head of a bundle.
pub(super) const MAX_RECIPE: usize = 256 << 10;

/// The only kind of job there is so far.
const TRAIN: &str = "train";

impl Jobs {
    /// Adds a training of the shipped recipe called `name`, as it is `asked` for.
    ///
    /// # Errors
    /// No such recipe, too many jobs, or the store's.
    pub async fn train_shipped(&self, name: &str, asked: impl Into<Asked<'_>>) -> Result<Job, JobError> {
        let asked = asked.into();
        let (model, task) = shipped_task(name, asked)?;
        self.add(model, task, asked.by).await
    }

    /// Adds trainings of the shipped recipes called `names`, in this order, all or none.
    ///
    /// # Errors
    /// No such recipe, too many jobs, or the store's.
    pub async fn train_all_shipped(&self, names: &[String], by: &str) -> Result<(), JobError> {
        let row = |name: &String| {
            let (model, task) = shipped_task(name, by.into())?;
            self.row_of(model, &task, by)
        };
        self.add_all(names.iter().map(row).collect::<Result<_, _>>()?)
            .await
            .map(drop)
    }

    /// Adds a training of the recipe in `text`, which messages call `file`, as it is `asked` for; on `rows`, if they
    /// are named, in place of the recipe's own file.
    ///
    /// # Errors
    /// A mistake in the recipe, also beside its data; a recipe that names a file; too many jobs; or the
    /// store's.
    pub async fn train(
        &self,
        file: &str,
        text: &str,
        rows: Option<StoredRows>,
        asked: impl Into<Asked<'_>>,
    ) -> Result<Job, JobError> {
        let asked = asked.into();
        if text.len() > MAX_RECIPE {
            return Err(JobError::RecipeTooLong { bytes: text.len() });
        }
        let mut written = WrittenRecipe::parse(file, text)?;
        if let Some(rows) = &rows {
            written = written.on(rows);
        }
        let recipe = written.recipe();
        if let Some(file) = &recipe.data.file {
            return Err(JobError::NeedsFile { file: file.clone() });
        }
        asked.check(&recipe.algorithm)?;
        self.check_data(&written).await?;
        let task = Task::Train {
            file: file.to_owned(),
            recipe: text.to_owned(),
            shipped: None,
            generated: recipe.data.generate.is_some(),
            rows,
            device: asked.device,
        };
        self.add(recipe.name.clone(), task, asked.by).await
    }

    async fn add(&self, model: Name, task: Task, by: &str) -> Result<Job, JobError> {
        let row = self.row_of(model, &task, by)?;
        // As it was written: were it read once more, a store that is busy just then would make it look as if
        // it had not been added.
        let added = self.add_all(vec![row.clone()]).await?;
        self.view(added.into_iter().next().unwrap_or(row))
    }

    fn row_of(&self, model: Name, task: &Task, by: &str) -> Result<JobRow, JobError> {
        let id = JobId::random(self.entropy)?;
        let payload = serde_json::to_string(task).map_err(|error| JobError::Malformed {
            id,
            reason: error.to_string(),
        })?;
        Ok(JobRow {
            id,
            kind: TRAIN.to_owned(),
            subject: model.to_string(),
            payload,
            requested_by: by.to_owned(),
            state: State::Queued.to_string(),
            owner: None,
            attempts: 0,
            cancel: false,
            created_at: self.clock.now(),
            not_before: None,
            started_at: None,
            ended_at: None,
            run_id: None,
            result: None,
            error: None,
            bad_input: false,
            warnings: Vec::new(),
            checkpoint: None,
        })
    }

    /// Adds jobs, all or none, also when whoever asked for them goes away, and wakes the worker. Gives them as
    /// they were written.
    async fn add_all(&self, rows: Vec<JobRow>) -> Result<Vec<JobRow>, JobError> {
        let this = self.clone();
        to_the_end(async move {
            let adding = this.store.write(move |tx| {
                let waiting = jobs::count_open(tx, MAX_WAITING)?;
                if waiting + rows.len() > MAX_WAITING {
                    return Err(JobError::QueueFull { waiting });
                }
                let mut added = rows.clone();
                for row in &mut added {
                    // Jobs are taken up in the order in which they were asked for, also within a millisecond.
                    if let Some(newest) = jobs::newest(tx, None, 1)?.first() {
                        let next = Time::from_millis(newest.created_at.as_millis() + 1);
                        row.created_at = row.created_at.max(next);
                    }
                    jobs::add(tx, row)?;
                }
                Ok(added)
            });
            let added = adding.await?;
            this.added.notify_one();
            Ok(added)
        })
        .await
    }

    /// One job.
    ///
    /// # Errors
    /// No such job, or the store's.
    pub async fn find(&self, id: JobId) -> Result<Job, JobError> {
        let row = self.store.read(move |tx| row(tx, id)).await?;
        self.view(row)
    }

    /// Whether any job was ever added.
    ///
    /// # Errors
    /// The store's.
    pub async fn is_empty(&self) -> Result<bool, JobError> {
        let read = |tx: &_| jobs::newest(tx, None, 1).map_err(JobError::from);
        Ok(self.store.read(read).await?.is_empty())
    }

    /// Calls a job off. One that waits ends at once; one that runs is told to stop.
    ///
    /// # Errors
    /// No such job, it has ended, or the store's.
    pub async fn cancel(&self, id: JobId) -> Result<Job, JobError> {
        let this = self.clone();
        to_the_end(async move {
            let cancelled = this.note_cancelled(id).await?;
            if let Some(current) = this.current(id) {
                current.stop.ask();
            }
            this.view(cancelled)
        })
        .await
    }

    async fn note_cancelled(&self, id: JobId) -> Result<JobRow, JobError> {
        let now = self.clock.now();
        self.store
            .write(move |tx| {
                let mut row = row(tx, id)?;
                let state = state(&row)?;
                if state.is_final() {
                    return Err(JobError::Ended { id, state });
                }
                row.cancel = true;
                if state == State::Queued {
                    row.state = State::Cancelled.to_string();
                    row.ended_at = Some(now);
                }
                jobs::put(tx, &row)?;
                Ok(row)
            })
            .await
    }

    pub(super) fn view(&self, row: JobRow) -> Result<Job, JobError> {
        let malformed = |reason: String| JobError::Malformed { id: row.id, reason };
        let task = serde_json::from_str(&row.payload).map_err(|error| malformed(error.to_string()))?;
        let outcome = row.result.as_deref().map(serde_json::from_str).transpose();
        let model = row
            .subject
            .parse()
            .map_err(|error: crate::base::name::NameError| malformed(error.to_string()))?;
        let current = self.current(row.id);
        let state = match state(&row)? {
            // Its version is registered, and is about to answer: whoever is told of it may ask it at once.
            State::Done if current.is_some() => State::Running,
            // The process that did it is gone, and the next worker takes it up again.
            State::Running if self.is_orphan(&row) => State::Queued,
            state => state,
        };
        Ok(Job {
            state,
            progress: current.and_then(|current| current.reporter.progress()),
            outcome: outcome.map_err(|error| malformed(error.to_string()))?,
            id: row.id,
            task,
            model,
            requested_by: row.requested_by,
            attempts: row.attempts,
            created_at: row.created_at,
            not_before: row.not_before,
            started_at: row.started_at,
            ended_at: row.ended_at,
            run_id: row.run_id,
            error: row.error,
            bad_input: row.bad_input,
            warnings: row.warnings,
        })
    }

    /// Whether a job that counts as running was taken up by a process that is gone: no two hold one store.
    pub(super) fn is_orphan(&self, row: &JobRow) -> bool {
        row.owner != Some(self.store.session())
    }
}

fn shipped_task(name: &str, asked: Asked<'_>) -> Result<(Name, Task), JobError> {
    let shipped =
        shipped::find(name)?.ok_or_else(|| JobError::UnknownRecipe(name.chars().take(80).collect()))?;
    asked.check(&shipped.recipe.algorithm)?;
    let task = Task::Train {
        file: shipped.file(),
        recipe: shipped.text.clone(),
        shipped: Some(shipped.folder.clone()),
        generated: shipped.recipe.data.generate.is_some(),
        rows: None,
        device: asked.device,
    };
    Ok((shipped.recipe.name, task))
}

/// The row of a job that has to be there.
pub(super) fn row(tx: &impl Tx, id: JobId) -> Result<JobRow, JobError> {
    jobs::find(tx, id)?.ok_or(JobError::Unknown(id))
}

/// How the job in `row` stands.
pub(super) fn state(row: &JobRow) -> Result<State, JobError> {
    State::parse(&row.state).ok_or_else(|| JobError::Malformed {
        id: row.id,
        reason: format!("its state is {}", row.state),
    })
}

/// All jobs that have not ended, as they are due.
pub(super) fn open(tx: &impl Tx) -> Result<Vec<JobRow>, StoreError> {
    jobs::open(tx, MAX_WAITING)
}
