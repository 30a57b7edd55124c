//! One row in process: what the model, the features and the whole prediction cost without HTTP.

mod support;

use std::borrow::Cow;
use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result};
use serde_json::Value;
use support::{Table as Printed, cpu, median, say};
use usina::base::{Clock, Entropy, Name, Seed};
use usina::data::cell::Cell;
use usina::data::generate::card_fraud;
use usina::platform::bundles::Content;
use usina::platform::deployments::Deployments;
use usina::platform::predictor::{Predictor, Row, Servable};
use usina::platform::registry::{Registry, Stage, VersionRef};
use usina::runtime::telemetry::Measurements;
use usina::store::{Store, StoreOptions};

/// As in the shipped executable.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const ROWS: usize = 4_096;
const PASSES: usize = 25;
const ROUNDS: usize = 5;

fn main() -> Result<()> {
    let folder = support::folder()?;
    support::train_fraud(folder.path())?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    // Before the model is loaded, so that predictions are counted as in the server.
    let _measurements = Measurements::start()?;
    let (content, servable) = runtime.block_on(loaded(folder.path()))?;

    let table = card_fraud::batches(ROWS as u64, Seed::new(7), ROWS)?
        .next()
        .context("no rows")??;
    let rows: Vec<usize> = (0..table.rows()).collect();
    let inputs = servable.inputs();
    let column = |name: &str| {
        table
            .schema()
            .index_of(name)
            .context("the model takes another column")
    };
    let columns = inputs
        .iter()
        .map(|input| column(&input.name))
        .collect::<Result<Vec<_>>>()?;
    let cells = |row: usize| {
        columns
            .iter()
            .map(|&column| table.cell(row, column))
            .collect::<Vec<Cell<'_>>>()
    };
    let listed: Vec<Row<'_>> = rows.iter().map(|&row| Row::Listed(cells(row))).collect();
    let names = || inputs.iter().map(|input| Cow::Borrowed(input.name.as_str()));
    let named: Vec<Row<'_>> = rows
        .iter()
        .map(|&row| Row::Named(names().zip(cells(row)).collect()))
        .collect();
    let fitted = content.fitted.rows().context("no model of rows")?;
    let mut encoded = Vec::new();
    fitted.features.encode_table(&table, &rows, &mut encoded)?;
    let width = fitted.features.width();

    let mut out = [0.0];
    let mut scratch = vec![0.0; width];
    let mut measured: [Vec<f64>; 4] = Default::default();
    for round in 1..=ROUNDS {
        say(&format!("in process, round {round} of {ROUNDS}"));
        measured[0].push(each(|row| {
            fitted
                .model
                .predict_row(black_box(&encoded[row * width..(row + 1) * width]), &mut out)?;
            Ok(black_box(out[0]))
        })?);
        measured[1].push(each(|row| {
            if let Row::Listed(cells) = black_box(&listed[row]) {
                fitted.features.encode_row(cells, &mut scratch)?;
            }
            Ok(black_box(scratch[0]))
        })?);
        measured[2].push(each(|row| answered(&servable, &listed[row]))?);
        measured[3].push(each(|row| answered(&servable, &named[row]))?);
    }
    let [model, features, listed, named] = measured.map(median);

    let mut printed = Printed::new(
        "One row in process (fraud-detection: 100 trees, 30 features)",
        &["", "µs CPU a row"],
    );
    for (name, micros) in [
        ("model alone, `Model::predict_row`", model),
        ("features alone, `FittedFeatures::encode_row`", features),
        (
            "checked, encoded, predicted, counted, `Servable::predict`, as a list",
            listed,
        ),
        ("the same by name", named),
    ] {
        printed.row([name.to_owned(), format!("{micros:.2}")]);
    }
    match support::python() {
        Some(python) => {
            let answer = peer(&python, folder.path(), &content, &encoded[..256 * width], width)?;
            for key in ["inplace_predict", "dmatrix"] {
                let micros = answer[key].as_f64().context("the peer told no time")?;
                printed.row([
                    format!("XGBoost {}, {key}", text(&answer["xgboost"])),
                    format!("{micros:.2}"),
                ]);
            }
        }
        None => printed.note("XGBoost is left out: USINA_PYTHON names no Python that has it."),
    }
    printed.note(format!(
        "Over {ROWS} generated rows {PASSES} times, one thread, the median of {ROUNDS}."
    ));
    printed.print()
}

/// The version in production, as a server has it, and what it is made of.
async fn loaded(folder: &Path) -> Result<(Content, Arc<Servable>)> {
    let clock = Clock::system();
    let store = Store::open(folder, StoreOptions::default(), clock.clone(), Entropy)?;
    let registry = Registry::new(store.clone(), clock);
    let predictor = Predictor::default();
    let deployments = Deployments::new(store, registry.clone(), predictor.clone(), None);
    deployments.load_all().await?;
    let name: Name = "fraud-detection".parse()?;
    let version = registry
        .version(&name, VersionRef::Stage(Stage::Production))
        .await?;
    Ok((registry.content(&version).await?, predictor.in_production(None)?))
}

/// Microseconds of CPU time that `work` needs for a row.
fn each(mut work: impl FnMut(usize) -> Result<f32>) -> Result<f64> {
    let before = cpu();
    for _ in 0..PASSES {
        for row in 0..ROWS {
            work(row)?;
        }
    }
    Ok((cpu() - before).as_secs_f64() * 1e6 / (PASSES * ROWS) as f64)
}

fn answered(servable: &Servable, row: &Row<'_>) -> Result<f32> {
    let answers = servable.rows()?.predict(std::slice::from_ref(black_box(row)))?;
    Ok(answers.rows().next().map_or(f32::NAN, |values| values[0]))
}

/// XGBoost with the same model on the same rows.
fn peer(python: &Path, folder: &Path, content: &Content, encoded: &[f32], width: usize) -> Result<Value> {
    let (model, rows) = (folder.join("model.json"), folder.join("rows.f32"));
    let fitted = content.fitted.rows().context("no model of rows")?;
    std::fs::write(&model, &fitted.model.encode()?.files["model.json"])?;
    let bytes: Vec<u8> = encoded.iter().flat_map(|value| value.to_le_bytes()).collect();
    std::fs::write(&rows, bytes)?;
    let (model, rows) = (model.display().to_string(), rows.display().to_string());
    support::peer(python, "xgboost_row.py", &[&model, &rows, &width.to_string()])
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or("?")
}
