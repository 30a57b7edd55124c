//! Tables: read from files, named by content, stored, summarised, split, and turned into what models eat.

pub mod cell;
pub mod codec;
pub mod content;
pub mod diff;
pub mod expect;
pub mod feature;
pub mod generate;
pub mod profile;
pub mod schema;
pub mod series;
pub mod sketch;
pub mod source;
pub mod split;
pub mod table;
#[cfg(test)]
pub mod testing;

pub use cell::Cell;
pub use codec::{CodecError, TableReader, TableWriter};
pub use content::ContentHasher;
pub use expect::{CheckReport, Checker, Expectation};
pub use feature::{EncodeError, FeatureError, FeatureSpec, FittedFeatures, InputField, OutputFeature};
pub use profile::{Profile, Profiler};
pub use schema::{ColumnType, Field, Schema, SchemaError};
pub use sketch::{Distinct, Quantiles};
pub use source::{CsvBatches, CsvOptions, ReadOptions, Scanned, SourceError};
pub use split::{Folds, Part, Parts, SplitError};
pub use table::{Column, Table, TableError};
