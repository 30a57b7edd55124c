//! Checking a table against expectations, batch by batch.

use std::sync::Arc;

use regex::Regex;

use super::mistake::{ExpectationError, Wrong, read_pattern};
use super::report::{CheckReport, Example, Violation};
use super::rule::{Rule, compile, each_value};
use super::unique::{Seen, TooManyToTellApart};
use super::{Expectation, NotNull, RowCount, Severity};
use crate::data::schema::{ColumnType, Field, Schema};
use crate::data::table::{Column, Table};

/// Checks rows while they come in, in one pass. How they are cut into batches does not matter.
///
/// Memory is bounded: what grows with the rows is the values that `unique` remembers, and of those there is a
/// most, beyond which the check is refused and nothing is claimed.
#[derive(Debug)]
pub struct Checker {
    schema: Arc<Schema>,
    rows: u64,
    columns: Vec<ColumnCheck>,
    row_counts: Vec<(usize, RowCount, Severity)>,
    /// How many values may still be remembered.
    room: u64,
}

/// What is expected of one column by one expectation.
#[derive(Debug)]
struct ColumnCheck {
    expectation: usize,
    column: usize,
    severity: Severity,
    mostly: f64,
    /// The type that is expected.
    kind: Option<ColumnType>,
    /// The share of cells that may be missing, and what is missing.
    may_miss: Option<(f64, Found)>,
    missing: u64,
    rules: Vec<(Rule, Found)>,
}

/// Cells that break a rule.
#[derive(Debug, Default)]
struct Found {
    count: u64,
    examples: Vec<Example>,
}

impl Found {
    fn add(&mut self, count: u64, row: u64, value: impl FnOnce() -> String) {
        self.count += count;
        if self.examples.len() < Example::MOST {
            self.examples.push(Example {
                row,
                line: None,
                value: value(),
            });
        }
    }
}

impl Checker {
    /// A check of tables of this schema.
    ///
    /// # Errors
    /// The first mistake: a column that is not there, or a rule or value that does not go with its type.
    pub fn new(expectations: &[Expectation], schema: Arc<Schema>) -> Result<Self, ExpectationError> {
        super::validate(expectations)?;
        let mut columns = Vec::new();
        let mut row_counts = Vec::new();
        for (place, expectation) in expectations.iter().enumerate() {
            if let Some(rows) = expectation.rows {
                row_counts.push((place, rows, expectation.severity));
            }
            let pattern = expectation.pattern.as_deref().map(read_pattern).transpose();
            let pattern = pattern.map_err(|wrong| wrong.within(place))?;
            for (entry, name) in expectation.subjects().enumerate() {
                let check = ColumnCheck::new(place, expectation, pattern.as_ref(), (entry, name), &schema);
                columns.push(check.map_err(|wrong| wrong.within(place))?);
            }
        }
        Ok(Self {
            schema,
            rows: 0,
            columns,
            row_counts,
            room: Seen::LIMIT,
        })
    }

    /// Looks at the next rows, which are of the schema that the check was made for.
    ///
    /// # Errors
    /// More different values in columns that are to be unique than are told apart.
    pub fn see(&mut self, table: &Table) -> Result<(), TooManyToTellApart> {
        debug_assert_eq!(self.schema, *table.schema());
        for check in &mut self.columns {
            check.see(table, self.rows, &mut self.room)?;
        }
        self.rows += table.rows() as u64;
        Ok(())
    }

    /// What is violated, by all the rows that were seen, in the order of the expectations.
    pub fn finish(self) -> CheckReport {
        let rows = self.rows;
        let fields = self.schema.fields();
        let rules = |check: &ColumnCheck| {
            usize::from(check.kind.is_some()) + usize::from(check.may_miss.is_some()) + check.rules.len()
        };
        let checked = self.row_counts.len() + self.columns.iter().map(rules).sum::<usize>();
        let of_columns = self.columns.into_iter().flat_map(|check| {
            let field = &fields[check.column];
            check.violations(field, rows)
        });
        let of_rows = self
            .row_counts
            .into_iter()
            .filter_map(|(place, expected, severity)| row_count_violation(place, expected, severity, rows));
        let mut violations: Vec<_> = of_columns.chain(of_rows).collect();
        violations.sort_by_key(|violation| violation.expectation);
        CheckReport {
            rows,
            checked: checked as u64,
            violations,
        }
    }
}

impl ColumnCheck {
    fn new(
        place: usize,
        expectation: &Expectation,
        pattern: Option<&Regex>,
        (entry, name): (usize, &str),
        schema: &Schema,
    ) -> Result<Self, Wrong> {
        let Some(column) = schema.index_of(name) else {
            return Err(no_such_column(expectation, entry, name, schema));
        };
        let field = &schema.fields()[column];
        let kind = expectation.kind;
        let mut rules = Vec::new();
        for rule in compile(expectation, pattern, field) {
            match rule {
                Ok(rule) => rules.push((rule, Found::default())),
                // The type is told to be wrong, and what was written for another type says no more.
                Err(_) if kind.is_some_and(|kind| !holds(field, kind)) => {}
                Err(wrong) => return Err(wrong),
            }
        }
        let mostly = expectation.mostly.unwrap_or(1.0);
        let may_miss = match expectation.not_null {
            None | Some(NotNull::Expected(false)) => None,
            Some(NotNull::Expected(true)) => Some(1.0 - mostly),
            Some(NotNull::MaxMissing(share)) => Some(share),
        };
        Ok(Self {
            expectation: place,
            column,
            severity: expectation.severity,
            mostly,
            kind,
            may_miss: may_miss.map(|share| (share, Found::default())),
            missing: 0,
            rules,
        })
    }

    fn see(&mut self, table: &Table, before: u64, room: &mut u64) -> Result<(), TooManyToTellApart> {
        let position = self.column;
        let column = &table.columns()[position];
        self.see_missing(column, before);
        let mut is_full = false;
        for (rule, found) in &mut self.rules {
            each_value(column, |row, value| match rule.wrong(value, room) {
                Some(0) => {}
                Some(count) => {
                    let shown = || table.cell(row, position).to_string();
                    found.add(count, before + row as u64 + 1, shown);
                }
                None => is_full = true,
            });
        }
        if is_full {
            return Err(TooManyToTellApart {
                column: table.schema().fields()[position].name.clone(),
                limit: Seen::LIMIT,
            });
        }
        Ok(())
    }

    fn see_missing(&mut self, column: &Column, before: u64) {
        for row in (0..column.len()).filter(|&row| column.is_missing(row)) {
            self.missing += 1;
            if let Some((_, found)) = &mut self.may_miss {
                found.add(1, before + row as u64 + 1, || "nothing".to_owned());
            }
        }
    }

    fn violations(self, field: &Field, rows: u64) -> Vec<Violation> {
        let violation = |rule: &str, expected: String| Violation {
            expectation: self.expectation as u64 + 1,
            column: Some(field.name.clone()),
            rule: rule.to_owned(),
            expected,
            severity: self.severity,
            got: None,
            count: 0,
            of: 0,
            share: 0.0,
            examples: Vec::new(),
        };
        let mut violations = Vec::new();
        if let Some(kind) = self.kind.filter(|kind| !holds(field, *kind)) {
            violations.push(Violation {
                got: Some(field.kind.to_string()),
                ..violation("type", format!("of type {kind}"))
            });
        }
        let counted = |rule: &str, expected: String, of: u64, tolerated: f64, found: Found| {
            let share = if of == 0 {
                0.0
            } else {
                found.count as f64 / of as f64
            };
            // A share such as 1 − 0.8 is a little less than 0.2, and one cell of five is not too many.
            let is_violated = found.count > 0 && share > tolerated + 1e-12;
            let expected = if tolerated > 0.0 {
                format!("{expected} in all but {} of the cells", percent(tolerated))
            } else {
                expected
            };
            is_violated.then(|| Violation {
                count: found.count,
                of,
                share,
                examples: found.examples,
                ..violation(rule, expected)
            })
        };
        if let Some((tolerated, found)) = self.may_miss {
            violations.extend(counted("not_null", "present".to_owned(), rows, tolerated, found));
        }
        let there = rows - self.missing;
        for (rule, found) in self.rules {
            violations.extend(counted(rule.key(), rule.words(), there, 1.0 - self.mostly, found));
        }
        violations
    }
}

/// Whether the cells of `field` are what `kind` asks for.
fn holds(field: &Field, kind: ColumnType) -> bool {
    let as_well = match field.kind {
        ColumnType::Integer => ColumnType::Number,
        // A column of few texts is read as a category.
        ColumnType::Category => ColumnType::Text,
        other => other,
    };
    field.kind == kind || as_well == kind
}

fn no_such_column(expectation: &Expectation, entry: usize, name: &str, schema: &Schema) -> Wrong {
    const SHOWN: usize = 10;
    let names = schema.fields().iter().map(|field| field.name.as_str());
    let mut known: Vec<_> = names.take(SHOWN).collect();
    if schema.len() > SHOWN {
        known.push("…");
    }
    let message = format!(
        "there is no column called \"{name}\"; the columns are {}",
        known.join(", ")
    );
    if expectation.column.is_some() {
        Wrong::of("column", message)
    } else {
        Wrong::at("columns", entry, message)
    }
}

fn row_count_violation(place: usize, expected: RowCount, severity: Severity, rows: u64) -> Option<Violation> {
    let is_right = expected.min.is_none_or(|min| rows >= min) && expected.max.is_none_or(|max| rows <= max);
    let words = match (expected.min, expected.max) {
        (Some(min), Some(max)) => format!("{min} to {max} rows"),
        (Some(min), None) => format!("at least {min} rows"),
        (None, Some(max)) => format!("at most {max} rows"),
        (None, None) => return None,
    };
    (!is_right).then(|| Violation {
        expectation: place as u64 + 1,
        column: None,
        rule: "rows".to_owned(),
        expected: words,
        severity,
        got: Some(rows.to_string()),
        count: 0,
        of: 0,
        share: 0.0,
        examples: Vec::new(),
    })
}

/// A share as people write it: two digits that matter.
pub(super) fn percent(share: f64) -> String {
    let percent = share * 100.0;
    let decimals = if percent >= 10.0 || percent == 0.0 {
        1
    } else {
        (1.0 - percent.log10().floor()).clamp(1.0, 6.0) as usize
    };
    let text = format!("{percent:.decimals$}");
    let text = if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.')
    } else {
        &text
    };
    format!("{text}%")
}
