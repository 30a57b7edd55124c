//! Training: what is learnt, when it stops, what it leans on.

use std::sync::Arc;

use super::{small, table, tasks, train};
use crate::base::{Seed, Stop};
use crate::engine::boost::{BoostParams, LearningRateDecay, Monotone, fit};
use crate::engine::fit::{FitData, FitError, Round};
use crate::engine::matrix::{Feature, Matrix};
use crate::engine::metric::regress::pinball;
use crate::engine::task::Task;
use crate::engine::validate::Baseline;

#[test]
fn a_model_learns_what_is_there_to_learn() {
    let (seen, unseen) = (table(3000, 2), table(1000, 3));
    for task in tasks() {
        let model = train(&seen.data(&task), &task, &small()).unwrap();
        let predicted = model.predict(&unseen.matrix).unwrap();
        let target = unseen.target(&task);
        let score = match &task {
            Task::Binary { .. } => {
                assert!(predicted.iter().all(|p| (0.0..=1.0).contains(p)));
                share(
                    predicted
                        .iter()
                        .zip(target)
                        .map(|(p, t)| (*p >= 0.5) == (*t == 1.0)),
                )
            }
            Task::Multiclass { .. } => share(predicted.chunks_exact(3).zip(target).map(|(p, t)| {
                assert!((p.iter().sum::<f32>() - 1.0).abs() < 1e-5);
                p.iter().all(|other| *other <= p[*t as usize])
            })),
            Task::Regression => {
                let mean = target.iter().sum::<f32>() / target.len() as f32;
                let off = |guess: &dyn Fn(usize) -> f32| {
                    target
                        .iter()
                        .enumerate()
                        .map(|(i, t)| (t - guess(i)).powi(2))
                        .sum::<f32>()
                };
                1.0 - off(&|i| predicted[i]) / off(&|_| mean)
            }
            Task::Quantile { quantile } => {
                let below = share(predicted.iter().zip(target).map(|(p, t)| t <= p));
                assert!((below - quantile.get() as f32).abs() < 0.05, "{below} are below");
                let loss = |predicted: &[f32]| pinball(target, predicted, quantile.get()).unwrap();
                let baseline = Baseline::fit(&task, target, None).unwrap();
                (1.0 - loss(&predicted) / loss(&baseline.predict(target.len()))) as f32
            }
        };
        // Guessing the most frequent class gets about 0.5 of two and 0.4 of three, the mean and the quantile get 0.
        let least = if task.quantile().is_some() { 0.4 } else { 0.65 };
        assert!(score > least, "{}: {score}", task.name());
    }
}

fn share(hits: impl Iterator<Item = bool>) -> f32 {
    let hits: Vec<bool> = hits.collect();
    hits.iter().filter(|hit| **hit).count() as f32 / hits.len() as f32
}

#[test]
fn the_same_seed_gives_the_same_bytes_on_one_and_on_two_threads() {
    let (table, watched) = (table(5000, 4), table(500, 5));
    let sampled = BoostParams {
        subsample: 0.7,
        colsample_bytree: 0.7,
        early_stopping_rounds: Some(5),
        ..small()
    };
    for task in tasks() {
        let data = FitData {
            valid: Some((&watched.matrix, watched.target(&task))),
            ..table.data(&task)
        };
        let bytes = |threads, seed| {
            fit(
                data.clone(),
                &task,
                &sampled,
                threads,
                Seed::new(seed),
                &Stop::new(),
                &mut |_| {},
            )
            .unwrap()
            .encode()
            .unwrap()
        };
        assert!(
            bytes(1, 7) == bytes(2, 7),
            "{}: threads change the model",
            task.name()
        );
        assert!(
            bytes(2, 7) != bytes(2, 8),
            "{}: the seed changes nothing",
            task.name()
        );
    }
}

#[test]
fn early_stopping_keeps_the_best_round_and_needs_no_attribute_to_know_it() {
    let (few, watched) = (table(150, 9), table(600, 10));
    let task = &tasks()[0];
    let params = BoostParams {
        n_estimators: 200,
        early_stopping_rounds: Some(8),
        ..BoostParams::default()
    };
    let data = FitData {
        valid: Some((&watched.matrix, &watched.binary)),
        ..few.data(task)
    };
    let mut rounds: Vec<Round> = vec![];
    let model = fit(
        data.clone(),
        task,
        &params,
        2,
        Seed::new(7),
        &Stop::new(),
        &mut |round| rounds.push(round),
    )
    .unwrap();
    let best = rounds
        .iter()
        .min_by(|a, b| a.valid_metric.unwrap().total_cmp(&b.valid_metric.unwrap()))
        .unwrap()
        .round;
    assert_eq!(rounds.last().unwrap().round, best + 8);
    assert!(
        best < 100
            && rounds
                .iter()
                .all(|round| round.of == 200 && round.metric == "logloss")
    );
    assert_eq!(model.rounds(), best);
    let shorter = BoostParams {
        n_estimators: best,
        early_stopping_rounds: None,
        ..params
    };
    let plain = train(&few.data(task), task, &shorter).unwrap();
    assert!(
        model.encode().unwrap() == plain.encode().unwrap(),
        "not the model of the first rounds"
    );
}

#[test]
fn a_rate_that_falls_is_the_schedule_that_it_says() {
    let (table, watched) = (table(700, 17), table(300, 18));
    let decayed = |rate, every, stopping: Option<usize>| BoostParams {
        n_estimators: 12,
        learning_rate_decay: Some(LearningRateDecay { rate, every }),
        subsample: 0.8,
        early_stopping_rounds: stopping,
        ..small()
    };
    for task in tasks() {
        let fitted = |params: &BoostParams, threads| {
            let data = FitData {
                valid: Some((&watched.matrix, watched.target(&task))),
                ..table.data(&task)
            };
            let mut told = Vec::new();
            let mut progress = |round: Round| told.push((round.round, round.valid_metric.unwrap()));
            let model = fit(
                data,
                &task,
                params,
                threads,
                Seed::new(3),
                &Stop::new(),
                &mut progress,
            )
            .unwrap();
            (model.encode().unwrap(), told)
        };
        // A rate that stays is no schedule, also when it is interrupted: 1 − 1e-12 is 1 in 32 bits.
        let plain = fitted(
            &BoostParams {
                learning_rate_decay: None,
                ..decayed(1.0, 5, None)
            },
            1,
        );
        assert!(fitted(&decayed(1.0, 5, None), 1) == plain, "{}", task.name());
        let (interrupted, told) = fitted(&decayed(1.0 - 1e-12, 5, None), 1);
        assert!(interrupted == plain.0, "{}", task.name());
        let rounds: Vec<usize> = told.iter().map(|(round, _)| *round).collect();
        assert_eq!(rounds, (1..=12).collect::<Vec<_>>());
        // The first rounds are those of the first rate; the others learn less from each tree.
        let falls = fitted(&decayed(0.5, 5, None), 1);
        assert_eq!(falls.1[..5], plain.1[..5]);
        assert_ne!(falls.1[5], plain.1[5]);
        assert!(
            falls == fitted(&decayed(0.5, 5, None), 2),
            "on any number of threads"
        );
        // Patience counts on over the steps.
        let stopped = fitted(&decayed(0.5, 2, Some(3)), 1).1;
        let best = stopped.iter().min_by(|a, b| a.1.total_cmp(&b.1)).unwrap().0;
        assert!(stopped.len() == 12 || stopped.len() == best + 3, "{stopped:?}");
    }
}

#[test]
fn a_training_ends_in_the_round_in_which_it_is_asked_to_stop() {
    let table = table(300, 11);
    let task = &tasks()[2];
    let (stop, mut seen) = (Stop::new(), 0);
    let params = BoostParams {
        n_estimators: 10_000,
        ..small()
    };
    let asks = stop.clone();
    let outcome = fit(
        table.data(task),
        task,
        &params,
        1,
        Seed::new(7),
        &stop,
        &mut |round| {
            seen = round.round;
            if seen == 3 {
                asks.ask();
            }
        },
    );
    assert!(matches!(outcome, Err(FitError::Stopped)));
    assert_eq!(seen, 3);
    let before = fit(
        table.data(task),
        task,
        &params,
        1,
        Seed::new(7),
        &stop,
        &mut |_| seen += 1,
    );
    assert!(matches!(before, Err(FitError::Stopped)));
    assert_eq!(seen, 3);
}

#[test]
fn a_model_that_learnt_from_bins_is_the_one_that_learnt_from_values() {
    let (table, watched) = (table(900, 21), table(300, 22));
    let params = BoostParams {
        subsample: 0.8,
        early_stopping_rounds: Some(4),
        ..small()
    };
    for task in tasks() {
        let bytes = |watch_train| {
            let data = FitData {
                valid: Some((&watched.matrix, watched.target(&task))),
                valid_weights: None,
                watch_train,
                ..table.data(&task)
            };
            train(&data, &task, &params).unwrap().encode().unwrap()
        };
        // The training rows are watched by their values, so there they are learnt from.
        assert!(bytes(true) == bytes(false), "{}", task.name());
    }
}

#[test]
fn a_monotone_feature_never_turns() {
    let table = table(800, 13);
    let task = &tasks()[0];
    let params = BoostParams {
        monotone_constraints: [("age".to_owned(), Monotone::Decreasing)].into(),
        ..BoostParams::default()
    };
    let model = train(&table.data(task), task, &params).unwrap();
    let at = |age: f32| {
        let mut out = [0.0];
        model.predict_row(&[age, 0.5, 1.0], &mut out).unwrap();
        out[0]
    };
    let path: Vec<f32> = (0..160).map(|step| at(step as f32 / 2.0)).collect();
    assert!(path.windows(2).all(|pair| pair[1] <= pair[0]), "{path:?}");
}

#[test]
fn importance_names_every_feature_and_its_shares_sum_to_one() {
    let table = table(600, 14);
    for task in tasks() {
        let importance = train(&table.data(&task), &task, &small()).unwrap().importance();
        let mut names: Vec<&str> = importance.iter().map(|i| i.feature.as_str()).collect();
        names.sort_unstable();
        assert_eq!(names, ["age", "plan", "rate [<%]"]);
        assert!((importance.iter().map(|i| i.gain).sum::<f64>() - 1.0).abs() < 1e-9);
        assert!(importance.windows(2).all(|pair| pair[0].gain >= pair[1].gain));
        assert!(importance.iter().all(|i| i.weight > 0 && i.cover > 0.0));
    }
}

#[test]
fn a_table_without_signal_gives_the_base_rate_and_no_importance() {
    let features: Arc<[Feature]> = Arc::new([Feature::numeric("same"), Feature::numeric("gone")]);
    let values = [1.0, f32::NAN].repeat(40);
    let matrix = Matrix::new(values, 40, features).unwrap();
    let target: Vec<f32> = (0..40).map(|row| f32::from(u8::from(row % 4 == 0))).collect();
    let data = FitData {
        train: matrix.clone(),
        target: &target,
        weights: None,
        valid: None,
        valid_weights: None,
        watch_train: false,
    };
    let model = train(&data, &tasks()[0], &small()).unwrap();
    assert!(
        model
            .predict(&matrix)
            .unwrap()
            .iter()
            .all(|p| (p - 0.25).abs() < 1e-6)
    );
    assert!(
        model
            .importance()
            .iter()
            .all(|i| (i.gain, i.weight, i.cover) == (0.0, 0, 0.0))
    );
}

#[test]
fn watching_changes_nothing_and_tells_what_was_asked_for() {
    let (table, watched) = (table(400, 16), table(100, 17));
    let task = &tasks()[1];
    let told = |watch_train, watch_valid: bool| {
        let valid = watch_valid.then_some((&watched.matrix, watched.target(task)));
        let data = FitData {
            watch_train,
            valid,
            ..table.data(task)
        };
        let mut rounds: Vec<Round> = vec![];
        let model = fit(
            data.clone(),
            task,
            &small(),
            1,
            Seed::new(7),
            &Stop::new(),
            &mut |round| rounds.push(round),
        )
        .unwrap();
        assert_eq!(
            rounds.iter().map(|round| round.round).collect::<Vec<_>>(),
            (1..=12).collect::<Vec<_>>()
        );
        assert!(rounds.iter().all(|round| round.metric == "mlogloss"));
        assert!(
            rounds
                .iter()
                .all(|round| round.train_metric.is_some() == watch_train)
        );
        assert!(
            rounds
                .iter()
                .all(|round| round.valid_metric.is_some() == watch_valid)
        );
        (model.encode().unwrap(), rounds[11])
    };
    let (plain, _) = told(false, false);
    for (train, valid) in [(true, false), (false, true), (true, true)] {
        let (watched, last) = told(train, valid);
        assert!(watched == plain, "watching changed the model");
        assert!(
            last.train_metric.is_none_or(|loss| loss > 0.0 && loss < 1.0),
            "{last:?}"
        );
    }
}
