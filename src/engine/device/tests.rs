//! Which device is taken.

#[cfg(feature = "gpu")]
mod software;
#[cfg(any(feature = "gpu", feature = "ndarray"))]
mod training;

use super::*;

#[test]
fn a_device_is_asked_for_by_one_of_three_words() {
    for name in DeviceChoice::NAMES {
        let choice: DeviceChoice = name.parse().unwrap();
        assert_eq!(choice.to_string(), name);
        assert_eq!(serde_json::to_value(choice).unwrap(), name);
    }
    for wrong in ["", "GPU", "cuda", "gpu:0"] {
        let told = wrong.parse::<DeviceChoice>().unwrap_err().to_string();
        assert!(told.contains("auto, cpu or gpu"), "{told}");
    }
}

#[test]
fn without_a_gpu_only_whoever_insists_on_one_is_refused() {
    for asked in [DeviceChoice::Auto, DeviceChoice::Cpu, DeviceChoice::Gpu] {
        let devices = Devices::without_gpu(asked, NoGpu::NoAdapter);
        for choice in [DeviceChoice::Auto, DeviceChoice::Cpu] {
            assert!(!devices.of(Some(choice)).unwrap().is_gpu());
        }
        let refused = devices.of(Some(DeviceChoice::Gpu)).unwrap_err();
        assert_eq!(refused, NoGpu::NoAdapter);
        assert!(refused.with_remedy().contains("--device cpu"));
        assert_eq!(devices.of(None).is_err(), asked == DeviceChoice::Gpu);
        assert!(!devices.to_predict().is_gpu());
    }
}

/// A process with a GPU of this kind; what it computes with is of no matter here.
fn with(asked: DeviceChoice, kind: DeviceKind) -> Devices {
    let info = DeviceInfo {
        kind,
        ..DeviceInfo::cpu()
    };
    let gpu = Device {
        info: Arc::new(info),
        ..Device::cpu()
    };
    Devices {
        asked,
        cpu: Device::cpu(),
        gpu: Ok(gpu),
    }
}

#[test]
fn auto_takes_hardware_and_passes_over_software() {
    for (kind, is_taken) in [
        (DeviceKind::Discrete, true),
        (DeviceKind::Integrated, true),
        (DeviceKind::Virtual, true),
        (DeviceKind::Software, false),
    ] {
        let devices = with(DeviceChoice::Auto, kind);
        assert_eq!(devices.of(None).unwrap().is_gpu(), is_taken, "{kind:?}");
        assert!(devices.of(Some(DeviceChoice::Gpu)).unwrap().is_gpu());
        assert!(!devices.of(Some(DeviceChoice::Cpu)).unwrap().is_gpu());
    }
}

#[test]
fn answers_come_from_the_cpu_unless_the_gpu_was_asked_for_by_name() {
    for (asked, is_gpu) in [(DeviceChoice::Auto, false), (DeviceChoice::Gpu, true)] {
        let devices = with(asked, DeviceKind::Discrete);
        assert_eq!(devices.to_predict().is_gpu(), is_gpu, "{asked}");
    }
}

#[test]
fn a_device_that_is_lost_fails_the_training_in_words_and_a_fault_of_ours_stays_one() {
    let devices = with(DeviceChoice::Gpu, DeviceKind::Discrete);
    let lost = || -> Result<(), FitError> { panic!("wgpu error: Parent device is lost") };
    let error = devices.of(None).unwrap().run(lost).unwrap_err();
    let told = error.to_string();
    assert!(told.contains("Parent device is lost"), "{told}");
    assert!(told.contains("--device cpu"), "{told}");
    assert!(caught(|| Device::cpu().run(lost)).is_err());
    let stopped = devices.of(None).unwrap().run(|| Err::<(), _>(FitError::Stopped));
    assert!(matches!(stopped, Err(FitError::Stopped)));
}

#[test]
fn the_cpu_is_always_listed_and_one_device_is_taken() {
    let (devices, taken, no_gpu) = devices();
    assert_eq!(devices[0].kind, DeviceKind::Cpu);
    assert!(taken < devices.len());
    assert_eq!(no_gpu.is_some(), taken == 0, "{no_gpu:?}");
}
