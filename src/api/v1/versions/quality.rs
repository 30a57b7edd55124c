//! The quality of a version, as the API tells it.

use serde::Serialize;
use utoipa::ToSchema;

use super::forecast::ForecastQualityView;
use crate::platform::bundles::Measured;
use crate::platform::bundles::measured::{
    ChosenThreshold, FoldsMetric, Importance, Interval, MeasuredClass, MeasuredMetric, PermutedInput,
    Segment, SegmentMetric,
};

/// How good a version was on the hold-out when it was made.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct QualityView {
    /// Rows that were held out.
    rows: u64,
    /// Of the intervals, as a share; null where there are none.
    #[schema(example = 0.95)]
    confidence: Option<f64>,
    /// Tables that were drawn for the intervals.
    resamples: u64,
    /// Every metric.
    metrics: Vec<MetricView>,
    /// Every metric over the folds of the cross-validation; empty without one.
    folds: Vec<FoldsView>,
    /// Of two classes, where the line between them is drawn.
    threshold: Option<ThresholdView>,
    /// Of several classes, each one by itself.
    classes: Vec<ClassView>,
    /// Groups of rows, each by itself.
    segments: Vec<SegmentView>,
    /// The position of the worst of them among `segments`.
    worst_segment: Option<usize>,
    /// Of a forecast, how it does step by step, and beside others; null of other versions.
    forecast: Option<ForecastQualityView>,
    /// What the quality hangs on; null where that was not found out.
    importance: Option<ImportanceView>,
}

/// How much worse the version gets when an input is dealt anew among held-out rows (permutation importance).
#[derive(Debug, Serialize, ToSchema)]
struct ImportanceView {
    /// In which metric.
    #[schema(example = "roc_auc")]
    metric: String,
    /// On how many rows.
    rows: u64,
    /// How often each input was dealt anew.
    repeats: u64,
    /// The inputs, the one that most hangs on first.
    inputs: Vec<ImportantInputView>,
}

/// What hangs on one input.
#[derive(Debug, Serialize, ToSchema)]
struct ImportantInputView {
    #[schema(example = "tenure")]
    input: String,
    /// By how much the metric gets worse, on average; below 0 where it gets better.
    worse: f64,
    /// The sample standard deviation of that over the repeats.
    sd: f64,
}

/// One metric on the hold-out.
#[derive(Debug, Serialize, ToSchema)]
struct MetricView {
    #[schema(example = "roc_auc")]
    name: String,
    value: f64,
    /// Its bootstrap interval; null where there is none.
    interval: Option<IntervalView>,
    /// The baseline's value.
    baseline: Option<f64>,
}

/// From where to where.
#[derive(Debug, Serialize, ToSchema)]
struct IntervalView {
    low: f64,
    high: f64,
}

/// One metric over the folds.
#[derive(Debug, Serialize, ToSchema)]
struct FoldsView {
    #[schema(example = "roc_auc")]
    name: String,
    mean: f64,
    /// The sample standard deviation.
    sd: f64,
    /// Fold by fold.
    values: Vec<f64>,
}

/// From which probability on a row is called positive, and why.
#[derive(Debug, Serialize, ToSchema)]
struct ThresholdView {
    threshold: f64,
    /// The rule that found it; null where the recipe gives the number.
    #[schema(example = "f_beta (beta 2)")]
    rule: Option<String>,
    /// The rows that it was found on.
    #[schema(example = "the folds")]
    chosen_on: Option<String>,
    true_negatives: u64,
    false_positives: u64,
    false_negatives: u64,
    true_positives: u64,
}

/// One class of several.
#[derive(Debug, Serialize, ToSchema)]
struct ClassView {
    class: String,
    precision: f64,
    recall: f64,
    f1_score: f64,
    /// Rows that are of it.
    support: u64,
}

/// A group of rows: those with a level of a column, or with a number in a range.
#[derive(Debug, Serialize, ToSchema)]
struct SegmentView {
    column: String,
    level: String,
    rows: u64,
    /// Why it is not measured; null where it is.
    note: Option<String>,
    /// Its main metrics, the one to look at first in front.
    metrics: Vec<SegmentMetricView>,
}

/// One metric of a segment.
#[derive(Debug, Serialize, ToSchema)]
struct SegmentMetricView {
    name: String,
    value: f64,
    interval: Option<IntervalView>,
}

pub(super) fn views<T, V: From<T>>(things: Vec<T>) -> Vec<V> {
    things.into_iter().map(V::from).collect()
}

impl From<Measured> for QualityView {
    fn from(measured: Measured) -> Self {
        Self {
            rows: measured.rows,
            confidence: measured.confidence,
            resamples: measured.resamples,
            metrics: views(measured.metrics),
            folds: views(measured.folds),
            threshold: measured.threshold.map(ThresholdView::from),
            classes: views(measured.classes),
            segments: views(measured.segments),
            worst_segment: measured.worst_segment,
            forecast: measured.forecast.map(ForecastQualityView::from),
            importance: measured.importance.map(ImportanceView::from),
        }
    }
}

impl From<MeasuredMetric> for MetricView {
    fn from(metric: MeasuredMetric) -> Self {
        Self {
            name: metric.name,
            value: metric.value,
            interval: metric.interval.map(IntervalView::from),
            baseline: metric.baseline,
        }
    }
}

impl From<Interval> for IntervalView {
    fn from(Interval { low, high }: Interval) -> Self {
        Self { low, high }
    }
}

impl From<FoldsMetric> for FoldsView {
    fn from(
        FoldsMetric {
            name,
            mean,
            sd,
            values,
        }: FoldsMetric,
    ) -> Self {
        Self {
            name,
            mean,
            sd,
            values,
        }
    }
}

impl From<ChosenThreshold> for ThresholdView {
    fn from(chosen: ChosenThreshold) -> Self {
        Self {
            threshold: chosen.threshold,
            rule: chosen.rule,
            chosen_on: chosen.chosen_on,
            true_negatives: chosen.confusion.true_negatives,
            false_positives: chosen.confusion.false_positives,
            false_negatives: chosen.confusion.false_negatives,
            true_positives: chosen.confusion.true_positives,
        }
    }
}

impl From<MeasuredClass> for ClassView {
    fn from(MeasuredClass { class, scores }: MeasuredClass) -> Self {
        Self {
            class,
            precision: scores.precision,
            recall: scores.recall,
            f1_score: scores.f1_score,
            support: scores.support,
        }
    }
}

impl From<Segment> for SegmentView {
    fn from(segment: Segment) -> Self {
        Self {
            column: segment.column,
            level: segment.level,
            rows: segment.rows,
            note: segment.note,
            metrics: views(segment.metrics),
        }
    }
}

impl From<Importance> for ImportanceView {
    fn from(importance: Importance) -> Self {
        Self {
            metric: importance.metric,
            rows: importance.rows,
            repeats: importance.repeats,
            inputs: views(importance.inputs),
        }
    }
}

impl From<PermutedInput> for ImportantInputView {
    fn from(PermutedInput { input, worse, sd }: PermutedInput) -> Self {
        Self { input, worse, sd }
    }
}

impl From<SegmentMetric> for SegmentMetricView {
    fn from(metric: SegmentMetric) -> Self {
        Self {
            name: metric.name,
            value: metric.value,
            interval: metric.interval.map(IntervalView::from),
        }
    }
}
