//! A training while it goes on: its progress, and how it is called off.

use std::time::Duration;

use indicatif::ProgressBar;
use serde_json::{Value, json};

use crate::base::{Clock, JobId};
use crate::cli::client::Client;
use crate::cli::error::Failure;
use crate::cli::output;
use crate::cli::progress::{bar, style};
use crate::cli::signals::Signals;

/// How often a job is looked at.
const LOOK: Duration = Duration::from_millis(200);

/// How long it is borne that the server cannot say how a job stands: it may be busy, above all with this one.
const TROUBLE_PATIENCE: Duration = Duration::from_secs(30);

/// How long a job that was called off may take to end.
const CANCEL_PATIENCE: Duration = Duration::from_millis(700);

/// Watches the job until it ends; a signal calls it off.
pub(super) async fn to_the_end(client: &Client, id: JobId, signals: &mut Signals) -> Result<Value, Failure> {
    let path = format!("/api/v1/jobs/{id}");
    let mut looks = Looks::new(client, &path, Clock::system());
    let mut shown = Shown::new();
    loop {
        if let Some(job) = looks.look().await? {
            if is_over(&job) {
                shown.bar.finish_and_clear();
                return Ok(job);
            }
            shown.show(&job);
        }
        tokio::select! {
            () = tokio::time::sleep(LOOK) => {}
            () = signals.any() => {
                shown.bar.finish_and_clear();
                return cancel(client, id, &path).await;
            }
        }
    }
}

/// Looks at a job. A training must not end because one look at it failed.
struct Looks<'c> {
    client: &'c Client,
    path: &'c str,
    clock: Clock,
    /// Since when no look has told anything.
    vain_since: Option<Duration>,
}

impl<'c> Looks<'c> {
    fn new(client: &'c Client, path: &'c str, clock: Clock) -> Self {
        Self {
            client,
            path,
            clock,
            vain_since: None,
        }
    }

    /// The job; none when the server cannot say, and has not been unable to for long.
    async fn look(&mut self) -> Result<Option<Value>, Failure> {
        match self.client.get(self.path).await {
            Ok(answer) => {
                self.vain_since = None;
                Ok(Some(answer.json()?))
            }
            Err(Failure::Unavailable(error)) => {
                let now = self.clock.monotonic();
                if now - *self.vain_since.get_or_insert(now) < TROUBLE_PATIENCE {
                    Ok(None)
                } else {
                    Err(Failure::Unavailable(error))
                }
            }
            Err(failure) => Err(failure),
        }
    }
}

/// What is shown of a job that goes on.
struct Shown {
    bar: ProgressBar,
    last: String,
}

impl Shown {
    fn new() -> Self {
        let bar = bar(1_000);
        bar.set_style(style("{spinner} {msg}  [{bar:30}] {percent}%  {elapsed_precise}"));
        let last = String::new();
        Self { bar, last }
    }

    fn show(&mut self, job: &Value) {
        let message = match output::text(&job["message"]) {
            empty if empty.is_empty() => output::text(&job["state"]),
            message => message,
        };
        self.bar.set_message(message.clone());
        self.bar
            .set_position((1_000.0 * job["progress"].as_f64().unwrap_or(0.0)) as u64);
        // Plain lines where nobody watches a bar: one a phase and fold, not one a round.
        let step = match message.split_once("round ") {
            Some(("", _)) => output::text(&job["phase"]),
            Some((fold, _)) => fold.trim_end_matches(", ").to_owned(),
            None => message,
        };
        if self.bar.is_hidden() && step != self.last {
            output::note(&step);
            self.last = step;
        }
    }
}

async fn cancel(client: &Client, id: JobId, path: &str) -> Result<Value, Failure> {
    client.post(&format!("{path}/cancel"), &json!({})).await?;
    let mut looks = Looks::new(client, path, Clock::system());
    let ended = async {
        while !looks.look().await?.is_some_and(|job| is_over(&job)) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok::<_, Failure>(())
    };
    match tokio::time::timeout(CANCEL_PATIENCE, ended).await {
        Ok(ended) => ended?,
        // Still in the middle of a step: it is written down as ended, and what it finds is not.
        Err(_) => client.abandon(id).await?,
    }
    Err(Failure::Interrupted)
}

fn is_over(job: &Value) -> bool {
    matches!(job["state"].as_str(), Some("done" | "failed" | "cancelled"))
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use axum::Router;
    use axum::http::StatusCode;
    use axum::routing::get;
    use tempfile::TempDir;

    use super::*;
    use crate::api::{self, Listener};
    use crate::base::{Entropy, Lifecycle, Time};
    use crate::cli::socket;
    use crate::runtime::config::StoreConfig;

    const AWAY: u16 = 503;

    /// A server that answers each look at a job with the next of these, and the last one from then on.
    struct Moody {
        folder: TempDir,
        lifecycle: Lifecycle,
    }

    impl Moody {
        fn new(answers: &[(u16, &'static str)]) -> Self {
            let folder = tempfile::tempdir().unwrap();
            let mut answers = answers.to_vec();
            answers.reverse();
            let answers = std::sync::Arc::new(Mutex::new(answers));
            let look = async move || {
                let mut answers = answers.lock().unwrap();
                let (status, body) = *answers.last().unwrap();
                if answers.len() > 1 {
                    answers.pop();
                }
                (StatusCode::from_u16(status).unwrap(), body)
            };
            let router = Router::new().route("/api/v1/jobs/{id}", get(look));
            let listener = Listener::Unix(socket::bind(folder.path()).unwrap());
            let lifecycle = Lifecycle::new();
            lifecycle.spawn("listener", api::serve(listener, router, lifecycle.clone()));
            Self { folder, lifecycle }
        }

        async fn client(&self) -> Client {
            let folder = self.folder.path().to_owned();
            let config = StoreConfig {
                folder,
                key_file: None,
            };
            Client::to_server(&config).await.unwrap()
        }

        async fn close(self) {
            self.lifecycle.finish(Duration::from_secs(10)).await.unwrap();
        }
    }

    #[tokio::test]
    async fn a_training_goes_on_when_a_look_at_it_fails() {
        let server = Moody::new(&[
            (AWAY, "{}"),
            (500, "not even JSON"),
            (429, "{}"),
            (200, r#"{"state": "running"}"#),
            (AWAY, "{}"),
            (200, r#"{"state": "done"}"#),
        ]);
        let id = JobId::random(Entropy).unwrap();
        let mut signals = Signals::listen().unwrap();
        let job = to_the_end(&server.client().await, id, &mut signals)
            .await
            .unwrap();
        assert_eq!(job["state"], "done");
        server.close().await;
    }

    #[tokio::test]
    async fn a_server_that_cannot_say_for_long_is_given_up_with_its_reason() {
        let server = Moody::new(&[(AWAY, r#"{"error": {"message": "the disk is full"}}"#)]);
        let (client, clock) = (server.client().await, Clock::manual(Time::from_millis(0)));
        let mut looks = Looks::new(&client, "/api/v1/jobs/1", clock.clone());
        assert!(looks.look().await.unwrap().is_none());
        clock.advance(TROUBLE_PATIENCE - Duration::from_millis(1));
        assert!(looks.look().await.unwrap().is_none());
        clock.advance(Duration::from_millis(1));
        let Err(Failure::Unavailable(error)) = looks.look().await else {
            panic!("it is not given up");
        };
        assert_eq!(error.to_string(), "the disk is full");
        server.close().await;
    }

    #[tokio::test]
    async fn a_job_that_is_not_there_is_told_at_once() {
        let server = Moody::new(&[(404, "{}")]);
        let client = server.client().await;
        let mut looks = Looks::new(&client, "/api/v1/jobs/1", Clock::system());
        assert!(matches!(looks.look().await, Err(Failure::Input(_))));
        server.close().await;
    }
}
