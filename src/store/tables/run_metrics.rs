//! Metric histories: points packed many to a row, and the latest point of each.

use serde::{Deserialize, Serialize};

use super::rows;
use super::runs::MAX_PAIRS;
use crate::base::{RunId, Time};
use crate::store::{Direction, JsonRow, NameHash, Row, RowError, Span, StoreError, Table, Tx, WriteTx};

/// One value of a metric.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// The value; may be NaN or infinite.
    pub value: f64,
    /// When it was logged.
    pub time: Time,
    /// The step that it belongs to.
    pub step: i64,
}

/// A metric's latest point: that of the highest step, then the latest time, then the largest value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MetricRow {
    /// Its key.
    pub key: String,
    /// The bits of the latest value: JSON has no NaN.
    value_bits: u64,
    /// When it was logged.
    time: Time,
    /// The step that it belongs to.
    step: i64,
    /// How many points there are.
    pub points: u64,
}
impl JsonRow for MetricRow {
    const TAG: u8 = 1;
}

impl MetricRow {
    /// The latest point.
    pub fn latest(&self) -> Point {
        Point {
            value: f64::from_bits(self.value_bits),
            time: self.time,
            step: self.step,
        }
    }
}

/// Up to [`PointsRow::FULL`] points in the order in which they were logged.
#[derive(Debug, Clone, Default, PartialEq)]
struct PointsRow(Vec<Point>);

impl PointsRow {
    /// 6 KiB a row: one append rewrites little, one read of a history is few rows.
    const FULL: u64 = 256;
    const POINT_BYTES: usize = 24;
}

impl Row for PointsRow {
    const TAG: u8 = 1;

    fn encode(&self) -> Result<Vec<u8>, RowError> {
        let mut bytes = Vec::with_capacity(self.0.len() * Self::POINT_BYTES);
        for point in &self.0 {
            bytes.extend_from_slice(&point.value.to_bits().to_le_bytes());
            bytes.extend_from_slice(&point.time.as_millis().to_le_bytes());
            bytes.extend_from_slice(&point.step.to_le_bytes());
        }
        Ok(bytes)
    }

    fn decode(tag: u8, bytes: &[u8]) -> Result<Self, RowError> {
        if tag != Self::TAG {
            return Err(RowError::UnknownTag);
        }
        let (points, []) = bytes.as_chunks::<{ Self::POINT_BYTES }>() else {
            return Err(RowError::Length(bytes.len()));
        };
        let word = |point: &[u8; Self::POINT_BYTES], index: usize| {
            let mut word = [0; 8];
            word.copy_from_slice(&point[index * 8..index * 8 + 8]);
            word
        };
        let read = |point| Point {
            value: f64::from_bits(u64::from_le_bytes(word(point, 0))),
            time: Time::from_millis(i64::from_le_bytes(word(point, 1))),
            step: i64::from_le_bytes(word(point, 2)),
        };
        Ok(Self(points.iter().map(read).collect()))
    }
}

const LATEST: Table<(RunId, NameHash), MetricRow> = Table::new("run-metrics");
const POINTS: Table<(RunId, NameHash, u64), PointsRow> = Table::new("run-metric-points");

/// Appends points to a metric's history; says whether the run had no such metric before.
///
/// # Errors
/// The store's.
pub fn append(
    tx: &mut WriteTx,
    run: RunId,
    hash: NameHash,
    key: &str,
    points: &[Point],
) -> Result<bool, StoreError> {
    let Some(first) = points.first() else {
        return Ok(false);
    };
    let before = LATEST.get(tx, &(run, hash))?;
    let mut count = before.as_ref().map_or(0, |row| row.points);
    let mut latest = before.as_ref().map_or(*first, MetricRow::latest);
    let mut rest = points;
    while !rest.is_empty() {
        let block = count / PointsRow::FULL;
        let room = (PointsRow::FULL - count % PointsRow::FULL) as usize;
        let (now, later) = rest.split_at(room.min(rest.len()));
        let mut row = POINTS.get(tx, &(run, hash, block))?.unwrap_or_default();
        row.0.extend_from_slice(now);
        POINTS.put(tx, &(run, hash, block), &row)?;
        count += now.len() as u64;
        rest = later;
    }
    for point in points {
        let is_later = (point.step, point.time)
            .cmp(&(latest.step, latest.time))
            .then(point.value.total_cmp(&latest.value))
            .is_ge();
        if is_later {
            latest = *point;
        }
    }
    let row = MetricRow {
        key: key.to_owned(),
        value_bits: latest.value.to_bits(),
        time: latest.time,
        step: latest.step,
        points: count,
    };
    LATEST.put(tx, &(run, hash), &row)?;
    Ok(before.is_none())
}

/// How many metrics a run has, counted up to one more than it may have.
///
/// # Errors
/// The store's.
pub fn count(tx: &impl Tx, run: RunId) -> Result<usize, StoreError> {
    LATEST.count(tx, Span::starts_with(&run), MAX_PAIRS + 1)
}

/// The latest point of a metric of a run.
///
/// # Errors
/// The store's.
pub fn find(tx: &impl Tx, run: RunId, hash: NameHash) -> Result<Option<MetricRow>, StoreError> {
    LATEST.get(tx, &(run, hash))
}

/// The latest point of every metric of a run, `limit` at most.
///
/// # Errors
/// The store's.
pub fn latest(tx: &impl Tx, run: RunId, limit: usize) -> Result<Vec<MetricRow>, StoreError> {
    Ok(rows(LATEST.range(
        tx,
        Span::starts_with(&run),
        limit,
        Direction::Up,
    )?))
}

/// The history of a metric in the order in which it was logged, from its `skip`-th point on, about
/// `limit` points at most.
///
/// # Errors
/// The store's.
pub fn history(
    tx: &impl Tx,
    run: RunId,
    hash: NameHash,
    skip: u64,
    limit: usize,
) -> Result<Vec<Point>, StoreError> {
    let mut points = Vec::new();
    let mut block = skip / PointsRow::FULL;
    let mut within = (skip % PointsRow::FULL) as usize;
    while points.len() < limit {
        let Some(row) = POINTS.get(tx, &(run, hash, block))? else {
            break;
        };
        points.extend(row.0.into_iter().skip(within).take(limit - points.len()));
        within = 0;
        block += 1;
    }
    Ok(points)
}
