//! What can be said of a column without keeping it: exact while it is small, close and bounded in memory beyond.
//!
//! A sketch depends on the values and their order alone, so the same column gives the same answers on every
//! run and however its rows were cut into batches.

mod distinct;
mod frequent;
mod quantiles;

pub use distinct::Distinct;
pub use frequent::Frequent;
pub use quantiles::Quantiles;
