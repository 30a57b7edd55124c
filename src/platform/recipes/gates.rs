//! Gates: what a version must be to be registered, and to be put into production.
//!
//! ```toml
//! [gates]
//! roc_auc = ">= 0.8"
//! beats = "baseline"
//! size = "<= 20 MB"
//!
//! [gates.promotion]
//! beats = "production"
//! latency = "<= 1 ms"
//! ```

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use serde::de::{self, Deserializer, MapAccess, Visitor};
use serde::{Deserialize, Serialize};

use super::locate::keys;
use super::{RecipeError, WrittenRecipe};
use crate::engine::metric::known::{better, names_of};
use crate::engine::task::Task;
use crate::engine::validate::ThresholdRule;

/// What a version must be, by name of the gate, as the recipe writes it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Gates {
    /// Before it is registered.
    #[serde(flatten)]
    registration: BTreeMap<String, String>,
    /// Before it is put into production.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    promotion: BTreeMap<String, String>,
}

/// What a gate decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decides {
    /// Whether a version is registered at all.
    Registration,
    /// Whether it may go into production.
    Promotion,
}

/// One condition.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Gate {
    /// A metric on the hold-out.
    Metric {
        /// Whether it must be at least, above, at most or below the bound.
        relation: Relation,
        /// The bound.
        bound: f64,
    },
    /// Better than another model on the same held-out rows.
    Beats(Rival),
    /// The time that one row takes, without the network.
    Latency(Duration),
    /// The bytes of the sealed bundle.
    Size(u64),
}

/// How a metric must lie to a bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    /// `>=`
    AtLeast,
    /// `>`
    Above,
    /// `<=`
    AtMost,
    /// `<`
    Below,
}

/// Whom a version must beat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rival {
    /// Who knows the share of each class, or the mean, and nothing else.
    Baseline,
    /// The version in production, if there is one.
    Production,
}

impl Decides {
    /// How it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Registration => "registration",
            Self::Promotion => "promotion",
        }
    }
}

impl Relation {
    /// Whether `value` lies so.
    pub fn holds(self, value: f64, bound: f64) -> bool {
        match self {
            Self::AtLeast => value >= bound,
            Self::Above => value > bound,
            Self::AtMost => value <= bound,
            Self::Below => value < bound,
        }
    }
}

impl Gates {
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.registration.is_empty() && self.promotion.is_empty()
    }

    /// The gates with their names and how they are written; what decides on registration comes first.
    fn written(&self) -> impl Iterator<Item = (Decides, &str, &str)> {
        let registration = self.registration.iter().map(|gate| (Decides::Registration, gate));
        let promotion = self.promotion.iter().map(|gate| (Decides::Promotion, gate));
        let gates = registration.chain(promotion);
        gates.map(|(decides, (name, text))| (decides, name.as_str(), text.as_str()))
    }

    /// The gates, each with its name and how it is written; what decides on registration comes first.
    pub fn all(&self) -> impl Iterator<Item = (Decides, &str, &str, Gate)> {
        self.written()
            .filter_map(|(decides, name, text)| Some((decides, name, text, parse(name, text).ok()?)))
    }

    /// The first gate that is none: the way to it and what is wrong.
    pub(super) fn mistake(&self) -> Option<(Vec<&str>, String)> {
        self.written().find_map(|(decides, name, text)| {
            let wrong = match parse(name, text) {
                Err(expected) => format!("expected {expected}, got \"{text}\""),
                Ok(Gate::Metric { .. }) if better(name).is_none() => {
                    format!(
                        "there is no gate or metric called {name}; gates are metrics, beats, latency and size"
                    )
                }
                Ok(_) => return None,
            };
            Some((path(decides, name), wrong))
        })
    }
}

fn path(decides: Decides, name: &str) -> Vec<&str> {
    match decides {
        Decides::Registration => vec!["gates", name],
        Decides::Promotion => vec!["gates", "promotion", name],
    }
}

/// The condition that `text` writes for the gate called `name`.
///
/// # Errors
/// What is expected instead.
pub fn parse(name: &str, text: &str) -> Result<Gate, &'static str> {
    const TIME: &str = "a time at most, such as \"<= 1 ms\"";
    const SIZE: &str = "a size at most, such as \"<= 20 MB\"";
    match name {
        "beats" => match text {
            "baseline" => Ok(Gate::Beats(Rival::Baseline)),
            "production" => Ok(Gate::Beats(Rival::Production)),
            _ => Err("\"baseline\" or \"production\""),
        },
        "latency" => {
            let time = text.trim().strip_prefix("<=").ok_or(TIME)?;
            micros(time).map(Gate::Latency).ok_or(TIME)
        }
        "size" => {
            let size = text.trim().strip_prefix("<=").ok_or(SIZE)?;
            bytes(size).map(Gate::Size).ok_or(SIZE)
        }
        _ => {
            const BOUND: &str = "a bound, such as \">= 0.8\" or \"<= 0.1\"";
            let text = text.trim();
            let signs = [
                (">=", Relation::AtLeast),
                ("<=", Relation::AtMost),
                (">", Relation::Above),
                ("<", Relation::Below),
            ];
            let found = signs
                .into_iter()
                .find_map(|(sign, relation)| Some((relation, text.strip_prefix(sign)?)));
            let (relation, bound) = found.ok_or(BOUND)?;
            match bound.trim().parse::<f64>() {
                Ok(bound) if bound.is_finite() => Ok(Gate::Metric { relation, bound }),
                _ => Err(BOUND),
            }
        }
    }
}

/// A time such as `500 us`, `1.5 ms` or `2 s`.
fn micros(text: &str) -> Option<Duration> {
    let text = text.trim();
    let units = [("us", 1e-6), ("µs", 1e-6), ("ms", 1e-3), ("s", 1.0)];
    let (number, unit) = units
        .iter()
        .find_map(|(unit, seconds)| Some((text.strip_suffix(unit)?, seconds)))?;
    let number: f64 = number.trim().parse().ok()?;
    Duration::try_from_secs_f64(number * unit)
        .ok()
        .filter(|time| !time.is_zero())
}

/// A size such as `300 KB`, `20 MB` or `1.5 GiB`.
fn bytes(text: &str) -> Option<u64> {
    let text = text.trim();
    let units = [
        ("KiB", 1024.0),
        ("MiB", 1024.0 * 1024.0),
        ("GiB", 1024.0 * 1024.0 * 1024.0),
        ("KB", 1e3),
        ("kB", 1e3),
        ("MB", 1e6),
        ("GB", 1e9),
        ("B", 1.0),
    ];
    let (number, unit) = units
        .iter()
        .find_map(|(unit, bytes)| Some((text.strip_suffix(unit)?, bytes)))?;
    let number: f64 = number.trim().parse().ok()?;
    let bytes = number * unit;
    (1.0..1e15).contains(&bytes).then_some(bytes as u64)
}

/// Written by hand: a key is a gate, but for `promotion`, which is a table of them.
impl<'de> Deserialize<'de> for Gates {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Table;

        impl<'de> Visitor<'de> for Table {
            type Value = Gates;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a table")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut table: A) -> Result<Gates, A::Error> {
                let mut gates = Gates::default();
                while let Some(name) = table.next_key::<String>()? {
                    if name == "promotion" {
                        gates.promotion = table.next_value()?;
                    } else if gates.registration.insert(name, table.next_value()?).is_some() {
                        return Err(de::Error::custom("a gate is given twice"));
                    }
                }
                Ok(gates)
            }
        }

        deserializer.deserialize_map(Table)
    }
}

impl WrittenRecipe {
    /// Checks that the metrics that gates name are those of the task.
    ///
    /// # Errors
    /// The first metric that the task does not have.
    pub(super) fn check_gates(&self, task: &Task) -> Result<(), RecipeError> {
        let has_costs = matches!(
            self.recipe().validation.threshold.rule(),
            Some(ThresholdRule::Cost(_))
        );
        let known = names_of(task);
        if has_costs {
            return self.check_gates_of(task.name(), &[known, &["expected_cost"]].concat());
        }
        self.check_gates_of(task.name(), known)
    }

    /// Checks that the metrics that gates name are among `known`.
    ///
    /// # Errors
    /// The first that is not.
    pub(super) fn check_gates_of(&self, task: &str, known: &[&str]) -> Result<(), RecipeError> {
        let is_known = |name: &str| known.contains(&name);
        let mut all = self.recipe().gates.all();
        let stray = all.find(|(_, name, _, gate)| matches!(gate, Gate::Metric { .. }) && !is_known(name));
        stray.map_or(Ok(()), |(decides, name, _, _)| {
            let path = path(decides, name);
            let message = format!(
                "{}: a {task} task has no metric of this name; there are {}, and beats, latency and size",
                path.join("."),
                known.join(", ")
            );
            Err(self.mistake(&keys(&path), message))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gate_is_read_as_people_write_it() {
        let metric = |relation, bound| Ok(Gate::Metric { relation, bound });
        for (name, text, gate) in [
            ("roc_auc", ">= 0.8", metric(Relation::AtLeast, 0.8)),
            ("rmse", "<1e3", metric(Relation::Below, 1000.0)),
            ("beats", "production", Ok(Gate::Beats(Rival::Production))),
            (
                "latency",
                "<= 1.5 ms",
                Ok(Gate::Latency(Duration::from_micros(1500))),
            ),
            (
                "latency",
                "<=200us",
                Ok(Gate::Latency(Duration::from_micros(200))),
            ),
            ("size", "<= 20 MB", Ok(Gate::Size(20_000_000))),
            ("size", "<= 1.5 KiB", Ok(Gate::Size(1536))),
        ] {
            assert_eq!(parse(name, text), gate, "{name} {text}");
        }
        for (name, text) in [
            ("roc_auc", "0.8"),
            ("roc_auc", ">= high"),
            ("roc_auc", ">= nan"),
            ("beats", "everyone"),
            ("latency", ">= 1 ms"),
            ("latency", "<= 1"),
            ("latency", "<= -1 s"),
            ("size", "<= 20 parsecs"),
            ("size", "<= 0 B"),
        ] {
            assert!(parse(name, text).is_err(), "{name} {text}");
        }
    }

    #[test]
    fn gates_read_back_from_what_they_write() {
        let gates: Gates =
            toml::from_str("roc_auc = \">= 0.8\"\nsize = \"<= 1 MB\"\n[promotion]\nbeats = \"production\"\n")
                .unwrap();
        let all: Vec<_> = gates.written().collect();
        assert_eq!(
            all,
            [
                (Decides::Registration, "roc_auc", ">= 0.8"),
                (Decides::Registration, "size", "<= 1 MB"),
                (Decides::Promotion, "beats", "production"),
            ]
        );
        let json = serde_json::to_string(&gates).unwrap();
        assert_eq!(serde_json::from_str::<Gates>(&json).unwrap(), gates);
        assert_eq!(gates.mistake(), None);
        let none: Gates = toml::from_str("speed = \">= 3\"").unwrap();
        let (path, told) = none.mistake().unwrap();
        assert!(path == ["gates", "speed"] && told.contains("no gate or metric called speed"));
        let wrong: Gates = toml::from_str("[promotion]\nlatency = \"fast\"").unwrap();
        let (path, told) = wrong.mistake().unwrap();
        assert_eq!(path, ["gates", "promotion", "latency"]);
        assert!(
            told.contains("\"<= 1 ms\"") && told.contains("\"fast\""),
            "{told}"
        );
    }
}
