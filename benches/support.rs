//! What the benchmarks share: CPU time, tables, and where the programs are that they need.
//!
//! CPU time (user and system, all threads) is what is compared: on a machine that others use too, wall time
//! says how busy they are.

#![allow(dead_code, reason = "each benchmark uses its part")]

use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use rustix::time::{ClockId, clock_gettime};

/// CPU time that this process has used so far.
pub fn cpu() -> Duration {
    let used = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(used.tv_sec.unsigned_abs(), used.tv_nsec.unsigned_abs() as u32)
}

/// CPU time that the process `pid` has used so far, in ticks of 10 ms.
pub fn cpu_of(pid: u32) -> Result<Duration> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"))?;
    // The second field is the program's name in brackets, which may hold anything.
    let (_, rest) = stat.rsplit_once(')').context("/proc/PID/stat has another form")?;
    let ticks = |field: usize| -> Result<u64> {
        Ok(rest
            .split_whitespace()
            .nth(field)
            .context("/proc/PID/stat is short")?
            .parse()?)
    };
    let ticks = ticks(11)? + ticks(12)?;
    Ok(Duration::from_secs_f64(
        ticks as f64 / rustix::param::clock_ticks_per_second() as f64,
    ))
}

/// Memory that the process `pid` has in use, in bytes.
pub fn resident_of(pid: u32) -> Result<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status
        .lines()
        .find(|line| line.starts_with("VmRSS:"))
        .context("no VmRSS")?;
    let kib: u64 = line
        .split_whitespace()
        .nth(1)
        .context("VmRSS is empty")?
        .parse()?;
    Ok(kib << 10)
}

/// The middle one.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// A table in Markdown, on standard output.
pub struct Table {
    title: String,
    columns: Vec<String>,
    rows: Vec<Vec<String>>,
    notes: Vec<String>,
}

impl Table {
    /// A table without rows; the first column is text, the others are numbers.
    pub fn new(title: &str, columns: &[&str]) -> Self {
        let columns = columns.iter().map(|&column| column.to_owned()).collect();
        Self {
            title: title.to_owned(),
            columns,
            rows: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// Adds a row.
    pub fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }

    /// Adds a line below the table: what was measured, and how.
    pub fn note(&mut self, note: impl Into<String>) {
        self.notes.push(note.into());
    }

    /// Prints it.
    pub fn print(&self) -> Result<()> {
        let mut out = std::io::stdout().lock();
        writeln!(out, "\n### {}\n", self.title)?;
        writeln!(out, "| {} |", self.columns.join(" | "))?;
        writeln!(out, "| ---{} |", " | ---:".repeat(self.columns.len() - 1))?;
        for row in &self.rows {
            writeln!(out, "| {} |", row.join(" | "))?;
        }
        for note in &self.notes {
            writeln!(out, "\n{note}")?;
        }
        Ok(out.flush()?)
    }
}

/// Tells on standard error how far it is.
pub fn say(message: &str) {
    // Nobody who listens is no reason to stop.
    let _ = writeln!(std::io::stderr(), "bench: {message}");
}

/// The executable that is measured: the shipped one where it is named, else the one that was built with this.
pub fn usina() -> PathBuf {
    std::env::var_os("USINA_EXE")
        .unwrap_or_else(|| env!("CARGO_BIN_EXE_usina").into())
        .into()
}

/// Python with XGBoost; none: the peers are left out, and the tables say so.
pub fn python() -> Option<PathBuf> {
    std::env::var_os("USINA_PYTHON").map(PathBuf::from)
}

/// A folder that is gone when it is dropped, on the disk that `USINA_BENCH_FOLDER` names.
pub fn folder() -> Result<tempfile::TempDir> {
    let parent = std::env::var_os("USINA_BENCH_FOLDER").unwrap_or_else(|| env!("CARGO_TARGET_TMPDIR").into());
    std::fs::create_dir_all(&parent)?;
    Ok(tempfile::Builder::new()
        .prefix("usina-bench-")
        .tempdir_in(parent)?)
}

/// Runs a program to its end and gives what it printed.
pub fn output_of(command: &mut Command) -> Result<String> {
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("{command:?}"))?;
    ensure!(
        output.status.success(),
        "{command:?} ended with {}",
        output.status
    );
    Ok(String::from_utf8(output.stdout)?)
}

/// A peer in Python: prints one JSON object.
pub fn peer(python: &Path, script: &str, arguments: &[&str]) -> Result<serde_json::Value> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("benches/peers")
        .join(script);
    Ok(serde_json::from_str(&output_of(
        Command::new(python).arg(script).args(arguments),
    )?)?)
}

/// Trains the shipped recipe `fraud-detection` into `folder`.
pub fn train_fraud(folder: &Path) -> Result<()> {
    say("training fraud-detection");
    output_of(
        Command::new(usina())
            .args(["--quiet", "train", "fraud-detection", "--data"])
            .arg(folder),
    )?;
    Ok(())
}

/// A server in a process of its own; it ends with this value.
pub struct Server {
    child: Child,
    /// Where it listens.
    pub address: SocketAddr,
}

impl Server {
    /// Starts `command` and waits for the line on standard error that ends with `http://ADDRESS`.
    pub fn start(command: &mut Command) -> Result<Self> {
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn()?;
        let mut lines = BufReader::new(child.stderr.take().context("no standard error")?).lines();
        for line in lines.by_ref() {
            let line = line?;
            if let Some((_, address)) = line.split_once("serves on http://") {
                let address = address.trim().parse()?;
                // What it says from here on must not fill the pipe.
                std::thread::Builder::new().spawn(move || lines.for_each(drop))?;
                return Ok(Self { child, address });
            }
        }
        bail!("{command:?} ended before it served: {}", child.wait()?)
    }

    /// The process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended on its own; nothing is lost then.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
