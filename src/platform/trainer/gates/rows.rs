//! Models of rows, held against each other on the rows that are held out.

use super::super::TrainError;
use super::super::fit::Trained;
use super::super::measure::USUAL_THRESHOLD;
use super::super::prepare::Prepared;
use super::{Rivals, Verdict, apart, held_out_from_both, plan, tested};
use crate::data::split::Part;
use crate::engine::metric::Sample;
use crate::engine::metric::known::headline_of;
use crate::engine::validate::{Baseline, paired_bootstrap};
use crate::platform::bundles::Content;
use crate::platform::recipes::Recipe;
use crate::platform::recipes::gates::Gate;
use crate::platform::registry::VersionInfo;

impl Trained {
    /// What the model answers for the rows that are held out, when a gate holds another model against it.
    pub(in super::super) fn answers_to_compare(recipe: &Recipe, answers: Vec<f32>) -> Vec<f32> {
        let compares = recipe
            .gates
            .all()
            .any(|(.., gate)| matches!(gate, Gate::Beats(_)));
        if compares { answers } else { Vec::new() }
    }
}

/// What the model answers, and for which rows.
pub(in super::super) struct RowRivals<'a> {
    pub(in super::super) prepared: &'a Prepared<'a>,
    /// What the model answers for the rows that are held out: `[rows x width]`.
    pub(in super::super) answers: &'a [f32],
}

impl Rivals for RowRivals<'_> {
    fn beats_baseline(&self, threads: usize) -> Result<Verdict, TrainError> {
        let prepared = self.prepared;
        let holdout = prepared.holdout();
        let learnt = prepared.targets(holdout, Part::Train);
        let weights = prepared.weights_of(holdout, Part::Train);
        let baseline = Baseline::fit(&prepared.target().task, &learnt, weights.as_deref())?;
        let theirs = baseline.predict(holdout.count(Part::Test));
        self.against(&theirs, "always the same answer", threads)
    }

    /// Both answer the rows that are held out here, as they would answer a caller.
    fn beats(
        &self,
        rival: &Content,
        production: &VersionInfo,
        ours: &Content,
        threads: usize,
    ) -> Result<Verdict, TrainError> {
        let prepared = self.prepared;
        let recipe = prepared.recipe();
        let other = |task: &str| {
            let target = rival.manifest.predicts.target();
            apart(
                production,
                &format!("it predicts \"{target}\" ({task}), or other classes of it"),
            )
        };
        let Some(fitted) = rival.fitted.rows() else {
            return Ok(other(rival.manifest.predicts.task_name()));
        };
        if fitted.model.task() != &prepared.target().task
            || rival.manifest.predicts.target() != recipe.data.target
        {
            return Ok(other(fitted.model.task().name()));
        }
        let theirs = match prepared.predict(&fitted.features, &fitted.model, prepared.holdout(), Part::Test) {
            Ok(theirs) => theirs,
            // It takes a column that is not there any more, or values that it does not know.
            Err(TrainError::Features(error)) => return Ok(apart(production, &error.to_string())),
            Err(other) => return Err(other),
        };
        let (outcome, mut found) = self.against(&theirs, &production.label, threads)?;
        if !held_out_from_both(recipe, production, rival, ours) {
            found.push_str("; it may have learnt from some of these rows");
        }
        Ok((outcome, found))
    }
}

impl RowRivals<'_> {
    /// Whether the model is better than what answered `theirs` in the metric to look at first, more surely than chance
    /// explains: by a paired bootstrap, on the same rows.
    fn against(&self, theirs: &[f32], rival: &str, threads: usize) -> Result<Verdict, TrainError> {
        let (prepared, task) = (self.prepared, &self.prepared.target().task);
        let labels = prepared.targets(prepared.holdout(), Part::Test);
        // The metrics that are compared ask for no threshold.
        let sample = |answers| Sample::new(task, &labels, answers, USUAL_THRESHOLD);
        let (ours, theirs) = (sample(self.answers)?, sample(theirs)?);
        let plan = plan(prepared.recipe(), self.answers.len(), threads);
        let metric = headline_of(task);
        let difference = paired_bootstrap(&ours, &theirs, metric, &plan, prepared.stop())?;
        Ok(tested(metric, &difference, rival, plan.confidence))
    }
}
