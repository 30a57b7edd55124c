//! What the registry knows of one version.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use super::{BundleRow, GateRow, RegistryError, Stage};
use crate::base::{ContentId, JobId, ModelId, Name, RunId, Time};
use crate::engine::metric::known::{Better, better};
use crate::store::tables::models::{DeletedRow, ModelRow, VersionRow};

use super::super::bundles::DatasetOrigin;

/// One version of a model.
#[derive(Debug, Clone)]
pub struct VersionInfo {
    /// The model, whatever it is called.
    pub model_id: ModelId,
    /// What the model is called.
    pub model: Name,
    /// The identity: 1, 2, 3.
    pub number: u64,
    /// For people: v1.0.0.
    pub label: String,
    /// Where it is on its way.
    pub stage: Stage,
    /// What is special about it; Markdown.
    pub description: String,
    /// The training that made it, when that was a run of this store.
    pub run_id: Option<RunId>,
    /// What it was trained on, when that is known.
    pub dataset: Option<DatasetOrigin>,
    /// binary, multiclass or regression, when that is known.
    pub task: Option<String>,
    /// The column that it predicts.
    pub target: Option<String>,
    /// Quality on the hold-out, by metric.
    pub metrics: BTreeMap<String, f64>,
    /// The baseline's quality on the hold-out, by metric.
    pub baseline: BTreeMap<String, f64>,
    /// The file that it is made of; a version that only points elsewhere has none.
    pub bundle: Option<BundleRow>,
    /// When it was registered.
    pub created_at: Time,
    /// When something about it changed last.
    pub updated_at: Time,
    /// When it went into production last.
    pub deployed_at: Option<Time>,
    /// How it came here: trained or imported.
    pub origin: String,
    /// Where it came from, when that was elsewhere.
    pub origin_from: Option<String>,
    /// Names the recipe that made it, when that is known.
    pub recipe: Option<ContentId>,
    /// The job that made it, when that is known.
    pub job: Option<JobId>,
    /// Who wanted it; of a version that format 1 wrote, the history says it.
    pub by: Option<String>,
    /// The aliases that point at it.
    pub aliases: Vec<String>,
    /// What people note of it, by key.
    pub tags: BTreeMap<String, String>,
    /// What its recipe wanted of it, and what was found.
    pub gates: Vec<GateRow>,
    /// That it was deleted.
    pub deleted: Option<Deletion>,
}

/// That something was deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deletion {
    /// When.
    pub at: Time,
    /// Who wanted it.
    pub by: String,
    /// When it was purged; it can be restored until then.
    pub purged_at: Option<Time>,
}

impl From<DeletedRow> for Deletion {
    fn from(row: DeletedRow) -> Self {
        Self {
            at: row.at,
            by: row.by,
            purged_at: row.purged_at,
        }
    }
}

impl VersionInfo {
    pub(super) fn from_row(model: &ModelRow, row: VersionRow) -> Result<Self, RegistryError> {
        let name: Name = parse(&model.name, &model.name)?;
        let origin = |dataset: crate::store::tables::models::TrainedOn| {
            Ok::<_, RegistryError>(DatasetOrigin {
                name: parse(&dataset.name, &model.name)?,
                version: dataset.version,
                generated: dataset.generated,
            })
        };
        let aliases = model.aliases.iter();
        let aliases = aliases.filter(|(_, number)| **number == row.number);
        Ok(Self {
            aliases: aliases.map(|(alias, _)| alias.clone()).collect(),
            origin: row.origin.kind,
            origin_from: row.origin.from,
            recipe: row.recipe,
            job: row.job,
            by: row.by,
            tags: row.tags,
            gates: row.gates,
            deleted: row.deleted.map(Deletion::from),
            stage: parse(&row.stage, &model.name)?,
            dataset: row.dataset.map(origin).transpose()?,
            model_id: model.id,
            model: name,
            number: row.number,
            label: row.label,
            description: row.description,
            run_id: row.run_id,
            task: row.task,
            target: row.target,
            metrics: row.metrics,
            baseline: row.baseline,
            bundle: row.bundle,
            created_at: row.created_at,
            updated_at: row.updated_at,
            deployed_at: row.deployed_at,
        })
    }

    /// Whether it was trained on rows that usina generated.
    pub fn is_generated(&self) -> bool {
        self.dataset.as_ref().is_some_and(|dataset| dataset.generated)
    }

    /// The metric to look at first.
    pub fn headline(&self) -> Option<Headline> {
        Headline::of(self.task.as_deref()?, &self.metrics, &self.baseline)
    }
}

/// The metric to look at first, beside the baseline's.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Headline {
    /// Its name.
    pub metric: &'static str,
    /// On the hold-out.
    pub value: f64,
    /// The baseline's, on the hold-out.
    pub baseline: Option<f64>,
}

impl Headline {
    /// How well two classes are told apart, how often one of several is right, how far a number is off.
    pub(super) fn of(
        task: &str,
        metrics: &BTreeMap<String, f64>,
        baseline: &BTreeMap<String, f64>,
    ) -> Option<Self> {
        let metric = match task {
            "binary" => "roc_auc",
            "multiclass" => "accuracy",
            "regression" | "forecast" => "rmse",
            "recommendation" => "ndcg",
            "quantile" => "pinball",
            _ => return None,
        };
        Some(Self {
            metric,
            value: *metrics.get(metric)?,
            baseline: baseline.get(metric).copied(),
        })
    }

    /// Whether the version is better than what always gives the same answer. Without a baseline there is
    /// nothing to be better than.
    pub fn beats_baseline(&self) -> bool {
        let Some(baseline) = self.baseline else {
            return true;
        };
        match better(self.metric) {
            Some(Better::Lower) => self.value < baseline,
            _ => self.value > baseline,
        }
    }
}

/// A stored text as what it stands for.
pub(super) fn parse<T: FromStr<Err: fmt::Display>>(text: &str, model: &str) -> Result<T, RegistryError> {
    text.parse().map_err(|error: T::Err| RegistryError::Malformed {
        model: model.to_owned(),
        reason: error.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headline(task: &str, value: f64, baseline: Option<f64>) -> Headline {
        let metric = Headline::of(task, &named("roc_auc", 0.0), &BTreeMap::new());
        let metric = metric.map_or("rmse", |headline| headline.metric);
        let baseline = baseline.map_or_else(BTreeMap::new, |value| named(metric, value));
        Headline::of(task, &named(metric, value), &baseline).unwrap()
    }

    fn named(metric: &str, value: f64) -> BTreeMap<String, f64> {
        BTreeMap::from([(metric.to_owned(), value)])
    }

    #[test]
    fn better_is_above_the_baseline_or_below_it_as_the_metric_has_it() {
        assert!(headline("binary", 0.6, Some(0.5)).beats_baseline());
        assert!(!headline("binary", 0.5, Some(0.5)).beats_baseline());
        assert!(!headline("binary", f64::NAN, Some(0.5)).beats_baseline());
        assert!(headline("regression", 1.0, Some(2.0)).beats_baseline());
        assert!(!headline("regression", 3.0, Some(2.0)).beats_baseline());
        assert!(headline("binary", 0.1, None).beats_baseline());
    }
}
