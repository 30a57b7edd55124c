//! Why features cannot be fitted, and why a row cannot be encoded.

mod interaction;

pub use interaction::InteractionProblem;

use crate::data::cell::{short_number, shortened};
use crate::data::schema::ColumnType;

/// Why features cannot be fitted or applied.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum FeatureError {
    /// There is nothing to learn from.
    #[error("there are no training rows to fit features on")]
    NoRows,
    /// A position beyond the table.
    #[error("row {row} was asked for, but the table has {rows} rows")]
    NoSuchRow {
        /// The position.
        row: usize,
        /// How many rows there are.
        rows: usize,
    },
    /// The recipe names a column that the dataset does not have.
    #[error(
        "{place} names the column \"{column}\", which the dataset does not have; correct the name or take it out"
    )]
    NoSuchColumn {
        /// Where it is named.
        place: &'static str,
        /// The column.
        column: String,
    },
    /// A rule for a column that is no feature.
    #[error("features.rules names \"{column}\", which is no feature: {reason}; take it out of the rule")]
    RuleForDropped {
        /// The column.
        column: String,
        /// Why it is no feature.
        reason: String,
    },
    /// Two rules for one column.
    #[error("two features.rules name \"{0}\"; join them into one")]
    TwoRules(String),
    /// A setting that does not go with the column's type.
    #[error("features: {setting} does not go with \"{column}\", which is of type {kind}; {remedy}")]
    DoesNotFit {
        /// The setting.
        setting: &'static str,
        /// The column.
        column: String,
        /// Its type.
        kind: ColumnType,
        /// What to do.
        remedy: &'static str,
    },
    /// A constant that is no level of the category.
    #[error(
        "features: missing values of \"{column}\" should become \"{constant}\", which is none of its categories"
    )]
    NoSuchLevel {
        /// The column.
        column: String,
        /// The constant.
        constant: String,
    },
    /// A constant that is no point in time.
    #[error(
        "features: missing values of \"{column}\" should become \"{constant}\", which is no point in time; write one as 2026-01-31T12:00:00Z"
    )]
    NoSuchTime {
        /// The column.
        column: String,
        /// The constant.
        constant: String,
    },
    /// An order of levels without one that the column has.
    #[error(
        "features: the levels of \"{column}\" leave out \"{level}\", which the dataset has; give every level its place"
    )]
    LevelWithoutPlace {
        /// The column.
        column: String,
        /// The level, shortened.
        level: String,
    },
    /// An order that names a level twice.
    #[error("features: the levels of \"{column}\" name \"{level}\" twice; take one of them out")]
    LevelTwice {
        /// The column.
        column: String,
        /// The level, shortened.
        level: String,
    },
    /// An interaction that cannot be made.
    #[error("features.interactions: {name}: {problem}")]
    Interaction {
        /// Which interaction, from 0.
        position: usize,
        /// What it would be called.
        name: String,
        /// What is wrong with it.
        #[source]
        problem: InteractionProblem,
    },
    /// Numbers whose spread is beyond 64-bit floats.
    #[error(
        "features: the values of \"{0}\" are too big to be scaled; take their log first, or drop the column"
    )]
    TooBigToScale(String),
    /// Target encoding where no targets were given.
    #[error("features: \"{0}\" is encoded by the target, but the targets were not given")]
    NoTargets(String),
    /// Another number of targets than rows, or one that is no class.
    #[error("{rows} training rows do not go with {targets} targets, or one of these is none of the classes")]
    Targets {
        /// How many rows.
        rows: usize,
        /// How many targets.
        targets: usize,
    },
    /// A batch whose columns are not those that were planned for.
    #[error("the rows have other columns or levels than those that features are fitted for")]
    OtherColumns,
    /// There is no value to learn a stand-in from.
    #[error(
        "features: \"{0}\" has no value in the training rows, so nothing can stand for its missing ones; impute a constant or drop the column"
    )]
    NothingToImpute(String),
    /// Nothing is left to learn from.
    #[error(
        "no column is left as a feature; drop fewer columns or declare types other than text and timestamp"
    )]
    NoFeatures,
    /// Two outputs with one name.
    #[error("two features would be called \"{0}\"; rename one of the columns")]
    SameOutput(String),
    /// A table without one of the fields.
    #[error("the column \"{0}\" is not there, but the model needs it")]
    ColumnNotThere(String),
    /// A row that does not fit.
    #[error("row {row}: {error}")]
    Row {
        /// The row's position in the table.
        row: usize,
        /// What does not fit.
        #[source]
        error: EncodeError,
    },
    /// Features of a later version.
    #[error("these fitted features have format {0}, which a later version of usina wrote; update usina")]
    NewerFormat(u32),
    /// Fitted features that contradict themselves.
    #[error("the fitted features of \"{0}\" are damaged; import or train the model again")]
    Damaged(String),
}

/// Why a row cannot be encoded.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum EncodeError {
    /// More or fewer values than fields.
    #[error("expected {expected} values, one for each field, but got {got}")]
    Count {
        /// How many fields there are.
        expected: usize,
        /// How many values were given.
        got: usize,
    },
    /// Room for another number of features.
    #[error("a row becomes {expected} features, but there is room for {got}")]
    Width {
        /// How many features a row becomes.
        expected: usize,
        /// How many there is room for.
        got: usize,
    },
    /// A value is missing that may not be.
    #[error("field \"{field}\" is missing; give a value of type {expected}")]
    Missing {
        /// The field.
        field: String,
        /// Its type.
        expected: ColumnType,
    },
    /// A value of another type.
    #[error("field \"{field}\": expected a value of type {expected}{}, got {got}", as_in(*.expected))]
    WrongType {
        /// The field.
        field: String,
        /// Its type.
        expected: ColumnType,
        /// What was given.
        got: String,
    },
    /// A number that is infinite or not a number.
    #[error("field \"{field}\": {got} is not a finite number; leave the value out if it is not known")]
    NotFinite {
        /// The field.
        field: String,
        /// What was given.
        got: f64,
    },
    /// A number that does not fit a model's 32-bit floats.
    #[error("field \"{field}\": {} is too big; numbers go to ±3.4e38 after scaling", short_number(*.got))]
    TooBig {
        /// The field.
        field: String,
        /// What was given.
        got: f64,
    },
    /// A value that cannot be transformed or taken apart.
    #[error("field \"{field}\": {got} is out of range: {expected}")]
    OutOfRange {
        /// The field.
        field: String,
        /// What was given.
        got: String,
        /// What can be.
        expected: &'static str,
    },
    /// A level that the dataset does not have.
    #[error("field \"{field}\": the category \"{got}\" is not known; known are {}", known_levels(.known, *.more))]
    UnknownCategory {
        /// The field.
        field: String,
        /// What was given, shortened.
        got: String,
        /// The first known levels.
        known: Vec<String>,
        /// How many more are known.
        more: usize,
    },
}

impl EncodeError {
    /// The field that the error is about.
    pub fn field(&self) -> Option<&str> {
        match self {
            Self::Count { .. } | Self::Width { .. } => None,
            Self::Missing { field, .. }
            | Self::WrongType { field, .. }
            | Self::NotFinite { field, .. }
            | Self::TooBig { field, .. }
            | Self::OutOfRange { field, .. }
            | Self::UnknownCategory { field, .. } => Some(field),
        }
    }
}

/// How a value of the type is written, where that is not plain.
fn as_in(kind: ColumnType) -> &'static str {
    match kind {
        ColumnType::Timestamp => " such as \"2026-01-31T12:00:00Z\"",
        _ => "",
    }
}

fn known_levels(known: &[String], more: usize) -> String {
    let quoted: Vec<String> = known
        .iter()
        .map(|level| format!("\"{}\"", shortened(level)))
        .collect();
    match more {
        0 => quoted.join(", "),
        more => format!("{} and {more} more", quoted.join(", ")),
    }
}
