//! What weights do: of rows and of classes, where they are learnt from and where they are watched.

use super::{small, table, tasks, train};
use crate::base::{Seed, Stop};
use crate::engine::boost::{BoostParams, TreeMethod, fit};
use crate::engine::class_weight::ClassWeight;
use crate::engine::fit::{FitData, Round};

#[test]
fn weights_count_as_repeated_rows_do() {
    let table = table(400, 12);
    let task = &tasks()[2];
    // Weighted and repeated rows make the same gradients but sketch their bins differently,
    // so the trees are compared by what they predict, not by their bits.
    let doubled: Vec<usize> = (0..400).chain(0..200).collect();
    let matrix = table.matrix.select(&doubled).unwrap();
    let target: Vec<f32> = doubled.iter().map(|&row| table.number[row]).collect();
    let weights: Vec<f32> = (0..400).map(|row| if row < 200 { 2.0 } else { 1.0 }).collect();
    let repeated = FitData {
        train: matrix.clone(),
        target: &target,
        weights: None,
        valid: None,
        valid_weights: None,
        watch_train: false,
    };
    let weighted = FitData {
        weights: Some(&weights),
        ..table.data(task)
    };
    let params = BoostParams {
        tree_method: TreeMethod::Hist,
        max_bin: 4096,
        ..small()
    };
    let predict = |data: &FitData| {
        train(data, task, &params)
            .unwrap()
            .predict(&table.matrix)
            .unwrap()
    };
    let (a, b, plain) = (predict(&repeated), predict(&weighted), predict(&table.data(task)));
    let distance = |x: &[f32], y: &[f32]| {
        (x.iter().zip(y).map(|(x, y)| (x - y).powi(2)).sum::<f32>() / x.len() as f32).sqrt()
    };
    assert!(
        distance(&a, &b) < 0.3 * distance(&a, &plain),
        "{} {}",
        distance(&a, &b),
        distance(&a, &plain)
    );
}

#[test]
fn watched_rows_are_weighed_as_those_that_are_learnt_from() {
    let (table, watched) = (table(600, 15), table(300, 16));
    let task = &tasks()[0];
    let params = BoostParams {
        class_weight: ClassWeight::Balanced,
        early_stopping_rounds: Some(3),
        ..small()
    };
    let of_classes = params.class_weight.of_classes(task, &table.binary).unwrap();
    let by_row =
        |target: &[f32]| -> Vec<f32> { target.iter().map(|class| of_classes[*class as usize]).collect() };
    let (learnt, seen) = (by_row(&table.binary), by_row(&watched.binary));
    let valid = Some((&watched.matrix, watched.binary.as_slice()));
    let balanced = FitData {
        valid,
        ..table.data(task)
    };
    let weighed = |valid_weights| FitData {
        weights: Some(&learnt),
        valid,
        valid_weights,
        ..table.data(task)
    };
    let unweighed = BoostParams {
        class_weight: ClassWeight::None,
        ..params.clone()
    };
    let told = |data: &FitData, params: &BoostParams| {
        let mut told = Vec::new();
        let mut progress = |round: Round| told.push(round.valid_metric.unwrap());
        let model = fit(
            data.clone(),
            task,
            params,
            1,
            Seed::new(7),
            &Stop::new(),
            &mut progress,
        )
        .unwrap();
        (told, model.encode().unwrap())
    };
    let by_class = told(&balanced, &params);
    assert!(by_class == told(&weighed(Some(&seen)), &unweighed));
    assert_ne!(by_class.0, told(&weighed(None), &unweighed).0);
}
