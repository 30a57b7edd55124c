//! `usina data add`: a file becomes a version of a dataset.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use axum::body::Body;
use clap::Args;
use futures_util::stream;
use serde_json::Value;
use tokio::io::AsyncReadExt;

use super::short;
use crate::base::Name;
use crate::cli::client::{Answer, Client, segment};
use crate::cli::error::Failure;
use crate::cli::output;
use crate::cli::progress::bar;
use crate::runtime::config::StoreConfig;

/// What is added.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  usina data add customers customers.csv
  usina data add customers customers.csv --target churn
  usina data add sites sites.csv --csv '{\"delimiter\": \";\", \"missing\": [\"?\"], \"types\": {\"zip\": \"text\"}}'")]
pub struct AddArgs {
    /// The dataset.
    name: Name,
    /// The CSV file.
    file: PathBuf,
    /// The column that is to be predicted: a table that cannot be learnt from is refused.
    #[arg(long)]
    target: Option<String>,
    /// How the file is to be read, as JSON.
    #[arg(long, value_name = "JSON")]
    csv: Option<String>,

    #[command(flatten)]
    output: output::OutputArgs,
}

/// Adds what the command names.
pub(super) async fn run(store: &StoreConfig, args: AddArgs) -> Result<(), Failure> {
    check_readable(&args.file).map_err(Failure::Input)?;
    let client = Client::connect_or_make(store).await?;
    let query: Vec<_> = [("target", &args.target), ("csv", &args.csv)]
        .into_iter()
        .filter_map(|(key, value)| Some((key, value.as_deref()?)))
        .collect();
    let source = args
        .file
        .file_name()
        .unwrap_or(args.file.as_os_str())
        .to_string_lossy();
    let added = add(&client, &args.name, &args.file, &source, &query).await?;
    shown_added(&added.json()?, args.output);
    client.close().await
}

/// That there is a file that can be read, which is asked before a data folder is made for it.
pub fn check_readable(file: &Path) -> anyhow::Result<()> {
    let open = std::fs::File::open(file).with_context(|| format!("{} cannot be read", file.display()))?;
    if open.metadata().is_ok_and(|metadata| metadata.is_dir()) {
        bail!("{} is a folder; name a CSV file", file.display());
    }
    Ok(())
}

/// Sends a file to the dataset `name`, bit by bit; `query` says more about it.
pub async fn add(
    client: &Client,
    name: &Name,
    file: &Path,
    source: &str,
    query: &[(&str, &str)],
) -> Result<Answer, Failure> {
    let open = tokio::fs::File::open(file).await;
    let open = open
        .with_context(|| format!("{} cannot be read", file.display()))
        .map_err(Failure::Input)?;
    let length = open.metadata().await.map_or(0, |metadata| metadata.len());
    let bar = bar(length);
    let moving = bar.clone();
    let pieces = stream::try_unfold(open, move |mut open| {
        let bar = moving.clone();
        async move {
            let mut piece = vec![0; 256 << 10];
            let length = open.read(&mut piece).await?;
            piece.truncate(length);
            bar.inc(length as u64);
            Ok::<_, std::io::Error>((length > 0).then_some((piece, open)))
        }
    });
    let mut path = format!(
        "/api/v1/datasets/{}?source={}",
        segment(name.as_str()),
        segment(source)
    );
    for (key, value) in query {
        path.push_str(&format!("&{key}={}", segment(value)));
    }
    let added = client.upload(&path, "text/csv", Body::from_stream(pieces)).await;
    bar.finish_and_clear();
    let added = added?;
    for doubt in output::list(&added.json()?, "doubts") {
        let text = |key: &str| output::text(&doubt[key]);
        output::note(&format!(
            "{source}:{}: column {} seemed to be of type {} until \"{}\"; if that means missing, list it in csv.missing",
            text("line"),
            text("column"),
            text("seemed"),
            text("got")
        ));
    }
    Ok(added)
}

fn shown_added(added: &Value, output: output::OutputArgs) {
    if output.json {
        return output::json(added);
    }
    let what = if added["new"] == Value::Bool(true) {
        "a new version"
    } else {
        "was there already"
    };
    output::line(&format!(
        "{} {}: {what}, {} rows, {} columns",
        output::text(&added["name"]),
        short(&added["version"]),
        output::text(&added["rows"]),
        output::list(added, "columns").len()
    ));
}
