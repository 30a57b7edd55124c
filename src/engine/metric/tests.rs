//! Every metric beside scikit-learn's, and what has no value.

mod curves;

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::classify::Confusion;
use super::*;
use crate::engine::task::Task;

#[derive(Deserialize)]
struct Fixture {
    binary: Vec<Case>,
    multiclass: Vec<Case>,
    regression: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    #[serde(default)]
    classes: usize,
    labels: Vec<f32>,
    #[serde(alias = "probabilities")]
    predictions: Vec<f32>,
    #[serde(default)]
    threshold: f32,
    expected: Map<String, Value>,
    #[serde(default)]
    confusion: Value,
    #[serde(default)]
    f_beta: BTreeMap<String, f64>,
    #[serde(default)]
    curves: Option<ExpectedCurves>,
    #[serde(default)]
    per_class: Vec<[f64; 4]>,
    #[serde(default)]
    mape: f64,
    #[serde(default)]
    pinball: BTreeMap<String, f64>,
}

#[derive(Deserialize)]
struct ExpectedCurves {
    roc: ExpectedRoc,
    precision_recall: ExpectedPrecisionRecall,
    calibration: BTreeMap<String, ExpectedCalibration>,
}

#[derive(Deserialize)]
struct ExpectedRoc {
    fpr: Vec<f64>,
    tpr: Vec<f64>,
    thresholds: Vec<f64>,
}

#[derive(Deserialize)]
struct ExpectedPrecisionRecall {
    precision: Vec<f64>,
    recall: Vec<f64>,
    thresholds: Vec<f64>,
}

#[derive(Deserialize)]
struct ExpectedCalibration {
    observed: Vec<f64>,
    predicted: Vec<f64>,
}

#[track_caller]
fn alike(name: &str, ours: impl IntoIterator<Item = f64>, theirs: &[f64]) {
    let ours: Vec<f64> = ours.into_iter().collect();
    assert_eq!(ours.len(), theirs.len(), "{name}: {ours:?} {theirs:?}");
    for (a, b) in ours.iter().zip(theirs) {
        // Probabilities are f32 here; their thresholds are compared with.
        assert!(
            (a - b).abs() <= 1e-12 * b.abs().max(1.0),
            "{name}: {ours:?} {theirs:?}"
        );
    }
}

fn fixture() -> Fixture {
    serde_json::from_str(include_str!("../../../tests/fixtures/metrics.json")).unwrap()
}

fn task(classes: usize) -> Task {
    Task::Multiclass {
        classes: (0..classes).map(|class| class.to_string()).collect(),
    }
}

fn binary() -> Task {
    Task::Binary {
        classes: ["no".into(), "yes".into()],
    }
}

impl Case {
    fn agrees(&self, task: &Task) {
        let report = report(task, &self.labels, &self.predictions, self.threshold).unwrap();
        assert_eq!(report.as_pairs().len(), self.expected.len(), "{}", self.name);
        for (metric, expected) in &self.expected {
            let (ours, theirs) = (report.get(metric).unwrap(), expected.as_f64().unwrap());
            // scikit-learn sums the log-loss of f32 probabilities in f32, about 1e-7 a sum; all else is f64.
            let tolerance = if metric == "log_loss" { 2e-6 } else { 1e-12 };
            assert!(
                (ours - theirs).abs() <= tolerance * theirs.abs().max(1.0),
                "{}: {metric} is {ours}, scikit-learn has {theirs}",
                self.name
            );
        }
        let document = serde_json::to_value(&report).unwrap();
        assert_eq!(document["task"], task.name());
        if !self.confusion.is_null() {
            assert_eq!(document["confusion"], self.confusion, "{}", self.name);
        }
        for (metric, value) in report.as_pairs() {
            assert_eq!(
                document[metric].as_f64(),
                Some(value),
                "{metric} has another name in serde"
            );
        }
        assert_eq!(serde_json::from_value::<Report>(document).unwrap(), report);
    }
}

#[test]
fn binary_metrics_are_those_of_scikit_learn() {
    for case in fixture().binary {
        case.agrees(&binary());
    }
}

#[test]
fn multiclass_metrics_are_those_of_scikit_learn() {
    for case in fixture().multiclass {
        case.agrees(&task(case.classes));
    }
}

#[test]
fn regression_metrics_are_those_of_scikit_learn() {
    for case in fixture().regression {
        case.agrees(&Task::Regression);
    }
}

#[test]
fn what_no_report_shows_is_that_of_scikit_learn_too() {
    let fixture = fixture();
    for case in &fixture.binary {
        let confusion = Confusion::count(&case.labels, &case.predictions, case.threshold).unwrap();
        for (beta, theirs) in &case.f_beta {
            alike(&case.name, [confusion.f_beta(beta.parse().unwrap())], &[*theirs]);
        }
    }
    for case in &fixture.multiclass {
        let matrix =
            multiclass::ConfusionMatrix::count(&case.labels, &case.predictions, case.classes).unwrap();
        for (class, theirs) in matrix.per_class().iter().zip(&case.per_class) {
            let ours = [
                class.precision,
                class.recall,
                class.f1_score,
                class.support as f64,
            ];
            alike(&case.name, ours, theirs);
        }
        assert_eq!(matrix.per_class().len(), case.per_class.len());
    }
    for case in &fixture.regression {
        let (labels, predictions) = (&case.labels, &case.predictions);
        alike(
            &case.name,
            [regress::mape(labels, predictions).unwrap()],
            &[case.mape],
        );
        for (quantile, theirs) in &case.pinball {
            let ours = regress::pinball(labels, predictions, quantile.parse().unwrap()).unwrap();
            alike(&case.name, [ours], &[*theirs]);
        }
        assert_eq!(case.pinball.len(), 4);
    }
    let quantile = regress::pinball(&[1.0], &[1.0], 1.5);
    assert_eq!(quantile, Err(MetricError::Quantile(1.5)));
}

#[test]
fn what_cannot_be_measured_is_refused_with_its_reason() {
    let refused =
        |labels: &[f32], predictions: &[f32]| report(&binary(), labels, predictions, 0.5).unwrap_err();
    assert_eq!(refused(&[], &[]), MetricError::Empty);
    let lengths = MetricError::Length {
        labels: 2,
        expected: 2,
        got: 1,
    };
    assert_eq!(refused(&[0.0, 1.0], &[0.5]), lengths);
    assert!(matches!(
        refused(&[0.0, 2.0], &[0.5; 2]),
        MetricError::Label { row: 1, .. }
    ));
    assert!(matches!(
        refused(&[f32::NAN, 1.0], &[0.5; 2]),
        MetricError::Label { row: 0, .. }
    ));
    for bad in [f32::NAN, -0.1, 1.1, f32::INFINITY] {
        assert!(matches!(
            refused(&[0.0, 1.0], &[0.5, bad]),
            MetricError::Prediction { row: 1, .. }
        ));
    }
    assert_eq!(refused(&[1.0, 1.0], &[0.5; 2]), MetricError::MissingClass(0));
    assert_eq!(refused(&[0.0, 0.0], &[0.5; 2]), MetricError::MissingClass(1));
    assert_eq!(
        curve::average_precision(&[0.0], &[0.5]),
        Err(MetricError::MissingClass(1))
    );
    assert_eq!(curve::average_precision(&[1.0], &[0.5]), Ok(1.0));
    let threshold = Confusion::count(&[0.0, 1.0], &[0.5; 2], 1.5);
    assert_eq!(threshold, Err(MetricError::Threshold(1.5)));

    let three = |labels: &[f32], predictions: &[f32]| report(&task(3), labels, predictions, 0.5).unwrap_err();
    assert_eq!(
        three(&[0.0], &[0.5]),
        MetricError::Length {
            labels: 1,
            expected: 3,
            got: 1
        }
    );
    assert!(matches!(
        three(&[3.0], &[0.2; 3]),
        MetricError::Label { row: 0, .. }
    ));
    let hole = [0.2, 0.3, 0.5, 0.2, f32::NAN, 0.5];
    assert!(matches!(
        three(&[0.0, 1.0], &hole),
        MetricError::Prediction { row: 1, .. }
    ));
    assert_eq!(
        multiclass::roc_auc_ovr(&[0.0, 2.0], &[0.3; 6], 3),
        Err(MetricError::MissingClass(1))
    );

    let number = |labels: &[f32], predictions: &[f32]| {
        report(&Task::Regression, labels, predictions, 0.5).unwrap_err()
    };
    assert!(matches!(
        number(&[1.0, f32::NAN], &[1.0; 2]),
        MetricError::Label { row: 1, .. }
    ));
    assert!(matches!(
        number(&[1.0], &[f32::INFINITY]),
        MetricError::Prediction { row: 0, .. }
    ));
    assert_eq!(number(&[1.0], &[1.0]), MetricError::TooFewRows(1));
}

prop_compose! {
    /// Rows of both classes, with scores of few different values so that there are ties.
    fn ranked()(rows in prop::collection::vec((any::<bool>(), 0_u8..12), 2..60)) -> (Vec<f32>, Vec<f32>) {
        let mut labels: Vec<f32> = rows.iter().map(|(positive, _)| f32::from(u8::from(*positive))).collect();
        labels[0] = 0.0;
        labels[1] = 1.0;
        (labels, rows.iter().map(|(_, score)| f32::from(*score) / 11.0).collect())
    }
}

proptest! {
    #[test]
    fn roc_auc_is_the_share_of_pairs_in_the_right_order((labels, scores) in ranked()) {
        let (mut won, mut pairs) = (0.0, 0.0);
        for (i, j) in (0..labels.len()).flat_map(|i| (0..labels.len()).map(move |j| (i, j))) {
            if labels[i] > labels[j] {
                pairs += 1.0;
                won += if scores[i] > scores[j] { 1.0 } else if scores[i] == scores[j] { 0.5 } else { 0.0 };
            }
        }
        let area = curve::roc_auc(&labels, &scores).unwrap();
        prop_assert!((area - won / pairs).abs() < 1e-12);
    }

    #[test]
    fn the_order_of_rows_changes_nothing((labels, scores) in ranked()) {
        let back = |values: &[f32]| values.iter().rev().copied().collect::<Vec<f32>>();
        let (there, again) = (
            report(&binary(), &labels, &scores, 0.5).unwrap(),
            report(&binary(), &back(&labels), &back(&scores), 0.5).unwrap(),
        );
        for ((name, a), (_, b)) in there.as_pairs().into_iter().zip(again.as_pairs()) {
            prop_assert!((a - b).abs() < 1e-12, "{}: {} {}", name, a, b);
        }
    }

    #[test]
    fn two_classes_measure_the_same_either_way((labels, scores) in ranked()) {
        let both: Vec<f32> = scores.iter().flat_map(|p| [1.0 - p, *p]).collect();
        let as_two = report(&task(2), &labels, &both, 0.5).unwrap();
        let as_binary = report(&binary(), &labels, &scores, 0.5).unwrap();
        for name in ["roc_auc", "log_loss"] {
            prop_assert!((as_two.get(name).unwrap() - as_binary.get(name).unwrap()).abs() < 1e-6);
        }
    }
}
