//! Streaming summary of one column of texts.

use super::memory::Share;
use super::{DistinctCount, LevelCount, Texts};
use crate::data::sketch::{Distinct, Frequent};

/// The longest text, in bytes, that is counted by name: memory is bounded whatever the texts are.
const LONGEST: usize = 200;

#[derive(Debug, Clone)]
pub(super) struct TextProfiler {
    count: u64,
    min: u64,
    max: u64,
    sum: u64,
    distinct: Distinct,
    frequent: Frequent<String>,
}

impl TextProfiler {
    pub(super) fn new(memory: Share) -> Self {
        Self {
            count: 0,
            min: u64::MAX,
            max: 0,
            sum: 0,
            distinct: Distinct::with_exact(memory.distinct),
            frequent: Frequent::new(memory.counted),
        }
    }

    pub(super) fn see(&mut self, text: &str) {
        let length = text.chars().count() as u64;
        self.count += 1;
        self.min = length.min(self.min);
        self.max = length.max(self.max);
        self.sum += length;
        self.distinct.see(text.as_bytes());
        if text.len() <= LONGEST {
            self.frequent.see(text);
        }
    }

    pub(super) fn count(&self) -> u64 {
        self.count
    }

    pub(super) fn distinct(&self) -> DistinctCount {
        DistinctCount {
            count: self.distinct.count(),
            exact: self.distinct.is_exact(),
        }
    }

    /// Of at least one text.
    pub(super) fn finish(self) -> Texts {
        let top_lost = self.frequent.lost();
        let top = self.frequent.top().into_iter();
        Texts {
            min_length: self.min,
            max_length: self.max,
            mean_length: self.sum as f64 / self.count as f64,
            top: top.map(|(level, count)| LevelCount { level, count }).collect(),
            top_lost,
        }
    }
}
