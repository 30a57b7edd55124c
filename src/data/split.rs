//! Which rows train and which test. Only what each row is for is computed here; the table is not touched.
//!
//! One byte a row tells it ([`Parts`]), and two a row which fold tests it ([`Folds`]): lists of positions would
//! take many times as much of a table of fifty million rows.

mod folds;
mod group;
mod leave;
mod order;
mod parts;
mod random;
mod time;

pub use folds::Folds;
pub use group::{group_holdout, group_kfold};
pub use leave::{LeaveError, leave_last_out};
pub use order::{below, shuffle, shuffled};
pub use parts::{Part, Parts};
pub use random::{holdout, holdout_rows, kfold, stratified_kfold};
pub use time::{time_holdout, time_kfold};

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
    /// More folds than there are groups to share out.
    #[error(
        "{groups} groups cannot be shared out among {folds} folds; use at most {groups} folds, or other groups"
    )]
    Groups {
        /// How many groups there are.
        groups: usize,
        /// How many folds were asked for.
        folds: usize,
    },
    /// Too few different moments for rows of one moment to stay together.
    #[error(
        "{moments} different moments cannot be cut into {pieces} pieces one after the other; use fewer folds"
    )]
    Moments {
        /// How many moments there are.
        moments: usize,
        /// Into how many pieces they would be cut.
        pieces: usize,
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
    /// All rows are of one group, so none can be held out without the others.
    #[error("all {rows} rows are of one group, so none can be held out; hold out by another column")]
    OneGroup {
        /// How many rows there are.
        rows: usize,
    },
    /// All rows are of one moment, so none is later than the others.
    #[error("all {rows} rows are of one moment, so none is later than the others; order by another column")]
    OneMoment {
        /// How many rows there are.
        rows: usize,
    },
    /// More rows than positions can count.
    #[error("{0} rows are more than can be split; a table has at most 4294967295")]
    TooManyRows(usize),
}

/// A share of rows that is one: more than none of them and less than all.
fn checked_share(share: f64) -> Result<f64, SplitError> {
    if share > 0.0 && share < 1.0 {
        Ok(share)
    } else {
        Err(SplitError::Share(share))
    }
}

fn checked_folds(rows: usize, folds: usize) -> Result<(), SplitError> {
    if (2..=rows).contains(&folds) && folds <= Folds::MOST {
        Ok(())
    } else {
        Err(SplitError::Folds { rows, folds })
    }
}
