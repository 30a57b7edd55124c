//! Neural networks on Burn: a multi-layer perceptron for tables.
//!
//! Burn is imported here alone. Weights come from our own generator, so that a training is the same on any number of
//! threads; at rest they are safetensors beside a config in JSON, which PyTorch and NumPy read as well.

mod checkpoint;
mod fit;
mod input;
mod learn;
mod loss;
pub mod lstm;
mod mlp;
mod model;
mod params;
mod stored;
#[cfg(test)]
mod tests;
mod weights;

pub use fit::fit;
pub use model::NetModel;
pub(in crate::engine) use stored::{CONFIG, WEIGHTS};

pub use params::{Activation, MlpParams, Norm, Schedule};
