//! `usina predict`: ask a model.

use std::io::Read;

use anyhow::Context;
use clap::Args;
use serde_json::{Value, json};

use super::client::Client;
use super::error::Failure;
use super::models::named::named;
use super::models::version_path;
use super::output;
use crate::runtime::config::StoreConfig;

/// Ask a model for predictions; the answer is JSON.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  usina predict fraud-detection --json '[[12.5, 3, …], [80.0, 23, …]]'
  usina predict customer-churn --json '{\"tenure\": 3, \"contract\": \"One year\", …}'
  usina predict customer-churn --json @customers.json --version v1.0.0
  usina predict customer-churn@champion --json @customers.json
  usina predict customer-churn --json @- < customers.json

Features are a list in the order of the model's inputs, an object by name, or a list of either for \
several rows. `usina predict MODEL --example` prints an object to start from.")]
pub struct PredictArgs {
    /// The model; a version may stand behind it, as in NAME@champion or NAME@3.
    model: String,

    /// The features as JSON; @FILE reads a file, @- standard input.
    #[arg(long, value_name = "FEATURES", required_unless_present = "example")]
    json: Option<String>,

    /// The version, by number, label, stage or alias (@champion); the one in production without it.
    #[arg(long)]
    version: Option<String>,

    /// Print an example of what the model takes, instead of asking it.
    #[arg(long, conflicts_with = "json")]
    example: bool,
}

/// Asks and shows the answer.
pub async fn run(store: StoreConfig, mut args: PredictArgs) -> Result<(), Failure> {
    (args.model, args.version) = named(&args.model, args.version.as_deref())?;
    let features = args.json.as_deref().map(features).transpose()?;
    let client = Client::connect(&store).await?;
    match features {
        Some(features) => {
            let mut body = json!({ "features": features, "model": args.model });
            if let Some(version) = &args.version {
                body["model_version"] = json!(version);
            }
            let answer = match client.post("/api/v1/predict", &body).await {
                Err(failure) if args.version.is_none() && failure.is_coded("unknown_model") => {
                    // The registry tells a model that is not there from one that has nothing in production.
                    return Err(client
                        .get(&version_path(&args.model, "production"))
                        .await
                        .err()
                        .unwrap_or(failure));
                }
                answer => answer?,
            };
            output::json(&answer.json()?);
        }
        None => output::json(&example(&client, &args).await?),
    }
    client.close().await
}

fn features(given: &str) -> Result<Value, Failure> {
    let text = match given.strip_prefix('@') {
        None => given.to_owned(),
        Some("-") => {
            let mut text = String::new();
            std::io::stdin()
                .read_to_string(&mut text)
                .context("standard input cannot be read")?;
            text
        }
        Some(file) => std::fs::read_to_string(file)
            .with_context(|| format!("{file} cannot be read"))
            .map_err(Failure::Input)?,
    };
    serde_json::from_str(&text)
        .context("the features are not JSON")
        .map_err(Failure::Input)
}

/// An object with a usual value for every input of the version that is asked for, which is the one in
/// production, or else the newest.
async fn example(client: &Client, args: &PredictArgs) -> Result<Value, Failure> {
    let version = args.version.as_deref().unwrap_or("production");
    let found = match client.get(&version_path(&args.model, version)).await {
        Err(failure) if args.version.is_none() && failure.is_coded("unknown_version") => {
            client.get(&version_path(&args.model, "latest")).await
        }
        found => found,
    };
    let version = found?.json()?;
    let inputs = output::list(&version, "inputs");
    Ok(inputs
        .iter()
        .map(|input| (output::text(&input["name"]), input["example"].clone()))
        .collect())
}
