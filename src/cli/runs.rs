//! `usina runs`: what was trained, and how it went.

use clap::{Args, Subcommand};
use serde_json::Value;

use super::client::{Client, segment};
use super::error::Failure;
use super::{experiments, output, short_id};
use crate::runtime::config::StoreConfig;

/// See runs: parameters, metrics, datasets.
#[derive(Debug, Subcommand)]
#[command(after_help = "Examples:
  usina runs list
  usina runs show 5f0c")]
pub enum RunsCommand {
    /// List the runs of an experiment, newest first.
    List(ListArgs),
    /// Show a run.
    Show(ShowArgs),
}

/// Which runs.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  usina runs list
  usina runs list --experiment Default --limit 5 --json
  usina runs list --filter 'metrics.roc_auc > 0.8 and params.max_depth = 6'
  usina runs list --status FAILED --model customer-churn
  usina runs list --order-by 'metrics.roc_auc desc' --limit 5

A filter is conditions joined with and. Each is a key (metrics.NAME, params.NAME, tags.NAME, status, model, name, \
created_at, ended_at), an operator (=, !=, <, <=, >, >=) and a value; a run without the key does not meet it.")]
pub struct ListArgs {
    /// The experiment's name or id; those of all experiments without it.
    #[arg(long, value_name = "NAME")]
    experiment: Option<String>,

    /// Only those that meet all conditions.
    #[arg(long, value_name = "CONDITIONS")]
    filter: Option<String>,

    /// Only those that are SCHEDULED, RUNNING, FINISHED, FAILED or KILLED.
    #[arg(long)]
    status: Option<String>,

    /// Only those that train this model.
    #[arg(long)]
    model: Option<String>,

    /// A key, with asc or desc behind it; newest first without it.
    #[arg(long, value_name = "KEY")]
    order_by: Option<String>,

    /// How many at most.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u16).range(1..=1000))]
    limit: u16,

    #[command(flatten)]
    output: output::OutputArgs,
}

/// Which run.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  usina runs show 5f0c1e5b7d6a4d0e9d0a2f1c3b4a5968
  usina runs show 5f0c")]
pub struct ShowArgs {
    /// The run's id, or its first digits.
    id: String,

    #[command(flatten)]
    output: output::OutputArgs,
}

/// Does what the command says.
pub async fn run(store: StoreConfig, command: RunsCommand) -> Result<(), Failure> {
    let client = Client::connect(&store).await?;
    match command {
        RunsCommand::List(args) => {
            let mut path = "/api/v1/runs?".to_owned();
            for (name, given) in [
                ("filter", &args.filter),
                ("status", &args.status),
                ("model", &args.model),
                ("order_by", &args.order_by),
            ] {
                if let Some(given) = given {
                    path.push_str(&format!("{name}={}&", segment(given)));
                }
            }
            if let Some(experiment) = &args.experiment {
                let experiment = experiments::find(&client, experiment).await?;
                let id = output::text(&experiment["experiment_id"]);
                path.push_str(&format!("experiment_id={}&", segment(&id)));
            }
            path.pop();
            let answer = client.some(&path, "runs", args.limit.into()).await?;
            if args.output.json {
                output::json(&answer);
            } else {
                table(&answer);
            }
        }
        RunsCommand::Show(args) => {
            let id = short_id::run(&client, &args.id).await?;
            let path = format!("/api/v1/runs/{}", segment(&id));
            let run = client.get(&path).await?.json()?;
            if args.output.json {
                output::json(&run)
            } else {
                show(&run)
            }
        }
    }
    client.close().await
}

/// Shows the runs of an answer.
pub fn table(answer: &Value) {
    output::table(
        &["id", "name", "status", "roc_auc", "accuracy", "rmse", "started"],
        output::list(answer, "runs").iter().map(row),
    );
}

fn row(run: &Value) -> Vec<String> {
    vec![
        output::text(&run["run_id"]),
        output::text(&run["name"]),
        output::text(&run["status"]),
        output::number(&run["metrics"]["roc_auc"]),
        output::number(&run["metrics"]["accuracy"]),
        output::number(&run["metrics"]["rmse"]),
        output::time(&run["created_at"]),
    ]
}

fn show(run: &Value) {
    output::facts(&[
        ("run", output::text(&run["run_id"])),
        ("name", output::text(&run["name"])),
        ("experiment", output::text(&run["experiment_id"])),
        ("status", output::text(&run["status"])),
        ("model", output::text(&run["model_name"])),
        ("started", output::time(&run["created_at"])),
        ("ended", output::time(&run["ended_at"])),
    ]);
    for dataset in output::list(run, "datasets") {
        output::line(&format!(
            "dataset     {}, version {}",
            output::text(&dataset["name"]),
            output::text(&dataset["version"])
        ));
    }
    for (title, pairs) in [("parameter", &run["parameters"]), ("metric", &run["metrics"])] {
        output::line("");
        let pairs = pairs.as_object().into_iter().flatten();
        output::table(
            &[title, "value"],
            pairs.map(|(name, value)| vec![name.clone(), output::text(value)]),
        );
    }
}
