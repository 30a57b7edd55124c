//! How good the shipped recipes are beside XGBoost with the same parameters, on the same folds.

use usina::engine::validate::paired_difference;
use usina::platform::recipes::shipped;

use super::{beside, python};

/// More than this on the mean over the folds is no accident of the library's arithmetic.
const TOLERANCE: f64 = 0.003;

fn as_good_as_xgboost(recipe: &str) {
    let Some(python) = python() else { return };
    let shipped = shipped::find(recipe).unwrap().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let beside = beside::compare(&shipped, &python, folder.path()).unwrap();
    let difference = paired_difference(&beside.ours, &beside.theirs.folds).unwrap();
    assert!(
        difference.mean.abs() <= TOLERANCE.max(difference.standard_error),
        "{difference:?}, {beside:?}"
    );
    assert!(beside.rows > 7_000, "{beside:?}");
    // That of tests/requirements.txt, which the README's table names.
    assert!(beside.theirs.xgboost.starts_with("3.2."), "{beside:?}");
    // A model that learnt nothing would pass where XGBoost learnt nothing either.
    assert!(beside.ours.iter().all(|auc| *auc > 0.65), "{beside:?}");
}

#[test]
fn customer_churn_is_as_good_as_with_xgboost() {
    as_good_as_xgboost("customer-churn");
}

#[test]
fn credit_risk_is_as_good_as_with_xgboost() {
    as_good_as_xgboost("credit-risk");
}

#[test]
fn predictive_maintenance_is_as_good_as_with_xgboost() {
    as_good_as_xgboost("predictive-maintenance");
}

#[test]
fn fraud_detection_is_as_good_as_with_xgboost() {
    as_good_as_xgboost("fraud-detection");
}
