//! Series: a table's rows put on a regular grid of periods, with a stated rule for what is missing or there twice.

mod frequency;
mod grid;
mod missing;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

pub use frequency::{Frequency, NoFrequency};
pub use grid::{Grid, Snap};

/// What becomes of a period that has no value.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Gaps {
    /// A straight line between its neighbours.
    #[default]
    Interpolate,
    /// The value before it.
    Previous,
    /// It is an error.
    Refuse,
}

/// What several rows of one period become.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Aggregate {
    /// Their mean.
    Mean,
    /// Their sum.
    Sum,
    /// The last one.
    Last,
}

/// How rows are put on a grid.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rule {
    /// How far apart periods are; found in the rows unless it is given.
    pub frequency: Option<Frequency>,
    /// What several rows of a period become; unless it is given they are an error, and a row goes to the period that
    /// begins nearest.
    pub aggregate: Option<Aggregate>,
    /// What becomes of periods without a value.
    pub gaps: Gaps,
    /// How many periods without a value may follow each other.
    pub longest_gap: usize,
    /// How many columns behind the first are not known ahead: what is missing of them is the value before, since a line to
    /// the next one would tell of the time to come.
    pub exogenous: usize,
}

/// A row that is to be put on a grid.
#[derive(Debug, Clone, PartialEq)]
pub struct Observation {
    /// Microseconds since the epoch.
    pub at: i64,
    /// A value of each column; NaN where it is missing.
    pub values: Vec<f64>,
}

/// Why rows are no series.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum SeriesError {
    /// There are not even two moments.
    #[error("a series needs rows at two different times at least, and here is {0}")]
    TooFew(usize),
    /// Times without a common distance.
    #[error(
        "the times of the rows have no common distance; set forecast.frequency, such as \"1h\", and forecast.aggregate \
         where several rows are to become one"
    )]
    Irregular,
    /// Two rows of one period.
    #[error(
        "{count} rows fall into one period at {at} (frequency {frequency}); set forecast.aggregate to mean, sum or last, \
         or remove what is there twice"
    )]
    Twice {
        /// How many of them.
        count: usize,
        /// Where the period begins.
        at: String,
        /// How far apart periods are.
        frequency: Frequency,
    },
    /// Periods without a value.
    #[error(
        "column {column} has no value in {periods} periods from {at} on (frequency {frequency}), and at most {most} are \
         filled; fill them, or set forecast.longest_gap"
    )]
    Gap {
        /// The column.
        column: String,
        /// How many follow each other.
        periods: usize,
        /// Where the first one begins.
        at: String,
        /// How far apart periods are.
        frequency: Frequency,
        /// How many may follow each other.
        most: usize,
    },
    /// Far more periods than rows.
    #[error(
        "from {from} to {to} there are {periods} periods of {frequency}, but only {rows} rows; is forecast.frequency \
         right, and every time?"
    )]
    Sparse {
        /// The first time.
        from: String,
        /// The last.
        to: String,
        /// Periods between them.
        periods: i64,
        /// How far apart periods are.
        frequency: Frequency,
        /// How many rows there are.
        rows: usize,
    },
    /// A value that is too large to be reckoned with.
    #[error(
        "column {column} is {value} at {at}, which is too large to be reckoned with; mend it, or take another unit"
    )]
    TooLarge {
        /// The column.
        column: String,
        /// Its value.
        value: f64,
        /// Where the period begins.
        at: String,
    },
    /// A column without any value.
    #[error("column {0} has no value at all")]
    Empty(String),
}

/// Values of a regular grid of periods; none is missing inside of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Series {
    /// The periods.
    pub grid: Grid,
    /// The columns' names.
    pub names: Vec<String>,
    /// Of each column a value a period: `[columns][periods]`. Before a column's first value and after its last one it is
    /// NaN.
    #[serde(with = "missing")]
    pub columns: Vec<Vec<f64>>,
    /// Of each period whether the first column's value was filled in.
    pub filled: Vec<bool>,
}

/// What was done to rows so that they are a series.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mended {
    /// Rows that were there.
    pub rows: usize,
    /// Periods whose first column was filled in.
    pub filled: usize,
    /// How many of them follow each other at most.
    pub longest: usize,
    /// Rows that became one with others.
    pub joined: usize,
}

/// Periods without rows are filled in up to so many a row: a wrong year in one row would else make millions of them.
const MOST_PERIODS_A_ROW: i64 = 20;

/// Squares of larger values are no 32-bit numbers any more.
const LARGEST: f64 = 1e18;

impl Series {
    /// Puts rows, in any order, on a grid. `names`: of the columns, the one that is forecast first.
    ///
    /// # Errors
    /// Why they are no series under `rule`.
    pub fn new(
        names: &[String],
        mut rows: Vec<Observation>,
        rule: &Rule,
    ) -> Result<(Self, Mended), SeriesError> {
        rows.sort_by_key(|row| row.at);
        let mut moments: Vec<i64> = rows.iter().map(|row| row.at).collect();
        moments.dedup();
        let frequency = match rule.frequency {
            Some(frequency) if !moments.is_empty() => frequency,
            None if moments.len() > 1 => Frequency::of(&moments).ok_or(SeriesError::Irregular)?,
            _ => return Err(SeriesError::TooFew(moments.len())),
        };
        let grid = Grid::of(&moments, frequency, rule.aggregate.is_some());
        let mut series = Self::on(grid, names, &rows, rule)?;
        let mut mended = Mended {
            rows: rows.len(),
            ..Mended::default()
        };
        mended.joined = rows.len() - series.filled.iter().filter(|is_filled| !**is_filled).count();
        for (column, values) in series.columns.iter_mut().enumerate() {
            let is_exogenous = (1..=rule.exogenous).contains(&column);
            let gaps = if is_exogenous { Gaps::Previous } else { rule.gaps };
            let filled = fill(values, gaps);
            let longest = filled.iter().map(|gap| gap.len()).max().unwrap_or(0);
            if let Some(gap) = filled
                .iter()
                .find(|gap| gap.len() > rule.longest_gap || rule.gaps == Gaps::Refuse)
            {
                return Err(SeriesError::Gap {
                    column: names[column].clone(),
                    periods: gap.len(),
                    at: at(&grid, gap.start),
                    frequency,
                    most: if rule.gaps == Gaps::Refuse {
                        0
                    } else {
                        rule.longest_gap
                    },
                });
            }
            if let Some(period) = values.iter().position(|value| value.abs() > LARGEST) {
                return Err(SeriesError::TooLarge {
                    column: names[column].clone(),
                    value: values[period],
                    at: at(&grid, period),
                });
            }
            if values.iter().all(|value| value.is_nan()) {
                return Err(SeriesError::Empty(names[column].clone()));
            }
            if column == 0 {
                let gaps = filled.into_iter().flatten();
                gaps.for_each(|period| series.filled[period] = true);
                mended.longest = longest;
                mended.filled = series.filled.iter().filter(|is_filled| **is_filled).count();
            }
        }
        Ok((series, mended))
    }

    /// The rows on their periods; `filled` is true where no row is.
    fn on(grid: Grid, names: &[String], rows: &[Observation], rule: &Rule) -> Result<Self, SeriesError> {
        let snap = if rule.aggregate.is_some() {
            Snap::Within
        } else {
            Snap::Nearest
        };
        let index = |at: i64| grid.index(at, snap).unwrap_or(i64::MAX);
        let [from, to] = [rows[0].at, rows[rows.len() - 1].at];
        let periods = index(to).saturating_add(1);
        if periods > MOST_PERIODS_A_ROW.saturating_mul(rows.len() as i64).max(1_000) {
            return Err(SeriesError::Sparse {
                from: told(from),
                to: told(to),
                periods,
                frequency: grid.frequency,
                rows: rows.len(),
            });
        }
        let periods = usize::try_from(periods).unwrap_or(0);
        let mut series = Self {
            grid,
            names: names.to_vec(),
            columns: vec![vec![f64::NAN; periods]; names.len()],
            filled: vec![true; periods],
        };
        for rows in rows.chunk_by(|a, b| index(a.at) == index(b.at)) {
            let period = usize::try_from(index(rows[0].at)).unwrap_or(0);
            if rows.len() > 1 && rule.aggregate.is_none() {
                return Err(SeriesError::Twice {
                    count: rows.len(),
                    at: at(&grid, period),
                    frequency: grid.frequency,
                });
            }
            series.filled[period] = false;
            for (column, values) in series.columns.iter_mut().enumerate() {
                let known = rows
                    .iter()
                    .map(|row| row.values[column])
                    .filter(|value| !value.is_nan());
                values[period] = join(known, rule.aggregate);
            }
        }
        Ok(series)
    }

    /// How many periods there are.
    pub fn len(&self) -> usize {
        self.filled.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.filled.is_empty()
    }

    /// The values that are forecast.
    pub fn target(&self) -> &[f64] {
        &self.columns[0]
    }

    /// Where the period at `index` begins, as people read it.
    pub fn time(&self, index: usize) -> String {
        at(&self.grid, index)
    }

    /// The last `periods` periods; all where there are fewer.
    #[must_use]
    pub fn tail(&self, periods: usize) -> Self {
        let first = self.len().saturating_sub(periods);
        Self {
            grid: self.grid.from(first),
            names: self.names.clone(),
            columns: self
                .columns
                .iter()
                .map(|values| values[first..].to_vec())
                .collect(),
            filled: self.filled[first..].to_vec(),
        }
    }
}

/// One value of several.
fn join(values: impl Iterator<Item = f64>, how: Option<Aggregate>) -> f64 {
    let values: Vec<f64> = values.collect();
    let sum = || values.iter().sum::<f64>();
    match (how, values.len()) {
        (_, 0) => f64::NAN,
        (Some(Aggregate::Sum), _) => sum(),
        (Some(Aggregate::Mean), count) => sum() / count as f64,
        (None | Some(Aggregate::Last), count) => values[count - 1],
    }
}

/// Fills in what is missing between values; what it filled, run by run.
fn fill(values: &mut [f64], gaps: Gaps) -> Vec<std::ops::Range<usize>> {
    let known: Vec<usize> = (0..values.len()).filter(|at| !values[*at].is_nan()).collect();
    let mut filled = Vec::new();
    for pair in known.windows(2) {
        let (before, after) = (pair[0], pair[1]);
        if after - before < 2 {
            continue;
        }
        let rise = (values[after] - values[before]) / (after - before) as f64;
        for at in before + 1..after {
            values[at] = match gaps {
                Gaps::Interpolate => values[before] + rise * (at - before) as f64,
                Gaps::Previous | Gaps::Refuse => values[before],
            };
        }
        filled.push(before + 1..after);
    }
    filled
}

fn at(grid: &Grid, index: usize) -> String {
    grid.moment(index).map_or_else(|| "?".to_owned(), told)
}

fn told(moment: i64) -> String {
    super::cell::Cell::Timestamp(moment).to_string()
}
