//! The worker: takes one job after another and does it on a thread of its own.

use std::sync::Arc;
use std::time::Duration;

use super::queue::{open, row, state};
use super::{Current, Job, JobError, Jobs, Outcome, Reporter, State};
use crate::base::{JobId, Lifecycle, RunId, Stop, Time};
use crate::store::tables::jobs::{self, JobRow};
use crate::store::{StoreError, WriteTx};

use super::super::tracking::{RunStatus, TrackingError, end_in};

/// How work on a job ended.
#[derive(Debug, Clone)]
pub enum Ended {
    /// It is done, and the job was marked so in the transaction that made its result.
    Done,
    /// It cannot be done; trying again would not help.
    Failed {
        /// Why.
        reason: String,
        /// Whether what the job was given is to blame.
        is_input: bool,
    },
    /// Something was in the way that passes, such as a disk that was full; it is tried again.
    Again {
        /// What was in the way.
        reason: String,
    },
    /// It was told to stop.
    Stopped,
}

impl Ended {
    /// How a measurement calls it.
    fn name(&self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Failed { .. } => "failed",
            Self::Again { .. } => "again",
            Self::Stopped => "stopped",
        }
    }
}

/// What does a job. Runs on a thread of its own and looks at `stop` often.
pub trait Work: Send + Sync + 'static {
    /// Does `job`.
    fn work(&self, job: &Job, stop: &Stop, reporter: &Reporter) -> Ended;
}

/// Takes up jobs as they are due, one at a time.
pub struct Worker {
    jobs: Jobs,
    work: Arc<dyn Work>,
    only: Option<JobId>,
}

/// A job that was taken up this often and never ended takes the process down with it: it is given up.
const MAX_ATTEMPTS: u32 = 3;

/// How long a job waits that something was in the way of, the first time and the next: a full disk is not
/// emptied in a moment.
const BACK_OFF: [Duration; 2] = [Duration::from_secs(5), Duration::from_secs(60)];

/// The longest wait for a job that is due later: the clock may be set meanwhile.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// What a worker is to do next.
pub(super) enum Next {
    /// This.
    Job(Box<Job>),
    /// Nothing, until so much time has passed or a job is added.
    Wait(Duration),
}

impl Worker {
    /// A worker on `jobs`.
    pub fn new(jobs: Jobs, work: Arc<dyn Work>) -> Self {
        Self {
            jobs,
            work,
            only: None,
        }
    }

    /// Does the job `id` and no other.
    #[must_use]
    pub fn only(self, id: JobId) -> Self {
        Self {
            only: Some(id),
            ..self
        }
    }

    /// Starts working. Jobs that a crash interrupted are taken up again first.
    pub fn start(self, lifecycle: &Lifecycle) {
        let stopping = lifecycle.clone();
        lifecycle.spawn("jobs", async move { self.run(&stopping).await });
    }

    async fn run(self, lifecycle: &Lifecycle) {
        let stop_work = async {
            lifecycle.stopping().await;
            let current = self.jobs.current.lock().ok().and_then(|current| current.clone());
            if let Some(current) = current {
                current.stop.ask();
            }
        };
        let work = async {
            self.jobs.recover().await.unwrap_or_else(log);
            while !lifecycle.stop().is_asked() {
                match self.jobs.take(self.only).await {
                    Ok(Next::Job(job)) => self.run_one(*job, lifecycle).await,
                    Ok(Next::Wait(wait)) => {
                        tokio::select! {
                            () = self.jobs.added.notified() => {}
                            () = tokio::time::sleep(wait) => {}
                            () = lifecycle.stopping() => {}
                        }
                    }
                    Err(error) => {
                        log(error);
                        pause(lifecycle).await;
                    }
                }
            }
        };
        // Both: the work ends only after the job that is being done has seen the stop.
        tokio::join!(stop_work, work);
    }

    async fn run_one(&self, job: Job, lifecycle: &Lifecycle) {
        let current = Current {
            id: job.id,
            stop: Stop::new(),
            reporter: Reporter::default(),
        };
        self.jobs.set_current(Some(current.clone()));
        if lifecycle.stop().is_asked() || self.jobs.is_cancelled(job.id).await {
            current.stop.ask();
        }
        let id = job.id;
        let work = Arc::clone(&self.work);
        let thread = tokio::task::spawn_blocking(move || work.work(&job, &current.stop, &current.reporter));
        let ended = match thread.await {
            Ok(ended) => ended,
            Err(failure) => {
                tracing::error!(job = %id, %failure, "the work on a job died");
                let reason = "an internal fault ended the work; the server's log has the details".to_owned();
                Ended::Failed {
                    reason,
                    is_input: false,
                }
            }
        };
        // Until it is written down how the work ended, the job counts as running.
        while let Err(error) = self.jobs.settle(id, ended.clone()).await {
            log(error);
            if lifecycle.stop().is_asked() {
                // The next start finds it running, and takes it up again.
                break;
            }
            pause(lifecycle).await;
        }
        metrics::counter!("usina_jobs_ended_total", "outcome" => ended.name()).increment(1);
        self.jobs.set_current(None);
    }
}

/// The store reopens itself; asking again at once would only fill the log.
async fn pause(lifecycle: &Lifecycle) {
    tokio::select! {
        () = tokio::time::sleep(std::time::Duration::from_secs(1)) => {}
        () = lifecycle.stopping() => {}
    }
}

fn log(error: JobError) {
    tracing::error!(%error, "the job queue could not go on");
}

impl Jobs {
    /// Notes that the job's attempt has the run `run`, and what its rows violate, within the caller's transaction.
    pub(in crate::platform) fn begin_run_in(
        tx: &mut WriteTx,
        id: JobId,
        run: RunId,
        warnings: &[String],
    ) -> Result<(), JobError> {
        let mut row = row(tx, id)?;
        row.run_id = Some(run);
        row.warnings = warnings.to_vec();
        Ok(jobs::put(tx, &row)?)
    }

    /// Ends the job as done, within the caller's transaction.
    pub(in crate::platform) fn done_in(
        tx: &mut WriteTx,
        id: JobId,
        outcome: &Outcome,
        now: Time,
    ) -> Result<(), JobError> {
        let mut row = row(tx, id)?;
        let state = state(&row)?;
        if state != State::Running || row.cancel {
            // Called off while its result was being written: then there is no result.
            return Err(JobError::Ended { id, state });
        }
        let result = serde_json::to_string(outcome).map_err(|error| JobError::Malformed {
            id,
            reason: error.to_string(),
        })?;
        row.state = State::Done.to_string();
        row.owner = None;
        row.result = Some(result);
        row.ended_at = Some(now);
        Ok(jobs::put(tx, &row)?)
    }

    async fn is_cancelled(&self, id: JobId) -> bool {
        let cancelled = self.store.read(move |tx| row(tx, id).map(|row| row.cancel)).await;
        cancelled.unwrap_or(false)
    }

    /// Jobs that a process was doing which is gone wait again; the runs that they had begun are killed.
    pub(super) async fn recover(&self) -> Result<(), JobError> {
        let (this, now) = (self.clone(), self.clock.now());
        self.store
            .write(move |tx| {
                for mut row in open(tx)? {
                    if state(&row)? != State::Running || !this.is_orphan(&row) {
                        continue;
                    }
                    end_run(tx, &row, RunStatus::Killed, now)?;
                    give_up_or_queue(&mut row, &format!("it was interrupted {MAX_ATTEMPTS} times"));
                    put(tx, &mut row, now)?;
                }
                Ok(())
            })
            .await
    }

    /// Marks the first job that is due as running.
    pub(super) async fn take(&self, only: Option<JobId>) -> Result<Next, JobError> {
        let (session, now) = (self.store.session(), self.clock.now());
        let taken = self
            .store
            .write(move |tx| {
                let mut wait = LONGEST_WAIT;
                for mut row in open(tx)? {
                    if state(&row)? != State::Queued || only.is_some_and(|only| only != row.id) {
                        continue;
                    }
                    // The time it was asked for may be a little ahead of now, and is no reason to wait.
                    if let Some(due) = row.not_before.filter(|due| *due > now) {
                        wait = wait.min(due.since(now));
                        continue;
                    }
                    row.state = State::Running.to_string();
                    row.owner = Some(session);
                    row.attempts += 1;
                    row.started_at = Some(now);
                    row.not_before = None;
                    row.error = None;
                    row.run_id = None;
                    jobs::put(tx, &row)?;
                    return Ok(Ok(row));
                }
                Ok::<_, JobError>(Err(wait))
            })
            .await?;
        // No second read: were it refused, the job would count as running and nobody would do it.
        let row = match taken {
            Ok(row) => row,
            Err(wait) => return Ok(Next::Wait(wait)),
        };
        let id = row.id;
        match self.view(row) {
            Ok(job) => Ok(Next::Job(Box::new(job))),
            // Nobody can do it, so it must not count as running.
            Err(error) => {
                let reason = error.to_string();
                self.settle(
                    id,
                    Ended::Failed {
                        reason,
                        is_input: false,
                    },
                )
                .await?;
                Ok(Next::Wait(Duration::ZERO))
            }
        }
    }

    /// Writes a job down as called off although its work has not ended; what the work finds is not kept.
    ///
    /// # Errors
    /// No such job, or the store's.
    pub async fn abandon(&self, id: JobId) -> Result<(), JobError> {
        self.settle(id, Ended::Stopped).await
    }

    /// Writes down how the work ended. A job that was stopped without being cancelled waits again:
    /// the process is going down and the next one takes it up.
    async fn settle(&self, id: JobId, ended: Ended) -> Result<(), JobError> {
        let now = self.clock.now();
        let ended = Arc::new(ended);
        self.store
            .write(move |tx| {
                let mut row = row(tx, id)?;
                if state(&row)?.is_final() {
                    return Ok(());
                }
                let status = match &*ended {
                    // Its own transaction has marked it done, so its state was final.
                    Ended::Done => return Ok(()),
                    Ended::Failed { .. } if !row.cancel => RunStatus::Failed,
                    Ended::Failed { .. } | Ended::Again { .. } | Ended::Stopped => RunStatus::Killed,
                };
                end_run(tx, &row, status, now)?;
                match &*ended {
                    Ended::Done => {}
                    Ended::Failed { .. } if row.cancel => row.state = State::Cancelled.to_string(),
                    Ended::Failed { reason, is_input } => {
                        row.state = State::Failed.to_string();
                        row.error = Some(reason.clone());
                        row.bad_input = *is_input;
                    }
                    Ended::Again { reason } => {
                        let wait = BACK_OFF.get(row.attempts.saturating_sub(1) as usize);
                        give_up_or_queue(&mut row, reason);
                        row.not_before = wait.map(|wait| now + *wait);
                        // What it waits for is told while it waits.
                        row.error.get_or_insert_with(|| reason.clone());
                    }
                    Ended::Stopped => {
                        // Being stopped is not the job's fault.
                        row.attempts = row.attempts.saturating_sub(1);
                        give_up_or_queue(&mut row, "");
                    }
                }
                put(tx, &mut row, now)?;
                Ok(())
            })
            .await
    }
}

/// Has the job wait again, unless it was called off or tried too often.
fn give_up_or_queue(row: &mut JobRow, reason: &str) {
    let state = if row.cancel {
        State::Cancelled
    } else if row.attempts >= MAX_ATTEMPTS {
        row.error = Some(format!("{reason}; given up after {MAX_ATTEMPTS} attempts"));
        State::Failed
    } else {
        State::Queued
    };
    row.state = state.to_string();
}

/// Writes a job down that nobody does any more; one that has ended gets its time.
fn put(tx: &mut WriteTx, row: &mut JobRow, now: Time) -> Result<(), StoreError> {
    row.ended_at = (row.state != State::Queued.as_str()).then_some(now);
    row.owner = None;
    jobs::put(tx, row)
}

fn end_run(tx: &mut WriteTx, row: &JobRow, status: RunStatus, now: Time) -> Result<(), StoreError> {
    match row.run_id.map(|run| end_in(tx, run, status, now)) {
        Some(Err(TrackingError::Store(error))) => Err(error),
        _ => Ok(()),
    }
}
