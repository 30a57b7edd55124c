//! Splits that hold out of each user, or of any other group, a few rows.

use rand_chacha::rand_core::Rng;

use super::order::positions;
use super::{Part, Parts, SplitError};
use crate::base::Seed;

/// Why no rows of users can be held out.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum LeaveError {
    /// Nothing of each user is to be held out.
    #[error("0 rows of each user are nothing to measure on; hold out at least 1")]
    NoneAsked,
    /// No user has a row to spare.
    #[error("no user has two rows, so none can be held out beside one to learn from; take more rows")]
    NoneToSpare,
    /// Rows and times do not pair up.
    #[error("{rows} rows have {times} times; give one a row")]
    Times {
        /// How many rows there are.
        rows: usize,
        /// How many times.
        times: usize,
    },
    /// The rows cannot be split in any way.
    #[error(transparent)]
    Split(#[from] SplitError),
}

/// Sets the last `n` rows of each user aside for testing, and fewer where a user has no more: one always stays, so that
/// users with one row are wholly learnt from.
///
/// `users`: `[rows]`, the user of each row. `times`: `[rows]`, in any unit; of rows of one moment those further down are
/// the later. Without times any `n` rows are as likely.
///
/// # Errors
/// When `n` is 0, there is not one time a row, or no user has two rows.
pub fn leave_last_out(
    users: &[u32],
    times: Option<&[i64]>,
    n: usize,
    seed: Seed,
) -> Result<Parts, LeaveError> {
    let rows = users.len();
    if n == 0 {
        return Err(LeaveError::NoneAsked);
    }
    let mut order = positions(rows)?;
    match times {
        Some(times) if times.len() != rows => {
            let times = times.len();
            return Err(LeaveError::Times { rows, times });
        }
        Some(times) => order.sort_by_key(|&row| (users[row as usize], times[row as usize])),
        None => {
            let mut rng = seed.derive("leave last out", 0).rng();
            let drawn: Vec<u64> = (0..rows).map(|_| rng.next_u64()).collect();
            order.sort_by_key(|&row| (users[row as usize], drawn[row as usize]));
        }
    }
    let mut is_test = vec![false; rows];
    for of_user in order.chunk_by(|a, b| users[*a as usize] == users[*b as usize]) {
        let aside = n.min(of_user.len() - 1);
        for &row in &of_user[of_user.len() - aside..] {
            is_test[row as usize] = true;
        }
    }
    if !is_test.contains(&true) {
        return Err(LeaveError::NoneToSpare);
    }
    let of = |row: usize| if is_test[row] { Part::Test } else { Part::Train };
    Ok(Parts::new(rows, of))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn of_each_user_the_last_rows_are_held_out_and_one_stays(
            rows in prop::collection::vec((0_u32..6, 0_i64..9), 2..80),
            n in 1_usize..5,
            with_times: bool,
            seed: u64,
        ) {
            let (users, times): (Vec<u32>, Vec<i64>) = rows.into_iter().unzip();
            let count = |user| users.iter().filter(|&&other| other == user).count();
            prop_assume!((0..6).any(|user| count(user) > 1));
            let given = with_times.then_some(&*times);
            let parts = leave_last_out(&users, given, n, Seed::new(seed)).unwrap();
            for user in 0..6 {
                let of = |part| parts.rows(part).filter(|&row| users[row] == user).collect::<Vec<_>>();
                let (train, test) = (of(Part::Train), of(Part::Test));
                prop_assert_eq!(test.len(), n.min(count(user).saturating_sub(1)));
                prop_assert_eq!(train.len() + test.len(), count(user));
                if with_times {
                    let latest = train.iter().map(|&row| (times[row], row)).max();
                    let earliest = test.iter().map(|&row| (times[row], row)).min();
                    prop_assert!(earliest.is_none() || latest < earliest);
                }
            }
        }
    }

    #[test]
    fn without_times_the_seed_decides_and_every_row_may_be_held_out() {
        let users = [0; 8];
        let held = |seed| {
            let parts = leave_last_out(&users, None, 1, Seed::new(seed)).unwrap();
            parts.rows(Part::Test).next().unwrap()
        };
        assert_eq!(held(1), held(1));
        let mut all: Vec<usize> = (0..200).map(held).collect();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all, (0..8).collect::<Vec<_>>());
    }

    #[test]
    fn what_leaves_nothing_to_measure_is_refused() {
        let of = |users: &[u32], times, n| leave_last_out(users, times, n, Seed::new(0)).unwrap_err();
        assert_eq!(of(&[0, 1, 2], None, 1), LeaveError::NoneToSpare);
        assert_eq!(of(&[], None, 1), LeaveError::NoneToSpare);
        assert_eq!(of(&[0, 0], None, 0), LeaveError::NoneAsked);
        assert_eq!(
            of(&[0, 0], Some(&[1]), 1),
            LeaveError::Times { rows: 2, times: 1 }
        );
    }
}
