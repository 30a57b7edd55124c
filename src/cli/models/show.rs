//! `usina models list` and `show`.

use clap::Args;
use serde_json::{Value, json};

use super::ModelArgs;
use crate::cli::client::{Client, segment};
use crate::cli::error::Failure;
use crate::cli::{hint, output};
use crate::runtime::config::StoreConfig;

/// Which models.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  usina models list
  usina models list --json")]
pub struct ListArgs {
    #[command(flatten)]
    output: output::OutputArgs,
}

pub(super) async fn list(client: &Client, store: &StoreConfig, args: &ListArgs) -> Result<(), Failure> {
    let models = client.all("/api/v1/models", "models").await?;
    if args.output.json {
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

pub(super) async fn show(client: &Client, args: &ModelArgs) -> Result<(), Failure> {
    let path = format!("/api/v1/models/{}", segment(&args.model));
    let model = client.get(&path).await?.json()?;
    let versions = client.all(&format!("{path}/versions"), "versions").await?;
    if args.output.json {
        output::json(&json!({ "model": model, "versions": versions }));
        return Ok(());
    }
    output::facts(&[
        ("model", output::text(&model["id"])),
        ("title", output::text(&model["title"])),
        (
            "predicts",
            format!(
                "{} ({})",
                output::text(&model["target"]),
                output::text(&model["task"])
            ),
        ),
        (
            "current",
            format!(
                "{} in {}",
                output::text(&model["version"]),
                place(&model["status"])
            ),
        ),
    ]);
    output::line("");
    let metric = output::text(&model["headline"]["metric"]);
    output::table(
        &[
            "number",
            "version",
            "stage",
            &metric,
            "run",
            "registered",
            "deployed",
        ],
        versions.iter().map(|version| {
            vec![
                output::text(&version["number"]),
                output::text(&version["version"]),
                output::text(&version["stage"]),
                output::number(&version["performance_metrics"][&metric]),
                output::text(&version["run_id"]),
                output::time(&version["created_at"]),
                output::time(&version["deployment_date"]),
            ]
        }),
    );
    Ok(())
}

/// A stage as that in which a version is.
pub(super) fn place(stage: &Value) -> String {
    match stage.as_str() {
        Some("none") => "no stage".to_owned(),
        _ => output::text(stage),
    }
}
