//! How good a version was when it was made: the parts `curves.json` and `quality.json`. Versions that were made before
//! there were such parts have none.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{BundleError, from_json};

pub use crate::data::series::Mended;
pub use crate::engine::explain::permuted::PermutedInput;
pub use crate::engine::metric::calibration::CalibrationBin;
pub use crate::engine::metric::classify::Confusion;
pub use crate::engine::metric::multiclass::ClassScores;
pub use crate::engine::metric::points::{PrecisionRecallPoint, RocPoint};
pub use crate::engine::metric::residual::PredictionBin;
pub use crate::engine::metric::{ClassCurves, Curves};
pub use crate::engine::validate::{Interval, Segment, SegmentMetric};

/// The quality of a version on the rows that were held out, and how it was found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Measured {
    /// Rows that were held out.
    pub rows: u64,
    /// Of the intervals; none where there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence: Option<f64>,
    /// Tables that were drawn for the intervals.
    #[serde(default)]
    pub resamples: u64,
    /// Every metric.
    pub metrics: Vec<MeasuredMetric>,
    /// Every metric over the folds of the cross-validation.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub folds: Vec<FoldsMetric>,
    /// Of two classes, where the line between them is drawn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threshold: Option<ChosenThreshold>,
    /// Of several classes, each one by itself.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub classes: Vec<MeasuredClass>,
    /// Groups of rows, each by itself.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub segments: Vec<Segment>,
    /// The position of the worst of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub worst_segment: Option<usize>,
    /// Of a forecast, how it does step by step, and beside forecasts that need no learning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forecast: Option<ForecastQuality>,
    /// Of recommendations, of how many to whom.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ranking: Option<RankingQuality>,
    /// What the quality hangs on; none of a version that was made before that was kept, or of too few rows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub importance: Option<Importance>,
}

/// How much worse the version gets when an input is dealt anew among the rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Importance {
    /// In which metric.
    pub metric: String,
    /// On how many rows that were held out.
    pub rows: u64,
    /// How often each input was dealt anew.
    pub repeats: u64,
    /// The inputs, the one that most hangs on first.
    pub inputs: Vec<PermutedInput>,
}

/// Of which recommendations the quality is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RankingQuality {
    /// How many items were looked at of each user.
    pub k: u64,
    /// Users that were measured.
    pub users: u64,
    /// Users that are known.
    pub all_users: u64,
    /// Items that are known.
    pub all_items: u64,
    /// Ratings that were learnt from.
    pub ratings: u64,
}

/// How a forecast does from a rolling origin.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ForecastQuality {
    /// Origins that it forecast from.
    pub origins: u64,
    /// Periods that it learnt from.
    pub learnt: u64,
    /// What was done to rows so that they are a series.
    pub mended: Mended,
    /// Other forecasts of the same periods.
    pub beside: Vec<OtherForecast>,
    /// Step by step.
    pub steps: Vec<StepQuality>,
    /// The latest forecast that can be held against what came.
    pub example: ForecastExample,
}

/// How another forecast does on the same periods.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OtherForecast {
    /// persistence, seasonal_naive or boosted_lags.
    pub name: String,
    /// Its metrics.
    pub metrics: BTreeMap<String, f64>,
}

/// One step of the horizon.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StepQuality {
    /// From 1.
    pub step: u64,
    /// Root mean squared error.
    pub rmse: f64,
    /// Mean absolute error.
    pub mae: f64,
    /// The share of values inside their interval.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub coverage: Option<f64>,
    /// The root mean squared errors of the others, in their order.
    pub beside: Vec<f64>,
}

/// A forecast, and what came.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ForecastExample {
    /// When each period begins, as people read it: those before the origin, and those that are forecast.
    pub times: Vec<String>,
    /// What came: one value a period.
    pub values: Vec<f64>,
    /// What was forecast, of the last periods.
    pub forecast: Vec<f64>,
    /// The lower and upper ends of the intervals, where there are some.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub intervals: Vec<(f64, f64)>,
}

/// One metric on the hold-out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MeasuredMetric {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: f64,
    /// Its bootstrap interval.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interval: Option<Interval>,
    /// The baseline's value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baseline: Option<f64>,
}

/// One metric over the folds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FoldsMetric {
    /// Its name.
    pub name: String,
    /// Its mean.
    pub mean: f64,
    /// Its sample standard deviation.
    pub sd: f64,
    /// Fold by fold.
    pub values: Vec<f64>,
}

/// From which probability on a row is called positive, and why.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChosenThreshold {
    /// The probability.
    pub threshold: f64,
    /// The rule that found it, as a sentence names it; none where the recipe gives the number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// The rows that it was found on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chosen_on: Option<String>,
    /// What it decided on the hold-out.
    pub confusion: Confusion,
}

/// One class of several.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MeasuredClass {
    /// The class.
    pub class: String,
    /// How it is told from the others.
    #[serde(flatten)]
    pub scores: ClassScores,
}

/// The curves in the part of a bundle.
///
/// # Errors
/// They are not what this version writes.
pub fn curves_from_part(bytes: &[u8]) -> Result<Curves, BundleError> {
    from_json("curves", bytes)
}

impl Measured {
    /// The quality in the part of a bundle.
    ///
    /// # Errors
    /// It is not what this version writes.
    pub fn from_part(bytes: &[u8]) -> Result<Self, BundleError> {
        from_json("quality", bytes)
    }

    /// The metrics' values, and the baseline's, by name. JSON knows no number that is not finite: those are left
    /// out.
    pub fn pairs(&self) -> (BTreeMap<String, f64>, BTreeMap<String, f64>) {
        let value = |name: &String, value: f64| value.is_finite().then(|| (name.clone(), value));
        let metrics = self.metrics.iter();
        let baseline = metrics
            .clone()
            .filter_map(|metric| value(&metric.name, metric.baseline?));
        (
            metrics
                .filter_map(|metric| value(&metric.name, metric.value))
                .collect(),
            baseline.collect(),
        )
    }

    /// The metric of this name.
    pub fn metric(&self, name: &str) -> Option<&MeasuredMetric> {
        self.metrics.iter().find(|metric| metric.name == name)
    }

    /// The worst segment; none where none was measured.
    pub fn worst(&self) -> Option<&Segment> {
        self.segments.get(self.worst_segment?)
    }
}
