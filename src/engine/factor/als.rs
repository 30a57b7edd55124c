//! Alternating least squares for implicit feedback: what was not seen counts as not liked, but with little confidence.
//!
//! With `x` the factors of a user and `y` those of an item, it minimises over all pairs
//! `Σ c (p − x · y)² + regularization · (Σ ‖x‖² + Σ ‖y‖²)`, where p is 1 and c is 1 + alpha · value for what has a value,
//! and p is 0 and c is 1 for all else. With the items fixed each user is a least-squares problem of its own,
//! `(Yᵀ Y + Σ (c − 1) y yᵀ + regularization) x = Σ c y`, and with the users fixed so is each item.
//!
//! They are solved by three steps of conjugate gradients from where they were an iteration ago. On the ratings of
//! `benches/factor.rs` exact solutions, by Cholesky's decomposition, took eight times as long for an objective that was
//! lower by 0.01%. The one problem of a new user has nowhere to begin and is solved exactly.
//!
//! Source: Hu, Koren, Volinsky 2008, "Collaborative Filtering for Implicit Feedback Datasets"; Takács, Pilászy, Tikk
//! 2011, "Applications of the Conjugate Gradient Method for Implicit Feedback Collaborative Filtering".

use std::slice::ChunksExactMut;

use rand_chacha::rand_core::Rng;

use super::fit::{Half, Solver, State};
use super::params::AlsParams;
use super::ratings::{Compressed, Interactions};
use super::rows::{Lane, Rows, Update, add, dot};
use crate::base::{Seed, Stop};
use crate::engine::cholesky::{decompose, solve};

const STEPS: usize = 3;
/// A residual whose square is below is none.
const LEAST: f32 = 1e-20;

/// A factorisation of these interactions.
pub(super) struct Als<'a> {
    ratings: &'a Interactions,
    params: &'a AlsParams,
}

impl<'a> Als<'a> {
    pub(super) fn new(ratings: &'a Interactions, params: &'a AlsParams) -> Self {
        Self { ratings, params }
    }

    fn half(
        &self,
        rows: &mut Rows,
        others: &Rows,
        gram: &Rows,
        ratings: &Compressed,
        stop: &Stop,
    ) -> Option<Half> {
        let shared = Shared {
            matrix: gram.with_diagonal(self.params.regularization as f32),
            others,
            alpha: self.params.alpha as f32,
        };
        let [violation, fitted] = rows.update(stop, &(shared, ratings))?;
        Some(Half { violation, fitted })
    }
}

impl Solver for Als<'_> {
    fn begin(&self, seed: Seed) -> (Rows, Rows) {
        // Small numbers above 0, as implicit has it.
        let drawn = |part, rows| {
            Rows::drawn(rows, self.params.factors, seed.derive(part, 0), |rng| {
                (rng.next_u32() >> 8) as f32 / (1 << 24) as f32 * 0.01
            })
        };
        (
            drawn("users", self.ratings.users()),
            drawn("items", self.ratings.items()),
        )
    }

    fn users(&self, users: &mut Rows, items: &Rows, gram: &Rows, stop: &Stop) -> Option<Half> {
        self.half(users, items, gram, &self.ratings.by_user, stop)
    }

    fn items(&self, items: &mut Rows, users: &Rows, gram: &Rows, stop: &Stop) -> Option<Half> {
        self.half(items, users, gram, &self.ratings.by_item, stop)
    }

    fn objective(&self, at: &State, gram_of_users: &Rows, fitted: f64) -> f64 {
        let penalty = self.params.regularization * (gram_of_users.trace() + at.gram.trace());
        (gram_of_users.inner(&at.gram) + fitted).clamp(0.0, f64::INFINITY) + penalty
    }

    fn tolerance(&self) -> Option<f64> {
        None
    }
}

/// What the least-squares problems of all users (or items) share.
struct Shared<'a> {
    /// `Yᵀ Y + regularization`.
    matrix: Rows,
    others: &'a Rows,
    alpha: f32,
}

/// The least-squares problem of one user (or item).
struct System<'a> {
    shared: &'a Shared<'a>,
    ratings: (&'a [u32], &'a [f32]),
}

impl Update for (Shared<'_>, &Compressed) {
    #[inline(always)]
    fn block(&self, first: usize, rows: ChunksExactMut<'_, Lane>) -> [f64; 2] {
        let (shared, ratings) = self;
        let mut work = Work::new(shared.others);
        let mut fitted = 0.0;
        for (at, row) in (first..).zip(rows) {
            let ratings = ratings.row(at);
            if ratings.0.is_empty() {
                row.fill(Lane::default());
                continue;
            }
            let system = System { shared, ratings };
            system.descend(row, &mut work);
            fitted += system.loss(row);
        }
        [0.0, fitted]
    }
}

/// Rows that are written anew for each problem.
struct Work {
    residual: Vec<Lane>,
    direction: Vec<Lane>,
    product: Vec<Lane>,
}

impl Work {
    fn new(like: &Rows) -> Self {
        let row = like.zero_row();
        Self {
            residual: row.clone(),
            direction: row.clone(),
            product: row,
        }
    }
}

impl System<'_> {
    /// The factors of each item that has a value, and how much surer it is than of one that has none.
    #[inline(always)]
    fn sure(&self) -> impl Iterator<Item = (&[Lane], f32)> {
        let (columns, values) = self.ratings;
        let pairs = columns.iter().zip(values);
        pairs.map(|(&column, value)| (self.shared.others.row(column as usize), self.shared.alpha * value))
    }

    /// Three steps of conjugate gradients from `row`.
    #[inline(always)]
    fn descend(&self, row: &mut [Lane], work: &mut Work) {
        let Work {
            residual,
            direction,
            product,
        } = work;
        self.shared.matrix.times(row, product);
        for (residual, product) in residual.iter_mut().zip(&*product) {
            *residual = product.map(|product| -product);
        }
        for (other, more) in self.sure() {
            add(residual, 1.0 + more - more * dot(other, row), other);
        }
        direction.copy_from_slice(residual);
        let mut square = dot(residual, residual);
        for _ in 0..STEPS {
            if square < LEAST {
                break;
            }
            self.shared.matrix.times(direction, product);
            for (other, more) in self.sure() {
                add(product, more * dot(other, direction), other);
            }
            let curvature = dot(direction, product);
            if curvature <= 0.0 {
                // A penalty so small that f32 does not see it.
                break;
            }
            let step = square / curvature;
            add(row, step, direction);
            add(residual, -step, product);
            let next = dot(residual, residual);
            let share = next / square;
            for (direction, residual) in direction.iter_mut().zip(&*residual) {
                *direction = std::array::from_fn(|at| residual[at] + share * direction[at]);
            }
            square = next;
        }
    }

    /// `Σ c (1 − x · y)² − (x · y)²` over what has a value: what it adds to `‖X Yᵀ‖²`, which stands for all pairs.
    #[inline(always)]
    fn loss(&self, row: &[Lane]) -> f64 {
        self.sure()
            .map(|(other, more)| {
                let (score, more) = (f64::from(dot(other, row)), f64::from(more));
                1.0 + more - 2.0 * (1.0 + more) * score + more * score * score
            })
            .sum()
    }

    /// The exact solution, by Cholesky's decomposition.
    fn solved(&self) -> Vec<f64> {
        let width = self.shared.matrix.width();
        let mut matrix: Vec<f64> = self.shared.matrix.values().into_iter().map(f64::from).collect();
        let mut wanted = vec![0.0; width];
        for (other, more) in self.sure() {
            let other = &other.as_flattened()[..width];
            for (row, &value) in other.iter().enumerate() {
                let by = f64::from(more) * f64::from(value);
                wanted[row] += f64::from(value) + by;
                for (cell, &value) in matrix[row * width..][row..width].iter_mut().zip(&other[row..]) {
                    *cell += by * f64::from(value);
                }
            }
        }
        // With a penalty above 0 it is positive definite, but for what rounding took from a Gram matrix of f32.
        let mut more = 0.0;
        loop {
            let mut factor = matrix.clone();
            (0..width).for_each(|at| factor[at * width + at] += more);
            match decompose(&mut factor, width, 0.0, &Stop::new()) {
                Some(true) => return solve(&factor, wanted),
                _ if !f64::is_finite(more) => return vec![0.0; width],
                _ if more == 0.0 => more = (self.shared.matrix.trace() * 1e-9).max(f64::MIN_POSITIVE),
                _ => more *= 100.0,
            }
        }
    }
}

/// The factors of one more user with these values, beside `items` as they are: the exact solution.
///
/// `gram`: of the items.
pub(super) fn fold_in(params: &AlsParams, ratings: (&[u32], &[f32]), items: &Rows, gram: &Rows) -> Vec<Lane> {
    let shared = Shared {
        matrix: gram.with_diagonal(params.regularization as f32),
        others: items,
        alpha: params.alpha as f32,
    };
    let system = System {
        shared: &shared,
        ratings,
    };
    let mut user = items.zero_row();
    let factors = user.as_flattened_mut().iter_mut();
    factors
        .zip(system.solved())
        .for_each(|(factor, value)| *factor = value as f32);
    user
}
