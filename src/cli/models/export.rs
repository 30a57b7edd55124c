//! `usina models export`.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow};
use clap::{Args, ValueEnum};

use super::named::{named, named_path};
use crate::base::ContentId;
use crate::cli::client::Client;
use crate::cli::error::Failure;
use crate::cli::output;

/// What is exported.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  usina models export customer-churn@champion
  usina models export customer-churn 2 --output churn.usina
  usina models export customer-churn --format xgboost --output churn.json
  usina models export customer-churn v1.0.0 --format xgboost > churn.json

A bundle is signed and not encrypted: whoever has the file can read what the model has learnt. Another machine \
takes it in with `usina models import`.")]
pub struct ExportArgs {
    /// The model; a version may stand behind it, as in NAME@champion.
    model: String,
    /// The version; the one in production without it.
    version: Option<String>,
    /// The format.
    #[arg(long, value_enum, default_value_t = FormatArg::Bundle)]
    format: FormatArg,
    /// The file to write; without it NAME-VERSION.usina here, and weights to standard output.
    #[arg(long, short)]
    output: Option<PathBuf>,
}

/// What a version is exported as.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum FormatArg {
    /// The signed bundle: all that the version is made of.
    Bundle,
    /// The JSON model that XGBoost loads.
    Xgboost,
}

pub(super) async fn export(client: &Client, args: &ExportArgs) -> Result<(), Failure> {
    let path = named_path(&args.model, args.version.as_deref(), "production")?;
    match args.format {
        FormatArg::Bundle => bundle(client, args, &path).await,
        FormatArg::Xgboost => {
            let weights = client.get(&format!("{path}/export?format=xgboost")).await?.bytes;
            match &args.output {
                Some(file) => {
                    write(file, &weights, true)?;
                    output::note(&format!("{} bytes written to {}", weights.len(), file.display()));
                }
                None => output::raw(&weights)?,
            }
            Ok(())
        }
    }
}

async fn bundle(client: &Client, args: &ExportArgs, path: &str) -> Result<(), Failure> {
    let version = client.get(path).await?.json()?;
    let label = output::text(&version["version"]);
    let (model, _) = named(&args.model, None)?;
    // By number, since a stage or an alias may move meanwhile.
    let exact = super::version_path(&model, &output::text(&version["number"]));
    let bytes = client.get(&format!("{exact}/bundle")).await?.bytes;
    if version["digest"] != ContentId::of(&bytes).to_string() {
        return Err(anyhow!("what arrived is not the bundle of {model} {label}; try again").into());
    }
    let file = match &args.output {
        Some(file) => file.clone(),
        None => PathBuf::from(format!("{model}-{label}.usina")),
    };
    write(&file, &bytes, args.output.is_some())?;
    output::note(&format!(
        "{model} {label}: {} bytes written to {}",
        bytes.len(),
        file.display()
    ));
    Ok(())
}

/// Writes a file; one that is there is written over only where it was named, and only once all is written.
fn write(file: &Path, bytes: &[u8], is_named: bool) -> Result<(), Failure> {
    let written = match is_named && !is_special(file) {
        true => replaced(file, bytes),
        false => {
            let mut options = std::fs::OpenOptions::new();
            options.write(true).create_new(!is_named);
            let open = options.open(file);
            open.and_then(|mut open| {
                let written = open.write_all(bytes);
                if written.is_err() && !is_named {
                    // Half a bundle is none; what is wrong is told already.
                    let _ = std::fs::remove_file(file);
                }
                written
            })
        }
    };
    written
        .with_context(|| format!("cannot write {}; --output names another file", file.display()))
        .map_err(Failure::Input)
}

/// Whether it is a device or a pipe, in whose place no file is to come.
fn is_special(file: &Path) -> bool {
    std::fs::metadata(file).is_ok_and(|metadata| !metadata.is_file() && !metadata.is_dir())
}

/// Puts `bytes` in the place of what `file` holds, by way of a file beside it: a full disk leaves what was there.
fn replaced(file: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut beside = file.as_os_str().to_owned();
    beside.push(format!(".{}.part", std::process::id()));
    let beside = PathBuf::from(beside);
    let written = std::fs::write(&beside, bytes).and_then(|()| std::fs::rename(&beside, file));
    if written.is_err() {
        let _ = std::fs::remove_file(&beside);
    }
    written
}
