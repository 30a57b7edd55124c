//! From cells to the numbers that a model eats: fitted on training rows, then the same for a table and for a row.

pub mod category;
pub mod encode;
mod encoder;
pub mod error;
pub mod field;
pub mod fit;
pub mod impute;
mod origin;
mod plan;
pub mod scale;
pub mod spec;
mod stored;
#[cfg(test)]
mod tests;

pub use encode::FittedFeatures;
pub use error::{EncodeError, FeatureError};
pub use field::{Dropped, InputField, OutputFeature, OutputKind, Value};
pub use fit::fit;
pub use plan::check;
pub use spec::{Encode, FeatureRule, FeatureSpec, Impute, Scale, Unknown};
