//! Data and parameters that cannot be learnt from.

use std::sync::Arc;

use super::{small, table, tasks, train};
use crate::engine::boost::{BoostParams, EvalMetric};
use crate::engine::fit::FitData;
use crate::engine::matrix::{Feature, Matrix};
use crate::engine::task::Task;

#[test]
fn data_that_cannot_be_learnt_from_is_refused_by_part_and_row() {
    let table = table(4, 15);
    let binary = &tasks()[0];
    let refused = |data: FitData, task: &Task, params: &BoostParams| {
        train(&data, task, params).unwrap_err().to_string()
    };
    let with = |target| FitData {
        train: table.matrix.clone(),
        target,
        weights: None,
        valid: None,
        valid_weights: None,
        watch_train: false,
    };
    let good = [0.0, 1.0, 0.0, 1.0];
    let cases = [
        (with(&[0.0, 1.0]), "4 rows but 2 targets"),
        (
            with(&[0.0, 1.0, f32::NAN, 1.0]),
            "row 2 of the training part has the target NaN",
        ),
        (
            with(&[0.0, 1.0, 2.0, 1.0]),
            "row 2 of the training part has the target 2",
        ),
        (
            with(&[0.0, 0.5, 1.0, 1.0]),
            "row 1 of the training part has the target 0.5",
        ),
        (
            with(&[0.0; 4]),
            "all rows of the training part are of the class stays",
        ),
        (
            FitData {
                weights: Some(&[1.0]),
                ..with(&good)
            },
            "4 rows but 1 weights",
        ),
        (
            FitData {
                weights: Some(&[1.0, -1.0, 1.0, 1.0]),
                ..with(&good)
            },
            "row 1 of the training part has the weight -1",
        ),
        (
            FitData {
                weights: Some(&[0.0; 4]),
                ..with(&good)
            },
            "all weights of the training part are 0",
        ),
        (
            FitData {
                valid: Some((&table.matrix, &good)),
                valid_weights: Some(&[1.0, 1.0, 1.0, f32::NAN]),
                ..with(&good)
            },
            "row 3 of the validation part has the weight NaN",
        ),
        (
            FitData {
                valid: Some((&table.matrix, &[])),
                ..with(&good)
            },
            "4 rows but 0 targets",
        ),
    ];
    for (data, says) in cases {
        let message = refused(data, binary, &small());
        assert!(message.contains(says), "{message}");
    }
    let empty = table.matrix.select(&[]).unwrap();
    let nothing = FitData {
        train: empty.clone(),
        target: &[],
        weights: None,
        valid: None,
        valid_weights: None,
        watch_train: false,
    };
    assert!(refused(nothing, binary, &small()).contains("has no rows"));
    let other = Matrix::new(vec![1.0], 1, Arc::new([Feature::numeric("age")])).unwrap();
    let mixed = FitData {
        valid: Some((&other, &[1.0])),
        ..with(&good)
    };
    assert!(refused(mixed, binary, &small()).contains("other features"));
    let patient = BoostParams {
        early_stopping_rounds: Some(3),
        ..small()
    };
    assert!(refused(with(&good), binary, &patient).contains("takes rows to watch"));
    let auc = BoostParams {
        eval_metric: Some(EvalMetric::Auc),
        ..small()
    };
    let one_class = FitData {
        valid: Some((&table.matrix, &[1.0; 4])),
        ..with(&good)
    };
    assert!(refused(one_class, binary, &auc).contains("validation part are of the class leaves"));
    let wrong = BoostParams {
        subsample: 2.0,
        ..small()
    };
    assert!(refused(with(&good), binary, &wrong).contains("subsample = 2"));
    assert!(refused(with(&[0.0, f32::INFINITY, 0.0, 1.0]), &Task::Regression, &small()).contains("inf"));
}
