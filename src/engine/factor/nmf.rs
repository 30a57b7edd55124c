//! Non-negative matrix factorisation: ratings that were not given count as 0, as in scikit-learn.
//!
//! With `W` the factors of users and `H` those of items it minimises, over numbers of at least 0,
//! `½ ‖X − W Hᵀ‖² + l1 of users · Σ W + ½ l2 of users · ‖W‖² + l1 of items · Σ H + ½ l2 of items · ‖H‖²`.
//! With `H` fixed each row of `W` is a problem of its own, which knows of the others but the Gram matrix `Hᵀ H` and its
//! ratings' row of `X H`; with `W` fixed so is each row of `H`.
//!
//! Source: Cichocki and Phan 2009, "Fast local algorithms for large scale nonnegative matrix and tensor
//! factorizations"; scikit-learn's `NMF(solver="cd")`.

use std::slice::ChunksExactMut;

use rand_distr::{Distribution, StandardNormal};

use super::fit::{Half, Solver, State};
use super::params::NmfParams;
use super::ratings::{Compressed, Interactions};
use super::rows::{Lane, Rows, Update, add, add_all, dot};
use crate::base::{Seed, Stop};

/// The penalty on factors.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Penalty {
    /// On absolute values.
    l1: f64,
    /// On half the squares.
    l2: f64,
}

impl Penalty {
    /// `alpha` counts as often as there are rows on the other side, so that it means the same for any number of them.
    fn new(alpha: f64, l1_ratio: f64, others: usize) -> Self {
        let alpha = alpha * others as f64;
        Self {
            l1: alpha * l1_ratio,
            l2: alpha * (1.0 - l1_ratio),
        }
    }

    fn value(self, factors: &Rows, gram: &Rows) -> f64 {
        let l1 = if self.l1 == 0.0 {
            0.0
        } else {
            self.l1 * factors.sum()
        };
        l1 + self.l2 / 2.0 * gram.trace()
    }
}

/// A factorisation of these ratings.
pub(super) struct Nmf<'a> {
    ratings: &'a Interactions,
    params: &'a NmfParams,
    of_users: Penalty,
    of_items: Penalty,
    /// ‖X‖².
    squares: f64,
}

impl<'a> Nmf<'a> {
    pub(super) fn new(ratings: &'a Interactions, params: &'a NmfParams) -> Self {
        let squares = ratings.values().iter().map(|value| f64::from(*value).powi(2));
        Self {
            ratings,
            params,
            of_users: Penalty::new(params.alpha_w, params.l1_ratio, ratings.items()),
            of_items: Penalty::new(params.of_items(), params.l1_ratio, ratings.users()),
            squares: squares.sum(),
        }
    }
}

impl Solver for Nmf<'_> {
    fn begin(&self, seed: Seed) -> (Rows, Rows) {
        let (users, items) = (self.ratings.users(), self.ratings.items());
        let sum: f64 = self.ratings.values().iter().map(|value| f64::from(*value)).sum();
        let width = self.params.n_components;
        let scale = (sum / users as f64 / items as f64 / width as f64).sqrt();
        let drawn = |part, rows| {
            Rows::drawn(rows, width, seed.derive(part, 0), |rng| {
                let normal: f64 = StandardNormal.sample(rng);
                (scale * normal.abs()) as f32
            })
        };
        (drawn("users", users), drawn("items", items))
    }

    fn users(&self, users: &mut Rows, items: &Rows, gram: &Rows, stop: &Stop) -> Option<Half> {
        half(users, items, gram, &self.ratings.by_user, self.of_users, stop)
    }

    fn items(&self, items: &mut Rows, users: &Rows, gram: &Rows, stop: &Stop) -> Option<Half> {
        half(items, users, gram, &self.ratings.by_item, self.of_items, stop)
    }

    fn objective(&self, at: &State, gram_of_users: &Rows, fitted: f64) -> f64 {
        let distance = self.squares - 2.0 * fitted + gram_of_users.inner(&at.gram);
        // What is met exactly may come out below 0 by rounding; what is no number stays none.
        distance.clamp(0.0, f64::INFINITY) / 2.0
            + self.of_users.value(&at.users, gram_of_users)
            + self.of_items.value(&at.items, &at.gram)
    }

    fn tolerance(&self) -> Option<f64> {
        Some(self.params.tol)
    }
}

/// Goes once through all coordinates of `rows`. What is fitted is `⟨X, W Hᵀ⟩` with the rows as they are then.
fn half(
    rows: &mut Rows,
    others: &Rows,
    gram: &Rows,
    ratings: &Compressed,
    penalty: Penalty,
    stop: &Stop,
) -> Option<Half> {
    let descent = Descent {
        others,
        hessian: gram.with_diagonal(penalty.l2 as f32),
        l1: penalty.l1 as f32,
    };
    let [violation, fitted] = rows.update(stop, &(descent, ratings))?;
    Some(Half { violation, fitted })
}

/// Coordinate descent of rows, with the other side fixed.
struct Descent<'a> {
    others: &'a Rows,
    hessian: Rows,
    l1: f32,
}

impl Update for (Descent<'_>, &Compressed) {
    #[inline(always)]
    fn block(&self, first: usize, rows: ChunksExactMut<'_, Lane>) -> [f64; 2] {
        let (descent, ratings) = self;
        let (mut wanted, mut gradient) = (descent.others.zero_row(), descent.others.zero_row());
        let mut sums = [0.0; 2];
        for (at, row) in (first..).zip(rows) {
            descent.weigh(ratings.row(at), &mut wanted);
            descent.begin(row, &wanted, &mut gradient);
            sums[0] += descent.descend(row, &mut gradient);
            sums[1] += f64::from(dot(row, &wanted));
        }
        sums
    }
}

impl Descent<'_> {
    /// `wanted` becomes the sum of the rows of the others that were rated, each as often as its rating says.
    #[inline(always)]
    fn weigh(&self, (columns, values): (&[u32], &[f32]), wanted: &mut [Lane]) {
        wanted.fill(Lane::default());
        let rows = columns.iter().map(|column| self.others.row(*column as usize));
        add_all(wanted, values.iter().copied().zip(rows));
    }

    /// `gradient` becomes `Hessian · row − wanted + l1`.
    #[inline(always)]
    fn begin(&self, row: &[Lane], wanted: &[Lane], gradient: &mut [Lane]) {
        for (gradient, wanted) in gradient.iter_mut().zip(wanted) {
            *gradient = wanted.map(|wanted| self.l1 - wanted);
        }
        let coordinates = row.as_flattened().iter().copied();
        let rows = (0..self.hessian.width()).map(|at| self.hessian.row(at));
        add_all(gradient, coordinates.zip(rows));
    }

    /// Moves each coordinate of a row to its best place given the others, once; by how much they could be bettered.
    ///
    /// The gradient is kept up to date instead of summed anew for each coordinate: it costs nothing for those that are 0
    /// and stay there. To skip those took a fifth off a fit of `benches/factor.rs`; to skip what is 0 in [`Self::begin`]
    /// or in Gram matrices did not pay, as guessing wrong which is costs more than four rows at a time.
    #[inline(always)]
    fn descend(&self, row: &mut [Lane], gradient: &mut [Lane]) -> f64 {
        let mut violation = 0.0;
        let coordinates = row.as_flattened_mut().iter_mut().enumerate();
        for (at, value) in coordinates.take(self.hessian.width()) {
            let slope = gradient.as_flattened()[at];
            if *value == 0.0 && slope >= 0.0 {
                continue;
            }
            violation += f64::from(slope.abs());
            let curvature = self.hessian.at(at, at);
            if curvature > 0.0 {
                let better = (*value - slope / curvature).max(0.0);
                add(gradient, better - *value, self.hessian.row(at));
                *value = better;
            }
        }
        violation
    }
}

/// The factors of one more user with these ratings, beside `items` as they are: coordinate descent from 0, as
/// scikit-learn's `transform`.
///
/// `gram`: of the items.
pub(super) fn fold_in(params: &NmfParams, ratings: (&[u32], &[f32]), items: &Rows, gram: &Rows) -> Vec<Lane> {
    let penalty = Penalty::new(params.alpha_w, params.l1_ratio, items.rows());
    let descent = Descent {
        others: items,
        hessian: gram.with_diagonal(penalty.l2 as f32),
        l1: penalty.l1 as f32,
    };
    let (mut user, mut wanted, mut gradient) = (items.zero_row(), items.zero_row(), items.zero_row());
    descent.weigh(ratings, &mut wanted);
    let mut first = None;
    for _ in 0..params.max_iter {
        descent.begin(&user, &wanted, &mut gradient);
        let violation = descent.descend(&mut user, &mut gradient);
        if violation <= params.tol * *first.get_or_insert(violation) {
            break;
        }
    }
    user
}
