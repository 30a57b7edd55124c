//! Nets beside PyTorch: an epoch of an LSTM (50 returning its sequence, 50, dense 1; window 24, batches of 32, 6,900
//! windows) and one step of it for one window; an epoch of a multi-layer perceptron (128, 64) on 50,000 rows x 30 and the
//! answer to one row. CPU time, ours and theirs in turns, each in a process of its own on one thread, and the loss reached.
//!
//! PyTorch is not installed by the tests, since it brings gigabytes: USINA_TORCH names a Python that has it.

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use rand_chacha::rand_core::Rng;
use serde_json::{Value, json};
use support::{Table, cpu, median, output_of, say};
use usina::base::{Seed, Stop};
use usina::engine::device::Device;
use usina::engine::fit::{FitData, How, NoCheckpoints};
use usina::engine::matrix::{Feature, Matrix};
use usina::engine::net::lstm::{self, LstmParams, Sequences};
use usina::engine::net::{self, MlpParams, Schedule};
use usina::engine::task::Task;

/// As in the shipped executable.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The argument with which this program trains once and prints what that cost as JSON.
const ONCE: &str = "--once";

const WINDOW: usize = 24;
const WINDOWS: usize = 6_900;
const ROWS: usize = 50_000;
const COLUMNS: usize = 30;
/// Epochs of the LSTM, and of the perceptron.
const EPOCHS: [usize; 2] = [3, 3];
const ANSWERS: usize = 2_000;
const ROUNDS: usize = 3;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().collect();
    if let Some(at) = arguments.iter().position(|argument| argument == ONCE) {
        let told = match arguments.get(at + 1).map(String::as_str) {
            Some("lstm") => of_lstm()?,
            Some("mlp") => of_mlp()?,
            _ => bail!("{ONCE} lstm|mlp"),
        };
        return Ok(writeln!(std::io::stdout(), "{told}")?);
    }
    let folder = support::folder()?;
    write(folder.path())?;
    let torch = std::env::var("USINA_TORCH").ok();
    if torch.is_none() {
        say("USINA_TORCH names no Python with PyTorch: it is left out");
    }
    let mut results: BTreeMap<(&str, &str), Vec<Value>> = BTreeMap::new();
    for round in 1..=ROUNDS {
        say(&format!("nets, round {round} of {ROUNDS}"));
        for net in ["lstm", "mlp"] {
            let ours = output_of(Command::new(std::env::current_exe()?).args([ONCE, net]))?;
            results
                .entry((net, "usina"))
                .or_default()
                .push(serde_json::from_str(&ours)?);
            let Some(python) = &torch else { continue };
            let script = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/peers/nets.py");
            let params = json!({"epochs": EPOCHS, "answers": ANSWERS, "window": WINDOW, "columns": COLUMNS});
            let mut theirs = Command::new(python);
            theirs
                .arg(script)
                .arg(folder.path())
                .arg(net)
                .arg(params.to_string());
            let theirs = output_of(&mut theirs)?;
            results
                .entry((net, "PyTorch"))
                .or_default()
                .push(serde_json::from_str(&theirs)?);
        }
    }
    printed(&results)
}

fn printed(results: &BTreeMap<(&str, &str), Vec<Value>>) -> Result<()> {
    let mut table = Table::new(
        "Nets, one thread",
        &[
            "",
            "seconds of CPU time an epoch",
            "ours / theirs",
            "loss reached",
            "µs of CPU time an answer",
            "ours / theirs",
        ],
    );
    for net in ["lstm", "mlp"] {
        let ours = results.get(&(net, "usina")).context("no training of ours")?;
        for (&(_, who), told) in results.iter().filter(|((other, _), _)| *other == net) {
            let of = |key: &str| median(told.iter().filter_map(|one| one[key].as_f64()).collect());
            let ratio = |key: &str| {
                let pairs = ours.iter().zip(told);
                let ratios =
                    pairs.filter_map(|(ours, theirs)| Some(ours[key].as_f64()? / theirs[key].as_f64()?));
                if who == "usina" {
                    String::new()
                } else {
                    format!("{:.2}", median(ratios.collect()))
                }
            };
            table.row([
                format!("{} {who}", net.to_uppercase()),
                format!("{:.3}", of("epoch")),
                ratio("epoch"),
                format!("{:.5}", of("loss")),
                format!("{:.1}", 1e6 * of("answer")),
                ratio("answer"),
            ]);
        }
    }
    table.note(format!(
        "LSTM: {WINDOWS} windows of {WINDOW}, layers of 50 and 50, batches of 32; MLP: {ROWS} rows x {COLUMNS}, layers of \
         128 and 64, batches of 256; Adam at 0.001 in both; the loss is the mean of the last epoch's steps. Medians of \
         {ROUNDS}."
    ));
    table.print()
}

/// A noisy wave of the windows' periods.
fn series() -> Vec<f32> {
    let mut rng = Seed::new(1).rng();
    let mut noise = || (rng.next_u32() >> 8) as f32 / (1 << 24) as f32 - 0.5;
    (0..WINDOWS + WINDOW)
        .map(|at| (at as f32 * 0.26).sin() + 0.3 * (at as f32 * 0.037).sin() + 0.2 * noise())
        .collect()
}

/// Rows of numbers, and a number that follows from a few of them.
fn rows() -> (Vec<f32>, Vec<f32>) {
    let mut rng = Seed::new(2).rng();
    let mut number = || (rng.next_u32() >> 8) as f32 / (1 << 23) as f32 - 1.0;
    let values: Vec<f32> = (0..ROWS * COLUMNS).map(|_| number()).collect();
    let target = values
        .chunks_exact(COLUMNS)
        .map(|row| (3.0 * row[0]).sin() + row[1] * row[2] + 0.5 * row[3]);
    let target = target.collect();
    (values, target)
}

/// What both sides learn from, as 32-bit floats.
fn write(folder: &Path) -> Result<()> {
    let bytes = |values: &[f32]| -> Vec<u8> { values.iter().flat_map(|value| value.to_le_bytes()).collect() };
    let (values, target) = rows();
    fs::write(folder.join("series.bin"), bytes(&series()))?;
    fs::write(folder.join("rows.bin"), bytes(&values))?;
    Ok(fs::write(folder.join("target.bin"), bytes(&target))?)
}

fn of_lstm() -> Result<Value> {
    let values = series();
    let ends: Vec<usize> = (WINDOW - 1..WINDOW - 1 + WINDOWS).collect();
    let sequences = Sequences {
        inputs: 1,
        window: WINDOW,
        target: ends.iter().map(|end| values[end + 1]).collect(),
        ends,
        values,
        ..Sequences::default()
    };
    let params = LstmParams {
        epochs: EPOCHS[0],
        learning_rate_schedule: Schedule::Constant,
        patience: 0,
        ..LstmParams::default()
    };
    let mut loss = 0.0;
    let mut told = |round: usina::engine::fit::Round| loss = round.train_metric.unwrap_or(f64::NAN).powi(2);
    let begun = cpu();
    let model = lstm::fit(
        &sequences,
        None,
        1,
        1.0,
        &params,
        how(&mut told, (&Device::cpu(), &Stop::new()), &mut NoCheckpoints),
    )?;
    let epoch = (cpu() - begun).as_secs_f64() / EPOCHS[0] as f64;
    let one = Sequences {
        ends: vec![WINDOW - 1],
        values: sequences.values[..WINDOW].to_vec(),
        target: Vec::new(),
        ..sequences
    };
    let begun = cpu();
    for _ in 0..ANSWERS {
        std::hint::black_box(model.predict(std::hint::black_box(&one))?);
    }
    let answer = (cpu() - begun).as_secs_f64() / ANSWERS as f64;
    Ok(json!({"epoch": epoch, "loss": loss, "answer": answer}))
}

fn of_mlp() -> Result<Value> {
    let (values, target) = rows();
    let features: Arc<[Feature]> = (0..COLUMNS)
        .map(|at| Feature::numeric(format!("x{at}")))
        .collect();
    let row = values[..COLUMNS].to_vec();
    let data = FitData {
        train: Matrix::new(values, ROWS, features)?,
        target: &target,
        weights: None,
        valid: None,
        valid_weights: None,
        watch_train: false,
    };
    let params = MlpParams {
        epochs: EPOCHS[1],
        learning_rate_schedule: Schedule::Constant,
        weight_decay: 0.0,
        patience: 0,
        ..MlpParams::default()
    };
    let mut loss = 0.0;
    let mut told = |round: usina::engine::fit::Round| loss = round.train_metric.unwrap_or(f64::NAN).powi(2);
    let begun = cpu();
    let model = net::fit(
        &data,
        &Task::Regression,
        &params,
        how(&mut told, (&Device::cpu(), &Stop::new()), &mut NoCheckpoints),
    )?;
    let epoch = (cpu() - begun).as_secs_f64() / EPOCHS[1] as f64;
    let mut out = [0.0];
    let begun = cpu();
    for _ in 0..ANSWERS {
        model.predict_row(std::hint::black_box(&row), &mut out)?;
        std::hint::black_box(out);
    }
    let answer = (cpu() - begun).as_secs_f64() / ANSWERS as f64;
    Ok(json!({"epoch": epoch, "loss": loss, "answer": answer}))
}

fn how<'a, 'p>(
    progress: &'a mut (dyn FnMut(usina::engine::fit::Round) + Send + 'p),
    (device, stop): (&'a Device, &'a Stop),
    checkpoints: &'a mut NoCheckpoints,
) -> How<'a, 'p> {
    How {
        threads: 1,
        seed: Seed::new(7),
        stop,
        device,
        progress,
        checkpoints,
    }
}
