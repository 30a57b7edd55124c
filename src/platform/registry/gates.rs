//! Gates: what a version had to be, and what was found when it was made.

use crate::store::tables::models::GateRow;

/// What decides whether a version may go into production.
pub(super) const PROMOTION: &str = "promotion";

/// What came of a gate.
pub const PASSED: &str = "passed";
/// It is not what was wanted.
pub const FAILED: &str = "failed";
/// There was nothing to hold it against.
pub const SKIPPED: &str = "skipped";

/// The gates that decide on `decides` and failed, each in words.
pub fn failed_gates<'a>(gates: &'a [GateRow], decides: &'a str) -> impl Iterator<Item = String> + 'a {
    gates
        .iter()
        .filter(move |gate| gate.decides == decides && gate.outcome == FAILED)
        .map(|gate| format!("{} = \"{}\": {}", gate.gate, gate.wanted, gate.found))
}
