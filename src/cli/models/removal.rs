//! `usina models delete` and `restore`.

use clap::Args;
use serde_json::{Value, json};

use super::named::{model_path, named};
use super::version_path;
use crate::cli::client::Client;
use crate::cli::error::Failure;
use crate::cli::output;

/// What is deleted.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  usina models delete customer-churn 2
  usina models delete customer-churn@v1.0.0 --reason \"trained on a wrong table\"
  usina models delete old-model
  usina models list --deleted

It can be restored until it is purged, 30 days later unless the server was started with another \
--keep-deleted. A version in production is not deleted.")]
pub struct DeleteArgs {
    /// The model, or one version of it: NAME@VERSION.
    model: String,
    /// The version; the whole model without it.
    version: Option<String>,
    /// Why, for the history.
    #[arg(long)]
    reason: Option<String>,

    #[command(flatten)]
    output: output::OutputArgs,
}

/// What is restored.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  usina models restore customer-churn 2
  usina models restore old-model

Aliases that pointed at it stay away.")]
pub struct RestoreArgs {
    /// The model, or one version of it: NAME@VERSION.
    model: String,
    /// The version, by number or label; the whole model without it.
    version: Option<String>,
    /// Why, for the history.
    #[arg(long)]
    reason: Option<String>,

    #[command(flatten)]
    output: output::OutputArgs,
}

pub(super) async fn delete(client: &Client, args: &DeleteArgs) -> Result<(), Failure> {
    let path = path(&args.model, args.version.as_deref())?;
    let deleted = client.delete(&path, &json!({ "reason": args.reason })).await?;
    told(&deleted.json()?, "deleted", args.output);
    Ok(())
}

pub(super) async fn restore(client: &Client, args: &RestoreArgs) -> Result<(), Failure> {
    let path = format!("{}/restore", path(&args.model, args.version.as_deref())?);
    let restored = client.post(&path, &json!({ "reason": args.reason })).await?;
    told(&restored.json()?, "restored", args.output);
    Ok(())
}

fn path(model: &str, version: Option<&str>) -> Result<String, Failure> {
    Ok(match named(model, version)? {
        (model, None) => model_path(&model),
        (model, Some(version)) => version_path(&model, &version),
    })
}

fn told(thing: &Value, what: &str, output: output::OutputArgs) {
    if output.json {
        output::json(thing);
    } else if thing["id"].is_string() {
        output::line(&format!("{} is {what}", output::text(&thing["id"])));
    } else {
        let (model, label) = (output::text(&thing["model_id"]), output::text(&thing["version"]));
        output::line(&format!("{model} {label} is {what}"));
    }
}
