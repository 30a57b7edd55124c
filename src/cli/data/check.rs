//! `usina data check`: rows beside what a recipe expects of them.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, anyhow};
use clap::Args;
use serde_json::{Value, json};

use crate::base::Name;
use crate::cli::client::{Client, segment};
use crate::cli::error::{Failure, Told};
use crate::cli::output;
use crate::platform::datasets::check_file;
use crate::platform::recipes::WrittenRecipe;
use crate::runtime::config::StoreConfig;

/// What is checked, and against what.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  usina data check customers --recipe recipe.toml
  usina data check customers.parquet --recipe recipe.toml
  usina data check customers --recipe recipe.toml --version 9f86d081 --json")]
pub struct CheckArgs {
    /// A dataset, or a file (CSV, JSON lines or Parquet), which is read as the recipe says and not stored.
    #[arg(value_name = "NAME|FILE")]
    what: String,
    /// The recipe whose [[expectations]] are checked.
    #[arg(long)]
    recipe: PathBuf,
    /// The version of the dataset: its id or the first of its digits.
    #[arg(long)]
    version: Option<String>,

    #[command(flatten)]
    output: output::OutputArgs,
}

/// What files are called: what is called so and is not there is no dataset either.
const FILES: [&str; 5] = [".csv", ".gz", ".jsonl", ".ndjson", ".parquet"];

/// Checks, and fails when something is violated.
pub async fn run(store: &StoreConfig, args: CheckArgs) -> Result<(), Failure> {
    let written = recipe(&args.recipe)?;
    let path = PathBuf::from(&args.what);
    let is_file = path.is_file()
        || args.what.parse::<Name>().is_err()
        || FILES.iter().any(|ending| args.what.ends_with(ending));
    let report = if is_file {
        if args.version.is_some() {
            return Err(Failure::input(anyhow!(
                "--version goes with a dataset, and {} is a file",
                args.what
            )));
        }
        super::check_readable(&path).map_err(Failure::Input)?;
        tokio::task::spawn_blocking(move || of_file(&path, &written)).await??
    } else {
        of_dataset(store, &args, &written).await?
    };
    shown(&args, &report)
}

fn recipe(path: &Path) -> Result<WrittenRecipe, Failure> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("{} cannot be read", path.display()))
        .map_err(Failure::Input)?;
    let file = path.display().to_string();
    let written = WrittenRecipe::parse(&file, &text).map_err(Failure::input)?;
    if written.recipe().expectations.is_empty() {
        return Err(Failure::input(anyhow!(
            "{file} expects nothing; write [[expectations]] into it"
        )));
    }
    Ok(written)
}

fn of_file(path: &Path, written: &WrittenRecipe) -> Result<Value, Failure> {
    let file = path.display().to_string();
    let recipe = written.recipe();
    let open = File::open(path)
        .with_context(|| format!("{file} cannot be read"))
        .map_err(Failure::Input)?;
    let report = check_file(
        &file,
        &recipe.expectations,
        &recipe.data.reading(),
        Arc::new(open),
    )
    .map_err(|error| Failure::input(written.of_dataset_error(error)))?;
    let mut json = serde_json::to_value(&report)?;
    json["success"] = Value::Bool(report.is_success());
    Ok(json)
}

async fn of_dataset(
    store: &StoreConfig,
    args: &CheckArgs,
    written: &WrittenRecipe,
) -> Result<Value, Failure> {
    let client = Client::connect(store).await?;
    let version = args.version.as_deref().unwrap_or("latest");
    let path = format!(
        "/api/v1/datasets/{}/versions/{}/check",
        segment(&args.what),
        segment(version)
    );
    let body = json!({ "expectations": written.recipe().expectations });
    let report = client.post(&path, &body).await?.json()?;
    client.close().await?;
    Ok(report)
}

fn shown(args: &CheckArgs, report: &Value) -> Result<(), Failure> {
    let violations = output::list(report, "violations");
    let success = report["success"] == Value::Bool(true);
    let text = |value: &Value| output::text(value);
    if !args.output.json {
        if !violations.is_empty() {
            output::table(
                &[
                    "column", "rule", "expected", "violated", "share", "severity", "examples",
                ],
                violations.iter().map(|violation| {
                    let is_counted = violation["got"].is_null();
                    let got = if is_counted {
                        format!("{} of {}", text(&violation["count"]), text(&violation["of"]))
                    } else {
                        text(&violation["got"])
                    };
                    let share = violation["share"].as_f64().unwrap_or_default();
                    vec![
                        text(&violation["column"]),
                        text(&violation["rule"]),
                        text(&violation["expected"]),
                        got,
                        if is_counted {
                            super::profile::percent(share)
                        } else {
                            String::new()
                        },
                        text(&violation["severity"]),
                        examples(violation),
                    ]
                }),
            );
            output::line("");
        }
        output::line(&format!(
            "{}: {} rules checked on {} rows, {} violated",
            args.what,
            text(&report["checked"]),
            text(&report["rows"]),
            violations.len()
        ));
    } else if success {
        output::json(report);
    }
    if success {
        return Ok(());
    }
    // As JSON, the report takes the place of the failure's own form.
    Err(Failure::input(Told {
        message: format!("{} violates what {} expects", args.what, args.recipe.display()),
        json: report.clone(),
    }))
}

fn examples(violation: &Value) -> String {
    let example = |example: &Value| {
        let place = match &example["line"] {
            Value::Null => format!("row {}", output::text(&example["row"])),
            line => format!("line {}", output::text(line)),
        };
        format!("{} ({place})", output::text(&example["value"]))
    };
    let examples = output::list(violation, "examples").iter().map(example);
    examples.take(3).collect::<Vec<_>>().join(", ")
}
