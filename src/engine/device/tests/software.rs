//! What a GPU computes and what becomes of a training that loses it, on whichever GPU there is; Mesa's software device
//! does.

use std::sync::Arc;

use burn::tensor::Device as BurnDevice;
use burn::tensor::wgpu::WgpuBackend;

use super::training::{assert_alike, train};
use super::*;
use crate::engine::fit::Round;

#[test]
fn a_net_learns_and_predicts_the_same_as_on_the_cpu() {
    let devices = Devices::open(DeviceChoice::Gpu);
    let gpu = devices.of(None).unwrap();
    assert!(gpu.is_gpu());
    assert_alike(gpu);
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
