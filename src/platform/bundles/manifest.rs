//! The manifest: what a version is and where it comes from. It stands in the signed head of a bundle.

use serde::{Deserialize, Serialize};

use super::BundleError;
use crate::base::{ContentId, Name, RunId, Time};
use crate::data::series::Frequency;
use crate::engine::model::ModelFormat;
use crate::engine::task::{Quantile, Task};

/// What a version is and where it comes from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// What the model was called when the version was made. What it is called now, the registry says.
    pub model: Name,
    /// One line for people.
    pub title: String,
    /// What the model is for; Markdown.
    pub description: String,
    /// The program and version that made it.
    pub made_by: String,
    /// For which machine that program was built, and from what; see [`this_build`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub build: Option<String>,
    /// When it was made.
    pub created_at: Time,
    /// The training that made it, when usina trained it.
    pub run_id: Option<RunId>,
    /// What it was trained on, when that is known.
    pub dataset: Option<DatasetOrigin>,
    /// What it predicts.
    pub predicts: Predicts,
    /// How the parts under `weights/` are written.
    pub weights: ModelFormat,
    /// What a reader has to know of, since its answers would be others without it. Today's bundles need
    /// nothing beyond what every version reads.
    #[serde(default)]
    pub needs: Vec<String>,
}

/// How this program was built: architecture, system, and what `USINA_BUILD` named when it was compiled, such as
/// the commit.
pub fn this_build() -> String {
    let machine = format!("{}-{}", std::env::consts::ARCH, std::env::consts::OS);
    match option_env!("USINA_BUILD") {
        Some(build) => format!("{machine} {build}"),
        None => machine,
    }
}

/// What this version knows of what bundles may need.
const KNOWN: [&str; 0] = [];

impl Manifest {
    /// That this version knows all that the bundle needs.
    pub(super) fn check_needs(&self) -> Result<(), BundleError> {
        let unknown = self.needs.iter().filter(|need| !KNOWN.contains(&need.as_str()));
        let unknown: Vec<String> = unknown.take(20).cloned().collect();
        if unknown.is_empty() {
            Ok(())
        } else {
            Err(BundleError::Needs(unknown))
        }
    }
}

/// Which rows a version was trained on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DatasetOrigin {
    /// The dataset.
    pub name: Name,
    /// Its version: the BLAKE3 of its canonical encoding.
    pub version: ContentId,
    /// Whether usina generated the rows itself.
    pub generated: bool,
}

/// What a version predicts: its task, with what is decided for that task alone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "task", rename_all = "snake_case", deny_unknown_fields)]
pub enum Predicts {
    /// Which of two classes a row is of.
    Binary {
        /// The column that is predicted.
        target: String,
        /// The class names: negative, positive.
        classes: [String; 2],
        /// From which probability of the positive class on a row is called positive.
        threshold: f64,
    },
    /// Which of several classes a row is of: the likeliest.
    Multiclass {
        /// The column that is predicted.
        target: String,
        /// The class names, in the order of their probabilities.
        classes: Vec<String>,
    },
    /// A number.
    Regression {
        /// The column that is predicted.
        target: String,
    },
    /// A quantile of a number.
    Quantile {
        /// The column that is predicted.
        target: String,
        /// Which share of rows is to lie below.
        quantile: Quantile,
    },
    /// The next periods of a series.
    Forecast {
        /// The column that is forecast.
        target: String,
        /// The column that says when.
        time: String,
        /// How far apart periods are.
        frequency: Frequency,
        /// How many periods are forecast.
        horizon: usize,
        /// The periods after which the series is alike; 1 for none.
        season: usize,
        /// The share of values that its intervals are to hold; none where it has no intervals.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        interval: Option<f64>,
        /// Columns that whoever asks sends for the periods to come.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        known: Vec<String>,
    },
    /// Items for users.
    Recommendation {
        /// The column with the values of ratings.
        target: String,
        /// The column that says who.
        user: String,
        /// The column that says what.
        item: String,
        /// How many items are recommended, unless a number is asked for.
        top_k: usize,
    },
}

impl Predicts {
    /// What a model of the task `task` on the column `target` predicts; `threshold` is of use where there are
    /// two classes.
    pub fn new(task: &Task, target: &str, threshold: f64) -> Self {
        let target = target.to_owned();
        match task {
            Task::Binary { classes } => Self::Binary {
                target,
                classes: classes.clone(),
                threshold,
            },
            Task::Multiclass { classes } => Self::Multiclass {
                target,
                classes: classes.clone(),
            },
            Task::Regression => Self::Regression { target },
            Task::Quantile { quantile } => Self::Quantile {
                target,
                quantile: *quantile,
            },
        }
    }

    /// The task of rows, as the engine knows it; none where no rows are predicted.
    pub fn task(&self) -> Option<Task> {
        Some(match self {
            Self::Binary { classes, .. } => Task::Binary {
                classes: classes.clone(),
            },
            Self::Multiclass { classes, .. } => Task::Multiclass {
                classes: classes.clone(),
            },
            Self::Regression { .. } => Task::Regression,
            Self::Quantile { quantile, .. } => Task::Quantile { quantile: *quantile },
            Self::Forecast { .. } | Self::Recommendation { .. } => return None,
        })
    }

    /// The task's name, as serde writes it.
    pub fn task_name(&self) -> &'static str {
        match self {
            Self::Binary { .. } => "binary",
            Self::Multiclass { .. } => "multiclass",
            Self::Regression { .. } => "regression",
            Self::Quantile { .. } => "quantile",
            Self::Forecast { .. } => "forecast",
            Self::Recommendation { .. } => "recommendation",
        }
    }

    /// The column that is predicted.
    pub fn target(&self) -> &str {
        match self {
            Self::Binary { target, .. }
            | Self::Multiclass { target, .. }
            | Self::Regression { target }
            | Self::Quantile { target, .. }
            | Self::Forecast { target, .. }
            | Self::Recommendation { target, .. } => target,
        }
    }

    /// The classes in their order; none for a number.
    pub fn classes(&self) -> &[String] {
        match self {
            Self::Binary { classes, .. } => classes,
            Self::Multiclass { classes, .. } => classes,
            Self::Regression { .. }
            | Self::Quantile { .. }
            | Self::Forecast { .. }
            | Self::Recommendation { .. } => &[],
        }
    }

    /// The class that a row's values say: for two classes the positive one from the threshold on, for several
    /// the likeliest. None for a number.
    pub fn class(&self, values: &[f32]) -> Option<&str> {
        let class = match self {
            Self::Regression { .. }
            | Self::Quantile { .. }
            | Self::Forecast { .. }
            | Self::Recommendation { .. } => return None,
            Self::Binary { threshold, .. } => {
                usize::from(values.first().is_some_and(|p| *p >= *threshold as f32))
            }
            Self::Multiclass { .. } => {
                // The first of equals, as numpy's argmax.
                let likeliest = values
                    .iter()
                    .enumerate()
                    .rev()
                    .max_by(|(_, a), (_, b)| a.total_cmp(b));
                likeliest.map_or(0, |(class, _)| class)
            }
        };
        self.classes().get(class).map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names<const N: usize>(names: [&str; N]) -> [String; N] {
        names.map(str::to_owned)
    }

    #[test]
    fn the_class_is_the_one_that_the_values_say() {
        let binary = Task::Binary {
            classes: names(["no", "yes"]),
        };
        let binary = Predicts::new(&binary, "y", 0.3);
        assert_eq!(binary.class(&[0.3]), Some("yes"));
        assert_eq!(binary.class(&[0.29]), Some("no"));
        let several = Task::Multiclass {
            classes: names(["a", "b", "c"]).to_vec(),
        };
        let several = Predicts::new(&several, "y", 0.3);
        assert_eq!(several.class(&[0.2, 0.4, 0.4]), Some("b"));
        assert_eq!(Predicts::new(&Task::Regression, "y", 0.3).class(&[1.0]), None);
    }

    #[test]
    fn what_is_predicted_reads_back_and_says_its_task() {
        for task in [
            Task::Binary {
                classes: names(["no", "yes"]),
            },
            Task::Multiclass {
                classes: names(["a", "b", "c"]).to_vec(),
            },
            Task::Regression,
            Task::Quantile {
                quantile: Quantile::new(0.9).unwrap(),
            },
        ] {
            let predicts = Predicts::new(&task, "y", 0.5);
            let text = serde_json::to_string(&predicts).unwrap();
            assert!(text.contains(task.name()), "{text}");
            assert_eq!(serde_json::from_str::<Predicts>(&text).unwrap(), predicts);
            assert_eq!(predicts.task_name(), task.name());
            assert_eq!((predicts.task(), predicts.target()), (Some(task), "y"));
        }
    }
}
