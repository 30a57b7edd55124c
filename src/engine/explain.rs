//! Why a model predicts what it predicts: how much each feature adds to one prediction.

use super::task::Task;

pub mod permuted;
pub(in crate::engine) mod sampled;

/// In what the contributions to a prediction add up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Space {
    /// Log-odds of the positive class: the logistic function of the sum is its probability.
    LogOdds,
    /// One score a class: the softmax of the sums are the probabilities.
    Logits,
    /// The unit of what is predicted: the sum is the prediction.
    Target,
}

impl Space {
    /// The space of the explanations of a model for `task`.
    pub fn of(task: &Task) -> Self {
        match task {
            Task::Binary { .. } => Self::LogOdds,
            Task::Multiclass { .. } => Self::Logits,
            Task::Regression | Task::Quantile { .. } => Self::Target,
        }
    }

    /// Its name: `log_odds`, `logits` or `target`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::LogOdds => "log_odds",
            Self::Logits => "logits",
            Self::Target => "target",
        }
    }
}

/// How contributions are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// SHAP values of trees, path-dependent.
    TreeShap,
    /// What each feature's own term adds beyond its mean: of a linear model, exact.
    Linear,
    /// Shapley values by sampling orders of features, beside a typical row.
    Sampled,
}

impl Method {
    /// Its name: `tree_shap`, `linear` or `sampled`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::TreeShap => "tree_shap",
            Self::Linear => "linear",
            Self::Sampled => "sampled",
        }
    }
}

/// SHAP values of some rows: for every row and output one contribution a feature, and the base value, which is
/// what is expected of a row of which nothing is known. For each row and output they sum to the raw prediction.
///
/// Source: Lundberg, Erion, Lee 2018, "Consistent Individualized Feature Attribution for Tree Ensembles"; the
/// expectation is over the training rows that went through each split (path-dependent), as in XGBoost's
/// `pred_contribs`.
#[derive(Debug, Clone, PartialEq)]
pub struct Explanations {
    /// `[rows x outputs x (features + 1)]`, the base value last.
    values: Vec<f32>,
    outputs: usize,
    features: usize,
}

impl Explanations {
    /// `values`: `[rows x outputs x (features + 1)]`, the base value last; whole rows.
    pub(in crate::engine) fn new(values: Vec<f32>, outputs: usize, features: usize) -> Self {
        Self {
            values,
            outputs,
            features,
        }
    }

    /// The rows: of each, the contributions and the base value of every output.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = impl ExactSizeIterator<Item = Contributions<'_>>> {
        let width = self.features + 1;
        self.values.chunks_exact(width * self.outputs).map(move |row| {
            row.chunks_exact(width).map(|output| {
                let (base, of_features) = output.split_last().unwrap_or((&0.0, &[]));
                Contributions {
                    base: *base,
                    of_features,
                }
            })
        })
    }
}

/// What one output of one row is made of.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Contributions<'a> {
    /// What is expected of a row of which nothing is known.
    pub base: f32,
    /// What each feature adds to that, in the order of the model's features.
    pub of_features: &'a [f32],
}

impl Contributions<'_> {
    /// The raw prediction: base value and contributions together.
    pub fn sum(&self) -> f64 {
        let added: f64 = self.of_features.iter().copied().map(f64::from).sum();
        f64::from(self.base) + added
    }
}
