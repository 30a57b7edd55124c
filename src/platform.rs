//! What users do, one module a capability. Knows nothing of HTTP.

pub mod access;
pub mod bundles;
pub mod datasets;
pub mod deployments;
pub mod idempotency;
pub mod jobs;
pub mod page;
pub mod predictor;
pub mod recipes;
pub mod registry;
pub mod target;
#[cfg(test)]
mod testing;
pub mod tracking;
pub mod trainer;

// Errors of lower layers that capabilities pass on; the API names their causes.
pub use crate::data::feature::EncodeError;
pub use crate::store::StoreError;
