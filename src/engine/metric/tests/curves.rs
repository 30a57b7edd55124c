//! The curves beside scikit-learn's, and what is left of them when they are thinned.

use super::*;

#[test]
fn curves_are_those_of_scikit_learn() {
    for case in fixture().binary {
        let expected = case.curves.as_ref().unwrap();
        let found = super::super::curves(&binary(), &case.labels, &case.predictions).unwrap();
        let [found] = &found.classes[..] else {
            panic!("{} has no curve", case.name)
        };
        let name = case.name.as_str();
        alike(name, found.roc.iter().map(|point| point.fpr), &expected.roc.fpr);
        alike(name, found.roc.iter().map(|point| point.tpr), &expected.roc.tpr);
        let thresholds = found.roc.iter().filter_map(|point| point.threshold);
        alike(name, thresholds.map(f64::from), &expected.roc.thresholds);
        let (curve, expected_curve) = (&found.precision_recall, &expected.precision_recall);
        alike(
            name,
            curve.iter().map(|point| point.recall),
            &expected_curve.recall,
        );
        alike(
            name,
            curve.iter().map(|point| point.precision),
            &expected_curve.precision,
        );
        let thresholds = curve.iter().filter_map(|point| point.threshold);
        alike(name, thresholds.map(f64::from), &expected_curve.thresholds);
        for (strategy, bins) in [
            ("uniform", &found.calibration_uniform),
            ("quantile", &found.calibration_quantile),
        ] {
            let theirs = &expected.calibration[strategy];
            alike(name, bins.iter().map(|bin| bin.observed), &theirs.observed);
            alike(name, bins.iter().map(|bin| bin.predicted), &theirs.predicted);
        }
        let mut shares = found.roc.iter().map(|point| point.share);
        assert!(
            shares.clone().is_sorted() && shares.next_back() == Some(1.0),
            "{name}"
        );
    }
}

#[test]
fn a_thinned_curve_keeps_its_area_and_its_best_points() {
    let rows: Vec<(f32, f32)> = (0..20_000_u32)
        .map(|row| {
            let noise = (row.wrapping_mul(2_654_435_761) >> 8) as f32 / (1_u32 << 24) as f32;
            let label = f32::from(u8::from(row % 5 == 0));
            (label, (noise + 0.5 * label) / 1.5)
        })
        .collect();
    let (labels, scores): (Vec<f32>, Vec<f32>) = rows.into_iter().unzip();
    let thin = points::roc_curve(&labels, &scores, points::POINTS).unwrap();
    let whole = points::roc_curve(&labels, &scores, usize::MAX).unwrap();
    assert!(
        thin.len() <= points::POINTS && whole.len() > 1000,
        "{} {}",
        thin.len(),
        whole.len()
    );
    let area = |curve: &[points::RocPoint]| {
        let between =
            |pair: &[points::RocPoint]| (pair[1].fpr - pair[0].fpr) * (pair[0].tpr + pair[1].tpr) / 2.0;
        curve.windows(2).map(between).sum::<f64>()
    };
    assert!((area(&whole) - curve::roc_auc(&labels, &scores).unwrap()).abs() < 1e-12);
    assert!(
        (area(&thin) - area(&whole)).abs() < 0.002,
        "{} {}",
        area(&thin),
        area(&whole)
    );
    let best = |curve: &[points::RocPoint]| {
        curve
            .iter()
            .map(|point| point.tpr - point.fpr)
            .fold(0.0, f64::max)
    };
    assert!((best(&thin) - best(&whole)).abs() < 1e-12);
    let precision_recall = points::precision_recall_curve(&labels, &scores, points::POINTS).unwrap();
    assert!(precision_recall.len() <= points::POINTS);
    assert_eq!(
        (precision_recall[0].precision, precision_recall[0].recall),
        (1.0, 0.0)
    );
    assert_eq!(precision_recall.last().unwrap().recall, 1.0);
}

#[test]
fn several_classes_have_a_curve_each_and_a_number_has_its_deciles() {
    let case = &fixture().multiclass[0];
    let found = super::super::curves(&task(case.classes), &case.labels, &case.predictions).unwrap();
    assert_eq!(found.classes.len(), case.classes);
    let nowhere = &fixture().multiclass[2];
    let found = super::super::curves(&task(nowhere.classes), &nowhere.labels, &nowhere.predictions).unwrap();
    assert_eq!(
        found.classes.len(),
        nowhere.classes - 1,
        "a class without a row has no curve"
    );

    let predictions: Vec<f32> = (0..95).map(|row| row as f32).collect();
    let labels: Vec<f32> = predictions.iter().map(|value| value + 2.0).collect();
    let found = super::super::curves(&Task::Regression, &labels, &predictions).unwrap();
    let rows: Vec<u64> = found.deciles.iter().map(|bin| bin.rows).collect();
    assert_eq!((rows.len(), rows.iter().sum()), (10, 95_u64));
    let first = &found.deciles[0];
    assert_eq!((first.predicted, first.actual, first.residual), (4.0, 6.0, 2.0));
    assert_eq!(
        (first.actual_range, first.residual_range),
        ([2.8, 9.2], [2.0, 2.0])
    );
    assert_eq!(
        super::super::curves(&Task::Regression, &[1.0, 2.0], &[1.0, 1.0])
            .unwrap()
            .deciles
            .len(),
        2
    );
}
