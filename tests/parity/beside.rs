//! A shipped recipe beside XGBoost: the same rows, folds, features and parameters. Tests and benchmarks use it.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;
use usina::base::{Seed, Stop};
use usina::data::generate::card_fraud;
use usina::data::source::{CsvBatches, scan};
use usina::data::split::Part;
use usina::data::table::Table;
use usina::engine::algorithm::Algorithm;
use usina::engine::device::Device;
use usina::engine::matrix::Matrix;
use usina::engine::validate::{CrossPlan, cross_validate};
use usina::platform::recipes::shipped::Shipped;
use usina::platform::target::Target;
use usina::platform::trainer::{Prepared, SplitBy};

/// The quality of both, fold by fold.
#[derive(Debug)]
pub struct Beside {
    /// Rows of the whole table.
    pub rows: usize,
    /// Our metric on each fold.
    pub ours: Vec<f64>,
    /// XGBoost's.
    pub theirs: Theirs,
}

/// What XGBoost reached.
#[derive(Debug, Deserialize)]
pub struct Theirs {
    /// Its version.
    pub xgboost: String,
    /// What was measured: `roc_auc` or `rmse`.
    pub metric: String,
    /// On each fold.
    pub folds: Vec<f64>,
}

/// Cross-validates the recipe as its training does, and has XGBoost do the same; `folder` is filled with the
/// rows for it.
pub fn compare(shipped: &Shipped, python: &Path, folder: &Path) -> Result<Beside> {
    let recipe = &shipped.recipe;
    let table = rows(shipped)?;
    let target = Target::read(&table, &recipe.data.target, &recipe.data.aim())?;
    let rows = table.into();
    let prepared = Prepared::new(recipe, &rows, &target, (SplitBy::Class, None), Stop::new())?;
    let mut folds = prepared.folds()?.context("a recipe without folds")?;
    for index in 0..folds.len() {
        let parts = folds.parts(index)?;
        let (features, encoded) = prepared.encode(&parts)?;
        let into = folder.join(format!("fold-{index}"));
        fs::create_dir_all(&into)?;
        let test = prepared.matrix(&features, &parts, Part::Test)?;
        for (name, matrix, part) in [
            ("train", &encoded.train, Part::Train),
            ("test", &test, Part::Test),
        ] {
            write_matrix(&into.join(format!("{name}.npy")), matrix)?;
            let labels = prepared.targets(&parts, part);
            write_npy(&into.join(format!("{name}_labels.npy")), &labels, 1)?;
        }
        fs::write(
            into.join("features.json"),
            serde_json::to_vec(&**encoded.train.features())?,
        )?;
    }
    let Algorithm::Boost(params) = &recipe.algorithm else {
        bail!("XGBoost knows trees alone");
    };
    fs::write(folder.join("params.json"), serde_json::to_vec(params)?)?;
    fs::write(folder.join("task.json"), serde_json::to_vec(&target.task)?)?;

    let theirs = theirs(python, folder)?;
    let plan = CrossPlan {
        folds: folds.len(),
        target: &target.values,
        weights: None,
        task: &target.task,
        algorithm: &recipe.algorithm,
        threshold: 0.5,
        threads: 1,
        device: &Device::cpu(),
        seed: Seed::new(recipe.validation.seed),
    };
    let report = cross_validate(&plan, &mut folds, &Stop::new(), &mut |_| {})?;
    let ours: Vec<f64> = report
        .folds
        .iter()
        .filter_map(|fold| fold.model.get(&theirs.metric))
        .collect();
    ensure!(
        ours.len() == theirs.folds.len(),
        "other folds, or no {}",
        theirs.metric
    );
    Ok(Beside {
        rows: rows.count(),
        ours,
        theirs,
    })
}

fn theirs(python: &Path, folder: &Path) -> Result<Theirs> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/parity/quality.py");
    let output = Command::new(python).arg(script).arg(folder).output()?;
    ensure!(
        output.status.success(),
        "XGBoost: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// All rows of a shipped recipe.
fn rows(shipped: &Shipped) -> Result<Table> {
    let data = &shipped.recipe.data;
    if let Some(generate) = &data.generate {
        let mut table = Table::empty(Arc::new(card_fraud::schema()?));
        for batch in card_fraud::batches(generate.rows, Seed::new(generate.seed), 8_192)? {
            table.append(batch?)?;
        }
        return Ok(table);
    }
    let csv = shipped.data().context("the recipe has no data")?;
    let schema = Arc::new(scan(&shipped.folder, &*csv, &data.csv)?.schema);
    let mut table = Table::empty(Arc::clone(&schema));
    for batch in CsvBatches::new(&shipped.folder, &*csv, &data.csv, schema, 8_192)? {
        table.append(batch?)?;
    }
    Ok(table)
}

/// Writes a matrix as NumPy's `.npy`.
pub fn write_matrix(path: &Path, matrix: &Matrix) -> Result<()> {
    write_npy(path, matrix.values(), matrix.cols())
}

/// Writes `[rows x width]` floats as NumPy's `.npy`, version 1.0: to the bit, which text would not promise.
///
/// Source: numpy.lib.format.
pub fn write_npy(path: &Path, values: &[f32], width: usize) -> Result<()> {
    let rows = values.len() / width;
    let mut header = format!("{{'descr': '<f4', 'fortran_order': False, 'shape': ({rows}, {width}), }}");
    // Magic, version, length and header fill whole units of 64 bytes, the last byte being a line's end.
    header.extend(std::iter::repeat_n(' ', 63 - (10 + header.len()) % 64));
    header.push('\n');
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend(u16::try_from(header.len())?.to_le_bytes());
    bytes.extend(header.as_bytes());
    bytes.extend(values.iter().flat_map(|value| value.to_le_bytes()));
    Ok(fs::write(path, bytes)?)
}
