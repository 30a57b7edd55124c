//! Purges what was deleted, at the start and now and then.

use std::time::Duration;

use super::Registry;
use crate::base::Lifecycle;

/// How often it is looked whether something is due.
const PAUSE: Duration = Duration::from_secs(3_600);

impl Registry {
    /// Starts purging what was deleted more than `kept_for` ago.
    pub fn purge_regularly(&self, kept_for: Duration, lifecycle: &Lifecycle) {
        let (registry, stopping) = (self.clone(), lifecycle.stopping());
        lifecycle.spawn("purge", async move {
            tokio::pin!(stopping);
            loop {
                match registry.purge(kept_for).await {
                    Ok(0) => {}
                    Ok(purged) => tracing::info!(purged, "versions and models that were deleted are purged"),
                    // The next time may go better; nothing is lost meanwhile.
                    Err(error) => tracing::warn!(%error, "what was deleted could not be purged"),
                }
                tokio::select! {
                    () = &mut stopping => break,
                    () = tokio::time::sleep(PAUSE) => {}
                }
            }
        });
    }
}
