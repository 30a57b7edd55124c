//! How good a version was when it was made, so that the machine that takes its bundle in can tell.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Quality on the hold-out.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Quality {
    /// The version's, by metric.
    pub metrics: BTreeMap<String, f64>,
    /// The baseline's, by metric.
    pub baseline: BTreeMap<String, f64>,
}

impl Quality {
    /// The quality by these metrics. JSON knows no number that is not finite: those are left out.
    pub fn new(metrics: &BTreeMap<String, f64>, baseline: &BTreeMap<String, f64>) -> Self {
        let finite = |metrics: &BTreeMap<String, f64>| {
            let finite = metrics.iter().filter(|(_, value)| value.is_finite());
            finite.map(|(name, value)| (name.clone(), *value)).collect()
        };
        Self {
            metrics: finite(metrics),
            baseline: finite(baseline),
        }
    }
}
