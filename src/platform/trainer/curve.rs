//! The learning curve, written to the run while it grows.

use std::time::Duration;

use crate::base::{Clock, RunId};
use crate::engine::fit::Round;
use crate::platform::tracking::{MetricPoint, Point, Tracking};

/// Takes in rounds, and writes their metrics to a run.
pub(super) struct Curve<'a> {
    tracking: &'a Tracking,
    clock: &'a Clock,
    run: RunId,
    watched: &'static str,
    /// Not written yet.
    points: Vec<MetricPoint>,
    written_at: Duration,
}

impl<'a> Curve<'a> {
    /// Each write is a durable commit, so points are written some rounds together.
    const TOGETHER: usize = 50;
    /// Of slow rounds fewer: whoever looks at the curve sees it grow.
    const EVERY: Duration = Duration::from_secs(2);

    /// The curve of `run`; `watched` is what the rows that are only watched are called.
    pub(super) fn new(tracking: &'a Tracking, clock: &'a Clock, run: RunId, watched: &'static str) -> Self {
        Self {
            tracking,
            clock,
            run,
            watched,
            points: Vec::new(),
            written_at: clock.monotonic(),
        }
    }

    /// Takes in a round.
    pub(super) fn add(&mut self, round: Round) {
        let time = self.clock.now();
        let values = [("train", round.train_metric), (self.watched, round.valid_metric)];
        for (part, value) in values {
            if let Some(value) = value {
                let point = Point {
                    value,
                    time,
                    step: round.round as i64,
                };
                self.points.push(MetricPoint {
                    key: format!("{part}_{}", round.metric),
                    point,
                });
            }
        }
        // After a failed write the next try comes with the next points: a busy disk must not cost the fit.
        let is_full = self.points.len().is_multiple_of(Self::TOGETHER);
        let is_late = self.clock.monotonic() - self.written_at >= Self::EVERY;
        if !self.points.is_empty() && (is_full || is_late) {
            self.write();
        }
    }

    /// Writes what is left.
    pub(super) fn finish(mut self) {
        self.write();
    }

    fn write(&mut self) {
        self.written_at = self.clock.monotonic();
        match self.tracking.log_metrics_blocking(self.run, self.points.clone()) {
            Ok(()) => self.points.clear(),
            Err(error) => {
                tracing::warn!(run = %self.run, %error, "points of a learning curve are not written yet")
            }
        }
    }
}
