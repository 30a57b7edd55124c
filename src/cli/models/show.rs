//! `usina models show`: a model, its versions, and how good the one that it is known by is.

use serde_json::Value;

use super::super::client::{Client, segment};
use super::super::error::Failure;
use super::super::output;
use super::{ShowArgs, place, version_path};

/// Shows what the command asks for.
pub(super) async fn show(client: &Client, args: &ShowArgs) -> Result<(), Failure> {
    let path = format!("/api/v1/models/{}", segment(&args.model));
    let model = client.get(&path).await?.json()?;
    let versions = client.all(&format!("{path}/versions"), "versions").await?;
    let quality = match model["version"].as_str() {
        Some(label) => {
            let version = client.get(&version_path(&args.model, label)).await?.json()?;
            version["quality"].clone()
        }
        None => Value::Null,
    };
    if args.output.json {
        output::json(&serde_json::json!({ "model": model, "versions": versions, "quality": quality }));
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
    if quality.is_object() {
        metrics(&output::text(&model["version"]), &quality);
        segments(&quality);
    }
    Ok(())
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
