//! Explanations as the API writes them.

use serde::Serialize;
use utoipa::ToSchema;

use crate::platform::predictor::{ExplainedOutput, ExplainedRow, Part, RowModel, Servable, Source};

use super::value::of_cell;

/// Why a row is answered as it is.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ExplanationView {
    /// In what the numbers add up. log_odds: the logistic function of `sum` is the probability of `class`. logits:
    /// one score a class, whose softmax are the probabilities. target: `sum` is the predicted number, in its unit.
    #[schema(example = "log_odds")]
    space: &'static str,
    /// How they were found. tree_shap: SHAP values of trees. linear: of a linear model, exact. sampled: Shapley values by
    /// sampling, beside a row whose numbers are means and whose categories are the most frequent ones.
    #[schema(example = "tree_shap")]
    method: &'static str,
    /// One for two classes (the positive one) or a number; one a class for several, in the order of the classes.
    outputs: Vec<OutputExplanation>,
}

/// What one number of the answer is made of: `base_value`, all `contributions` and `rest` add up to `sum`.
#[derive(Debug, Serialize, ToSchema)]
struct OutputExplanation {
    /// The class that it speaks for; null for a number.
    class: Option<String>,
    /// What the model expects of a row of which nothing is known; of sampled ones what it says of a typical row.
    base_value: f64,
    /// What each input adds, the largest first.
    contributions: Vec<ContributionView>,
    /// What the inputs add that are not among `contributions`.
    rest: f64,
    /// All together.
    sum: f64,
}

/// What one input adds.
#[derive(Debug, Serialize, ToSchema)]
struct ContributionView {
    /// The input. Where the model looks at several together, what their combination is called.
    feature: String,
    /// What was sent for it; null where it is missing, and not there for a combination.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<serde_json::Value>)]
    value: Option<serde_json::Value>,
    /// SHAP value: positive where it speaks for `class`, or makes the number larger.
    contribution: f64,
}

impl ExplanationView {
    /// What `servable` said of a row.
    pub(super) fn new(servable: &Servable, model: &RowModel, row: &ExplainedRow<'_>) -> Self {
        let classes = servable.predicts().classes();
        let class = |output: usize| match classes {
            [] => None,
            [_, positive] if row.outputs.len() == 1 => Some(positive.clone()),
            several => several.get(output).cloned(),
        };
        let outputs = row.outputs.iter().enumerate();
        Self {
            space: model.space().as_str(),
            method: model.explained_by(),
            outputs: outputs
                .map(|(index, output)| of_output(model, row, output, class(index)))
                .collect(),
        }
    }
}

fn of_output(
    model: &RowModel,
    row: &ExplainedRow<'_>,
    output: &ExplainedOutput,
    class: Option<String>,
) -> OutputExplanation {
    let contribution = |part: &Part| ContributionView {
        feature: model.source_name(part.source).to_owned(),
        value: match part.source {
            Source::Input(input) => Some(of_cell(&row.cells[input])),
            Source::Output(_) => None,
        },
        contribution: part.contribution,
    };
    OutputExplanation {
        class,
        base_value: output.base,
        contributions: output.parts.iter().map(contribution).collect(),
        rest: output.rest,
        sum: output.sum,
    }
}
