//! A CSV file of 5 GB and 50,000,000 rows: added, which profiles it, and trained on, from the shipped executable, with the
//! most memory that each took. Takes about half an hour and 20 GB of disk.

mod support;

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use support::{Table, say};
use usina::base::{Clock, Seed};

/// Rows, or what the environment says: fewer show how it grows.
const ROWS: u64 = 50_000_000;
const ROWS_FROM: &str = "USINA_BENCH_ROWS";
const FEATURES: usize = 10;

fn main() -> Result<()> {
    let rows = match std::env::var(ROWS_FROM) {
        Ok(given) => given
            .parse()
            .with_context(|| format!("{ROWS_FROM} is no number: {given}"))?,
        Err(_) => ROWS,
    };
    let folder = support::folder()?;
    let (csv, data) = (folder.path().join("readings.csv"), folder.path().join("data"));
    say(&format!("writing {rows} rows"));
    let bytes = write_csv(&csv, rows)?;
    let recipe = folder.path().join("recipe.toml");
    fs::write(&recipe, RECIPE)?;

    let mut table = Table::new(
        &format!(
            "A CSV file of {:.1} GB, {:.0} million rows x {} columns",
            bytes as f64 / 1e9,
            rows as f64 / 1e6,
            FEATURES + 1
        ),
        &["", "most memory, MB", "minutes of CPU time", "minutes"],
    );
    let steps: [(&str, &[&str]); 3] = [
        (
            "`usina data add`: typed, profiled, stored",
            &["data", "add", "readings", "readings.csv"],
        ),
        (
            "`usina data check`",
            &["data", "check", "readings", "--recipe", "recipe.toml"],
        ),
        (
            "`usina train`: 100 trees of depth 6, on four rows in five",
            &["train", "recipe.toml"],
        ),
    ];
    for (name, arguments) in steps {
        say(name);
        let child = Command::new(support::usina())
            .args(arguments)
            .current_dir(folder.path())
            .env("USINA_DATA", &data)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let told = watch(child)?;
        table.row([
            name.to_owned(),
            format!("{:.0}", told.peak as f64 / 1e6),
            format!("{:.1}", told.cpu.as_secs_f64() / 60.0),
            format!("{:.1}", told.wall.as_secs_f64() / 60.0),
        ]);
    }
    table.note(
        "The most memory is that of the whole process, as Linux counts it (VmHWM). The recipe learns from the stored \
         dataset, with a hold-out of one row in five and no folds.",
    );
    table.print()
}

const RECIPE: &str = r#"name = "readings"
[data]
dataset = "readings"
target = "fault"
positive = "1"

[[expectations]]
columns = ["r0", "r1", "r2", "r3", "r4", "r5", "r6", "r7", "r8", "r9"]
type = "number"
not_null = true
min = -10
max = 10

[algorithm.boost]
n_estimators = 100
max_depth = 6
learning_rate = 0.1

[validation]
holdout = 0.2
folds = 0
bootstrap = 0
"#;

/// Writes rows of readings, of which one in twenty is a fault that they tell of; returns how many bytes.
fn write_csv(file: &Path, rows: u64) -> Result<u64> {
    let mut out = BufWriter::with_capacity(1 << 20, File::create(file)?);
    let names: Vec<String> = (0..FEATURES).map(|feature| format!("r{feature}")).collect();
    writeln!(out, "{},fault", names.join(","))?;
    // A quick generator of its own: what is measured is what reads the rows.
    let mut state = Seed::new(5).derive("scale", 0).get();
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 40) as f64 / (1_u64 << 24) as f64
    };
    for _ in 0..rows {
        let mut signal = 0.0;
        for feature in 0..FEATURES {
            let reading = (next() + next() + next() - 1.5) * 2.0;
            signal += if feature % 3 == 0 {
                reading
            } else {
                reading * reading / 4.0
            };
            write!(out, "{reading:.6},")?;
        }
        writeln!(out, "{}", u8::from(signal + 3.0 * next() > 7.5))?;
    }
    out.flush()?;
    drop(out);
    Ok(fs::metadata(file)?.len())
}

/// What a process took.
struct Took {
    peak: u64,
    cpu: Duration,
    wall: Duration,
}

/// Waits for a process, looking at its memory all the while.
fn watch(mut child: Child) -> Result<Took> {
    let clock = Clock::system();
    let begun = clock.monotonic();
    let status = format!("/proc/{}/status", child.id());
    let before = children_cpu()?;
    let mut peak = 0;
    let ended = loop {
        if let Some(ended) = child.try_wait()? {
            break ended;
        }
        let text = fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kilobytes = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok());
        peak = peak.max(kilobytes.unwrap_or(0) * 1024);
        thread::sleep(Duration::from_millis(50));
    };
    ensure!(ended.success(), "it ended with {ended}");
    Ok(Took {
        peak,
        cpu: children_cpu()?.saturating_sub(before),
        wall: clock.monotonic() - begun,
    })
}

/// The CPU time of all processes that were waited for.
fn children_cpu() -> Result<Duration> {
    const TICKS: f64 = 100.0;
    let stat = fs::read_to_string("/proc/self/stat")?;
    // The name may hold spaces; what follows it does not.
    let (_, fields) = stat.rsplit_once(')').context("/proc/self/stat")?;
    let fields: Vec<&str> = fields.split_whitespace().collect();
    let ticks: f64 = fields[13].parse::<f64>()? + fields[14].parse::<f64>()?;
    Ok(Duration::from_secs_f64(ticks / TICKS))
}
