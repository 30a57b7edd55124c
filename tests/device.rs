//! Where nets run: on the CPU everywhere, on a GPU where there is one. The GPU is Mesa's software device, which
//! `tests/run` installs and names in `USINA_VULKAN`; the ARM executable is that of `USINA_ARM`.

mod alone;
mod arm;
mod asked;
mod software;

use std::path::PathBuf;

use serde_json::{Value, json};

use crate::support::{Folder, customers};

/// A net that is trained in a few steps.
const NET: &str = "name = \"net\"

[data]
file = \"customers.csv\"
target = \"left\"

[algorithm.mlp]
hidden_layer_sizes = [16, 8]
norm = \"layer\"
dropout = 0.1
epochs = 6
learning_rate = 0.02
patience = 0

[validation]
folds = 2
bootstrap = 0

[registry]
promote = \"always\"
";

/// As far as two devices may be apart after some thirty steps: each adds in another order, 24 bits wide, and every step
/// goes on from what the one before has rounded. A device that computes something else is off by hundredths. Not with
/// `norm = "batch"`: there a layer's bias has no slope but what rounding makes, of which Adam makes whole steps.
const APART: f64 = 1e-4;

/// What an environment variable names. None where it names nothing: a test says so and ends, but in CI it fails.
#[expect(clippy::print_stderr, reason = "what is left out is told")]
fn named(variable: &str, what: &str) -> Option<PathBuf> {
    let path = std::env::var_os(variable).map(PathBuf::from);
    if path.is_none() {
        let is_ci = std::env::var_os("CI").is_some_and(|ci| ci == "true");
        // Their executables take as long to compile as all the rest: `tests/arm`, and `USINA_WITH_GPU=true tests/run`.
        let has_own_job = ["USINA_ARM", "USINA_VULKAN"].contains(&variable);
        assert!(!is_ci || has_own_job, "{variable} names no {what}");
        eprintln!("left out: {variable} names no {what}");
    }
    path
}

/// A folder with the recipe of [`NET`] and its rows.
fn with_net(folder: Folder) -> Folder {
    folder.file("customers.csv", customers(400));
    folder.file("net.toml", NET);
    folder
}

/// What the model called `model` answers for some customers.
fn answers(folder: &Folder, model: &str) -> Vec<f64> {
    let of = |(age, plan): (u32, &str)| {
        let row = json!({"age": age, "income": 2500.5, "plan": plan, "active": true});
        let answer = folder.run(&["predict", model, "--json", &row.to_string()]).done();
        let answer: Value = serde_json::from_str(&answer).unwrap();
        answer["probability"][0].as_f64().unwrap()
    };
    [(20, "basic"), (35, "gold"), (50, "family"), (70, "basic")]
        .map(of)
        .to_vec()
}

/// That both versions were measured the same, as far as devices are.
#[track_caller]
fn assert_alike(one: &Value, other: &Value) {
    for metric in ["log_loss", "brier"] {
        let [one, other] =
            [one, other].map(|version| version["performance_metrics"][metric].as_f64().unwrap());
        assert!((one - other).abs() < APART, "{metric}: {one} and {other}");
    }
}
