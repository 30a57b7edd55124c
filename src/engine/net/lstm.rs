//! Long short-term memory: layers that read a sequence step by step.
//!
//! Sequences are time-major, `[steps x rows x width]`, so that the rows of a step lie together. Gates are in PyTorch's
//! order: input, forget, cell, output.

mod cells;
mod layer;
mod op;
#[cfg(test)]
mod tests;
