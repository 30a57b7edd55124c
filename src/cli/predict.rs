//! `usina predict`: ask a model.

mod file;
mod json;

use std::path::PathBuf;

use anyhow::anyhow;
use clap::{ArgGroup, Args};
use serde_json::{Value, json};

use super::client::Client;
use super::error::Failure;
use super::models::named::named;
use super::models::version_path;
use super::output;
use crate::runtime::config::StoreConfig;

pub use json::features;

/// Ask a model for predictions; the answer is JSON.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  usina predict fraud-detection --json '[[12.5, 3, …], [80.0, 23, …]]'
  usina predict customer-churn --json '{\"tenure\": 3, \"contract\": \"One year\", …}'
  usina predict customer-churn --json @customers.json --version v1.0.0
  usina predict customer-churn@champion --json @customers.json
  usina predict customer-churn --json @- < customers.json
  usina predict customer-churn --file customers.csv --output answers.jsonl
  usina predict customer-churn --json '{\"tenure\": \"three\", …}' --dry-run
  usina predict demand-forecast
  usina predict recommendation --user 17 --top-k 5
  usina predict recommendation --items 3,14,159
  usina predict recommendation --similar-to 3
  usina predict demand-forecast --horizon 7 --history sold.csv --future promotions.csv

Features are a list in the order of the model's inputs, an object by name, or a list of either for \
several rows. `usina predict MODEL --example` prints an object to start from.

A file is CSV with a header, whose columns are found by name (others are passed over), or JSON lines with a row \
on each (.jsonl, .ndjson). Each row is answered by a line of JSON, in order. A row that is wrong is answered by its \
error, and the others go on; when there was one, the exit code is 2. With --on-error stop the first one ends it.

A model that forecasts goes on from the latest periods that it knows, or from those of --history. What it takes that is \
known ahead is given with --future, a row a period. A model that recommends is asked by --user, --items or --similar-to; \
without any of them it tells what is popular.")]
#[command(group = ArgGroup::new("rows"))]
#[command(group = ArgGroup::new("periods").multiple(true).conflicts_with("rows"))]
pub struct PredictArgs {
    /// The model; a version may stand behind it, as in NAME@champion or NAME@3.
    model: String,

    /// The features as JSON; @FILE reads a file, @- standard input.
    #[arg(long, value_name = "FEATURES", group = "rows")]
    json: Option<String>,

    /// A file of rows, CSV or JSON lines, which is read and answered row by row; - for JSON lines on standard
    /// input.
    #[arg(long, value_name = "FILE", group = "rows")]
    file: Option<PathBuf>,

    /// Where the answers to a file are written; standard output without it.
    #[arg(long, value_name = "FILE", requires = "file")]
    output: Option<PathBuf>,

    /// What follows a row of a file that is wrong.
    #[arg(long, value_name = "WHAT", requires = "file", default_value = "continue")]
    on_error: file::OnError,

    /// How many periods a forecast looks ahead; as far as the model can without it.
    #[arg(long, value_name = "PERIODS", group = "periods")]
    horizon: Option<usize>,

    /// The latest periods of a series, as a file of rows; those that the model knows without it.
    #[arg(long, value_name = "FILE", group = "periods")]
    history: Option<PathBuf>,

    /// What is known of the periods to come, as a file of rows.
    #[arg(long, value_name = "FILE", group = "periods")]
    future: Option<PathBuf>,

    /// Recommend items to this user.
    #[arg(long, value_name = "ID", group = "items_for", conflicts_with_all = ["rows", "periods"])]
    user: Option<String>,

    /// Recommend items to somebody new, who has had these.
    #[arg(long, value_name = "IDS", value_delimiter = ',', group = "items_for", conflicts_with_all = ["rows", "periods"])]
    items: Option<Vec<String>>,

    /// Tell items that are like this one.
    #[arg(long, value_name = "ID", group = "items_for", conflicts_with_all = ["rows", "periods"])]
    similar_to: Option<String>,

    /// How many items are recommended; as many as the recipe says without it.
    #[arg(long, value_name = "COUNT", conflicts_with_all = ["rows", "periods"])]
    top_k: Option<usize>,

    /// The version, by number, label, stage or alias (@champion); the one in production without it.
    #[arg(long)]
    version: Option<String>,

    /// Say how the input is understood, instead of predicting.
    #[arg(long, requires = "json")]
    dry_run: bool,

    /// Print an example of what the model takes, instead of asking it.
    #[arg(long, group = "rows")]
    example: bool,
}

/// Asks and shows the answer.
pub async fn run(store: StoreConfig, mut args: PredictArgs) -> Result<(), Failure> {
    (args.model, args.version) = named(&args.model, args.version.as_deref())?;
    let features = args.json.as_deref().map(features).transpose()?;
    let client = Client::connect(&store).await?;
    match (features, &args.file) {
        (Some(features), _) => {
            let mut body = json!({ "features": features, "model": args.model });
            if args.dry_run {
                body["dry_run"] = json!(true);
            }
            output::json(&ask(&client, &args.model, args.version.as_deref(), body).await?);
        }
        (None, Some(file)) => {
            let version = args.version.as_deref();
            let whole = file::score(
                &client,
                &args.model,
                version,
                file,
                args.output.as_deref(),
                args.on_error,
            );
            whole.await?;
        }
        (None, None) if args.example => output::json(&example(&client, &args).await?),
        (None, None) => output::json(&without_rows(&client, &args).await?),
    }
    client.close().await
}

/// What a model answers that takes no rows.
async fn without_rows(client: &Client, args: &PredictArgs) -> Result<Value, Failure> {
    let described = version(client, &args.model, args.version.as_deref()).await?;
    let is_recommender = described["task"] == "recommendation";
    let stray = if is_recommender {
        let given = [
            ("horizon", args.horizon.is_some()),
            ("history", args.history.is_some()),
            ("future", args.future.is_some()),
        ];
        given.into_iter().find(|(_, is_given)| *is_given)
    } else {
        let given = [
            ("user", args.user.is_some()),
            ("items", args.items.is_some()),
            ("similar-to", args.similar_to.is_some()),
            ("top-k", args.top_k.is_some()),
        ];
        given.into_iter().find(|(_, is_given)| *is_given)
    };
    if let Some((flag, _)) = stray {
        let does = if is_recommender {
            "recommends items"
        } else {
            "recommends nothing"
        };
        return Err(Failure::input(anyhow!(
            "{} {does}; leave out --{flag}",
            args.model
        )));
    }
    if is_recommender {
        let usual = described["outputs"][0]["shape"][0].clone();
        let body = json!({
            "model": args.model,
            "user": args.user,
            "items": args.items,
            "similar_to": args.similar_to,
            "top_k": args.top_k.map_or(usual, Value::from),
        });
        return ask(client, &args.model, args.version.as_deref(), body).await;
    }
    forecast(client, args, &described).await
}

/// What a model forecasts.
async fn forecast(client: &Client, args: &PredictArgs, described: &Value) -> Result<Value, Failure> {
    let Some(horizon) = described["forecast"]["horizon"].as_u64() else {
        return Err(Failure::input(anyhow!(
            "{} answers rows; give some with --json or --file, or look at an --example",
            args.model
        )));
    };
    let mut body = json!({ "model": args.model, "horizon": args.horizon.unwrap_or(horizon as usize) });
    let inputs = output::list(described, "inputs");
    if let Some(file) = &args.history {
        body["history"] = Value::Array(file::periods(file, &described["inputs"])?);
    }
    if let Some(file) = &args.future {
        // Of periods to come nobody knows the rest.
        let ahead = &described["forecast"];
        let known = output::list(ahead, "known");
        let is_known = |input: &&Value| input["name"] == ahead["time"] || known.contains(&input["name"]);
        let inputs: Value = inputs.iter().filter(is_known).cloned().collect();
        body["future"] = Value::Array(file::periods(file, &inputs)?);
    }
    ask(client, &args.model, args.version.as_deref(), body).await
}

/// What the version that is asked for answers to `body`.
///
/// # Errors
/// The server's.
pub async fn ask(
    client: &Client,
    model: &str,
    version: Option<&str>,
    mut body: Value,
) -> Result<Value, Failure> {
    if let Some(version) = version {
        body["model_version"] = json!(version);
    }
    match client.post("/api/v1/predict", &body).await {
        Err(failure) if version.is_none() => Err(told_apart(client, model, failure).await),
        answer => Ok(answer?.json()?),
    }
}

/// The failure to find `model` in production: the registry tells a model that is not there from one that has
/// nothing in production.
async fn told_apart(client: &Client, model: &str, failure: Failure) -> Failure {
    if !failure.is_coded("unknown_model") {
        return failure;
    }
    let found = client.get(&version_path(model, "production")).await;
    found.err().unwrap_or(failure)
}

/// An object with a usual value for every input of the version that is asked for, which is the one in
/// production, or else the newest.
async fn example(client: &Client, args: &PredictArgs) -> Result<Value, Failure> {
    let version = version(client, &args.model, args.version.as_deref()).await?;
    let inputs = output::list(&version, "inputs");
    Ok(inputs
        .iter()
        .map(|input| (output::text(&input["name"]), input["example"].clone()))
        .collect())
}

/// The version that is asked for, which is the one in production, or else the newest.
async fn version(client: &Client, model: &str, version: Option<&str>) -> Result<Value, Failure> {
    let wanted = version.unwrap_or("production");
    let found = match client.get(&version_path(model, wanted)).await {
        Err(failure) if version.is_none() && failure.is_coded("unknown_version") => {
            client.get(&version_path(model, "latest")).await
        }
        found => found,
    };
    Ok(found?.json()?)
}
