//! The twin in memory, as a file that can be run.

use std::ffi::OsString;
use std::fs::File;
use std::io::{Read, Seek};
use std::os::fd::AsRawFd;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::time::Duration;

use rustix::fs::{MemfdFlags, memfd_create};
use rustix::io::Errno;

use super::packed::Packed;
use crate::base::Clock;
use crate::cli::devices::Listed;
use crate::engine::device::NoGpu;

/// A driver that has said nothing by then hangs.
const PATIENCE: Duration = Duration::from_secs(20);

/// The twin, for as long as this is there. It lies in memory: nothing is written to a disk, and nobody can put
/// another in its place.
pub(super) struct Unpacked(File);

fn out_of_reach(what: &str, why: impl std::fmt::Display) -> NoGpu {
    NoGpu::OutOfReach(format!("{what}: {why}"))
}

/// A file in memory. Its flag is new: an older kernel does not know it, and lets every such file be run.
fn in_memory(name: &str, flag: MemfdFlags) -> Result<File, Errno> {
    let made = memfd_create(name, MemfdFlags::CLOEXEC | flag);
    let made = match made {
        Err(Errno::INVAL) => memfd_create(name, MemfdFlags::CLOEXEC),
        other => other,
    };
    made.map(File::from)
}

impl Unpacked {
    /// Unpacks it.
    pub(super) fn new(packed: Packed) -> Result<Self, NoGpu> {
        let failed =
            |why: &dyn std::fmt::Display| out_of_reach("the GPU part of usina cannot be unpacked", why);
        let mut file = in_memory("usina", MemfdFlags::EXEC).map_err(|error| failed(&error))?;
        packed.unpack(&mut file).map_err(|error| failed(&error))?;
        Ok(Self(file))
    }

    fn command(&self) -> Command {
        let mut command = Command::new(format!("/proc/self/fd/{}", self.0.as_raw_fd()));
        command.arg0(
            std::env::args_os()
                .next()
                .unwrap_or_else(|| OsString::from("usina")),
        );
        command
    }

    /// What the twin sees, asked in a process of its own: whether it starts with this system's libraries, and whether
    /// the driver does not bring it down, shows nowhere else.
    pub(super) fn list(&self) -> Result<Listed, NoGpu> {
        let failed =
            |why: &dyn std::fmt::Display| out_of_reach("the GPU part of usina does not start here", why);
        let file = || in_memory("usina-devices", MemfdFlags::NOEXEC_SEAL).map_err(|error| failed(&error));
        let (out, err) = (file()?, file()?);
        let lent = |file: &File| file.try_clone().map_err(|error| failed(&error));
        let mut child = self
            .command()
            .args(["devices", "--json"])
            .stdin(Stdio::null())
            .stdout(lent(&out)?)
            .stderr(lent(&err)?)
            .spawn()
            .map_err(|error| failed(&error))?;
        let clock = Clock::system();
        let status = loop {
            match child.try_wait() {
                Ok(Some(status)) => break status,
                Ok(None) if clock.monotonic() < PATIENCE => std::thread::sleep(Duration::from_millis(2)),
                ended => {
                    let _ = child.kill();
                    let _ = child.wait();
                    return Err(ended.map_or_else(|error| failed(&error), |_| failed(&"its driver hangs")));
                }
            }
        };
        let listed = serde_json::from_str(&read(out)).ok().filter(|_| status.success());
        listed.ok_or_else(|| {
            let told = read(err);
            let last = told.lines().rfind(|line| !line.trim().is_empty());
            last.map_or_else(|| failed(&status), |line| failed(&line.trim()))
        })
    }

    /// Makes the twin of this process, with its arguments and environment. It comes back only when that fails.
    pub(super) fn take_over(self) -> NoGpu {
        let error = self.command().args(std::env::args_os().skip(1)).exec();
        out_of_reach("the GPU part of usina cannot be started", error)
    }
}

/// What was written to a file in memory.
fn read(mut file: File) -> String {
    let mut bytes = Vec::new();
    let _ = file.rewind();
    let _ = file.read_to_end(&mut bytes);
    String::from_utf8_lossy(&bytes).into_owned()
}
