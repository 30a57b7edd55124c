//! What a check found, and how it is told.

use std::fmt;

use serde::Serialize;

use super::Severity;
use super::check::percent;
use crate::data::schema::Schema;

/// What a check found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CheckReport {
    /// How many rows were looked at.
    pub rows: u64,
    /// How many rules were checked.
    pub checked: u64,
    /// What is violated, in the order of the expectations; nothing where all is as expected.
    pub violations: Vec<Violation>,
}

/// A rule that the rows violate.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Violation {
    /// Which of the expectations, from 1.
    pub expectation: u64,
    /// The column; none of a rule about the number of rows.
    pub column: Option<String>,
    /// The rule's key in a recipe.
    pub rule: String,
    /// What it expects, in words.
    pub expected: String,
    /// What the violation means.
    pub severity: Severity,
    /// What is there instead, of a type or a number of rows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub got: Option<String>,
    /// How many cells break the rule; of values that are not unique, all cells of each.
    pub count: u64,
    /// Of how many cells: all for `not_null`, those that are there for the other rules.
    pub of: u64,
    /// `count` divided by `of`.
    pub share: f64,
    /// The first cells that break it.
    pub examples: Vec<Example>,
}

/// A cell that breaks a rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Example {
    /// Its row, from 1, the header not counted.
    pub row: u64,
    /// Its line, where the rows come from a file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// What it holds.
    pub value: String,
}

impl Example {
    /// The most that are kept of a rule.
    pub const MOST: usize = 5;
}

impl CheckReport {
    /// Whether no expectation of severity `error` is violated.
    pub fn is_success(&self) -> bool {
        self.of_severity(Severity::Error).next().is_none()
    }

    /// The violations of this severity.
    pub fn of_severity(&self, severity: Severity) -> impl Iterator<Item = &Violation> {
        let all = self.violations.iter();
        all.filter(move |violation| violation.severity == severity)
    }

    /// Writes the lines of the examples down. `lines_of` is asked once, for rows (from 1) and the positions of
    /// their columns, and gives their lines in that order.
    pub fn locate(&mut self, schema: &Schema, lines_of: impl FnOnce(&[(u64, usize)]) -> Vec<Option<u64>>) {
        let mut examples: Vec<_> = self
            .violations
            .iter_mut()
            .filter_map(|violation| {
                let column = schema.index_of(violation.column.as_deref()?)?;
                Some(
                    violation
                        .examples
                        .iter_mut()
                        .map(move |example| (column, example)),
                )
            })
            .flatten()
            .collect();
        let cells: Vec<_> = examples
            .iter()
            .map(|(column, example)| (example.row, *column))
            .collect();
        if cells.is_empty() {
            return;
        }
        let lines = lines_of(&cells);
        for ((_, example), line) in examples.iter_mut().zip(lines) {
            example.line = line;
        }
    }
}

/// `column "age" should be at least 0, but 3 of 7043 cells are not (0.043%): -1 (row 5, line 6)`.
impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let expected = &self.expected;
        match (&self.column, &self.got) {
            (Some(column), Some(got)) => {
                return write!(f, "column \"{column}\" should be {expected}, but is {got}");
            }
            (None, got) => {
                let got = got.as_deref().unwrap_or_default();
                return write!(f, "there should be {expected}, but there are {got}");
            }
            (Some(column), None) => write!(f, "column \"{column}\" should be {expected}, ")?,
        }
        let are = if self.count == 1 { "is" } else { "are" };
        let (count, of, share) = (self.count, self.of, percent(self.share));
        write!(f, "but {count} of {of} cells {are} not ({share})")?;
        for (place, example) in self.examples.iter().enumerate() {
            let lead = if place == 0 { ": " } else { ", " };
            write!(f, "{lead}{example}")?;
        }
        Ok(())
    }
}

/// `-1 (row 5, line 6)`.
impl fmt::Display for Example {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (row {}", self.value, self.row)?;
        if let Some(line) = self.line {
            write!(f, ", line {line}")?;
        }
        f.write_str(")")
    }
}
