//! `usina jobs`: background work.

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::client::{Client, segment};
use super::error::Failure;
use super::{output, short_id};
use crate::runtime::config::StoreConfig;

/// See and cancel jobs.
#[derive(Debug, Subcommand)]
#[command(after_help = "Examples:
  usina jobs list
  usina jobs cancel 5f0c")]
pub enum JobsCommand {
    /// List jobs, newest first.
    List(ListArgs),
    /// Show a job.
    Show(OneArgs),
    /// Call a job off.
    Cancel(OneArgs),
}

/// Which jobs.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  usina jobs list --limit 5
  usina jobs list --state failed --model customer-churn")]
pub struct ListArgs {
    /// Only those that are queued, running, done, failed or cancelled.
    #[arg(long)]
    state: Option<String>,

    /// Only those about this model.
    #[arg(long)]
    model: Option<String>,

    /// How many at most.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u16).range(1..=1000))]
    limit: u16,

    #[command(flatten)]
    output: output::OutputArgs,
}

/// Which job.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  usina jobs show 5f0c1e5b7d6a4d0e9d0a2f1c3b4a5968
  usina jobs cancel 5f0c")]
pub struct OneArgs {
    /// The job's id, or its first digits.
    id: String,

    #[command(flatten)]
    output: output::OutputArgs,
}

/// Does what the command says.
pub async fn run(store: StoreConfig, command: JobsCommand) -> Result<(), Failure> {
    let client = Client::connect(&store).await?;
    match command {
        JobsCommand::List(args) => {
            let mut path = "/api/v1/jobs?".to_owned();
            for (name, given) in [("state", &args.state), ("model", &args.model)] {
                if let Some(given) = given {
                    path.push_str(&format!("{name}={}&", segment(given)));
                }
            }
            path.pop();
            let answer = client.some(&path, "jobs", args.limit.into()).await?;
            if args.output.json {
                output::json(&answer);
            } else {
                output::table(
                    &["id", "model", "state", "version", "created"],
                    output::list(&answer, "jobs").iter().map(row),
                );
            }
        }
        JobsCommand::Show(args) => {
            let id = short_id::job(&client, &args.id).await?;
            let path = format!("/api/v1/jobs/{}", segment(&id));
            let job = client.get(&path).await?.json()?;
            show(&job, args.output);
        }
        JobsCommand::Cancel(args) => {
            let id = short_id::job(&client, &args.id).await?;
            let path = format!("/api/v1/jobs/{}/cancel", segment(&id));
            let job = client.post(&path, &json!({})).await?.json()?;
            show(&job, args.output);
        }
    }
    client.close().await
}

fn row(job: &Value) -> Vec<String> {
    let state = match job["progress"].as_f64() {
        Some(share) if job["state"] == "running" => format!("running {:.0}%", 100.0 * share),
        _ if job["state"] == "queued" && !job["not_before"].is_null() => {
            format!("queued until {}", output::time(&job["not_before"]))
        }
        _ => output::text(&job["state"]),
    };
    vec![
        output::text(&job["id"]),
        output::text(&job["model"]),
        state,
        output::text(&job["version"]),
        output::time(&job["created_at"]),
    ]
}

fn show(job: &Value, output: output::OutputArgs) {
    if output.json {
        return output::json(job);
    }
    output::facts(&[
        ("id", output::text(&job["id"])),
        ("model", output::text(&job["model"])),
        ("state", output::text(&job["state"])),
        ("progress", output::text(&job["message"])),
        ("run", output::text(&job["run_id"])),
        ("version", output::text(&job["version"])),
        ("error", output::text(&job["error"])),
        ("tried again", output::time(&job["not_before"])),
        ("created", output::time(&job["created_at"])),
        ("started", output::time(&job["started_at"])),
        ("ended", output::time(&job["ended_at"])),
    ]);
}
