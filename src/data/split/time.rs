//! Splits in the order of time: what is measured on is later than all that is learnt from.

use super::order::positions;
use super::{Folds, Part, Parts, SplitError, checked_folds, checked_share};

/// Sets the latest rows aside for testing, about `share` of all; rows of one moment stay together.
///
/// `times`: `[rows]`, in any unit.
///
/// # Errors
/// When `share` is out of range, or all rows are of one moment.
pub fn time_holdout(times: &[i64], share: f64) -> Result<Parts, SplitError> {
    let share = checked_share(share)?;
    let rows = times.len();
    let order = by_time(times)?;
    let wanted = rows - (rows as f64 * share).round() as usize;
    let cut = cut_near(times, &order, wanted, 0..rows).ok_or(SplitError::OneMoment { rows })?;
    let first = times[order[cut] as usize];
    let of = |row: usize| {
        if times[row] >= first {
            Part::Test
        } else {
            Part::Train
        }
    };
    Ok(Parts::new(rows, of))
}

/// Cuts rows into `k` + 1 pieces one after the other; fold by fold, one more piece is learnt from and the next one
/// is measured on, as scikit-learn's `TimeSeriesSplit` does. Rows of one moment stay together.
///
/// `times`: `[rows]`, in any unit.
///
/// # Errors
/// When `k` is below 2, or there are too few rows or moments.
pub fn time_kfold(times: &[i64], k: usize) -> Result<Folds, SplitError> {
    let rows = times.len();
    checked_folds(rows, k)?;
    let order = by_time(times)?;
    let pieces = k + 1;
    let too_few = || SplitError::Moments {
        moments: order
            .chunk_by(|a, b| times[*a as usize] == times[*b as usize])
            .count(),
        pieces,
    };
    // The last places at which a moment begins: each later piece needs one.
    let begins = (1..rows)
        .rev()
        .filter(|&at| times[order[at] as usize] != times[order[at - 1] as usize]);
    let last: Vec<usize> = begins.take(k).collect();
    let mut piece_of = vec![0_u16; rows];
    let mut begin = 0;
    for piece in 1..pieces {
        // Rows that do not divide go to the first piece, as scikit-learn has it.
        let wanted = rows - (pieces - piece) * (rows / pieces);
        let end = last.get(pieces - 1 - piece).ok_or_else(too_few)? + 1;
        begin = cut_near(times, &order, wanted.min(end - 1), begin..end).ok_or_else(too_few)?;
        for &row in &order[begin..] {
            piece_of[row as usize] = piece as u16;
        }
    }
    Ok(Folds::in_order(piece_of, k))
}

/// All rows, the earliest first.
fn by_time(times: &[i64]) -> Result<Vec<u32>, SplitError> {
    let mut order = positions(times.len())?;
    order.sort_by_key(|&row| times[row as usize]);
    Ok(order)
}

/// The position nearest to `wanted` at which a moment begins, inside of `range` and past its begin.
fn cut_near(times: &[i64], order: &[u32], wanted: usize, range: std::ops::Range<usize>) -> Option<usize> {
    let begins = |at: usize| times[order[at] as usize] != times[order[at - 1] as usize];
    let back = (range.start + 1..=wanted.min(range.end - 1))
        .rev()
        .find(|&at| begins(at));
    let on = (wanted.max(range.start + 1)..range.end).find(|&at| begins(at));
    match (back, on) {
        (Some(back), Some(on)) if on - wanted < wanted - back => Some(on),
        (Some(back), _) => Some(back),
        (None, on) => on,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn rows(parts: &Parts, part: Part) -> Vec<usize> {
        parts.rows(part).collect()
    }

    #[test]
    fn folds_are_those_of_scikit_learn_where_no_moment_comes_twice() {
        // TimeSeriesSplit(n_splits=3).split(range(10)), on rows that are not in order.
        let times: Vec<i64> = [9, 0, 1, 2, 3, 4, 5, 6, 7, 8].to_vec();
        let row_of = |time: usize| (time + 1) % 10;
        let folds = time_kfold(&times, 3).unwrap();
        for (fold, (learnt, tested)) in [(4, 4..6), (6, 6..8), (8, 8..10)].into_iter().enumerate() {
            let parts = folds.parts(fold);
            let sorted = |times: std::ops::Range<usize>| {
                let mut rows: Vec<usize> = times.map(row_of).collect();
                rows.sort_unstable();
                rows
            };
            assert_eq!(rows(&parts, Part::Train), sorted(0..learnt), "fold {fold}");
            assert_eq!(rows(&parts, Part::Test), sorted(tested), "fold {fold}");
        }
        let parts = time_holdout(&times, 0.2).unwrap();
        assert_eq!(rows(&parts, Part::Test), [0, 9]);
    }

    proptest! {
        #[test]
        fn what_is_measured_on_is_later_than_what_is_learnt_from(
            times in prop::collection::vec(0_i64..40, 30..200),
            k in 2_usize..5,
            share in 0.1_f64..0.6,
        ) {
            let later = |parts: &Parts| {
                let learnt = parts.rows(Part::Train).map(|row| times[row]).max();
                let tested = parts.rows(Part::Test).map(|row| times[row]).min();
                learnt.is_some() && tested.is_some() && learnt < tested
            };
            prop_assert!(later(&time_holdout(&times, share).unwrap()));
            let folds = time_kfold(&times, k).unwrap();
            for fold in 0..k {
                prop_assert!(later(&folds.parts(fold)), "fold {}", fold);
            }
        }
    }

    #[test]
    fn each_piece_has_a_moment_where_there_are_as_many() {
        for (times, pieces) in [
            (vec![1, 2, 3, 3, 3, 3, 3, 3, 3, 3], [1, 1, 8]),
            (vec![1, 1, 1, 1, 1, 1, 1, 1, 2, 3], [8, 1, 1]),
        ] {
            let folds = time_kfold(&times, 2).unwrap();
            let sizes = [
                folds.parts(0).count(Part::Train),
                folds.parts(0).count(Part::Test),
                folds.parts(1).count(Part::Test),
            ];
            assert_eq!(sizes, pieces, "{times:?}");
        }
    }

    #[test]
    fn too_few_moments_are_refused() {
        assert_eq!(
            time_holdout(&[5, 5, 5], 0.3),
            Err(SplitError::OneMoment { rows: 3 })
        );
        assert_eq!(
            time_kfold(&[1, 1, 2, 2, 2], 2),
            Err(SplitError::Moments {
                moments: 2,
                pieces: 3
            })
        );
        assert!(matches!(time_kfold(&[1, 2], 3), Err(SplitError::Folds { .. })));
    }
}
