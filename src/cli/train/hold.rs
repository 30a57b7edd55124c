//! Who holds the data folder while a training runs without a server: the command that trains, and nobody is
//! locked out by it.

use std::path::PathBuf;
use std::time::Duration;

use crate::api::{Door, Listener};
use crate::cli::client::Client;
use crate::cli::error::Failure;
use crate::cli::socket::{self, SOCKET_FILE};
use crate::cli::{output, serve};
use crate::engine::device::Devices;
use crate::runtime::config::StoreConfig;
use crate::store::StoreError;

/// How often it is looked whether another training has ended.
const LOOK: Duration = Duration::from_millis(300);

/// Reaches the server, or opens the folder; waits for another training that holds it.
pub(super) async fn connect(store: &StoreConfig, devices: &Devices) -> Result<Client, Failure> {
    let mut waits = false;
    loop {
        match Client::connect_to_train(store, devices).await {
            Ok(client) => {
                // It may have ended between the two.
                let is_free = client.node().is_some() || matches!(client.server_address().await, Ok(Some(_)));
                if is_free {
                    return Ok(client);
                }
            }
            // One that waited as well was quicker, and does not listen yet.
            Err(failure) if waits && is_in_use(&failure) => {}
            Err(failure) => return Err(failure),
        }
        if !waits {
            output::note("another training holds the folder; waiting");
            waits = true;
        }
        tokio::time::sleep(LOOK).await;
    }
}

fn is_in_use(failure: &Failure) -> bool {
    let Failure::Failed(error) = failure else {
        return false;
    };
    matches!(error.downcast_ref(), Some(StoreError::InUse { .. }))
}

/// The folder's socket while this process serves it; removed when this is dropped, which has to be while the
/// process holds the folder: afterwards the socket could be its successor's.
#[must_use]
pub(super) struct Shared(PathBuf);

impl Drop for Shared {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// Serves the folder's socket, so that other commands work while this process holds the folder; none when a
/// server holds it, or when the socket cannot be served, which is told and no reason not to train.
pub(super) fn share(client: &Client, store: &StoreConfig) -> Option<Shared> {
    let node = client.node()?;
    let path = store.folder.join(SOCKET_FILE);
    match socket::bind(&store.folder) {
        Ok(listener) => {
            serve::listen(node, Listener::Unix(listener), Door::Owner);
            Some(Shared(path))
        }
        Err(error) => {
            output::note(&format!(
                "other commands have to wait for this training: cannot make {}: {error}",
                path.display()
            ));
            None
        }
    }
}
