use rand_chacha::rand_core::Rng;

use super::*;
use crate::engine::task::Task;

fn binary() -> Task {
    Task::Binary {
        classes: ["no".into(), "yes".into()],
    }
}

fn plan(resamples: usize, threads: usize) -> Bootstrap {
    Bootstrap {
        resamples,
        confidence: 0.95,
        threads,
        seed: Seed::new(7),
    }
}

/// Rows of two classes whose scores overlap; `skill` pulls them apart.
fn scored(rows: usize, skill: f32, seed: u64) -> (Vec<f32>, Vec<f32>) {
    let mut rng = Seed::new(seed).rng();
    let mut noise = || (rng.next_u32() >> 8) as f32 / (1_u32 << 24) as f32;
    let labels: Vec<f32> = (0..rows).map(|row| f32::from(u8::from(row % 4 == 0))).collect();
    let scores = labels
        .iter()
        .map(|label| (noise() + skill * label) / (1.0 + skill));
    let scores: Vec<f32> = scores.collect();
    (labels, scores)
}

fn sample(rows: usize, skill: f32) -> Sample {
    let (labels, scores) = scored(rows, skill, 1);
    Sample::new(&binary(), &labels, &scores, 0.5).unwrap()
}

fn pairs(report: &Report) -> Vec<(&'static str, f64)> {
    report.as_pairs()
}

#[test]
fn intervals_are_the_same_on_any_number_of_threads_and_hold_what_was_measured() {
    let sample = sample(400, 0.3);
    let stop = Stop::new();
    let one = bootstrap(&sample, &pairs, &plan(101, 1), &stop).unwrap();
    assert_eq!(one, bootstrap(&sample, &pairs, &plan(101, 3), &stop).unwrap());
    let whole = sample.report(&[1; 400]).unwrap();
    for (name, interval) in &one {
        // Drawing rows twice makes bins noisier, so the calibration error alone is biased upwards.
        let value = whole.get(name).unwrap();
        assert!(
            interval.low <= value || *name == "ece",
            "{name}: {interval:?} {value}"
        );
        assert!(
            value <= interval.high && interval.low < interval.high,
            "{name}: {interval:?} {value}"
        );
    }
}

#[test]
fn more_rows_make_narrower_intervals_and_more_confidence_wider_ones() {
    let width = |rows, plan: &Bootstrap| {
        let found = bootstrap(&sample(rows, 0.3), &pairs, plan, &Stop::new()).unwrap();
        let (_, auc) = found.into_iter().find(|(name, _)| *name == "roc_auc").unwrap();
        auc.high - auc.low
    };
    let (few, many) = (width(200, &plan(200, 2)), width(3200, &plan(200, 2)));
    // A sixteenth of the rows: four times as wide, and some noise.
    assert!((2.5..6.5).contains(&(few / many)), "{few} {many}");
    let surer = Bootstrap {
        confidence: 0.99,
        ..plan(200, 2)
    };
    assert!(width(200, &surer) > few);
}

#[test]
fn the_interval_of_a_mean_is_that_of_its_standard_error() {
    // Accuracy within the classes: the sum of two binomials, of which the spread is known.
    let sample = sample(2000, 0.0);
    let found = bootstrap(&sample, &pairs, &plan(2000, 2), &Stop::new()).unwrap();
    let (_, accuracy) = found.iter().find(|(name, _)| *name == "accuracy").unwrap();
    let Ok(Report::Binary(whole)) = sample.report(&[1; 2000]) else {
        panic!("not binary")
    };
    let confusion = whole.confusion;
    let variance = |share: f64, rows: u64| share * (1.0 - share) * rows as f64;
    let spread =
        variance(whole.recall, confusion.positives()) + variance(whole.specificity, confusion.negatives());
    let expected = 2.0 * 1.96 * spread.sqrt() / 2000.0;
    let got = accuracy.high - accuracy.low;
    // The ends of 2000 resamples are some 5% off.
    assert!((got / expected - 1.0).abs() < 0.1, "{got} {expected}");
}

#[test]
fn a_better_model_is_told_from_a_worse_one_and_equal_ones_are_not() {
    let (labels, good) = scored(800, 0.6, 1);
    let (_, poor) = scored(800, 0.1, 2);
    let sample = |scores: &[f32]| Sample::new(&binary(), &labels, scores, 0.5).unwrap();
    let (good, poor) = (sample(&good), sample(&poor));
    let stop = Stop::new();
    let apart = paired_bootstrap(&good, &poor, "roc_auc", &plan(200, 2), &stop).unwrap();
    assert!(apart.interval.low > 0.0 && apart.above == 1.0, "{apart:?}");
    let back = paired_bootstrap(&poor, &good, "roc_auc", &plan(200, 1), &stop).unwrap();
    assert_eq!((back.difference, back.below), (-apart.difference, 1.0));
    let same = paired_bootstrap(&good, &good, "log_loss", &plan(50, 2), &stop).unwrap();
    assert_eq!((same.difference, same.above, same.below), (0.0, 0.0, 0.0));
}

#[test]
fn what_cannot_be_drawn_is_refused() {
    let (few, stop) = (sample(40, 0.3), Stop::new());
    let refused = |plan: &Bootstrap| bootstrap(&few, &pairs, plan, &stop).unwrap_err();
    assert_eq!(refused(&plan(1, 1)), BootstrapError::TooFew(1));
    let sure = Bootstrap {
        confidence: 1.0,
        ..plan(10, 1)
    };
    assert_eq!(refused(&sure), BootstrapError::Confidence(1.0));
    let unknown = paired_bootstrap(&few, &few, "rmse", &plan(10, 1), &stop);
    assert_eq!(unknown, Err(BootstrapError::NoSuchMetric("rmse".to_owned())));
    let other = paired_bootstrap(&few, &sample(80, 0.3), "roc_auc", &plan(10, 1), &stop);
    assert_eq!(other, Err(BootstrapError::OtherRows));
    stop.ask();
    assert_eq!(refused(&plan(10, 3)), BootstrapError::Stopped);
}
