//! What a GPU computes and what becomes of a training that loses it, on whichever GPU there is; Mesa's software device
//! does. Built with the feature `gpu` alone, and run by `tests/run` when it builds the twin.

use std::sync::Arc;

use burn::tensor::Device as BurnDevice;
use burn::tensor::wgpu::WgpuBackend;

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
fn train(
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

#[test]
fn a_net_learns_and_predicts_the_same_as_on_the_cpu() {
    let gpu = Devices::open(DeviceChoice::Gpu).of(None).unwrap().clone();
    assert!(gpu.is_gpu());
    let [(of_cpu, rows), (of_gpu, _)] =
        [&Device::cpu(), &gpu].map(|device| train(device, 4, &mut |_| {}).unwrap());
    let answers = of_cpu.predict(&rows).unwrap();
    // The same weights: one pass through the net adds in another order, of 24 bits.
    for (cpu, gpu) in answers
        .iter()
        .zip(of_cpu.clone().on(&gpu).predict(&rows).unwrap())
    {
        assert!((cpu - gpu).abs() < 1e-4, "{cpu} {gpu}");
    }
    // Weights after twelve steps, each of which goes on from what the one before has rounded.
    for (cpu, gpu) in answers.iter().zip(of_gpu.predict(&rows).unwrap()) {
        assert!((cpu - gpu).abs() < 1e-2, "{cpu} {gpu}");
    }
}

#[test]
fn a_training_that_loses_its_gpu_fails_in_words() {
    let options = BurnDevice::wgpu_options().graphics_api(WgpuBackend::Vulkan);
    let (burn, setup) = options.init_with_setup().unwrap();
    let info = DeviceInfo {
        name: "a card".to_owned(),
        kind: DeviceKind::Discrete,
        ..DeviceInfo::cpu()
    };
    let device = Device {
        info: Arc::new(info),
        burn,
    };
    let mut epochs = 0;
    let mut lose = |round: Round| {
        epochs = round.round;
        if round.round == 3 {
            setup.device.destroy();
        }
    };
    let error = train(&device, 500, &mut lose).unwrap_err();
    assert!(matches!(error, FitError::Device { .. }), "{error:?}");
    let told = error.to_string();
    assert!(told.starts_with("a card failed in the middle"), "{told}");
    assert!(told.contains("--device cpu"), "{told}");
    assert!(epochs < 20, "it went on for {epochs} epochs");
}
