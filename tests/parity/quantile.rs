//! A quantile of a number, as good as XGBoost's on rows that neither has seen.

use std::path::Path;
use std::process::Command;

use rand_chacha::rand_core::Rng;
use serde_json::json;
use usina::base::{Seed, Stop};
use usina::engine::boost::{BoostParams, fit};
use usina::engine::fit::FitData;
use usina::engine::matrix::{Feature, Matrix};
use usina::engine::task::{Quantile, Task};

use super::{python, script};

const ROWS: usize = 8_000;
const QUANTILE: f64 = 0.9;
/// Each has its own way from residuals to gradients, so the trees differ; the loss on unseen rows may by so much.
const TOLERANCE: f64 = 0.03;

/// Rows `[rows x 3]` whose spread grows with the first column, so that a quantile is no shifted mean.
fn rows(seed: u64) -> (Vec<f32>, Vec<f32>) {
    let mut rng = Seed::new(seed).rng();
    let mut uniform = || (rng.next_u32() >> 8) as f32 / (1 << 24) as f32;
    let (mut values, mut target) = (Vec::new(), Vec::new());
    for _ in 0..ROWS {
        let (a, b, c, noise) = (uniform(), uniform(), uniform(), uniform());
        values.extend([a, b, c]);
        target.push(10.0 * b + 20.0 * a * noise);
    }
    (values, target)
}

#[test]
fn a_quantile_is_met_as_well_as_by_xgboost() {
    let Some(python) = python() else { return };
    let features: Vec<Feature> = ["a", "b", "c"].map(Feature::numeric).to_vec();
    let matrix = |values: Vec<f32>| Matrix::new(values, ROWS, features.clone().into()).unwrap();
    let ((train, target), (test, unseen)) = (rows(1), rows(2));
    let data = FitData {
        train: matrix(train.clone()),
        target: &target,
        weights: None,
        valid: None,
        valid_weights: None,
        watch_train: false,
    };
    let params = BoostParams {
        n_estimators: 80,
        max_depth: 4,
        learning_rate: 0.1,
        ..BoostParams::default()
    };
    let task = Task::Quantile {
        quantile: Quantile::new(QUANTILE).unwrap(),
    };
    let model = fit(data, &task, &params, 1, Seed::new(1), &Stop::new(), &mut |_| {}).unwrap();
    let told = json!({
        "train": train.chunks(3).collect::<Vec<_>>(),
        "target": target,
        "test": test.chunks(3).collect::<Vec<_>>(),
        "unseen": unseen,
        "predictions": model.predict(&matrix(test.clone())).unwrap(),
        "quantile": QUANTILE,
        "params": {
            "objective": "reg:quantileerror", "quantile_alpha": QUANTILE, "eta": 0.1, "max_depth": 4, "nthread": 1,
        },
        "rounds": 80,
    });
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("told.json");
    std::fs::write(&file, told.to_string()).unwrap();
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/parity/quantile.py");
    let told = script(Command::new(python).arg(beside).arg(&file));
    let of = |key: &str| told[key].as_f64().unwrap();
    assert!(of("ours") <= of("theirs") * (1.0 + TOLERANCE), "{told}");
    assert!(of("theirs") < of("constant") * 0.6, "{told}");
    assert!((of("below") - QUANTILE).abs() < 0.03, "{told}");
}
