//! A training while it goes on: its progress, and how it is called off.

use std::time::Duration;

use serde_json::{Value, json};

use crate::base::JobId;
use crate::cli::client::Client;
use crate::cli::error::Failure;
use crate::cli::output;
use crate::cli::progress::{bar, style};
use crate::cli::signals::Signals;

/// How often a job is looked at.
const LOOK: Duration = Duration::from_millis(200);

/// How long a job that was called off may take to end.
const CANCEL_PATIENCE: Duration = Duration::from_millis(700);

/// Watches the job until it ends; a signal calls it off.
pub(super) async fn to_the_end(client: &Client, id: JobId, signals: &mut Signals) -> Result<Value, Failure> {
    let path = format!("/api/v1/jobs/{id}");
    let bar = bar(1_000);
    bar.set_style(style("{spinner} {msg}  [{bar:30}] {percent}%  {elapsed_precise}"));
    let mut last = String::new();
    loop {
        let job = client.get(&path).await?.json()?;
        if is_over(&job) {
            bar.finish_and_clear();
            return Ok(job);
        }
        let message = match output::text(&job["message"]) {
            empty if empty.is_empty() => output::text(&job["state"]),
            message => message,
        };
        bar.set_message(message.clone());
        bar.set_position((1_000.0 * job["progress"].as_f64().unwrap_or(0.0)) as u64);
        // Plain lines where nobody watches a bar: one a phase and fold, not one a round.
        let step = match message.split_once("round ") {
            Some(("", _)) => output::text(&job["phase"]),
            Some((fold, _)) => fold.trim_end_matches(", ").to_owned(),
            None => message,
        };
        if bar.is_hidden() && step != last {
            output::note(&step);
            last = step;
        }
        tokio::select! {
            () = tokio::time::sleep(LOOK) => {}
            () = signals.any() => {
                bar.finish_and_clear();
                return cancel(client, id, &path).await;
            }
        }
    }
}

async fn cancel(client: &Client, id: JobId, path: &str) -> Result<Value, Failure> {
    client.post(&format!("{path}/cancel"), &json!({})).await?;
    let ended = async {
        while !is_over(&client.get(path).await?.json()?) {
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
