//! `usina models`: the registry.

mod alias;
mod compare;
mod curves;
mod export;
mod history;
mod import;
mod lineage;
pub mod named;
mod notes;
mod removal;
mod show;
mod stages;

use anyhow::Context;
use clap::{Args, Subcommand};

pub use compare::compare_versions;

use super::client::{Client, segment};
use super::error::Failure;
use super::output;
use crate::runtime::config::StoreConfig;

/// See, name, promote, compare, move and delete models.
#[derive(Debug, Subcommand)]
#[command(after_help = "Examples:
  usina models list
  usina models promote customer-churn 2
  usina models rollback customer-churn
  usina models alias customer-churn 2 champion
  usina models compare customer-churn 1 2
  usina models export customer-churn@champion --output churn.usina

A version is given by number (3), label (v1.2.0), stage (production, staging), as latest or by alias \
(@champion); also behind the model's name, as in customer-churn@3 or customer-churn@champion.")]
pub enum ModelsCommand {
    /// List models.
    List(show::ListArgs),
    /// Show a model and its versions.
    Show(show::ShowArgs),
    /// Show a version's model card.
    Card(VersionArgs),
    /// Show what a version's thresholds give, or how far its numbers are off.
    Curves(curves::CurvesArgs),
    /// Put a version into production, or into another stage.
    Promote(stages::PromoteArgs),
    /// Put back into production what was there before.
    Rollback(stages::RollbackArgs),
    /// Show what became of a model: who did what, when and why.
    History(history::HistoryArgs),
    /// Have an alias point at a version.
    Alias(alias::AliasArgs),
    /// Describe a model or a version.
    Describe(notes::DescribeArgs),
    /// Tag a model or a version.
    Tag(notes::TagArgs),
    /// Show what a version was made of, when, by what and for whom.
    Lineage(lineage::LineageArgs),
    /// Show in what two versions differ.
    Compare(compare::CompareArgs),
    /// Delete a version or a model.
    Delete(removal::DeleteArgs),
    /// Bring a deleted version or model back.
    Restore(removal::RestoreArgs),
    /// Make a model the one that answers when a request names none.
    Default(ModelArgs),
    /// Take a version out as a file: its signed bundle, or its weights for the library that they come from.
    Export(export::ExportArgs),
    /// Take in a version from a bundle that another machine exported.
    Import(import::ImportArgs),
}

/// Which model.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  usina models default customer-churn
  usina models default customer-churn --json")]
pub struct ModelArgs {
    /// The model.
    model: String,

    #[command(flatten)]
    output: output::OutputArgs,
}

/// Which version.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  usina models card customer-churn
  usina models card customer-churn v1.0.0
  usina models card customer-churn@champion")]
pub struct VersionArgs {
    /// The model.
    model: String,
    /// The version; the newest without it.
    version: Option<String>,
}

/// Does what the command says.
pub async fn run(store: StoreConfig, command: ModelsCommand) -> Result<(), Failure> {
    let client = match &command {
        // What is taken in may be the first thing that there is.
        ModelsCommand::Import(_) => Client::connect_or_make(&store).await?,
        _ => Client::connect(&store).await?,
    };
    match command {
        ModelsCommand::List(args) => show::list(&client, &store, &args).await?,
        ModelsCommand::Show(args) => show::show(&client, &args).await?,
        ModelsCommand::Card(args) => {
            let version = named::named_path(&args.model, args.version.as_deref(), "latest")?;
            let path = format!("{version}/card");
            output::lines(&String::from_utf8_lossy(&client.get(&path).await?.bytes));
        }
        ModelsCommand::Promote(args) => stages::promote(&client, &args).await?,
        ModelsCommand::Rollback(args) => stages::roll_back(&client, &args).await?,
        ModelsCommand::History(args) => history::history(&client, &args).await?,
        ModelsCommand::Default(args) => stages::make_default(&client, &args).await?,
        ModelsCommand::Export(args) => export::export(&client, &args).await?,
        ModelsCommand::Import(args) => import::import(&client, &args).await?,
        ModelsCommand::Alias(args) => alias::alias(&client, &args).await?,
        ModelsCommand::Describe(args) => notes::describe(&client, &args).await?,
        ModelsCommand::Tag(args) => notes::tag(&client, &args).await?,
        ModelsCommand::Lineage(args) => lineage::lineage(&client, &args).await?,
        ModelsCommand::Compare(args) => compare::compare(&client, &args).await?,
        ModelsCommand::Delete(args) => removal::delete(&client, &args).await?,
        ModelsCommand::Restore(args) => removal::restore(&client, &args).await?,
        ModelsCommand::Curves(args) => curves::curves(&client, &args).await?,
    }
    client.close().await
}

/// Where the API has a version of a model.
pub fn version_path(model: &str, version: &str) -> String {
    format!("/api/v1/models/{}/versions/{}", segment(model), segment(version))
}

/// `KEY=VALUE` as its two parts.
fn pair(given: &str) -> Result<(String, String), &'static str> {
    let parts = given.split_once('=').filter(|(key, _)| !key.is_empty());
    let (key, value) = parts.ok_or("expected KEY=VALUE, such as team=growth")?;
    Ok((key.to_owned(), value.to_owned()))
}

/// The text in a file that the user names.
fn read_text(file: &str) -> Result<String, Failure> {
    std::fs::read_to_string(file)
        .with_context(|| format!("{file} cannot be read"))
        .map_err(Failure::Input)
}
