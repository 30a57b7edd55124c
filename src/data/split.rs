//! Which rows train and which test. Only positions are computed here; the table is not touched.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::Rng;

use crate::base::Seed;

/// Rows that train and rows that test: both ascending, no row in both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fold {
    /// Positions of the rows to fit on.
    pub train: Vec<usize>,
    /// Positions of the rows to measure on.
    pub test: Vec<usize>,
}

/// Why rows cannot be split as asked.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum SplitError {
    /// Fewer than two folds, or more folds than rows.
    #[error("{rows} rows cannot be cut into {folds} folds; use 2 to {rows} folds")]
    Folds {
        /// How many rows there are.
        rows: usize,
        /// How many folds were asked for.
        folds: usize,
    },
    /// A share that is no share.
    #[error("a hold-out of {0} is no share; use a number between 0 and 1, such as 0.2")]
    Share(f64),
    /// One of the two parts would have no row.
    #[error("a hold-out of {share} of {rows} rows leaves one part empty; take more rows or another share")]
    EmptyPart {
        /// How many rows there are.
        rows: usize,
        /// The share that was asked for.
        share: f64,
    },
}

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
pub fn holdout(strata: &[u32], share: f64, seed: Seed) -> Result<Fold, SplitError> {
    if !(share > 0.0 && share < 1.0) {
        return Err(SplitError::Share(share));
    }
    // Along the rows in order of stratum, every 1/share-th is set aside: each stratum is one stretch of
    // them, so it gives its share, and so does the whole.
    let order = shuffled_by_stratum(strata, seed.derive("holdout", 0));
    let tests = |position: usize| aside(position + 1, share) > aside(position, share);
    let fold = fold(&order, tests);
    if fold.train.is_empty() || fold.test.is_empty() {
        return Err(SplitError::EmptyPart {
            rows: strata.len(),
            share,
        });
    }
    Ok(fold)
}

/// Cuts rows into `k` folds with the same mix of classes; each row is in the test part of exactly one.
///
/// `classes`: `[rows]`. Between two folds, the test parts' sizes differ by at most one, and so do
/// their counts of any class. A class with fewer than `k` rows is missing from some test parts.
///
/// # Errors
/// When `k` is below 2 or above the number of rows.
pub fn stratified_kfold(classes: &[u32], k: usize, seed: Seed) -> Result<Vec<Fold>, SplitError> {
    if k < 2 || k > classes.len() {
        return Err(SplitError::Folds {
            rows: classes.len(),
            folds: k,
        });
    }
    // Dealt like cards, class after class: neither a class nor the whole differs by more than one.
    let order = shuffled_by_stratum(classes, seed.derive("kfold", 0));
    Ok((0..k)
        .map(|part| fold(&order, |position| position % k == part))
        .collect())
}

/// Cuts `rows` rows into `k` folds; each row is in the test part of exactly one, and the test parts'
/// sizes differ by at most one.
///
/// # Errors
/// When `k` is below 2 or above the number of rows.
pub fn kfold(rows: usize, k: usize, seed: Seed) -> Result<Vec<Fold>, SplitError> {
    stratified_kfold(&vec![0; rows], k, seed)
}

fn fold(order: &[usize], tests: impl Fn(usize) -> bool) -> Fold {
    let mut is_test = vec![false; order.len()];
    for (position, &row) in order.iter().enumerate() {
        is_test[row] = tests(position);
    }
    let (test, train) = (0..order.len()).partition(|&row| is_test[row]);
    Fold { train, test }
}

/// All rows, shuffled, then those of the lowest stratum first.
fn shuffled_by_stratum(strata: &[u32], seed: Seed) -> Vec<usize> {
    let mut rows: Vec<usize> = (0..strata.len()).collect();
    shuffle(&mut rows, &mut seed.rng());
    rows.sort_by_key(|&row| strata[row]);
    rows
}

/// Puts `items` into random order. Our own, so that no release of a library changes what a seed means.
///
/// Source: Fisher and Yates 1938, in the form of Durstenfeld 1964.
fn shuffle<T>(items: &mut [T], rng: &mut ChaCha8Rng) {
    for last in (1..items.len()).rev() {
        items.swap(last, below(last as u64 + 1, rng) as usize);
    }
}

/// A number from 0 to `bound` − 1, all equally likely.
///
/// Source: Lemire 2019, "Fast random integer generation in an interval".
pub fn below(bound: u64, rng: &mut ChaCha8Rng) -> u64 {
    let threshold = bound.wrapping_neg() % bound;
    loop {
        let product = u128::from(rng.next_u64()) * u128::from(bound);
        if product as u64 >= threshold {
            return (product >> 64) as u64;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn count(rows: &[usize], classes: &[u32], class: u32) -> usize {
        rows.iter().filter(|&&row| classes[row] == class).count()
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
            let mut tested: Vec<usize> = folds.iter().flat_map(|fold| fold.test.clone()).collect();
            tested.sort_unstable();
            prop_assert_eq!(tested, (0..classes.len()).collect::<Vec<_>>());
            for fold in &folds {
                prop_assert!(fold.train.is_sorted() && fold.test.is_sorted());
                let mut all = [fold.train.clone(), fold.test.clone()].concat();
                all.sort_unstable();
                prop_assert_eq!(all, (0..classes.len()).collect::<Vec<_>>());
            }
            for class in 0..5 {
                let counts: Vec<usize> =
                    folds.iter().map(|fold| count(&fold.test, &classes, class)).collect();
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
            let fold = holdout(&strata, share, Seed::new(seed)).unwrap();
            prop_assert!(fold.train.is_sorted() && fold.test.is_sorted());
            prop_assert_eq!(fold.train.len() + fold.test.len(), strata.len());
            let exact = share * strata.len() as f64;
            prop_assert!((fold.test.len() as f64 - exact).abs() <= 0.5 + 1e-9);
            for stratum in 0..4 {
                let rows = strata.iter().filter(|&&s| s == stratum).count() as f64;
                let taken = count(&fold.test, &strata, stratum) as f64;
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
        let test = &kfold(12, 3, Seed::new(7)).unwrap()[0].test;
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
