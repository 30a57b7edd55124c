//! A table in which rows count several times measures as the table that it stands for.

use proptest::prelude::*;

use super::super::report;
use super::*;

fn task(classes: usize) -> Task {
    match classes {
        0 => Task::Regression,
        2 => Task::Binary {
            classes: ["no".into(), "yes".into()],
        },
        _ => Task::Multiclass {
            classes: (0..classes).map(|class| class.to_string()).collect(),
        },
    }
}

/// The table with each row as often as it counts.
fn written_out(values: &[f32], width: usize, counts: &[u32]) -> Vec<f32> {
    let rows = values.chunks_exact(width).zip(counts);
    rows.flat_map(|(row, &count)| row.repeat(count as usize))
        .collect()
}

fn agrees(classes: usize, labels: &[f32], predictions: &[f32], counts: &[u32]) -> Result<(), TestCaseError> {
    let task = task(classes);
    let sample = Sample::new(&task, labels, predictions, 0.4).unwrap();
    let written = (
        written_out(labels, 1, counts),
        written_out(predictions, task.width(), counts),
    );
    let direct = report(&task, &written.0, &written.1, 0.4);
    match (sample.report(counts), direct) {
        (Ok(ours), Ok(direct)) => {
            prop_assert_eq!(ours.as_pairs().len(), direct.as_pairs().len());
            for ((name, a), (_, b)) in ours.as_pairs().into_iter().zip(direct.as_pairs()) {
                prop_assert!((a - b).abs() <= 1e-9 * b.abs().max(1.0), "{}: {} {}", name, a, b);
            }
        }
        (ours, direct) => prop_assert_eq!(ours.err(), direct.err()),
    }
    Ok(())
}

proptest! {
    #[test]
    fn two_classes(rows in prop::collection::vec((any::<bool>(), 0_u8..12, 0_u32..4), 1..60)) {
        let labels: Vec<f32> = rows.iter().map(|row| f32::from(u8::from(row.0))).collect();
        let scores: Vec<f32> = rows.iter().map(|row| f32::from(row.1) / 11.0).collect();
        let counts: Vec<u32> = rows.iter().map(|row| row.2).collect();
        agrees(2, &labels, &scores, &counts)?;
    }

    #[test]
    fn three_classes(rows in prop::collection::vec((0_u8..3, [0_u8..6, 0..6, 1..6], 0_u32..4), 1..60)) {
        let labels: Vec<f32> = rows.iter().map(|row| f32::from(row.0)).collect();
        let shares = |of: [u8; 3]| of.map(|part| f32::from(part) / of.iter().map(|&part| f32::from(part)).sum::<f32>());
        let scores: Vec<f32> = rows.iter().flat_map(|row| shares(row.1)).collect();
        let counts: Vec<u32> = rows.iter().map(|row| row.2).collect();
        agrees(3, &labels, &scores, &counts)?;
    }

    #[test]
    fn numbers(rows in prop::collection::vec((-9_i8..9, -9_i8..9, 0_u32..4), 1..60)) {
        let labels: Vec<f32> = rows.iter().map(|row| 1000.0 + f32::from(row.0)).collect();
        let predictions: Vec<f32> = rows.iter().map(|row| 1000.0 + f32::from(row.1)).collect();
        let counts: Vec<u32> = rows.iter().map(|row| row.2).collect();
        agrees(0, &labels, &predictions, &counts)?;
        let around_zero = |values: &[f32]| values.iter().map(|value| value - 1000.0).collect::<Vec<f32>>();
        agrees(0, &around_zero(&labels), &around_zero(&predictions), &counts)?;
    }
}

#[test]
fn counts_that_do_not_pair_up_are_refused() {
    let sample = Sample::new(&task(2), &[0.0, 1.0], &[0.2, 0.9], 0.5).unwrap();
    let length = MetricError::Length {
        labels: 2,
        expected: 2,
        got: 1,
    };
    assert_eq!(sample.report(&[1]), Err(length));
    assert_eq!(sample.report(&[0, 0]), Err(MetricError::Empty));
    assert_eq!(sample.report(&[0, 2]), Err(MetricError::MissingClass(0)));
    assert_eq!(sample.strata(), [[0], [1]]);
    assert!(matches!(
        Sample::new(&task(2), &[0.0], &[0.2], 1.5),
        Err(MetricError::Threshold(_))
    ));
}
