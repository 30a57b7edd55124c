//! `usina models alias`: free names that move from version to version.

use clap::Args;
use serde_json::json;

use super::named::{alone, model_path};
use crate::cli::client::{Client, segment};
use crate::cli::error::Failure;
use crate::cli::output;

/// Which alias is to point at which version.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  usina models alias customer-churn 2 champion
  usina models alias customer-churn latest challenger --reason \"trained on November\"
  usina models alias customer-churn --unset challenger
  usina predict customer-churn@champion --json @customer.json

An alias points at one version of its model; when it is given to another one it moves there.")]
pub struct AliasArgs {
    /// The model.
    model: String,
    /// The version, by number, label, stage or another alias (@challenger).
    #[arg(required_unless_present = "unset")]
    version: Option<String>,
    /// The alias: letters, digits, - and _.
    #[arg(required_unless_present = "unset")]
    alias: Option<String>,
    /// Take this alias away.
    #[arg(long, value_name = "ALIAS", conflicts_with_all = ["version", "alias"])]
    unset: Option<String>,
    /// Why, for the history.
    #[arg(long)]
    reason: Option<String>,

    #[command(flatten)]
    output: output::OutputArgs,
}

pub(super) async fn alias(client: &Client, args: &AliasArgs) -> Result<(), Failure> {
    let model = alone(&args.model)?;
    let path = |alias: &str| format!("{}/aliases/{}", model_path(&model), segment(alias));
    if let Some(alias) = &args.unset {
        let body = json!({ "reason": args.reason });
        let left = client.delete(&path(alias), &body).await?.json()?;
        if args.output.json {
            output::json(&left);
        } else {
            output::line(&format!("{model} has no alias {alias} any more"));
        }
        return Ok(());
    }
    // Both are there, or clap has refused the line.
    let (version, alias) = (args.version.as_deref(), args.alias.as_deref());
    let (version, alias) = (version.unwrap_or_default(), alias.unwrap_or_default());
    let body = json!({ "version": version, "reason": args.reason });
    let version = client.put(&path(alias), &body).await?.json()?;
    if args.output.json {
        output::json(&version);
    } else {
        let label = output::text(&version["version"]);
        output::line(&format!("{model}@{alias} is {label}"));
    }
    Ok(())
}
