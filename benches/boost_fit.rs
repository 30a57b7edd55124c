//! A boosting fit from a CSV file of 100,000 rows and 30 columns, beside XGBoost with the same parameters:
//! reading, features and fit named apart, and the quality of both on rows that neither has seen.
//!
//! Each fit is a process of its own, ours and theirs in turns.

mod support;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use support::{Table as Printed, cpu, median, output_of, say};
use usina::base::{Seed, Stop};
use usina::data::feature::{self, Excluded, Role};
use usina::data::generate::card_fraud;
use usina::data::source::{CsvBatches, CsvOptions, scan};
use usina::data::table::Table;
use usina::engine::algorithm::Algorithm;
use usina::engine::boost::BoostParams;
use usina::engine::fit::FitData;
use usina::engine::matrix::{Feature, Matrix};
use usina::engine::metric::report;
use usina::platform::target::{Aim, Target};

/// As in the shipped executable.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The argument with which this program fits once and prints what that cost as JSON.
const ONCE: &str = "--once";

const TRAIN_ROWS: usize = 100_000;
const TEST_ROWS: usize = 25_000;
const ROUNDS: usize = 3;
const THREADS: [usize; 2] = [1, 2];
const PHASES: [&str; 3] = ["reading", "features", "fit"];

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().collect();
    if let Some(at) = arguments.iter().position(|argument| argument == ONCE) {
        let [file, params, threads] = &arguments[at + 1..] else {
            anyhow::bail!("{ONCE} FILE PARAMS THREADS")
        };
        let told = once(Path::new(file), &serde_json::from_str(params)?, threads.parse()?)?;
        return Ok(writeln!(std::io::stdout(), "{told}")?);
    }
    let folder = support::folder()?;
    let csv = folder.path().join("payments.csv");
    let mut out = BufWriter::new(File::create(&csv)?);
    let rows = (TRAIN_ROWS + TEST_ROWS) as u64;
    card_fraud::write_csv(rows, Seed::new(42), &mut out, &mut |_| {}, &Stop::new())?;
    out.flush()?;

    let csv = csv.display().to_string();
    // As in the shipped recipes; spelled out for the peer, whose defaults need not be ours.
    let params = BoostParams {
        n_estimators: 100,
        max_depth: 6,
        learning_rate: 0.1,
        ..BoostParams::default()
    };
    let params = serde_json::to_string(&params)?;
    let python = support::python();
    let mut results: BTreeMap<(usize, &str), Vec<Value>> = BTreeMap::new();
    for round in 1..=ROUNDS {
        for threads in THREADS {
            say(&format!("fit on {threads} threads, round {round} of {ROUNDS}"));
            let told = threads.to_string();
            let ours = output_of(Command::new(std::env::current_exe()?).args([ONCE, &csv, &params, &told]))?;
            results
                .entry((threads, "usina"))
                .or_default()
                .push(serde_json::from_str(&ours)?);
            if let Some(python) = &python {
                let arguments = [&*csv, &*params, &*told, &*TRAIN_ROWS.to_string()];
                let theirs = support::peer(python, "xgboost_fit.py", &arguments)?;
                results.entry((threads, "XGBoost")).or_default().push(theirs);
            }
        }
    }

    let mut printed = Printed::new(
        "Boosting fit, 100,000 rows x 30 columns, 100 trees of depth 6",
        &[
            "seconds of CPU time",
            "threads",
            "reading the CSV",
            "features",
            "fit",
            "all",
            "ROC AUC",
            "fit, wall",
        ],
    );
    for ((threads, name), told) in &results {
        let of = |key: &str| median(told.iter().filter_map(|one| one[key].as_f64()).collect());
        let phases = PHASES.map(of);
        let all: f64 = phases.iter().sum();
        let cells = phases
            .into_iter()
            .chain([all])
            .map(|seconds| format!("{seconds:.2}"));
        let version = told[0]["version"].as_str().context("no version")?;
        printed.row(
            [format!("{name} {version}"), threads.to_string()]
                .into_iter()
                .chain(cells)
                .chain([format!("{:.4}", of("roc_auc")), format!("{:.2}", of("wall"))]),
        );
    }
    printed.note(format!(
        "Generated card payments, 1% of them fraud; ROC AUC on {TEST_ROWS} later rows. Features of XGBoost: from \
         pandas to its DMatrix. The median of {ROUNDS} processes each, in turns."
    ));
    if python.is_none() {
        printed.note("XGBoost is left out: USINA_PYTHON names no Python that has it.");
    }
    printed.print()
}

/// Reads, encodes and fits once, and measures on the later rows.
fn once(file: &Path, params: &BoostParams, threads: usize) -> Result<Value> {
    let clock = usina::base::Clock::system();
    let start = cpu();
    let table = read(file)?;
    let aim = Aim {
        positive: Some("1".to_owned()),
        quantile: None,
    };
    let target = Target::read(&table, card_fraud::TARGET, &aim)?;
    let reading = cpu();

    let train: Vec<usize> = (0..TRAIN_ROWS).collect();
    let test: Vec<usize> = (TRAIN_ROWS..table.rows()).collect();
    let left_out = Excluded {
        column: card_fraud::TARGET,
        role: Role::Target,
    };
    let features = feature::fit(&Default::default(), &table, &train, &[left_out])?;
    let columns: Arc<[Feature]> = features
        .outputs()
        .iter()
        .map(|output| Feature::numeric(&output.name))
        .collect();
    let matrix = |rows: &[usize]| -> Result<Matrix> {
        let mut values = Vec::with_capacity(rows.len() * features.width());
        features.encode_table(&table, rows, &mut values)?;
        Ok(Matrix::new(values, rows.len(), Arc::clone(&columns))?)
    };
    let learnt = matrix(&train)?;
    let encoded = cpu();

    let data = FitData {
        train: learnt,
        target: &target.values[..TRAIN_ROWS],
        weights: None,
        valid: None,
        valid_weights: None,
        watch_train: false,
    };
    let begun = clock.monotonic();
    let algorithm = Algorithm::Boost(params.clone());
    let model = algorithm.fit(
        data,
        &target.task,
        threads,
        Seed::new(42),
        &Stop::new(),
        &mut |_| {},
    )?;
    let wall = clock.monotonic() - begun;
    let fitted = cpu();

    let predicted = model.predict(&matrix(&test)?)?;
    let quality = report(&target.task, &target.values[TRAIN_ROWS..], &predicted, 0.5)?;
    Ok(json!({
        "version": env!("CARGO_PKG_VERSION"),
        "reading": (reading - start).as_secs_f64(),
        "features": (encoded - reading).as_secs_f64(),
        "fit": (fitted - encoded).as_secs_f64(),
        "wall": wall.as_secs_f64(),
        "roc_auc": quality.get("roc_auc"),
    }))
}

/// The table in a CSV file, as a training reads it: once for the types, once for the cells.
fn read(file: &Path) -> Result<Table> {
    let (name, options) = (file.display().to_string(), CsvOptions::default());
    let schema = Arc::new(scan(&name, File::open(file)?, &options)?.schema);
    let mut whole = Table::empty(Arc::clone(&schema));
    for batch in CsvBatches::new(&name, File::open(file)?, &options, schema, 8_192)? {
        whole.append(batch?)?;
    }
    ensure!(whole.rows() == TRAIN_ROWS + TEST_ROWS, "rows were lost");
    Ok(whole)
}
