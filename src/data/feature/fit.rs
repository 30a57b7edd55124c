//! Learns features from the training rows, and from those alone.

mod column;
mod derived;
mod level;
mod means;
mod number;

use std::sync::Arc;

use self::column::ColumnFitter;
use self::derived::DerivedFitter;
use super::cross_fit::{Apart, CrossFitted, Folds};
use super::encode::{FittedFeatures, check_rows};
use super::encoder::{Encoder, MissingIndicator, Step};
use super::error::FeatureError;
use super::excluded::Excluded;
use super::field::Dropped;
use super::plan::{Fate, plan};
use super::spec::FeatureSpec;
use super::target::TargetKind;
use crate::base::Seed;
use crate::data::schema::Schema;
use crate::data::table::Table;

/// Fits the features that `spec` describes on the rows of `table` at the positions `rows`.
///
/// `exclude` as in [`Fitter::new`], which this is a shorthand for.
///
/// # Errors
/// When the spec does not fit the table, or there is nothing to learn from; also when it encodes by the target,
/// which is not given: see [`super::fit_encode`].
pub fn fit(
    spec: &FeatureSpec,
    table: &Table,
    rows: &[usize],
    exclude: &[Excluded<'_>],
) -> Result<FittedFeatures, FeatureError> {
    let mut fitter = Fitter::new(
        spec,
        table.schema(),
        exclude,
        &TargetKind::default(),
        Seed::new(0),
    )?;
    fitter.see(table, rows, None)?;
    fitter.finish()
}

/// Fits features on a table that comes in batches.
///
/// Everything that is counted or averaged comes from the training rows alone; names, types, a category's list of
/// levels and whether values may be missing are the schema's. How rows are cut into batches changes nothing.
/// A column takes at most 2 MiB of memory, with the most frequent number 4 MiB; a category what its levels take.
#[derive(Debug)]
pub struct Fitter {
    schema: Arc<Schema>,
    target: TargetKind,
    folds: Folds,
    columns: Vec<ColumnFitter>,
    derived: Vec<DerivedFitter>,
    dropped: Vec<Dropped>,
    /// Training rows that were seen.
    rows: u64,
    /// All rows of the batches that were seen.
    before: u64,
    /// A feature that is encoded by the target.
    by_target: Option<String>,
}

impl Fitter {
    /// A fitter of the features that `spec` describes for tables of `schema`.
    ///
    /// `exclude`: columns that are neither features nor worth a note, such as the target. `target`: what is predicted,
    /// `seed`: how rows are dealt into folds; both matter only where categories are encoded by the target.
    ///
    /// # Errors
    /// When the spec does not fit the schema.
    pub fn new(
        spec: &FeatureSpec,
        schema: &Arc<Schema>,
        exclude: &[Excluded<'_>],
        target: &TargetKind,
        seed: Seed,
    ) -> Result<Self, FeatureError> {
        let planned = plan(spec, schema, exclude, target)?;
        let (mut columns, mut dropped): (Vec<ColumnFitter>, _) = (Vec::new(), Vec::new());
        let mut places = vec![0; schema.len()];
        for (index, (field, fate)) in schema.fields().iter().zip(planned.fates).enumerate() {
            match fate {
                Fate::Excluded => {}
                Fate::Dropped(reason) => dropped.push(Dropped {
                    name: field.name.clone(),
                    reason: reason.into(),
                }),
                Fate::Input(plan) => {
                    places[index] = columns.len();
                    columns.push(ColumnFitter::new(index, field, plan, target));
                }
            }
        }
        let derived = planned.derived.into_iter().map(|derived| {
            let of = derived.columns.iter().map(|&column| places[column]).collect();
            DerivedFitter::new(derived, of, &columns, target)
        });
        let derived: Vec<DerivedFitter> = derived.collect();
        let by_target = columns
            .iter()
            .filter(|column| column.is_by_target())
            .map(ColumnFitter::name)
            .chain(
                derived
                    .iter()
                    .filter(|made| made.is_by_target())
                    .map(DerivedFitter::name),
            )
            .next()
            .map(str::to_owned);
        Ok(Self {
            schema: Arc::clone(schema),
            target: target.clone(),
            folds: Folds::new(seed),
            columns,
            derived,
            dropped,
            rows: 0,
            before: 0,
            by_target,
        })
    }

    /// Takes in the next batch of the table, of which the rows at the positions `rows` are training rows;
    /// `targets` are theirs, and needed only where categories are encoded by the target.
    ///
    /// Batches come in the table's order, also those without training rows where categories are encoded by the
    /// target: a row's fold follows from its place in the table.
    ///
    /// # Errors
    /// The batch has other columns, a row cannot become a feature, or the targets do not go with the rows. The
    /// fitter is of no use then.
    pub fn see(
        &mut self,
        batch: &Table,
        rows: &[usize],
        targets: Option<&[f32]>,
    ) -> Result<(), FeatureError> {
        if !Arc::ptr_eq(&self.schema, batch.schema()) && self.schema != *batch.schema() {
            return Err(FeatureError::OtherColumns);
        }
        check_rows(batch, rows)?;
        let targets = match (&self.by_target, targets) {
            (None, _) => None,
            (Some(name), None) => return Err(FeatureError::NoTargets(name.clone())),
            (Some(_), Some(targets)) => {
                if targets.len() != rows.len() || !targets.iter().all(|&target| self.target.has(target)) {
                    return Err(FeatureError::Targets {
                        rows: rows.len(),
                        targets: targets.len(),
                    });
                }
                Some(targets)
            }
        };
        let folds = self.folds;
        let before = self.before;
        let told = |position: usize| {
            targets.map(|targets| (folds.of(before + rows[position] as u64), targets[position]))
        };
        for column in &mut self.columns {
            column.see(batch, rows, &told)?;
        }
        for derived in &mut self.derived {
            derived.see(&self.columns, batch, rows, &told)?;
        }
        self.rows += rows.len() as u64;
        self.before += batch.rows() as u64;
        Ok(())
    }

    /// The features of all training rows that were taken in.
    ///
    /// # Errors
    /// When there was no row, or nothing to learn a stand-in or a scale from.
    pub fn finish(self) -> Result<FittedFeatures, FeatureError> {
        Ok(self.finish_cross_fitted()?.into_features())
    }

    /// The same, with what training rows are encoded with: a category that is encoded by the target, without
    /// the targets of the row's own fold.
    ///
    /// # Errors
    /// As [`Self::finish`].
    pub fn finish_cross_fitted(self) -> Result<CrossFitted, FeatureError> {
        if self.rows == 0 {
            return Err(FeatureError::NoRows);
        }
        let (mut inputs, mut steps, mut apart) = (Vec::new(), Vec::new(), Vec::new());
        for column in self.columns {
            let of = vec![inputs.len()];
            let has_indicator = column.has_indicator();
            let (input, encoder, folds) = column.finish(&self.target)?;
            inputs.push(input);
            if let Some(encoder) = encoder {
                apart.extend(Apart::new(steps.len(), folds));
                steps.push(Step::new(of.clone(), encoder));
            }
            if has_indicator {
                steps.push(Step::new(of, Encoder::Missing(MissingIndicator {})));
            }
        }
        for derived in self.derived {
            let (of, encoder, folds) = derived.finish(&self.target)?;
            apart.extend(Apart::new(steps.len(), folds));
            steps.push(Step::new(of, encoder));
        }
        let features = FittedFeatures::new(inputs, steps, self.dropped)?;
        Ok(CrossFitted::new(features, apart, self.folds))
    }
}
