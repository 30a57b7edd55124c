//! Prediction: batch and row, and rows that are none.

use std::sync::Arc;

use proptest::prelude::*;

use super::{bits, features, shared_model, small, table, tasks, train};
use crate::engine::fit::FitData;
use crate::engine::matrix::{Feature, Matrix};
use crate::engine::model::PredictError;
use crate::engine::task::Task;

#[test]
fn a_batch_predicts_what_its_rows_predict() {
    let table = table(700, 1);
    for task in tasks() {
        let model = train(&table.data(&task), &task, &small()).unwrap();
        let batch = model.predict(&table.matrix).unwrap();
        assert_eq!(batch.len(), 700 * task.width());
        let mut row = vec![0.0; task.width()];
        for (index, expected) in batch.chunks_exact(task.width()).enumerate() {
            model
                .predict_row(table.matrix.row(index).unwrap(), &mut row)
                .unwrap();
            assert_eq!(bits(&row), bits(expected), "{} row {index}", task.name());
        }
        let part = model
            .predict(&table.matrix.select(&[3, 600, 3]).unwrap())
            .unwrap();
        let alone = |index: usize| &batch[index * task.width()..(index + 1) * task.width()];
        assert_eq!(bits(&part), bits(&[alone(3), alone(600), alone(3)].concat()));
    }
}

#[test]
fn one_row_is_enough_for_a_number_and_too_few_for_classes() {
    let matrix = Matrix::new(vec![30.0, 0.5, 2.0], 1, features()).unwrap();
    let data = |target| FitData {
        train: matrix.clone(),
        target,
        weights: None,
        valid: None,
        valid_weights: None,
        watch_train: false,
    };
    let model = train(&data(&[4.5]), &Task::Regression, &small()).unwrap();
    assert!((model.predict(&matrix).unwrap()[0] - 4.5).abs() < 1e-5);
    let refused = train(&data(&[1.0]), &tasks()[0], &small())
        .unwrap_err()
        .to_string();
    assert!(refused.contains("class leaves"), "{refused}");
}

#[test]
fn rows_of_another_shape_are_refused_by_name() {
    let model = shared_model();
    let mut out = [0.0];
    let mut refuse = |row: &[f32]| model.predict_row(row, &mut out).unwrap_err().to_string();
    assert!(refuse(&[1.0, 2.0]).contains("takes 3 features, got 2"));
    assert!(refuse(&[f32::INFINITY, 0.5, 1.0]).contains("feature age: inf"));
    assert!(refuse(&[1.0, 0.5, 9.0]).contains("feature plan: 9"));
    let room = model.predict_row(&[1.0, 0.5, 1.0], &mut [0.0; 2]).unwrap_err();
    assert!(matches!(room, PredictError::Room { expected: 1, got: 2 }));
    let renamed: Arc<[Feature]> = Arc::new([
        Feature::numeric("age"),
        Feature::numeric("rate"),
        Feature::categorical("plan", 9),
    ]);
    let matrix = Matrix::new(vec![1.0, 0.5, 1.0], 1, renamed).unwrap();
    assert!(matches!(
        model.predict(&matrix),
        Err(PredictError::Feature { position: 1, .. })
    ));
    let equal = Matrix::new(vec![1.0, 0.5, 1.0], 1, features()).unwrap();
    assert_eq!(model.predict(&equal).unwrap().len(), 1);
    assert!(model.predict(&equal.select(&[]).unwrap()).unwrap().is_empty());
}

proptest! {
    #[test]
    fn any_row_predicts_a_probability(
        age in prop_oneof![Just(f32::NAN), any::<f32>().prop_filter("finite", |v| v.is_finite())],
        plan in prop_oneof![Just(f32::NAN), (0_u8..9).prop_map(f32::from)],
    ) {
        let model = shared_model();
        let mut out = [f32::NAN];
        model.predict_row(&[age, f32::NAN, plan], &mut out).unwrap();
        prop_assert!((0.0..=1.0).contains(&out[0]));
    }
}
