//! Forecasters, held against each other at the same origins.

use super::Periods;
use super::measure::{BLOCKS, block, errors, naives};
use crate::engine::forecast::Answered;
use crate::engine::metric::forecast::{Errors, HEADLINE};
use crate::engine::validate::paired_block_bootstrap;
use crate::platform::bundles::Content;
use crate::platform::registry::VersionInfo;
use crate::platform::registry::gates::{FAILED, PASSED};
use crate::platform::trainer::TrainError;
use crate::platform::trainer::gates::{Rivals, Verdict, apart, held_out_from_both, plan, tested};

/// What was forecast, and of what.
pub(super) struct SeriesRivals<'a> {
    pub(super) periods: &'a Periods<'a>,
    pub(super) answered: &'a Answered,
}

impl Rivals for SeriesRivals<'_> {
    fn beats_baseline(&self, threads: usize) -> Result<Verdict, TrainError> {
        let mut worst: Option<Verdict> = None;
        // It has to beat each of them: the first that it does not tells why not.
        for (name, theirs) in naives(self.periods, &self.answered.origins) {
            let verdict = self.against(&theirs, &name.replace('_', " "), threads)?;
            if worst.as_ref().is_none_or(|worst| worst.0 == verdict.0) {
                worst = Some(verdict);
            } else if verdict.0 != PASSED {
                return Ok(verdict);
            }
        }
        Ok(worst.unwrap_or_else(|| (FAILED, "there is nothing to beat".to_owned())))
    }

    fn beats(
        &self,
        rival: &Content,
        production: &VersionInfo,
        ours: &Content,
        threads: usize,
    ) -> Result<Verdict, TrainError> {
        let plan = &self.periods.plan;
        let Some(fitted) = rival.fitted.series() else {
            return Ok(apart(production, "it forecasts nothing"));
        };
        let theirs = &fitted.forecaster.plan;
        if theirs.target != plan.target
            || theirs.frequency != plan.frequency
            || theirs.horizon != plan.horizon
            || theirs.columns() != plan.columns()
        {
            let why = format!(
                "it forecasts \"{}\" over {} periods of {}, from other columns or over another horizon",
                theirs.target, theirs.horizon, theirs.frequency
            );
            return Ok(apart(production, &why));
        }
        if self
            .answered
            .origins
            .first()
            .is_some_and(|first| first + 1 < theirs.needs())
        {
            return Ok(apart(
                production,
                "it needs more periods than there are before those held out",
            ));
        }
        let forecasts = fitted
            .forecaster
            .forecast(&self.periods.series, &self.answered.origins)?;
        let theirs = Answered {
            forecasts,
            ..self.answered.clone()
        };
        let (outcome, mut found) = self.against(&theirs, &production.label, threads)?;
        if !held_out_from_both(self.periods.recipe, production, rival, ours) {
            found.push_str("; it may have learnt from some of these periods");
        }
        Ok((outcome, found))
    }
}

impl SeriesRivals<'_> {
    fn against(&self, theirs: &Answered, rival: &str, threads: usize) -> Result<Verdict, TrainError> {
        let periods = self.periods;
        let of = |answered: &Answered| -> Result<Errors, TrainError> {
            errors(periods, periods.learnt(), answered, None)
        };
        let (ours, theirs) = (of(self.answered)?, of(theirs)?);
        let least = BLOCKS * block(periods);
        if ours.origins() < least {
            let found = format!(
                "whether it is better than {rival} is not told by {} forecasts; it takes {least}, so hold out more periods",
                ours.origins()
            );
            return Ok((FAILED, found));
        }
        let plan = plan(periods.recipe, ours.origins(), threads);
        let both = (&ours, &theirs);
        let difference = paired_block_bootstrap(both, HEADLINE, block(periods), &plan, periods.stop)?;
        Ok(tested(HEADLINE, &difference, rival, plan.confidence))
    }
}
