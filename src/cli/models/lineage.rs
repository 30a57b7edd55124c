//! `usina models lineage`.

use clap::Args;
use serde_json::{Value, json};

use super::named::named_path;
use crate::cli::client::{Client, segment};
use crate::cli::error::Failure;
use crate::cli::output;

/// Of which version, or of which dataset.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  usina models lineage customer-churn@2
  usina models lineage customer-churn --json
  usina models lineage --dataset-version 6f0c…

With --dataset-version it goes the other way: it lists the versions that were trained on it.")]
pub struct LineageArgs {
    /// The model; a version may stand behind it, as in NAME@2.
    #[arg(required_unless_present = "dataset_version")]
    model: Option<String>,
    /// The version; the newest without it.
    version: Option<String>,
    /// List the versions that were trained on this version of a dataset.
    #[arg(long, value_name = "DIGEST", conflicts_with_all = ["model", "version"])]
    dataset_version: Option<String>,

    #[command(flatten)]
    output: output::OutputArgs,
}

pub(super) async fn lineage(client: &Client, args: &LineageArgs) -> Result<(), Failure> {
    if let Some(digest) = &args.dataset_version {
        return trained_on(client, digest, args.output).await;
    }
    let model = args.model.as_deref().unwrap_or_default();
    let path = named_path(model, args.version.as_deref(), "latest")?;
    let lineage = client.get(&format!("{path}/lineage")).await?.json()?;
    if args.output.json {
        output::json(&lineage);
        return Ok(());
    }
    let text = |value: &Value| output::text(value);
    let made = &lineage["made"];
    let dataset = &lineage["dataset"];
    let from = text(&lineage["origin_from"]);
    let origin = match from.as_str() {
        "" => text(&lineage["origin"]),
        from => format!("{} from {from}", text(&lineage["origin"])),
    };
    output::facts(&[
        ("model", text(&lineage["model_id"])),
        (
            "version",
            format!("{} ({})", text(&lineage["version"]), lineage["number"]),
        ),
        ("origin", origin),
        ("registered", output::time(&lineage["registered_at"])),
        ("by", text(&lineage["by"])),
        ("job", text(&lineage["job_id"])),
        ("run", text(&made["run_id"])),
        ("dataset", text(&dataset["name"])),
        ("dataset version", text(&dataset["version"])),
        ("recipe digest", text(&lineage["recipe_digest"])),
        (
            "made by",
            format!("{} {}", text(&made["by"]), text(&made["build"])),
        ),
        ("made", output::time(&made["at"])),
        ("bundle", text(&lineage["digest"])),
        ("signer", text(&lineage["signer"])),
    ]);
    if !made["recipe"].is_null() {
        output::line("");
        output::line("The recipe, every default spelled out:");
        output::json(&made["recipe"]);
    }
    Ok(())
}

async fn trained_on(client: &Client, digest: &str, output: output::OutputArgs) -> Result<(), Failure> {
    let path = format!("/api/v1/lineage?dataset_version={}", segment(digest));
    let versions = client.all(&path, "versions").await?;
    if output.json {
        output::json(&json!({ "versions": versions }));
        return Ok(());
    }
    if versions.is_empty() {
        output::note("No version was trained on it.");
        return Ok(());
    }
    output::table(
        &["model", "number", "version", "stage", "registered"],
        versions.iter().map(|version| {
            vec![
                output::text(&version["model_id"]),
                output::text(&version["number"]),
                output::text(&version["version"]),
                output::text(&version["stage"]),
                output::time(&version["created_at"]),
            ]
        }),
    );
    Ok(())
}
