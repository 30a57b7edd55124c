//! A model's schema: what a version takes in and what it answers, for whoever wants to call it.

use serde::{Deserialize, Serialize};

use super::{BundleError, Predicts, from_json, to_json};
use crate::data::feature::InputField;
use crate::data::schema::ColumnType;

/// What a version takes in and what it answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ModelSchema {
    /// What a row has, in order.
    pub inputs: Vec<InputField>,
    /// What an answer has for each row.
    pub outputs: Vec<OutputField>,
}

/// A value of an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutputField {
    /// How the answer calls it: prediction, probability.
    pub name: String,
    /// What it is: a number or a category.
    pub kind: ColumnType,
    /// Of a category, the levels; of several numbers, what each stands for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub levels: Option<Vec<String>>,
    /// How many values it has for each row: `[]` for one, `[n]` for one a level.
    pub shape: Vec<usize>,
}

const PART: &str = "schema";

impl ModelSchema {
    /// The schema of a version that takes `inputs`.
    pub fn new(inputs: Vec<InputField>, predicts: &Predicts) -> Self {
        let field = |name: &str, kind, levels: Option<&[String]>, shape| OutputField {
            name: name.to_owned(),
            kind,
            levels: levels.map(<[String]>::to_vec),
            shape,
        };
        let outputs = match predicts {
            Predicts::Binary { classes, .. } => vec![
                field("prediction", ColumnType::Category, Some(classes), vec![]),
                field("probability", ColumnType::Number, Some(&classes[1..]), vec![]),
            ],
            Predicts::Multiclass { classes, .. } => vec![
                field("prediction", ColumnType::Category, Some(classes), vec![]),
                field(
                    "probability",
                    ColumnType::Number,
                    Some(classes),
                    vec![classes.len()],
                ),
            ],
            Predicts::Regression { .. } | Predicts::Quantile { .. } => {
                vec![field("prediction", ColumnType::Number, None, vec![])]
            }
            Predicts::Recommendation { top_k, .. } => vec![
                field("prediction", ColumnType::Text, None, vec![*top_k]),
                field("score", ColumnType::Number, None, vec![*top_k]),
            ],
            Predicts::Forecast {
                horizon, interval, ..
            } => {
                let mut outputs = vec![
                    field("time", ColumnType::Timestamp, None, vec![*horizon]),
                    field("prediction", ColumnType::Number, None, vec![*horizon]),
                ];
                if interval.is_some() {
                    let ends = ["lower", "upper"];
                    outputs.extend(ends.map(|end| field(end, ColumnType::Number, None, vec![*horizon])));
                }
                outputs
            }
        };
        Self { inputs, outputs }
    }

    pub(super) fn to_part(&self) -> Result<Vec<u8>, BundleError> {
        to_json(PART, self)
    }

    /// The schema in the part of a bundle.
    ///
    /// # Errors
    /// It is not what this version writes.
    pub fn from_part(bytes: &[u8]) -> Result<Self, BundleError> {
        from_json(PART, bytes)
    }
}
