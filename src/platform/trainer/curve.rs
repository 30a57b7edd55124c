//! The learning curve, written to the run while it grows.

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
}

impl<'a> Curve<'a> {
    /// Each write is a durable commit, so points are written some rounds together.
    const TOGETHER: usize = 50;

    /// The curve of `run`; `watched` is what the rows that are only watched are called.
    pub(super) fn new(tracking: &'a Tracking, clock: &'a Clock, run: RunId, watched: &'static str) -> Self {
        Self {
            tracking,
            clock,
            run,
            watched,
            points: Vec::new(),
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
        if !self.points.is_empty() && self.points.len().is_multiple_of(Self::TOGETHER) {
            self.write();
        }
    }

    /// Writes what is left.
    pub(super) fn finish(mut self) {
        self.write();
    }

    fn write(&mut self) {
        match self.tracking.log_metrics_blocking(self.run, self.points.clone()) {
            Ok(()) => self.points.clear(),
            Err(error) => {
                tracing::warn!(run = %self.run, %error, "points of a learning curve are not written yet")
            }
        }
    }
}
