//! What differs between two tables, from their columns and profiles alone.

use serde::Serialize;

use super::profile::{ColumnProfile, Profile, Summary};
use super::schema::{ColumnType, Field, Schema};

mod shares;
#[cfg(test)]
mod tests;

pub use shares::{psi, total_variation};

/// What differs between two tables.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Diff {
    /// How many rows there were, and are.
    pub rows: (u64, u64),
    /// Columns that joined, in their order.
    pub added: Vec<String>,
    /// Columns that are gone, in their order.
    pub removed: Vec<String>,
    /// Columns that are in both, those that changed most first.
    pub columns: Vec<ColumnDiff>,
}

impl Diff {
    /// Whether columns joined or went, or one holds something else.
    pub fn is_schema_changed(&self) -> bool {
        let changed = |column: &ColumnDiff| column.is_schema_changed();
        !self.added.is_empty() || !self.removed.is_empty() || self.columns.iter().any(changed)
    }
}

/// What differs in a column that is in both tables.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ColumnDiff {
    /// The column.
    pub name: String,
    /// What its cells held, and hold.
    pub kind: (ColumnType, ColumnType),
    /// Whether cells were and are missing.
    pub nullable: (bool, bool),
    /// Levels that joined, of a category.
    pub levels_added: Vec<String>,
    /// Levels that are gone.
    pub levels_removed: Vec<String>,
    /// The share of cells that were and are missing.
    pub missing: (f64, f64),
    /// The means, of numbers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mean: Option<(f64, f64)>,
    /// The standard deviations, of numbers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sd: Option<(f64, f64)>,
    /// Quantiles, of numbers of which both profiles have them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub quantiles: Vec<QuantileDiff>,
    /// The population stability index ([`psi`]) over bins that both share, what is missing being one of its own;
    /// none where the two cannot be compared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub psi: Option<f64>,
    /// The total variation ([`total_variation`]) over the same bins.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_variation: Option<f64>,
    /// How much that is.
    pub change: Change,
}

impl ColumnDiff {
    /// Whether it holds something else than it did.
    pub fn is_schema_changed(&self) -> bool {
        self.kind.0 != self.kind.1
            || self.nullable.0 != self.nullable.1
            || !self.levels_added.is_empty()
            || !self.levels_removed.is_empty()
    }
}

/// A quantile of both.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct QuantileDiff {
    /// The share of values that lie below.
    pub rank: f64,
    /// What it was.
    pub from: f64,
    /// What it is.
    pub to: f64,
}

/// How much a distribution changed, by the limits that are usual in credit scoring.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// The two cannot be compared: texts of very many values, or columns of different types.
    NotCompared,
    /// A population stability index below 0.1.
    NoChange,
    /// From 0.1 to below 0.25.
    Small,
    /// From 0.25 on.
    Large,
}

impl Change {
    /// What a population stability index tells. Tables of few rows differ by chance: of `n` and `m` rows in `b` bins
    /// by (b − 1)(1/n + 1/m) on average.
    pub fn of(psi: Option<f64>) -> Self {
        match psi {
            None => Self::NotCompared,
            Some(psi) if psi < 0.1 => Self::NoChange,
            Some(psi) if psi < 0.25 => Self::Small,
            Some(_) => Self::Large,
        }
    }

    /// In words.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotCompared => "not compared",
            Self::NoChange => "no change",
            Self::Small => "small",
            Self::Large => "large",
        }
    }
}

/// What differs between the tables that these describe: `from` and `to`, each with its columns and its profile.
pub fn diff(from: (&Schema, &Profile), to: (&Schema, &Profile)) -> Diff {
    let only_in = |one: &Schema, other: &Schema| {
        let names = one.fields().iter().map(|field| &field.name);
        names
            .filter(|name| other.index_of(name).is_none())
            .cloned()
            .collect()
    };
    let both = from.0.fields().iter().zip(&from.1.columns);
    let mut columns: Vec<_> = both
        .filter_map(|(field, profile)| {
            let other = to.0.index_of(&field.name)?;
            let now = (&to.0.fields()[other], to.1.columns.get(other)?);
            Some(column((field, profile), now))
        })
        .collect();
    // Stable: columns that changed alike stay in the table's order.
    columns.sort_by(|a, b| {
        let size = |column: &ColumnDiff| (column.kind.0 != column.kind.1, column.psi.unwrap_or(-1.0));
        let (a, b) = (size(a), size(b));
        b.0.cmp(&a.0).then_with(|| b.1.total_cmp(&a.1))
    });
    Diff {
        rows: (from.1.rows, to.1.rows),
        added: only_in(to.0, from.0),
        removed: only_in(from.0, to.0),
        columns,
    }
}

fn column(from: (&Field, &ColumnProfile), to: (&Field, &ColumnProfile)) -> ColumnDiff {
    let (was, is) = (from.0, to.0);
    let new = |one: &Field, other: &Field| {
        // Where one has no levels the type has changed, and that is told.
        let (Some(levels), Some(known)) = (&one.levels, &other.levels) else {
            return Vec::new();
        };
        let known: std::collections::HashSet<_> = known.iter().collect();
        levels
            .iter()
            .filter(|level| !known.contains(level))
            .cloned()
            .collect()
    };
    let numbers = match (&from.1.summary, &to.1.summary) {
        (Some(Summary::Numbers(from)), Some(Summary::Numbers(to))) => Some((from, to)),
        _ => None,
    };
    let quantiles = numbers.and_then(|(from, to)| Some((from.quantiles.as_ref()?, to.quantiles.as_ref()?)));
    let quantiles = quantiles.map(|(from, to)| {
        let both = from.values.iter().zip(&to.values);
        let both = both.filter(|(from, to)| from.rank == to.rank);
        let diff = |(from, to): (&super::profile::Quantile, &super::profile::Quantile)| QuantileDiff {
            rank: from.rank,
            from: from.value,
            to: to.value,
        };
        both.map(diff).collect()
    });
    let shares = shares::common(from.1, to.1);
    let index = shares.as_ref().map(|(from, to)| psi(from, to));
    ColumnDiff {
        name: was.name.clone(),
        kind: (was.kind, is.kind),
        nullable: (was.missing, is.missing),
        levels_added: new(is, was),
        levels_removed: new(was, is),
        missing: (missing_share(from.1), missing_share(to.1)),
        mean: numbers.map(|(from, to)| (from.mean, to.mean)),
        sd: numbers.map(|(from, to)| (from.sd, to.sd)),
        quantiles: quantiles.unwrap_or_default(),
        psi: index,
        total_variation: shares.as_ref().map(|(from, to)| total_variation(from, to)),
        change: Change::of(index),
    }
}

fn missing_share(column: &ColumnProfile) -> f64 {
    let rows = column.count + column.missing;
    if rows == 0 {
        0.0
    } else {
        column.missing as f64 / rows as f64
    }
}
