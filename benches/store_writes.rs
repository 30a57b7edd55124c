//! Durable writes: how many a second, and what one costs, from one and from eight writers.
//!
//! A write is one value of a metric added to a run, as a training or a client logs it: it is answered when it
//! is on disk. Beside it stands what the disk itself does: one block overwritten and synced.

mod support;

use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};
use support::{Table, cpu, median, say};
use usina::base::{Clock, Entropy, ExperimentId, RunId};
use usina::platform::tracking::{MetricPoint, NewRun, Point, Tracking};
use usina::store::{Store, StoreOptions};

/// As in the shipped executable.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const WRITERS: [usize; 2] = [1, 8];
const ROUNDS: usize = 3;
/// Of all writers together.
const WRITES: usize = 2_000;

/// What a round took.
struct Took {
    wall: Duration,
    cpu: Duration,
}

fn main() -> Result<()> {
    let folder = support::folder()?;
    let clock = Clock::system();
    let store = Store::open(folder.path(), StoreOptions::default(), clock.clone(), Entropy)?;
    let tracking = Tracking::new(store.clone(), clock.clone(), Entropy);
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(tracking.ensure_default())?;
    let run = runtime.block_on(tracking.start(NewRun {
        experiment: ExperimentId::DEFAULT,
        name: "benchmark".to_owned(),
        model: None,
        params: BTreeMap::new(),
        tags: BTreeMap::new(),
        inputs: Vec::new(),
    }))?;

    let mut synced = Vec::new();
    let mut took: Vec<Vec<Took>> = WRITERS.iter().map(|_| Vec::new()).collect();
    for round in 1..=ROUNDS {
        say(&format!("writes, round {round} of {ROUNDS}"));
        synced.push(sync_blocks(folder.path(), &clock)?);
        for (took, writers) in took.iter_mut().zip(WRITERS) {
            took.push(log_metrics(&tracking, run, writers, &clock)?);
        }
    }

    let mut table = Table::new(
        "Durable writes (one value of a metric, answered when it is on disk)",
        &["", "writes a second", "µs CPU a write"],
    );
    for (took, writers) in took.iter().zip(WRITERS) {
        let rate = median(
            took.iter()
                .map(|took| WRITES as f64 / took.wall.as_secs_f64())
                .collect(),
        );
        let micros = median(
            took.iter()
                .map(|took| took.cpu.as_secs_f64() * 1e6 / WRITES as f64)
                .collect(),
        );
        let name = if writers == 1 {
            "1 writer".to_owned()
        } else {
            format!("{writers} writers")
        };
        table.row([name, format!("{rate:.0}"), format!("{micros:.0}")]);
    }
    table.row([
        "the disk alone: a 4 KiB block and fdatasync".to_owned(),
        format!("{:.0}", median(synced)),
        "–".to_owned(),
    ]);
    table.note(format!(
        "{WRITES} writes a round, the median of {ROUNDS}; the folder is {}.",
        place(folder.path())
    ));
    table.print()
}

/// Adds `WRITES` values from so many writers, each waiting for one answer before it sends the next value.
fn log_metrics(tracking: &Tracking, run: RunId, writers: usize, clock: &Clock) -> Result<Took> {
    let (start, used) = (clock.monotonic(), cpu());
    std::thread::scope(|scope| {
        let all: Vec<_> = (0..writers)
            .map(|writer| {
                scope.spawn(move || -> Result<()> {
                    for step in 0..WRITES / writers {
                        let point = Point {
                            value: 0.5,
                            time: clock.now(),
                            step: step as i64,
                        };
                        let key = format!("metric {writer}");
                        tracking.log_metrics_blocking(run, vec![MetricPoint { key, point }])?;
                    }
                    Ok(())
                })
            })
            .collect();
        all.into_iter()
            .try_for_each(|writer| writer.join().ok().context("a writer died")?)
    })?;
    Ok(Took {
        wall: clock.monotonic() - start,
        cpu: cpu() - used,
    })
}

/// How often a second one block can be overwritten and synced.
fn sync_blocks(folder: &Path, clock: &Clock) -> Result<f64> {
    const BLOCKS: u32 = 200;
    let file = OpenOptions::new()
        .create(true)
        .truncate(true)
        .write(true)
        .open(folder.join("block"))?;
    let start = clock.monotonic();
    for block in 0..BLOCKS {
        file.write_all_at(&[block as u8; 4096], 0)?;
        file.sync_data()?;
    }
    Ok(f64::from(BLOCKS) / (clock.monotonic() - start).as_secs_f64())
}

/// The file system that the folder is on.
fn place(folder: &Path) -> String {
    let mounts = std::fs::read_to_string("/proc/mounts").unwrap_or_default();
    let mount = mounts
        .lines()
        .filter_map(|line| {
            let mut fields = line.split(' ');
            let (device, at, kind) = (fields.next()?, fields.next()?, fields.next()?);
            folder
                .starts_with(at)
                .then_some((at.len(), format!("on {kind}, {device}")))
        })
        .max_by_key(|(length, _)| *length);
    mount.map_or_else(|| "on an unknown file system".to_owned(), |(_, told)| told)
}
