//! What the recipe of a version wanted of it.

use serde::Serialize;
use utoipa::ToSchema;

use crate::platform::registry::GateRow;

/// A gate of the recipe, and what came of it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct GateView {
    /// A metric, beats, latency or size.
    #[schema(example = "roc_auc")]
    gate: String,
    /// What was wanted, as the recipe writes it.
    #[schema(example = ">= 0.8")]
    wanted: String,
    /// What it decides: registration or promotion.
    decides: String,
    /// passed, failed, or skipped where there was nothing to hold it against.
    outcome: String,
    /// What was found.
    #[schema(example = "it is 0.8431")]
    found: String,
}

impl From<GateRow> for GateView {
    fn from(row: GateRow) -> Self {
        Self {
            gate: row.gate,
            wanted: row.wanted,
            decides: row.decides,
            outcome: row.outcome,
            found: row.found,
        }
    }
}
