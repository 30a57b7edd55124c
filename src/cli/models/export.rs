//! `usina models export`.

use std::path::PathBuf;

use anyhow::Context;
use clap::{Args, ValueEnum};

use super::version_path;
use crate::cli::client::Client;
use crate::cli::error::Failure;
use crate::cli::output;

/// What is exported.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  usina models export customer-churn --format xgboost --output churn.json
  usina models export customer-churn v1.0.0 --format xgboost > churn.json")]
pub struct ExportArgs {
    /// The model.
    model: String,
    /// The version.
    #[arg(default_value = "production")]
    version: String,
    /// The format.
    #[arg(long, value_enum)]
    format: FormatArg,
    /// The file to write; standard output without it.
    #[arg(long, short)]
    output: Option<PathBuf>,
}

/// A format that weights are exported in.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum FormatArg {
    /// The JSON model that XGBoost loads.
    Xgboost,
}

pub(super) async fn export(client: &Client, args: &ExportArgs) -> Result<(), Failure> {
    let FormatArg::Xgboost = args.format;
    let path = format!(
        "{}/export?format=xgboost",
        version_path(&args.model, &args.version)
    );
    let weights = client.get(&path).await?.bytes;
    match &args.output {
        Some(file) => {
            std::fs::write(file, &weights)
                .with_context(|| format!("cannot write {}", file.display()))
                .map_err(Failure::Input)?;
            output::note(&format!("{} bytes written to {}", weights.len(), file.display()));
        }
        None => output::raw(&weights)?,
    }
    Ok(())
}
