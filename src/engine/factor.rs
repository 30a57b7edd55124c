//! Recommenders: ratings as a product of factors of users and factors of items, by non-negative matrix factorisation
//! or by alternating least squares.
//!
//! Both go through users and items in turns ([`fit()`]): with the items fixed each user is a small problem of its own,
//! and the other way round, so that rows are shared out among threads. What the two differ in is how one such problem
//! is solved (`nmf`, `als`).

mod als;
mod checkpoint;
mod error;
mod evaluate;
mod fit;
mod labels;
mod model;
mod nmf;
mod params;
mod ratings;
mod rows;
mod seen;
mod spec;
mod stored;
mod tensors;
#[cfg(test)]
mod tests;
mod top;

pub use error::{FactorError, RecommendError};
pub use evaluate::{Rankings, Recommendations, evaluate, rankings};
pub use fit::{Factors, OBJECTIVE, fit, fit_from};
pub use labels::Labels;
pub use model::{FactorModel, Recommended};
pub use params::{AlphaH, AlsParams, FactorParams, Init, NmfParams};
pub use ratings::Interactions;
pub use spec::RecommendSpec;
pub use stored::{CONFIG, WEIGHTS};
