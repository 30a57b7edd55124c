//! A learning rate that falls, beside XGBoost whose rate is set before each round.

use std::path::Path;
use std::process::Command;

use serde_json::json;
use usina::base::{Seed, Stop};
use usina::engine::boost::{BoostParams, LearningRateDecay, TreeMethod, fit};
use usina::engine::fit::FitData;
use usina::engine::matrix::{Feature, Matrix};
use usina::engine::task::Task;

use super::{python, script};

const ROWS: usize = 600;

#[test]
fn a_rate_that_falls_makes_the_trees_of_xgboost() {
    let Some(python) = python() else { return };
    // Numbers of their own in each column, without two that are equal.
    let number = |row: usize, column: usize| {
        let mixed = (row * 4 + column + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40;
        mixed as f32 / (1 << 24) as f32
    };
    let rows: Vec<Vec<f32>> = (0..ROWS)
        .map(|row| (0..4).map(|column| number(row, column)).collect())
        .collect();
    let target: Vec<f32> = rows
        .iter()
        .enumerate()
        .map(|(row, values)| {
            f32::from(u8::from(
                values[0] + values[1] * values[2] + number(row, 9_999) > 1.2,
            ))
        })
        .collect();
    let features: Vec<Feature> = ["a", "b", "c", "d"].map(Feature::numeric).to_vec();
    let matrix = Matrix::new(rows.concat(), ROWS, features.into()).unwrap();
    // Every value is tried: no sketch of ours is held against one of theirs.
    let params = BoostParams {
        n_estimators: 30,
        max_depth: 3,
        learning_rate: 0.4,
        learning_rate_decay: Some(LearningRateDecay { rate: 0.7, every: 7 }),
        tree_method: TreeMethod::Exact,
        ..BoostParams::default()
    };
    let task = Task::Binary {
        classes: ["no".to_owned(), "yes".to_owned()],
    };
    let data = FitData {
        train: matrix.clone(),
        target: &target,
        weights: None,
        valid: None,
        valid_weights: None,
        watch_train: false,
    };
    let model = fit(data, &task, &params, 1, Seed::new(1), &Stop::new(), &mut |_| {}).unwrap();
    let told = json!({
        "rows": rows,
        "target": target,
        "predictions": model.predict(&matrix).unwrap(),
        "params": {
            "objective": "binary:logistic", "eta": 0.4, "max_depth": 3, "tree_method": "exact", "nthread": 1,
        },
        "rounds": 30,
        "rate": 0.7,
        "every": 7,
    });
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("told.json");
    std::fs::write(&file, told.to_string()).unwrap();
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/parity/decay.py");
    let differs = script(Command::new(python).arg(beside).arg(&file));
    // Sums of thirty leaves in 32 bits.
    assert!(differs["falls"].as_f64().unwrap() < 1e-5, "{differs}");
    assert!(differs["stays"].as_f64().unwrap() > 0.01, "{differs}");
}
