//! Whether a model is any good: beside a baseline, on rows that it has not seen, with how much chance is in it.

pub mod baseline;
pub mod bootstrap;
pub mod cross;
pub mod segment;
pub mod summary;
pub mod threshold;

pub use baseline::Baseline;
pub use bootstrap::{
    Bootstrap, BootstrapError, Difference, Interval, Intervals, Measure, block_bootstrap, bootstrap,
    bootstrap_means, paired_block_bootstrap, paired_bootstrap, paired_bootstrap_means,
};
pub use cross::{
    CrossError, CrossPlan, CrossReport, FoldMatrices, FoldReport, FoldRound, FoldRows, cross_validate,
};
pub use segment::{Group, Segment, SegmentMetric, by_segment};
pub use summary::{Paired, Summary, paired_difference, summarise};
pub use threshold::{Costs, ThresholdError, ThresholdRule, best_threshold};
