//! Every task and thread starts here, so that all of them are told to stop and waited for.

use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::stop::Stop;

/// How far the process is on its way down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Phase {
    Running,
    /// Finish what is under way, take nothing new.
    Draining,
}

/// A task by its name, and what waits for it.
type Task = (String, JoinHandle<()>);

/// Starts tasks and threads, tells them to stop, waits for them; when one dies, all are stopped.
#[derive(Debug, Clone)]
pub struct Lifecycle {
    phase: watch::Sender<Phase>,
    stop: Stop,
    died: Arc<Mutex<Option<String>>>,
    tasks: Arc<Mutex<Vec<Task>>>,
}

impl Default for Lifecycle {
    fn default() -> Self {
        Self::new()
    }
}

impl Lifecycle {
    /// A lifecycle in which nothing runs yet.
    pub fn new() -> Self {
        Self {
            phase: watch::Sender::new(Phase::Running),
            stop: Stop::new(),
            died: Arc::default(),
            tasks: Arc::default(),
        }
    }

    /// The stop that is asked for when the process goes down; computations on threads look at it.
    pub fn stop(&self) -> &Stop {
        &self.stop
    }

    /// Asks everything to finish what is under way and end.
    pub fn ask_to_stop(&self) {
        self.stop.ask();
        self.phase.send_replace(Phase::Draining);
    }

    /// Resolves when the process is asked to stop.
    pub fn stopping(&self) -> impl Future<Output = ()> + Send + 'static {
        let mut phase = self.phase.subscribe();
        async move {
            // The sender cannot be gone before this future: tasks hold a clone of the lifecycle.
            let _ = phase.wait_for(|phase| *phase >= Phase::Draining).await;
        }
    }

    /// Starts a task. It should end soon after [`Lifecycle::stopping`] resolves.
    #[expect(clippy::disallowed_methods, reason = "the one place that spawns")]
    pub fn spawn(&self, name: &str, task: impl Future<Output = ()> + Send + 'static) {
        let handle = tokio::spawn(task);
        self.watch(name, handle);
    }

    /// Starts a thread for blocking or computing work. It should look at [`Lifecycle::stop`] often.
    pub fn spawn_thread(&self, name: &str, work: impl FnOnce() + Send + 'static) {
        let handle = tokio::task::spawn_blocking(work);
        self.watch(name, handle);
    }

    fn watch(&self, name: &str, handle: JoinHandle<()>) {
        let lifecycle = self.clone();
        let task = name.to_owned();
        #[expect(clippy::disallowed_methods, reason = "the one place that spawns")]
        let watched = tokio::spawn(async move {
            if let Err(failure) = handle.await {
                tracing::error!(task, %failure, "a task died; stopping");
                *lifecycle.died.lock().unwrap_or_else(PoisonError::into_inner) = Some(task);
                lifecycle.ask_to_stop();
            }
        });
        let mut tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        tasks.retain(|(_, handle)| !handle.is_finished());
        tasks.push((name.to_owned(), watched));
    }

    /// Asks everything to stop and waits until it has, `patience` at most.
    ///
    /// # Errors
    /// Names the task that died, or those that were still running when the patience ended.
    pub async fn finish(&self, patience: Duration) -> Result<(), LifecycleError> {
        self.ask_to_stop();
        let tasks = std::mem::take(&mut *self.tasks.lock().unwrap_or_else(PoisonError::into_inner));
        let (names, handles): (Vec<_>, Vec<_>) = tasks.into_iter().unzip();
        let all = futures_util::future::join_all(handles);
        if tokio::time::timeout(patience, all).await.is_err() {
            return Err(LifecycleError::StillRunning(names));
        }
        match self.died.lock().unwrap_or_else(PoisonError::into_inner).take() {
            Some(task) => Err(LifecycleError::Died(task)),
            None => Ok(()),
        }
    }
}

/// Runs `work` to its end, also when whoever awaits it goes away: a client that hangs up must not leave
/// a change half made. A panic of the work is passed on.
pub async fn to_the_end<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> T {
    #[expect(
        clippy::disallowed_methods,
        reason = "short work that ends by itself, awaited here"
    )]
    let running = tokio::spawn(work);
    match running.await {
        Ok(done) => done,
        Err(failure) => match failure.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            // Only the end of the runtime cancels it, and nobody polls this after that.
            Err(_) => std::future::pending().await,
        },
    }
}

/// Why a lifecycle did not end well.
#[derive(Debug, thiserror::Error)]
pub enum LifecycleError {
    /// A task panicked.
    #[error("{0} died; the log says why")]
    Died(String),
    /// Some of these did not end in time.
    #[error("still running after the stop: {}", .0.join(", "))]
    StillRunning(Vec<String>),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn finishing_waits_for_what_is_under_way() {
        let lifecycle = Lifecycle::new();
        let stopping = lifecycle.stopping();
        let done = Stop::new();
        let mark = done.clone();
        lifecycle.spawn("worker", async move {
            stopping.await;
            tokio::time::sleep(Duration::from_millis(20)).await;
            mark.ask();
        });
        lifecycle.finish(Duration::from_secs(5)).await.unwrap();
        assert!(done.is_asked());
    }

    #[tokio::test]
    async fn work_goes_to_its_end_when_nobody_waits_any_more() {
        let done = Stop::new();
        let mark = done.clone();
        let work = to_the_end(async move {
            tokio::time::sleep(Duration::from_millis(20)).await;
            mark.ask();
        });
        assert!(
            tokio::time::timeout(Duration::from_millis(1), work)
                .await
                .is_err()
        );
        tokio::time::sleep(Duration::from_millis(200)).await;
        assert!(done.is_asked());
    }

    #[tokio::test]
    async fn a_task_that_dies_stops_the_others() {
        let lifecycle = Lifecycle::new();
        let stopping = lifecycle.stopping();
        lifecycle.spawn("fragile", async { panic!("on purpose") });
        stopping.await;
        let error = lifecycle.finish(Duration::from_secs(5)).await.unwrap_err();
        assert!(error.to_string().contains("fragile"), "{error}");
    }
}
