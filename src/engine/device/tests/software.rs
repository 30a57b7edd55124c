//! What a GPU computes and what becomes of a training that loses it, on whichever GPU there is; Mesa's software device
//! does.

use std::sync::Arc;

use burn::tensor::Device as BurnDevice;
use burn::tensor::wgpu::WgpuBackend;

use super::training::{assert_alike, train};
use super::*;
use crate::base::{Seed, Stop};
use crate::engine::fit::{How, NoCheckpoints, Round};
use crate::engine::net::lstm::{self, LstmParams, Sequences};

#[test]
fn a_net_learns_and_predicts_the_same_as_on_the_cpu() {
    let devices = Devices::open(DeviceChoice::Gpu);
    let gpu = devices.of(None).unwrap();
    assert!(gpu.is_gpu());
    assert_alike(gpu);
}

#[test]
fn an_lstm_learns_and_forecasts_the_same_as_on_the_cpu() {
    let devices = Devices::open(DeviceChoice::Gpu);
    let gpu = devices.of(None).unwrap();
    let told = |device: &Device| {
        let values: Vec<f32> = (0..60).map(|at| (at as f32 * 0.7).sin()).collect();
        let ends: Vec<usize> = (7..59).collect();
        let waves = Sequences {
            inputs: 1,
            window: 8,
            target: ends.iter().map(|end| values[end + 1]).collect(),
            ends,
            values,
            ..Sequences::default()
        };
        let params = LstmParams {
            hidden_layer_sizes: vec![8, 4],
            epochs: 2,
            patience: 0,
            ..LstmParams::default()
        };
        let how = How {
            threads: 1,
            seed: Seed::new(1),
            stop: &Stop::new(),
            device,
            progress: &mut |_| {},
            checkpoints: &mut NoCheckpoints,
        };
        let model = lstm::fit(&waves, None, 1, 1.0, &params, how).unwrap();
        model.on(device).predict(&waves).unwrap()
    };
    // Four steps of sums in another order, and exponentials of other polynomials.
    for (ours, theirs) in told(&Device::cpu()).iter().zip(told(gpu)) {
        assert!((ours - theirs).abs() < 1e-3, "{ours} {theirs}");
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
