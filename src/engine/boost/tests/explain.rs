//! Explanations: they add up to what is predicted, and tell what matters.

use super::{shared_model, small, table, tasks, train};
use crate::engine::boost::BoostParams;
use crate::engine::explain::Space;
use crate::engine::model::PredictError;

/// From the raw prediction to the prediction, by its definition.
fn finished(space: Space, raw: &[f64]) -> Vec<f64> {
    match space {
        Space::Target => raw.to_vec(),
        Space::LogOdds => raw.iter().map(|raw| 1.0 / (1.0 + (-raw).exp())).collect(),
        Space::Logits => {
            let sum: f64 = raw.iter().map(|raw| raw.exp()).sum();
            raw.iter().map(|raw| raw.exp() / sum).collect()
        }
    }
}

#[test]
fn contributions_and_base_value_sum_to_the_prediction_of_every_task() {
    let table = table(700, 3);
    for task in tasks() {
        let model = train(&table.data(&task), &task, &small()).unwrap();
        let predicted = model.predict(&table.matrix).unwrap();
        let explained = model.explain(table.matrix.values()).unwrap();
        assert_eq!(explained.rows().len(), 700);
        for (row, predicted) in explained.rows().zip(predicted.chunks_exact(task.width())) {
            let raw: Vec<f64> = row.map(|output| output.sum()).collect();
            assert_eq!(raw.len(), task.width());
            for (sum, predicted) in finished(Space::of(&task), &raw).iter().zip(predicted) {
                // Each of a dozen trees and four numbers is rounded to 32 bits.
                assert!(
                    (sum - f64::from(*predicted)).abs() < 1e-4,
                    "{} {sum} {predicted}",
                    task.name()
                );
            }
        }
    }
}

#[test]
fn rows_are_explained_alike_alone_and_together() {
    let table = table(40, 5);
    let model = shared_model();
    let together = model.explain(table.matrix.values()).unwrap();
    for (index, row) in together.rows().enumerate() {
        let alone = model.explain(table.matrix.row(index).unwrap()).unwrap();
        for (one, other) in alone.rows().next().unwrap().zip(row) {
            assert_eq!(one, other, "row {index}");
        }
    }
}

/// Shapley's values of one row by their definition: the mean, over all orders of the features, of what a feature
/// changes in what the tree expects. For one tree of two features, by hand.
#[test]
fn one_split_explains_as_it_is_worked_out_by_hand() {
    let table = table(400, 9);
    let task = &tasks()[2];
    let one = BoostParams {
        n_estimators: 1,
        max_depth: 1,
        learning_rate: 1.0,
        ..BoostParams::default()
    };
    let model = train(&table.data(task), task, &one).unwrap();
    let predicted = model.predict(&table.matrix).unwrap();
    // With squared error, the cover of a node is its number of rows: what is expected is the mean prediction.
    let mean = predicted.iter().copied().map(f64::from).sum::<f64>() / 400.0;
    let split = model.importance()[0].feature.clone();
    let column = model
        .features()
        .iter()
        .position(|feature| feature.name == split)
        .unwrap();
    let explained = model.explain(table.matrix.values()).unwrap();
    for (mut row, predicted) in explained.rows().zip(&predicted) {
        let output = row.next().unwrap();
        assert!(
            (f64::from(output.base) - mean).abs() < 1e-3,
            "{} {mean}",
            output.base
        );
        for (feature, contribution) in output.of_features.iter().enumerate() {
            let expected = if feature == column {
                f64::from(*predicted) - mean
            } else {
                0.0
            };
            assert!(
                (f64::from(*contribution) - expected).abs() < 1e-3,
                "{contribution} {expected}"
            );
        }
    }
}

#[test]
fn what_cannot_be_predicted_is_not_explained() {
    let model = shared_model();
    assert!(matches!(
        model.explain(&[1.0, 2.0]),
        Err(PredictError::Width { expected: 3, got: 2 })
    ));
    let told = model.explain(&[1.0, f32::INFINITY, 0.0]).unwrap_err().to_string();
    assert!(told.contains("rate"), "{told}");
    assert_eq!(model.explain(&[]).unwrap().rows().len(), 0);
}
