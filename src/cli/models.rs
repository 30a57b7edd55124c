//! `usina models`: the registry.

mod export;
mod history;
mod show;
mod stages;

use clap::{Args, Subcommand};

use super::client::{Client, segment};
use super::error::Failure;
use super::output;
use crate::runtime::config::StoreConfig;

/// See, promote, roll back and export models.
#[derive(Debug, Subcommand)]
#[command(after_help = "Examples:
  usina models list
  usina models promote customer-churn 2
  usina models rollback customer-churn
  usina models export customer-churn --format xgboost --output churn.json

A version is given by number (3), label (v1.2.0), stage (production, staging) or as latest.")]
pub enum ModelsCommand {
    /// List models.
    List(show::ListArgs),
    /// Show a model and its versions.
    Show(ModelArgs),
    /// Show a version's model card.
    Card(VersionArgs),
    /// Put a version into production, or into another stage.
    Promote(stages::PromoteArgs),
    /// Put back into production what was there before.
    Rollback(stages::RollbackArgs),
    /// Show who put which version into which stage, when and why.
    History(ModelArgs),
    /// Make a model the one that answers when a request names none.
    Default(ModelArgs),
    /// Take a version's weights out, for the library that they come from.
    Export(export::ExportArgs),
}

/// Which model.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  usina models show customer-churn
  usina models history customer-churn
  usina models default customer-churn")]
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
  usina models card customer-churn v1.0.0")]
pub struct VersionArgs {
    /// The model.
    model: String,
    /// The version.
    #[arg(default_value = "latest")]
    version: String,
}

/// Does what the command says.
pub async fn run(store: StoreConfig, command: ModelsCommand) -> Result<(), Failure> {
    let client = Client::connect(&store).await?;
    match command {
        ModelsCommand::List(args) => show::list(&client, &store, &args).await?,
        ModelsCommand::Show(args) => show::show(&client, &args).await?,
        ModelsCommand::Card(args) => {
            let path = format!("{}/card", version_path(&args.model, &args.version));
            output::lines(&String::from_utf8_lossy(&client.get(&path).await?.bytes));
        }
        ModelsCommand::Promote(args) => stages::promote(&client, &args).await?,
        ModelsCommand::Rollback(args) => stages::roll_back(&client, &args).await?,
        ModelsCommand::History(args) => history::history(&client, &args).await?,
        ModelsCommand::Default(args) => stages::make_default(&client, &args).await?,
        ModelsCommand::Export(args) => export::export(&client, &args).await?,
    }
    client.close().await
}

/// Where the API has a version of a model.
pub fn version_path(model: &str, version: &str) -> String {
    format!("/api/v1/models/{}/versions/{}", segment(model), segment(version))
}
