//! `usina models history`.

use clap::Args;
use serde_json::{Value, json};

use super::named::{alone, model_path};
use crate::cli::client::{Client, segment};
use crate::cli::error::{Failure, Told};
use crate::cli::output;

/// Which history.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  usina models history customer-churn
  usina models history customer-churn --as-of 2026-11-25T10:00:00Z
  usina models history customer-churn --as-of \"2 days ago\"
  usina models history customer-churn --verify

Each entry carries the hash of the one before it. --verify walks this chain, names the first entry that \
does not fit, and ends with 1 then.")]
pub struct HistoryArgs {
    /// The model; also a deleted one.
    model: String,
    /// Say what was in production then, and where each alias pointed: a time in RFC 3339, a day, or \"2 days ago\".
    #[arg(long, value_name = "TIME")]
    as_of: Option<String>,
    /// Walk the chain of hashes.
    #[arg(long, conflicts_with = "as_of")]
    verify: bool,

    #[command(flatten)]
    output: output::OutputArgs,
}

pub(super) async fn history(client: &Client, args: &HistoryArgs) -> Result<(), Failure> {
    let model = alone(&args.model)?;
    let path = format!("{}/history", model_path(&model));
    if args.verify {
        let found = client.get(&format!("{path}/verification")).await?.json()?;
        return verified(&model, &found, args.output);
    }
    if let Some(at) = &args.as_of {
        let answer = client
            .get(&format!("{path}?limit=1&as_of={}", segment(at)))
            .await?;
        as_of(&answer.json()?["as_of"], args.output);
        return Ok(());
    }
    let history = client.all(&path, "history").await?;
    if args.output.json {
        output::json(&json!({ "history": history }));
        return Ok(());
    }
    let heading = [
        "entry",
        "when",
        "action",
        "version",
        "what",
        "in production",
        "by",
        "reason",
    ];
    output::table(
        &heading,
        history.iter().map(|change| {
            vec![
                output::text(&change["entry"]),
                output::time(&change["at"]),
                output::text(&change["action"]),
                output::text(&change["version"]),
                what(change),
                output::text(&change["production_after"]),
                output::text(&change["by"]),
                output::text(&change["reason"]),
            ]
        }),
    );
    Ok(())
}

/// What an entry says that changed, in a word or two.
fn what(change: &Value) -> String {
    if let Some(alias) = change["alias"].as_str() {
        return match &change["alias_after"] {
            Value::Null => format!("@{alias} taken away"),
            number => format!("@{alias} is {number}"),
        };
    }
    match (&change["from"], &change["to"]) {
        (_, Value::Null) => output::first(output::list(change, "changed")),
        (Value::Null, to) => output::text(to),
        (from, to) => format!("{} to {}", output::text(from), output::text(to)),
    }
}

fn verified(model: &str, found: &Value, output: output::OutputArgs) -> Result<(), Failure> {
    if found["verified"] != Value::Bool(true) {
        let fault = output::text(&found["fault"]);
        return Err(Failure::Failed(
            Told {
                message: format!("the history of {model} is not what was written: {fault}"),
                json: found.clone(),
            }
            .into(),
        ));
    }
    if output.json {
        output::json(found);
    } else {
        let entries = output::text(&found["entries"]);
        output::line(&format!("the history of {model} is whole: {entries} entries"));
        output::line(&format!("head  {}", output::text(&found["head"])));
    }
    Ok(())
}

fn as_of(then: &Value, output: output::OutputArgs) {
    if output.json {
        output::json(then);
        return;
    }
    let version = |version: &Value| match version {
        Value::Null => "none".to_owned(),
        version => format!("{} ({})", output::text(&version["version"]), version["number"]),
    };
    let mut facts = vec![
        ("as of".to_owned(), output::time(&then["at"])),
        ("in production".to_owned(), version(&then["production"])),
    ];
    for (alias, target) in then["aliases"].as_object().into_iter().flatten() {
        facts.push((format!("@{alias}"), version(target)));
    }
    if then["deleted"] == Value::Bool(true) {
        facts.push(("deleted".to_owned(), "yes".to_owned()));
    }
    let facts: Vec<_> = facts
        .iter()
        .map(|(name, value)| (name.as_str(), value.clone()))
        .collect();
    output::facts(&facts);
}
