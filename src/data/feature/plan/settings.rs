//! Whether settings go with what they are given for.

use super::super::spec::{
    CategoryDefaults, Constant, Encode, FeatureRule, FeatureSpec, Impute, Interaction, NumericDefaults,
    Scale, Smooth, TransformSpec, Unknown,
};
use super::LevelPlan;
use crate::data::schema::ColumnType;

/// A setting that does not go with what it is given for, and what to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Misfit {
    pub(super) setting: &'static str,
    pub(super) remedy: &'static str,
}

/// The settings that a rule or an interaction gives to become numbers or levels.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Given {
    transform: Option<TransformSpec>,
    scale: Option<Scale>,
    encode: Option<Encode>,
    min_count: Option<u32>,
    unknown: Option<Unknown>,
    smooth: Option<Smooth>,
    has_levels: bool,
}

impl From<&FeatureRule> for Given {
    fn from(rule: &FeatureRule) -> Self {
        Self {
            transform: rule.transform,
            scale: rule.scale,
            encode: rule.encode,
            min_count: rule.min_count,
            unknown: rule.unknown,
            smooth: rule.smooth,
            has_levels: rule.levels.is_some(),
        }
    }
}

impl From<&Interaction> for Given {
    fn from(interaction: &Interaction) -> Self {
        Self {
            transform: interaction.transform,
            scale: interaction.scale,
            encode: interaction.encode,
            min_count: interaction.min_count,
            unknown: interaction.unknown,
            smooth: interaction.smooth,
            has_levels: false,
        }
    }
}

/// The keys that columns of a type take, and what to say of another.
fn taken(kind: ColumnType) -> (&'static [&'static str], &'static str) {
    match kind {
        ColumnType::Number | ColumnType::Integer => (
            &["impute", "indicator", "transform", "scale"],
            "numbers take impute, indicator, transform and scale; declare the column as a category, or take the setting out",
        ),
        ColumnType::Boolean => (
            &["impute", "indicator"],
            "booleans take impute and indicator; declare the column as a category, or take the setting out",
        ),
        ColumnType::Category => (
            &[
                "impute",
                "indicator",
                "encode",
                "min_count",
                "unknown",
                "levels",
                "smooth",
            ],
            "categories take impute, indicator, encode, min_count, unknown, levels and smooth; take the setting out",
        ),
        ColumnType::Timestamp => (
            &["impute", "indicator", "encode", "parts", "cyclic"],
            "timestamps take impute, indicator, encode = \"parts\", parts and cyclic; take the setting out",
        ),
        ColumnType::Text => (&[], "text is not a feature; declare the column as a category"),
    }
}

/// Whether every key that the rule gives goes with columns of this type.
pub(super) fn check_keys(rule: &FeatureRule, kind: ColumnType) -> Result<(), Misfit> {
    let (keys, remedy) = taken(kind);
    match rule.given().find(|key| !keys.contains(key)) {
        Some(setting) => Err(Misfit { setting, remedy }),
        None => Ok(()),
    }
}

impl FeatureRule {
    /// The settings that the rule gives, by their keys.
    pub fn given(&self) -> impl Iterator<Item = &'static str> {
        let given = [
            ("impute", self.impute.is_some()),
            ("indicator", self.indicator.is_some()),
            ("transform", self.transform.is_some()),
            ("scale", self.scale.is_some()),
            ("encode", self.encode.is_some()),
            ("min_count", self.min_count.is_some()),
            ("unknown", self.unknown.is_some()),
            ("levels", self.levels.is_some()),
            ("smooth", self.smooth.is_some()),
            ("parts", self.parts.is_some()),
            ("cyclic", self.cyclic.is_some()),
        ];
        given
            .into_iter()
            .filter(|(_, is_given)| *is_given)
            .map(|(key, _)| key)
    }
}

/// How a number is transformed and scaled.
pub(super) fn number(given: Given, defaults: &NumericDefaults) -> Result<(TransformSpec, Scale), Misfit> {
    let transform = given.transform.unwrap_or(defaults.transform);
    let scale = given.scale.unwrap_or(defaults.scale);
    if !matches!(transform, TransformSpec::Quantile(_)) || scale == Scale::None {
        return Ok((transform, scale));
    }
    // A scale for all numbers passes over those that a rule gives a transform of this kind.
    if given.scale.is_none() && given.transform.is_some() {
        return Ok((transform, Scale::None));
    }
    Err(Misfit {
        setting: "scale",
        remedy: "what transform = \"quantile\" makes is scaled already; take one of the two out",
    })
}

/// Whether what stands for missing numbers can be transformed.
pub(super) fn imputed(impute: &Impute, transform: TransformSpec) -> Result<(), Misfit> {
    match impute {
        Impute::Constant(Constant::Number(number)) if transform == TransformSpec::Log && *number <= -1.0 => {
            Err(Misfit {
                setting: "impute = { constant }",
                remedy: "transform = \"log\" takes numbers above -1",
            })
        }
        _ => Ok(()),
    }
}

/// How levels become numbers; `is_cross` of levels that are combined from several columns.
pub(super) fn levels(given: Given, spec: &FeatureSpec, is_cross: bool) -> Result<LevelPlan, Misfit> {
    let defaults: &CategoryDefaults = &spec.categorical;
    let encode = given.encode.unwrap_or(defaults.encode);
    let misfit = |setting, remedy| Err(Misfit { setting, remedy });
    if encode == Encode::Parts {
        return misfit(
            "encode",
            "categories take native, onehot, ordinal, target or frequency",
        );
    }
    if encode == Encode::Ordinal && is_cross {
        return misfit(
            "encode",
            "a cross has no order; use native, onehot, target or frequency",
        );
    }
    let has_slots = matches!(encode, Encode::Native | Encode::OneHot);
    if given.min_count.is_some() && !has_slots {
        return misfit("min_count", "it goes with encode = \"native\" and \"onehot\"");
    }
    if given.has_levels && encode != Encode::Ordinal {
        return misfit("levels", "it goes with encode = \"ordinal\"");
    }
    if given.smooth.is_some() && encode != Encode::Target {
        return misfit("smooth", "it goes with encode = \"target\"");
    }
    let (min_count, unknown) = match encode {
        // Most combinations of levels may be in no row at all.
        Encode::Native if is_cross => (1, Unknown::Other),
        Encode::Native => (0, Unknown::Error),
        Encode::OneHot => (1, Unknown::Other),
        Encode::Ordinal => (0, Unknown::Error),
        Encode::Target | Encode::Frequency | Encode::Parts => (0, Unknown::Other),
    };
    Ok(LevelPlan {
        encode,
        min_count: given.min_count.or(defaults.min_count).unwrap_or(min_count),
        unknown: given.unknown.or(defaults.unknown).unwrap_or(unknown),
        smooth: given.smooth.unwrap_or(defaults.smooth),
        order: None,
    })
}
