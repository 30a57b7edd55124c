//! What XGBoost predicts with the models that we export.

use std::fmt::Write;
use std::path::Path;
use std::process::Command;

use rand_chacha::rand_core::Rng;
use serde_json::{Map, Value, json};
use usina::base::{Clock, Entropy, Name, Seed};
use usina::data::cell::Cell;
use usina::data::table::Table;
use usina::engine::matrix::Matrix;
use usina::engine::model::{Model, ModelFormat, StoredModel};
use usina::platform::bundles::Content;
use usina::platform::datasets::{Columns, DatasetError, Datasets};
use usina::platform::registry::{Registry, Stage, VersionRef};
use usina::store::{Store, StoreOptions};

use super::{beside, python, script};
use crate::support::Folder;

/// About so many rows are compared, at least two thousand.
const ROWS: usize = 3_000;
/// So many of them are explained, too.
const EXPLAINED: usize = 500;
/// Between what we read back from XGBoost and what was exported; and between XGBoost and us, in the script.
const TOLERANCE: f32 = 1e-6;

/// Trains `recipe` as a user does, exports the model, asks usina through its API, and has XGBoost predict the
/// same rows.
fn xgboost_predicts_the_same(folder: &Folder, recipe: &str, model: &str) {
    let Some(python) = python() else { return };
    folder.run(&["train", recipe]).done();
    std::fs::create_dir(folder.path("exported")).unwrap();
    let export = [
        "models",
        "export",
        model,
        "--format",
        "xgboost",
        "--output",
        "exported/model.json",
    ];
    folder.run(&export).done();

    let (content, table) = read(folder, model);
    let step = (table.rows() / ROWS).max(1);
    let rows: Vec<usize> = (0..table.rows()).step_by(step).collect();
    assert!(rows.len() >= 2_000, "{} rows say little", rows.len());
    let answers = ask(folder, &content, &table, &rows);
    let mut encoded = Vec::new();
    content
        .fitted
        .rows()
        .unwrap()
        .features
        .encode_table(&table, &rows, &mut encoded)
        .unwrap();

    let exported = folder.path("exported");
    let explained = explained(&content, &encoded);
    let contributions =
        content.fitted.rows().unwrap().model.width() * (content.fitted.rows().unwrap().features.width() + 1);
    beside::write_npy(&exported.join("contributions.npy"), &explained, contributions).unwrap();
    beside::write_npy(
        &exported.join("rows.npy"),
        &encoded,
        content.fitted.rows().unwrap().features.width(),
    )
    .unwrap();
    let width = content.fitted.rows().unwrap().model.width();
    beside::write_npy(&exported.join("predictions.npy"), &answers, width).unwrap();
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/parity/xgboost_parity.py");
    let told = script(Command::new(python).arg(here).arg(&exported));
    assert_eq!(
        (&told["same"], &told["rows"]),
        (&json!(true), &json!(rows.len())),
        "{told}"
    );

    let resaved = std::fs::read(exported.join("resaved.json")).unwrap();
    let format = ModelFormat::XgboostJson;
    let files = [("model.json".to_owned(), resaved)].into();
    let again = Model::decode(&StoredModel { format, files }).unwrap();
    let matrix = Matrix::new(encoded, rows.len(), again.features().clone()).unwrap();
    for (row, (ours, resaved)) in answers.iter().zip(again.predict(&matrix).unwrap()).enumerate() {
        let scale = ours.abs().max(1.0);
        assert!(
            (ours - resaved).abs() <= TOLERANCE * scale,
            "value {row}: {ours} and {resaved}"
        );
    }
}

/// What each feature adds to the predictions of the first rows: `[rows x outputs x (features + 1)]`, the base
/// value last, as XGBoost's `pred_contribs` has it.
fn explained(content: &Content, encoded: &[f32]) -> Vec<f32> {
    let rows = &encoded[..EXPLAINED * content.fitted.rows().unwrap().features.width()];
    let explained = content.fitted.rows().unwrap().model.explain(rows).unwrap();
    let outputs = explained.rows().flatten();
    outputs
        .flat_map(|output| output.of_features.iter().copied().chain([output.base]))
        .collect()
}

/// What the version in production is made of, and the rows that it was trained on.
fn read(folder: &Folder, model: &str) -> (Content, Table) {
    let clock = Clock::system();
    let store = Store::open(&folder.data(), StoreOptions::default(), clock.clone(), Entropy).unwrap();
    let registry = Registry::new(store.clone(), clock.clone());
    let name: Name = model.parse().unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let content = runtime.block_on(async {
        let production = VersionRef::Stage(Stage::Production);
        let version = registry.version(&name, production).await.unwrap();
        registry.content(&version).await.unwrap()
    });
    let (_, rows) = Datasets::new(store, clock, Entropy)
        .rows_blocking(&name, None, usize::MAX)
        .unwrap();
    let mut table = None;
    rows.each(Columns::All, |_, batch| {
        table = Some(batch.clone());
        Ok::<_, DatasetError>(())
    })
    .unwrap();
    (content, table.unwrap())
}

/// What usina answers for these rows: each second one by name, the others as a list.
fn ask(folder: &Folder, content: &Content, table: &Table, rows: &[usize]) -> Vec<f32> {
    let inputs = content.fitted.rows().unwrap().features.inputs();
    let columns: Vec<usize> = inputs
        .iter()
        .map(|input| table.schema().index_of(&input.name).unwrap())
        .collect();
    let features: Vec<Value> = rows
        .iter()
        .enumerate()
        .map(|(index, &row)| {
            let values = columns.iter().map(|&column| json_of(&table.cell(row, column)));
            if index % 2 == 0 {
                let names = inputs.iter().map(|input| input.name.clone());
                Value::Object(names.zip(values).collect::<Map<_, _>>())
            } else {
                Value::Array(values.collect())
            }
        })
        .collect();
    folder.file("rows.json", serde_json::to_vec(&features).unwrap());
    let model = content.manifest.model.as_str();
    let answer = folder.run(&["predict", model, "--json", "@rows.json"]).done();
    let answer: Value = serde_json::from_str(&answer).unwrap();
    let classes = content.manifest.predicts.classes();
    let values: Vec<f32> = match classes {
        [] => numbers(&answer["prediction"]).collect(),
        [_, _] => numbers(&answer["probability"]).collect(),
        classes => answer["probability"]
            .as_array()
            .unwrap()
            .iter()
            .flat_map(|row| classes.iter().map(|class| number(&row[class.as_str()])))
            .collect(),
    };
    assert_eq!(
        values.len(),
        rows.len() * content.fitted.rows().unwrap().model.width()
    );
    values
}

fn numbers(list: &Value) -> impl Iterator<Item = f32> {
    list.as_array().unwrap().iter().map(number)
}

fn number(value: &Value) -> f32 {
    value.as_f64().unwrap() as f32
}

fn json_of(cell: &Cell<'_>) -> Value {
    match cell {
        Cell::Missing => Value::Null,
        Cell::Number(number) => json!(number),
        Cell::Integer(integer) => json!(integer),
        Cell::Boolean(boolean) => json!(boolean),
        Cell::Text(text) => json!(text),
        Cell::Timestamp(_) => panic!("no feature is a timestamp"),
    }
}

#[test]
fn xgboost_predicts_the_same_of_customer_churn() {
    xgboost_predicts_the_same(&Folder::new(), "customer-churn", "customer-churn");
}

#[test]
fn xgboost_predicts_the_same_of_credit_risk() {
    xgboost_predicts_the_same(&Folder::new(), "credit-risk", "credit-risk");
}

#[test]
fn xgboost_predicts_the_same_of_predictive_maintenance() {
    xgboost_predicts_the_same(&Folder::new(), "predictive-maintenance", "predictive-maintenance");
}

#[test]
fn xgboost_predicts_the_same_of_fraud_detection() {
    xgboost_predicts_the_same(&Folder::new(), "fraud-detection", "fraud-detection");
}

/// Columns whose names and levels XGBoost, CSV, JSON or TOML might stumble over.
const COLUMNS: [&str; 8] = [
    "carat",
    "größe [<%]",
    "depth, \"total\"",
    "cut's \\ kind",
    "色",
    "shop",
    "price",
    "clarity",
];
const CUTS: [&str; 5] = [
    "Fair, or \"so\"",
    "it's good",
    "très bon — ÿ",
    "日本 ✨",
    "=IDEAL(A1)",
];
const COLOURS: [&str; 6] = ["D", "E", "F", "null", "NaN ", "<G>"];
const CLARITIES: [&str; 4] = ["I1", "SI, 2", "\"VS\"", "ИФ"];

/// A table like the well-known one of diamonds: a price to be told, and a clarity of four, with missing values.
fn diamonds(rows: usize) -> String {
    let mut rng = Seed::new(11).rng();
    let mut below = |bound: u32| rng.next_u32() % bound;
    let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
    let mut table = COLUMNS.map(quoted).join(",") + "\n";
    for _ in 0..rows {
        let carat = 0.2 + f64::from(below(280)) / 100.0;
        let (size, depth) = (3.0 + carat * 2.5, 55.0 + f64::from(below(150)) / 10.0);
        let (cut, colour, shop) = (below(5) as usize, below(6) as usize, below(40));
        let noise = f64::from(below(1_000)) / 1_000.0;
        let price =
            3_000.0 * carat.powf(1.5) * (1.0 + 0.1 * cut as f64 - 0.05 * colour as f64) + 300.0 * noise;
        let clarity = ((carat + noise) * 0.7 + f64::from(u8::from(cut == 3))) as usize % 4;
        let hole = |text: String, drawn: u32| if drawn == 0 { String::new() } else { text };
        let cells = [
            hole(format!("{carat}"), below(12)),
            hole(format!("{size:.3}"), below(9)),
            format!("{depth}"),
            hole(quoted(CUTS[cut]), below(10)),
            quoted(COLOURS[colour]),
            hole(format!("{shop}"), below(15)),
            format!("{price:.2}"),
            quoted(CLARITIES[clarity]),
        ];
        writeln!(table, "{}", cells.join(",")).unwrap();
    }
    table
}

fn diamonds_predict_the_same(model: &str, target: &str) {
    let folder = Folder::new();
    folder.file("diamonds.csv", diamonds(6_000));
    let recipe = format!(
        "name = \"{model}\"\n[data]\nfile = \"diamonds.csv\"\n{target}\n\
         [algorithm.boost]\nn_estimators = 60\nlearning_rate = 0.2\n[validation]\nfolds = 0\n"
    );
    folder.file("recipe.toml", recipe);
    xgboost_predicts_the_same(&folder, "recipe.toml", model);
}

#[test]
fn xgboost_predicts_the_same_numbers_from_columns_of_any_name_with_holes() {
    diamonds_predict_the_same("diamonds-price", "target = \"price\"");
}

#[test]
fn xgboost_predicts_the_same_classes_of_any_name() {
    diamonds_predict_the_same("diamonds-clarity", "target = \"clarity\"");
}

#[test]
fn xgboost_predicts_the_same_quantile() {
    diamonds_predict_the_same("diamonds-dear", "target = \"price\"\nquantile = 0.9");
}
