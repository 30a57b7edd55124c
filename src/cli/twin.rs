//! The GPU twin: a static executable cannot load a GPU's driver, so the one that is released carries a second one,
//! linked dynamically, compressed behind its own end. Here it is found, asked what it sees, and handed over to.
//!
//! A twin looks for none, so that nothing is handed over for ever.

mod packed;
mod unpacked;

use std::path::Path;

use super::devices::Listed;
use super::socket;
use super::{Command, devices};
use crate::engine::device::{DeviceChoice, NoGpu};
use crate::runtime::config::StoreConfig;
use unpacked::Unpacked;

/// What is known of GPUs when the twin has not taken over.
#[derive(Debug, Default)]
pub struct Beyond {
    /// Why there is none; nothing when this very executable is to look.
    pub no_gpu: Option<NoGpu>,
    /// What the twin lists, where it was asked for that alone.
    pub listed: Option<Result<devices::Listed, NoGpu>>,
}

/// Hands the process over to the twin when `command` has use for a GPU and there is one; comes back when not. An
/// executable without a twin comes back at once, and so does one on a machine without a GPU or a Vulkan loader.
pub fn hand_over(command: &Command, store: &StoreConfig) -> Beyond {
    if cfg!(feature = "gpu") {
        // A twin that has taken over is called after the number of a file.
        let _ = rustix::thread::set_name(c"usina");
        return Beyond::default();
    }
    let asked = match command {
        Command::Devices(_) => None,
        Command::Up(args) => Some(args.device()),
        Command::Serve(args) => Some(args.device()),
        // A server that holds the folder trains on a device of its own.
        Command::Train(args) if !socket::is_answered(&store.folder) => match args.device() {
            Some(asked) => Some(asked),
            None => return Beyond::default(),
        },
        _ => return Beyond::default(),
    };
    if asked == Some(DeviceChoice::Cpu) {
        return Beyond::default();
    }
    let Some(packed) = packed::find(Path::new("/proc/self/exe")) else {
        return Beyond::default();
    };
    let twin = if asked == Some(DeviceChoice::Auto) && !packed::has_hardware() {
        // What is left is software, which `auto` passes over.
        Err(NoGpu::NoHardware)
    } else if packed::has_vulkan_loader() {
        Unpacked::new(packed).and_then(|twin| Ok((twin.list()?, twin)))
    } else {
        Err(NoGpu::NoLoader)
    };
    let Some(asked) = asked else {
        return Beyond {
            listed: Some(twin.map(|(listed, _)| listed)),
            no_gpu: None,
        };
    };
    let no_gpu = twin.map_or_else(Some, |(listed, twin)| {
        let is_wanted = if asked == DeviceChoice::Gpu {
            Listed::has_gpu(&listed)
        } else {
            listed.takes_gpu()
        };
        if is_wanted {
            // It comes back only when it failed.
            Some(twin.take_over())
        } else {
            Some(NoGpu::OutOfReach(listed.no_gpu.unwrap_or_default()))
        }
    });
    Beyond { no_gpu, listed: None }
}
