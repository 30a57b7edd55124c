//! Devices that nets run on: which there are, and which one is taken. Trees and linear models know nothing of them.
//!
//! A GPU is opened once a process, and what opens it may say that it cannot be; nothing here is opened by being used
//! first, because Burn would then panic in a thread of its own.

#[cfg(feature = "gpu")]
mod gpu;
#[cfg(test)]
mod tests;

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::fit::FitError;

/// Where nets are to run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DeviceChoice {
    /// On a GPU where there is one, and else on the CPU. A GPU that is software counts for none: the CPU is faster.
    #[default]
    Auto,
    /// On the CPU.
    Cpu,
    /// On a GPU, of software where there is no other; where there is none at all, not at all.
    Gpu,
}

impl DeviceChoice {
    /// How they are written.
    pub const NAMES: [&'static str; 3] = ["auto", "cpu", "gpu"];

    /// How it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Cpu => "cpu",
            Self::Gpu => "gpu",
        }
    }
}

impl fmt::Display for DeviceChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A word that names no device.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected auto, cpu or gpu, got {0:?}")]
pub struct NotADevice(String);

impl FromStr for DeviceChoice {
    type Err = NotADevice;

    fn from_str(text: &str) -> Result<Self, NotADevice> {
        match text {
            "auto" => Ok(Self::Auto),
            "cpu" => Ok(Self::Cpu),
            "gpu" => Ok(Self::Gpu),
            other => Err(NotADevice(other.chars().take(40).collect())),
        }
    }
}

/// What a device is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DeviceKind {
    /// The processor itself.
    Cpu,
    /// A card with memory of its own.
    Discrete,
    /// A GPU that shares the processor's memory.
    Integrated,
    /// A share of a GPU in a virtual machine.
    Virtual,
    /// The processor, made to look like a GPU.
    Software,
}

impl DeviceKind {
    /// How it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Cpu => "cpu",
            Self::Discrete => "discrete",
            Self::Integrated => "integrated",
            Self::Virtual => "virtual",
            Self::Software => "software",
        }
    }
}

/// A device that is there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceInfo {
    /// What its maker calls it.
    pub name: String,
    /// What it is.
    pub kind: DeviceKind,
    /// What speaks to it: flex, Vulkan.
    pub backend: String,
    /// The driver and its version; empty for the CPU, which needs none.
    pub driver: String,
    /// How much memory it has for itself, where that can be told.
    #[serde(rename = "memory_bytes")]
    pub memory: Option<u64>,
}

impl DeviceInfo {
    fn cpu() -> Self {
        Self {
            name: "CPU".to_owned(),
            kind: DeviceKind::Cpu,
            backend: "flex".to_owned(),
            driver: String::new(),
            memory: None,
        }
    }

    /// Whether it is faster than the processor beside it.
    fn is_hardware(&self) -> bool {
        !matches!(self.kind, DeviceKind::Cpu | DeviceKind::Software)
    }
}

impl fmt::Display for DeviceInfo {
    /// As a run and a card say it: `CPU`, `NVIDIA A10 (discrete, Vulkan, NVIDIA 550.54.14)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        if self.kind == DeviceKind::Cpu {
            return Ok(());
        }
        write!(f, " ({}, {}, {})", self.kind.as_str(), self.backend, self.driver)
    }
}

/// Why there is no GPU.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoGpu {
    /// The executable was built without.
    #[error("this usina was built without GPU support")]
    NotBuilt,
    /// Nobody wanted one.
    #[error("this usina was told to use the CPU alone")]
    NotWanted,
    /// The system has no GPU to open.
    #[error("this system has no GPU")]
    NoHardware,
    /// What finds the drivers is not there.
    #[error("there is no Vulkan loader (libvulkan.so.1)")]
    NoLoader,
    /// There is no adapter, or no driver that shows it.
    #[error("no Vulkan driver shows a GPU")]
    NoAdapter,
    /// There is one, and it is the processor.
    #[error("{0} is the processor itself, which is faster without it")]
    Software(String),
    /// There are some, and none of them works.
    #[error("no GPU can be used: {0}")]
    Broken(String),
    /// What keeps the whole process from it.
    #[error("{0}")]
    OutOfReach(String),
}

impl NoGpu {
    /// Why, and what helps.
    pub fn with_remedy(&self) -> String {
        let remedy = match self {
            Self::NotBuilt => "use an executable that has it, which `cross/build x86_64` makes",
            Self::NotWanted => "start it without --device cpu",
            Self::NoHardware => "take a GPU of software, if there is one, with --device gpu",
            Self::NoLoader => "install it (Debian: libvulkan1) with the GPU's driver",
            Self::NoAdapter => {
                "install the GPU's driver (Debian: mesa-vulkan-drivers for AMD and Intel, nvidia-vulkan-icd for NVIDIA)"
            }
            Self::Software(_) => "take it all the same with --device gpu",
            Self::Broken(_) => "mend its driver",
            // It was told with the remedy where it was found out, or there is none.
            Self::OutOfReach(why) if why.contains("--device cpu") => return why.clone(),
            Self::OutOfReach(_) => "mend that",
        };
        format!("{self}; {remedy}, or use --device cpu")
    }
}

/// A device that is open.
#[derive(Debug, Clone)]
pub struct Device {
    info: Arc<DeviceInfo>,
    burn: burn::tensor::Device,
}

impl Device {
    /// The processor. Nothing has to be opened for it.
    pub fn cpu() -> Self {
        Self {
            info: Arc::new(DeviceInfo::cpu()),
            burn: burn::tensor::Device::flex(),
        }
    }

    /// The processor through Burn's older backend, for comparison.
    #[cfg(feature = "ndarray")]
    pub fn ndarray() -> Self {
        let info = DeviceInfo {
            backend: "ndarray".to_owned(),
            ..DeviceInfo::cpu()
        };
        #[expect(deprecated, reason = "it is there to compare with what took its place")]
        let burn = burn::tensor::Device::ndarray();
        Self {
            info: Arc::new(info),
            burn,
        }
    }

    /// What it is.
    pub fn info(&self) -> &DeviceInfo {
        &self.info
    }

    /// Whether it is a GPU, of whatever kind.
    pub fn is_gpu(&self) -> bool {
        self.info.kind != DeviceKind::Cpu
    }

    /// The device as Burn has it.
    pub(in crate::engine) fn burn(&self) -> burn::tensor::Device {
        self.burn.clone()
    }

    /// Why a training on this device did not go on.
    pub(in crate::engine) fn failed(&self, reason: impl fmt::Display) -> FitError {
        // Burn tells what was asked of the device, the chain of causes and a backtrace, line by line.
        let reason = reason.to_string();
        let told = reason.lines().map(str::trim).filter(|line| !line.is_empty());
        let told: Vec<&str> = told.take(3).collect();
        FitError::Device {
            device: self.info.name.clone(),
            reason: told.join(" ").chars().take(300).collect(),
        }
    }

    /// Does a training on this device. A GPU may be lost in its middle: a driver that is reset, a card that is pulled
    /// out. What reads from it then gets an error, but Burn's operations give nothing that could be one, and panic; on
    /// a GPU, and nowhere else, a panic is therefore the device's failure and not a fault of ours.
    ///
    /// # Errors
    /// What the training failed with; [`FitError::Device`] when the device was lost.
    pub(in crate::engine) fn run<T>(
        &self,
        training: impl FnOnce() -> Result<T, FitError>,
    ) -> Result<T, FitError> {
        if !self.is_gpu() {
            return training();
        }
        caught(training).unwrap_or_else(|reason| Err(self.failed(reason)))
    }
}

/// What `work` gives, or what it said when it panicked. Nothing that it has touched is looked at again.
fn caught<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(work)).map_err(|panic| {
        let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
        text.or_else(|| panic.downcast_ref::<String>().cloned())
            .unwrap_or_else(|| "it does not say why".to_owned())
    })
}

/// The devices of a process: the CPU, and the GPU if there is one that is wanted.
#[derive(Debug, Clone)]
pub struct Devices {
    asked: DeviceChoice,
    cpu: Device,
    gpu: Result<Device, NoGpu>,
}

impl Default for Devices {
    fn default() -> Self {
        Self::without_gpu(DeviceChoice::Cpu, NoGpu::NotWanted)
    }
}

impl Devices {
    /// Opens the GPU, unless the CPU alone is `asked` for. Once a process: a GPU that is open cannot be opened again.
    pub fn open(asked: DeviceChoice) -> Self {
        let gpu = match asked {
            DeviceChoice::Cpu => Err(NoGpu::NotWanted),
            DeviceChoice::Auto => open_gpu(false),
            DeviceChoice::Gpu => open_gpu(true),
        };
        let cpu = Device::cpu();
        Self { asked, cpu, gpu }
    }

    /// The CPU alone, because of `why`.
    pub fn without_gpu(asked: DeviceChoice, why: NoGpu) -> Self {
        Self {
            asked,
            cpu: Device::cpu(),
            gpu: Err(why),
        }
    }

    /// The device for a training that asks for `choice`, or else for what the process was asked for.
    ///
    /// # Errors
    /// A GPU is asked for, and there is none.
    pub fn of(&self, choice: Option<DeviceChoice>) -> Result<&Device, NoGpu> {
        match (choice.unwrap_or(self.asked), &self.gpu) {
            (DeviceChoice::Auto, Ok(gpu)) if gpu.info.is_hardware() => Ok(gpu),
            (DeviceChoice::Auto | DeviceChoice::Cpu, _) => Ok(&self.cpu),
            (DeviceChoice::Gpu, gpu) => gpu.as_ref().map_err(Clone::clone),
        }
    }

    /// The device that answers. A row alone is answered by the CPU long before a GPU has been told of it, so that is
    /// where answers come from, unless the process was asked for the GPU in so many words.
    pub fn to_predict(&self) -> &Device {
        match (self.asked, &self.gpu) {
            (DeviceChoice::Gpu, Ok(gpu)) => gpu,
            _ => &self.cpu,
        }
    }

    /// The processor.
    pub fn cpu(&self) -> &Device {
        &self.cpu
    }

    /// Why there is no GPU, if there is none.
    pub fn no_gpu(&self) -> Option<&NoGpu> {
        self.gpu.as_ref().err()
    }
}

/// All devices that there are, the CPU first; with the place of the one that [`DeviceChoice::Auto`] takes, and why that
/// is no GPU if it is none. Opens the one that would be taken, because only that shows that it works.
pub fn devices() -> (Vec<DeviceInfo>, usize, Option<NoGpu>) {
    let mut all = vec![DeviceInfo::cpu()];
    all.extend(gpus());
    let opened = Devices::open(DeviceChoice::Auto);
    let taken = opened.of(None).ok();
    let place = all.iter().position(|info| Some(info) == taken.map(Device::info));
    (all, place.unwrap_or(0), opened.no_gpu().cloned())
}

#[cfg(feature = "gpu")]
use gpu::{gpus, open as open_gpu};

#[cfg(not(feature = "gpu"))]
fn gpus() -> Vec<DeviceInfo> {
    Vec::new()
}

#[cfg(not(feature = "gpu"))]
fn open_gpu(_: bool) -> Result<Device, NoGpu> {
    Err(NoGpu::NotBuilt)
}
