//! How good a model is for some of the rows: a mean over all of them hides those it fails.

use serde::{Deserialize, Serialize};

use super::bootstrap::{Bootstrap, BootstrapError, Interval, bootstrap};
use crate::base::Stop;
use crate::engine::metric::Sample;
use crate::engine::task::Task;

/// Fewer rows give no number: an interval of so few says little, and its mean less.
pub const LEAST_ROWS: usize = 30;

/// Rows that have something in common.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// The column that they have it in.
    pub column: String,
    /// What they have there: a level, or a range of numbers.
    pub level: String,
    /// Their positions among the rows that are measured, from 0.
    pub rows: Vec<usize>,
}

/// One metric of a segment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SegmentMetric {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: f64,
    /// Its interval, where there was a bootstrap.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interval: Option<Interval>,
}

/// A group of rows, measured.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Segment {
    /// The column.
    pub column: String,
    /// The level, or the range.
    pub level: String,
    /// How many rows.
    pub rows: u64,
    /// Why it is not measured, if it is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Its main metrics, the one to look at first in front.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub metrics: Vec<SegmentMetric>,
}

/// The metrics that are shown of a segment, the one to look at first in front.
pub fn main_metrics(task: &Task) -> &'static [&'static str] {
    match task {
        Task::Binary { .. } => &["roc_auc", "pr_auc", "precision", "recall", "f1_score", "log_loss"],
        Task::Multiclass { .. } => &["accuracy", "balanced_accuracy", "f1_score", "log_loss"],
        Task::Regression => &["rmse", "mae", "r2"],
        Task::Quantile { .. } => &["pinball", "mae", "rmse"],
    }
}

/// Measures each group of rows by itself.
///
/// `labels`: `[rows]`; `predictions`: `[rows x width]`, as a model gives them; `threshold` as in
/// [`crate::engine::metric::report`]; without `plan` there are no intervals. A group of fewer than [`LEAST_ROWS`]
/// rows, or of one class, has a note in place of numbers.
///
/// # Errors
/// `Stopped`, or what is wrong with the input.
///
/// # Panics
/// When a group names a row that is not there.
pub fn by_segment(
    task: &Task,
    labels: &[f32],
    predictions: &[f32],
    threshold: f32,
    groups: &[Group],
    plan: Option<&Bootstrap>,
    stop: &Stop,
) -> Result<Vec<Segment>, BootstrapError> {
    let width = task.width();
    let mut segments = Vec::with_capacity(groups.len());
    for (index, group) in groups.iter().enumerate() {
        let labels: Vec<f32> = group.rows.iter().map(|&row| labels[row]).collect();
        let predicted: Vec<f32> = group
            .rows
            .iter()
            .flat_map(|&row| &predictions[row * width..(row + 1) * width])
            .copied()
            .collect();
        let seeded = plan.map(|plan| Bootstrap {
            seed: plan.seed.derive("segment", index as u64),
            ..*plan
        });
        let (note, metrics) = match note(task, &labels) {
            Some(note) => (Some(note), Vec::new()),
            None => (
                None,
                measure(task, &labels, &predicted, threshold, seeded.as_ref(), stop)?,
            ),
        };
        segments.push(Segment {
            column: group.column.clone(),
            level: group.level.clone(),
            rows: group.rows.len() as u64,
            note,
            metrics,
        });
    }
    Ok(segments)
}

fn note(task: &Task, labels: &[f32]) -> Option<String> {
    if labels.len() < LEAST_ROWS {
        return Some(format!("fewer than {LEAST_ROWS} rows: too few to say"));
    }
    let first = labels[0];
    let class = task.classes().get(first as usize)?;
    labels
        .iter()
        .all(|label| *label == first)
        .then(|| format!("all rows are {class}: nothing to tell apart"))
}

fn measure(
    task: &Task,
    labels: &[f32],
    predictions: &[f32],
    threshold: f32,
    plan: Option<&Bootstrap>,
    stop: &Stop,
) -> Result<Vec<SegmentMetric>, BootstrapError> {
    let sample = Sample::new(task, labels, predictions, threshold)?;
    let whole = sample.report(&vec![1; labels.len()])?;
    let intervals = match plan {
        Some(plan) => bootstrap(&sample, &|report| report.as_pairs(), plan, stop)?,
        None => Vec::new(),
    };
    let metric = |name: &&'static str| {
        let interval = intervals.iter().find(|(other, _)| other == name);
        Some(SegmentMetric {
            name: (*name).to_owned(),
            value: whole.get(name)?,
            interval: interval.map(|(_, interval)| *interval),
        })
    };
    Ok(main_metrics(task).iter().filter_map(metric).collect())
}

/// The segment that is worst in the metric to look at first; none where none was measured.
pub fn worst<'a>(task: &Task, segments: &'a [Segment]) -> Option<&'a Segment> {
    let first = |segment: &Segment| segment.metrics.first().map(|metric| metric.value);
    let how_bad = |segment: &Segment| {
        let value = first(segment).unwrap_or(f64::NAN);
        if task.is_number() { value } else { -value }
    };
    segments
        .iter()
        .filter(|segment| first(segment).is_some())
        .max_by(|a, b| how_bad(a).total_cmp(&how_bad(b)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Seed;

    fn binary() -> Task {
        Task::Binary {
            classes: ["no".into(), "yes".into()],
        }
    }

    fn group(level: &str, rows: std::ops::Range<usize>) -> Group {
        Group {
            column: "region".to_owned(),
            level: level.to_owned(),
            rows: rows.collect(),
        }
    }

    #[test]
    fn each_segment_is_measured_by_itself_and_the_worst_is_named() {
        // Right in the first 40 rows, the wrong way round in the next 40, all of one class after that.
        let labels: Vec<f32> = (0..120)
            .map(|row| f32::from(u8::from(row < 80 && row % 2 == 1)))
            .collect();
        let score = |row: usize| {
            if (labels[row] == 1.0) == (row < 40) {
                0.9
            } else {
                0.1
            }
        };
        let predictions: Vec<f32> = (0..120).map(score).collect();
        let groups = [
            group("north", 0..40),
            group("south", 40..80),
            group("east", 80..120),
            group("west", 0..29),
        ];
        let plan = Bootstrap {
            resamples: 20,
            confidence: 0.9,
            threads: 2,
            seed: Seed::new(1),
        };
        let stop = Stop::new();
        let found = by_segment(&binary(), &labels, &predictions, 0.5, &groups, Some(&plan), &stop).unwrap();
        assert_eq!((found[0].rows, found[0].metrics[0].value), (40, 1.0));
        assert_eq!(
            (found[1].metrics[0].name.as_str(), found[1].metrics[0].value),
            ("roc_auc", 0.0)
        );
        assert_eq!(
            found[0].metrics[0].interval,
            Some(Interval { low: 1.0, high: 1.0 })
        );
        for (segment, word) in [(&found[2], "all rows are no"), (&found[3], "fewer than 30")] {
            assert!(segment.metrics.is_empty());
            assert!(segment.note.as_ref().unwrap().contains(word), "{segment:?}");
        }
        assert_eq!(
            worst(&binary(), &found).map(|segment| segment.level.as_str()),
            Some("south")
        );
        assert_eq!(worst(&binary(), &found[2..]), None);
        let bare = by_segment(&binary(), &labels, &predictions, 0.5, &groups, None, &stop).unwrap();
        assert_eq!(bare[0].metrics[0].interval, None);
        stop.ask();
        let stopped = by_segment(&binary(), &labels, &predictions, 0.5, &groups, Some(&plan), &stop);
        assert_eq!(stopped, Err(BootstrapError::Stopped));
    }

    #[test]
    fn of_numbers_the_worst_segment_is_the_one_that_is_furthest_off() {
        let labels: Vec<f32> = (0..60).map(|row| row as f32).collect();
        let off = |row: usize| labels[row] + if row < 30 { 5.0 } else { 1.0 };
        let predictions: Vec<f32> = (0..60).map(off).collect();
        let groups = [group("low", 0..30), group("high", 30..60)];
        let found = by_segment(
            &Task::Regression,
            &labels,
            &predictions,
            0.5,
            &groups,
            None,
            &Stop::new(),
        )
        .unwrap();
        assert_eq!(worst(&Task::Regression, &found).unwrap().level, "low");
        assert_eq!(found[0].metrics[0].value, 5.0);
    }
}
