//! Rows, targets and files that are not as most are.

use std::sync::Arc;

use super::{fit, table, tasks, train};
use crate::base::Stop;
use crate::engine::class_weight::ClassWeight;
use crate::engine::fit::{FitData, FitError};
use crate::engine::linear::{LinearModel, LinearParams};
use crate::engine::matrix::{Feature, Matrix};
use crate::engine::task::Task;

#[test]
fn what_is_missing_for_the_first_time_is_taken_for_the_mean() {
    let task = Task::Regression;
    let features: Arc<[Feature]> = Arc::new([Feature::numeric("x"), Feature::categorical("kind", 2)]);
    let values = vec![1.0, 0.0, 2.0, 1.0, 3.0, 0.0, 6.0, 1.0];
    let matrix = Matrix::new(values, 4, features).unwrap();
    let data = FitData {
        train: matrix,
        target: &[3.0, 8.0, 7.0, 16.0],
        weights: None,
        valid: None,
        valid_weights: None,
        watch_train: false,
    };
    let params = LinearParams {
        alpha: 0.0,
        ..LinearParams::default()
    };
    let model = train(&data, &task, &params).unwrap();
    let ask = |row: [f32; 2]| {
        let mut out = [0.0];
        model.predict_row(&row, &mut out).unwrap();
        out[0]
    };
    // y = 2 x + 1, and 3 more of kind 1.
    assert!((ask([5.0, 1.0]) - 14.0).abs() < 1e-3);
    assert!((ask([f32::NAN, 0.0]) - 7.0).abs() < 1e-3);
    assert!((ask([3.0, f32::NAN]) - 8.5).abs() < 1e-3);
}

#[test]
fn what_does_not_fit_is_refused() {
    let (table, task) = (table(60, 8), &tasks()[1]);
    let stop = Stop::new();
    stop.ask();
    let stopped = fit(
        &table.data(task),
        task,
        &LinearParams::default(),
        1,
        &stop,
        &mut |_| {},
    );
    assert!(matches!(stopped, Err(FitError::Stopped)));
    let wide: Arc<[Feature]> = Arc::new([Feature::categorical("user", 3000)]);
    let data = FitData {
        train: Matrix::new(vec![0.0, 1.0], 2, wide).unwrap(),
        target: &[0.0, 1.0],
        ..table.data(task)
    };
    let told = train(&data, task, &LinearParams::default())
        .unwrap_err()
        .to_string();
    assert!(told.contains("3000 columns"), "{told}");
    for (params, named) in [
        (
            LinearParams {
                l1_ratio: 1.5,
                ..LinearParams::default()
            },
            "l1_ratio = 1.5",
        ),
        (
            LinearParams {
                max_iter: 0,
                ..LinearParams::default()
            },
            "max_iter = 0",
        ),
    ] {
        let told = train(&table.data(task), task, &params).unwrap_err().to_string();
        assert!(told.contains(named), "{told}");
    }
    let model = train(&table.data(task), task, &LinearParams::default()).unwrap();
    let text = String::from_utf8(model.encode().unwrap()).unwrap();
    for (right, wrong) in [
        ("\"version\":1", "\"version\":9"),
        ("\"levels\":4", "\"levels\":5"),
        ("\"base\":[", "\"base\":[1.0,"),
        ("\"scale\":1.0", "\"scale\":0.0"),
        ("[\"no\",\"yes\"]", "[\"no\",\"no\"]"),
    ] {
        assert!(text.contains(right), "{text}");
        assert!(
            LinearModel::decode(text.replace(right, wrong).as_bytes()).is_err(),
            "{wrong}"
        );
    }
}

#[test]
fn a_target_of_any_size_has_the_same_lasso() {
    let (table, task) = (table(600, 11), Task::Regression);
    let answers = |size: f32| {
        let target: Vec<f32> = table.number.iter().map(|value| value * size).collect();
        let params = LinearParams {
            alpha: 0.05 * f64::from(size),
            l1_ratio: 1.0,
            ..LinearParams::default()
        };
        let data = FitData {
            target: &target,
            ..table.data(&task)
        };
        let model = train(&data, &task, &params).unwrap();
        let answers = model.predict(&table.matrix).unwrap();
        answers
            .into_iter()
            .map(|answer| answer / size)
            .collect::<Vec<f32>>()
    };
    let usual = answers(1.0);
    for size in [1e-6, 1e6] {
        let pairs = answers(size).into_iter().zip(&usual);
        let apart = pairs.map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        assert!(apart < 1e-4, "{size}: {apart}");
    }
}

#[test]
fn one_level_in_every_row_is_a_model_and_weights_beyond_numbers_are_none() {
    for rows in [9, 25, 35] {
        let features: Arc<[Feature]> = Arc::new([Feature::numeric("x"), Feature::categorical("kind", 1)]);
        let values = (0..rows).flat_map(|row| [row as f32, 0.0]).collect();
        let target: Vec<f32> = (0..rows).map(|row| (row % 2) as f32).collect();
        let task = &tasks()[1];
        let data = FitData {
            train: Matrix::new(values, rows, features).unwrap(),
            target: &target,
            weights: None,
            valid: None,
            valid_weights: None,
            watch_train: false,
        };
        let model = train(&data, task, &LinearParams::default()).unwrap();
        LinearModel::decode(&model.encode().unwrap()).unwrap();
        let weights = vec![2.0; rows];
        let heavy = FitData {
            weights: Some(&weights),
            ..data
        };
        let params = LinearParams {
            class_weight: ClassWeight::Named([("yes".to_owned(), 3e38)].into()),
            ..LinearParams::default()
        };
        let refused = train(&heavy, task, &params);
        assert!(matches!(refused, Err(FitError::BadWeight { .. })));
    }
}

#[test]
fn what_is_far_beyond_all_rows_still_has_an_answer() {
    let table = table(300, 12);
    for task in &tasks()[1..] {
        let model = train(&table.data(task), task, &LinearParams::default()).unwrap();
        for row in [[f32::MAX, f32::MIN, 0.0, 7.0], [f32::MIN, f32::MAX, 1.0, 7.0]] {
            let mut out = vec![f32::NAN; task.width()];
            model.predict_row(&row, &mut out).unwrap();
            assert!(out.iter().all(|p| (0.0..=1.0).contains(p)), "{out:?}");
        }
    }
}
