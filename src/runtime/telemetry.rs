//! What the process tells: its log, and what it measures.

use std::io::IsTerminal;
use std::sync::Arc;
use std::time::Duration;

use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};
use tracing::level_filters::LevelFilter;

use crate::base::Lifecycle;
use crate::base::durations::SECONDS;

/// Sends the log to standard error, from `level` on; in colour where a person reads it.
pub fn start_log(level: LevelFilter) {
    // A second start, as in tests of the whole process, keeps the first.
    let _ = tracing_subscriber::fmt()
        .with_max_level(level)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .with_target(false)
        .try_init();
}

/// What the process measures, but for what each version answers: that goes with the version.
#[derive(Debug, Clone)]
pub struct Measurements(PrometheusHandle);

impl Measurements {
    /// Starts measuring. Once a process.
    ///
    /// # Errors
    /// Measuring was started before.
    pub fn start() -> Result<Self, BuildError> {
        let handle = PrometheusBuilder::new()
            .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &SECONDS)?
            .install_recorder()?;
        metrics::describe_counter!(
            "usina_requests_failed_total",
            "Requests that were not answered as they were asked, by the error's code"
        );
        metrics::describe_counter!("usina_jobs_ended_total", "Attempts at jobs, by how they ended");
        Ok(Self(handle))
    }

    /// Renders the measurements for Prometheus.
    pub fn renderer(&self) -> Arc<dyn Fn() -> String + Send + Sync> {
        let handle = self.0.clone();
        Arc::new(move || handle.render())
    }

    /// Folds what was recorded into the histograms' buckets, now and then: otherwise it would pile up
    /// until somebody asks for it.
    pub fn keep_up(&self, lifecycle: &Lifecycle) {
        let (handle, stopping) = (self.0.clone(), lifecycle.stopping());
        lifecycle.spawn("measurements", async move {
            tokio::pin!(stopping);
            loop {
                tokio::select! {
                    () = &mut stopping => break,
                    () = tokio::time::sleep(Duration::from_secs(5)) => handle.run_upkeep(),
                }
            }
        });
    }
}
