//! `usina models`: the registry.

mod curves;
mod show;

use std::path::PathBuf;

use anyhow::Context;
use clap::{Args, Subcommand, ValueEnum};
use serde_json::{Value, json};

use super::client::{Client, segment};
use super::error::Failure;
use super::{hint, output};
use crate::runtime::config::StoreConfig;

/// See, promote, roll back and export models.
#[derive(Debug, Subcommand)]
#[command(after_help = "Examples:
  usina models list
  usina models promote customer-churn 2
  usina models rollback customer-churn
  usina models export customer-churn --format xgboost --output churn.json

A version is given by number (3), label (v1.2.0), stage (production, staging) or as latest.")]
pub enum ModelsCommand {
    /// List models.
    List(ListArgs),
    /// Show a model and its versions.
    Show(ShowArgs),
    /// Show a version's model card.
    Card(VersionArgs),
    /// Show what a version's thresholds give, or how far its numbers are off.
    Curves(curves::CurvesArgs),
    /// Put a version into production, or into another stage.
    Promote(PromoteArgs),
    /// Put back into production what was there before.
    Rollback(RollbackArgs),
    /// Show who put which version into which stage, when and why.
    History(ShowArgs),
    /// Make a model the one that answers when a request names none.
    Default(ShowArgs),
    /// Take a version's weights out, for the library that they come from.
    Export(ExportArgs),
}

/// Which models.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  usina models list
  usina models list --json")]
pub struct ListArgs {
    #[command(flatten)]
    output: output::OutputArgs,
}

/// Which model.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  usina models show customer-churn
  usina models history customer-churn
  usina models default customer-churn")]
pub struct ShowArgs {
    /// The model.
    model: String,

    #[command(flatten)]
    output: output::OutputArgs,
}

/// Which version.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  usina models card customer-churn
  usina models card customer-churn v1.0.0")]
pub struct VersionArgs {
    /// The model.
    model: String,
    /// The version.
    #[arg(default_value = "latest")]
    version: String,
}

/// Where a version is to go.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  usina models promote customer-churn latest
  usina models promote customer-churn v1.1.0 --stage staging
  usina models promote customer-churn 3 --reason \"finds twice as many leavers\"")]
pub struct PromoteArgs {
    /// The model.
    model: String,
    /// The version.
    version: String,
    /// The stage.
    #[arg(long, value_enum, default_value_t = StageArg::Production)]
    stage: StageArg,
    /// Why, for the history.
    #[arg(long)]
    reason: Option<String>,

    #[command(flatten)]
    output: output::OutputArgs,
}

/// A stage.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum StageArg {
    None,
    Staging,
    Production,
    Archived,
}

/// Which model is rolled back.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  usina models rollback customer-churn
  usina models rollback customer-churn --reason \"too many false alarms\"")]
pub struct RollbackArgs {
    /// The model.
    model: String,
    /// Why, for the history.
    #[arg(long)]
    reason: Option<String>,

    #[command(flatten)]
    output: output::OutputArgs,
}

/// What is exported.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  usina models export customer-churn --format xgboost --output churn.json
  usina models export customer-churn v1.0.0 --format xgboost > churn.json")]
pub struct ExportArgs {
    /// The model.
    model: String,
    /// The version.
    #[arg(default_value = "production")]
    version: String,
    /// The format.
    #[arg(long, value_enum)]
    format: FormatArg,
    /// The file to write; standard output without it.
    #[arg(long, short)]
    output: Option<PathBuf>,
}

/// A format that weights are exported in.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum FormatArg {
    /// The JSON model that XGBoost loads.
    Xgboost,
}

/// Does what the command says.
pub async fn run(store: StoreConfig, command: ModelsCommand) -> Result<(), Failure> {
    let client = Client::connect(&store).await?;
    match command {
        ModelsCommand::List(args) => list(&client, &store, args.output).await?,
        ModelsCommand::Show(args) => show::show(&client, &args).await?,
        ModelsCommand::Card(args) => {
            let path = format!("{}/card", version_path(&args.model, &args.version));
            output::lines(&String::from_utf8_lossy(&client.get(&path).await?.bytes));
        }
        ModelsCommand::Curves(args) => curves::curves(&client, &args).await?,
        ModelsCommand::Promote(args) => {
            let stage = args
                .stage
                .to_possible_value()
                .map(|stage| stage.get_name().to_owned());
            let path = format!("{}/promote", version_path(&args.model, &args.version));
            let version = client
                .post(&path, &json!({ "stage": stage, "reason": args.reason }))
                .await?
                .json()?;
            moved(&version, args.output);
        }
        ModelsCommand::Rollback(args) => {
            let path = format!("/api/v1/models/{}/rollback", segment(&args.model));
            let version = client
                .post(&path, &json!({ "reason": args.reason }))
                .await?
                .json()?;
            moved(&version, args.output);
        }
        ModelsCommand::History(args) => history(&client, &args).await?,
        ModelsCommand::Default(args) => {
            let path = format!("/api/v1/models/{}/default", segment(&args.model));
            let model = client.post(&path, &json!({})).await?.json()?;
            if args.output.json {
                output::json(&model);
            } else {
                output::line(&format!("{} answers when a request names no model", args.model));
            }
        }
        ModelsCommand::Export(args) => export(&client, &args).await?,
    }
    client.close().await
}

/// Where the API has a version of a model.
pub fn version_path(model: &str, version: &str) -> String {
    format!("/api/v1/models/{}/versions/{}", segment(model), segment(version))
}

async fn list(client: &Client, store: &StoreConfig, output: output::OutputArgs) -> Result<(), Failure> {
    let models = client.all("/api/v1/models", "models").await?;
    if output.json {
        output::json(&json!({ "models": models }));
        return Ok(());
    }
    if models.is_empty() {
        let train = hint::command(store, &["train", "customer-churn"]);
        output::note(&format!("No model yet. Train one: {train}"));
        return Ok(());
    }
    output::table(
        &[
            "model", "version", "stage", "metric", "value", "baseline", "data", "trained", "default",
        ],
        models.iter().map(|model| {
            let headline = &model["headline"];
            let default = if model["default"] == Value::Bool(true) {
                "yes"
            } else {
                ""
            };
            vec![
                output::text(&model["id"]),
                output::text(&model["version"]),
                output::text(&model["status"]),
                output::text(&headline["metric"]),
                output::number(&headline["value"]),
                output::number(&headline["baseline"]),
                output::origin(model),
                output::time(&model["trained_at"]),
                default.to_owned(),
            ]
        }),
    );
    Ok(())
}

async fn history(client: &Client, args: &ShowArgs) -> Result<(), Failure> {
    let path = format!("/api/v1/models/{}/history", segment(&args.model));
    let history = client.all(&path, "history").await?;
    if args.output.json {
        output::json(&json!({ "history": history }));
        return Ok(());
    }
    output::table(
        &[
            "when",
            "action",
            "version",
            "from",
            "to",
            "in production",
            "by",
            "reason",
        ],
        history.iter().map(|change| {
            vec![
                output::time(&change["at"]),
                output::text(&change["action"]),
                output::text(&change["version"]),
                output::text(&change["from"]),
                output::text(&change["to"]),
                output::text(&change["production_after"]),
                output::text(&change["by"]),
                output::text(&change["reason"]),
            ]
        }),
    );
    Ok(())
}

/// A stage as that in which a version is.
fn place(stage: &Value) -> String {
    match stage.as_str() {
        Some("none") => "no stage".to_owned(),
        _ => output::text(stage),
    }
}

fn moved(version: &Value, output: output::OutputArgs) {
    if output.json {
        output::json(version);
    } else {
        let (model, label) = (
            output::text(&version["model_id"]),
            output::text(&version["version"]),
        );
        output::line(&format!("{model} {label} is in {}", place(&version["stage"])));
    }
}

async fn export(client: &Client, args: &ExportArgs) -> Result<(), Failure> {
    let FormatArg::Xgboost = args.format;
    let path = format!(
        "{}/export?format=xgboost",
        version_path(&args.model, &args.version)
    );
    let weights = client.get(&path).await?.bytes;
    match &args.output {
        Some(file) => {
            std::fs::write(file, &weights)
                .with_context(|| format!("cannot write {}", file.display()))
                .map_err(Failure::Input)?;
            output::note(&format!("{} bytes written to {}", weights.len(), file.display()));
        }
        None => output::raw(&weights)?,
    }
    Ok(())
}
