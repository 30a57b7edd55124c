//! `usina models describe` and `tag`: what people note of models and versions.

use clap::Args;
use serde_json::{Map, Value, json};

use super::named::{model_path, named};
use super::version_path;
use crate::cli::client::Client;
use crate::cli::error::Failure;
use crate::cli::output;

/// What is described.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  usina models describe customer-churn \"Who **leaves** within a month.\"
  usina models describe customer-churn@2 @notes.md
  usina models describe customer-churn --clear

A description that was written so stays when a later training brings another one.")]
pub struct DescribeArgs {
    /// The model, or one version of it: NAME@VERSION.
    model: String,
    /// The description, Markdown; @FILE reads a file.
    #[arg(required_unless_present = "clear")]
    text: Option<String>,
    /// Take the description away.
    #[arg(long, conflicts_with = "text")]
    clear: bool,
    /// Why, for the history.
    #[arg(long)]
    reason: Option<String>,

    #[command(flatten)]
    output: output::OutputArgs,
}

/// What is tagged.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  usina models tag customer-churn team=growth reviewed=yes
  usina models tag customer-churn@2 data=november
  usina models tag customer-churn --unset reviewed
  usina models list --tag team=growth")]
pub struct TagArgs {
    /// The model, or one version of it: NAME@VERSION.
    model: String,
    /// Tags.
    #[arg(value_name = "KEY=VALUE", value_parser = super::pair, required_unless_present = "unset")]
    tags: Vec<(String, String)>,
    /// Take this tag away.
    #[arg(long, value_name = "KEY")]
    unset: Vec<String>,
    /// Why, for the history.
    #[arg(long)]
    reason: Option<String>,

    #[command(flatten)]
    output: output::OutputArgs,
}

pub(super) async fn describe(client: &Client, args: &DescribeArgs) -> Result<(), Failure> {
    let text = match args.text.as_deref() {
        None => None,
        Some(text) => match text.strip_prefix('@') {
            None => Some(text.to_owned()),
            Some(file) => Some(super::read_text(file)?),
        },
    };
    let body = json!({ "description": text, "reason": args.reason });
    note(client, &args.model, &body, args.output).await
}

pub(super) async fn tag(client: &Client, args: &TagArgs) -> Result<(), Failure> {
    let set = args.tags.iter().map(|(key, value)| (key.clone(), json!(value)));
    let unset = args.unset.iter().map(|key| (key.clone(), Value::Null));
    let tags: Map<String, Value> = set.chain(unset).collect();
    let body = json!({ "tags": tags, "reason": args.reason });
    note(client, &args.model, &body, args.output).await
}

async fn note(client: &Client, given: &str, body: &Value, output: output::OutputArgs) -> Result<(), Failure> {
    let (model, version) = named(given, None)?;
    let path = match &version {
        None => model_path(&model),
        Some(version) => version_path(&model, version),
    };
    let noted = client.patch(&path, body).await?.json()?;
    if output.json {
        output::json(&noted);
    } else {
        output::line(&format!("noted of {given}"));
        let tags = super::show::tags(&noted["tags"]);
        output::facts(&[
            ("description", output::text(&noted["description"])),
            ("tags", tags),
        ]);
    }
    Ok(())
}
