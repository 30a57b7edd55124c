//! What cross-validation promises.

use std::convert::Infallible;
use std::sync::Arc;

use super::*;
use crate::engine::boost::BoostParams;
use crate::engine::matrix::{Feature, MatrixError};

/// Rows whose target is their number's parity, and five folds of them.
struct Table {
    matrix: Matrix,
    target: Vec<f32>,
    folds: Vec<Fold>,
    task: Task,
    algorithm: Algorithm,
}

fn table() -> Table {
    let rows = 100_usize;
    let features: Arc<[Feature]> = Arc::new([Feature::numeric("x"), Feature::categorical("odd", 2)]);
    let values = (0..rows).flat_map(|row| [row as f32, (row % 2) as f32]).collect();
    let folds = (0..5)
        .map(|fold| Fold {
            train: (0..rows)
                .filter(|row| row / 2 % 5 != fold && row / 2 % 5 != (fold + 1) % 5)
                .collect(),
            valid: (0..rows).filter(|row| row / 2 % 5 == (fold + 1) % 5).collect(),
            test: (0..rows).filter(|row| row / 2 % 5 == fold).collect(),
        })
        .collect();
    Table {
        matrix: Matrix::new(values, rows, features).unwrap(),
        target: (0..rows).map(|row| (row % 2) as f32).collect(),
        folds,
        task: Task::Binary {
            classes: ["even".into(), "odd".into()],
        },
        algorithm: Algorithm::Boost(BoostParams {
            n_estimators: 5,
            min_child_weight: 0.0,
            early_stopping_rounds: Some(2),
            ..BoostParams::default()
        }),
    }
}

impl Table {
    fn plan(&self) -> CrossPlan<'_> {
        CrossPlan {
            folds: &self.folds,
            target: &self.target,
            weights: None,
            task: &self.task,
            algorithm: &self.algorithm,
            threshold: 0.5,
            threads: 1,
            seed: Seed::new(3),
        }
    }

    fn encode(&self, fold: &Fold) -> Result<FoldMatrices, MatrixError> {
        Ok(FoldMatrices {
            train: self.matrix.select(&fold.train)?,
            valid: Some(self.matrix.select(&fold.valid)?),
            test: self.matrix.select(&fold.test)?,
        })
    }
}

#[test]
fn every_row_is_predicted_once_by_a_model_that_has_not_seen_it() {
    let table = table();
    let mut rounds = vec![];
    let report = cross_validate(
        &table.plan(),
        |fold| table.encode(fold),
        &Stop::new(),
        &mut |round| rounds.push(round),
    )
    .unwrap();
    assert_eq!(report.folds.len(), 5);
    assert_eq!(report.out_of_fold.len(), 100);
    for (row, predicted) in report.out_of_fold.iter().enumerate() {
        assert_eq!(*predicted >= 0.5, row % 2 == 1, "row {row}: {predicted}");
    }
    for fold in &report.folds {
        assert_eq!(fold.model.get("accuracy"), Some(1.0));
        assert_eq!(fold.baseline.get("roc_auc"), Some(0.5));
    }
    let summary = report.summary();
    let auc = summary.iter().find(|summary| summary.name == "roc_auc").unwrap();
    assert_eq!((auc.mean, auc.sd), (1.0, 0.0));
    assert_eq!(report.baseline_summary()[0].mean, 0.5);
    assert_eq!(rounds.iter().map(|round| round.fold).max(), Some(5));
    assert!(
        rounds
            .iter()
            .all(|round| round.folds == 5 && round.round.valid_metric.is_some())
    );
}

#[test]
fn the_predictions_are_those_of_the_folds_own_models() {
    let table = table();
    let encode = |fold: &Fold| table.encode(fold);
    let report = cross_validate(&table.plan(), encode, &Stop::new(), &mut |_| {}).unwrap();
    let fold = &table.folds[3];
    let target = |rows: &[usize]| rows.iter().map(|&row| table.target[row]).collect::<Vec<f32>>();
    let matrices = table.encode(fold).unwrap();
    let (seen, watched) = (target(&fold.train), target(&fold.valid));
    let data = FitData {
        train: &matrices.train,
        target: &seen,
        weights: None,
        valid: matrices.valid.as_ref().map(|valid| (valid, watched.as_slice())),
        watch_train: false,
    };
    let seed = Seed::new(3).derive("fold", 3);
    let model = table
        .algorithm
        .fit(&data, &table.task, 2, seed, &Stop::new(), &mut |_| {})
        .unwrap();
    let alone = model.predict(&matrices.test).unwrap();
    let together: Vec<f32> = fold.test.iter().map(|&row| report.out_of_fold[row]).collect();
    assert_eq!(alone, together);
    assert_eq!(report.folds[3].rounds, model.rounds());
}

#[test]
fn a_row_that_no_fold_tests_has_no_prediction() {
    let mut table = table();
    table.folds.truncate(2);
    let encode = |fold: &Fold| table.encode(fold);
    let report = cross_validate(&table.plan(), encode, &Stop::new(), &mut |_| {}).unwrap();
    assert_eq!(
        report
            .out_of_fold
            .iter()
            .filter(|predicted| predicted.is_nan())
            .count(),
        60
    );
}

#[test]
fn folds_that_leak_are_refused() {
    let refused = |change: &dyn Fn(&mut Vec<Fold>)| {
        let mut table = table();
        change(&mut table.folds);
        let encode = |fold: &Fold| table.encode(fold);
        cross_validate(&table.plan(), encode, &Stop::new(), &mut |_| {})
            .unwrap_err()
            .to_string()
    };
    assert_eq!(refused(&|folds| folds.clear()), "there are no folds");
    let leak = refused(&|folds| folds[1].train.push(2));
    assert_eq!(
        leak,
        "row 2 is tested in fold 2 and also trained or watched there"
    );
    let watched = refused(&|folds| folds[1].valid.push(2));
    assert_eq!(
        watched,
        "row 2 is tested in fold 2 and also trained or watched there"
    );
    let twice = refused(&|folds| folds[4].test.push(8));
    assert_eq!(twice, "row 8 is tested in fold 5 and also tested before");
    let missing = refused(&|folds| folds[0].train.push(100));
    assert_eq!(missing, "fold 1 asks for row 100, but there are 100");
}

#[test]
fn a_fold_that_fails_is_named() {
    let table = table();
    let fails = |fold: &Fold| match fold.test.contains(&4) {
        true => Err(MatrixError::NoFeatures),
        false => table.encode(fold),
    };
    let error = cross_validate(&table.plan(), fails, &Stop::new(), &mut |_| {}).unwrap_err();
    assert!(matches!(
        error,
        CrossError::Encode {
            fold: 3,
            source: MatrixError::NoFeatures
        }
    ));
    let short = |fold: &Fold| {
        let matrices = table.encode(fold)?;
        Ok::<_, MatrixError>(FoldMatrices {
            test: matrices.test.select(&[0])?,
            ..matrices
        })
    };
    let error = cross_validate(&table.plan(), short, &Stop::new(), &mut |_| {}).unwrap_err();
    assert!(matches!(
        error,
        CrossError::TestRows {
            fold: 1,
            expected: 20,
            got: 1
        }
    ));
    let weights = CrossPlan {
        weights: Some(&[1.0]),
        ..table.plan()
    };
    let encode = |fold: &Fold| table.encode(fold);
    let error = cross_validate(&weights, encode, &Stop::new(), &mut |_| {}).unwrap_err();
    assert!(matches!(
        error,
        CrossError::WeightsLength {
            targets: 100,
            weights: 1
        }
    ));
}

#[test]
fn a_cross_validation_stops_within_a_round() {
    let table = table();
    let stop = Stop::new();
    let (asks, mut seen) = (stop.clone(), 0);
    let error = cross_validate(&table.plan(), |fold| table.encode(fold), &stop, &mut |round| {
        seen += 1;
        if round.fold == 2 {
            asks.ask();
        }
    })
    .unwrap_err();
    assert!(matches!(
        error,
        CrossError::Fit {
            fold: 2,
            source: FitError::Stopped
        }
    ));
    let before = seen;
    let nothing = |_: &Fold| -> Result<FoldMatrices, Infallible> { unreachable!("encoded after the stop") };
    let error = cross_validate(&table.plan(), nothing, &stop, &mut |_| seen += 1).unwrap_err();
    assert!(matches!(
        error,
        CrossError::Fit {
            fold: 1,
            source: FitError::Stopped
        }
    ));
    assert_eq!(seen, before);
}
