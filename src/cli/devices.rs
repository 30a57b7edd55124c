//! `usina devices`: what nets can run on.

use clap::Args;
use serde::{Deserialize, Serialize};

use super::error::Failure;
use super::output;
use crate::engine::device::{self, DeviceInfo, NoGpu};

/// List the devices that nets can run on, and say which one `--device auto` takes.
///
/// The one that it takes is opened and has to compute something: one that is listed need not work.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  usina devices
  usina devices --json
  usina train my-net/recipe.toml --device gpu

auto takes a GPU, the discrete one first, and passes over software that looks like one. Answers always come from the \
CPU, which is quicker for single rows, unless the server was started with --device gpu.")]
pub struct DevicesArgs {
    #[command(flatten)]
    output: output::OutputArgs,
}

/// The devices, as JSON shows them.
#[derive(Debug, Serialize, Deserialize)]
pub struct Listed {
    devices: Vec<Entry>,
    /// Why `auto` takes no GPU, if it takes none.
    pub no_gpu: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Entry {
    #[serde(flatten)]
    info: DeviceInfo,
    /// Whether `auto` takes it.
    auto: bool,
}

impl Listed {
    fn here() -> Self {
        let (devices, taken, no_gpu) = device::devices();
        let entry = |(place, info)| Entry {
            info,
            auto: place == taken,
        };
        Self {
            devices: devices.into_iter().enumerate().map(entry).collect(),
            no_gpu: no_gpu.map(|why| why.with_remedy()),
        }
    }

    /// What there is when no GPU can be reached, because of `why`.
    fn without_gpu(why: &NoGpu) -> Self {
        Self {
            devices: vec![Entry {
                info: device::Device::cpu().info().clone(),
                auto: true,
            }],
            no_gpu: Some(why.with_remedy()),
        }
    }

    /// Whether there is a GPU, be it of software.
    pub fn has_gpu(&self) -> bool {
        self.devices.len() > 1
    }

    /// Whether `auto` takes one.
    pub fn takes_gpu(&self) -> bool {
        self.devices.iter().skip(1).any(|device| device.auto)
    }
}

/// Lists. `beyond`: what another part of this executable found, or why there is none.
pub fn run(args: &DevicesArgs, beyond: Option<Result<Listed, NoGpu>>) -> Result<(), Failure> {
    let listed = match beyond {
        Some(Ok(listed)) => listed,
        Some(Err(why)) => Listed::without_gpu(&why),
        None => Listed::here(),
    };
    if args.output.json {
        output::json(&serde_json::to_value(&listed)?);
        return Ok(());
    }
    let row = |Entry { info, auto }: &Entry| {
        vec![
            info.name.clone(),
            info.kind.as_str().to_owned(),
            info.backend.clone(),
            info.driver.clone(),
            info.memory.map(memory).unwrap_or_default(),
            if *auto { "auto" } else { "" }.to_owned(),
        ]
    };
    output::table(
        &["name", "kind", "backend", "driver", "memory", "taken by"],
        listed.devices.iter().map(row),
    );
    if let Some(why) = &listed.no_gpu {
        output::note(&format!("auto takes the CPU: {why}"));
    }
    Ok(())
}

fn memory(bytes: u64) -> String {
    format!("{:.1} GiB", bytes as f64 / (1_u64 << 30) as f64)
}
