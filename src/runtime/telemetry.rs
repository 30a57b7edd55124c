//! What the process tells: its log, and what it measures.

use std::io::IsTerminal;
use std::sync::Arc;
use std::time::Duration;

use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};
use tracing::level_filters::LevelFilter;

use crate::base::Lifecycle;

/// Upper bounds of the buckets of durations, in seconds: from 5 µs, for one row, to 10 s.
const SECONDS: [f64; 20] = [
    5e-6, 1e-5, 2.5e-5, 5e-5, 1e-4, 2.5e-4, 5e-4, 1e-3, 2.5e-3, 5e-3, 1e-2, 2.5e-2, 5e-2, 0.1, 0.25, 0.5,
    1.0, 2.5, 5.0, 10.0,
];

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

/// What the process measures.
#[derive(Debug, Clone)]
pub struct Measurements(PrometheusHandle);

impl Measurements {
    /// Starts measuring. Once a process; before any model is loaded.
    ///
    /// # Errors
    /// Measuring was started before.
    pub fn start() -> Result<Self, BuildError> {
        let handle = PrometheusBuilder::new()
            .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &SECONDS)?
            .install_recorder()?;
        metrics::describe_counter!(
            "ml_predictions_total",
            "Rows that a version was asked for, by outcome"
        );
        metrics::describe_histogram!(
            "ml_prediction_duration_seconds",
            metrics::Unit::Seconds,
            "From the head of a request to predict to its answer"
        );
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
