//! Which runs are wanted, in a line of text: `metrics.roc_auc > 0.8 and params.max_depth = 6`.
//!
//! A small part of what MLflow's search takes, in the same words: conditions joined with `and`, each a key, an
//! operator and a value. A run that does not have the key does not meet the condition, whatever the operator.

pub(super) mod read;

use std::cmp::Ordering;
use std::str::FromStr;

use super::{RunStatus, TrackingError};
use crate::store::tables::run_metrics;
use crate::store::tables::runs::{self, RunRow};
use crate::store::{NameHash, Tx};

use read::Reader;

/// The most conditions of a filter.
const MAX_CONDITIONS: usize = 32;

/// What is wrong with a filter.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "at character {place}: {message}. A filter is conditions joined with and, such as \
     metrics.roc_auc > 0.8 and params.max_depth = 6 and tags.team = 'risk' and status = FINISHED"
)]
pub struct BadFilter {
    /// The character, from 1.
    pub place: usize,
    /// What is expected.
    pub message: String,
}

/// Which runs are wanted; the default wants all.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Filter(Vec<Condition>);

/// One thing that is asked of a run.
#[derive(Debug, Clone, PartialEq)]
struct Condition {
    key: RunKey,
    operator: Operator,
    value: Value,
}

/// Something of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum RunKey {
    /// FINISHED and others.
    Status,
    /// The model that it trains.
    Model,
    /// Its name.
    Name,
    /// When it began.
    CreatedAt,
    /// When it ended.
    EndedAt,
    /// The latest value of a metric.
    Metric(String),
    /// A parameter.
    Param(String),
    /// A tag.
    Tag(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    Equal,
    Unequal,
    Less,
    AtMost,
    Greater,
    AtLeast,
}

/// What a key is compared with.
#[derive(Debug, Clone, PartialEq)]
struct Value {
    text: String,
    /// The number that the text is, if it is one.
    number: Option<f64>,
}

/// What a run has under a key.
pub(super) enum Had {
    Text(String),
    Number(f64),
}

impl RunKey {
    /// The key that is called `text`.
    fn parse(text: &str) -> Option<Self> {
        Some(match text.split_once('.') {
            None => match text {
                "status" => Self::Status,
                "model" => Self::Model,
                "name" => Self::Name,
                "created_at" => Self::CreatedAt,
                "ended_at" => Self::EndedAt,
                _ => return None,
            },
            Some((_, "")) => return None,
            Some(("metrics" | "metric", name)) => Self::Metric(name.to_owned()),
            Some(("params" | "parameters", name)) => Self::Param(name.to_owned()),
            Some(("tags" | "tag", name)) => Self::Tag(name.to_owned()),
            Some(_) => return None,
        })
    }

    /// Under which hash it is kept, where it is.
    pub(super) fn hash(&self, tx: &impl Tx) -> Option<NameHash> {
        match self {
            Self::Metric(name) => Some(tx.name_hash("metric", name)),
            Self::Param(name) => Some(tx.name_hash("param", name)),
            Self::Tag(name) => Some(tx.name_hash("tag", name)),
            _ => None,
        }
    }

    /// What the run in `row` has under this key, which is kept under `hash`.
    pub(super) fn of(
        &self,
        tx: &impl Tx,
        row: &RunRow,
        hash: Option<NameHash>,
    ) -> Result<Option<Had>, TrackingError> {
        let time = |time: crate::base::Time| Had::Number(time.as_millis() as f64);
        Ok(match (self, hash) {
            (Self::Status, _) => Some(Had::Text(row.status.clone())),
            (Self::Model, _) => row.model_name.clone().map(Had::Text),
            (Self::Name, _) => Some(Had::Text(row.name.clone())),
            (Self::CreatedAt, _) => Some(time(row.start_time)),
            (Self::EndedAt, _) => row.end_time.map(time),
            (Self::Metric(_), Some(hash)) => {
                let metric = run_metrics::find(tx, row.id, hash)?;
                metric.map(|metric| Had::Number(metric.latest().value))
            }
            (Self::Param(_), Some(hash)) => runs::param(tx, row.id, hash)?.map(|pair| Had::Text(pair.value)),
            (Self::Tag(_), Some(hash)) => runs::tag(tx, row.id, hash)?.map(|pair| Had::Text(pair.value)),
            (Self::Metric(_) | Self::Param(_) | Self::Tag(_), None) => None,
        })
    }
}

impl Had {
    /// The number that it is, if it is one.
    pub(super) fn number(&self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Text(text) => text.trim().parse().ok(),
        }
    }
}

impl Operator {
    fn holds(self, order: Option<Ordering>) -> bool {
        let Some(order) = order else {
            // What cannot be compared is not the same.
            return self == Self::Unequal;
        };
        match self {
            Self::Equal => order.is_eq(),
            Self::Unequal => order.is_ne(),
            Self::Less => order.is_lt(),
            Self::AtMost => order.is_le(),
            Self::Greater => order.is_gt(),
            Self::AtLeast => order.is_ge(),
        }
    }
}

impl Condition {
    /// As numbers where both are, else as texts.
    fn holds(&self, had: &Had) -> bool {
        match (had, had.number(), self.value.number) {
            (_, Some(had), Some(value)) => self.operator.holds(had.partial_cmp(&value)),
            (Had::Text(had), ..) => self.operator.holds(Some(had.as_str().cmp(&self.value.text))),
            (Had::Number(_), ..) => false,
        }
    }
}

impl Filter {
    /// Only those of these that stand so.
    #[must_use]
    pub fn with_status(self, status: RunStatus) -> Self {
        self.with(RunKey::Status, status.as_str())
    }

    /// Only those of these that train the model called `model`.
    #[must_use]
    pub fn with_model(self, model: &str) -> Self {
        self.with(RunKey::Model, model)
    }

    fn with(mut self, key: RunKey, text: &str) -> Self {
        let value = Value {
            text: text.to_owned(),
            // A model may be called 7, and is not 7.0.
            number: None,
        };
        self.0.push(Condition {
            key,
            operator: Operator::Equal,
            value,
        });
        self
    }

    /// The hashes of what is asked for, once for all runs.
    pub(super) fn hashes(&self, tx: &impl Tx) -> Vec<Option<NameHash>> {
        self.0.iter().map(|condition| condition.key.hash(tx)).collect()
    }

    /// Whether the run in `row` is wanted.
    pub(super) fn wants(
        &self,
        tx: &impl Tx,
        row: &RunRow,
        hashes: &[Option<NameHash>],
    ) -> Result<bool, TrackingError> {
        for (condition, hash) in self.0.iter().zip(hashes) {
            match condition.key.of(tx, row, *hash)? {
                Some(had) if condition.holds(&had) => {}
                _ => return Ok(false),
            }
        }
        Ok(true)
    }
}

impl FromStr for Filter {
    type Err = BadFilter;

    fn from_str(text: &str) -> Result<Self, BadFilter> {
        let mut reader = Reader::new(text);
        let mut conditions = Vec::new();
        if reader.is_at_end() {
            return Ok(Self::default());
        }
        loop {
            let key = reader.key()?;
            let operator = reader.operator(&key)?;
            let value = reader.value(&key)?;
            conditions.push(Condition { key, operator, value });
            if reader.is_at_end() {
                return Ok(Self(conditions));
            }
            reader.and()?;
            if conditions.len() == MAX_CONDITIONS {
                return Err(reader.wrong(format!("a filter has at most {MAX_CONDITIONS} conditions")));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn condition(key: RunKey, operator: Operator, text: &str) -> Condition {
        let number = text.parse().ok();
        let text = text.to_owned();
        let value = Value { text, number };
        Condition { key, operator, value }
    }

    #[test]
    fn a_filter_is_read_as_it_is_written() {
        let read: Filter = "metrics.roc_auc >= 0.8 AND params.`max depth`='6' and tags.\"a.b\" != \"it's\"\
                            and status=FINISHED and model = 'it''s' and created_at < 2026-01-31T12:00:00Z"
            .parse()
            .unwrap();
        let metric = RunKey::Metric("roc_auc".into());
        assert_eq!(
            read.0,
            [
                condition(metric, Operator::AtLeast, "0.8"),
                condition(RunKey::Param("max depth".into()), Operator::Equal, "6"),
                condition(RunKey::Tag("a.b".into()), Operator::Unequal, "it's"),
                condition(RunKey::Status, Operator::Equal, "FINISHED"),
                condition(RunKey::Model, Operator::Equal, "it's"),
                condition(RunKey::CreatedAt, Operator::Less, "1769860800000"),
            ]
        );
        assert_eq!("  ".parse::<Filter>().unwrap(), Filter::default());
    }

    #[test]
    fn what_is_wrong_with_a_filter_is_told_with_its_place() {
        for (text, place, told) in [
            ("loss < 1", 1, "metrics.NAME"),
            ("metrics. < 1", 1, "metrics.NAME"),
            ("metrics.loss", 13, "expected =, !="),
            ("metrics.loss ~ 1", 14, "expected =, !="),
            ("metrics.loss <", 15, "expected a value"),
            ("metrics.loss < high", 16, "expected a number"),
            ("created_at < monday", 14, "expected a time"),
            ("status = 'FINISHED", 10, "is not closed"),
            ("status > FINISHED", 8, "status is compared with = or !="),
            ("status = FINISHED or name = x", 19, "expected and"),
            ("status = FINISHED and", 22, "metrics.NAME"),
            ("é = 1", 1, "metrics.NAME"),
        ] {
            let error = text.parse::<Filter>().unwrap_err();
            assert_eq!(error.place, place, "{text}: {error}");
            assert!(error.message.contains(told), "{text}: {error}");
        }
        let many = vec!["status = FINISHED"; MAX_CONDITIONS + 1].join(" and ");
        assert!(many.parse::<Filter>().unwrap_err().message.contains("at most 32"));
    }

    #[test]
    fn numbers_are_compared_as_numbers_and_texts_as_texts() {
        let holds = |text: &str, had: &Had| text.parse::<Filter>().unwrap().0[0].holds(had);
        let text = |text: &str| Had::Text(text.to_owned());
        assert!(holds("params.x < 10", &text("9")));
        assert!(holds("params.x = 6", &text("6.0")));
        assert!(!holds("params.x = 6", &text("six")));
        assert!(holds("params.x != 6", &text("six")));
        assert!(holds("params.x > 'a'", &text("b")));
        assert!(holds("metrics.x >= 0.5", &Had::Number(0.5)));
        assert!(!holds("metrics.x >= 0.5", &Had::Number(f64::NAN)));
        assert!(!holds("metrics.x = 0.5", &Had::Number(f64::NAN)));
        assert!(holds("metrics.x != 0.5", &Had::Number(f64::NAN)));
    }
}
