//! `usina explain`: why a model predicts what it predicts.

use clap::Args;
use serde_json::{Value, json};

use super::client::Client;
use super::error::Failure;
use super::output;
use super::predict::{ask, features};
use crate::runtime::config::StoreConfig;

/// Show what each feature adds to a prediction (SHAP values), the largest first.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  usina explain customer-churn --json '{\"tenure\": 3, \"contract\": \"One year\", …}'
  usina explain customer-churn --json @customer.json --top 5
  usina explain customer-churn --json @customer.json --version v1.0.0 --as-json

The base value is what the model expects of a row of which nothing is known. What the features add to it \
makes the prediction: for two classes in log-odds of the positive one, for several as scores of which the \
softmax is taken, for a number in its own unit.")]
pub struct ExplainArgs {
    /// The model.
    model: String,

    /// The features as JSON; @FILE reads a file, @- standard input.
    #[arg(long, value_name = "FEATURES")]
    json: String,

    /// The version, by number, label or stage; the one in production without it.
    #[arg(long)]
    version: Option<String>,

    /// How many features to name; all without it.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    top: Option<u32>,

    /// Show JSON, as the API answers it.
    #[arg(long)]
    as_json: bool,
}

/// Asks and shows the explanation.
pub async fn run(store: StoreConfig, args: ExplainArgs) -> Result<(), Failure> {
    let features = features(&args.json)?;
    let client = Client::connect(&store).await?;
    let explain = args.top.map_or(json!(true), |top| json!(top));
    let body = json!({ "features": features, "model": args.model, "explain": explain });
    let answer = ask(&client, &args.model, args.version.as_deref(), body).await?;
    if args.as_json {
        output::json(&answer);
    } else {
        show(&answer);
    }
    client.close().await
}

fn show(answer: &Value) {
    let explanations = output::list(answer, "explanations");
    for (row, explanation) in explanations.iter().enumerate() {
        if row > 0 {
            output::line("");
        }
        let prediction = output::text(&answer["prediction"][row]);
        let model = output::text(&answer["model"]);
        let place = match explanations.len() {
            1 => String::new(),
            _ => format!("row {}: ", row + 1),
        };
        let version = output::text(&answer["version"]);
        let probability = match answer["probability"][row].as_f64() {
            Some(probability) => format!(", probability {probability:.4}"),
            None => String::new(),
        };
        output::line(&format!(
            "{place}{model} {version} predicts {prediction}{probability}"
        ));
        let outputs = output::list(explanation, "outputs");
        // Of several classes, the one that is predicted says most.
        let shown = outputs
            .iter()
            .find(|one| outputs.len() > 1 && one["class"] == answer["prediction"][row]);
        if let Some(one) = shown.or(outputs.first()) {
            show_output(explanation, one);
        }
    }
}

fn show_output(explanation: &Value, one: &Value) {
    let unit = match explanation["space"].as_str() {
        Some("log_odds") => format!("log-odds of {}", output::text(&one["class"])),
        Some("logits") => format!("score of {}", output::text(&one["class"])),
        _ => "unit of what is predicted".to_owned(),
    };
    let how = match explanation["method"].as_str() {
        Some("sampled") => " (Shapley values by sampling)",
        _ => "",
    };
    output::line(&format!("what each feature adds, in {unit}{how}:"));
    let contributions = output::list(one, "contributions");
    let number = |value: &Value| value.as_f64().unwrap_or(0.0);
    let largest = contributions
        .iter()
        .map(|part| number(&part["contribution"]).abs())
        .fold(0.0, f64::max);
    let mut rows = vec![vec![
        "(base value)".to_owned(),
        String::new(),
        signed(number(&one["base_value"])),
        String::new(),
    ]];
    rows.extend(contributions.iter().map(|part| {
        let contribution = number(&part["contribution"]);
        let value = match part.get("value") {
            Some(Value::Null) => "(missing)".to_owned(),
            Some(value) => output::text(value),
            None => String::new(),
        };
        vec![
            output::text(&part["feature"]),
            value,
            signed(contribution),
            bar(contribution, largest),
        ]
    }));
    if number(&one["rest"]) != 0.0 {
        rows.push(vec![
            "(others)".to_owned(),
            String::new(),
            signed(number(&one["rest"])),
            String::new(),
        ]);
    }
    rows.push(vec![
        "(sum)".to_owned(),
        String::new(),
        signed(number(&one["sum"])),
        String::new(),
    ]);
    output::table(&["feature", "value", "adds", ""], rows);
}

fn signed(number: f64) -> String {
    format!("{number:+.4}")
}

/// The longest bar, in characters to either side.
const LONGEST: usize = 16;

/// A bar from the middle: to the left what speaks against, to the right what speaks for.
fn bar(contribution: f64, largest: f64) -> String {
    let share = if largest > 0.0 {
        contribution.abs() / largest
    } else {
        0.0
    };
    let length = (share * LONGEST as f64).round() as usize;
    let half = "█".repeat(length);
    if contribution < 0.0 {
        format!("{half:>LONGEST$}│")
    } else {
        format!("{:LONGEST$}│{half}", "")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_goes_to_the_side_that_the_feature_speaks_for() {
        assert_eq!(bar(2.0, 2.0), format!("{}│{}", " ".repeat(16), "█".repeat(16)));
        assert_eq!(bar(-1.0, 2.0), format!("{}{}│", " ".repeat(8), "█".repeat(8)));
        assert_eq!(bar(0.0, 0.0), format!("{}│", " ".repeat(16)));
        assert_eq!(bar(0.01, 2.0).trim(), "│");
    }
}
