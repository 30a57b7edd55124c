//! Long short-term memory: nets that read a sequence step by step, and tell what comes after it.
//!
//! Inside sequences are time-major, `[steps x rows x width]`, so that the rows of a step lie together. Gates are in
//! PyTorch's order: input, forget, cell, output.

mod cells;
mod fit;
mod layer;
mod model;
mod net;
mod op;
mod params;
mod sequences;
#[cfg(test)]
mod tests;

pub use fit::fit;
pub use model::LstmModel;
pub use params::{LstmParams, Scaling};
pub use sequences::Sequences;
