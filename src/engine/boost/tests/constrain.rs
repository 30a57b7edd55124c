//! What parameters forbid and what they weigh.

use super::{small, table, tasks, train};
use crate::engine::boost::BoostParams;
use crate::engine::class_weight::ClassWeight;
use crate::engine::fit::FitData;
use crate::engine::model::Model;

#[test]
fn features_of_different_groups_never_meet() {
    let table = table(900, 31);
    let task = &tasks()[2];
    let params = BoostParams {
        interaction_constraints: vec![vec!["age".into(), "plan".into()], vec!["rate [<%]".into()]],
        ..small()
    };
    let model = train(&table.data(task), task, &params).unwrap();
    let at = |age: f32, rate: f32| {
        let mut out = [0.0];
        model.predict_row(&[age, rate, 1.0], &mut out).unwrap();
        out[0]
    };
    // Where two features never meet, the one changes an answer by as much whatever the other is.
    for age in [5.0, 30.0, 55.0, 75.0] {
        let (low, high) = (at(age, 0.3) - at(age, 0.9), at(40.0, 0.3) - at(40.0, 0.9));
        assert!((low - high).abs() < 1e-4, "{age}: {low} {high}");
    }
    let free = train(&table.data(task), task, &small()).unwrap();
    let mut rows = [[0.0; 1]; 4];
    for (row, (age, rate)) in rows
        .iter_mut()
        .zip([(5.0, 0.3), (5.0, 0.9), (75.0, 0.3), (75.0, 0.9)])
    {
        free.predict_row(&[age, rate, 1.0], row).unwrap();
    }
    let [[a], [b], [c], [d]] = rows;
    assert!(((a - b) - (c - d)).abs() > 1e-3, "nothing was forbidden");
}

#[test]
fn a_class_weight_is_the_weight_of_each_of_its_rows() {
    let table = table(700, 32);
    for task in &tasks()[..2] {
        let named = [(task.classes()[1].clone(), 4.0)].into();
        let weighted = BoostParams {
            class_weight: ClassWeight::Named(named),
            ..small()
        };
        let weights: Vec<f32> = table
            .target(task)
            .iter()
            .map(|class| if *class == 1.0 { 4.0 } else { 1.0 })
            .collect();
        let by_row = FitData {
            weights: Some(&weights),
            ..table.data(task)
        };
        let bytes = |model| Model::Boost(model).encode().unwrap();
        let by_class = bytes(train(&table.data(task), task, &weighted).unwrap());
        assert!(
            by_class == bytes(train(&by_row, task, &small()).unwrap()),
            "{}",
            task.name()
        );
        assert!(by_class != bytes(train(&table.data(task), task, &small()).unwrap()));
    }
}

#[test]
fn what_does_not_go_with_the_task_or_the_features_is_refused() {
    let table = table(40, 33);
    let refused = |task: usize, params: &BoostParams| {
        let task = &tasks()[task];
        train(&table.data(task), task, params).unwrap_err().to_string()
    };
    let weight = |class: &str, weight| BoostParams {
        class_weight: ClassWeight::Named([(class.to_owned(), weight)].into()),
        ..small()
    };
    let told = refused(0, &weight("goes", 2.0));
    assert!(
        told.contains("class_weight = goes: expected the name of a class: stays, leaves"),
        "{told}"
    );
    assert!(refused(0, &weight("leaves", 0.0)).contains("class_weight = 0"));
    let balanced = BoostParams {
        class_weight: ClassWeight::Balanced,
        ..small()
    };
    assert!(refused(2, &balanced).contains("none for a regression task"));
    let apart = BoostParams {
        interaction_constraints: vec![vec!["height".into()]],
        ..small()
    };
    assert!(refused(0, &apart).contains("interaction_constraints = height"));
}
