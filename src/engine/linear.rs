//! Linear models: least squares and logistic regression, of two classes or of several, with a penalty on the
//! coefficients. Scaling, levels and missing values are inside, so that a recipe of trees needs no other features.
//!
//! One way to all of them: Newton steps on the loss, class by class, each a penalised least-squares problem that is
//! solved on the Gram matrix, so that the rows are gone through once a step however many columns they make.

mod fit;
mod gram;
mod loss;
mod model;
mod params;
mod solve;
mod stored;
#[cfg(test)]
mod tests;

pub use fit::fit;
pub use model::LinearModel;
pub use params::LinearParams;
