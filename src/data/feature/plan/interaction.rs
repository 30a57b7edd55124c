//! What is made of several columns.

use super::super::error::{FeatureError, InteractionProblem};
use super::super::excluded::{Excluded, role};
use super::super::spec::{FeatureSpec, Impute, Interaction, Operation, Scale, TransformSpec};
use super::super::target::TargetKind;
use super::settings::{self, Misfit};
use super::{Constant, LevelPlan, check_means};
use crate::data::schema::{ColumnType, Field, Schema};

/// The most columns of one interaction.
const MOST_COLUMNS: usize = 8;

/// What is made of several columns.
#[derive(Debug, Clone)]
pub(in crate::data::feature) struct Derived {
    /// What it is called.
    pub(in crate::data::feature) name: String,
    /// The columns' positions in the schema.
    pub(in crate::data::feature) columns: Vec<usize>,
    pub(in crate::data::feature) impute: Impute,
    pub(in crate::data::feature) made: Made,
}

/// A number or a category.
#[derive(Debug, Clone)]
pub(in crate::data::feature) enum Made {
    Number {
        operation: Operation,
        transform: TransformSpec,
        scale: Scale,
    },
    Cross(LevelPlan),
}

/// The interactions of `spec`, in their order.
pub(super) fn plan(
    spec: &FeatureSpec,
    schema: &Schema,
    exclude: &[Excluded<'_>],
    target: &TargetKind,
) -> Result<Vec<Derived>, FeatureError> {
    let derived = |(position, interaction): (usize, &Interaction)| {
        derive(spec, interaction, schema, exclude, target).map_err(|problem| FeatureError::Interaction {
            position,
            name: interaction.name(),
            problem,
        })
    };
    spec.interactions.iter().enumerate().map(derived).collect()
}

fn derive(
    spec: &FeatureSpec,
    interaction: &Interaction,
    schema: &Schema,
    exclude: &[Excluded<'_>],
    target: &TargetKind,
) -> Result<Derived, InteractionProblem> {
    let of_two = matches!(interaction.operation, Operation::Ratio | Operation::Difference);
    let got = interaction.columns.len();
    if got < 2 || got > if of_two { 2 } else { MOST_COLUMNS } {
        let expected = if of_two { "two" } else { "two to eight" };
        return Err(InteractionProblem::Count { expected, got });
    }
    let is_cross = interaction.operation == Operation::Cross;
    let column = |name: &String| {
        let column = schema
            .index_of(name)
            .ok_or_else(|| InteractionProblem::NoSuchColumn(name.clone()))?;
        if let Some(role) = role(exclude, name) {
            let (column, reason) = (name.clone(), role.reason());
            return Err(InteractionProblem::NoFeature { column, reason });
        }
        check_type(&schema.fields()[column], is_cross)?;
        Ok(column)
    };
    let columns = interaction
        .columns
        .iter()
        .map(column)
        .collect::<Result<Vec<_>, _>>()?;
    let misfit = |Misfit { setting, remedy }| InteractionProblem::Setting { setting, remedy };
    check_keys(interaction, is_cross).map_err(misfit)?;
    let impute = impute(spec, interaction, is_cross).map_err(misfit)?;
    let made = if is_cross {
        let levels = columns
            .iter()
            .map(|&column| level_count(&schema.fields()[column]));
        let combinations = levels.fold(1, usize::saturating_mul);
        if combinations > Schema::MAX_LEVELS {
            return Err(InteractionProblem::TooManyLevels { combinations });
        }
        let plan = settings::levels(interaction.into(), spec, true).map_err(misfit)?;
        check_means(&plan, combinations, target).map_err(misfit)?;
        Made::Cross(plan)
    } else {
        let (transform, scale) = settings::number(interaction.into(), &spec.numeric).map_err(misfit)?;
        settings::imputed(&impute, transform).map_err(misfit)?;
        Made::Number {
            operation: interaction.operation,
            transform,
            scale,
        }
    };
    Ok(Derived {
        name: interaction.name(),
        columns,
        impute,
        made,
    })
}

/// The levels that a cross has of a column: a boolean's are false and true.
pub(in crate::data::feature) fn level_count(field: &Field) -> usize {
    field.levels.as_ref().map_or(2, Vec::len)
}

fn check_type(field: &Field, is_cross: bool) -> Result<(), InteractionProblem> {
    use ColumnType::{Boolean, Category, Integer, Number};
    let remedy = match (is_cross, field.kind) {
        (true, Category | Boolean) | (false, Number | Integer | Boolean) => return Ok(()),
        (true, _) => "a cross takes categories and booleans",
        (false, _) => {
            "it takes numbers, integers and booleans; combine categories with operation = \"cross\""
        }
    };
    Err(InteractionProblem::Type {
        column: field.name.clone(),
        kind: field.kind,
        remedy,
    })
}

fn check_keys(interaction: &Interaction, is_cross: bool) -> Result<(), Misfit> {
    let of_numbers = [
        ("transform", interaction.transform.is_some()),
        ("scale", interaction.scale.is_some()),
    ];
    let of_levels = [
        ("encode", interaction.encode.is_some()),
        ("min_count", interaction.min_count.is_some()),
        ("unknown", interaction.unknown.is_some()),
        ("smooth", interaction.smooth.is_some()),
    ];
    let (others, remedy): (&[_], _) = if is_cross {
        (
            &of_numbers,
            "a cross takes impute, encode, min_count, unknown and smooth",
        )
    } else {
        (&of_levels, "it takes impute, transform and scale")
    };
    match others.iter().find(|(_, is_given)| *is_given) {
        Some(&(setting, _)) => Err(Misfit { setting, remedy }),
        None => Ok(()),
    }
}

/// What stands for a missing result: of a cross the most frequent combination alone can.
fn impute(spec: &FeatureSpec, interaction: &Interaction, is_cross: bool) -> Result<Impute, Misfit> {
    if is_cross {
        return match (&interaction.impute, &spec.categorical.impute) {
            (Some(Impute::None), _) => Ok(Impute::None),
            (Some(Impute::MostFrequent), _) | (None, Impute::MostFrequent) => Ok(Impute::MostFrequent),
            (None, _) => Ok(Impute::None),
            (Some(_), _) => Err(Misfit {
                setting: "impute",
                remedy: "a cross takes \"none\" and \"most_frequent\"",
            }),
        };
    }
    let impute = interaction.impute.as_ref().unwrap_or(&spec.numeric.impute);
    match impute {
        Impute::Constant(Constant::Boolean(_) | Constant::Text(_)) => Err(Misfit {
            setting: "impute = { constant }",
            remedy: "give a number",
        }),
        impute => Ok(impute.clone()),
    }
}
