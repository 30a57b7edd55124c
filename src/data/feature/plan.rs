//! What becomes of each column, by the recipe and the schema alone: known before any row is looked at.

mod interaction;
mod settings;
mod unfitted;

use std::collections::HashSet;

use super::encode::FittedFeatures;
use super::error::FeatureError;
use super::excluded::{Excluded, role};
use super::field::{InputField, OutputFeature};
use super::spec::{
    Constant, Encode, FeatureRule, FeatureSpec, Impute, Scale, Smooth, TimePart, TransformSpec, Unknown,
};
use super::target::TargetKind;
use crate::data::cell::shortened;
use crate::data::schema::{ColumnType, Field, Schema};
use crate::data::source::timestamp;

pub(super) use interaction::{Derived, Made};
use settings::{Given, Misfit};

/// The most numbers that target encoding counts for one column: one a level and class.
const MOST_MEANS: usize = 1 << 20;

/// What becomes of the columns, in their order, and what is made of several.
pub(super) struct Planned {
    pub(super) fates: Vec<Fate>,
    pub(super) derived: Vec<Derived>,
}

/// What becomes of a column.
pub(super) enum Fate {
    /// It is neither a feature nor worth a note.
    Excluded,
    /// It is left out, for this reason.
    Dropped(&'static str),
    /// It comes in.
    Input(Plan),
}

/// How a column becomes features.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    pub(super) impute: Impute,
    /// Whether a feature says where it is missing.
    pub(super) indicator: bool,
    pub(super) how: How,
}

/// What is made of a column.
#[derive(Debug, Clone)]
pub(super) enum How {
    /// Of numbers, integers and booleans.
    Number { transform: TransformSpec, scale: Scale },
    /// Of categories.
    Levels(LevelPlan),
    /// Of timestamps.
    Time { parts: Vec<TimePart>, cyclic: bool },
    /// Nothing but what interactions make of it.
    Nothing,
}

/// How levels become numbers.
#[derive(Debug, Clone)]
pub(super) struct LevelPlan {
    pub(super) encode: Encode,
    pub(super) min_count: u32,
    pub(super) unknown: Unknown,
    pub(super) smooth: Smooth,
    /// Of an ordinal category, its levels in their order, where the recipe gives one.
    pub(super) order: Option<Vec<String>>,
}

/// The features that `spec` would make of columns like those of `schema`, every level of a category in
/// enough rows; `exclude` and `target` as in [`super::Fitter::new`].
///
/// # Errors
/// When the spec does not fit the schema; [`super::fit`] refuses the same.
pub fn check(
    spec: &FeatureSpec,
    schema: &Schema,
    exclude: &[Excluded<'_>],
    target: &TargetKind,
) -> Result<Vec<OutputFeature>, FeatureError> {
    let planned = plan(spec, schema, exclude, target)?;
    let (inputs, steps) = unfitted::features(&planned, schema, target);
    Ok(FittedFeatures::new(inputs, steps, Vec::new())?.outputs().to_vec())
}

/// What becomes of the columns of `schema`.
pub(super) fn plan(
    spec: &FeatureSpec,
    schema: &Schema,
    exclude: &[Excluded<'_>],
    target: &TargetKind,
) -> Result<Planned, FeatureError> {
    check_names(spec, schema, exclude)?;
    let derived = interaction::plan(spec, schema, exclude, target)?;
    let named: HashSet<usize> = derived
        .iter()
        .flat_map(|made| made.columns.iter().copied())
        .collect();
    let fate = |(index, field): (usize, &Field)| {
        let rule = spec.rules.iter().find(|rule| rule.columns.contains(&field.name));
        let role = role(exclude, &field.name);
        let reason = role.map_or_else(|| why_dropped(spec, rule, field), |role| Some(role.reason()));
        match (reason, rule) {
            (Some(reason), Some(_)) => Err(FeatureError::RuleForDropped {
                column: field.name.clone(),
                reason: reason.into(),
            }),
            (Some(_), None) if role.is_some() => Ok(Fate::Excluded),
            (Some(_), None) if named.contains(&index) => Ok(Fate::Input(Plan::NOTHING)),
            (Some(reason), None) => Ok(Fate::Dropped(reason)),
            (None, rule) => Ok(Fate::Input(Plan::new(spec, rule, field, target)?)),
        }
    };
    let fates = schema
        .fields()
        .iter()
        .enumerate()
        .map(fate)
        .collect::<Result<Vec<_>, _>>()?;
    if fates.iter().any(|fate| matches!(fate, Fate::Input(_))) {
        Ok(Planned { fates, derived })
    } else {
        Err(FeatureError::NoFeatures)
    }
}

fn check_names(spec: &FeatureSpec, schema: &Schema, exclude: &[Excluded<'_>]) -> Result<(), FeatureError> {
    let mut ruled = HashSet::new();
    let drop = spec.drop.iter().map(|name| ("features.drop", name.as_str()));
    let rules = spec
        .rules
        .iter()
        .flat_map(|rule| &rule.columns)
        .map(|name| ("features.rules", name.as_str()));
    let excluded = exclude
        .iter()
        .map(|excluded| (excluded.role.place(), excluded.column));
    for (place, column) in drop.chain(excluded).chain(rules) {
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

fn why_dropped(spec: &FeatureSpec, rule: Option<&FeatureRule>, field: &Field) -> Option<&'static str> {
    if spec.drop.contains(&field.name) {
        return Some("the recipe drops it");
    }
    match field.kind {
        ColumnType::Text => Some("text is not a feature; declare it as a category if it is one"),
        // Whoever writes a rule for it wants it.
        ColumnType::Timestamp if rule.is_none() && !spec.timestamp.wants_parts() => {
            Some("a point in time is not a feature, unless the recipe asks for its parts")
        }
        _ => None,
    }
}

impl Plan {
    /// The plan of a column that only interactions want.
    const NOTHING: Self = Self {
        impute: Impute::None,
        indicator: false,
        how: How::Nothing,
    };

    fn new(
        spec: &FeatureSpec,
        rule: Option<&FeatureRule>,
        field: &Field,
        target: &TargetKind,
    ) -> Result<Self, FeatureError> {
        let misfit = |Misfit { setting, remedy }| FeatureError::DoesNotFit {
            setting,
            column: field.name.clone(),
            kind: field.kind,
            remedy,
        };
        if let Some(rule) = rule {
            settings::check_keys(rule, field.kind).map_err(misfit)?;
        }
        let given = rule.map(Given::from).unwrap_or_default();
        let (impute, indicator) = match field.kind {
            ColumnType::Number | ColumnType::Integer => (&spec.numeric.impute, spec.numeric.indicator),
            ColumnType::Timestamp => (&spec.timestamp.impute, spec.timestamp.indicator),
            _ => (&spec.categorical.impute, spec.categorical.indicator),
        };
        let impute = rule.and_then(|rule| rule.impute.as_ref()).unwrap_or(impute);
        check_impute(impute, field)?;
        let how = match field.kind {
            ColumnType::Number | ColumnType::Integer => {
                let (transform, scale) = settings::number(given, &spec.numeric).map_err(misfit)?;
                settings::imputed(impute, transform).map_err(misfit)?;
                How::Number { transform, scale }
            }
            ColumnType::Boolean => How::Number {
                transform: TransformSpec::None,
                scale: Scale::None,
            },
            ColumnType::Timestamp => time(spec, rule).map_err(misfit)?,
            ColumnType::Category | ColumnType::Text => {
                let mut plan = settings::levels(given, spec, false).map_err(misfit)?;
                let levels = field.levels.as_ref().map_or(0, Vec::len);
                check_means(&plan, levels, target).map_err(misfit)?;
                plan.order = rule.and_then(|rule| rule.levels.clone());
                if let Some(order) = &plan.order {
                    check_order(order, field)?;
                }
                How::Levels(plan)
            }
        };
        Ok(Self {
            impute: impute.clone(),
            indicator: field.missing && rule.and_then(|rule| rule.indicator).unwrap_or(indicator),
            how,
        })
    }

    /// What a caller must give for the column, of which no row has been looked at yet.
    pub(super) fn input(&self, field: &Field) -> InputField {
        InputField {
            name: field.name.clone(),
            kind: field.kind,
            nullable: field.missing || self.impute != Impute::None,
            levels: self.levels(field),
            example: None,
            min: None,
            median: None,
            max: None,
        }
    }

    /// The levels that a caller may give, in byte order: those of the dataset, and of the order that the
    /// recipe gives.
    fn levels(&self, field: &Field) -> Option<Vec<String>> {
        let order = match &self.how {
            How::Levels(plan) => plan.order.as_ref(),
            _ => None,
        };
        let mut levels = order.or(field.levels.as_ref())?.clone();
        levels.sort_unstable();
        Some(levels)
    }
}

fn time(spec: &FeatureSpec, rule: Option<&FeatureRule>) -> Result<How, Misfit> {
    if rule.is_some_and(|rule| rule.encode.is_some_and(|encode| encode != Encode::Parts)) {
        return Err(Misfit {
            setting: "encode",
            remedy: "timestamps take encode = \"parts\"",
        });
    }
    let parts = rule
        .and_then(|rule| rule.parts.as_ref())
        .or(spec.timestamp.parts.as_ref());
    let parts = parts.map_or(TimePart::USUAL.as_slice(), Vec::as_slice);
    let mut named = HashSet::new();
    if parts.is_empty() || !parts.iter().all(|part| named.insert(part)) {
        return Err(Misfit {
            setting: "parts",
            remedy: "name at least one part, and each once; or drop the column",
        });
    }
    Ok(How::Time {
        parts: parts.to_vec(),
        cyclic: rule.and_then(|rule| rule.cyclic).unwrap_or(spec.timestamp.cyclic),
    })
}

fn check_impute(impute: &Impute, field: &Field) -> Result<(), FeatureError> {
    use ColumnType::{Boolean, Category, Integer, Number, Timestamp};
    let misfit = |setting, remedy| {
        Err(FeatureError::DoesNotFit {
            setting,
            column: field.name.clone(),
            kind: field.kind,
            remedy,
        })
    };
    match (impute, field.kind) {
        (Impute::Constant(Constant::Text(constant)), Category)
            if !field.levels.iter().flatten().any(|level| level == constant) =>
        {
            Err(FeatureError::NoSuchLevel {
                column: field.name.clone(),
                constant: constant.clone(),
            })
        }
        (Impute::Constant(Constant::Text(constant)), Timestamp) if timestamp(constant).is_none() => {
            Err(FeatureError::NoSuchTime {
                column: field.name.clone(),
                constant: shortened(constant),
            })
        }
        (Impute::None | Impute::MostFrequent, _)
        | (Impute::Median | Impute::Mean, Number | Integer | Timestamp)
        | (Impute::Constant(Constant::Number(_)), Number | Integer)
        | (Impute::Constant(Constant::Boolean(_)), Boolean)
        | (Impute::Constant(Constant::Text(_)), Category | Timestamp) => Ok(()),
        (Impute::Constant(_), _) => misfit("impute = { constant }", "give a constant of the column's type"),
        _ => misfit("impute", "use \"most_frequent\" or a constant"),
    }
}

/// Whether so many levels may be encoded by the target.
fn check_means(plan: &LevelPlan, levels: usize, target: &TargetKind) -> Result<(), Misfit> {
    let means = levels.saturating_mul(target.named().len().max(1));
    if plan.encode == Encode::Target && means > MOST_MEANS {
        return Err(Misfit {
            setting: "encode = \"target\"",
            remedy: "there are too many levels for so many classes; use \"frequency\" or \"native\"",
        });
    }
    Ok(())
}

fn check_order(order: &[String], field: &Field) -> Result<(), FeatureError> {
    let mut placed = HashSet::new();
    if let Some(level) = order.iter().find(|level| !placed.insert(level.as_str())) {
        return Err(FeatureError::LevelTwice {
            column: field.name.clone(),
            level: shortened(level),
        });
    }
    let mut levels = field.levels.iter().flatten();
    match levels.find(|level| !placed.contains(level.as_str())) {
        Some(level) => Err(FeatureError::LevelWithoutPlace {
            column: field.name.clone(),
            level: shortened(level),
        }),
        None => Ok(()),
    }
}
