//! A small training, to be done on one device after the other.

use std::sync::Arc;

use super::*;
use crate::base::{Seed, Stop};
use crate::engine::algorithm::Algorithm;
use crate::engine::fit::{FitData, How, NoCheckpoints, Round};
use crate::engine::matrix::{Feature, Matrix};
use crate::engine::model::Model;
use crate::engine::net::{MlpParams, Norm};
use crate::engine::task::Task;

const ROWS: usize = 96;

/// Trains a small net; `told` is told of each epoch.
pub(super) fn train(
    device: &Device,
    epochs: usize,
    told: &mut (dyn FnMut(Round) + Send),
) -> Result<(Model, Matrix), FitError> {
    let value = |row: usize, of: usize| (row * of % 97) as f32 / 97.0;
    let values = (0..ROWS).flat_map(|row| [value(row, 31), value(row, 57), (row % 3) as f32]);
    let features = [
        Feature::numeric("a"),
        Feature::numeric("b"),
        Feature::categorical("c", 3),
    ];
    let matrix = Matrix::new(values.collect(), ROWS, Arc::new(features)).unwrap();
    let target: Vec<f32> = (0..ROWS)
        .map(|row| 10.0 + 5.0 * value(row, 31) * value(row, 57))
        .collect();
    let data = FitData {
        train: matrix.clone(),
        target: &target,
        weights: None,
        valid: None,
        valid_weights: None,
        watch_train: false,
    };
    let params = MlpParams {
        hidden_layer_sizes: vec![8],
        norm: Norm::Layer,
        dropout: 0.1,
        batch_size: 32,
        epochs,
        patience: 0,
        ..MlpParams::default()
    };
    let how = How {
        threads: 1,
        device,
        seed: Seed::new(5),
        stop: &Stop::new(),
        progress: told,
        checkpoints: &mut NoCheckpoints,
    };
    let model = Algorithm::Mlp(params).fit_on(data, &Task::Regression, how)?;
    Ok((model, matrix))
}

/// That `other` learns and predicts what the CPU does.
pub(super) fn assert_alike(other: &Device) {
    let [(of_cpu, rows), (of_other, _)] =
        [&Device::cpu(), other].map(|device| train(device, 4, &mut |_| {}).unwrap());
    let answers = of_cpu.predict(&rows).unwrap();
    // The same weights: one pass through the net adds in another order, of 24 bits.
    for (cpu, other) in answers.iter().zip(of_cpu.on(other).predict(&rows).unwrap()) {
        assert!((cpu - other).abs() < 1e-4, "{cpu} {other}");
    }
    // Weights after twelve steps, each of which goes on from what the one before has rounded.
    for (cpu, other) in answers.iter().zip(of_other.predict(&rows).unwrap()) {
        assert!((cpu - other).abs() < 1e-2, "{cpu} {other}");
    }
}

#[cfg(feature = "ndarray")]
#[test]
fn the_older_backend_learns_and_predicts_what_the_newer_one_does() {
    assert_alike(&Device::ndarray());
}
