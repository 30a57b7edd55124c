mod list;

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use super::worker::Next;
use super::*;
use crate::base::{ExperimentId, Lifecycle, SessionId};
use crate::platform::page::PageOf;
use crate::platform::testing::store;
use crate::platform::tracking::{NewRun, RunStatus, Tracking, start_in};
use crate::store::tables::jobs;

/// Begins a run as a training does, then ends as it is told to.
struct Scripted {
    store: Store,
    tracking: Tracking,
    begun: AtomicU32,
    ends: fn(&Stop) -> Ended,
}

impl Work for Scripted {
    fn work(&self, job: &Job, stop: &Stop, reporter: &Reporter) -> Ended {
        self.begun.fetch_add(1, Ordering::SeqCst);
        reporter.report(Phase::Fitting, 0.5, "half");
        let run = NewRun {
            experiment: ExperimentId::DEFAULT,
            name: String::new(),
            model: None,
            params: [].into(),
            tags: [].into(),
            inputs: Vec::new(),
        };
        let prepared = self.tracking.prepare(run).unwrap();
        let (run, id) = (prepared.id(), job.id);
        self.store
            .write_blocking(move |tx| {
                start_in(tx, &prepared).unwrap();
                Jobs::begin_run_in(tx, id, run, &[])
            })
            .unwrap();
        (self.ends)(stop)
    }
}

struct Bench {
    jobs: Jobs,
    tracking: Tracking,
    lifecycle: Lifecycle,
    work: Arc<Scripted>,
}

async fn bench(ends: fn(&Stop) -> Ended) -> Bench {
    let (store, clock) = store();
    let tracking = Tracking::new(store.clone(), clock.clone(), Entropy);
    tracking.ensure_default().await.unwrap();
    let work = Scripted {
        store: store.clone(),
        tracking: tracking.clone(),
        begun: AtomicU32::new(0),
        ends,
    };
    let jobs = Jobs::new(store, clock, Entropy);
    Bench {
        jobs,
        tracking,
        lifecycle: Lifecycle::new(),
        work: Arc::new(work),
    }
}

impl Bench {
    fn start(&self) {
        Worker::new(self.jobs.clone(), self.work.clone()).start(&self.lifecycle);
    }

    async fn take(&self) -> Result<Job, Duration> {
        match self.jobs.take(None).await.unwrap() {
            Next::Job(job) => Ok(*job),
            Next::Wait(wait) => Err(wait),
        }
    }

    /// As if another process had taken the job up, which is gone.
    async fn lose_process(&self, id: JobId) {
        let losing = self.jobs.store.write(move |tx| {
            let mut row = jobs::find(tx, id)?.unwrap();
            row.owner = Some(SessionId::from_bytes([1; 16]));
            jobs::put(tx, &row)
        });
        losing.await.unwrap();
    }

    async fn until(&self, id: JobId, state: State) -> Job {
        for _ in 0..1_000 {
            let job = self.jobs.find(id).await.unwrap();
            if job.state == state {
                return job;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("the job never became {state}");
    }
}

fn until_stopped(stop: &Stop) -> Ended {
    while !stop.is_asked() {
        std::thread::sleep(Duration::from_millis(1));
    }
    Ended::Stopped
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_job_says_why_and_its_run_failed() {
    let bench = bench(|_| Ended::Failed {
        reason: "too small".to_owned(),
        is_input: true,
    })
    .await;
    bench.start();
    let id = bench
        .jobs
        .train_shipped("customer-churn", "a tester")
        .await
        .unwrap()
        .id;
    let job = bench.until(id, State::Failed).await;
    assert_eq!((job.error.as_deref(), job.bad_input), (Some("too small"), true));
    let run = bench.tracking.run(job.run_id.unwrap()).await.unwrap();
    assert_eq!(run.status, RunStatus::Failed);
    let again = bench.jobs.cancel(id).await.unwrap_err();
    assert!(matches!(
        again,
        JobError::Ended {
            state: State::Failed,
            ..
        }
    ));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_job_that_is_cancelled_stops_and_its_run_is_killed() {
    let bench = bench(until_stopped).await;
    bench.start();
    let id = bench
        .jobs
        .train_shipped("customer-churn", "a tester")
        .await
        .unwrap()
        .id;
    let job = bench.until(id, State::Running).await;
    assert_eq!(job.attempts, 1);
    bench.jobs.cancel(id).await.unwrap();
    let job = bench.until(id, State::Cancelled).await;
    // Whether the run had begun when the stop came is a matter of chance.
    if let Some(run) = job.run_id {
        assert_eq!(bench.tracking.run(run).await.unwrap().status, RunStatus::Killed);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_waiting_job_that_is_cancelled_is_never_begun() {
    let bench = bench(until_stopped).await;
    let id = bench
        .jobs
        .train_shipped("customer-churn", "a tester")
        .await
        .unwrap()
        .id;
    assert_eq!(bench.jobs.cancel(id).await.unwrap().state, State::Cancelled);
    bench.start();
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(bench.work.begun.load(Ordering::SeqCst), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_of_the_process_leaves_the_job_waiting_for_the_next_one() {
    let bench = bench(until_stopped).await;
    bench.start();
    let id = bench
        .jobs
        .train_shipped("customer-churn", "a tester")
        .await
        .unwrap()
        .id;
    bench.until(id, State::Running).await;
    while bench.work.begun.load(Ordering::SeqCst) == 0 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    bench.lifecycle.finish(Duration::from_secs(10)).await.unwrap();
    let job = bench.jobs.find(id).await.unwrap();
    assert_eq!((job.state, job.attempts), (State::Queued, 0));
    assert_eq!(
        bench.tracking.run(job.run_id.unwrap()).await.unwrap().status,
        RunStatus::Killed
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn work_that_panics_fails_its_job_and_the_next_job_is_done() {
    let bench = bench(|_| panic!("on purpose")).await;
    bench.start();
    let first = bench
        .jobs
        .train_shipped("customer-churn", "a tester")
        .await
        .unwrap()
        .id;
    let second = bench
        .jobs
        .train_shipped("credit-risk", "a tester")
        .await
        .unwrap()
        .id;
    let job = bench.until(first, State::Failed).await;
    assert!(!job.bad_input);
    bench.until(second, State::Failed).await;
    assert_eq!(bench.work.begun.load(Ordering::SeqCst), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_takes_the_process_down_is_given_up_in_the_end() {
    let bench = bench(until_stopped).await;
    let id = bench
        .jobs
        .train_shipped("customer-churn", "a tester")
        .await
        .unwrap()
        .id;
    for attempt in 1..=3 {
        // Taken up and never settled, as when the process is killed.
        let taken = bench.take().await.unwrap();
        assert_eq!((taken.id, taken.attempts), (id, attempt));
        assert_eq!(bench.jobs.find(id).await.unwrap().state, State::Running);
        bench.lose_process(id).await;
        // Also before anybody has looked after it, it is not said to be running.
        assert_eq!(bench.jobs.find(id).await.unwrap().state, State::Queued);
        bench.jobs.recover().await.unwrap();
    }
    let job = bench.jobs.find(id).await.unwrap();
    assert_eq!(job.state, State::Failed);
    assert!(job.error.unwrap().contains("interrupted 3 times"));
}

#[tokio::test]
async fn what_cannot_be_trained_is_refused_before_it_is_queued() {
    let bench = bench(until_stopped).await;
    let unknown = bench
        .jobs
        .train_shipped("nonsense", "a tester")
        .await
        .unwrap_err()
        .to_string();
    assert!(unknown.contains("customer-churn"), "{unknown}");
    let file = "name = \"m\"\n[data]\nfile = \"f.csv\"\ntarget = \"y\"\n";
    assert!(matches!(
        bench.jobs.train("r.toml", file, None, "a tester").await,
        Err(JobError::NeedsFile { .. })
    ));
    assert!(matches!(
        bench.jobs.train("r.toml", "nonsense", None, "a tester").await,
        Err(JobError::Recipe(_))
    ));
    assert!(bench.jobs.is_empty().await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_in_the_way_is_waited_for_longer_each_time_and_then_given_up() {
    let bench = bench(|_| Ended::Again {
        reason: "the disk is full".to_owned(),
    })
    .await;
    let id = bench
        .jobs
        .train_shipped("customer-churn", "a tester")
        .await
        .unwrap()
        .id;
    bench.start();
    let clock = &bench.jobs.clock;
    for (attempt, wait) in [(1, 5), (2, 60)] {
        let job = loop {
            let job = bench.until(id, State::Queued).await;
            if job.attempts == attempt && job.not_before.is_some() {
                break job;
            }
        };
        assert_eq!(job.not_before, Some(clock.now() + Duration::from_secs(wait)));
        assert_eq!(job.error.as_deref(), Some("the disk is full"));
        assert_eq!(bench.take().await.unwrap_err(), Duration::from_secs(wait));
        clock.advance(Duration::from_secs(wait));
        // The worker sleeps by its own clock; whoever adds a job wakes it.
        bench.jobs.added.notify_one();
    }
    let job = bench.until(id, State::Failed).await;
    assert!(
        job.error
            .unwrap()
            .contains("the disk is full; given up after 3 attempts")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_cannot_be_understood_fails_and_the_next_one_is_done() {
    let bench = bench(|_| Ended::Failed {
        reason: "it was done".to_owned(),
        is_input: false,
    })
    .await;
    let strange = bench
        .jobs
        .train_shipped("customer-churn", "a tester")
        .await
        .unwrap()
        .id;
    let next = bench
        .jobs
        .train_shipped("credit-risk", "a tester")
        .await
        .unwrap()
        .id;
    let changing = bench.jobs.store.write(move |tx| {
        let mut row = jobs::find(tx, strange)?.unwrap();
        row.payload = r#"{"dance":{}}"#.to_owned();
        jobs::put(tx, &row)
    });
    changing.await.unwrap();
    bench.start();
    bench.until(next, State::Failed).await;
    let row = bench
        .jobs
        .store
        .read(move |tx| jobs::find(tx, strange))
        .await
        .unwrap()
        .unwrap();
    assert_eq!((row.state.as_str(), row.owner), ("failed", None));
    assert!(row.error.unwrap().contains("dance"));
}

#[tokio::test]
async fn a_recipe_that_is_more_than_a_recipe_is_refused() {
    let bench = bench(until_stopped).await;
    let long = format!("name = \"m\"\n# {}\n", "x".repeat(300 << 10));
    let refused = bench
        .jobs
        .train("r.toml", &long, None, "a tester")
        .await
        .unwrap_err();
    assert!(matches!(refused, JobError::RecipeTooLong { .. }), "{refused}");
}

#[tokio::test]
async fn a_job_says_whether_its_rows_are_generated() {
    let bench = bench(until_stopped).await;
    let train = async |name: &str| bench.jobs.train_shipped(name, "a tester").await.unwrap();
    assert!(train("fraud-detection").await.task.generates());
    assert!(!train("customer-churn").await.task.generates());
}
