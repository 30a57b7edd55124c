//! `usina models promote`, `rollback` and `default`.

use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use super::named::named;
use super::show::place;
use super::{ModelArgs, version_path};
use crate::cli::client::{Client, segment};
use crate::cli::error::Failure;
use crate::cli::output;

/// Where a version is to go.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  usina models promote customer-churn latest
  usina models promote customer-churn v1.1.0 --stage staging
  usina models promote customer-churn@challenger
  usina models promote customer-churn 3 --reason \"finds twice as many leavers\"")]
pub struct PromoteArgs {
    /// The model.
    model: String,
    /// The version; needed unless it stands behind the model, as in NAME@3.
    version: Option<String>,
    /// The stage.
    #[arg(long, value_enum, default_value_t = StageArg::Production)]
    stage: StageArg,
    /// Why, for the history.
    #[arg(long)]
    reason: Option<String>,
    /// Into production, although the version failed what its recipe wants of one there.
    #[arg(long)]
    force: bool,

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

pub(super) async fn promote(client: &Client, args: &PromoteArgs) -> Result<(), Failure> {
    let stage = args
        .stage
        .to_possible_value()
        .map(|stage| stage.get_name().to_owned());
    let (model, version) = named(&args.model, args.version.as_deref())?;
    let version = version.ok_or_else(|| {
        Failure::input(anyhow::anyhow!(
            "which version? Name it behind the model, as in {model} 2"
        ))
    })?;
    let path = format!("{}/promote", version_path(&model, &version));
    let version = client
        .post(
            &path,
            &json!({ "stage": stage, "reason": args.reason, "force": args.force }),
        )
        .await?
        .json()?;
    moved(&version, args.output);
    Ok(())
}

pub(super) async fn roll_back(client: &Client, args: &RollbackArgs) -> Result<(), Failure> {
    let path = format!("/api/v1/models/{}/rollback", segment(&args.model));
    let version = client
        .post(&path, &json!({ "reason": args.reason }))
        .await?
        .json()?;
    moved(&version, args.output);
    Ok(())
}

pub(super) async fn make_default(client: &Client, args: &ModelArgs) -> Result<(), Failure> {
    let path = format!("/api/v1/models/{}/default", segment(&args.model));
    let model = client.post(&path, &json!({})).await?.json()?;
    if args.output.json {
        output::json(&model);
    } else {
        output::line(&format!("{} answers when a request names no model", args.model));
    }
    Ok(())
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
