//! `usina status`: what holds the data folder, and can it serve?

use anyhow::anyhow;
use clap::Args;

use super::client::{Client, has_data, no_data};
use super::error::Failure;
use super::output;
use super::socket::SOCKET_FILE;
use crate::runtime::config::StoreConfig;

/// Say what holds the data folder; exit code 1 when it is no server, 2 when there are no data.
///
/// Serves as a probe in a container that has no shell and no curl.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  usina status
  usina status --data /var/lib/usina --json")]
pub struct StatusArgs {
    #[command(flatten)]
    output: output::OutputArgs,
}

/// Shows how the server is.
pub async fn run(store: StoreConfig, args: StatusArgs) -> Result<(), Failure> {
    if !has_data(&store) {
        return Err(Failure::input(no_data(&store)));
    }
    let folder = store.folder.display();
    let Some(client) = Client::to_server(&store).await else {
        return Err(Failure::Failed(anyhow!(
            "no server answers at {}; start one with `usina serve`",
            store.folder.join(SOCKET_FILE).display()
        )));
    };
    client.get("/ready").await?;
    let info = client.get("/api/v1/info").await?.json()?;
    if info["address"].is_null() {
        return Err(Failure::Failed(anyhow!(
            "a training holds {folder} since {}, and no server; when it has ended, start one with `usina serve`",
            output::time(&info["started_at"])
        )));
    }
    if args.output.json {
        output::json(&info);
    } else {
        output::facts(&[
            ("status", "ready".to_owned()),
            ("version", output::text(&info["version"])),
            ("address", output::text(&info["address"])),
            ("started", output::time(&info["started_at"])),
            ("default model", output::text(&info["default_model"])),
        ]);
    }
    Ok(())
}
