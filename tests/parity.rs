//! Beside XGBoost: it predicts the same from the models that we export, and is as good on the same rows. Beside
//! pandas: what it writes is read and is the same table in every format, and it says the same of columns. Beside
//! scikit-learn and implicit: linear models and recommenders are theirs.
//!
//! They run in the Python that `USINA_PYTHON` names; `tests/run` installs them.

pub mod beside;
mod decay;
mod exported;
mod factor;
mod formats;
mod linear;
mod profile;
mod quality;
mod quantile;

use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;

/// Python with XGBoost and pandas. None where there is none: a test says so and ends, but in CI it fails.
#[expect(clippy::print_stderr, reason = "what is left out is told")]
fn python() -> Option<PathBuf> {
    let python = std::env::var_os("USINA_PYTHON").map(PathBuf::from);
    if python.is_none() {
        let is_ci = std::env::var_os("CI").is_some_and(|ci| ci == "true");
        assert!(!is_ci, "USINA_PYTHON names no Python that has XGBoost");
        eprintln!("left out: USINA_PYTHON names no Python that has XGBoost");
    }
    python
}

/// What a script of this folder prints: one JSON object. It has ended well.
#[track_caller]
fn script(command: &mut Command) -> Value {
    let output = command.output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "{command:?}: {told}{}",
        String::from_utf8_lossy(&output.stdout)
    );
    serde_json::from_slice(&output.stdout).unwrap()
}
