//! What cross-validation promises.

use std::sync::Arc;

use super::*;
use crate::engine::boost::BoostParams;
use crate::engine::matrix::{Feature, MatrixError};

/// Rows whose target is their number's parity, and five folds of them.
struct Table {
    matrix: Matrix,
    target: Vec<f32>,
    folds: Vec<Parts>,
    task: Task,
    algorithm: Algorithm,
    device: Device,
    /// The fold that was asked for last.
    at: usize,
}

const ROWS: usize = 100;

fn table() -> Table {
    let features: Arc<[Feature]> = Arc::new([Feature::numeric("x"), Feature::categorical("odd", 2)]);
    let values = (0..ROWS).flat_map(|row| [row as f32, (row % 2) as f32]).collect();
    let part = |fold: usize, row: usize| match (row / 2 % 5 + 5 - fold) % 5 {
        0 => Part::Test,
        1 => Part::Valid,
        _ => Part::Train,
    };
    Table {
        matrix: Matrix::new(values, ROWS, features).unwrap(),
        target: (0..ROWS).map(|row| (row % 2) as f32).collect(),
        folds: (0..5)
            .map(|fold| Parts::new(ROWS, |row| part(fold, row)))
            .collect(),
        task: Task::Binary {
            classes: ["even".into(), "odd".into()],
        },
        algorithm: Algorithm::Boost(BoostParams {
            n_estimators: 5,
            min_child_weight: 0.0,
            early_stopping_rounds: Some(2),
            ..BoostParams::default()
        }),
        device: Device::cpu(),
        at: 0,
    }
}

impl Table {
    fn plan(&self) -> CrossPlan<'_> {
        CrossPlan {
            folds: self.folds.len(),
            target: &self.target,
            weights: None,
            task: &self.task,
            algorithm: &self.algorithm,
            threshold: 0.5,
            threads: 1,
            device: &self.device,
            seed: Seed::new(3),
        }
    }

    fn matrix(&self, part: Part) -> Matrix {
        let rows: Vec<usize> = self.folds[self.at].rows(part).collect();
        self.matrix.select(&rows).unwrap()
    }

    /// Cross-validates the rows that `change` makes of these.
    fn run(&self, rows: &mut impl FoldRows) -> Result<CrossReport, String> {
        cross_validate(&self.plan(), rows, &Stop::new(), &mut |_| {}).map_err(|error| error.to_string())
    }
}

impl FoldRows for Table {
    type Error = MatrixError;

    fn fold(&mut self, fold: usize) -> Result<FoldMatrices, MatrixError> {
        self.at = fold;
        Ok(FoldMatrices {
            parts: self.folds[fold].clone(),
            train: self.matrix(Part::Train),
            valid: Some(self.matrix(Part::Valid)),
        })
    }

    fn predict(&mut self, model: &Model) -> Result<Vec<f32>, MatrixError> {
        Ok(model.predict(&self.matrix(Part::Test)).unwrap())
    }
}

#[test]
fn every_row_is_predicted_once_by_a_model_that_has_not_seen_it() {
    let table = table();
    let mut rounds = vec![];
    let report = cross_validate(
        &table.plan(),
        &mut super::tests::table(),
        &Stop::new(),
        &mut |round| rounds.push(round),
    )
    .unwrap();
    assert_eq!(report.folds.len(), 5);
    assert_eq!(report.out_of_fold.len(), ROWS);
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
    let (table, mut rows) = (table(), table());
    let report = table.run(&mut rows).unwrap();
    let parts = &table.folds[3];
    let matrices = rows.fold(3).unwrap();
    let target = |part| {
        parts
            .rows(part)
            .map(|row| table.target[row])
            .collect::<Vec<f32>>()
    };
    let (seen, watched) = (target(Part::Train), target(Part::Valid));
    let data = FitData {
        train: matrices.train,
        target: &seen,
        weights: None,
        valid: matrices.valid.as_ref().map(|valid| (valid, watched.as_slice())),
        valid_weights: None,
        watch_train: false,
    };
    let seed = Seed::new(3).derive("fold", 3);
    let model = table
        .algorithm
        .fit(data, &table.task, 2, seed, &Stop::new(), &mut |_| {})
        .unwrap();
    let alone = rows.predict(&model).unwrap();
    let together: Vec<f32> = parts
        .rows(Part::Test)
        .map(|row| report.out_of_fold[row])
        .collect();
    assert_eq!(alone, together);
    assert_eq!(report.folds[3].rounds, model.rounds());
}

#[test]
fn a_row_that_no_fold_tests_has_no_prediction() {
    let mut table = table();
    table.folds.truncate(2);
    let report = table.run(&mut super::tests::table()).unwrap();
    let missing = report.out_of_fold.iter().filter(|predicted| predicted.is_nan());
    assert_eq!(missing.count(), 60);
}

#[test]
fn folds_that_do_not_go_together_are_refused() {
    let refused = |change: &dyn Fn(&mut Vec<Parts>)| {
        let (mut table, mut rows) = (table(), table());
        change(&mut table.folds);
        change(&mut rows.folds);
        table.run(&mut rows).unwrap_err()
    };
    assert_eq!(refused(&|folds| folds.clear()), "there are no folds");
    let twice = refused(&|folds| {
        let last = folds[4].clone();
        folds[4] = Parts::new(ROWS, |row| if row == 8 { Part::Test } else { last.of(row) });
        folds[3] = Parts::new(ROWS, |row| if row == 8 { Part::Test } else { folds[3].of(row) });
    });
    assert_eq!(twice, "row 8 is tested in fold 5 and also before");
    let short = refused(&|folds| folds[0] = Parts::new(7, |_| Part::Test));
    assert_eq!(short, "fold 1 is of 7 rows, but there are 100");
    let table = table();
    let weights = CrossPlan {
        weights: Some(&[1.0]),
        ..table.plan()
    };
    let error = cross_validate(&weights, &mut super::tests::table(), &Stop::new(), &mut |_| {}).unwrap_err();
    assert!(matches!(
        error,
        CrossError::WeightsLength {
            targets: ROWS,
            weights: 1
        }
    ));
}

/// Rows of which one fold fails.
struct Failing {
    table: Table,
    predicts: bool,
}

impl FoldRows for Failing {
    type Error = MatrixError;

    fn fold(&mut self, fold: usize) -> Result<FoldMatrices, MatrixError> {
        if fold == 2 && !self.predicts {
            return Err(MatrixError::NoFeatures);
        }
        self.table.fold(fold)
    }

    fn predict(&mut self, model: &Model) -> Result<Vec<f32>, MatrixError> {
        let mut predicted = self.table.predict(model)?;
        if self.predicts {
            predicted.pop();
        }
        Ok(predicted)
    }
}

#[test]
fn a_fold_that_fails_is_named() {
    let failing = |predicts| Failing {
        table: table(),
        predicts,
    };
    let told = table().run(&mut failing(false)).unwrap_err();
    assert!(told.starts_with("fold 3: "), "{told}");
    let told = table().run(&mut failing(true)).unwrap_err();
    assert_eq!(told, "fold 1 tests 20 predictions, but got 19");
}

#[test]
fn a_cross_validation_stops_within_a_round() {
    let table = table();
    let stop = Stop::new();
    let (asks, mut seen) = (stop.clone(), 0);
    let mut run = |rows: &mut Table| {
        let error = cross_validate(&table.plan(), rows, &stop, &mut |round| {
            seen += 1;
            if round.fold == 2 {
                asks.ask();
            }
        });
        let Err(CrossError::Fit {
            fold,
            source: FitError::Stopped,
        }) = error
        else {
            panic!("{error:?}");
        };
        (fold, seen)
    };
    let (fold, before) = run(&mut super::tests::table());
    assert_eq!(fold, 2);
    // Nothing is encoded after the stop.
    let mut none = super::tests::table();
    none.folds.clear();
    assert_eq!(run(&mut none), (1, before));
}
