//! Learns features from the training rows, and from those alone.

use super::category::CategoryEncoder;
use super::encode::FittedFeatures;
use super::encoder::{Encoder, NumberEncoder};
use super::error::FeatureError;
use super::field::{Dropped, InputField, Value};
use super::impute::{lower_median, mean, median, most_frequent};
use super::plan::{Fate, Plan, plan};
use super::scale::Scaling;
use super::spec::{Constant, FeatureSpec, Impute};
use crate::data::schema::{ColumnType, Field};
use crate::data::table::{Column, Table};

/// Fits the features that `spec` describes on the rows of `table` at the positions `rows`.
///
/// `exclude` are columns that are neither features nor worth a note: the target. Everything that is
/// counted or averaged comes from `rows` alone. Names, types, a category's list of levels and whether
/// values may be missing are the schema's.
///
/// # Errors
/// When the spec does not fit the table, or there is nothing to learn from.
pub fn fit(
    spec: &FeatureSpec,
    table: &Table,
    rows: &[usize],
    exclude: &[&str],
) -> Result<FittedFeatures, FeatureError> {
    if rows.is_empty() {
        return Err(FeatureError::NoRows);
    }
    if let Some(&row) = rows.iter().find(|&&row| row >= table.rows()) {
        return Err(FeatureError::NoSuchRow {
            row,
            rows: table.rows(),
        });
    }
    let (mut inputs, mut encoders, mut dropped) = (Vec::new(), Vec::new(), Vec::new());
    let fates = plan(spec, table.schema(), exclude)?;
    for ((field, fate), column) in table.schema().fields().iter().zip(fates).zip(table.columns()) {
        match fate {
            Fate::Excluded => {}
            Fate::Dropped(reason) => dropped.push(Dropped {
                name: field.name.clone(),
                reason: reason.into(),
            }),
            Fate::Feature(plan) => {
                let (input, encoder) = fit_column(&plan, field, column, rows)?;
                inputs.push(input);
                encoders.push(encoder);
            }
        }
    }
    FittedFeatures::new(inputs, encoders, dropped)
}

fn fit_column(
    plan: &Plan<'_>,
    field: &Field,
    column: &Column,
    rows: &[usize],
) -> Result<(InputField, Encoder), FeatureError> {
    let input = plan.input(field);
    match column {
        Column::Number(values) => fit_number(
            plan,
            input,
            rows.iter()
                .map(|&row| Some(values[row]).filter(|value| !value.is_nan())),
        ),
        Column::Integer(values) => fit_number(
            plan,
            input,
            rows.iter().map(|&row| values[row].map(|value| value as f64)),
        ),
        Column::Boolean(values) => fit_number(
            plan,
            input,
            rows.iter()
                .map(|&row| values[row].map(|value| f64::from(u8::from(value)))),
        ),
        Column::Category(codes) => fit_category(plan, input, field, rows.iter().map(|&row| codes[row])),
        Column::Text(_) | Column::Timestamp(_) => Err(FeatureError::RuleForDropped {
            column: field.name.clone(),
            reason: "of its type".into(),
        }),
    }
}

fn fit_number(
    plan: &Plan<'_>,
    mut input: InputField,
    values: impl ExactSizeIterator<Item = Option<f64>>,
) -> Result<(InputField, Encoder), FeatureError> {
    let rows = values.len();
    let mut known: Vec<f64> = values.flatten().collect();
    let impute = match plan.impute {
        Impute::None => Ok(None),
        Impute::Median => median(&mut known).ok_or(()).map(Some),
        Impute::Mean => mean(&known).ok_or(()).map(Some),
        Impute::MostFrequent => most_frequent(&mut known).ok_or(()).map(Some),
        Impute::Constant(Constant::Number(number)) => Ok(Some(*number)),
        Impute::Constant(Constant::Boolean(boolean)) => Ok(Some(f64::from(u8::from(*boolean)))),
        Impute::Constant(Constant::Text(_)) => Err(()),
    };
    let impute = impute.map_err(|()| FeatureError::NothingToImpute(input.name.clone()))?;
    if input.kind == ColumnType::Boolean {
        input.example = most_frequent(&mut known).map(|value| Value::Boolean(value != 0.0));
    } else {
        input.min = known.iter().copied().reduce(f64::min);
        input.max = known.iter().copied().reduce(f64::max);
        input.median = median(&mut known);
        input.example = lower_median(&mut known).map(|value| match input.kind {
            ColumnType::Integer => Value::Integer(value as i64),
            _ => Value::Number(value),
        });
    }
    // Scaling sees what the model will see: imputed values too.
    if let Some(stand_in) = impute {
        known.resize(rows, stand_in);
    }
    let scaling = Scaling::fit(plan.scale, &known);
    Ok((input, Encoder::Number(NumberEncoder { impute, scaling })))
}

fn fit_category(
    plan: &Plan<'_>,
    mut input: InputField,
    field: &Field,
    codes: impl Iterator<Item = u32>,
) -> Result<(InputField, Encoder), FeatureError> {
    let given = field.levels.as_deref().unwrap_or_default();
    let mut counts_by_code = vec![0_u64; given.len()];
    for code in codes.filter(|&code| code != Column::NO_LEVEL) {
        counts_by_code[code as usize] += 1;
    }
    let mut counted: Vec<(&String, u64)> = given.iter().zip(counts_by_code).collect();
    counted.sort_unstable();
    let (levels, counts): (Vec<String>, Vec<u64>) = counted
        .into_iter()
        .map(|(level, count)| (level.clone(), count))
        .unzip();
    // Of equal counts `max_by_key` takes the last: levels are looked at from the last one down.
    let most = (0..levels.len())
        .rev()
        .max_by_key(|&level| counts[level])
        .filter(|&level| counts[level] > 0);
    let stand_in =
        match plan.impute {
            Impute::MostFrequent => {
                Some(most.ok_or_else(|| FeatureError::NothingToImpute(field.name.clone()))?)
            }
            Impute::Constant(Constant::Text(constant)) => Some(levels.binary_search(constant).map_err(
                |_| FeatureError::NoSuchLevel {
                    column: field.name.clone(),
                    constant: constant.clone(),
                },
            )?),
            _ => None,
        };
    input.example = most.map(|level| Value::Text(levels[level].clone()));
    let mut encoder = CategoryEncoder::fit(plan.encode, &counts, plan.min_count, plan.unknown);
    if let Some(level) = stand_in {
        encoder = encoder.with_missing_as(level);
    }
    input.levels = Some(levels);
    Ok((input, Encoder::Category(encoder)))
}
