//! What rows are for: a table that does not serve its purpose is refused before it is stored.

use std::sync::Arc;

use super::check::Violated;
use super::{DatasetError, NewDataset};
use crate::data::expect::{CheckReport, Checker};
use crate::data::schema::Schema;
use crate::data::table::Table;
use crate::platform::recipes::WrittenRecipe;
use crate::platform::target::{Aim, TargetWatch};

/// What rows are for.
#[derive(Debug, Clone)]
pub enum Purpose {
    /// They are kept, whatever they are.
    Keep,
    /// The column of this name is to be predicted.
    Predict(String),
    /// This recipe is to learn from them.
    Train(Box<WrittenRecipe>),
}

impl Purpose {
    /// A mistake that shows in the rows and stands in the recipe, told where it stands there.
    pub(super) fn blame(&self, error: DatasetError) -> DatasetError {
        let Self::Train(written) = self else {
            return error;
        };
        let told = match &error {
            DatasetError::Source(source) => written.of_source(source),
            DatasetError::Target { file, error, .. } if !error.is_in_rows() => {
                Some(written.of_target(file, error))
            }
            _ => None,
        };
        told.map_or(error, DatasetError::Recipe)
    }
}

/// Looks at rows while they come in, whether they serve their purpose.
pub(super) struct PurposeWatch<'a> {
    new: &'a NewDataset,
    target: Option<TargetWatch>,
    /// Of a recipe that expects something of its rows.
    checker: Option<Checker>,
}

impl<'a> PurposeWatch<'a> {
    /// Looks at the columns.
    pub(super) fn new(new: &'a NewDataset, schema: &Arc<Schema>) -> Result<Self, DatasetError> {
        let mut checker = None;
        let (target, aim) = match &new.purpose {
            Purpose::Keep => {
                return Ok(Self {
                    new,
                    target: None,
                    checker,
                });
            }
            Purpose::Predict(target) => (target, Aim::default()),
            Purpose::Train(written) => {
                written.check_columns(&new.source.to_string(), schema)?;
                checker = written.checker(schema)?;
                if written.recipe().forecast.is_some() || written.recipe().recommend.is_some() {
                    // A series may have gaps; whether it is one is known when its rows are in order.
                    return Ok(Self {
                        new,
                        target: None,
                        checker,
                    });
                }
                let data = &written.recipe().data;
                (&data.target, data.aim())
            }
        };
        let watch = TargetWatch::new(schema, target, &aim).map_err(|error| new.refused(error))?;
        Ok(Self {
            new,
            target: Some(watch),
            checker,
        })
    }

    /// Looks at the next rows.
    pub(super) fn see(&mut self, batch: &Table) -> Result<(), DatasetError> {
        if let Some(checker) = &mut self.checker {
            checker.see(batch)?;
        }
        match &mut self.target {
            Some(watch) => watch.see(batch).map_err(|error| self.new.refused(error)),
            None => Ok(()),
        }
    }

    /// Judges by all of the rows; gives what they violate, where that is only a warning.
    pub(super) fn finish(self) -> Result<Option<CheckReport>, DatasetError> {
        let report = self.checker.map(Checker::finish);
        let report = report.map(|report| Violated::unless_right(&self.new.source.to_string(), report));
        let report = report.transpose()?.filter(|report| !report.violations.is_empty());
        let Some(watch) = self.target else {
            return Ok(report);
        };
        let seen = watch.finish().map_err(|error| self.new.refused(error))?;
        match &self.new.purpose {
            Purpose::Train(written) => {
                written.check_task(&seen.task)?;
                written.check_rows(&seen.task, seen.rows, &seen.class_rows)?;
            }
            Purpose::Keep | Purpose::Predict(_) => {}
        }
        Ok(report)
    }
}
