//! Non-negative matrix factorisation: ratings that were not given count as 0, as in scikit-learn.
//!
//! With `W` the factors of users and `H` those of items it minimises, over numbers of at least 0,
//! `½ ‖X − W Hᵀ‖² + l1 of users · Σ W + ½ l2 of users · ‖W‖² + l1 of items · Σ H + ½ l2 of items · ‖H‖²`.
//! With `H` fixed each row of `W` is a problem of its own, which knows of the others but the Gram matrix `Hᵀ H` and its
//! ratings' row of `X H`; with `W` fixed so is each row of `H`.
//!
//! Source: Cichocki and Phan 2009, "Fast local algorithms for large scale nonnegative matrix and tensor
//! factorizations"; scikit-learn's `NMF(solver="cd")`.

use rand_distr::{Distribution, StandardNormal};

use super::fit::{Half, Solver, State};
use super::params::NmfParams;
use super::ratings::{Compressed, Interactions};
use super::rows::{Lane, Rows, add, dot};
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
        // What is met exactly may come out below 0 by rounding.
        distance.max(0.0) / 2.0
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
    let hessian = gram.with_diagonal(penalty.l2 as f32);
    let [violation, fitted] = rows.update(stop, |first, block| {
        let (mut wanted, mut gradient) = (others.zero_row(), others.zero_row());
        let mut sums = [0.0; 2];
        for (at, row) in (first..).zip(block) {
            weigh(ratings.row(at), others, &mut wanted);
            begin_gradient(row, &wanted, &hessian, penalty.l1 as f32, &mut gradient);
            sums[0] += descend(row, &hessian, &mut gradient);
            sums[1] += f64::from(dot(row, &wanted));
        }
        sums
    })?;
    Some(Half { violation, fitted })
}

/// `wanted` becomes the sum of the rows of `others` that were rated, each as often as its rating says.
fn weigh((columns, values): (&[u32], &[f32]), others: &Rows, wanted: &mut [Lane]) {
    wanted.fill(Lane::default());
    for (&column, &value) in columns.iter().zip(values) {
        add(wanted, value, others.row(column as usize));
    }
}

/// `gradient` becomes `Hessian · row − wanted + l1`.
fn begin_gradient(row: &[Lane], wanted: &[Lane], hessian: &Rows, l1: f32, gradient: &mut [Lane]) {
    for (gradient, wanted) in gradient.iter_mut().zip(wanted) {
        *gradient = wanted.map(|wanted| l1 - wanted);
    }
    for (at, &value) in row.as_flattened()[..hessian.width()].iter().enumerate() {
        if value != 0.0 {
            add(gradient, value, hessian.row(at));
        }
    }
}

/// Moves each coordinate of a row to its best place given the others, once; by how much they could be bettered.
///
/// Most factors are 0 and stay there: a gradient that is kept up to date costs nothing for those, where one that is
/// summed anew for each coordinate costs as much for all.
fn descend(row: &mut [Lane], hessian: &Rows, gradient: &mut [Lane]) -> f64 {
    let mut violation = 0.0;
    let coordinates = row.as_flattened_mut().iter_mut().enumerate();
    for (at, value) in coordinates.take(hessian.width()) {
        let slope = gradient.as_flattened()[at];
        if *value == 0.0 && slope >= 0.0 {
            continue;
        }
        violation += f64::from(slope.abs());
        let curvature = hessian.at(at, at);
        if curvature > 0.0 {
            let better = (*value - slope / curvature).max(0.0);
            add(gradient, better - *value, hessian.row(at));
            *value = better;
        }
    }
    violation
}

/// The factors of one more user with these ratings, beside `items` as they are: coordinate descent from 0, as
/// scikit-learn's `transform`.
///
/// `gram`: of the items.
pub(super) fn fold_in(params: &NmfParams, ratings: (&[u32], &[f32]), items: &Rows, gram: &Rows) -> Vec<Lane> {
    let penalty = Penalty::new(params.alpha_w, params.l1_ratio, items.rows());
    let hessian = gram.with_diagonal(penalty.l2 as f32);
    let (mut user, mut wanted, mut gradient) = (items.zero_row(), items.zero_row(), items.zero_row());
    weigh(ratings, items, &mut wanted);
    let mut first = None;
    for _ in 0..params.max_iter {
        begin_gradient(&user, &wanted, &hessian, penalty.l1 as f32, &mut gradient);
        let violation = descend(&mut user, &hessian, &mut gradient);
        if violation <= params.tol * *first.get_or_insert(violation) {
            break;
        }
    }
    user
}
