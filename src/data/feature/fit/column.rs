//! What is learnt of each column.

use super::super::encoder::{Encoder, Level, LevelEncoder};
use super::super::error::FeatureError;
use super::super::field::{InputField, Value};
use super::super::number::NumberEncoder;
use super::super::plan::{How, Plan};
use super::super::spec::{Constant, Encode, Impute, Scale, TransformSpec};
use super::super::target::TargetKind;
use super::super::time::{TimeEncoder, calendar, out_of_range};
use super::level::LevelFitter;
use super::number::NumberFitter;
use crate::data::cell::Cell;
use crate::data::schema::{ColumnType, Field};
use crate::data::source::timestamp;
use crate::data::table::{Column, Table};

/// The fold and the target of the row at a position of the batch's training rows, where those are needed.
pub(super) type Told<'a> = &'a dyn Fn(usize) -> Option<(usize, f32)>;

/// An encoder, and for one that goes by the target that of each fold's rows.
type Folded<E> = (E, Vec<LevelEncoder>);

/// Learns from a column.
#[derive(Debug)]
pub(super) struct ColumnFitter {
    /// Where the column stands in the schema.
    column: usize,
    plan: Plan,
    input: InputField,
    stats: Stats,
}

#[derive(Debug)]
enum Stats {
    Number(Box<NumberFitter>),
    Levels {
        /// For each code of the schema, the level's position in the input's list; a boolean's stay as they are.
        places: Vec<usize>,
        levels: LevelFitter,
    },
    /// Of points in time, in microseconds.
    Time(Box<NumberFitter>),
}

impl ColumnFitter {
    pub(super) fn new(column: usize, field: &Field, plan: Plan, target: &TargetKind) -> Self {
        let input = plan.input(field);
        let stats = match field.kind {
            ColumnType::Category | ColumnType::Text | ColumnType::Boolean => {
                let known = input.levels.as_deref().unwrap_or_default();
                let place = |level: &String| known.binary_search(level).unwrap_or(0);
                let encode = match &plan.how {
                    How::Levels(plan) => plan.encode,
                    _ => Encode::Native,
                };
                Stats::Levels {
                    places: field.levels.iter().flatten().map(place).collect(),
                    levels: LevelFitter::new(input.level_count(), encode, target),
                }
            }
            ColumnType::Timestamp => {
                let impute = match &plan.impute {
                    // A constant is no microseconds.
                    Impute::Constant(_) => &Impute::None,
                    impute => impute,
                };
                let numbers = NumberFitter::new(impute, TransformSpec::None, Scale::None);
                Stats::Time(Box::new(numbers))
            }
            ColumnType::Number | ColumnType::Integer => {
                let (transform, scale) = match &plan.how {
                    How::Number { transform, scale } => (*transform, *scale),
                    _ => (TransformSpec::None, Scale::None),
                };
                Stats::Number(Box::new(NumberFitter::new(&plan.impute, transform, scale)))
            }
        };
        Self {
            column,
            plan,
            input,
            stats,
        }
    }

    pub(super) fn name(&self) -> &str {
        &self.input.name
    }

    /// Where the column stands in the schema.
    pub(super) fn column(&self) -> usize {
        self.column
    }

    /// How many levels a cross has of it.
    pub(super) fn level_count(&self) -> usize {
        self.input.level_count()
    }

    /// For each code of a category, the level's position.
    pub(super) fn places(&self) -> &[usize] {
        match &self.stats {
            Stats::Levels { places, .. } => places,
            Stats::Number(_) | Stats::Time(_) => &[],
        }
    }

    pub(super) fn has_indicator(&self) -> bool {
        self.plan.indicator
    }

    pub(super) fn is_by_target(&self) -> bool {
        matches!(&self.stats, Stats::Levels { levels, .. } if levels.is_by_target())
    }

    pub(super) fn see(&mut self, batch: &Table, rows: &[usize], told: Told<'_>) -> Result<(), FeatureError> {
        let Self {
            column, input, stats, ..
        } = self;
        let column = &batch.columns()[*column];
        match stats {
            Stats::Number(fitter) => {
                for &row in rows {
                    fitter
                        .see(number(column, row))
                        .map_err(|wrong| FeatureError::Row {
                            row,
                            error: wrong.of(input.name.clone()),
                        })?;
                }
            }
            Stats::Levels { places, levels } => {
                for (position, &row) in rows.iter().enumerate() {
                    levels.see(level(column, places, row), told(position));
                }
            }
            Stats::Time(fitter) => {
                let Column::Timestamp(moments) = column else {
                    return Ok(());
                };
                for &row in rows {
                    let moment = moments[row];
                    if let Some(moment) = moment.filter(|&moment| calendar(moment).is_none()) {
                        let error = out_of_range(input, moment);
                        return Err(FeatureError::Row { row, error });
                    }
                    // Microseconds of the calendar's years have digits to lose only far from today.
                    let value = moment.map_or(f64::NAN, |moment| moment as f64);
                    fitter.see(value).map_err(|wrong| FeatureError::Row {
                        row,
                        error: wrong.of(input.name.clone()),
                    })?;
                }
            }
        }
        Ok(())
    }

    /// The field, and the encoder unless only interactions want it.
    pub(super) fn finish(
        self,
        target: &TargetKind,
    ) -> Result<(InputField, Option<Encoder>, Vec<LevelEncoder>), FeatureError> {
        let Self {
            plan,
            mut input,
            stats,
            ..
        } = self;
        let (encoder, folds) = match stats {
            Stats::Number(fitter) => {
                let learnt = fitter.finish(&input.name)?;
                (input.min, input.median, input.max) = (learnt.min, learnt.median, learnt.max);
                input.example = learnt.middle.map(|middle| match input.kind {
                    ColumnType::Integer => Value::Integer(middle.round() as i64),
                    _ => Value::Number(middle),
                });
                (Encoder::Number(learnt.encoder), Vec::new())
            }
            Stats::Levels { levels, .. } => finish_levels(&plan, &mut input, levels, target)?,
            Stats::Time(fitter) => (
                Encoder::Time(finish_time(&plan, &mut input, *fitter)?),
                Vec::new(),
            ),
        };
        let is_feature = !matches!(plan.how, How::Nothing);
        Ok((input, is_feature.then_some(encoder), folds))
    }
}

fn finish_levels(
    plan: &Plan,
    input: &mut InputField,
    fitter: LevelFitter,
    target: &TargetKind,
) -> Result<Folded<Encoder>, FeatureError> {
    let most = fitter.most();
    let levels = input.levels.clone().unwrap_or_default();
    let nothing = || FeatureError::NothingToImpute(input.name.clone());
    let stand_in = match &plan.impute {
        Impute::MostFrequent => Some(most.ok_or_else(nothing)?),
        Impute::Constant(Constant::Boolean(boolean)) => Some(usize::from(*boolean)),
        Impute::Constant(Constant::Text(constant)) => {
            let level = levels.binary_search(constant).ok();
            Some(level.ok_or_else(|| FeatureError::NoSuchLevel {
                column: input.name.clone(),
                constant: constant.clone(),
            })?)
        }
        _ => None,
    };
    input.example = most.map(|most| match levels.get(most) {
        Some(level) => Value::Text(level.clone()),
        None => Value::Boolean(most == 1),
    });
    let How::Levels(plan) = &plan.how else {
        let number = NumberEncoder {
            impute: stand_in.map(|level| level as f64),
            ..NumberEncoder::default()
        };
        return Ok((Encoder::Number(number), Vec::new()));
    };
    let learnt = fitter.finish(plan, &levels, stand_in, target);
    Ok((learnt.encoder.of_one(), learnt.folds))
}

fn finish_time(
    plan: &Plan,
    input: &mut InputField,
    fitter: NumberFitter,
) -> Result<TimeEncoder, FeatureError> {
    let learnt = fitter.finish(&input.name)?;
    let moment = |value: f64| value.round() as i64;
    input.example = learnt
        .middle
        .and_then(|middle| Value::of(&Cell::Timestamp(moment(middle))));
    let (parts, cyclic) = match &plan.how {
        How::Time { parts, cyclic } => (parts.clone(), *cyclic),
        _ => (Vec::new(), false),
    };
    let constant = match &plan.impute {
        Impute::Constant(Constant::Text(constant)) => timestamp(constant),
        _ => None,
    };
    Ok(TimeEncoder {
        parts,
        cyclic,
        impute: constant.or(learnt.encoder.impute.map(moment)),
    })
}

/// The cell as a number, NaN where it is missing; no number is in a column of another type.
#[inline]
pub(super) fn number(column: &Column, row: usize) -> f64 {
    match column {
        Column::Number(values) => values[row],
        Column::Integer(values) => values[row].map_or(f64::NAN, |value| value as f64),
        Column::Boolean(values) => values[row].map_or(f64::NAN, |value| f64::from(u8::from(value))),
        Column::Category(_) | Column::Text(_) | Column::Timestamp(_) => f64::NAN,
    }
}

/// The cell as a level; `places`: for each code, the level's position.
#[inline]
pub(super) fn level(column: &Column, places: &[usize], row: usize) -> Level {
    match column {
        Column::Boolean(values) => values[row].map_or(Level::Missing, |value| Level::Known(value.into())),
        Column::Category(codes) => match codes[row] {
            Column::NO_LEVEL => Level::Missing,
            code => Level::Known(places[code as usize]),
        },
        _ => Level::Missing,
    }
}
