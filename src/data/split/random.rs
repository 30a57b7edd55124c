//! Splits at random, with the same mix of classes on either side.

use super::order::shuffled_by_stratum;
use super::{Folds, Part, Parts, SplitError, checked_folds, checked_share};
use crate::base::Seed;

/// How many of `rows` rows [`holdout`] sets aside when it is asked for `share` of them.
pub fn holdout_rows(rows: usize, share: f64) -> usize {
    aside(rows, share) as usize
}

/// How many of the first rows are set aside.
fn aside(rows: usize, share: f64) -> f64 {
    (rows as f64 * share + 0.5).floor()
}

/// Sets a share of the rows aside for testing, the same share of every stratum.
///
/// `strata`: `[rows]`, the class of each row (all zero for none). `share`: between 0 and 1, exclusive.
/// The test part has `share · rows` rows, rounded; of a stratum with `m` rows it takes `share · m`,
/// give or take less than one.
///
/// # Errors
/// When `share` is out of range or leaves one part empty.
pub fn holdout(strata: &[u32], share: f64, seed: Seed) -> Result<Parts, SplitError> {
    let share = checked_share(share)?;
    let rows = strata.len();
    let held_out = holdout_rows(rows, share);
    if held_out == 0 || held_out >= rows {
        return Err(SplitError::EmptyPart { rows, share });
    }
    // Along the rows in order of stratum, every 1/share-th is set aside: each stratum is one stretch of
    // them, so it gives its share, and so does the whole.
    let order = shuffled_by_stratum(strata, seed.derive("holdout", 0))?;
    let mut is_test = vec![false; rows];
    for (position, &row) in order.iter().enumerate() {
        is_test[row as usize] = aside(position + 1, share) > aside(position, share);
    }
    let of = |row: usize| if is_test[row] { Part::Test } else { Part::Train };
    Ok(Parts::new(rows, of))
}

/// Cuts rows into `k` folds with the same mix of classes; each row is in the test part of exactly one.
///
/// `classes`: `[rows]`. Between two folds, the test parts' sizes differ by at most one, and so do
/// their counts of any class. A class with fewer than `k` rows is missing from some test parts.
///
/// # Errors
/// When `k` is below 2 or above the number of rows.
pub fn stratified_kfold(classes: &[u32], k: usize, seed: Seed) -> Result<Folds, SplitError> {
    checked_folds(classes.len(), k)?;
    // Dealt like cards, class after class: neither a class nor the whole differs by more than one.
    let order = shuffled_by_stratum(classes, seed.derive("kfold", 0))?;
    let mut pieces = vec![0; classes.len()];
    for (position, &row) in order.iter().enumerate() {
        pieces[row as usize] = (position % k) as u16;
    }
    Ok(Folds::across(pieces, k))
}

/// Cuts `rows` rows into `k` folds; each row is in the test part of exactly one, and the test parts'
/// sizes differ by at most one.
///
/// # Errors
/// When `k` is below 2 or above the number of rows.
pub fn kfold(rows: usize, k: usize, seed: Seed) -> Result<Folds, SplitError> {
    stratified_kfold(&vec![0; rows], k, seed)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn count(parts: &Parts, part: Part, classes: &[u32], class: u32) -> usize {
        parts.rows(part).filter(|&row| classes[row] == class).count()
    }

    proptest! {
        #[test]
        fn every_row_is_tested_once_and_classes_are_dealt_evenly(
            classes in prop::collection::vec(0_u32..5, 2..300),
            k in 2_usize..12,
            seed: u64,
        ) {
            prop_assume!(k <= classes.len());
            let folds = stratified_kfold(&classes, k, Seed::new(seed)).unwrap();
            prop_assert_eq!(folds.len(), k);
            let parts: Vec<Parts> = (0..k).map(|fold| folds.parts(fold)).collect();
            for row in 0..classes.len() {
                let tested = parts.iter().filter(|parts| parts.of(row) == Part::Test).count();
                let learnt = parts.iter().filter(|parts| parts.of(row) == Part::Train).count();
                prop_assert_eq!((tested, learnt), (1, k - 1));
            }
            for class in 0..5 {
                let counts: Vec<usize> =
                    parts.iter().map(|parts| count(parts, Part::Test, &classes, class)).collect();
                let spread = counts.iter().max().unwrap() - counts.iter().min().unwrap();
                prop_assert!(spread <= 1, "class {}: {:?}", class, counts);
            }
        }

        #[test]
        fn a_hold_out_takes_its_share_of_every_stratum(
            strata in prop::collection::vec(0_u32..4, 20..300),
            share in 0.1_f64..0.9,
            seed: u64,
        ) {
            let parts = holdout(&strata, share, Seed::new(seed)).unwrap();
            let (train, test) = (parts.count(Part::Train), parts.count(Part::Test));
            prop_assert_eq!(train + test, strata.len());
            prop_assert_eq!(test, holdout_rows(strata.len(), share));
            let exact = share * strata.len() as f64;
            prop_assert!((test as f64 - exact).abs() <= 0.5 + 1e-9);
            for stratum in 0..4 {
                let rows = strata.iter().filter(|&&s| s == stratum).count() as f64;
                let taken = count(&parts, Part::Test, &strata, stratum) as f64;
                prop_assert!((taken - share * rows).abs() < 1.0 + 1e-9, "{} of {}", taken, rows);
            }
        }
    }

    #[test]
    fn a_seed_decides_the_split_and_another_seed_another_one() {
        let classes: Vec<u32> = (0..200).map(|row| u32::from(row % 10 == 0)).collect();
        let split = |seed| stratified_kfold(&classes, 5, Seed::new(seed)).unwrap();
        assert_eq!(split(1), split(1));
        assert_ne!(split(1), split(2));
        assert_ne!(
            holdout(&classes, 0.2, Seed::new(1)),
            holdout(&classes, 0.2, Seed::new(2))
        );
    }

    #[test]
    fn a_seed_means_the_same_split_in_every_version() {
        let first = kfold(12, 3, Seed::new(7)).unwrap().parts(0);
        let test: Vec<usize> = first.rows(Part::Test).collect();
        insta::assert_snapshot!(format!("{test:?}"), @"[1, 4, 7, 9]");
    }

    #[test]
    fn a_split_that_leaves_a_part_empty_is_refused() {
        assert!(matches!(kfold(3, 4, Seed::new(0)), Err(SplitError::Folds { .. })));
        assert!(matches!(kfold(3, 1, Seed::new(0)), Err(SplitError::Folds { .. })));
        assert!(matches!(
            holdout(&[0, 0], 0.01, Seed::new(0)),
            Err(SplitError::EmptyPart { .. })
        ));
        for share in [0.0, 1.0, -0.5, f64::NAN] {
            assert!(matches!(
                holdout(&[0; 9], share, Seed::new(0)),
                Err(SplitError::Share(_))
            ));
        }
    }
}
