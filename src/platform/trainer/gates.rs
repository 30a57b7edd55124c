//! The gates of a recipe, held against what was trained: all of them, so that nobody mends one to meet the next.

use std::time::Duration;

use super::fit::Trained;
use super::measure::{USUAL_THRESHOLD, resamples};
use super::prepare::{Prepared, seed};
use super::{TrainError, Trainer};
use crate::base::Clock;
use crate::data::split::Part;
use crate::engine::metric::Sample;
use crate::engine::metric::known::{Better, better, headline_of};
use crate::engine::validate::{Baseline, Bootstrap, Difference, paired_bootstrap};
use crate::platform::bundles::{Content, Measured};
use crate::platform::recipes::Recipe;
use crate::platform::recipes::gates::{Decides, Gate, Rival};
use crate::platform::registry::gates::{FAILED, PASSED, SKIPPED, failed_gates};
use crate::platform::registry::{GateRow, RegistryError, Stage, VersionInfo, VersionRef};

/// The resamples of the test, where the recipe wants no intervals.
const RESAMPLES: usize = 1_000;

/// How often a row is answered, and for how long at most, to find out how long it takes.
const CALLS: usize = 2_000;
const MEASURED_FOR: Duration = Duration::from_millis(500);

/// What came of a gate, and what was found, in words.
type Verdict = (&'static str, String);

/// What the gates look at.
pub(super) struct Gates<'a> {
    pub(super) prepared: &'a Prepared<'a>,
    /// What the model answers for the rows that are held out: `[rows x width]`.
    pub(super) answers: &'a [f32],
    pub(super) measured: &'a Measured,
    /// The version as it will be loaded, and the bytes of its bundle.
    pub(super) content: &'a Content,
    pub(super) bytes: u64,
}

impl Trained {
    /// What the model answers for the rows that are held out, when a gate holds another model against it.
    pub(super) fn answers_to_compare(recipe: &Recipe, answers: Vec<f32>) -> Vec<f32> {
        let compares = recipe
            .gates
            .all()
            .any(|(.., gate)| matches!(gate, Gate::Beats(_)));
        if compares { answers } else { Vec::new() }
    }
}

impl Trainer {
    /// What came of every gate of the recipe.
    ///
    /// # Errors
    /// `Gates` when one failed that decides on registration; someone wanted it to stop; the store's.
    pub(super) fn check_gates(&self, gates: &Gates<'_>) -> Result<Vec<GateRow>, TrainError> {
        let recipe = gates.prepared.recipe();
        let mut rows = Vec::new();
        for (decides, name, wanted, gate) in recipe.gates.all() {
            let (outcome, found) = match gate {
                Gate::Metric { relation, bound } => match gates.measured.metric(name) {
                    Some(metric) => verdict(
                        relation.holds(metric.value, bound),
                        format!("it is {}", digits(metric.value)),
                    ),
                    None => (FAILED, "it could not be measured on the hold-out".to_owned()),
                },
                Gate::Latency(most) => {
                    let took = latency(gates.content, &self.clock)?;
                    verdict(took <= most, format!("a row takes {took:.1?}"))
                }
                Gate::Size(most) => verdict(gates.bytes <= most, format!("it has {} bytes", gates.bytes)),
                Gate::Beats(Rival::Baseline) => gates.beats_baseline(self.threads)?,
                Gate::Beats(Rival::Production) => self.beats_production(gates)?,
            };
            rows.push(GateRow {
                gate: name.to_owned(),
                wanted: wanted.to_owned(),
                decides: decides.as_str().to_owned(),
                outcome: outcome.to_owned(),
                found,
            });
        }
        let failed: Vec<String> = failed_gates(&rows, Decides::Registration.as_str()).collect();
        if failed.is_empty() {
            Ok(rows)
        } else {
            Err(TrainError::Gates {
                model: recipe.name.clone(),
                failed,
            })
        }
    }

    /// Whether the version is better than the one in production on the rows that are held out here, which both answer
    /// as they would answer a caller.
    fn beats_production(&self, gates: &Gates<'_>) -> Result<Verdict, TrainError> {
        let prepared = gates.prepared;
        let recipe = prepared.recipe();
        let wanted = VersionRef::Stage(Stage::Production);
        let production = match Self::wait(self.registry.version(&recipe.name, wanted)) {
            Ok(version) => version,
            Err(
                RegistryError::UnknownModel(_)
                | RegistryError::UnknownVersion { .. }
                | RegistryError::Deleted { .. },
            ) => return Ok((SKIPPED, "nothing is in production".to_owned())),
            Err(error) => return Err(error.into()),
        };
        let rival = Self::wait(self.registry.content(&production))?;
        let apart = |why: String| (FAILED, format!("{} cannot be compared: {why}", production.label));
        if rival.model.task() != &prepared.target().task
            || rival.manifest.predicts.target() != recipe.data.target
        {
            return Ok(apart(format!(
                "it predicts \"{}\" ({}), or other classes of it",
                rival.manifest.predicts.target(),
                rival.model.task().name()
            )));
        }
        let theirs = match prepared.predict(&rival.features, &rival.model, prepared.holdout(), Part::Test) {
            Ok(theirs) => theirs,
            // It takes a column that is not there any more, or values that it does not know.
            Err(TrainError::Features(error)) => return Ok(apart(error.to_string())),
            Err(other) => return Err(other),
        };
        let (outcome, mut found) = gates.beats(&theirs, &production.label, self.threads)?;
        if !held_out_from_both(recipe, &production, &rival, gates.content) {
            found.push_str("; it may have learnt from some of these rows");
        }
        Ok((outcome, found))
    }
}

impl Gates<'_> {
    fn beats_baseline(&self, threads: usize) -> Result<Verdict, TrainError> {
        let prepared = self.prepared;
        let holdout = prepared.holdout();
        let learnt = prepared.targets(holdout, Part::Train);
        let weights = prepared.weights_of(holdout, Part::Train);
        let baseline = Baseline::fit(&prepared.target().task, &learnt, weights.as_deref())?;
        let theirs = baseline.predict(holdout.count(Part::Test));
        self.beats(&theirs, "always the same answer", threads)
    }

    /// Whether the model is better than what answered `theirs` in the metric to look at first, more surely than chance
    /// explains: by a paired bootstrap, on the same rows.
    fn beats(&self, theirs: &[f32], rival: &str, threads: usize) -> Result<Verdict, TrainError> {
        let (prepared, task) = (self.prepared, &self.prepared.target().task);
        let labels = prepared.targets(prepared.holdout(), Part::Test);
        // The metrics that are compared ask for no threshold.
        let sample = |answers| Sample::new(task, &labels, answers, USUAL_THRESHOLD);
        let (ours, theirs) = (sample(self.answers)?, sample(theirs)?);
        let validation = &prepared.recipe().validation;
        let wanted = if validation.bootstrap > 0 {
            validation.bootstrap
        } else {
            RESAMPLES
        };
        let plan = Bootstrap {
            resamples: resamples(wanted, self.answers.len()),
            confidence: validation.confidence,
            threads,
            seed: seed(prepared.recipe()).derive("gates", 0),
        };
        let metric = headline_of(task);
        let Difference {
            difference, interval, ..
        } = paired_bootstrap(&ours, &theirs, metric, &plan, prepared.stop())?;
        let (wins, loses) = match better(metric) {
            Some(Better::Lower) => (interval.high < 0.0, interval.low > 0.0),
            _ => (interval.low > 0.0, interval.high < 0.0),
        };
        let told = match (wins, loses) {
            (true, _) => "better than",
            (_, true) => "worse than",
            _ => "not surely better than",
        };
        let found = format!(
            "{told} {rival}: {metric} differs by {}, from {} to {} with {}% confidence",
            digits(difference),
            digits(interval.low),
            digits(interval.high),
            digits(validation.confidence * 100.0)
        );
        Ok(verdict(wins, found))
    }
}

/// Whether `rival` has not learnt from the rows that are held out here: it was trained on the same rows, split the same
/// way.
fn held_out_from_both(recipe: &Recipe, production: &VersionInfo, rival: &Content, ours: &Content) -> bool {
    let same_rows = match (&production.dataset, &ours.manifest.dataset) {
        (Some(theirs), Some(ours)) => theirs.version == ours.version,
        _ => false,
    };
    let split = |recipe: &str| -> Option<[serde_json::Value; 4]> {
        let recipe: serde_json::Value = serde_json::from_str(recipe).ok()?;
        Some(["holdout", "seed", "group", "time"].map(|key| recipe["validation"][key].clone()))
    };
    let ours = recipe.to_canonical_json().ok();
    same_rows && ours.and_then(|ours| split(&ours)) == split(&rival.recipe)
}

/// How long the version takes for a row, from its cells to its answer, without the network: the median of many calls.
fn latency(content: &Content, clock: &Clock) -> Result<Duration, TrainError> {
    let begun = clock.monotonic();
    let mut took = Vec::with_capacity(CALLS);
    while took.len() < CALLS {
        let before = clock.monotonic();
        content
            .warm_up
            .answer_one(&content.features, &content.model, took.len())?;
        let after = clock.monotonic();
        took.push(after - before);
        if after - begun > MEASURED_FOR {
            break;
        }
    }
    took.sort_unstable();
    Ok(took[took.len() / 2])
}

fn verdict(passes: bool, found: String) -> Verdict {
    (if passes { PASSED } else { FAILED }, found)
}

/// A number with the four digits behind the point that people compare.
fn digits(number: f64) -> String {
    let text = format!("{number:.4}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
