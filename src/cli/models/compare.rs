//! `usina models compare`.

use anyhow::anyhow;
use clap::Args;
use serde_json::Value;

use super::named::{model_path, named};
use crate::cli::client::{Client, segment};
use crate::cli::error::Failure;
use crate::cli::output;

/// Which versions are compared.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  usina models compare customer-churn 1 2
  usina models compare customer-churn production latest
  usina models compare customer-churn@champion customer-churn@challenger
  usina models compare fraud-detection@2 card-fraud@1 --json")]
pub struct CompareArgs {
    /// The model, or the one version: NAME@VERSION.
    model: String,
    /// The one version, or the other one as NAME@VERSION.
    first: String,
    /// The other version.
    second: Option<String>,

    #[command(flatten)]
    output: output::OutputArgs,
}

/// Compares what `from` and `to` name, each as NAME@VERSION.
///
/// # Errors
/// No such model or version, or the server's.
pub async fn compare_versions(
    client: &Client,
    from: &str,
    to: &str,
    output: output::OutputArgs,
) -> Result<(), Failure> {
    let args = CompareArgs {
        model: from.to_owned(),
        first: to.to_owned(),
        second: None,
        output,
    };
    compare(client, &args).await
}

pub(super) async fn compare(client: &Client, args: &CompareArgs) -> Result<(), Failure> {
    let path = path(args)?;
    let compared = client.get(&path).await?.json()?;
    if args.output.json {
        output::json(&compared);
        return Ok(());
    }
    let title = |version: &Value| {
        let (model, label) = (
            output::text(&version["model_id"]),
            output::text(&version["version"]),
        );
        format!("{model} {label}")
    };
    let (from, to) = (title(&compared["from"]), title(&compared["to"]));
    metrics(&compared, &from, &to);
    parameters(&compared, &from, &to);
    inputs(&compared["inputs"]);
    output::line("");
    let data = |version: &Value| {
        let dataset = &version["dataset"];
        let digest: String = output::text(&dataset["version"]).chars().take(12).collect();
        format!("{} {digest}", output::text(&dataset["name"]))
    };
    let size = &compared["size_bytes"];
    output::table(
        &["", &from, &to],
        [
            vec![
                "dataset".to_owned(),
                data(&compared["from"]),
                data(&compared["to"]),
            ],
            vec![
                "bytes".to_owned(),
                output::text(&size["from"]),
                output::text(&size["to"]),
            ],
        ],
    );
    if compared["same_holdout"] != Value::Bool(true) {
        output::note("They were measured on different rows; a difference of metrics may be one of the rows.");
    }
    Ok(())
}

/// Where the API compares what is named.
fn path(args: &CompareArgs) -> Result<String, Failure> {
    let (model, behind) = named(&args.model, None)?;
    let (with, from, to) = match (behind, &args.second) {
        (None, Some(second)) => (None, args.first.clone(), second.clone()),
        (Some(from), None) => match named(&args.first, None)? {
            (with, Some(to)) => (Some(with), from, to),
            (_, None) => return Err(unclear()),
        },
        _ => return Err(unclear()),
    };
    let with = with.map(|with| format!("&with={}", segment(&with)));
    Ok(format!(
        "{}/compare?from={}&to={}{}",
        model_path(&model),
        segment(&from),
        segment(&to),
        with.unwrap_or_default()
    ))
}

fn unclear() -> Failure {
    Failure::input(anyhow!(
        "which two versions? Name them as in `compare NAME 1 2` or `compare NAME@1 OTHER@2`"
    ))
}

fn metrics(compared: &Value, from: &str, to: &str) {
    output::table(
        &["metric", from, to, "difference", "better"],
        output::list(compared, "metrics").iter().map(|metric| {
            let better = match metric["better"].as_bool() {
                Some(true) => to,
                Some(false) => from,
                None => "",
            };
            let difference = metric["difference"].as_f64();
            vec![
                output::text(&metric["metric"]),
                output::number(&metric["from"]),
                output::number(&metric["to"]),
                difference.map_or_else(String::new, |difference| format!("{difference:+.4}")),
                better.to_owned(),
            ]
        }),
    );
}

fn parameters(compared: &Value, from: &str, to: &str) {
    let parameters = output::list(compared, "parameters");
    if parameters.is_empty() {
        return;
    }
    output::line("");
    output::table(
        &["parameter", from, to],
        parameters.iter().map(|parameter| {
            vec![
                output::text(&parameter["parameter"]),
                output::text(&parameter["from"]),
                output::text(&parameter["to"]),
            ]
        }),
    );
}

fn inputs(inputs: &Value) {
    let mut lines = Vec::new();
    for (what, list) in [("added", "added"), ("removed", "removed")] {
        let names = output::list(inputs, list);
        lines.extend(names.iter().map(|name| format!("{what}: {}", output::text(name))));
    }
    for input in output::list(inputs, "changed") {
        let mut changes = Vec::new();
        if let [from, to] = output::list(input, "type") {
            changes.push(format!("{} is {}", output::text(from), output::text(to)));
        }
        if let [_, to] = output::list(input, "nullable") {
            let may = if *to == Value::Bool(true) {
                "may"
            } else {
                "may not"
            };
            changes.push(format!("{may} be missing"));
        }
        for (what, list) in [("new levels", "levels_added"), ("levels gone", "levels_removed")] {
            let levels = output::list(input, list);
            if !levels.is_empty() {
                changes.push(format!("{what}: {}", output::first(levels)));
            }
        }
        lines.push(format!(
            "changed: {} ({})",
            output::text(&input["name"]),
            changes.join("; ")
        ));
    }
    if !lines.is_empty() {
        output::line("");
        output::line("INPUTS");
        lines.iter().for_each(|line| output::line(line));
    }
}
