//! What becomes of each column, by the recipe and the schema alone: known before any row is looked at.

use std::collections::HashSet;

use super::category::CategoryEncoder;
use super::encode::FittedFeatures;
use super::encoder::{Encoder, NumberEncoder};
use super::error::FeatureError;
use super::field::{InputField, OutputFeature};
use super::spec::{Constant, Encode, FeatureRule, FeatureSpec, Impute, Scale, Unknown};
use crate::data::schema::{ColumnType, Field, Schema};

/// What becomes of a column.
pub(super) enum Fate<'a> {
    /// It is neither a feature nor worth a note.
    Excluded,
    /// It is left out, for this reason.
    Dropped(&'static str),
    /// It becomes a feature.
    Feature(Plan<'a>),
}

/// The features that `spec` would make of columns like those of `schema`, every level of a category in
/// enough rows; `exclude` as in [`super::fit`].
///
/// # Errors
/// When the spec does not fit the schema; [`super::fit`] refuses the same.
pub fn check(
    spec: &FeatureSpec,
    schema: &Schema,
    exclude: &[&str],
) -> Result<Vec<OutputFeature>, FeatureError> {
    let fates = plan(spec, schema, exclude)?;
    let features = schema
        .fields()
        .iter()
        .zip(&fates)
        .filter_map(|(field, fate)| match fate {
            Fate::Feature(plan) => {
                let levels = field.levels.clone();
                let input = InputField {
                    levels,
                    ..plan.input(field)
                };
                Some((input, plan.unfitted(field)))
            }
            Fate::Excluded | Fate::Dropped(_) => None,
        });
    let (inputs, encoders) = features.unzip();
    Ok(FittedFeatures::new(inputs, encoders, Vec::new())?
        .outputs()
        .to_vec())
}

/// What becomes of each column of `schema`, in their order.
pub(super) fn plan<'a>(
    spec: &'a FeatureSpec,
    schema: &Schema,
    exclude: &[&str],
) -> Result<Vec<Fate<'a>>, FeatureError> {
    check_names(spec, schema, exclude)?;
    let fate = |field: &Field| {
        let rule = spec.rules.iter().find(|rule| rule.columns.contains(&field.name));
        let is_excluded = exclude.contains(&field.name.as_str());
        let reason = if is_excluded {
            Some("it is the target")
        } else {
            why_dropped(spec, field)
        };
        match (reason, rule) {
            (Some(reason), Some(_)) => Err(FeatureError::RuleForDropped {
                column: field.name.clone(),
                reason: reason.into(),
            }),
            (Some(_), None) if is_excluded => Ok(Fate::Excluded),
            (Some(reason), None) => Ok(Fate::Dropped(reason)),
            (None, rule) => Ok(Fate::Feature(Plan::new(spec, rule, field)?)),
        }
    };
    let fates = schema.fields().iter().map(fate).collect::<Result<Vec<_>, _>>()?;
    if fates.iter().any(|fate| matches!(fate, Fate::Feature(_))) {
        Ok(fates)
    } else {
        Err(FeatureError::NoFeatures)
    }
}

fn check_names(spec: &FeatureSpec, schema: &Schema, exclude: &[&str]) -> Result<(), FeatureError> {
    let mut ruled = HashSet::new();
    let drop = spec.drop.iter().map(|name| ("features.drop", name.as_str()));
    let rules = spec
        .rules
        .iter()
        .flat_map(|rule| &rule.columns)
        .map(|name| ("features.rules", name.as_str()));
    let target = exclude.iter().map(|&name| ("the target", name));
    for (place, column) in drop.chain(target).chain(rules) {
        if schema.index_of(column).is_none() {
            return Err(FeatureError::NoSuchColumn {
                place,
                column: column.to_owned(),
            });
        }
        if place == "features.rules" && !ruled.insert(column) {
            return Err(FeatureError::TwoRules(column.to_owned()));
        }
    }
    Ok(())
}

fn why_dropped(spec: &FeatureSpec, field: &Field) -> Option<&'static str> {
    if spec.drop.contains(&field.name) {
        return Some("the recipe drops it");
    }
    match field.kind {
        ColumnType::Text => Some("text is not a feature; declare it as a category if it is one"),
        ColumnType::Timestamp => Some("a point in time is not a feature"),
        _ => None,
    }
}

/// What holds for one column: its rule, then the defaults, checked against its type.
pub(super) struct Plan<'a> {
    pub(super) impute: &'a Impute,
    pub(super) scale: Scale,
    pub(super) encode: Encode,
    pub(super) min_count: u32,
    pub(super) unknown: Unknown,
}

impl<'a> Plan<'a> {
    fn new(
        spec: &'a FeatureSpec,
        rule: Option<&'a FeatureRule>,
        field: &Field,
    ) -> Result<Self, FeatureError> {
        let is_category = field.kind == ColumnType::Category;
        let is_numeric = matches!(field.kind, ColumnType::Number | ColumnType::Integer);
        let misfit = |setting, remedy| {
            Err(FeatureError::DoesNotFit {
                setting,
                column: field.name.clone(),
                kind: field.kind,
                remedy,
            })
        };
        if let Some(rule) = rule {
            let for_categories = "declare the column as a category, or take the setting out";
            match rule {
                FeatureRule { scale: Some(_), .. } if !is_numeric => {
                    return misfit("scale", "only numbers are scaled; take the setting out");
                }
                FeatureRule { encode: Some(_), .. } if !is_category => {
                    return misfit("encode", for_categories);
                }
                FeatureRule {
                    min_count: Some(_), ..
                } if !is_category => {
                    return misfit("min_count", for_categories);
                }
                FeatureRule { unknown: Some(_), .. } if !is_category => {
                    return misfit("unknown", for_categories);
                }
                _ => {}
            }
        }
        let categorical = &spec.categorical;
        let default = if is_numeric {
            &spec.numeric.impute
        } else {
            &categorical.impute
        };
        let impute = rule.and_then(|rule| rule.impute.as_ref()).unwrap_or(default);
        match (impute, field.kind) {
            (Impute::Constant(Constant::Text(constant)), ColumnType::Category)
                if !field.levels.iter().flatten().any(|level| level == constant) =>
            {
                return Err(FeatureError::NoSuchLevel {
                    column: field.name.clone(),
                    constant: constant.clone(),
                });
            }
            (Impute::None | Impute::MostFrequent, _)
            | (Impute::Median | Impute::Mean, ColumnType::Number | ColumnType::Integer)
            | (Impute::Constant(Constant::Number(_)), ColumnType::Number | ColumnType::Integer)
            | (Impute::Constant(Constant::Boolean(_)), ColumnType::Boolean)
            | (Impute::Constant(Constant::Text(_)), ColumnType::Category) => {}
            (Impute::Constant(_), _) => {
                return misfit("impute = { constant }", "give a constant of the column's type");
            }
            _ => return misfit("impute", "use \"most_frequent\" or a constant"),
        }
        let encode = rule.and_then(|rule| rule.encode).unwrap_or(categorical.encode);
        let (min_count, unknown) = match encode {
            Encode::Native => (0, Unknown::Error),
            Encode::OneHot => (1, Unknown::Other),
        };
        Ok(Self {
            impute,
            scale: match rule.and_then(|rule| rule.scale) {
                Some(scale) => scale,
                None if is_numeric => spec.numeric.scale,
                None => Scale::None,
            },
            encode,
            min_count: rule
                .and_then(|rule| rule.min_count)
                .or(categorical.min_count)
                .unwrap_or(min_count),
            unknown: rule
                .and_then(|rule| rule.unknown)
                .or(categorical.unknown)
                .unwrap_or(unknown),
        })
    }

    /// What a caller must give for the column, of which no row has been looked at yet.
    pub(super) fn input(&self, field: &Field) -> InputField {
        InputField {
            name: field.name.clone(),
            kind: field.kind,
            nullable: field.missing || *self.impute != Impute::None,
            levels: None,
            example: None,
            min: None,
            median: None,
            max: None,
        }
    }

    /// What the column would be encoded with if every level were in enough rows.
    fn unfitted(&self, field: &Field) -> Encoder {
        match &field.levels {
            None => Encoder::Number(NumberEncoder {
                impute: None,
                scaling: None,
            }),
            Some(levels) => {
                // Whether rare levels are joined is known only with the rows: the slot for them may be there.
                let unknown = if self.min_count > 0 {
                    Unknown::Other
                } else {
                    self.unknown
                };
                let counts = vec![u64::MAX; levels.len()];
                Encoder::Category(CategoryEncoder::fit(
                    self.encode,
                    &counts,
                    self.min_count,
                    unknown,
                ))
            }
        }
    }
}
