//! What a threshold gives, for every threshold that matters: the points of ROC, precision-recall and gain curves.

use serde::{Deserialize, Serialize};

use super::classify::Confusion;
use super::curve::steps;
use super::{MetricError, check_binary};

/// A curve is drawn and kept with about as many points.
pub const POINTS: usize = 200;

/// One point of a ROC curve, and of the gain curve of the same threshold.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct RocPoint {
    /// From which probability on a row is taken for positive; none for the point at which no row is.
    pub threshold: Option<f32>,
    /// Share of negative rows that are taken for positive.
    pub fpr: f64,
    /// Share of positive rows that are: the recall, and the gain.
    pub tpr: f64,
    /// Share of all rows that are.
    pub share: f64,
}

/// One point of a precision-recall curve.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct PrecisionRecallPoint {
    /// From which probability on a row is taken for positive; none for the point at which no row is.
    pub threshold: Option<f32>,
    /// Share of positive rows that are found.
    pub recall: f64,
    /// Share of the rows taken for positive that are; 1 where none is.
    pub precision: f64,
}

/// Rows at or above a score.
#[derive(Debug, Clone, Copy)]
struct Above {
    threshold: Option<f32>,
    tp: u64,
    fp: u64,
}

/// No rows, then those at or above each score, the highest first.
fn above(labels: &[f32], probabilities: &[f32]) -> Result<Vec<Above>, MetricError> {
    check_binary(labels, probabilities)?;
    let mut last = Above {
        threshold: None,
        tp: 0,
        fp: 0,
    };
    let mut out = vec![last];
    for step in steps(labels, probabilities) {
        last = Above {
            threshold: Some(step.score),
            tp: last.tp + step.positives,
            fp: last.fp + step.negatives,
        };
        out.push(last);
    }
    if last.tp == 0 || last.fp == 0 {
        return Err(MetricError::MissingClass(usize::from(last.tp == 0)));
    }
    Ok(out)
}

/// The decisions at one threshold.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Decisions {
    /// From which probability on a row is taken for positive; none where no row is.
    pub threshold: Option<f32>,
    /// What that decides.
    pub confusion: Confusion,
}

/// The decisions at every threshold that makes a difference: no row is taken for positive, then those at or above
/// each probability that there is, the highest first.
///
/// `labels`: `[rows]`, 0 or 1; `probabilities`: `[rows]`, of the positive class.
///
/// # Errors
/// `MissingClass` when all rows are of one class; otherwise what is wrong with the input.
pub fn decisions(labels: &[f32], probabilities: &[f32]) -> Result<Vec<Decisions>, MetricError> {
    let all = above(labels, probabilities)?;
    let (positives, negatives) = all.last().map_or((0, 0), |all| (all.tp, all.fp));
    let decided = |at: &Above| Decisions {
        threshold: at.threshold,
        confusion: Confusion {
            true_positives: at.tp,
            false_positives: at.fp,
            false_negatives: positives - at.tp,
            true_negatives: negatives - at.fp,
        },
    };
    Ok(all.iter().map(decided).collect())
}

/// The ROC curve, from the threshold that takes no row for positive to the one that takes all.
///
/// `labels`: `[rows]`, 0 or 1; `probabilities`: `[rows]`, of the positive class. Points on a line between their
/// neighbours are left out; of more than `most`, those of the convex hull stay, and others evenly along the curve.
///
/// # Errors
/// `MissingClass` when all rows are of one class; otherwise what is wrong with the input.
///
/// Source: scikit-learn's `roc_curve(drop_intermediate=True)`; Provost and Fawcett 2001 for the hull.
pub fn roc_curve(labels: &[f32], probabilities: &[f32], most: usize) -> Result<Vec<RocPoint>, MetricError> {
    let all = above(labels, probabilities)?;
    let bends = |a: &Above, b: &Above, c: &Above| (b.tp - a.tp, b.fp - a.fp) != (c.tp - b.tp, c.fp - b.fp);
    let kept = with_first(&all, bends);
    let (positives, negatives) = totals(&all);
    let point = |at: &Above| RocPoint {
        threshold: at.threshold,
        fpr: at.fp as f64 / negatives,
        tpr: at.tp as f64 / positives,
        share: (at.tp + at.fp) as f64 / (positives + negatives),
    };
    let along = |at: &Above| at.tp as f64 / positives + at.fp as f64 / negatives;
    Ok(thin(&kept, most, along).iter().map(point).collect())
}

/// The precision-recall curve, from the threshold that takes no row for positive to the one that takes all.
///
/// `labels`: `[rows]`, 0 or 1; `probabilities`: `[rows]`, of the positive class. Points between two others of the
/// same recall are left out; of more than `most`, those of the ROC curve's convex hull stay, which are the best that
/// can be had (Davis and Goadrich 2006), and others evenly over the recall.
///
/// # Errors
/// `MissingClass` when all rows are of one class; otherwise what is wrong with the input.
///
/// Source: scikit-learn's `precision_recall_curve(drop_intermediate=True)`, in the opposite order.
pub fn precision_recall_curve(
    labels: &[f32],
    probabilities: &[f32],
    most: usize,
) -> Result<Vec<PrecisionRecallPoint>, MetricError> {
    let all = above(labels, probabilities)?;
    let (positives, _) = totals(&all);
    let kept = with_first(&all, |a, b, c| b.tp != a.tp || c.tp != b.tp);
    let point = |at: &Above| PrecisionRecallPoint {
        threshold: at.threshold,
        recall: at.tp as f64 / positives,
        precision: if at.threshold.is_none() {
            1.0
        } else {
            at.tp as f64 / (at.tp + at.fp) as f64
        },
    };
    let along = |at: &Above| at.tp as f64 / positives;
    Ok(thin(&kept, most, along).iter().map(point).collect())
}

fn totals(all: &[Above]) -> (f64, f64) {
    all.last()
        .map_or((0.0, 0.0), |all| (all.tp as f64, all.fp as f64))
}

/// The point at which no row is taken for positive, and the corners of the rest: the first of it stays, which says
/// how right the surest answers are.
fn with_first(all: &[Above], turns: impl Fn(&Above, &Above, &Above) -> bool) -> Vec<Above> {
    let (none, rest) = all.split_at(1.min(all.len()));
    let mut kept = none.to_vec();
    kept.extend(corners(rest, turns));
    kept
}

/// The ends, and what `turns(before, it, after)`.
fn corners(all: &[Above], turns: impl Fn(&Above, &Above, &Above) -> bool) -> Vec<Above> {
    let inner = all.windows(3).filter(|near| turns(&near[0], &near[1], &near[2]));
    let mut kept: Vec<Above> = all.first().copied().into_iter().collect();
    kept.extend(inner.map(|near| near[1]));
    if all.len() > 1 {
        kept.extend(all.last());
    }
    kept
}

/// At most `most` points, or as many as the hull has: its points, the ends, and others at even steps of `along`,
/// which grows from point to point.
fn thin(all: &[Above], most: usize, along: impl Fn(&Above) -> f64) -> Vec<Above> {
    if all.len() <= most {
        return all.to_vec();
    }
    let mut keep = hull(all);
    let kept = keep.iter().filter(|keep| **keep).count();
    let whole = all.last().map_or(0.0, &along);
    let (steps, mut next) = (most.saturating_sub(kept), 1);
    for (at, point) in all.iter().enumerate() {
        if next <= steps && along(point) >= whole * next as f64 / (steps + 1) as f64 {
            keep[at] = true;
            while next <= steps && along(point) >= whole * next as f64 / (steps + 1) as f64 {
                next += 1;
            }
        }
    }
    all.iter()
        .zip(keep)
        .filter(|(_, keep)| *keep)
        .map(|(at, _)| *at)
        .collect()
}

/// Which points are on the upper convex hull of the ROC curve, its ends among them.
///
/// Source: Andrew 1979, monotone chain.
fn hull(all: &[Above]) -> Vec<bool> {
    let mut chain: Vec<usize> = Vec::new();
    for (at, point) in all.iter().enumerate() {
        while let [.., a, b] = chain[..] {
            let (a, b) = (&all[a], &all[b]);
            let [x1, y1, x2, y2] =
                [b.fp - a.fp, b.tp - a.tp, point.fp - b.fp, point.tp - b.tp].map(i128::from);
            if x1 * y2 - y1 * x2 < 0 {
                break;
            }
            chain.pop();
        }
        chain.push(at);
    }
    let mut on = vec![false; all.len()];
    for at in chain {
        on[at] = true;
    }
    on
}
