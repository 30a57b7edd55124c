//! How a recipe says its threshold: as a number, or by the rule that finds it.

use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Validation;
use crate::engine::validate::{Costs, ThresholdRule};

/// Resamples that a recipe may ask for.
const MOST_RESAMPLES: usize = 100_000;

/// From which probability on a row is called positive.
#[derive(Debug, Clone, PartialEq)]
pub enum Threshold {
    /// From this one, in (0, 1).
    Fixed(f64),
    /// From the one that a rule finds.
    Rule(ThresholdSpec),
}

impl Threshold {
    /// The rule that finds it, if one does; the recipe has been checked.
    pub fn rule(&self) -> Option<ThresholdRule> {
        match self {
            Self::Fixed(_) => None,
            Self::Rule(spec) => spec.rule().ok(),
        }
    }
}

/// As it is written.
impl Serialize for Threshold {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Fixed(threshold) => threshold.serialize(serializer),
            Self::Rule(spec) => spec.serialize(serializer),
        }
    }
}

/// Written by hand, because what is derived loses the line of what is wrong inside of the table.
impl<'de> Deserialize<'de> for Threshold {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NumberOrRule;

        impl<'de> Visitor<'de> for NumberOrRule {
            type Value = Threshold;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number between 0 and 1, or a table with a rule, as in { rule = \"f1\" }")
            }

            fn visit_f64<E: de::Error>(self, threshold: f64) -> Result<Threshold, E> {
                Ok(Threshold::Fixed(threshold))
            }

            fn visit_i64<E: de::Error>(self, threshold: i64) -> Result<Threshold, E> {
                Ok(Threshold::Fixed(threshold as f64))
            }

            fn visit_u64<E: de::Error>(self, threshold: u64) -> Result<Threshold, E> {
                Ok(Threshold::Fixed(threshold as f64))
            }

            fn visit_map<A: de::MapAccess<'de>>(self, table: A) -> Result<Threshold, A::Error> {
                ThresholdSpec::deserialize(MapAccessDeserializer::new(table)).map(Threshold::Rule)
            }
        }

        deserializer.deserialize_any(NumberOrRule)
    }
}

/// The rule by which a threshold is found, as a recipe writes it: which keys go with which rule is checked apart.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub struct ThresholdSpec {
    /// What the best threshold is.
    pub rule: RuleName,
    /// Of f_beta: how many times as much recall counts as precision.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub beta: Option<f64>,
    /// Of precision_at_least and recall_at_least: at least how much.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<f64>,
    /// Of cost: what a negative row costs that is called positive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost_false_positive: Option<f64>,
    /// Of cost: what a positive row costs that is not called so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost_false_negative: Option<f64>,
    /// Of cost: what a positive row brings that is called positive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gain_true_positive: Option<f64>,
    /// Of cost: what a negative row brings that is not called positive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gain_true_negative: Option<f64>,
}

/// The name of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RuleName {
    /// The highest F1 score.
    F1,
    /// The highest F-beta score.
    FBeta,
    /// The highest recall + specificity − 1.
    Youden,
    /// The highest Matthews correlation.
    Mcc,
    /// The highest balanced accuracy.
    BalancedAccuracy,
    /// The lowest expected cost.
    Cost,
    /// The highest recall of those with at least a precision.
    PrecisionAtLeast,
    /// The highest precision of those with at least a recall.
    RecallAtLeast,
}

/// Inner folds that a recipe may ask for: a training of `folds` folds fits `folds` times as many models.
const MOST_INNER_FOLDS: usize = 20;

/// What is wrong with a key of the threshold.
type Mistake = (&'static str, String);

impl ThresholdSpec {
    /// The rule, for the engine.
    ///
    /// # Errors
    /// The key that is missing, out of range, or of another rule, and what is expected.
    pub fn rule(&self) -> Result<ThresholdRule, Mistake> {
        self.check_keys()?;
        Ok(match self.rule {
            RuleName::F1 => ThresholdRule::FBeta(1.0),
            RuleName::FBeta => {
                let beta = needed("beta", self.beta, "f_beta")?;
                if !(beta > 0.0 && beta <= 100.0) {
                    return Err(("beta", format!("expected a number above 0, to 100, got {beta}")));
                }
                ThresholdRule::FBeta(beta)
            }
            RuleName::Youden => ThresholdRule::Youden,
            RuleName::Mcc => ThresholdRule::Mcc,
            RuleName::BalancedAccuracy => ThresholdRule::BalancedAccuracy,
            RuleName::Cost => ThresholdRule::Cost(self.costs()?),
            RuleName::PrecisionAtLeast => {
                ThresholdRule::PrecisionAtLeast(share(needed("value", self.value, "precision_at_least")?)?)
            }
            RuleName::RecallAtLeast => {
                ThresholdRule::RecallAtLeast(share(needed("value", self.value, "recall_at_least")?)?)
            }
        })
    }

    fn costs(&self) -> Result<Costs, Mistake> {
        for (key, given) in self.keys().into_iter().filter(|(key, _)| *key != "value") {
            if let Some(given) = given
                && !(0.0..=1e12).contains(&given)
            {
                return Err((key, format!("expected a number from 0 to 1e12, got {given}")));
            }
        }
        let costs = Costs {
            false_positive: self.cost_false_positive.unwrap_or(0.0),
            false_negative: self.cost_false_negative.unwrap_or(0.0),
            true_positive: self.gain_true_positive.unwrap_or(0.0),
            true_negative: self.gain_true_negative.unwrap_or(0.0),
        };
        let of_positive = costs.false_negative + costs.true_positive;
        let of_negative = costs.false_positive + costs.true_negative;
        if of_positive > 0.0 && of_negative > 0.0 {
            return Ok(costs);
        }
        let message = "give what a wrong positive costs (cost_false_positive, or gain_true_negative) and what a missed \
                       one does (cost_false_negative, or gain_true_positive): with one of them alone, all rows or none \
                       would be called positive";
        Err(("rule", message.to_owned()))
    }

    /// That no key is given that another rule takes.
    fn check_keys(&self) -> Result<(), Mistake> {
        let taken: &[&str] = match self.rule {
            RuleName::FBeta => &["beta"],
            RuleName::PrecisionAtLeast | RuleName::RecallAtLeast => &["value"],
            RuleName::Cost => &COSTS,
            RuleName::F1 | RuleName::Youden | RuleName::Mcc | RuleName::BalancedAccuracy => &[],
        };
        let stray = self.keys().into_iter();
        let stray = stray.filter(|(key, given)| given.is_some() && !taken.contains(key));
        match stray.map(|(key, _)| key).next() {
            Some(key) => {
                let takes = if taken.is_empty() {
                    "nothing else".to_owned()
                } else {
                    taken.join(", ")
                };
                Err((key, format!("the rule {self} does not take it; it takes {takes}")))
            }
            None => Ok(()),
        }
    }

    fn keys(&self) -> [(&'static str, Option<f64>); 6] {
        [
            ("beta", self.beta),
            ("value", self.value),
            (COSTS[0], self.cost_false_positive),
            (COSTS[1], self.cost_false_negative),
            (COSTS[2], self.gain_true_positive),
            (COSTS[3], self.gain_true_negative),
        ]
    }
}

const COSTS: [&str; 4] = [
    "cost_false_positive",
    "cost_false_negative",
    "gain_true_positive",
    "gain_true_negative",
];

/// The rule as a sentence names it: `f_beta (beta 2)`.
impl fmt::Display for ThresholdSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.rule {
            RuleName::F1 => "f1",
            RuleName::FBeta => "f_beta",
            RuleName::Youden => "youden",
            RuleName::Mcc => "mcc",
            RuleName::BalancedAccuracy => "balanced_accuracy",
            RuleName::Cost => "cost",
            RuleName::PrecisionAtLeast => "precision_at_least",
            RuleName::RecallAtLeast => "recall_at_least",
        })?;
        let given: Vec<String> = self
            .keys()
            .into_iter()
            .filter_map(|(key, given)| Some(format!("{key} {}", given?)))
            .collect();
        if given.is_empty() {
            Ok(())
        } else {
            write!(f, " ({})", given.join(", "))
        }
    }
}

fn needed(key: &'static str, given: Option<f64>, rule: &str) -> Result<f64, Mistake> {
    given.ok_or_else(|| {
        (
            "rule",
            format!("the rule {rule} needs {key}, as in {{ rule = \"{rule}\", {key} = 0.9 }}"),
        )
    })
}

fn share(value: f64) -> Result<f64, Mistake> {
    if value > 0.0 && value <= 1.0 {
        Ok(value)
    } else {
        Err(("value", format!("expected a share above 0, to 1, got {value}")))
    }
}

impl Validation {
    /// The first value of those that say how is measured that is out of range: its key and what is expected.
    /// `watches`: whether early stopping watches some of the rows.
    pub(super) fn mistake_in_measuring(&self, watches: bool) -> Option<(Vec<&'static str>, String)> {
        let at = |key: &'static str, message: String| Some((vec!["validation", key], message));
        match &self.threshold {
            Threshold::Fixed(threshold) if !(*threshold > 0.0 && *threshold < 1.0) => {
                return at(
                    "threshold",
                    format!("expected a probability between 0 and 1, got {threshold}"),
                );
            }
            Threshold::Fixed(_) => {}
            Threshold::Rule(spec) => {
                if let Err((key, message)) = spec.rule() {
                    return Some((vec!["validation", "threshold", key], message));
                }
                if self.folds == 0 && !watches {
                    return at(
                        "threshold",
                        "a threshold is chosen on rows that are not learnt from and do not measure it, and there are \
                         none; set validation.folds, or algorithm.boost.early_stopping_rounds"
                            .to_owned(),
                    );
                }
            }
        }
        if self.inner_folds > 0 {
            let expected = match (self.inner_folds, self.folds, &self.threshold) {
                (2..=MOST_INNER_FOLDS, 1.., Threshold::Rule(_)) => None,
                (2..=MOST_INNER_FOLDS, 0, _) => Some("inner folds are those of a fold; set validation.folds".to_owned()),
                (2..=MOST_INNER_FOLDS, _, Threshold::Fixed(_)) => Some(
                    "inner folds choose the threshold of a fold, and the recipe gives it; let a rule find it, as in \
                     validation.threshold = { rule = \"f1\" }"
                        .to_owned(),
                ),
                (other, ..) => Some(format!("expected 2 to {MOST_INNER_FOLDS} inner folds, or 0 for none, got {other}")),
            };
            if let Some(expected) = expected {
                return at("inner_folds", expected);
            }
        }
        if !(self.confidence > 0.0 && self.confidence < 1.0) {
            return at(
                "confidence",
                format!(
                    "expected a share between 0 and 1, as in 0.95, got {}",
                    self.confidence
                ),
            );
        }
        if !(self.bootstrap == 0 || (100..=MOST_RESAMPLES).contains(&self.bootstrap)) {
            return at(
                "bootstrap",
                format!(
                    "expected 100 to {MOST_RESAMPLES} resamples, or 0 for no intervals, got {}",
                    self.bootstrap
                ),
            );
        }
        let mut seen = std::collections::BTreeSet::new();
        let twice = self.segments.iter().find(|column| !seen.insert(column.as_str()));
        twice.and_then(|column| at("segments", format!("\"{column}\" is there twice")))
    }
}
