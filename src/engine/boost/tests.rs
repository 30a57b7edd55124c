//! What gradient boosting promises, on small made-up tables.

mod constrain;
mod explain;
mod learn;
mod predict;
mod refuse;
mod store;
mod weigh;

use std::sync::{Arc, OnceLock};

use rand_chacha::rand_core::Rng;

use super::{BoostModel, BoostParams, fit};
use crate::base::{Seed, Stop};
use crate::engine::fit::{FitData, FitError};
use crate::engine::matrix::{Feature, Matrix};
use crate::engine::task::{Quantile, Task};

/// A table with two numbers, a category and holes; the signal is in all of them.
struct Table {
    matrix: Matrix,
    binary: Vec<f32>,
    classes: Vec<f32>,
    number: Vec<f32>,
}

fn features() -> Arc<[Feature]> {
    Arc::new([
        Feature::numeric("age"),
        Feature::numeric("rate [<%]"),
        Feature::categorical("plan", 9),
    ])
}

fn uniform(rng: &mut impl Rng) -> f32 {
    (rng.next_u32() >> 8) as f32 / (1 << 24) as f32
}

fn table(rows: usize, seed: u64) -> Table {
    let mut rng = Seed::new(seed).rng();
    let (mut values, mut binary, mut classes, mut number) = (vec![], vec![], vec![], vec![]);
    for _ in 0..rows {
        let (age, rate) = (uniform(&mut rng) * 80.0, uniform(&mut rng));
        let plan = (rng.next_u32() % 8) as f32;
        let signal = age / 40.0 - 1.0 + if plan % 3.0 == 0.0 { 1.5 } else { -0.5 } + (rate - 0.5) * 2.0;
        let noisy = signal + (uniform(&mut rng) - 0.5) * 2.0;
        let hole = |value: f32, at: u32| if at.is_multiple_of(10) { f32::NAN } else { value };
        values.extend([
            hole(age, rng.next_u32()),
            hole(rate, rng.next_u32()),
            hole(plan, rng.next_u32()),
        ]);
        binary.push(f32::from(u8::from(noisy > 0.0)));
        classes.push(if noisy > 0.7 {
            2.0
        } else if noisy > -0.7 {
            1.0
        } else {
            0.0
        });
        number.push(noisy * 10.0);
    }
    Table {
        matrix: Matrix::new(values, rows, features()).unwrap(),
        binary,
        classes,
        number,
    }
}

impl Table {
    fn target(&self, task: &Task) -> &[f32] {
        match task {
            Task::Binary { .. } => &self.binary,
            Task::Multiclass { .. } => &self.classes,
            Task::Regression | Task::Quantile { .. } => &self.number,
        }
    }

    fn data<'a>(&'a self, task: &Task) -> FitData<'a> {
        FitData {
            train: self.matrix.clone(),
            target: self.target(task),
            weights: None,
            valid: None,
            valid_weights: None,
            watch_train: false,
        }
    }
}

fn tasks() -> [Task; 4] {
    [
        Task::Binary {
            classes: ["stays".into(), "leaves".into()],
        },
        Task::Multiclass {
            classes: vec!["low".into(), "middle".into(), "high".into()],
        },
        Task::Regression,
        Task::Quantile {
            quantile: Quantile::new(0.8).unwrap(),
        },
    ]
}

fn small() -> BoostParams {
    BoostParams {
        n_estimators: 12,
        max_depth: 4,
        ..BoostParams::default()
    }
}

fn train(data: &FitData<'_>, task: &Task, params: &BoostParams) -> Result<BoostModel, FitError> {
    fit(
        data.clone(),
        task,
        params,
        1,
        Seed::new(7),
        &Stop::new(),
        &mut |_| {},
    )
}

fn bits(values: &[f32]) -> Vec<u32> {
    values.iter().map(|value| value.to_bits()).collect()
}

fn shared_model() -> &'static BoostModel {
    static MODEL: OnceLock<BoostModel> = OnceLock::new();
    MODEL.get_or_init(|| {
        let table = table(600, 8);
        let task = &tasks()[0];
        train(&table.data(task), task, &small()).unwrap()
    })
}
