//! `usina models import`.

use std::path::PathBuf;

use anyhow::Context;
use axum::body::Body;
use clap::Args;
use serde_json::Value;

use crate::cli::client::{Client, segment};
use crate::cli::error::Failure;
use crate::cli::output;

/// What is taken in.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  usina models import churn.usina
  usina models import churn.usina --name customer-churn --stage staging
  usina models import churn.usina --trust-new

It is refused unless it is signed by this machine or by a key that was added with `usina trust add`, and \
unless it answers its warm-up rows as it did when it was made. The same bundle twice is one version.")]
pub struct ImportArgs {
    /// The file that another machine exported.
    file: PathBuf,
    /// The model that it becomes a version of; the one that the bundle names without it.
    #[arg(long)]
    name: Option<String>,
    /// The stage that it is put into; none without it.
    #[arg(long)]
    stage: Option<String>,
    /// Trust whoever signed it, from now on.
    #[arg(long)]
    trust_new: bool,

    #[command(flatten)]
    output: output::OutputArgs,
}

pub(super) async fn import(client: &Client, args: &ImportArgs) -> Result<(), Failure> {
    let file = tokio::fs::File::open(&args.file)
        .await
        .with_context(|| format!("{} cannot be read", args.file.display()))
        .map_err(Failure::Input)?;
    let pieces = futures_util::stream::try_unfold(file, |mut file| async {
        use tokio::io::AsyncReadExt;
        let mut piece = bytes::BytesMut::with_capacity(64 << 10);
        let read = file.read_buf(&mut piece).await?;
        Ok::<_, std::io::Error>((read > 0).then(|| (piece.freeze(), file)))
    });
    let given = [("name", &args.name), ("stage", &args.stage)];
    let given = given
        .into_iter()
        .filter_map(|(name, value)| Some(format!("&{name}={}", segment(value.as_ref()?))));
    let path = format!(
        "/api/v1/bundles?trust_new={}{}",
        args.trust_new,
        given.collect::<String>()
    );
    let body = Body::from_stream(pieces);
    let version = client
        .upload(&path, "application/octet-stream", body)
        .await?
        .json()?;
    if args.output.json {
        output::json(&version);
        return Ok(());
    }
    let (model, label) = (
        output::text(&version["model_id"]),
        output::text(&version["version"]),
    );
    let there = match version["new"] == Value::Bool(true) {
        true => "is taken in",
        false => "was there already",
    };
    let place = super::show::place(&version["stage"]);
    output::line(&format!("{model} {label} {there}, in {place}"));
    Ok(())
}
