//! In what two versions differ, be they of one model or of two.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use serde_json::Value;

use super::{Registry, RegistryError, VersionInfo, VersionRef};
use crate::base::Name;
use crate::data::feature::InputField;
use crate::engine::metric::known::{Better, better};

/// In what two versions differ.
#[derive(Debug, Clone)]
pub struct Comparison {
    /// The one.
    pub from: VersionInfo,
    /// The other.
    pub to: VersionInfo,
    /// Their quality on the hold-out, by metric; also what is equal.
    pub metrics: Vec<MetricPair>,
    /// Whether both are of the same version of a dataset.
    pub same_dataset: bool,
    /// Whether both were measured on the same rows of it, which were split in the same way: on others, the metrics say
    /// little of the versions, and one may have learnt from what the other is measured on.
    pub same_holdout: bool,
    /// The keys of their recipes that differ, by path; words for people are left out.
    pub parameters: Vec<Pair<Value>>,
    /// What only the other takes in.
    pub added: Vec<InputField>,
    /// What only the one takes in.
    pub removed: Vec<InputField>,
    /// What both take in, and not in the same way.
    pub changed: Vec<InputChange>,
}

/// A value of both versions; none where one has no such value.
#[derive(Debug, Clone, PartialEq)]
pub struct Pair<T> {
    /// Of what.
    pub name: String,
    /// The one's.
    pub from: Option<T>,
    /// The other's.
    pub to: Option<T>,
}

/// A metric of both versions.
#[derive(Debug, Clone, PartialEq)]
pub struct MetricPair {
    /// The metric and its two values.
    pub pair: Pair<f64>,
    /// The other's minus the one's.
    pub difference: Option<f64>,
    /// Whether the other is better; none when they are equal, or it is not known which way is better.
    pub is_better: Option<bool>,
}

/// An input that both take, and not in the same way.
#[derive(Debug, Clone)]
pub struct InputChange {
    /// Its name.
    pub name: String,
    /// Its type, when that is another.
    pub kind: Option<(String, String)>,
    /// Whether it may be missing, when that is another.
    pub nullable: Option<(bool, bool)>,
    /// Levels that only the other knows.
    pub levels_added: Vec<String>,
    /// Levels that only the one knows.
    pub levels_removed: Vec<String>,
}

/// The keys of a recipe that say which rows are held out, and what is known of them.
const SPLIT_BY: [&str; 7] = [
    "data.target",
    "data.positive",
    "data.quantile",
    "validation.holdout",
    "validation.seed",
    "validation.group",
    "validation.time",
];

impl Registry {
    /// In what the version `to` differs from the version `from`.
    ///
    /// # Errors
    /// No such model or version, a bundle cannot be read, or the store's.
    pub async fn compare(
        &self,
        from: (&Name, VersionRef),
        to: (&Name, VersionRef),
    ) -> Result<Comparison, RegistryError> {
        let from = self.version(from.0, from.1).await?;
        let to = self.version(to.0, to.1).await?;
        let (one, other) = (self.described(&from).await?, self.described(&to).await?);
        let (inputs, others) = (&one.schema.inputs, &other.schema.inputs);
        let dataset = |version: &VersionInfo| version.dataset.as_ref().map(|dataset| dataset.version);
        let same_dataset = dataset(&from).is_some() && dataset(&from) == dataset(&to);
        let parameters = parameters(&one.recipe, &other.recipe);
        Ok(Comparison {
            metrics: metrics(&from.metrics, &to.metrics),
            same_dataset,
            same_holdout: same_dataset
                && !parameters
                    .iter()
                    .any(|pair| SPLIT_BY.contains(&pair.name.as_str())),
            parameters,
            added: only_in(others, inputs),
            removed: only_in(inputs, others),
            changed: inputs
                .iter()
                .filter_map(|input| {
                    let other = others.iter().find(|other| other.name == input.name)?;
                    change(input, other)
                })
                .collect(),
            from,
            to,
        })
    }
}

fn metrics(from: &BTreeMap<String, f64>, to: &BTreeMap<String, f64>) -> Vec<MetricPair> {
    let names: BTreeSet<&String> = from.keys().chain(to.keys()).collect();
    let pair = |name: &String| {
        let (from, to) = (from.get(name).copied(), to.get(name).copied());
        let difference = from.zip(to).map(|(from, to)| to - from);
        let is_other = difference.is_some_and(|difference| difference != 0.0);
        let both = from.zip(to).filter(|_| is_other);
        MetricPair {
            is_better: both.and_then(|(from, to)| is_better(name, to, from)),
            difference,
            pair: Pair {
                name: name.clone(),
                from,
                to,
            },
        }
    };
    names.into_iter().map(pair).collect()
}

/// Whether `value` of a metric is better than `other`; none when it is not known which way is better.
fn is_better(metric: &str, value: f64, other: f64) -> Option<bool> {
    match better(metric)? {
        Better::Higher => Some(value > other),
        Better::Lower => Some(value < other),
    }
}

/// Keys of a recipe that are words, or name what is told apart: which rows, and which way they came.
const WORDS: [&str; 6] = [
    "title",
    "description",
    "name",
    "data.file",
    "data.dataset",
    "data.version",
];

fn parameters(from: &str, to: &str) -> Vec<Pair<Value>> {
    let leaves = |recipe: &str| {
        let mut leaves = BTreeMap::new();
        // A recipe that cannot be read has no parameters to tell.
        let recipe: Value = serde_json::from_str(recipe).unwrap_or_default();
        flatten("", &recipe, &mut leaves);
        leaves.retain(|name, value| !WORDS.contains(&name.as_str()) && !value.is_null());
        leaves
    };
    let (from, to) = (leaves(from), leaves(to));
    let names: BTreeSet<&String> = from.keys().chain(to.keys()).collect();
    let differ = names.into_iter().filter(|name| from.get(*name) != to.get(*name));
    let pair = |name: &String| Pair {
        name: name.clone(),
        from: from.get(name).cloned(),
        to: to.get(name).cloned(),
    };
    differ.map(pair).collect()
}

/// The values at the ends of a tree by their paths, `algorithm.boost.max_depth`; a list is one value.
fn flatten(path: &str, value: &Value, leaves: &mut BTreeMap<String, Value>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                let path = match path {
                    "" => name.clone(),
                    path => format!("{path}.{name}"),
                };
                flatten(&path, value, leaves);
            }
        }
        value => drop(leaves.insert(path.to_owned(), value.clone())),
    }
}

fn only_in(these: &[InputField], those: &[InputField]) -> Vec<InputField> {
    let is_there = |input: &InputField| those.iter().any(|other| other.name == input.name);
    these.iter().filter(|input| !is_there(input)).cloned().collect()
}

fn change(from: &InputField, to: &InputField) -> Option<InputChange> {
    let levels = |input: &InputField| input.levels.clone().unwrap_or_default();
    let (before, after) = (levels(from), levels(to));
    let only = |these: &[String], those: &[String]| -> Vec<String> {
        let those: HashSet<&String> = those.iter().collect();
        let alone = these.iter().filter(|level| !those.contains(level));
        alone.cloned().collect()
    };
    let change = InputChange {
        name: from.name.clone(),
        kind: (from.kind != to.kind).then(|| (from.kind.to_string(), to.kind.to_string())),
        nullable: (from.nullable != to.nullable).then_some((from.nullable, to.nullable)),
        levels_added: only(&after, &before),
        levels_removed: only(&before, &after),
    };
    let is_same = change.kind.is_none()
        && change.nullable.is_none()
        && change.levels_added.is_empty()
        && change.levels_removed.is_empty();
    (!is_same).then_some(change)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn metrics_stand_side_by_side_and_say_which_way_is_better() {
        let of = |values: &[(&str, f64)]| {
            values
                .iter()
                .map(|(name, value)| ((*name).to_owned(), *value))
                .collect()
        };
        let pairs = metrics(
            &of(&[("roc_auc", 0.5), ("log_loss", 0.5), ("mae", 1.0), ("odd", 1.0)]),
            &of(&[
                ("roc_auc", 0.75),
                ("log_loss", 0.75),
                ("odd", 2.0),
                ("recall", 1.0),
            ]),
        );
        let told: Vec<_> = pairs
            .iter()
            .map(|metric| (metric.pair.name.as_str(), metric.difference, metric.is_better))
            .collect();
        assert_eq!(
            told,
            [
                ("log_loss", Some(0.25), Some(false)),
                ("mae", None, None),
                ("odd", Some(1.0), None),
                ("recall", None, None),
                ("roc_auc", Some(0.25), Some(true)),
            ]
        );
    }

    #[test]
    fn parameters_that_differ_are_told_by_their_paths() {
        let from = json!({"title": "a", "algorithm": {"boost": {"max_depth": 3, "eta": 0.1}}, "drop": ["x"]});
        let to = json!({"title": "b", "algorithm": {"boost": {"max_depth": 6, "eta": 0.1}}, "seed": 7, "drop": ["x"]});
        let pair = |name: &str, from: Value, to: Value| Pair {
            name: name.to_owned(),
            from: Some(from).filter(|value| !value.is_null()),
            to: Some(to).filter(|value| !value.is_null()),
        };
        assert_eq!(
            parameters(&from.to_string(), &to.to_string()),
            [
                pair("algorithm.boost.max_depth", json!(3), json!(6)),
                pair("seed", Value::Null, json!(7)),
            ]
        );
    }

    fn input(field: Value) -> InputField {
        serde_json::from_value(field).unwrap()
    }

    #[test]
    fn an_input_that_is_taken_in_another_way_is_told() {
        let plan = |nullable, levels: &[&str]| {
            input(json!({"name": "plan", "kind": "category", "nullable": nullable, "levels": levels}))
        };
        assert!(change(&plan(true, &["a", "b"]), &plan(true, &["b", "a"])).is_none());
        let other = change(&plan(true, &["a", "b"]), &plan(false, &["b", "c"])).unwrap();
        assert_eq!(other.nullable, Some((true, false)));
        assert_eq!(
            (other.levels_added, other.levels_removed),
            (vec!["c".to_owned()], vec!["a".to_owned()])
        );
        let age = input(json!({"name": "age", "kind": "integer", "nullable": true}));
        let old = input(json!({"name": "age", "kind": "number", "nullable": true}));
        let kind = change(&age, &old).unwrap().kind;
        assert_eq!(kind, Some(("integer".to_owned(), "number".to_owned())));
        assert_eq!(only_in(&[age.clone(), plan(true, &["a"])], &[old]).len(), 1);
    }
}
