//! What a dataset looks like: a short summary of each column, computed in one pass and bounded memory.
//!
//! A bundle keeps the profile of its training rows: drift is measured against it.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use self::number::NumberProfiler;
use super::schema::{ColumnType, Field, Schema};
use super::table::{Column, Table, TableError};
use crate::base::Seed;

mod number;
#[cfg(test)]
mod tests;

/// The most levels that are counted by name; the rest is counted together.
const MOST_LEVELS: usize = 1000;

/// A dataset's summary.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Profile {
    /// How many rows were seen.
    pub rows: u64,
    /// One summary a column, in the schema's order.
    pub columns: Vec<ColumnProfile>,
}

/// A column's summary.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ColumnProfile {
    /// The column.
    pub name: String,
    /// What its cells hold.
    pub kind: ColumnType,
    /// How many cells are there.
    pub count: u64,
    /// How many cells are missing.
    pub missing: u64,
    /// What the cells that are there look like; `None` when none is there.
    pub summary: Option<Summary>,
}

/// What the cells of a column look like.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Summary {
    /// Of numbers, integers, and timestamps (in microseconds since the epoch).
    Numbers(Numbers),
    /// Of categories, and of booleans as "false" and "true".
    Levels(Levels),
    /// Of texts.
    Texts(Texts),
}

/// A summary of numbers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Numbers {
    /// The smallest.
    pub min: f64,
    /// The largest.
    pub max: f64,
    /// The mean.
    pub mean: f64,
    /// The sample's standard deviation (divided by count − 1); 0 for one value.
    pub sd: f64,
    /// Where the values lie.
    pub histogram: Histogram,
}

/// Shares of values between edges, estimated from a random sample of at most [`Histogram::SAMPLE`] values.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Histogram {
    /// The sample's deciles, ascending, each once: the first and the last are the column's smallest and
    /// largest value. One more than there are bins; a single one when all values are equal.
    pub edges: Vec<f64>,
    /// The share of the sample in each bin. A bin holds its lower edge, the last one both; they sum to 1.
    pub shares: Vec<f64>,
    /// How many values the shares were counted on.
    pub sampled: u64,
}

impl Histogram {
    /// The most values that a histogram is estimated from. A share then is off by less than 0.01 in 19
    /// of 20 cases.
    pub const SAMPLE: usize = 10_000;
}

/// A summary of levels.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Levels {
    /// How many different levels there are.
    pub distinct: u64,
    /// The most frequent levels, at most 1000, the most frequent first; equally frequent ones in byte order.
    pub top: Vec<LevelCount>,
    /// How many cells have a level that is not among them.
    pub other: u64,
}

/// How often a level comes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LevelCount {
    /// The level.
    pub level: String,
    /// In how many cells it is.
    pub count: u64,
}

/// A summary of texts, by their lengths in characters.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Texts {
    /// The shortest.
    pub min_length: u64,
    /// The longest.
    pub max_length: u64,
    /// The mean.
    pub mean_length: f64,
}

/// Computes a [`Profile`] from one batch after the other; how rows are cut into batches does not matter.
#[derive(Debug, Clone)]
pub struct Profiler {
    schema: Arc<Schema>,
    rows: u64,
    columns: Vec<ColumnProfiler>,
}

#[derive(Debug, Clone)]
enum ColumnProfiler {
    Numbers(Box<NumberProfiler>),
    Levels(Vec<u64>),
    Texts {
        count: u64,
        min: u64,
        max: u64,
        sum: u64,
    },
}

impl Profiler {
    /// A profiler of tables of this schema; `seed` decides which values histograms are estimated from.
    pub fn new(schema: Arc<Schema>, seed: Seed) -> Self {
        let columns = schema
            .fields()
            .iter()
            .zip(0..)
            .map(|(field, index)| match field.kind {
                ColumnType::Number | ColumnType::Integer | ColumnType::Timestamp => {
                    ColumnProfiler::Numbers(Box::new(NumberProfiler::new(seed.derive("profile", index))))
                }
                ColumnType::Boolean => ColumnProfiler::Levels(vec![0; 2]),
                ColumnType::Category => {
                    ColumnProfiler::Levels(vec![0; field.levels.as_ref().map_or(0, Vec::len)])
                }
                ColumnType::Text => ColumnProfiler::Texts {
                    count: 0,
                    min: u64::MAX,
                    max: 0,
                    sum: 0,
                },
            });
        let columns = columns.collect();
        Self {
            schema,
            rows: 0,
            columns,
        }
    }

    /// Takes in the next rows.
    ///
    /// # Errors
    /// When the table has another schema.
    pub fn update(&mut self, table: &Table) -> Result<(), TableError> {
        if !Arc::ptr_eq(&self.schema, table.schema()) && self.schema != *table.schema() {
            return Err(TableError::DifferentSchemas);
        }
        for (profiler, column) in self.columns.iter_mut().zip(table.columns()) {
            profiler.update(column);
        }
        self.rows += table.rows() as u64;
        Ok(())
    }

    /// The summary of all rows that were taken in.
    pub fn finish(self) -> Profile {
        let rows = self.rows;
        let columns = self.schema.fields().iter().zip(self.columns);
        let columns = columns.map(|(field, profiler)| {
            let count = profiler.count();
            let summary = profiler.summary(field);
            ColumnProfile {
                name: field.name.clone(),
                kind: field.kind,
                count,
                missing: rows - count,
                summary,
            }
        });
        Profile {
            rows,
            columns: columns.collect(),
        }
    }
}

impl ColumnProfiler {
    fn update(&mut self, column: &Column) {
        match (self, column) {
            (Self::Numbers(profiler), Column::Number(values)) => {
                values
                    .iter()
                    .filter(|value| !value.is_nan())
                    .for_each(|&value| profiler.see(value));
            }
            (Self::Numbers(profiler), Column::Integer(values) | Column::Timestamp(values)) => {
                values
                    .iter()
                    .flatten()
                    .for_each(|&value| profiler.see(value as f64));
            }
            (Self::Levels(counts), Column::Boolean(values)) => {
                values
                    .iter()
                    .flatten()
                    .for_each(|&value| counts[usize::from(value)] += 1);
            }
            (Self::Levels(counts), Column::Category(codes)) => {
                let there = codes.iter().filter(|&&code| code != Column::NO_LEVEL);
                there.for_each(|&code| counts[code as usize] += 1);
            }
            (Self::Texts { count, min, max, sum }, Column::Text(values)) => {
                for text in values.iter().flatten() {
                    let length = text.chars().count() as u64;
                    *count += 1;
                    *min = length.min(*min);
                    *max = length.max(*max);
                    *sum += length;
                }
            }
            _ => debug_assert!(false, "equal schemas have columns of equal types"),
        }
    }

    fn count(&self) -> u64 {
        match self {
            Self::Numbers(profiler) => profiler.count(),
            Self::Levels(counts) => counts.iter().sum(),
            Self::Texts { count, .. } => *count,
        }
    }

    fn summary(self, field: &Field) -> Option<Summary> {
        if self.count() == 0 {
            return None;
        }
        Some(match self {
            Self::Numbers(profiler) => Summary::Numbers(profiler.finish()?),
            Self::Levels(counts) => {
                let booleans = ["false".to_owned(), "true".to_owned()];
                let names = field.levels.as_deref().unwrap_or(&booleans);
                Summary::Levels(levels(names, &counts))
            }
            Self::Texts { count, min, max, sum } => Summary::Texts(Texts {
                min_length: min,
                max_length: max,
                mean_length: sum as f64 / count as f64,
            }),
        })
    }
}

fn levels(names: &[String], counts: &[u64]) -> Levels {
    let mut seen: Vec<(&String, u64)> = names
        .iter()
        .zip(counts.iter().copied())
        .filter(|&(_, count)| count > 0)
        .collect();
    seen.sort_unstable_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
    let rest = seen.get(MOST_LEVELS..).unwrap_or_default();
    let other = rest.iter().map(|(_, count)| count).sum();
    let top = seen.iter().take(MOST_LEVELS);
    let top = top
        .map(|&(level, count)| LevelCount {
            level: level.clone(),
            count,
        })
        .collect();
    Levels {
        distinct: seen.len() as u64,
        top,
        other,
    }
}
