//! `usina models curves`: what a version's thresholds give, or how far its numbers are off.

use clap::Args;
use serde_json::Value;

use super::named::named_path;
use crate::cli::client::Client;
use crate::cli::error::Failure;
use crate::cli::output;

/// Points of a curve that a table shows.
const SHOWN: usize = 20;

/// Which version.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  usina models curves customer-churn
  usina models curves customer-churn v1.0.0 --json > curves.json

The table shows some of the points; --json has all of them, and the calibration curves.")]
pub struct CurvesArgs {
    /// The model.
    model: String,
    /// The version; the latest one without it.
    version: Option<String>,

    #[command(flatten)]
    output: output::OutputArgs,
}

/// Shows what the command asks for.
pub(super) async fn curves(client: &Client, args: &CurvesArgs) -> Result<(), Failure> {
    let version = named_path(&args.model, args.version.as_deref(), "latest")?;
    let path = format!("{version}/curves");
    let curves = client.get(&path).await?.json()?;
    if args.output.json {
        output::json(&curves);
        return Ok(());
    }
    let classes = output::list(&curves, "classes");
    let deciles = output::list(&curves, "deciles");
    if classes.is_empty() && deciles.is_empty() {
        output::note("This version has no curves: it was made before they were kept. Train it anew.");
    }
    for (position, class) in classes.iter().enumerate() {
        if position > 0 {
            output::line("");
        }
        of_class(class);
    }
    if !deciles.is_empty() {
        of_number(deciles);
    }
    Ok(())
}

fn of_class(class: &Value) {
    let name = output::text(&class["class"]);
    let (positives, rows) = (output::text(&class["positives"]), output::text(&class["rows"]));
    output::line(&format!("{name}: {positives} of {rows} held-out rows"));
    let precise = output::list(class, "precision_recall");
    let step = precise.len().div_ceil(SHOWN).max(1);
    // From the end, so that the threshold that finds all is there.
    let mut shown: Vec<&Value> = precise.iter().rev().step_by(step).collect();
    shown.reverse();
    output::table(
        &["threshold", "precision", "recall"],
        shown
            .into_iter()
            .filter(|point| !point["threshold"].is_null())
            .map(|point| {
                vec![
                    output::number(&point["threshold"]),
                    output::number(&point["precision"]),
                    output::number(&point["recall"]),
                ]
            }),
    );
}

fn of_number(deciles: &[Value]) {
    output::table(
        &[
            "rows",
            "predicted",
            "actual",
            "actual minus predicted",
            "from",
            "to",
        ],
        deciles.iter().map(|bin| {
            vec![
                output::text(&bin["rows"]),
                output::number(&bin["predicted"]),
                output::number(&bin["actual"]),
                output::number(&bin["residual"]),
                output::number(&bin["residual_range"][0]),
                output::number(&bin["residual_range"][1]),
            ]
        }),
    );
}
