//! The tables, one file a family: a family's rows, its keys, and functions that take a transaction.
//! Nothing else knows the keys.

mod bits;
pub mod datasets;
pub mod experiments;
pub mod idempotency;
pub mod jobs;
pub mod meta;
pub mod model_history;
pub mod model_index;
pub mod models;
pub mod names;
pub mod run_metrics;
pub mod runs;
pub mod trusted_keys;

use serde::{Deserialize, Serialize};

use super::JsonRow;

/// Nothing: the key says it all. The row of an index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Mark;
impl JsonRow for Mark {
    const TAG: u8 = 1;
}

/// The rows of a range, without their keys.
fn rows<K, R>(pairs: Vec<(K, R)>) -> Vec<R> {
    pairs.into_iter().map(|(_, row)| row).collect()
}

/// The keys of a range whose rows say nothing.
fn rows_keys<K, R>(pairs: Vec<(K, R)>) -> impl Iterator<Item = K> {
    pairs.into_iter().map(|(key, _)| key)
}
