//! `usina diff`: what differs between two of what is named, models, datasets or files.

use std::path::Path;

use anyhow::anyhow;
use clap::Args;

use super::client::{Client, segment};
use super::data::{self, diff_datasets};
use super::error::Failure;
use super::models::compare_versions;
use super::models::named::{model_path, named};
use super::output;
use crate::base::Name;
use crate::runtime::config::StoreConfig;

/// Show what differs between two versions of a model, two versions of a dataset, or two files of rows.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  usina diff customer-churn                     the version in production and the latest one
  usina diff customer-churn@1 customer-churn@champion
  usina diff customers@9f86d081 customers@latest
  usina diff customers customers-2026
  usina diff october.csv november.parquet

A name that a file has is that file. A model and a dataset may have one name: then it is the model, unless its dataset's \
version stands behind the @, by at least eight of its digits. `usina models compare` and `usina data diff` ask for one \
or the other.")]
pub struct DiffArgs {
    /// A model or a dataset, with a version behind it as in NAME@VERSION, or a file.
    from: String,
    /// Another one of the same kind; without it, what came before is compared with what is there now.
    to: Option<String>,

    #[command(flatten)]
    output: output::OutputArgs,
}

/// What is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Model,
    Dataset,
    File,
}

/// The least digits of a dataset's version that tell it from a model's number.
const DIGITS: usize = 8;

/// Shows what differs.
pub async fn run(store: StoreConfig, args: DiffArgs) -> Result<(), Failure> {
    let is_file = |given: &str| Path::new(given).is_file();
    let to = args.to.as_deref();
    if is_file(&args.from) && to.is_some_and(is_file) {
        return files(
            Path::new(&args.from),
            Path::new(to.unwrap_or_default()),
            args.output,
        )
        .await;
    }
    if is_file(&args.from) && to.is_none() {
        return Err(Failure::input(anyhow!(
            "{} is a file; name the other one too, as in `usina diff {} OTHER`",
            args.from,
            args.from
        )));
    }
    let client = Client::connect(&store).await?;
    let from = kind(&client, &args.from).await?;
    let other = match to {
        Some(to) => kind(&client, to).await?,
        None => from,
    };
    match (from, other) {
        (Kind::Model, Kind::Model) => {
            let (model, version) = named(&args.from, None)?;
            let (with, latest) = named(to.unwrap_or(&args.from), None)?;
            let of =
                |version: Option<String>, otherwise: &str| version.unwrap_or_else(|| otherwise.to_owned());
            let latest = latest.filter(|_| to.is_some());
            let from = format!("{model}@{}", of(version, "production"));
            let to = format!("{with}@{}", of(latest, "latest"));
            compare_versions(&client, &from, &to, args.output).await?;
        }
        (Kind::Dataset, Kind::Dataset) => {
            let (from, to) = (dataset(&args.from)?, to.map(dataset).transpose()?);
            diff_datasets(&client, from, to, args.output).await?;
        }
        _ => {
            let told = |given: &str, kind| match kind {
                Kind::Model => format!("{given} is a model"),
                Kind::Dataset => format!("{given} is a dataset"),
                Kind::File => format!("{given} is a file"),
            };
            return Err(Failure::input(anyhow!(
                "{} and {}: name two models, two datasets or two files; `usina data add NAME FILE` makes a file a dataset",
                told(&args.from, from),
                told(to.unwrap_or_default(), other)
            )));
        }
    }
    client.close().await
}

/// What `given` names.
async fn kind(client: &Client, given: &str) -> Result<Kind, Failure> {
    if Path::new(given).is_file() {
        return Ok(Kind::File);
    }
    let (name, version) = named(given, None)?;
    let is_model = is_there(client, &model_path(&name)).await?;
    let is_dataset = is_there(client, &format!("/api/v1/datasets/{}", segment(&name))).await?;
    let is_content = version.is_some_and(|version| {
        let version = digits(&version);
        version.len() >= DIGITS && version.bytes().all(|byte| byte.is_ascii_hexdigit())
    });
    match (is_model, is_dataset) {
        (true, true) if is_content => Ok(Kind::Dataset),
        (true, _) => Ok(Kind::Model),
        (false, true) => Ok(Kind::Dataset),
        (false, false) => Err(Failure::input(anyhow!(
            "{name} is no model, no dataset and no file; `usina models list` and `usina data list` tell what there is"
        ))),
    }
}

async fn is_there(client: &Client, path: &str) -> Result<bool, Failure> {
    match client.get(path).await {
        Ok(_) => Ok(true),
        Err(Failure::Input(_)) => Ok(false),
        Err(other) => Err(other),
    }
}

/// A dataset and its version.
fn dataset(given: &str) -> Result<(Name, Option<String>), Failure> {
    let (name, version) = named(given, None)?;
    let version = version.map(|version| digits(&version).to_owned());
    Ok((name.parse().map_err(Failure::input)?, version))
}

/// A dataset's version, which is read as an alias where no model's version is spelled so.
fn digits(version: &str) -> &str {
    version.trim_start_matches('@')
}

/// Compares two files in a store that is gone afterwards.
async fn files(from: &Path, to: &Path, output: output::OutputArgs) -> Result<(), Failure> {
    let client = Client::in_memory().await?;
    let mut names = Vec::new();
    for (name, file) in [("from", from), ("to", to)] {
        let name: Name = name.parse().map_err(Failure::input)?;
        let source = file.file_name().unwrap_or(file.as_os_str()).to_string_lossy();
        data::add(&client, &name, file, &source, &[]).await?;
        names.push((name, None));
    }
    if !output.json {
        output::line(&format!("from {} to {}", from.display(), to.display()));
    }
    let to = names.pop();
    if let Some(from) = names.pop() {
        diff_datasets(&client, from, to, output).await?;
    }
    client.close().await
}
