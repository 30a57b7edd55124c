//! What linear models promise, on small made-up tables.

mod odd;

use std::sync::Arc;

use rand_chacha::rand_core::Rng;

use super::{LinearModel, LinearParams, fit};
use crate::base::{Seed, Stop};
use crate::engine::class_weight::ClassWeight;
use crate::engine::fit::{FitData, FitError};
use crate::engine::matrix::{Feature, Matrix};
use crate::engine::metric::{probability, regress};
use crate::engine::task::Task;

/// Two numbers with holes, of very different scales, a category with holes, and a column that is always the same.
struct Table {
    matrix: Matrix,
    number: Vec<f32>,
    binary: Vec<f32>,
    classes: Vec<f32>,
}

fn features() -> Arc<[Feature]> {
    Arc::new([
        Feature::numeric("age"),
        Feature::numeric("income"),
        Feature::categorical("plan", 4),
        Feature::numeric("constant"),
    ])
}

fn table(rows: usize, seed: u64) -> Table {
    let mut rng = Seed::new(seed).rng();
    let mut uniform = || (rng.next_u32() >> 8) as f32 / (1 << 24) as f32;
    let (mut values, mut number, mut binary, mut classes) = (vec![], vec![], vec![], vec![]);
    for _ in 0..rows {
        let (age, income, plan) = (uniform() * 80.0, uniform() * 1e6, (uniform() * 4.0).floor());
        let signal = (age - 40.0) / 20.0 + income / 1e6 + [0.0, 1.0, -2.0, 0.5][plan as usize];
        let noisy = signal + (uniform() - 0.5) * 1.5;
        let mut hole = |value: f32| if uniform() < 0.1 { f32::NAN } else { value };
        values.extend([hole(age), income, hole(plan), 7.0]);
        number.push(noisy);
        binary.push(f32::from(u8::from(noisy > 0.3)));
        classes.push(f32::from(u8::from(noisy > -0.5)) + f32::from(u8::from(noisy > 1.0)));
    }
    Table {
        matrix: Matrix::new(values, rows, features()).unwrap(),
        number,
        binary,
        classes,
    }
}

fn tasks() -> [Task; 3] {
    [
        Task::Regression,
        Task::Binary {
            classes: ["no".into(), "yes".into()],
        },
        Task::Multiclass {
            classes: vec!["low".into(), "middle".into(), "high".into()],
        },
    ]
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

fn train(data: &FitData<'_>, task: &Task, params: &LinearParams) -> Result<LinearModel, FitError> {
    fit(data, task, params, 1, &Stop::new(), &mut |_| {})
}

#[test]
fn a_model_learns_what_is_there_to_learn() {
    let (seen, unseen) = (table(3000, 1), table(1000, 2));
    for task in tasks() {
        let model = train(&seen.data(&task), &task, &LinearParams::default()).unwrap();
        let answers = model.predict(&unseen.matrix).unwrap();
        let target = unseen.target(&task);
        let right = match &task {
            Task::Regression | Task::Quantile { .. } => regress::r2(target, &answers).unwrap(),
            Task::Binary { .. } => {
                let hits = answers
                    .iter()
                    .zip(target)
                    .filter(|(p, t)| (**p >= 0.5) == (**t == 1.0));
                hits.count() as f64 / 1000.0
            }
            Task::Multiclass { .. } => {
                let hits = answers.chunks_exact(3).zip(target).filter(|(p, t)| {
                    assert!((p.iter().sum::<f32>() - 1.0).abs() < 1e-5);
                    p.iter().all(|other| *other <= p[**t as usize])
                });
                hits.count() as f64 / 1000.0
            }
        };
        assert!(right > 0.75, "{}: {right}", task.name());
        assert!(model.rounds() < 60, "{} steps", model.rounds());
    }
}

#[test]
fn the_same_model_comes_of_any_number_of_threads_and_reads_back() {
    let table = table(9000, 3);
    for task in tasks() {
        let data = table.data(&task);
        let one = train(&data, &task, &LinearParams::default()).unwrap();
        let three = fit(
            &data,
            &task,
            &LinearParams::default(),
            3,
            &Stop::new(),
            &mut |_| {},
        )
        .unwrap();
        let bytes = one.encode().unwrap();
        assert_eq!(bytes, three.encode().unwrap());
        let again = LinearModel::decode(&bytes).unwrap();
        assert_eq!(again.encode().unwrap(), bytes);
        let (ours, theirs) = (one.predict(&table.matrix), again.predict(&table.matrix));
        assert_eq!(ours.unwrap(), theirs.unwrap());
    }
}

#[test]
fn a_row_alone_is_answered_as_among_others_and_its_contributions_sum_to_the_score() {
    let table = table(500, 4);
    for task in tasks() {
        let model = train(&table.data(&task), &task, &LinearParams::default()).unwrap();
        let (answers, width) = (model.predict(&table.matrix).unwrap(), task.width());
        let explained = model.explain(table.matrix.values()).unwrap();
        for (row, explained) in explained.rows().enumerate() {
            let mut alone = vec![0.0; width];
            model
                .predict_row(table.matrix.row(row).unwrap(), &mut alone)
                .unwrap();
            assert_eq!(alone, answers[row * width..(row + 1) * width]);
            let scores: Vec<f32> = explained
                .map(|output| output.base + output.of_features.iter().sum::<f32>())
                .collect();
            let score = |at: usize| match &task {
                Task::Regression | Task::Quantile { .. } => alone[at],
                Task::Binary { .. } => (alone[at] / (1.0 - alone[at])).ln(),
                Task::Multiclass { .. } => (alone[at] / alone[0]).ln() + scores[0],
            };
            for (at, told) in scores.iter().enumerate() {
                assert!(
                    (told - score(at)).abs() < 2e-3,
                    "{}: {told} {}",
                    task.name(),
                    score(at)
                );
            }
        }
    }
}

#[test]
fn the_contributions_of_the_rows_that_were_learnt_from_have_no_mean() {
    let (table, task) = (table(2000, 5), Task::Regression);
    let model = train(&table.data(&task), &task, &LinearParams::default()).unwrap();
    let explained = model.explain(table.matrix.values()).unwrap();
    let mut means = [0.0_f64; 4];
    for output in explained.rows().flatten() {
        for (mean, adds) in means.iter_mut().zip(output.of_features) {
            *mean += f64::from(*adds) / 2000.0;
        }
    }
    assert!(means.iter().all(|mean| mean.abs() < 1e-5), "{means:?}");
    let importance = model.importance();
    assert!((importance.iter().map(|of| of.share).sum::<f64>() - 1.0).abs() < 1e-9);
    assert!(
        importance[0].share > 0.3 && importance[3].share == 0.0,
        "{importance:?}"
    );
}

#[test]
fn a_row_that_counts_twice_is_as_good_as_two() {
    let table = table(400, 6);
    for task in tasks() {
        let twice: Vec<usize> = (0..400).chain(0..100).collect();
        let matrix = table.matrix.select(&twice).unwrap();
        let target: Vec<f32> = twice.iter().map(|row| table.target(&task)[*row]).collect();
        let repeated = FitData {
            train: matrix,
            target: &target,
            ..table.data(&task)
        };
        let weights: Vec<f32> = (0..400).map(|row| if row < 100 { 2.0 } else { 1.0 }).collect();
        let weighted = FitData {
            weights: Some(&weights),
            ..table.data(&task)
        };
        let params = LinearParams {
            alpha: 0.0,
            ..LinearParams::default()
        };
        let [one, other] = [repeated, weighted].map(|data| {
            let model = train(&data, &task, &params).unwrap();
            model.predict(&table.matrix).unwrap()
        });
        for (one, other) in one.iter().zip(&other) {
            assert!((one - other).abs() < 1e-3, "{}: {one} {other}", task.name());
        }
    }
}

#[test]
fn a_lasso_leaves_out_what_says_nothing_and_classes_may_count_alike() {
    let (table, task) = (table(2000, 7), &tasks()[1]);
    let lasso = LinearParams {
        alpha: 0.08,
        l1_ratio: 1.0,
        ..LinearParams::default()
    };
    let model = train(&table.data(task), task, &lasso).unwrap();
    let left = model.importance().iter().filter(|of| of.share > 0.0).count();
    assert!((1..3).contains(&left), "{:?}", model.importance());

    let rare: Vec<f32> = table
        .number
        .iter()
        .map(|y| f32::from(u8::from(*y > 2.2)))
        .collect();
    let data = FitData {
        target: &rare,
        ..table.data(task)
    };
    let mean = |params: &LinearParams| {
        let answers = train(&data, task, params)
            .unwrap()
            .predict(&table.matrix)
            .unwrap();
        answers.iter().sum::<f32>() / 2000.0
    };
    let share = rare.iter().sum::<f32>() / 2000.0;
    assert!((mean(&LinearParams::default()) - share).abs() < 0.01);
    let balanced = LinearParams {
        class_weight: ClassWeight::Balanced,
        ..LinearParams::default()
    };
    assert!(mean(&balanced) > share + 0.03);
}

#[test]
fn the_loss_falls_from_step_to_step() {
    let (table, watched) = (table(800, 9), table(300, 10));
    for task in tasks() {
        let data = FitData {
            valid: Some((&watched.matrix, watched.target(&task))),
            watch_train: true,
            ..table.data(&task)
        };
        let mut told = Vec::new();
        let mut progress = |round: crate::engine::fit::Round| told.push(round);
        let model = fit(
            &data,
            &task,
            &LinearParams::default(),
            1,
            &Stop::new(),
            &mut progress,
        )
        .unwrap();
        assert_eq!(told.len(), model.rounds());
        assert!(told.iter().all(|round| round.valid_metric.is_some()));
        let train: Vec<f64> = told.iter().map(|round| round.train_metric.unwrap()).collect();
        assert!(
            train.windows(2).all(|pair| pair[1] <= pair[0] + 1e-6),
            "{train:?}"
        );
        if let Task::Binary { .. } = task {
            let answers = model.predict(&watched.matrix).unwrap();
            let loss = probability::log_loss(watched.target(&task), &answers).unwrap();
            assert_eq!(told.last().unwrap().valid_metric, Some(loss));
        }
    }
}
