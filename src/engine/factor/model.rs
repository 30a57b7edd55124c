//! A trained recommender: what a user may like, what an item is like, and what all like.

use std::collections::HashSet;

use super::fit::Factors;
use super::labels::Labels;
use super::params::FactorParams;
use super::ratings::Interactions;
use super::rows::{Lane, Rows, dot};
use super::seen::Seen;
use super::top::top;
use super::{RecommendError, als, nmf};
use crate::base::Stop;
use crate::engine::model::StoredModelError;

/// An item that is recommended.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Recommended<'a> {
    /// The item's id.
    pub item: &'a str,
    /// How good it is, by what was asked: the product of factors, a cosine, or how many users had it. Always finite.
    pub score: f32,
}

/// A recommender, with the ids of its users and items and what each user has seen.
#[derive(Debug, Clone, PartialEq)]
pub struct FactorModel {
    pub(super) params: FactorParams,
    pub(super) users: Labels,
    pub(super) items: Labels,
    pub(super) factors: Factors,
    pub(super) seen: Seen,
    /// How many users have had each item: `[items]`.
    popularity: Vec<u32>,
    /// The length of each item's factors: `[items]`.
    lengths: Vec<f32>,
    longest: f32,
    /// Of the items.
    gram: Rows,
}

impl FactorModel {
    /// The model of these factors, learnt from these ratings.
    ///
    /// # Errors
    /// When factors, ratings and ids are not of the same users and items, or the factors so large that scores are no
    /// numbers.
    pub fn new(
        params: FactorParams,
        factors: Factors,
        ratings: &Interactions,
        (users, items): (Labels, Labels),
    ) -> Result<Self, StoredModelError> {
        Self::of_seen(params, factors, Seen::of(ratings), (users, items))
    }

    pub(super) fn of_seen(
        params: FactorParams,
        factors: Factors,
        seen: Seen,
        (users, items): (Labels, Labels),
    ) -> Result<Self, StoredModelError> {
        let agree = |what, expected, got| match expected == got {
            true => Ok(()),
            false => Err(StoredModelError::Contradicts { what, expected, got }),
        };
        agree("its number of users", users.len(), factors.users.rows())?;
        agree("its number of items", items.len(), factors.items.rows())?;
        agree("its number of users with items", users.len(), seen.users())?;
        agree("its number of factors", params.width(), factors.users.width())?;
        agree(
            "the number of factors of its items",
            params.width(),
            factors.items.width(),
        )?;
        let lengths = lengths_of(&factors.items);
        let longest = lengths.iter().copied().fold(0.0, f32::max);
        let of_users = lengths_of(&factors.users);
        // No product of two rows is larger than that of their lengths.
        let gram = factors.items.gram(&Stop::new());
        let gram = gram
            .filter(|gram| gram.are_finite() && of_users.iter().all(|length| (length * longest).is_finite()));
        let gram = gram.ok_or_else(|| StoredModelError::Weights("its factors are too large".to_owned()))?;
        Ok(Self {
            popularity: seen.popularity(items.len()).ok_or_else(|| {
                StoredModelError::Weights("a user has seen an item that is none".to_owned())
            })?,
            params,
            users,
            items,
            factors,
            seen,
            lengths,
            longest,
            gram,
        })
    }

    /// How it was trained.
    pub fn params(&self) -> &FactorParams {
        &self.params
    }

    /// The users that it knows.
    pub fn users(&self) -> &Labels {
        &self.users
    }

    /// The items that it knows.
    pub fn items(&self) -> &Labels {
        &self.items
    }

    /// The factors of users and items.
    pub fn factors(&self) -> &Factors {
        &self.factors
    }

    /// The `k` items that a user likes best, best first; of equal ones the earlier first. Fewer where there are no more.
    /// `filter_seen`: without those that the user has had.
    ///
    /// A user of whom nothing was learnt, as one without ratings, is recommended what is popular.
    ///
    /// # Errors
    /// The user is not known, or `k` is 0.
    pub fn recommend(
        &self,
        user: &str,
        k: usize,
        filter_seen: bool,
    ) -> Result<Vec<Recommended<'_>>, RecommendError> {
        let index = self.users.index(user);
        let index = index.ok_or_else(|| RecommendError::UnknownUser(user.to_owned()))?;
        Ok(self.named(self.recommend_at(index, asked(k)?, filter_seen)))
    }

    /// As [`FactorModel::recommend`], by indices: of a user of the model.
    pub(super) fn recommend_at(&self, user: u32, k: usize, filter_seen: bool) -> Vec<(u32, f32)> {
        let hidden = if filter_seen { self.seen.of_user(user) } else { &[] };
        self.best(self.factors.users.row(user as usize), k, hidden)
    }

    /// The `k` items that a user likes best of whom nothing was learnt, by `seen`: items and the values that ratings of
    /// them have, in the order of time. The user's factors are found beside those of the items as they are: exactly by
    /// ALS, by coordinate descent of one row by NMF. Where they say nothing, as of no items: what is popular.
    ///
    /// # Errors
    /// An item is not known, a value is none that the algorithm takes, or `k` is 0.
    pub fn recommend_for(
        &self,
        seen: &[(&str, f32)],
        k: usize,
        filter_seen: bool,
    ) -> Result<Vec<Recommended<'_>>, RecommendError> {
        let k = asked(k)?;
        let (items, values) = self.known(seen)?;
        let (ratings, of_items) = ((&*items, &*values), &self.factors.items);
        let user = match &self.params {
            FactorParams::Nmf(params) => nmf::fold_in(params, ratings, of_items, &self.gram),
            FactorParams::Als(params) => als::fold_in(params, ratings, of_items, &self.gram),
        };
        if !(length(&user) * self.longest).is_finite() {
            return Err(RecommendError::TooLarge);
        }
        let hidden = if filter_seen { &*items } else { &[] };
        Ok(self.named(self.best(&user, k, hidden)))
    }

    /// The `k` items whose factors point the same way as those of `item`, by their cosine; `item` itself left out. What
    /// has no factors is like nothing: 0.
    ///
    /// # Errors
    /// The item is not known, or `k` is 0.
    pub fn similar_items(&self, item: &str, k: usize) -> Result<Vec<Recommended<'_>>, RecommendError> {
        let at = self.items.index(item);
        let at = at.ok_or_else(|| RecommendError::UnknownItem(item.to_owned()))?;
        let row = self.factors.items.row(at as usize);
        let length = self.lengths[at as usize];
        let cosine = |other: u32| {
            let lengths = length * self.lengths[other as usize];
            let product = dot(row, self.factors.items.row(other as usize));
            // Lengths so small that their product is 0 say nothing about a direction.
            let cosine = if lengths > 0.0 { product / lengths } else { 0.0 };
            (other, cosine.clamp(-1.0, 1.0))
        };
        let others = (0..self.items.len() as u32).filter(|other| *other != at);
        Ok(self.named(top(asked(k)?, others.map(cosine))))
    }

    /// The `k` items that most users have had; of equal ones the earlier first.
    ///
    /// # Errors
    /// `k` is 0.
    pub fn popular(&self, k: usize) -> Result<Vec<Recommended<'_>>, RecommendError> {
        Ok(self.named(self.popular_at(asked(k)?, &[])))
    }

    /// By indices, without those that are `hidden`, which ascend.
    pub(super) fn popular_at(&self, k: usize, hidden: &[u32]) -> Vec<(u32, f32)> {
        let items = (0_u32..).zip(&self.popularity);
        let shown = items.filter(|(item, _)| hidden.binary_search(item).is_err());
        top(k, shown.map(|(item, &users)| (item, users as f32)))
    }

    /// The best items by a user's factors, or the most popular where there are none, without those that are `hidden`,
    /// which ascend.
    fn best(&self, user: &[Lane], k: usize, hidden: &[u32]) -> Vec<(u32, f32)> {
        if length(user) == 0.0 {
            return self.popular_at(k, hidden);
        }
        let mut hidden = hidden.iter().copied().peekable();
        let shown = (0..self.items.len() as u32).filter(|item| hidden.next_if_eq(item).is_none());
        let score = |item: u32| (item, dot(user, self.factors.items.row(item as usize)));
        top(k, shown.map(score))
    }

    /// The indices of items, ascending, and their values; of an item that is there twice, the last counts.
    fn known(&self, seen: &[(&str, f32)]) -> Result<(Vec<u32>, Vec<f32>), RecommendError> {
        let (may, expected): (fn(f32) -> bool, _) = match self.params {
            FactorParams::Nmf(_) => (|value| value >= 0.0, "a finite number of at least 0"),
            FactorParams::Als(_) => (|value| value > 0.0, "a finite number above 0"),
        };
        let mut known = Vec::with_capacity(seen.len());
        for &(item, value) in seen {
            let index = self.items.index(item);
            let index = index.ok_or_else(|| RecommendError::UnknownItem(item.to_owned()))?;
            if !(value.is_finite() && may(value)) {
                return Err(RecommendError::Value {
                    item: item.to_owned(),
                    value,
                    expected,
                });
            }
            known.push((index, value));
        }
        let mut once = HashSet::new();
        let mut last: Vec<_> = known
            .into_iter()
            .rev()
            .filter(|(item, _)| once.insert(*item))
            .collect();
        last.sort_unstable_by_key(|(item, _)| *item);
        Ok(last.into_iter().unzip())
    }

    fn named(&self, ranked: Vec<(u32, f32)>) -> Vec<Recommended<'_>> {
        let named = ranked.into_iter().filter_map(|(item, score)| {
            let item = self.items.name(item)?;
            Some(Recommended { item, score })
        });
        named.collect()
    }
}

fn asked(k: usize) -> Result<usize, RecommendError> {
    if k == 0 {
        Err(RecommendError::NoneAsked)
    } else {
        Ok(k)
    }
}

/// The length of each row.
fn lengths_of(rows: &Rows) -> Vec<f32> {
    (0..rows.rows()).map(|row| length(rows.row(row))).collect()
}

fn length(row: &[Lane]) -> f32 {
    dot(row, row).sqrt()
}
