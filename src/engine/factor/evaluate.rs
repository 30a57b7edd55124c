//! How good a recommender is for users whose later items were held out, beside what is popular.

use rayon::ThreadPoolBuilder;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::FactorModel;
use crate::engine::metric::rank::{RankError, RankReport, rank_report};

/// The metrics of a recommender, and of recommending to the same users what is popular.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Recommendations {
    /// Of the recommender.
    pub model: RankReport,
    /// Of the items that most users have had.
    pub popular: RankReport,
}

/// What is recommended to each user, by indices, best first: by the model, and by popularity.
#[derive(Debug, Clone, PartialEq)]
pub struct Rankings {
    /// Of the recommender: `[users][at most k]`.
    pub model: Vec<Vec<u32>>,
    /// Of the items that most users have had.
    pub popular: Vec<Vec<u32>>,
}

/// The first `k` items that are recommended to each user, without those seen in training, by `model` and by popularity.
///
/// `held_out`: users, by their index in the model, with the items that they had later, by theirs.
///
/// # Errors
/// A user is none of the model's.
pub fn rankings(
    model: &FactorModel,
    held_out: &[(u32, Vec<u32>)],
    k: usize,
    threads: usize,
) -> Result<Rankings, RankError> {
    let users = model.users().len();
    if let Some(&(user, _)) = held_out.iter().find(|(user, _)| *user as usize >= users) {
        return Err(RankError::User { user, users });
    }
    let ranked = || {
        let rankings = held_out.par_iter().map(|(user, _)| {
            let items = |ranked: Vec<(u32, f32)>| ranked.into_iter().map(|(item, _)| item).collect();
            let popular = model.popular_at(k, model.seen.of_user(*user));
            (items(model.recommend_at(*user, k, true)), items(popular))
        });
        rankings.collect::<(Vec<Vec<u32>>, Vec<Vec<u32>>)>()
    };
    let (model, popular) = match ThreadPoolBuilder::new().num_threads(threads.max(1)).build() {
        Ok(pool) => pool.install(ranked),
        Err(_) => ranked(),
    };
    Ok(Rankings { model, popular })
}

/// Measures the first `k` items that are recommended to each user, without those seen in training, by `model` and by
/// popularity.
///
/// `held_out`: users, by their index in the model, with the items that they had later, by theirs.
///
/// # Errors
/// `k` is 0, a user or an item is none of the model's, or no user had anything.
pub fn evaluate(
    model: &FactorModel,
    held_out: &[(u32, Vec<u32>)],
    k: usize,
    threads: usize,
) -> Result<Recommendations, RankError> {
    let ranked = rankings(model, held_out, k, threads)?;
    let items = model.items().len();
    let report = |rankings: &[Vec<u32>]| {
        let relevant = held_out.iter().map(|(_, items)| &**items);
        rank_report(k, items, rankings.iter().map(|ranking| &**ranking).zip(relevant))
    };
    Ok(Recommendations {
        model: report(&ranked.model)?,
        popular: report(&ranked.popular)?,
    })
}
