//! What nets promise, on small made-up tables.

mod resume;

use std::sync::Arc;

use rand_chacha::rand_core::Rng;

use super::{Activation, MlpParams, NetModel, Norm, Schedule};
use crate::base::{Seed, Stop};
use crate::engine::device::Device;
use crate::engine::fit::{FitData, FitError, How, NoCheckpoints, Progress, Round};
use crate::engine::matrix::{Feature, Matrix};
use crate::engine::metric::watched;
use crate::engine::task::{Quantile, Task};
use crate::engine::validate::Baseline;

/// Two numbers with holes and a category; what follows from them is not linear: it turns on both numbers together.
struct Table {
    matrix: Matrix,
    number: Vec<f32>,
    binary: Vec<f32>,
    classes: Vec<f32>,
}

fn features() -> Arc<[Feature]> {
    Arc::new([
        Feature::numeric("age"),
        Feature::categorical("plan", 4),
        Feature::numeric("income"),
    ])
}

fn table(rows: usize, seed: u64) -> Table {
    let mut rng = Seed::new(seed).rng();
    let mut uniform = || (rng.next_u32() >> 8) as f32 / (1 << 24) as f32;
    let (mut values, mut number, mut binary, mut classes) = (vec![], vec![], vec![], vec![]);
    for _ in 0..rows {
        let (age, income, plan) = (uniform() * 80.0, uniform() * 1e6, (uniform() * 4.0).floor());
        let both = (age - 40.0) / 40.0 * (income - 5e5) / 5e5;
        let signal = 4.0 * both + [0.0, 1.0, -1.0, 0.5][plan as usize];
        let noisy = signal + (uniform() - 0.5) * 0.5;
        let mut hole = |value: f32| if uniform() < 0.05 { f32::NAN } else { value };
        values.extend([hole(age), hole(plan), income]);
        number.push(1000.0 + 50.0 * noisy);
        binary.push(f32::from(u8::from(noisy > 0.0)));
        classes.push(f32::from(u8::from(noisy > -0.7)) + f32::from(u8::from(noisy > 0.7)));
    }
    Table {
        matrix: Matrix::new(values, rows, features()).unwrap(),
        number,
        binary,
        classes,
    }
}

fn tasks() -> [Task; 4] {
    [
        Task::Binary {
            classes: ["no".into(), "yes".into()],
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

fn small() -> MlpParams {
    MlpParams {
        hidden_layer_sizes: vec![32, 16],
        epochs: 30,
        batch_size: 64,
        learning_rate: 0.01,
        patience: 0,
        ..MlpParams::default()
    }
}

fn fit(
    data: &FitData<'_>,
    task: &Task,
    params: &MlpParams,
    threads: usize,
    seed: Seed,
    stop: &Stop,
    progress: &mut Progress<'_>,
) -> Result<NetModel, FitError> {
    let how = How {
        threads,
        device: &Device::cpu(),
        seed,
        stop,
        progress,
        checkpoints: &mut NoCheckpoints,
    };
    super::fit(data, task, params, how)
}

fn train(data: &FitData<'_>, task: &Task, params: &MlpParams, threads: usize) -> Result<NetModel, FitError> {
    fit(
        data,
        task,
        params,
        threads,
        Seed::new(3),
        &Stop::new(),
        &mut |_| {},
    )
}

#[test]
fn a_net_learns_what_is_not_linear() {
    let (seen, unseen) = (table(1500, 1), table(600, 2));
    for task in tasks() {
        let model = train(&seen.data(&task), &task, &small(), 2).unwrap();
        let loss = |answers: &[f32]| watched::value(&task, unseen.target(&task), answers, None).unwrap();
        let baseline = Baseline::fit(&task, seen.target(&task), None).unwrap();
        let share = loss(&model.predict(&unseen.matrix).unwrap()) / loss(&baseline.predict(600));
        assert!(share < 0.6, "{}: {share}", task.name());
    }
}

#[test]
fn the_same_net_comes_of_any_number_of_threads_and_of_no_other_seed() {
    let (table, task) = (table(400, 3), &tasks()[1]);
    let params = MlpParams {
        epochs: 3,
        dropout: 0.2,
        norm: Norm::Batch,
        ..small()
    };
    let [one, again] = [1, 2].map(|threads| train(&table.data(task), task, &params, threads).unwrap());
    assert_eq!(one.encode().unwrap(), again.encode().unwrap());
    let stop = Stop::new();
    let other = fit(
        &table.data(task),
        task,
        &params,
        1,
        Seed::new(4),
        &stop,
        &mut |_| {},
    )
    .unwrap();
    assert_ne!(one.encode().unwrap(), other.encode().unwrap());
}

#[test]
fn every_way_to_build_one_learns_and_reads_back() {
    let (table, task) = (table(600, 5), &tasks()[0]);
    let baseline = Baseline::fit(task, table.target(task), None).unwrap();
    let loss = |answers: &[f32]| watched::value(task, table.target(task), answers, None).unwrap();
    let worst = loss(&baseline.predict(600));
    for (activation, norm, dropout, schedule) in [
        (Activation::Relu, Norm::Batch, 0.1, Schedule::Constant),
        (Activation::Gelu, Norm::Layer, 0.0, Schedule::Linear),
        (Activation::Tanh, Norm::None, 0.1, Schedule::Cosine),
    ] {
        let params = MlpParams {
            activation,
            norm,
            dropout,
            learning_rate_schedule: schedule,
            embedding_dim: Some(3),
            ..small()
        };
        let model = train(&table.data(task), task, &params, 1).unwrap();
        let answers = model.predict(&table.matrix).unwrap();
        assert!(
            loss(&answers) < 0.7 * worst,
            "{params:?}: {} of {worst}",
            loss(&answers)
        );
        let files = model.encode().unwrap();
        let [config, weights] = ["config.json", "model.safetensors"].map(|name| &files[name]);
        let read = NetModel::decode(config, weights).unwrap();
        assert_eq!(read.predict(&table.matrix).unwrap(), answers);
        assert_eq!(read.encode().unwrap(), files);
        let text = String::from_utf8(config.clone()).unwrap();
        for (right, wrong) in [
            ("\"version\":1", "\"version\":2"),
            ("\"scale\":", "\"scale\":-"),
            ("\"target_scale\":1.0", "\"target_scale\":0.0"),
            ("[32,16]", "[32,17]"),
            ("[32,16]", "[32,0]"),
            ("[32,16]", "[32,900000]"),
            ("\"embedding_dims\":[3]", "\"embedding_dims\":[]"),
        ] {
            assert!(text.contains(right), "{text}");
            assert!(
                NetModel::decode(text.replace(right, wrong).as_bytes(), weights).is_err(),
                "{wrong}"
            );
        }
    }
}

#[test]
fn a_row_alone_is_answered_as_among_others_and_contributions_sum_to_the_score() {
    let table = table(300, 6);
    for task in tasks() {
        let params = MlpParams { epochs: 5, ..small() };
        let model = train(&table.data(&task), &task, &params, 1).unwrap();
        let (answers, width) = (model.predict(&table.matrix).unwrap(), task.width());
        let explained = model.explain(&table.matrix.values()[..30]).unwrap();
        for (row, explained) in explained.rows().enumerate() {
            let mut alone = vec![0.0; width];
            model
                .predict_row(table.matrix.row(row).unwrap(), &mut alone)
                .unwrap();
            let among = &answers[row * width..(row + 1) * width];
            for (alone, among) in alone.iter().zip(among) {
                assert!((alone - among).abs() <= 1e-4 * among.abs().max(1.0));
            }
            let scores: Vec<f32> = explained
                .map(|output| output.base + output.of_features.iter().sum::<f32>())
                .collect();
            match &task {
                Task::Binary { .. } => {
                    assert!((1.0 / (1.0 + (-scores[0]).exp()) - alone[0]).abs() < 1e-3);
                }
                Task::Multiclass { .. } => {
                    let (told, is) = ((scores[1] - scores[0]).exp(), alone[1] / alone[0]);
                    assert!((told - is).abs() < 1e-2 * is, "{told} {is}");
                }
                Task::Regression | Task::Quantile { .. } => assert!((scores[0] - alone[0]).abs() < 0.5),
            }
        }
    }
}

#[test]
fn a_training_ends_in_time_and_keeps_its_best_epoch() {
    let (seen, watched, task) = (table(200, 7), table(200, 8), &tasks()[0]);
    let params = MlpParams {
        hidden_layer_sizes: vec![128],
        epochs: 300,
        patience: 5,
        learning_rate_schedule: Schedule::Constant,
        ..small()
    };
    let data = FitData {
        valid: Some((&watched.matrix, watched.target(task))),
        ..seen.data(task)
    };
    let mut told: Vec<Round> = Vec::new();
    let mut progress = |round: Round| told.push(round);
    let model = fit(&data, task, &params, 1, Seed::new(1), &Stop::new(), &mut progress).unwrap();
    let losses: Vec<f64> = told.iter().map(|round| round.valid_metric.unwrap()).collect();
    let best = losses.iter().copied().fold(f64::INFINITY, f64::min);
    assert_eq!(losses[model.rounds() - 1], best);
    assert_eq!(losses.len(), model.rounds() + 5);
    assert!(losses.len() < 300);
    let answers = model.predict(&watched.matrix).unwrap();
    let loss = crate::engine::metric::watched::value(task, watched.target(task), &answers, None);
    assert_eq!(loss, Some(best));
    assert!(told.iter().all(|round| round.train_metric.is_some()));
}

#[test]
fn what_does_not_fit_is_refused() {
    let (table, task) = (table(100, 9), &tasks()[2]);
    let data = table.data(task);
    let stop = Stop::new();
    stop.ask();
    let stopped = fit(&data, task, &small(), 1, Seed::new(1), &stop, &mut |_| {});
    assert!(matches!(stopped, Err(FitError::Stopped)));
    let wild = MlpParams {
        learning_rate: 1e30,
        learning_rate_schedule: Schedule::Constant,
        ..small()
    };
    let told = train(&data, task, &wild, 1).unwrap_err().to_string();
    assert!(told.contains("lower learning_rate"), "{told}");
    let unwatched = train(&data, task, &MlpParams::default(), 1);
    assert!(matches!(unwatched, Err(FitError::NothingToWatch)));
    for (params, named) in [
        (
            MlpParams {
                dropout: 1.0,
                ..small()
            },
            "dropout = 1",
        ),
        (
            MlpParams {
                batch_size: 1,
                ..small()
            },
            "batch_size = 1",
        ),
        (
            MlpParams {
                hidden_layer_sizes: vec![16, 0],
                ..small()
            },
            "hidden_layer_sizes = 0",
        ),
        (
            MlpParams {
                hidden_layer_sizes: vec![4; 30],
                ..small()
            },
            "30 layers",
        ),
        (MlpParams { epochs: 0, ..small() }, "epochs = 0"),
    ] {
        let told = train(&data, task, &params, 1).unwrap_err().to_string();
        assert!(told.contains(named), "{told}");
    }
}

#[test]
fn rows_that_do_not_count_teach_nothing() {
    let (table, task) = (table(400, 10), &tasks()[2]);
    let mut target = table.number.clone();
    target[..200].fill(5000.0);
    let weights: Vec<f32> = (0..400).map(|row| if row < 200 { 0.0 } else { 1.0 }).collect();
    let data = FitData {
        target: &target,
        weights: Some(&weights),
        ..table.data(task)
    };
    let model = train(&data, task, &small(), 1).unwrap();
    let answers = model.predict(&table.matrix).unwrap();
    let mean = answers.iter().sum::<f32>() / 400.0;
    assert!((mean - 1000.0).abs() < 100.0, "{mean}");
}

#[test]
fn a_schedule_goes_from_all_to_nothing() {
    for schedule in [Schedule::Cosine, Schedule::Linear] {
        assert_eq!(schedule.share(0.0), 1.0);
        assert!(schedule.share(1.0).abs() < 1e-9 && (schedule.share(0.5) - 0.5).abs() < 1e-9);
    }
    assert_eq!(Schedule::Constant.share(1.0), 1.0);
}

#[test]
fn the_epoch_is_chosen_by_the_rows_that_count() {
    let (table, watched, task) = (table(300, 13), table(200, 14), &tasks()[2]);
    // Half of what is watched is noise that does not count.
    let mut target = watched.number.clone();
    let noise = |row: usize| 1000.0 + (row * 7919 % 1000) as f32 * 10.0;
    (0..100).for_each(|row| target[row] = noise(row));
    let weights: Vec<f32> = (0..200).map(|row| if row < 100 { 0.0 } else { 1.0 }).collect();
    let rows: Vec<usize> = (100..200).collect();
    let clean = watched.matrix.select(&rows).unwrap();
    let params = MlpParams {
        patience: 5,
        ..small()
    };
    let data = |valid| FitData {
        valid: Some(valid),
        ..table.data(task)
    };
    let weighted = FitData {
        valid_weights: Some(&weights),
        ..data((&watched.matrix, &target))
    };
    let [one, other] =
        [weighted, data((&clean, &target[100..]))].map(|data| train(&data, task, &params, 1).unwrap());
    assert_eq!(one.encode().unwrap(), other.encode().unwrap());
}
