//! What is learnt of features that are made of several columns.

use super::super::arithmetic::ArithmeticEncoder;
use super::super::encoder::{Encoder, LevelEncoder, combined};
use super::super::error::FeatureError;
use super::super::plan::{Derived, LevelPlan, Made};
use super::super::spec::{Impute, Operation};
use super::super::target::TargetKind;
use super::column::{ColumnFitter, Told, level, number};
use super::level::LevelFitter;
use super::number::NumberFitter;
use crate::data::table::Table;

/// Learns from what is made of several columns.
#[derive(Debug)]
pub(super) struct DerivedFitter {
    name: String,
    /// The positions of the inputs.
    of: Vec<usize>,
    impute: Impute,
    stats: DerivedStats,
}

#[derive(Debug)]
enum DerivedStats {
    Number {
        operation: Operation,
        numbers: Box<NumberFitter>,
    },
    Cross {
        plan: LevelPlan,
        levels: LevelFitter,
    },
}

impl DerivedFitter {
    /// `of`: the positions of the inputs among `columns`.
    pub(super) fn new(
        derived: Derived,
        of: Vec<usize>,
        columns: &[ColumnFitter],
        target: &TargetKind,
    ) -> Self {
        let stats = match derived.made {
            Made::Number {
                operation,
                transform,
                scale,
            } => DerivedStats::Number {
                operation,
                numbers: Box::new(NumberFitter::new(&derived.impute, transform, scale)),
            },
            Made::Cross(plan) => {
                let combinations = of.iter().map(|&input| columns[input].level_count()).product();
                DerivedStats::Cross {
                    levels: LevelFitter::new(combinations, plan.encode, target),
                    plan,
                }
            }
        };
        Self {
            name: derived.name,
            of,
            impute: derived.impute,
            stats,
        }
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn is_by_target(&self) -> bool {
        matches!(&self.stats, DerivedStats::Cross { levels, .. } if levels.is_by_target())
    }

    pub(super) fn see(
        &mut self,
        columns: &[ColumnFitter],
        batch: &Table,
        rows: &[usize],
        told: Told<'_>,
    ) -> Result<(), FeatureError> {
        let inputs: Vec<&ColumnFitter> = self.of.iter().map(|&input| &columns[input]).collect();
        for (position, &row) in rows.iter().enumerate() {
            match &mut self.stats {
                DerivedStats::Number { operation, numbers } => {
                    let values = inputs
                        .iter()
                        .map(|input| Ok(number(&batch.columns()[input.column()], row)));
                    let seen = operation.of(values).and_then(|value| numbers.see(value));
                    seen.map_err(|wrong| FeatureError::Row {
                        row,
                        error: wrong.of(self.name.clone()),
                    })?;
                }
                DerivedStats::Cross { levels, .. } => {
                    let parts = inputs.iter().map(|input| {
                        let level = level(&batch.columns()[input.column()], input.places(), row);
                        Ok::<_, FeatureError>((level, input.level_count()))
                    });
                    levels.see(combined(parts)?, told(position));
                }
            }
        }
        Ok(())
    }

    /// The positions of the inputs, and the encoder.
    pub(super) fn finish(
        self,
        target: &TargetKind,
    ) -> Result<(Vec<usize>, Encoder, Vec<LevelEncoder>), FeatureError> {
        let (encoder, folds) = match self.stats {
            DerivedStats::Number { operation, numbers } => {
                let number = numbers.finish(&self.name)?.encoder;
                (
                    Encoder::Arithmetic(ArithmeticEncoder { operation, number }),
                    Vec::new(),
                )
            }
            DerivedStats::Cross { plan, levels } => {
                let stand_in = match self.impute {
                    Impute::MostFrequent => {
                        let most = levels.most();
                        Some(most.ok_or_else(|| FeatureError::NothingToImpute(self.name.clone()))?)
                    }
                    _ => None,
                };
                let learnt = levels.finish(&plan, &[], stand_in, target);
                (Encoder::Cross(learnt.encoder), learnt.folds)
            }
        };
        Ok((self.of, encoder, folds))
    }
}
