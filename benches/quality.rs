//! The quality of the shipped recipes beside XGBoost with the same parameters, on the same folds.

#[path = "../tests/parity/beside.rs"]
mod beside;
mod support;

use anyhow::{Context, Result};
use support::{Table, say};
use usina::engine::algorithm::Learns;
use usina::engine::validate::paired_difference;
use usina::platform::recipes::shipped;

/// As in the shipped executable.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> Result<()> {
    let python = support::python().context("USINA_PYTHON names no Python that has XGBoost")?;
    let mut table = Table::new(
        "Quality of the shipped recipes beside XGBoost",
        &[
            "recipe",
            "rows",
            "ROC AUC, usina",
            "ROC AUC, XGBoost",
            "difference",
            "paired standard error",
        ],
    );
    let mut version = String::new();
    let rows = |shipped: &shipped::Shipped| shipped.recipe.algorithm.learns() == Learns::Rows;
    for shipped in shipped::all()?.into_iter().filter(rows) {
        say(&format!("quality of {}", shipped.folder));
        let folder = support::folder()?;
        let beside = beside::compare(&shipped, &python, folder.path())?;
        let paired = paired_difference(&beside.ours, &beside.theirs.folds).context("no folds")?;
        let generated = if shipped.recipe.data.generate.is_some() {
            " (generated rows)"
        } else {
            ""
        };
        table.row([
            format!("{}{generated}", shipped.folder),
            beside.rows.to_string(),
            mean_and_sd(&beside.ours),
            mean_and_sd(&beside.theirs.folds),
            format!("{:+.4}", paired.mean),
            format!("{:.4}", paired.standard_error),
        ]);
        version = beside.theirs.xgboost;
    }
    table.note(format!(
        "Mean ± standard deviation over the recipe's folds; the same rows, folds, encoded features and parameters \
         for both, XGBoost {version}."
    ));
    table.print()
}

fn mean_and_sd(values: &[f64]) -> String {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let spread: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    format!("{mean:.4} ± {:.4}", (spread / (count - 1.0)).sqrt())
}
