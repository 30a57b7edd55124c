//! How quickly the executable starts, with and without the GPU twin that lies behind its end.

mod support;

use std::ffi::OsStr;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result};
use support::{Server, Table, median, output_of, say};
use usina::base::Clock;

const STARTS: usize = 31;

/// How long `start` takes, in the middle of so many times, in milliseconds.
fn timed(mut start: impl FnMut() -> Result<()>) -> Result<String> {
    let mut took = Vec::with_capacity(STARTS);
    for _ in 0..STARTS {
        let clock = Clock::system();
        start()?;
        took.push(millis(clock.monotonic()));
    }
    Ok(format!("{:.1}", median(took)))
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

fn main() -> Result<()> {
    let folder = support::folder()?;
    let plain = std::env::var_os("USINA_EXE_WITHOUT_GPU").map(PathBuf::from);
    let plain = plain.context("USINA_EXE_WITHOUT_GPU names no executable; benches/run names it")?;
    let mut table = Table::new(
        "Start",
        &[
            "ms, median",
            "`--version`",
            "`devices`",
            "`serve`, to ready",
            "`serve --device cpu`, to ready",
        ],
    );
    for (name, program) in [("without the twin", plain), ("with the twin", support::usina())] {
        say(&format!("starting {name}"));
        let run = |arguments: &[&OsStr]| {
            output_of(Command::new(&program).args(arguments).stderr(Stdio::null())).map(drop)
        };
        let serve = |device: &str| {
            let mut command = Command::new(&program);
            command.args(["serve", "--listen", "127.0.0.1:0", "--device", device, "--data"]);
            Server::start(command.arg(folder.path().join("data"))).map(drop)
        };
        // The first makes the store, and has the file read from the disk.
        serve("cpu")?;
        table.row([
            name.to_owned(),
            timed(|| run(&["--version".as_ref()]))?,
            timed(|| run(&["devices".as_ref()]))?,
            timed(|| serve("auto"))?,
            timed(|| serve("cpu"))?,
        ]);
    }
    table.note(
        "Where there is a GPU and a Vulkan loader, `auto` unpacks the twin and asks it in a process of its own which GPUs there are; \
         elsewhere nothing of the twin is read. `devices` asks it wherever there is a loader.",
    );
    table.print()
}
