//! The tables, one file a family: a family's rows, its keys, and functions that take a transaction.
//! Nothing else knows the keys.

pub mod datasets;
pub mod experiments;
pub mod jobs;
pub mod meta;
pub mod models;
pub mod run_metrics;
pub mod runs;

/// The rows of a range, without their keys.
fn rows<K, R>(pairs: Vec<(K, R)>) -> Vec<R> {
    pairs.into_iter().map(|(_, row)| row).collect()
}
