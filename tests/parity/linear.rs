//! Linear models beside scikit-learn's, which gets the same columns.

use std::path::Path;
use std::process::Command;

use rand_chacha::rand_core::Rng;
use serde_json::{Value, json};
use usina::base::{Seed, Stop};
use usina::engine::fit::FitData;
use usina::engine::linear::{LinearParams, fit};
use usina::engine::matrix::{Feature, Matrix};
use usina::engine::task::Task;

use super::{python, script};

const ROWS: usize = 700;

/// `[rows x 3]`: two numbers of other scales and a category of four, with holes; and a number that follows from them.
fn rows() -> (Vec<f32>, Vec<f32>) {
    let mut rng = Seed::new(5).rng();
    let mut uniform = || (rng.next_u32() >> 8) as f32 / (1 << 24) as f32;
    let (mut values, mut number) = (Vec::new(), Vec::new());
    for _ in 0..ROWS {
        let (a, b, kind) = (uniform() * 10.0, uniform() * 2_000.0, (uniform() * 4.0).floor());
        number.push(0.4 * a - b / 900.0 + [0.0, 1.0, 3.0, -1.0][kind as usize] + uniform());
        let mut hole = |value: f32| if uniform() < 0.08 { f32::NAN } else { value };
        values.extend([hole(a), b, hole(kind)]);
    }
    (values, number)
}

#[test]
fn linear_models_are_those_of_scikit_learn() {
    let Some(python) = python() else { return };
    let (values, number) = rows();
    let features = [
        Feature::numeric("a"),
        Feature::numeric("b"),
        Feature::categorical("kind", 4),
    ];
    let matrix = Matrix::new(values.clone(), ROWS, features.into()).unwrap();
    let names = |count: usize| (0..count).map(|class| class.to_string()).collect::<Vec<_>>();
    let classes = |cuts: &[f32]| -> Vec<f32> {
        let class = |y: &f32| cuts.iter().filter(|cut| y > cut).count() as f32;
        number.iter().map(class).collect()
    };
    let binary = Task::Binary {
        classes: ["0".to_owned(), "1".to_owned()],
    };
    let several = Task::Multiclass { classes: names(3) };
    let folder = tempfile::tempdir().unwrap();
    for (task, target, alpha, l1_ratio, tolerance) in [
        (Task::Regression, number.clone(), 1e-4, 0.0, 1e-4),
        (Task::Regression, number.clone(), 0.5, 0.0, 1e-4),
        (Task::Regression, number.clone(), 0.05, 1.0, 1e-4),
        (Task::Regression, number.clone(), 0.1, 0.5, 1e-4),
        (binary.clone(), classes(&[2.0]), 1e-3, 0.0, 1e-4),
        (binary, classes(&[2.0]), 0.02, 0.7, 1e-3),
        (several.clone(), classes(&[1.0, 3.0]), 1e-3, 0.0, 1e-3),
        (several, classes(&[1.0, 3.0]), 0.02, 1.0, 2e-3),
    ] {
        let data = FitData {
            train: matrix.clone(),
            target: &target,
            weights: None,
            valid: None,
            valid_weights: None,
            watch_train: false,
        };
        let params = LinearParams {
            alpha,
            l1_ratio,
            ..LinearParams::default()
        };
        let model = fit(&data, &task, &params, 1, &Stop::new(), &mut |_| {}).unwrap();
        let cell = |value: &f32| if value.is_nan() { Value::Null } else { json!(value) };
        let told = json!({
            "rows": values.chunks(3).map(|row| row.iter().map(cell).collect()).collect::<Vec<Vec<Value>>>(),
            "kinds": ["number", "number", "category"],
            "target": target,
            "alpha": alpha,
            "l1_ratio": l1_ratio,
            "task": task.name(),
            "predictions": model.predict(&matrix).unwrap(),
        });
        let file = folder.path().join("told.json");
        std::fs::write(&file, told.to_string()).unwrap();
        let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/parity/linear.py");
        let told = script(Command::new(&python).arg(beside).arg(&file));
        assert!(
            told["difference"].as_f64().unwrap() < tolerance,
            "{} {alpha} {l1_ratio}: {told}",
            task.name()
        );
        assert!(told["spread"].as_f64().unwrap() > 0.05, "{told}");
    }
}
