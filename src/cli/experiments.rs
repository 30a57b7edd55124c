//! `usina experiments`: what groups runs.

use anyhow::anyhow;
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::client::{Client, segment};
use super::error::Failure;
use super::{output, runs};
use crate::runtime::config::StoreConfig;

/// See experiments and their runs.
#[derive(Debug, Subcommand)]
#[command(after_help = "Examples:
  usina experiments list
  usina experiments show Default

A recipe names the experiment of its runs with the key experiment; without it they are in Default.")]
pub enum ExperimentsCommand {
    /// List experiments.
    List(ListArgs),
    /// Show an experiment and its runs, newest first.
    Show(ShowArgs),
}

/// Which experiments.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  usina experiments list
  usina experiments list --name-contains churn
  usina experiments list --json")]
pub struct ListArgs {
    /// Only those whose name has this in it.
    #[arg(long, value_name = "TEXT")]
    name_contains: Option<String>,

    #[command(flatten)]
    output: output::OutputArgs,
}

/// Which experiment.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  usina experiments show Default
  usina experiments show 0 --limit 5")]
pub struct ShowArgs {
    /// The experiment's name or id.
    experiment: String,

    /// How many runs at most.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u16).range(1..=1000))]
    limit: u16,

    #[command(flatten)]
    output: output::OutputArgs,
}

/// Does what the command says.
pub async fn run(store: StoreConfig, command: ExperimentsCommand) -> Result<(), Failure> {
    let client = Client::connect(&store).await?;
    match command {
        ExperimentsCommand::List(args) => list(&client, &args).await?,
        ExperimentsCommand::Show(args) => show(&client, &args).await?,
    }
    client.close().await
}

/// The experiment whose id or name is `given`.
pub async fn find(client: &Client, given: &str) -> Result<Value, Failure> {
    let experiments = all(client).await?;
    let called = |key: &str| experiments.iter().find(|experiment| experiment[key] == given);
    called("experiment_id")
        .or_else(|| called("name"))
        .cloned()
        .ok_or_else(|| {
            Failure::input(anyhow!(
                "there is no experiment with the name or id \"{given}\"; `usina experiments list` lists them"
            ))
        })
}

/// All experiments.
pub async fn all(client: &Client) -> Result<Vec<Value>, Failure> {
    client.all("/api/v1/experiments", "experiments").await
}

async fn list(client: &Client, args: &ListArgs) -> Result<(), Failure> {
    let experiments = match &args.name_contains {
        Some(part) => {
            let path = format!("/api/v1/experiments?name_contains={}", segment(part));
            client.all(&path, "experiments").await?
        }
        None => all(client).await?,
    };
    if args.output.json {
        output::json(&json!({ "experiments": experiments }));
    } else {
        output::table(
            &["id", "name", "created", "updated"],
            experiments.iter().map(|experiment| {
                vec![
                    output::text(&experiment["experiment_id"]),
                    output::text(&experiment["name"]),
                    output::time(&experiment["created_at"]),
                    output::time(&experiment["updated_at"]),
                ]
            }),
        );
    }
    Ok(())
}

async fn show(client: &Client, args: &ShowArgs) -> Result<(), Failure> {
    let experiment = find(client, &args.experiment).await?;
    let id = output::text(&experiment["experiment_id"]);
    let path = format!("/api/v1/runs?experiment_id={}&limit={}", segment(&id), args.limit);
    let answer = client.get(&path).await?.json()?;
    if args.output.json {
        output::json(&json!({ "experiment": experiment, "runs": answer["runs"] }));
        return Ok(());
    }
    output::facts(&[
        ("experiment", output::text(&experiment["name"])),
        ("id", id),
        ("created", output::time(&experiment["created_at"])),
    ]);
    output::line("");
    runs::table(&answer);
    Ok(())
}
