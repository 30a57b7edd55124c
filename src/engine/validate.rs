//! Whether a model is any good: beside a baseline, on rows that it has not seen, with how much chance is in it.

pub mod baseline;
pub mod cross;
pub mod summary;

pub use baseline::Baseline;
pub use cross::{
    CrossError, CrossPlan, CrossReport, FoldMatrices, FoldReport, FoldRound, FoldRows, cross_validate,
};
pub use summary::{Paired, Summary, paired_difference, summarise};
