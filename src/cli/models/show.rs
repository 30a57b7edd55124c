//! `usina models list` and `show`.

use clap::Args;
use serde_json::{Value, json};

use super::named::{alone, model_path};
use super::version_path;
use crate::cli::client::{Client, segment};
use crate::cli::error::Failure;
use crate::cli::{hint, output};
use crate::runtime::config::StoreConfig;

/// Which models.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  usina models list
  usina models list --stage production --tag team=growth
  usina models list --alias champion --prefix card- --json
  usina models list --deleted")]
pub struct ListArgs {
    /// Only models whose names begin so.
    #[arg(long)]
    prefix: Option<String>,
    /// Only models that have a tag.
    #[arg(long, value_name = "KEY=VALUE", value_parser = super::pair)]
    tag: Vec<(String, String)>,
    /// Only models whose version that counts is in this stage: none, staging, production or archived.
    #[arg(long)]
    stage: Option<String>,
    /// Only models with this alias.
    #[arg(long)]
    alias: Option<String>,
    /// Those that are deleted and can be restored.
    #[arg(long)]
    deleted: bool,

    #[command(flatten)]
    output: output::OutputArgs,
}

/// Which model, and which of its versions.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  usina models show customer-churn
  usina models show customer-churn --stage staging --tag data=november
  usina models show customer-churn --deleted")]
pub struct ShowArgs {
    /// The model.
    model: String,
    /// Only versions that have a tag.
    #[arg(long, value_name = "KEY=VALUE", value_parser = super::pair)]
    tag: Vec<(String, String)>,
    /// Only versions in this stage: none, staging, production or archived.
    #[arg(long)]
    stage: Option<String>,
    /// The versions that are deleted and can be restored, instead of those that are there.
    #[arg(long)]
    deleted: bool,

    #[command(flatten)]
    output: output::OutputArgs,
}

/// A query with these parameters and tags.
fn query(named: &[(&str, Option<&String>)], tags: &[(String, String)], deleted: bool) -> String {
    let named = named.iter();
    let named = named.filter_map(|(name, value)| Some(format!("{name}={}", segment((*value)?))));
    let tags = tags.iter();
    let tags = tags.map(|(key, value)| format!("tag.{}={}", segment(key), segment(value)));
    let deleted = deleted.then(|| "deleted=true".to_owned());
    let query: Vec<_> = named.chain(tags).chain(deleted).collect();
    match query.is_empty() {
        true => String::new(),
        false => format!("?{}", query.join("&")),
    }
}

impl ListArgs {
    fn is_plain(&self) -> bool {
        self.prefix.is_none() && self.tag.is_empty() && self.stage.is_none() && self.alias.is_none()
    }

    fn path(&self) -> String {
        let named = [
            ("name_prefix", self.prefix.as_ref()),
            ("stage", self.stage.as_ref()),
            ("alias", self.alias.as_ref()),
        ];
        format!("/api/v1/models{}", query(&named, &self.tag, self.deleted))
    }
}

pub(super) async fn list(client: &Client, store: &StoreConfig, args: &ListArgs) -> Result<(), Failure> {
    let models = client.all(&args.path(), "models").await?;
    if args.output.json {
        output::json(&json!({ "models": models }));
        return Ok(());
    }
    if models.is_empty() && (args.deleted || !args.is_plain()) {
        output::note("No such model.");
        return Ok(());
    }
    if models.is_empty() {
        let train = hint::command(store, &["train", "customer-churn"]);
        output::note(&format!("No model yet. Train one: {train}"));
        return Ok(());
    }
    output::table(
        &[
            "model",
            "version",
            "stage",
            "metric",
            "value",
            "baseline",
            "data",
            "registered",
            "default",
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

pub(super) async fn show(client: &Client, args: &ShowArgs) -> Result<(), Failure> {
    let path = model_path(&alone(&args.model)?);
    let model = client.get(&path).await?.json()?;
    let query = query(&[("stage", args.stage.as_ref())], &args.tag, args.deleted);
    let versions = client.all(&format!("{path}/versions{query}"), "versions").await?;
    let current = match model["version"].as_str() {
        Some(label) => client.get(&version_path(&args.model, label)).await?.json()?,
        None => Value::Null,
    };
    let quality = current["quality"].clone();
    if args.output.json {
        output::json(&json!({ "model": model, "versions": versions, "quality": quality }));
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
        ("tags", tags(&model["tags"])),
    ]);
    output::line("");
    let metric = output::text(&model["headline"]["metric"]);
    output::table(
        &[
            "number",
            "version",
            "stage",
            "aliases",
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
                output::first(output::list(version, "aliases")),
                output::number(&version["performance_metrics"][&metric]),
                output::text(&version["run_id"]),
                output::time(&version["created_at"]),
                output::time(&version["deployment_date"]),
            ]
        }),
    );
    // Of the version that counts, and of a newer one that waits behind a gate.
    let newest = versions
        .first()
        .filter(|newest| newest["number"] != current["number"]);
    for version in newest.into_iter().chain([&current]) {
        gates(version);
    }
    if quality.is_object() {
        metrics(&output::text(&model["version"]), &quality);
        segments(&quality);
    }
    Ok(())
}

/// What the recipe wanted of a version, and what was found.
fn gates(version: &Value) {
    let gates = output::list(version, "gates");
    if gates.is_empty() {
        return;
    }
    output::line("");
    output::line(&format!("{} at its gates", output::text(&version["version"])));
    output::line("");
    output::table(
        &["", "decides", "gate", "wanted", "found"],
        gates.iter().map(|gate| {
            let sign = match gate["outcome"].as_str() {
                Some("passed") => "✓",
                Some("failed") => "✗",
                _ => "–",
            };
            let text = |key: &str| output::text(&gate[key]);
            vec![
                sign.to_owned(),
                text("decides"),
                text("gate"),
                text("wanted"),
                text("found"),
            ]
        }),
    );
}

/// A stage as that in which a version is.
pub(super) fn place(stage: &Value) -> String {
    match stage.as_str() {
        Some("none") => "no stage".to_owned(),
        _ => output::text(stage),
    }
}

/// Tags in one line.
pub(super) fn tags(tags: &Value) -> String {
    let tags = tags.as_object().into_iter().flatten();
    let tags: Vec<_> = tags
        .map(|(key, value)| format!("{key}={}", output::text(value)))
        .collect();
    tags.join(", ")
}

fn metrics(label: &str, quality: &Value) {
    output::line("");
    let rows = output::text(&quality["rows"]);
    output::line(&match quality["confidence"].as_f64() {
        Some(confidence) => format!(
            "{label} on {rows} held-out rows, with {}% intervals",
            (confidence * 1e6).round() / 1e4
        ),
        None => format!("{label} on {rows} held-out rows"),
    });
    let line = &quality["threshold"];
    if line.is_object() {
        let rule = match line["rule"].as_str() {
            Some(rule) => format!(", found by {rule} on {}", output::text(&line["chosen_on"])),
            None => String::new(),
        };
        output::line(&format!("threshold {}{rule}", output::text(&line["threshold"])));
    }
    output::line("");
    let folds = output::list(quality, "folds");
    output::table(
        &["metric", "hold-out", "from", "to", "baseline", "folds", "sd"],
        output::list(quality, "metrics").iter().map(|metric| {
            let over_folds = folds.iter().find(|folds| folds["name"] == metric["name"]);
            let over_folds = over_folds.unwrap_or(&Value::Null);
            vec![
                output::text(&metric["name"]),
                output::number(&metric["value"]),
                output::number(&metric["interval"]["low"]),
                output::number(&metric["interval"]["high"]),
                output::number(&metric["baseline"]),
                output::number(&over_folds["mean"]),
                output::number(&over_folds["sd"]),
            ]
        }),
    );
}

fn segments(quality: &Value) {
    let segments = output::list(quality, "segments");
    let measured = segments.iter().find_map(|segment| segment["metrics"].get(0));
    if segments.is_empty() {
        return;
    }
    let name = measured.map_or_else(|| "quality".to_owned(), |metric| output::text(&metric["name"]));
    let worst = quality["worst_segment"].as_u64();
    output::line("");
    output::table(
        &["segment", "level", "rows", &name, "from", "to", ""],
        (0..).zip(segments).map(|(position, segment)| {
            let metric = segment["metrics"].get(0).unwrap_or(&Value::Null);
            let remark = match segment["note"].as_str() {
                Some(note) => note.to_owned(),
                None if worst == Some(position) => "the worst".to_owned(),
                None => String::new(),
            };
            vec![
                output::text(&segment["column"]),
                output::text(&segment["level"]),
                output::text(&segment["rows"]),
                output::number(&metric["value"]),
                output::number(&metric["interval"]["low"]),
                output::number(&metric["interval"]["high"]),
                remark,
            ]
        }),
    );
}
