//! GPUs, through WGPU and Vulkan.

use std::sync::Arc;

use burn::tensor::wgpu::{WgpuBackend, wgpu};
use burn::tensor::{Device as BurnDevice, DeviceKind as BurnKind, Tensor};
use futures_util::FutureExt;

use super::{Device, DeviceInfo, DeviceKind, NoGpu, caught};

/// An adapter, and how Burn asks for it: by its place among those of its kind.
struct Adapter {
    info: DeviceInfo,
    asked_as: BurnKind,
}

/// The adapters, the best kind first. None where there is no Vulkan loader or no driver.
fn adapters() -> Vec<Adapter> {
    // Vulkan alone: OpenGL knows no kinds of adapters and lacks what Burn needs.
    let instance = wgpu::Instance::new(wgpu::InstanceDescriptor {
        backends: wgpu::Backends::VULKAN,
        flags: wgpu::InstanceFlags::empty(),
        ..wgpu::InstanceDescriptor::new_without_display_handle()
    });
    let found = instance.enumerate_adapters(wgpu::Backends::VULKAN).now_or_never();
    let (mut adapters, mut counts) = (Vec::new(), [0; 4]);
    for adapter in found.unwrap_or_default() {
        let told = adapter.get_info();
        let (order, kind, asked_as): (usize, _, fn(usize) -> BurnKind) = match told.device_type {
            wgpu::DeviceType::DiscreteGpu => (0, DeviceKind::Discrete, BurnKind::DiscreteGpu),
            wgpu::DeviceType::IntegratedGpu => (1, DeviceKind::Integrated, BurnKind::IntegratedGpu),
            wgpu::DeviceType::VirtualGpu => (2, DeviceKind::Virtual, BurnKind::VirtualGpu),
            wgpu::DeviceType::Cpu => (3, DeviceKind::Software, |_| BurnKind::Cpu),
            // Of a kind that Burn cannot be asked for.
            wgpu::DeviceType::Other => continue,
        };
        let driver = format!("{} {}", told.driver, told.driver_info);
        let info = DeviceInfo {
            name: told.name,
            kind,
            backend: "Vulkan".to_owned(),
            driver: driver.trim().to_owned(),
            memory: memory(&adapter),
        };
        adapters.push((
            order,
            Adapter {
                info,
                asked_as: asked_as(counts[order]),
            },
        ));
        counts[order] += 1;
    }
    adapters.sort_by_key(|(order, _)| *order);
    adapters.into_iter().map(|(_, adapter)| adapter).collect()
}

/// The largest heap that is the adapter's own.
fn memory(adapter: &wgpu::Adapter) -> Option<u64> {
    /// `VK_MEMORY_HEAP_DEVICE_LOCAL_BIT`.
    const DEVICE_LOCAL: u32 = 1;
    #[expect(unsafe_code, reason = "WGPU itself does not tell how much memory there is")]
    // SAFETY: the handle is only looked at, is not destroyed, and does not outlive the adapter that lends it.
    let heaps = unsafe {
        let vulkan = adapter.as_hal::<wgpu::hal::api::Vulkan>()?;
        let instance = vulkan.shared_instance().raw_instance();
        let told = instance.get_physical_device_memory_properties(vulkan.raw_physical_device());
        told.memory_heaps[..told.memory_heap_count as usize].to_vec()
    };
    let own = heaps
        .iter()
        .filter(|heap| heap.flags.as_raw() & DEVICE_LOCAL != 0);
    own.map(|heap| heap.size).max()
}

/// The GPUs that there are, the best kind first.
pub(super) fn gpus() -> Vec<DeviceInfo> {
    let found = caught(adapters).unwrap_or_default();
    found.into_iter().map(|adapter| adapter.info).collect()
}

/// Opens the best GPU that works; one of software only `with_software`.
pub(super) fn open(with_software: bool) -> Result<Device, NoGpu> {
    let found = caught(adapters).map_err(NoGpu::Broken)?;
    let Some(first) = found.first() else {
        return Err(NoGpu::NoAdapter);
    };
    if first.info.kind == DeviceKind::Software && !with_software {
        return Err(NoGpu::Software(first.info.name.clone()));
    }
    let mut broken = Vec::new();
    for Adapter { info, asked_as } in found {
        if info.kind == DeviceKind::Software && !with_software {
            break;
        }
        match opened(asked_as) {
            Ok(burn) => {
                return Ok(Device {
                    info: Arc::new(info),
                    burn,
                });
            }
            Err(reason) => broken.push(format!("{}: {reason}", info.name)),
        }
    }
    Err(NoGpu::Broken(broken.join("; ")))
}

/// Opens a device and has it compute something: whether its driver takes our shaders shows only then.
fn opened(asked_as: BurnKind) -> Result<BurnDevice, String> {
    let open = || {
        let options = BurnDevice::wgpu_options().device_kind(asked_as);
        let device = options.graphics_api(WgpuBackend::Vulkan).init();
        let device = device.map_err(|error| error.to_string())?;
        let three = Tensor::<1>::ones([3], &device).sum().try_into_data();
        let three = three.map_err(|error| error.to_string())?.try_into_vec::<f32>();
        match three.as_deref() {
            Ok([sum]) if *sum == 3.0 => Ok(device),
            other => Err(format!("it adds 1, 1 and 1 up to {other:?}")),
        }
    };
    caught(open).and_then(|opened| opened)
}
