//! Encoding of training rows that are encoded by the target.
//!
//! A level's mean that a row's own target went into tells the model the answer, and a model that learns from it
//! is worse than it seems. So training rows are dealt into folds, and each is encoded with the means of the
//! other folds; any other row is encoded with the means of all.

use super::encode::{FittedFeatures, InTable};
use super::encoder::{Cells, Encoder, LevelEncoder, combined};
use super::error::FeatureError;
use super::excluded::Excluded;
use super::fit::Fitter;
use super::spec::FeatureSpec;
use super::target::TargetKind;
use crate::base::Seed;
use crate::data::table::Table;

/// The targets of training rows, for categories that are encoded by them.
#[derive(Debug, Clone, Copy)]
pub struct Targets<'a> {
    /// What they are.
    pub kind: &'a TargetKind,
    /// One a training row, in their order.
    pub values: &'a [f32],
    /// How rows are dealt into folds.
    pub seed: Seed,
}

/// Fits features on the rows of `table` at the positions `rows`, as [`super::fit`], and appends what these rows
/// are encoded to in training to `out`, row-major `[rows, width]`.
///
/// # Errors
/// As [`super::fit`], and when there is another number of targets than rows; then `out` is as long as before.
pub fn fit_encode(
    spec: &FeatureSpec,
    table: &Table,
    rows: &[usize],
    exclude: &[Excluded<'_>],
    targets: Targets<'_>,
    out: &mut Vec<f32>,
) -> Result<FittedFeatures, FeatureError> {
    let mut fitter = Fitter::new(spec, table.schema(), exclude, targets.kind, targets.seed)?;
    fitter.see(table, rows, Some(targets.values))?;
    let fitted = fitter.finish_cross_fitted()?;
    fitted.encode_training(table, 0, rows, out)?;
    Ok(fitted.into_features())
}

/// How rows are dealt into folds: by their place in the table and a seed, whatever the batches.
#[derive(Debug, Clone, Copy)]
pub(super) struct Folds(u64);

impl Folds {
    /// As many as scikit-learn's TargetEncoder has.
    pub(super) const COUNT: usize = 5;

    pub(super) fn new(seed: Seed) -> Self {
        Self(seed.derive("target encoding", 0).get())
    }

    /// The fold of the table's row at `row`, from 0.
    ///
    /// Source: the mixing of SplitMix64, Steele, Lea and Flood 2014.
    pub(super) fn of(self, row: u64) -> usize {
        let mut mixed = self.0.wrapping_add(row.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % Self::COUNT as u64) as usize
    }
}

/// The encoders of one step for the rows of each fold.
#[derive(Debug)]
pub(super) struct Apart {
    step: usize,
    folds: Vec<LevelEncoder>,
}

impl Apart {
    /// None where the step does not go by the target.
    pub(super) fn new(step: usize, folds: Vec<LevelEncoder>) -> Option<Self> {
        (!folds.is_empty()).then_some(Self { step, folds })
    }
}

/// Fitted features, and what training rows are encoded with.
#[derive(Debug)]
pub struct CrossFitted {
    features: FittedFeatures,
    apart: Vec<Apart>,
    folds: Folds,
}

impl CrossFitted {
    pub(super) fn new(features: FittedFeatures, apart: Vec<Apart>, folds: Folds) -> Self {
        Self {
            features,
            apart,
            folds,
        }
    }

    /// The features that every row but the training rows is encoded with.
    pub fn features(&self) -> &FittedFeatures {
        &self.features
    }

    /// The same, taken out.
    pub fn into_features(self) -> FittedFeatures {
        self.features
    }

    /// Whether training rows are encoded otherwise than others: some category is encoded by the target.
    pub fn is_apart(&self) -> bool {
        !self.apart.is_empty()
    }

    /// Encodes training rows, those at the positions `rows` of a batch, and appends them to `out`, row-major
    /// `[rows, width]`, missing as NaN. The batch's first row is the table's row `first_row`, from 0, counted as
    /// when the features were fitted.
    ///
    /// What a row becomes does not depend on its own target.
    ///
    /// # Errors
    /// As [`FittedFeatures::encode_table`].
    pub fn encode_training(
        &self,
        batch: &Table,
        first_row: u64,
        rows: &[usize],
        out: &mut Vec<f32>,
    ) -> Result<(), FeatureError> {
        let start = out.len();
        self.features.encode_table(batch, rows, out)?;
        if self.apart.is_empty() {
            return Ok(());
        }
        let columns = self.features.columns_of(batch)?;
        let width = self.features.width();
        for apart in &self.apart {
            let before = &self.features.steps[..apart.step];
            let offset: usize = before.iter().map(|step| step.width).sum();
            let step = &self.features.steps[apart.step];
            for (&row, out) in rows.iter().zip(out[start..].chunks_exact_mut(width)) {
                let cells = InTable {
                    table: batch,
                    columns: &columns,
                    row,
                };
                let takes_unknown = match &step.encoder {
                    Encoder::Values(values) | Encoder::Cross(LevelEncoder::Values(values)) => {
                        values.takes_unknown()
                    }
                    _ => continue,
                };
                let level = combined(step.of.iter().map(|&input| {
                    let field = &self.features.inputs[input];
                    let level = cells.with(input, |cell| field.level(cell, takes_unknown))?;
                    Ok((level, field.level_count()))
                }));
                let level = level.map_err(|error| FeatureError::Row { row, error })?;
                let fold = self.folds.of(first_row + row as u64);
                apart.folds[fold].write(level, &mut out[offset..offset + step.width]);
            }
        }
        Ok(())
    }
}
