//! `usina data diff`: what changed between two versions.

use clap::Args;
use serde_json::Value;

use super::profile::percent;
use crate::base::Name;
use crate::cli::client::{Client, segment};
use crate::cli::error::Failure;
use crate::cli::output;

/// Which versions.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  usina data diff customers
  usina data diff customers 9f86d081 latest
  usina data diff customers --with customers-2026

A column's change is told by its population stability index: none below 0.1, small below 0.25, large from there on.")]
pub struct DiffArgs {
    /// The dataset.
    name: Name,
    /// A version: its id, the first of its digits, or latest; the one before the latest without it.
    from: Option<String>,
    /// The version that it is compared with; the latest without it.
    to: Option<String>,
    /// Another dataset to compare with; TO is a version of that.
    #[arg(long, value_name = "NAME")]
    with: Option<Name>,

    #[command(flatten)]
    output: output::OutputArgs,
}

/// Shows what changed between two datasets, each with a version where one is named.
///
/// # Errors
/// As [`run`].
pub async fn diff_datasets(
    client: &Client,
    (name, from): (Name, Option<String>),
    to: Option<(Name, Option<String>)>,
    output: output::OutputArgs,
) -> Result<(), Failure> {
    let (with, to) = to.map_or((None, None), |(with, to)| (Some(with), to));
    let from = match &with {
        // Of another dataset the latest is compared with the latest.
        Some(with) if *with != name => from.or_else(|| Some("latest".to_owned())),
        _ => from,
    };
    let args = DiffArgs {
        with: with.filter(|with| *with != name),
        name,
        from,
        to,
        output,
    };
    run(client, &args).await
}

/// Shows what changed.
///
/// # Errors
/// No such dataset or version, or the server's.
pub async fn run(client: &Client, args: &DiffArgs) -> Result<(), Failure> {
    let with = args.with.as_ref().map(Name::as_str);
    let query: Vec<_> = [
        ("from", args.from.as_deref()),
        ("with", with),
        ("to", args.to.as_deref()),
    ]
    .into_iter()
    .filter_map(|(key, value)| Some(format!("{key}={}", segment(value?))))
    .collect();
    let path = format!(
        "/api/v1/datasets/{}/diff?{}",
        segment(args.name.as_str()),
        query.join("&")
    );
    let diff = client.get(&path).await?.json()?;
    if args.output.json {
        output::json(&diff);
    } else {
        shown(&diff);
    }
    Ok(())
}

fn shown(diff: &Value) {
    output::line(&format!(
        "{} {} → {} {}: {} → {} rows",
        output::text(&diff["name"]),
        super::short(&diff["from"]),
        output::text(&diff["with"]),
        super::short(&diff["to"]),
        output::text(&diff["rows"][0]),
        output::text(&diff["rows"][1])
    ));
    for (key, words) in [("added", "columns added"), ("removed", "columns removed")] {
        let names = output::list(diff, key);
        if !names.is_empty() {
            output::line(&format!("{words}: {}", output::first(names)));
        }
    }
    let columns = output::list(diff, "columns");
    for column in columns {
        schema(column);
    }
    output::line("");
    output::table(
        &[
            "column",
            "change",
            "psi",
            "variation",
            "missing",
            "mean",
            "sd",
            "median",
        ],
        columns.iter().map(|column| {
            let quantiles = output::list(column, "quantiles");
            let median = quantiles.iter().find(|quantile| quantile["rank"] == 0.5);
            vec![
                output::text(&column["name"]),
                output::text(&column["change"]).replace('_', " "),
                output::number(&column["psi"]),
                output::number(&column["total_variation"]),
                pair(&column["missing"][0], &column["missing"][1], |value| {
                    percent(value.as_f64().unwrap_or_default())
                }),
                pair(&column["mean"][0], &column["mean"][1], output::number),
                pair(&column["sd"][0], &column["sd"][1], output::number),
                median.map_or_else(String::new, |median| {
                    pair(&median["from"], &median["to"], output::number)
                }),
            ]
        }),
    );
}

/// What a column holds now in place of what it held.
fn schema(column: &Value) {
    let name = output::text(&column["name"]);
    if column["kind"][0] != column["kind"][1] {
        output::line(&format!(
            "{name}: of type {}",
            pair(&column["kind"][0], &column["kind"][1], output::text)
        ));
    }
    if column["nullable"][0] != column["nullable"][1] {
        let now = if column["nullable"][1] == Value::Bool(true) {
            "some are missing now"
        } else {
            "none is missing any more"
        };
        output::line(&format!("{name}: {now}"));
    }
    for (key, words) in [
        ("levels_added", "levels added"),
        ("levels_removed", "levels removed"),
    ] {
        let levels = output::list(column, key);
        if !levels.is_empty() {
            output::line(&format!("{name}: {words}: {}", output::first(levels)));
        }
    }
}

/// `from → to`, once where they look alike.
fn pair(from: &Value, to: &Value, shown: impl Fn(&Value) -> String) -> String {
    let (from, to) = (shown(from), shown(to));
    if from == to {
        from
    } else {
        format!("{from} → {to}")
    }
}
