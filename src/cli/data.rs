//! `usina data`: tables in, and tables generated.

mod add;

use std::io::{BufWriter, Write};
use std::path::PathBuf;

use anyhow::Context;
use clap::{Args, Subcommand, ValueEnum};
use serde_json::{Value, json};

use super::client::{Client, segment};
use super::error::Failure;
use super::output;
use super::progress::bar;
use crate::base::{Name, Seed, Stop};
use crate::data::generate::card_fraud;
use crate::runtime::config::StoreConfig;

pub use add::{AddArgs, add, check_readable};

/// Add, see and generate datasets.
#[derive(Debug, Subcommand)]
#[command(after_help = "Examples:
  usina data add customers customers.csv
  usina data list
  usina data generate card-fraud --rows 1000000 --output fraud.csv")]
pub enum DataCommand {
    /// Add a file, CSV, JSON lines or Parquet, as a version of a dataset.
    Add(AddArgs),
    /// List datasets.
    List(ListArgs),
    /// Show a dataset: its columns and versions.
    Show(ShowArgs),
    /// Generate a table. Generated rows are no observations, and are called generated wherever they show.
    Generate(GenerateArgs),
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

/// What is generated.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  usina data generate card-fraud --rows 1000000 --output fraud.csv
  usina data generate card-fraud --rows 10000 --seed 7 > fraud.csv")]
pub struct GenerateArgs {
    /// What.
    #[arg(value_enum)]
    kind: KindArg,
    /// How many rows.
    #[arg(long, default_value_t = 100_000, value_parser = clap::value_parser!(u64).range(1..=1_000_000_000))]
    rows: u64,
    /// Where the random sequence starts; the same seed gives the same rows.
    #[arg(long, default_value_t = 42)]
    seed: u64,
    /// The CSV file to write; standard output without it.
    #[arg(long, short)]
    output: Option<PathBuf>,
}

/// What can be generated.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum KindArg {
    /// Card payments, 1% of them fraud.
    CardFraud,
}

/// Does what the command says.
pub async fn run(store: StoreConfig, command: DataCommand) -> Result<(), Failure> {
    match command {
        // Writes a file and needs no store.
        DataCommand::Generate(args) => tokio::task::spawn_blocking(move || generate(&args)).await?,
        DataCommand::Add(args) => add::run(&store, args).await,
        DataCommand::List(args) => {
            let client = Client::connect(&store).await?;
            let answer = json!({ "datasets": client.all("/api/v1/datasets", "datasets").await? });
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

fn generate(args: &GenerateArgs) -> Result<(), Failure> {
    let KindArg::CardFraud = args.kind;
    let bar = bar(args.rows);
    let mut progress = |rows: u64| bar.set_position(rows);
    let (seed, stop) = (Seed::new(args.seed), Stop::new());
    match &args.output {
        Some(file) => {
            let open = std::fs::File::create(file);
            let open = open
                .with_context(|| format!("cannot write {}", file.display()))
                .map_err(Failure::Input)?;
            let mut out = BufWriter::with_capacity(1 << 20, open);
            card_fraud::write_csv(args.rows, seed, &mut out, &mut progress, &stop)?;
            out.flush()
                .with_context(|| format!("cannot write {}", file.display()))?;
            bar.finish_and_clear();
            output::note(&format!(
                "{} generated rows written to {}",
                args.rows,
                file.display()
            ));
        }
        None => {
            let mut out = BufWriter::with_capacity(1 << 20, std::io::stdout().lock());
            let written = card_fraud::write_csv(args.rows, seed, &mut out, &mut progress, &stop);
            bar.finish_and_clear();
            match written.map_err(anyhow::Error::from) {
                Err(error) if output::is_reader_gone(&error) => {}
                written => written?,
            }
        }
    }
    Ok(())
}
