//! `usina data profile`: what is known of a dataset's columns.

use anyhow::anyhow;
use clap::Args;
use serde_json::{Value, json};

use crate::base::Name;
use crate::cli::client::{Client, segment};
use crate::cli::error::Failure;
use crate::cli::output;
use crate::data::cell::{Cell, short_number};

/// Which columns of which version.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  usina data profile customers
  usina data profile customers --column age
  usina data profile customers --version 9f86d081 --json")]
pub struct ProfileArgs {
    /// The dataset.
    name: Name,
    /// The version: its id or the first of its digits.
    #[arg(long, default_value = "latest")]
    version: String,
    /// This column alone, with all that is known of it.
    #[arg(long)]
    column: Option<String>,

    #[command(flatten)]
    output: output::OutputArgs,
}

/// Shows the profile.
pub async fn run(client: &Client, args: &ProfileArgs) -> Result<(), Failure> {
    let path = format!(
        "/api/v1/datasets/{}/versions/{}/profile",
        segment(args.name.as_str()),
        segment(&args.version)
    );
    let mut profile = client.get(&path).await?.json()?;
    if let Some(wanted) = &args.column {
        let columns = output::list(&profile, "columns");
        let found = columns.iter().find(|column| column["name"] == wanted.as_str());
        let found = found.cloned().ok_or_else(|| no_column(wanted, columns))?;
        if !args.output.json {
            one(&found);
            return Ok(());
        }
        profile["columns"] = json!([found]);
    }
    if args.output.json {
        output::json(&profile);
    } else {
        all(&profile);
    }
    Ok(())
}

fn no_column(wanted: &str, columns: &[Value]) -> Failure {
    let names: Vec<_> = columns.iter().map(|column| column["name"].clone()).collect();
    Failure::input(anyhow!(
        "there is no column called \"{wanted}\"; there is {}",
        output::first(&names)
    ))
}

fn all(profile: &Value) {
    let generated = if profile["generated"] == Value::Bool(true) {
        ", generated"
    } else {
        ""
    };
    output::line(&format!(
        "{} {}: {} rows{generated}",
        output::text(&profile["name"]),
        super::short(&profile["version"]),
        output::text(&profile["rows"])
    ));
    output::line("");
    output::table(
        &[
            "column", "type", "missing", "distinct", "min", "mean", "max", "shape",
        ],
        output::list(profile, "columns").iter().map(|column| {
            let numbers = &column["summary"]["numbers"];
            let texts = &column["summary"]["texts"];
            let is_text = texts.is_object();
            // Of texts, their lengths.
            let (min, mean, max) = if is_text {
                (&texts["min_length"], &texts["mean_length"], &texts["max_length"])
            } else {
                (&numbers["min"], &numbers["mean"], &numbers["max"])
            };
            let shown = |value| {
                if is_text {
                    number(value)
                } else {
                    shown(column, value)
                }
            };
            vec![
                output::text(&column["name"]),
                output::text(&column["kind"]),
                missing(column),
                distinct(column),
                shown(min),
                shown(mean),
                shown(max),
                if is_text {
                    "lengths".to_owned()
                } else {
                    shape(column)
                },
            ]
        }),
    );
}

fn one(column: &Value) {
    let (count, numbers, texts) = (
        output::text(&column["count"]),
        &column["summary"]["numbers"],
        &column["summary"]["texts"],
    );
    let mut facts = vec![
        ("column", output::text(&column["name"])),
        ("type", output::text(&column["kind"])),
        ("there", count),
        ("missing", missing(column)),
        ("distinct", distinct(column)),
    ];
    for (key, label) in [("min", "min"), ("max", "max"), ("mean", "mean")] {
        if numbers.is_object() {
            facts.push((label, shown(column, &numbers[key])));
        }
    }
    if numbers.is_object() {
        let is_moment = column["kind"] == "timestamp";
        let sd = numbers["sd"].as_f64().unwrap_or_default();
        let sd = if is_moment {
            format!("{} days", rounded(sd / 86_400e6))
        } else {
            rounded(sd)
        };
        facts.push(("sd", sd));
    }
    for (key, label) in [
        ("min_length", "min length"),
        ("max_length", "max length"),
        ("mean_length", "mean length"),
    ] {
        if texts.is_object() {
            facts.push((label, number(&texts[key])));
        }
    }
    output::facts(&facts);
    let quantiles = output::list(&numbers["quantiles"], "values");
    if !quantiles.is_empty() {
        output::line("");
        let estimate = numbers["quantiles"]["exact"] == Value::Bool(false);
        output::table(
            &["quantile", if estimate { "estimate" } else { "value" }],
            quantiles.iter().map(|quantile| {
                let rank = quantile["rank"].as_f64().unwrap_or_default() * 100.0;
                vec![format!("{rank:.0}%"), shown(column, &quantile["value"])]
            }),
        );
    }
    bars(column);
    top(column);
}

/// The bins of a column's numbers, one a line.
fn bars(column: &Value) {
    const WIDEST: usize = 40;
    let bins = &column["summary"]["numbers"]["bins"];
    let (edges, shares) = (output::list(bins, "edges"), output::list(bins, "shares"));
    let shares: Vec<f64> = shares.iter().filter_map(Value::as_f64).collect();
    let largest = shares.iter().copied().fold(f64::MIN_POSITIVE, f64::max);
    if shares.len() < 2 {
        return;
    }
    output::line("");
    output::table(
        &["from", "share", ""],
        edges.iter().zip(&shares).map(|(edge, share)| {
            let bar = (share / largest * WIDEST as f64).round() as usize;
            vec![shown(column, edge), percent(*share), "█".repeat(bar)]
        }),
    );
}

/// The most frequent values.
fn top(column: &Value) {
    const SHOWN: usize = 10;
    let summary = &column["summary"];
    let kinds = [("numbers", "value"), ("levels", "level"), ("texts", "level")];
    let all = column["count"].as_f64().unwrap_or(1.0).max(1.0);
    for (kind, key) in kinds {
        let top = output::list(&summary[kind], "top");
        if top.is_empty() {
            continue;
        }
        output::line("");
        let least = summary[kind]["top_lost"].as_u64().is_some_and(|lost| lost > 0);
        output::table(
            &["most frequent", if least { "at least" } else { "count" }, "share"],
            top.iter().take(SHOWN).map(|entry| {
                let value = match &entry[key] {
                    Value::String(text) => text.clone(),
                    number => shown(column, number),
                };
                let count = entry["count"].as_f64().unwrap_or_default();
                vec![value, output::text(&entry["count"]), percent(count / all)]
            }),
        );
    }
}

/// Where the values lie, as a line of blocks.
fn shape(column: &Value) -> String {
    let summary = &column["summary"];
    let bins = output::list(&summary["numbers"]["bins"], "shares");
    if !bins.is_empty() {
        let shares: Vec<f64> = bins.iter().filter_map(Value::as_f64).collect();
        return blocks(&shares);
    }
    const LEVELS: usize = 20;
    let counts = output::list(&summary["levels"], "top").iter().take(LEVELS);
    let counts: Vec<f64> = counts.filter_map(|entry| entry["count"].as_f64()).collect();
    blocks(&counts)
}

/// Sizes as blocks of eight heights; nothing is blank, and something never is.
fn blocks(sizes: &[f64]) -> String {
    const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let largest = sizes.iter().copied().fold(0.0, f64::max);
    let block = |&size: &f64| {
        if size <= 0.0 {
            return ' ';
        }
        let height = (size / largest * BLOCKS.len() as f64).ceil() as usize;
        BLOCKS[height.clamp(1, BLOCKS.len()) - 1]
    };
    sizes.iter().map(block).collect()
}

fn missing(column: &Value) -> String {
    let missing = column["missing"].as_f64().unwrap_or_default();
    let rows = missing + column["count"].as_f64().unwrap_or_default();
    if missing == 0.0 {
        return "0".to_owned();
    }
    format!("{missing} ({})", percent(missing / rows.max(1.0)))
}

fn distinct(column: &Value) -> String {
    let distinct = &column["distinct"];
    let count = output::text(&distinct["count"]);
    if distinct["exact"] == Value::Bool(false) {
        format!("about {count}")
    } else {
        count
    }
}

/// A number of a column, as its type has it.
fn shown(column: &Value, value: &Value) -> String {
    if column["kind"] == "timestamp"
        && let Some(micros) = value.as_f64()
    {
        let text = Cell::Timestamp(micros as i64).to_string();
        return text.trim_end_matches("T00:00:00Z").to_owned();
    }
    number(value)
}

fn number(value: &Value) -> String {
    value.as_f64().map_or_else(String::new, rounded)
}

/// A number with at most six digits that matter, however large.
fn rounded(number: f64) -> String {
    if number.fract() == 0.0 || number.abs() >= 1e6 {
        return short_number(number.round());
    }
    let whole = number.abs().log10().floor().max(-10.0) as i32 + 1;
    let decimals = (6 - whole).clamp(0, 12) as usize;
    let text = format!("{number:.decimals$}");
    match decimals {
        0 => text,
        _ => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
    }
}

pub(super) fn percent(share: f64) -> String {
    let percent = share * 100.0;
    if percent > 0.0 && percent < 0.1 {
        "<0.1%".to_owned()
    } else {
        format!("{percent:.1}%")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_histogram_shows_in_blocks_what_is_there() {
        assert_eq!(blocks(&[8.0, 4.0, 0.01, 0.0]), "█▄▁ ");
        assert_eq!(blocks(&[]), "");
    }

    #[test]
    fn numbers_have_the_digits_that_matter() {
        for (number, text) in [
            (0.1 + 0.2, "0.3"),
            (64.761_692_462_8, "64.7617"),
            (1e300, "1e300"),
            (-12.0, "-12"),
            (281_320.4, "281320"),
            (999_999.6, "1000000"),
            (-350_000.25, "-350000"),
            (1.5e-7, "0.00000015"),
        ] {
            assert_eq!(rounded(number), text);
        }
        assert_eq!(
            (percent(0.0), percent(0.0001), percent(0.5)),
            ("0.0%".into(), "<0.1%".into(), "50.0%".into())
        );
    }
}
