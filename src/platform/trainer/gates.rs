//! The gates of a recipe, held against what was trained: all of them, so that nobody mends one to meet the next.

mod rows;

use std::time::Duration;

use super::measure::resamples;
use super::prepare::seed;
use super::{TrainError, Trainer};
use crate::base::Clock;
use crate::engine::metric::known::{Better, better};
use crate::engine::validate::{Bootstrap, Difference};
use crate::platform::bundles::{Content, Fitted, Measured};
use crate::platform::recipes::Recipe;
use crate::platform::recipes::gates::{Decides, Gate, Rival};
use crate::platform::registry::gates::{FAILED, PASSED, SKIPPED, failed_gates};
use crate::platform::registry::{GateRow, RegistryError, Stage, VersionInfo, VersionRef};

pub(super) use rows::RowRivals;

/// The resamples of the test, where the recipe wants no intervals.
const RESAMPLES: usize = 1_000;

/// How often a row is answered, and for how long at most, to find out how long it takes.
const CALLS: usize = 2_000;
const MEASURED_FOR: Duration = Duration::from_millis(500);

/// What came of a gate, and what was found, in words.
pub(super) type Verdict = (&'static str, String);

/// How many tables are drawn for a test, of what size, by the recipe's word.
pub(super) fn plan(recipe: &Recipe, values: usize, threads: usize) -> Bootstrap {
    let wanted = match recipe.validation.bootstrap {
        0 => RESAMPLES,
        wanted => wanted,
    };
    Bootstrap {
        resamples: resamples(wanted, values),
        confidence: recipe.validation.confidence,
        threads,
        seed: seed(recipe).derive("gates", 0),
    }
}

/// What a version is held against, on what is held out.
pub(super) trait Rivals {
    /// Whether it is better than an answer that needs no learning.
    ///
    /// # Errors
    /// It cannot be measured; someone wanted it to stop.
    fn beats_baseline(&self, threads: usize) -> Result<Verdict, TrainError>;

    /// Whether it is better than `rival`, which is in production as `production`; `ours` is the version itself.
    ///
    /// # Errors
    /// As [`Rivals::beats_baseline`].
    fn beats(
        &self,
        rival: &Content,
        production: &VersionInfo,
        ours: &Content,
        threads: usize,
    ) -> Result<Verdict, TrainError>;
}

/// What the gates look at.
pub(super) struct Gates<'a> {
    pub(super) recipe: &'a Recipe,
    pub(super) rivals: &'a dyn Rivals,
    pub(super) measured: &'a Measured,
    /// The version as it will be loaded, and the bytes of its bundle.
    pub(super) content: &'a Content,
    pub(super) bytes: u64,
}

impl Trainer {
    /// What came of every gate of the recipe.
    ///
    /// # Errors
    /// `Gates` when one failed that decides on registration; someone wanted it to stop; the store's.
    pub(super) fn check_gates(&self, gates: &Gates<'_>) -> Result<Vec<GateRow>, TrainError> {
        let recipe = gates.recipe;
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
                Gate::Beats(Rival::Baseline) => gates.rivals.beats_baseline(self.threads)?,
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

    /// Whether the version is better than the one in production.
    fn beats_production(&self, gates: &Gates<'_>) -> Result<Verdict, TrainError> {
        let wanted = VersionRef::Stage(Stage::Production);
        let production = match Self::wait(self.registry.version(&gates.recipe.name, wanted)) {
            Ok(version) => version,
            Err(
                RegistryError::UnknownModel(_)
                | RegistryError::UnknownVersion { .. }
                | RegistryError::Deleted { .. },
            ) => return Ok((SKIPPED, "nothing is in production".to_owned())),
            Err(error) => return Err(error.into()),
        };
        let rival = Self::wait(self.registry.content(&production))?;
        gates
            .rivals
            .beats(&rival, &production, gates.content, self.threads)
    }
}

/// That two versions cannot be held against each other.
pub(super) fn apart(production: &VersionInfo, why: &str) -> Verdict {
    (FAILED, format!("{} cannot be compared: {why}", production.label))
}

/// What a test of two models in `metric` found.
pub(super) fn tested(metric: &str, difference: &Difference, rival: &str, confidence: f64) -> Verdict {
    let Difference {
        difference, interval, ..
    } = difference;
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
        digits(*difference),
        digits(interval.low),
        digits(interval.high),
        digits(confidence * 100.0)
    );
    verdict(wins, found)
}

/// Whether `rival` has not learnt from the rows that are held out here: it was trained on the same rows, split the same
/// way.
pub(super) fn held_out_from_both(
    recipe: &Recipe,
    production: &VersionInfo,
    rival: &Content,
    ours: &Content,
) -> bool {
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
        match &content.fitted {
            Fitted::Rows(rows) => rows.warm_up.answer_one(&rows.features, &rows.model, took.len())?,
            Fitted::Series(series) => series.warm_up.answer_one(series)?,
            Fitted::Items(items) => items.warm_up.answer_one(items, took.len())?,
        }
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
