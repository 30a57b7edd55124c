//! From cells to the numbers that a model eats: fitted on training rows, then the same for a table and for a row.

mod arithmetic;
pub mod category;
pub mod cross_fit;
pub mod encode;
mod encoder;
pub mod error;
pub mod excluded;
pub mod field;
pub mod fit;
mod frequent;
mod level_values;
mod moments;
mod number;
mod origin;
mod output;
mod plan;
pub mod scale;
pub mod spec;
mod stored;
pub mod target;
#[cfg(test)]
mod tests;
mod time;
mod transform;

pub use cross_fit::{CrossFitted, Targets, fit_encode};
pub use encode::FittedFeatures;
pub use error::{EncodeError, FeatureError, InteractionProblem};
pub use excluded::{Excluded, Role};
pub use field::{Dropped, InputField, OutputFeature, OutputKind, Value};
pub use fit::{Fitter, fit};
pub use plan::check;
pub use spec::{
    Encode, FeatureRule, FeatureSpec, Impute, Interaction, Operation, Scale, Smooth, TimePart, TransformSpec,
    Unknown,
};
pub use target::TargetKind;
