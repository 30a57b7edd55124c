//! Metrics of a run: every value that was logged, by step and time.

use super::runs::{going_on, too_many};
use super::{Point, Tracking, TrackingError};
use crate::base::RunId;
use crate::store::NameHash;
use crate::store::tables::run_metrics::{self, MetricRow};
use crate::store::tables::runs;

/// A metric's latest point.
#[derive(Debug, Clone, PartialEq)]
pub struct Metric {
    /// Its name.
    pub key: String,
    /// The value with the highest step.
    pub latest: Point,
}

impl From<MetricRow> for Metric {
    fn from(row: MetricRow) -> Self {
        Self {
            latest: row.latest(),
            key: row.key,
        }
    }
}

/// One value to be logged.
#[derive(Debug, Clone, PartialEq)]
pub struct MetricPoint {
    /// The metric's name.
    pub key: String,
    /// The value.
    pub point: Point,
}

impl Tracking {
    /// Adds values to a run that goes on.
    ///
    /// # Errors
    /// No such run, it has ended, it has too many metrics, or the store's.
    pub async fn log_metrics(&self, run: RunId, points: Vec<MetricPoint>) -> Result<(), TrackingError> {
        let groups = self.group(points);
        self.store.write(move |tx| append(tx, run, &groups)).await
    }

    /// [`Tracking::log_metrics`] for a plain thread.
    ///
    /// # Errors
    /// No such run, it has ended, or the store's.
    pub fn log_metrics_blocking(&self, run: RunId, points: Vec<MetricPoint>) -> Result<(), TrackingError> {
        let groups = self.group(points);
        self.store.write_blocking(move |tx| append(tx, run, &groups))
    }

    /// Points by metric, in the order in which they came.
    fn group(&self, points: Vec<MetricPoint>) -> Vec<(NameHash, String, Vec<Point>)> {
        let mut groups: Vec<(NameHash, String, Vec<Point>)> = Vec::new();
        for MetricPoint { key, point } in points {
            match groups.iter_mut().find(|(_, name, _)| *name == key) {
                Some((_, _, group)) => group.push(point),
                None => groups.push((self.store.vault().name_hash("metric", &key), key, vec![point])),
            }
        }
        groups
    }

    /// The history of a metric in the order in which it was logged, from the `skip`-th value on,
    /// `limit` values at most.
    ///
    /// # Errors
    /// No such run or metric, or the store's.
    pub async fn metric_history(
        &self,
        run: RunId,
        key: &str,
        skip: u64,
        limit: usize,
    ) -> Result<Vec<Point>, TrackingError> {
        let hash = self.store.vault().name_hash("metric", key);
        let key = key.to_owned();
        self.store
            .read(move |tx| {
                if runs::find(tx, run)?.is_none() {
                    return Err(TrackingError::UnknownRun(run));
                }
                let points = run_metrics::history(tx, run, hash, skip, limit)?;
                if points.is_empty() && skip == 0 {
                    return Err(TrackingError::UnknownMetric {
                        run,
                        key: key.clone(),
                    });
                }
                Ok(points)
            })
            .await
    }
}

fn append(
    tx: &mut crate::store::WriteTx,
    run: RunId,
    groups: &[(NameHash, String, Vec<Point>)],
) -> Result<(), TrackingError> {
    going_on(tx, run)?;
    let mut is_more = false;
    for (hash, key, points) in groups {
        is_more |= run_metrics::append(tx, run, *hash, key, points)?;
    }
    if is_more && run_metrics::count(tx, run)? > runs::MAX_PAIRS {
        return Err(too_many(run, "metrics"));
    }
    Ok(())
}
