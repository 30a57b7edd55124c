//! Models: training, prediction, metrics, validation. Pure: no I/O, no clock, no state of its own.
//!
//! What differs from one algorithm to the next is a variant of [`algorithm::Algorithm`] (how to train)
//! and of [`model::Model`] (what came out); the rest of the platform knows only these two.

pub mod algorithm;
pub mod boost;
mod cholesky;
pub mod class_weight;
mod columns;
pub mod device;
pub mod explain;
pub mod factor;
pub mod fit;
pub mod forecast;
mod input;
pub mod linear;
pub mod matrix;
pub mod model;
pub mod net;
pub mod param;
pub mod task;

pub mod metric;
pub mod validate;
