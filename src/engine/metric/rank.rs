//! How good rankings are: what is recommended first to a user, beside what that user then had.
//!
//! Relevance is yes or no. Of a ranking its first `k` items are looked at, each item counts once, and users who had
//! nothing are left out.

use serde::{Deserialize, Serialize};

/// Why rankings have no metrics.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RankError {
    /// No item is to be looked at.
    #[error("rankings are measured by their first items; ask for at least 1")]
    NoneAsked,
    /// Nobody had anything after the ranking.
    #[error("no user has items that were held out; there is nothing to measure")]
    NoUsers,
    /// A ranked or held-out item that is none.
    #[error("item {item} is ranked or was held out, but there are {items} items")]
    Item {
        /// The item, from 0.
        item: u32,
        /// How many items there are.
        items: usize,
    },
    /// A user with held-out items who is none.
    #[error("items of user {user} were held out, but there are {users} users")]
    User {
        /// The user, from 0.
        user: u32,
        /// How many users there are.
        users: usize,
    },
}

/// The metrics of rankings, as a report names them.
pub const NAMES: [&str; 6] = [
    "ndcg",
    "map",
    "hit_rate",
    "precision_at_k",
    "recall_at_k",
    "catalogue_coverage",
];

/// The metric to look at first.
pub const HEADLINE: &str = "ndcg";

/// Metrics of rankings: means over users, each from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct RankReport {
    /// How many users were measured.
    pub users: usize,
    /// How many items of each ranking were looked at.
    pub k: usize,
    /// [`hit`].
    pub hit: f64,
    /// [`precision`].
    pub precision: f64,
    /// [`recall`].
    pub recall: f64,
    /// [`ndcg`].
    pub ndcg: f64,
    /// [`average_precision`], whose mean it is.
    pub map: f64,
    /// The share of all items that are among the first `k` of at least one user.
    ///
    /// Source: Ge, Delgado-Battenfeld, Jannach 2010, "Beyond accuracy: evaluating recommender systems by coverage and
    /// serendipity", catalogue coverage.
    pub coverage: f64,
}

impl RankReport {
    /// Every metric by its name, in the order of [`NAMES`].
    pub fn as_pairs(&self) -> [(&'static str, f64); 6] {
        let values = [
            self.ndcg,
            self.map,
            self.hit,
            self.precision,
            self.recall,
            self.coverage,
        ];
        std::array::from_fn(|at| (NAMES[at], values[at]))
    }
}

/// Measures rankings.
///
/// `rankings`: of each user the items that were recommended, best first, and the items that the user then had, each
/// once; all are indices below `items`.
///
/// # Errors
/// `k` or `items` is 0, an index is out of range, or no user had anything.
pub fn rank_report<'a>(
    k: usize,
    items: usize,
    rankings: impl IntoIterator<Item = (&'a [u32], &'a [u32])>,
) -> Result<RankReport, RankError> {
    if k == 0 {
        return Err(RankError::NoneAsked);
    }
    let mut sums = [0.0; 5];
    let mut shown = vec![false; items];
    let mut users = 0_usize;
    for (ranked, relevant) in rankings {
        if let Some(&item) = ranked
            .iter()
            .chain(relevant)
            .find(|item| **item as usize >= items)
        {
            return Err(RankError::Item { item, items });
        }
        if relevant.is_empty() {
            continue;
        }
        users += 1;
        let metrics = [hit, precision, recall, ndcg, average_precision];
        for (sum, metric) in sums.iter_mut().zip(metrics) {
            *sum += metric(k, ranked, relevant);
        }
        for &item in ranked.iter().take(k) {
            shown[item as usize] = true;
        }
    }
    if users == 0 {
        return Err(RankError::NoUsers);
    }
    let [hit, precision, recall, ndcg, map] = sums.map(|sum| sum / users as f64);
    Ok(RankReport {
        users,
        k,
        hit,
        precision,
        recall,
        ndcg,
        map,
        coverage: shown.iter().filter(|shown| **shown).count() as f64 / items as f64,
    })
}

/// Of the first `k` items, whether each is relevant.
fn relevances<'a>(k: usize, ranked: &'a [u32], relevant: &'a [u32]) -> impl Iterator<Item = bool> + 'a {
    ranked.iter().take(k).map(|item| relevant.contains(item))
}

fn hits(k: usize, ranked: &[u32], relevant: &[u32]) -> usize {
    relevances(k, ranked, relevant).filter(|is| *is).count()
}

/// `part` of `whole`; 0 of nothing.
fn share(part: f64, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { part / whole as f64 }
}

/// Whether at least one of the first `k` is relevant: 1, else 0.
///
/// Source: Deshpande and Karypis 2004, "Item-based top-N recommendation algorithms", hit rate.
pub fn hit(k: usize, ranked: &[u32], relevant: &[u32]) -> f64 {
    f64::from(u8::from(hits(k, ranked, relevant) > 0))
}

/// The relevant ones among the first `k`, as a share of `k`, even where fewer were ranked.
///
/// Source: Manning, Raghavan, Schütze 2008, "Introduction to Information Retrieval", 8.4.
pub fn precision(k: usize, ranked: &[u32], relevant: &[u32]) -> f64 {
    share(hits(k, ranked, relevant) as f64, k)
}

/// The relevant ones among the first `k`, as a share of all that are relevant; 0 where none is.
///
/// Source: Manning, Raghavan, Schütze 2008, "Introduction to Information Retrieval", 8.4.
pub fn recall(k: usize, ranked: &[u32], relevant: &[u32]) -> f64 {
    share(hits(k, ranked, relevant) as f64, relevant.len())
}

/// Normalised discounted cumulative gain: `Σ 1 / log2(1 + place)` over the places from 1 to `k` whose item is relevant,
/// as a share of what it is where relevant ones come first; 0 where none is relevant.
///
/// Source: Järvelin and Kekäläinen 2002, "Cumulated gain-based evaluation of IR techniques", with gains of 0 and 1;
/// scikit-learn's `ndcg_score`.
pub fn ndcg(k: usize, ranked: &[u32], relevant: &[u32]) -> f64 {
    let gain = |place: usize| 1.0 / (place as f64 + 2.0).log2();
    let gains = relevances(k, ranked, relevant).enumerate();
    let got: f64 = gains.filter(|(_, is)| *is).map(|(place, _)| gain(place)).sum();
    let best: f64 = (0..k.min(relevant.len())).map(gain).sum();
    if best == 0.0 { 0.0 } else { got / best }
}

/// Average precision: the mean, over the relevant items, of the precision down to each that is among the first `k`; of
/// the most that could be there, `min(k, relevant)`, so that a perfect ranking has 1. 0 where none is relevant.
///
/// Source: Manning, Raghavan, Schütze 2008, "Introduction to Information Retrieval", 8.4, cut at `k` as in Kaggle's
/// MAP@k.
pub fn average_precision(k: usize, ranked: &[u32], relevant: &[u32]) -> f64 {
    let (mut hits, mut sum) = (0.0, 0.0);
    for (place, is) in (1..).zip(relevances(k, ranked, relevant)) {
        if is {
            hits += 1.0;
            sum += hits / f64::from(place);
        }
    }
    share(sum, k.min(relevant.len()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The items 3 and 7 were liked; they come second and fifth.
    const RANKED: [u32; 5] = [0, 3, 1, 2, 7];

    #[test]
    fn metrics_are_those_that_are_reckoned_by_hand() {
        let of = |metric: fn(usize, &[u32], &[u32]) -> f64, k| metric(k, &RANKED, &[7, 3]);
        assert_eq!([of(hit, 1), of(hit, 2)], [0.0, 1.0]);
        assert_eq!(
            [of(precision, 2), of(precision, 5), of(precision, 10)],
            [0.5, 0.4, 0.2]
        );
        assert_eq!([of(recall, 1), of(recall, 2), of(recall, 5)], [0.0, 0.5, 1.0]);
        assert_eq!([of(average_precision, 2), of(average_precision, 1)], [0.25, 0.0]);
        assert!((of(average_precision, 5) - (1.0 / 2.0 + 2.0 / 5.0) / 2.0).abs() < 1e-15);
        // sklearn.metrics.ndcg_score([[0, 0, 0, 1, 0, 0, 0, 1]], [[9, 7, 6, 8, 0, 0, 0, 5]], k=5), and k=2
        assert!(
            (of(ndcg, 5) - 0.6240505200038379).abs() < 1e-12,
            "{}",
            of(ndcg, 5)
        );
        assert!(
            (of(ndcg, 2) - 0.38685280723454163).abs() < 1e-12,
            "{}",
            of(ndcg, 2)
        );
    }

    #[test]
    fn a_report_is_the_mean_over_users_who_had_something() {
        let users: [(&[u32], &[u32]); 3] = [(&RANKED, &[7, 3]), (&[7, 4], &[7]), (&[5], &[])];
        let report = rank_report(2, 10, users).unwrap();
        assert_eq!((report.users, report.k), (2, 2));
        assert_eq!((report.hit, report.precision, report.recall), (1.0, 0.5, 0.75));
        assert_eq!(report.map, (0.25 + 1.0) / 2.0);
        assert!((report.ndcg - (0.38685280723454163 + 1.0) / 2.0).abs() < 1e-12);
        // 0, 3, 7 and 4; 5 was shown to nobody who is measured.
        assert_eq!(report.coverage, 0.4);
    }

    #[test]
    fn what_cannot_be_measured_is_told() {
        let one: (&[u32], &[u32]) = (&[0], &[1]);
        assert_eq!(rank_report(0, 2, [one]), Err(RankError::NoneAsked));
        assert_eq!(rank_report(1, 2, []), Err(RankError::NoUsers));
        assert_eq!(rank_report(1, 2, [(&[0][..], &[][..])]), Err(RankError::NoUsers));
        assert_eq!(
            rank_report(1, 1, [one]),
            Err(RankError::Item { item: 1, items: 1 })
        );
    }

    proptest! {
        #[test]
        fn metrics_are_shares_and_a_perfect_ranking_has_all(
            relevant in prop::collection::btree_set(0_u32..12, 1..8),
            ranked in Just((0_u32..12).collect::<Vec<_>>()).prop_shuffle(),
            k in 1_usize..15,
        ) {
            let relevant: Vec<u32> = relevant.into_iter().collect();
            for metric in [hit, precision, recall, ndcg, average_precision] {
                let value = metric(k, &ranked, &relevant);
                prop_assert!((0.0..=1.0 + 1e-12).contains(&value), "{}", value);
                prop_assert!(value <= metric(k, &relevant, &relevant) + 1e-12);
            }
            for metric in [hit, ndcg, average_precision] {
                prop_assert!((metric(k, &relevant, &relevant) - 1.0).abs() < 1e-12);
            }
        }
    }
}
