//! `usina data`: tables in, and tables generated.

mod check;
mod diff;
mod generate;
mod profile;

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use axum::body::Body;
use clap::{Args, Subcommand};
use futures_util::stream;
use serde_json::{Value, json};
use tokio::io::AsyncReadExt;

use super::client::{Answer, Client, segment};
use super::error::Failure;
use super::output;
use super::progress::bar;
use crate::base::Name;
use crate::runtime::config::StoreConfig;

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
    /// Add a CSV file as a version of a dataset.
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

/// What is added.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  usina data add customers customers.csv
  usina data add customers customers.csv --target churn
  usina data add sites sites.csv --csv '{\"delimiter\": \";\", \"missing\": [\"?\"], \"types\": {\"zip\": \"text\"}}'")]
pub struct AddArgs {
    /// The dataset.
    name: Name,
    /// The CSV file.
    file: PathBuf,
    /// The column that is to be predicted: a table that cannot be learnt from is refused.
    #[arg(long)]
    target: Option<String>,
    /// How the file is to be read, as JSON.
    #[arg(long, value_name = "JSON")]
    csv: Option<String>,

    #[command(flatten)]
    output: output::OutputArgs,
}

/// Which datasets.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  usina data list --json")]
pub struct ListArgs {
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
    let command = match command {
        DataCommand::Generate(args) => {
            // Writes a file and needs no store.
            return tokio::task::spawn_blocking(move || generate::run(&args)).await?;
        }
        DataCommand::Check(args) => return check::run(&store, args).await,
        other => other,
    };
    let client = match &command {
        DataCommand::Add(args) => {
            check_readable(&args.file).map_err(Failure::Input)?;
            Client::connect_or_make(&store).await?
        }
        _ => Client::connect(&store).await?,
    };
    match command {
        DataCommand::Add(args) => {
            let query: Vec<_> = [("target", &args.target), ("csv", &args.csv)]
                .into_iter()
                .filter_map(|(key, value)| Some((key, value.as_deref()?)))
                .collect();
            let source = args
                .file
                .file_name()
                .unwrap_or(args.file.as_os_str())
                .to_string_lossy();
            let added = add(&client, &args.name, &args.file, &source, &query).await?;
            shown_added(&added.json()?, args.output);
        }
        DataCommand::List(args) => {
            let answer = json!({ "datasets": client.all("/api/v1/datasets", "datasets").await? });
            if args.output.json {
                output::json(&answer)
            } else {
                list(&answer)
            }
        }
        DataCommand::Show(args) => {
            let path = format!("/api/v1/datasets/{}", segment(args.name.as_str()));
            let dataset = client.get(&path).await?.json()?;
            if args.output.json {
                output::json(&dataset)
            } else {
                show(&dataset)
            }
        }
        DataCommand::Profile(args) => profile::run(&client, &args).await?,
        DataCommand::Diff(args) => diff::run(&client, &args).await?,
        DataCommand::Generate(_) | DataCommand::Check(_) => {}
    }
    client.close().await
}

/// That there is a file that can be read, which is asked before a data folder is made for it.
pub fn check_readable(file: &Path) -> anyhow::Result<()> {
    let open = std::fs::File::open(file).with_context(|| format!("{} cannot be read", file.display()))?;
    if open.metadata().is_ok_and(|metadata| metadata.is_dir()) {
        bail!("{} is a folder; name a CSV file", file.display());
    }
    Ok(())
}

/// Sends a file to the dataset `name`, bit by bit; `query` says more about it.
pub async fn add(
    client: &Client,
    name: &Name,
    file: &Path,
    source: &str,
    query: &[(&str, &str)],
) -> Result<Answer, Failure> {
    let open = tokio::fs::File::open(file).await;
    let open = open
        .with_context(|| format!("{} cannot be read", file.display()))
        .map_err(Failure::Input)?;
    let length = open.metadata().await.map_or(0, |metadata| metadata.len());
    let bar = bar(length);
    let moving = bar.clone();
    let pieces = stream::try_unfold(open, move |mut open| {
        let bar = moving.clone();
        async move {
            let mut piece = vec![0; 256 << 10];
            let length = open.read(&mut piece).await?;
            piece.truncate(length);
            bar.inc(length as u64);
            Ok::<_, std::io::Error>((length > 0).then_some((piece, open)))
        }
    });
    let mut path = format!(
        "/api/v1/datasets/{}?source={}",
        segment(name.as_str()),
        segment(source)
    );
    for (key, value) in query {
        path.push_str(&format!("&{key}={}", segment(value)));
    }
    let added = client.upload(&path, "text/csv", Body::from_stream(pieces)).await;
    bar.finish_and_clear();
    let added = added?;
    for doubt in output::list(&added.json()?, "doubts") {
        let text = |key: &str| output::text(&doubt[key]);
        output::note(&format!(
            "{source}:{}: column {} seemed to be of type {} until \"{}\"; if that means missing, list it in csv.missing",
            text("line"),
            text("column"),
            text("seemed"),
            text("got")
        ));
    }
    Ok(added)
}

fn shown_added(added: &Value, output: output::OutputArgs) {
    if output.json {
        return output::json(added);
    }
    let what = if added["new"] == Value::Bool(true) {
        "a new version"
    } else {
        "was there already"
    };
    output::line(&format!(
        "{} {}: {what}, {} rows, {} columns",
        output::text(&added["name"]),
        short(&added["version"]),
        output::text(&added["rows"]),
        output::list(added, "columns").len()
    ));
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
