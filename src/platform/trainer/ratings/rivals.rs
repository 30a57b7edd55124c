//! Recommenders, held against each other on the same users.

use super::Ratings;
use super::measure::Ranked;
use crate::engine::metric::rank::HEADLINE;
use crate::engine::validate::paired_bootstrap_means;
use crate::platform::bundles::Content;
use crate::platform::registry::VersionInfo;
use crate::platform::trainer::TrainError;
use crate::platform::trainer::gates::{Rivals, Verdict, apart, plan, tested};

/// What was recommended, and to whom.
pub(super) struct RankRivals<'a> {
    pub(super) ratings: &'a Ratings<'a>,
    pub(super) ranked: &'a Ranked,
}

impl Rivals for RankRivals<'_> {
    fn beats_baseline(&self, threads: usize) -> Result<Verdict, TrainError> {
        self.against(
            &Ranked::headline(&self.ranked.of_popular),
            "what is popular",
            threads,
        )
    }

    fn beats(
        &self,
        rival: &Content,
        production: &VersionInfo,
        _: &Content,
        threads: usize,
    ) -> Result<Verdict, TrainError> {
        let Some(fitted) = rival.fitted.items() else {
            return Ok(apart(production, "it recommends nothing"));
        };
        // Its users and items have other places, and what it has seen may be what is held out here.
        let theirs = self.ratings.recommended_by(&fitted.model);
        let (outcome, mut found) = self.against(&theirs, &production.label, threads)?;
        found.push_str(
            "; it may have learnt from ratings that are held out here, and knows other users and items",
        );
        Ok((outcome, found))
    }
}

impl RankRivals<'_> {
    fn against(&self, theirs: &[f64], rival: &str, threads: usize) -> Result<Verdict, TrainError> {
        let ours = Ranked::headline(&self.ranked.of_users);
        let plan = plan(self.ratings.recipe, ours.len(), threads);
        let difference = paired_bootstrap_means(&ours, theirs, &plan, self.ratings.stop)?;
        Ok(tested(HEADLINE, &difference, rival, plan.confidence))
    }
}

impl Ratings<'_> {
    /// How good `model`, which has labels of its own, is for each held-out user at the metric to look at first: what the
    /// user has had in the part that is learnt from is left out of what it recommends.
    fn recommended_by(&self, model: &crate::engine::factor::FactorModel) -> Vec<f64> {
        let k = self.spec.top_k;
        let of = |(user, relevant): &(u32, Vec<u32>)| {
            let had = self.train.of_user(*user).map_or(&[][..], |(items, _)| items);
            let name = self.users.name(*user).unwrap_or_default();
            let wanted = k + had.len();
            let told = model
                .recommend(name, wanted, false)
                .or_else(|_| model.popular(wanted));
            let told = told.unwrap_or_default().into_iter();
            let items = told.map(|told| self.items.index(told.item).unwrap_or(u32::MAX));
            let ranked: Vec<u32> = items.filter(|item| !had.contains(item)).take(k).collect();
            crate::engine::metric::rank::ndcg(k, &ranked, relevant)
        };
        self.held_out.iter().map(of).collect()
    }
}
