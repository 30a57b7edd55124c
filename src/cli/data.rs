//! `usina data`: tables in, and tables generated.

mod add;
mod check;
mod diff;
mod generate;
mod profile;

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::client::{Client, segment};
use super::error::Failure;
use super::output;
use crate::base::Name;
use crate::runtime::config::StoreConfig;

pub use add::{AddArgs, add, check_readable};
pub use diff::diff_datasets;

/// Add, see, check and generate datasets.
#[derive(Debug, Subcommand)]
#[command(after_help = "Examples:
  usina data add customers customers.csv
  usina data list
  usina data profile customers
  usina data check customers --recipe recipe.toml
  usina data diff customers
  usina data generate card-fraud --rows 1000000 --output fraud.csv")]
pub enum DataCommand {
    /// Add a file, CSV, JSON lines or Parquet, as a version of a dataset.
    Add(AddArgs),
    /// List datasets.
    List(ListArgs),
    /// Show a dataset: its columns and versions.
    Show(ShowArgs),
    /// Show what is known of a dataset's columns: counts, quantiles, histograms, the most frequent values.
    Profile(profile::ProfileArgs),
    /// Check a dataset or a file against a recipe's expectations.
    Check(check::CheckArgs),
    /// Show what changed between two versions, in columns and distributions.
    Diff(diff::DiffArgs),
    /// Generate a table. Generated rows are no observations, and are called generated wherever they show.
    Generate(generate::GenerateArgs),
}

/// Which datasets.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  usina data list --json
  usina data list --prefix customers")]
pub struct ListArgs {
    /// Only datasets whose names begin so.
    #[arg(long)]
    prefix: Option<String>,

    #[command(flatten)]
    output: output::OutputArgs,
}

/// Which dataset.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  usina data show customers")]
pub struct ShowArgs {
    /// The dataset.
    name: Name,

    #[command(flatten)]
    output: output::OutputArgs,
}

/// Does what the command says.
pub async fn run(store: StoreConfig, command: DataCommand) -> Result<(), Failure> {
    match command {
        // Writes a file and needs no store.
        DataCommand::Generate(args) => tokio::task::spawn_blocking(move || generate::run(&args)).await?,
        DataCommand::Add(args) => add::run(&store, args).await,
        DataCommand::List(args) => {
            let client = Client::connect(&store).await?;
            let prefix = args
                .prefix
                .as_ref()
                .map(|prefix| format!("?name_prefix={}", segment(prefix)));
            let path = format!("/api/v1/datasets{}", prefix.unwrap_or_default());
            let answer = json!({ "datasets": client.all(&path, "datasets").await? });
            if args.output.json {
                output::json(&answer)
            } else {
                list(&answer)
            }
            client.close().await
        }
        DataCommand::Show(args) => {
            let client = Client::connect(&store).await?;
            let path = format!("/api/v1/datasets/{}", segment(args.name.as_str()));
            let dataset = client.get(&path).await?.json()?;
            if args.output.json {
                output::json(&dataset)
            } else {
                show(&dataset)
            }
            client.close().await
        }
        DataCommand::Profile(args) => {
            let client = Client::connect(&store).await?;
            profile::run(&client, &args).await?;
            client.close().await
        }
        DataCommand::Diff(args) => {
            let client = Client::connect(&store).await?;
            diff::run(&client, &args).await?;
            client.close().await
        }
        DataCommand::Check(args) => check::run(&store, args).await,
    }
}

/// The first digits of a content id, which tell versions apart well enough for people.
fn short(version: &Value) -> String {
    output::text(version).chars().take(12).collect()
}

fn list(answer: &Value) {
    output::table(
        &["dataset", "version", "rows", "columns", "data", "source", "added"],
        output::list(answer, "datasets").iter().map(|dataset| {
            let latest = &dataset["latest"];
            vec![
                output::text(&dataset["name"]),
                short(&latest["version"]),
                output::text(&latest["rows"]),
                output::text(&latest["column_count"]),
                output::origin(latest),
                output::text(&latest["source"]),
                output::time(&latest["created_at"]),
            ]
        }),
    );
}

fn show(dataset: &Value) {
    let latest = &dataset["latest"];
    output::facts(&[
        ("dataset", output::text(&dataset["name"])),
        ("version", output::text(&latest["version"])),
        ("rows", output::text(&latest["rows"])),
        ("source", output::text(&latest["source"])),
        ("added", output::time(&latest["created_at"])),
    ]);
    output::line("");
    output::table(
        &["column", "type", "missing", "levels"],
        output::list(dataset, "columns").iter().map(|column| {
            let missing = if column["missing"] == Value::Bool(true) {
                "some"
            } else {
                "none"
            };
            let levels = output::list(column, "levels");
            let kind = output::text(&column["type"]);
            vec![
                output::text(&column["name"]),
                kind,
                missing.to_owned(),
                output::first(levels),
            ]
        }),
    );
    output::line("");
    output::table(
        &["version", "rows", "source", "added"],
        output::list(dataset, "versions").iter().map(|version| {
            vec![
                // Whole: a recipe names a version by all of its digits.
                output::text(&version["version"]),
                output::text(&version["rows"]),
                output::text(&version["source"]),
                output::time(&version["created_at"]),
            ]
        }),
    );
}
