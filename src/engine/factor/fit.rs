//! Factorises ratings: users and items in turns, until nothing gets better or there were iterations enough.

use rayon::ThreadPoolBuilder;

use super::als::Als;
use super::nmf::Nmf;
use super::params::FactorParams;
use super::ratings::Interactions;
use super::rows::Rows;
use super::{FactorError, checkpoint};
use crate::base::{Seed, Stop};
use crate::engine::fit::{How, Round};

/// What progress is told of.
pub const OBJECTIVE: &str = "objective";

/// Factors of users and items: the product of a user's and an item's says how the user likes the item.
#[derive(Debug, Clone, PartialEq)]
pub struct Factors {
    pub(super) users: Rows,
    pub(super) items: Rows,
    /// The objective after each iteration.
    pub(super) objectives: Vec<f64>,
}

impl Factors {
    /// Factors of users, `[users x width]`, and of items, `[items x width]`, to begin with or from elsewhere.
    ///
    /// # Errors
    /// When they are no whole rows, or not finite.
    pub fn new(users: &[f32], items: &[f32], width: usize) -> Result<Self, FactorError> {
        let is_whole = |values: &[f32]| {
            width > 0 && values.len().is_multiple_of(width) && values.iter().all(|value| value.is_finite())
        };
        if !is_whole(users) || !is_whole(items) {
            return Err(FactorError::Factors { width });
        }
        Ok(Self {
            users: Rows::of(users, width),
            items: Rows::of(items, width),
            objectives: Vec::new(),
        })
    }

    /// Numbers that stand for a user and for an item.
    pub fn width(&self) -> usize {
        self.users.width()
    }

    /// The factors of users, `[users x width]`.
    pub fn users(&self) -> Vec<f32> {
        self.users.values()
    }

    /// The factors of items, `[items x width]`.
    pub fn items(&self) -> Vec<f32> {
        self.items.values()
    }

    /// The objective after each iteration.
    pub fn objectives(&self) -> &[f64] {
        &self.objectives
    }
}

/// What half an iteration gives.
#[derive(Debug, Clone, Copy)]
pub(super) struct Half {
    /// By how much factors could be bettered; 0 where that is not asked for.
    pub(super) violation: f64,
    /// What the objective needs of the ratings.
    pub(super) fitted: f64,
}

/// How one algorithm begins, finds one side with the other fixed, and measures what came of it. All but the beginning
/// is over once `stop` is asked.
pub(super) trait Solver: Sync {
    /// Factors of users and of items.
    fn begin(&self, seed: Seed) -> (Rows, Rows);

    /// Betters the users. `gram`: of the items.
    fn users(&self, users: &mut Rows, items: &Rows, gram: &Rows, stop: &Stop) -> Option<Half>;

    /// Betters the items. `gram`: of the users.
    fn items(&self, items: &mut Rows, users: &Rows, gram: &Rows, stop: &Stop) -> Option<Half>;

    /// What is minimised. `fitted`: of the items' half.
    fn objective(&self, at: &State, gram_of_users: &Rows, fitted: f64) -> f64;

    /// The share of the first violation at which it is done, where it may be done early.
    fn tolerance(&self) -> Option<f64>;
}

/// A factorisation between two iterations.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct State {
    pub(super) users: Rows,
    pub(super) items: Rows,
    /// Of the items; it follows from them.
    pub(super) gram: Rows,
    /// After each iteration.
    pub(super) objectives: Vec<f64>,
    /// By how much factors could be bettered in the first iteration, and in the last.
    pub(super) violations: Option<(f64, f64)>,
}

/// Factorises ratings on threads of its own. The same ratings, parameters and seed give the same factors on any number
/// of them, and also where another process goes on with what was kept after an iteration.
///
/// # Errors
/// [`FactorError::Stopped`] within an iteration of `stop` being asked, [`FactorError::Diverged`]; otherwise what is
/// wrong with the ratings or the parameters.
pub fn fit(ratings: &Interactions, params: &FactorParams, how: How<'_, '_>) -> Result<Factors, FactorError> {
    begun(ratings, params, None, how)
}

/// As [`fit`], from these factors instead of random ones.
///
/// # Errors
/// As [`fit`]; and when the factors are not those of the ratings' users and items, or negative for NMF.
pub fn fit_from(
    ratings: &Interactions,
    params: &FactorParams,
    from: Factors,
    how: How<'_, '_>,
) -> Result<Factors, FactorError> {
    let width = params.width();
    let shape = (from.users.rows(), from.items.rows(), from.width());
    let is_negative = |rows: &Rows| rows.values().iter().any(|value| *value < 0.0);
    let is_nmf = matches!(params, FactorParams::Nmf(_));
    if shape != (ratings.users(), ratings.items(), width)
        || is_nmf && (is_negative(&from.users) || is_negative(&from.items))
    {
        return Err(FactorError::Factors { width });
    }
    begun(ratings, params, Some(from), how)
}

fn begun(
    ratings: &Interactions,
    params: &FactorParams,
    from: Option<Factors>,
    how: How<'_, '_>,
) -> Result<Factors, FactorError> {
    params.validate()?;
    check(ratings, params)?;
    let solver: &dyn Solver = match params {
        FactorParams::Nmf(params) => &Nmf::new(ratings, params),
        FactorParams::Als(params) => &Als::new(ratings, params),
    };
    let seed = how.seed;
    let begin = || from.map_or_else(|| solver.begin(seed), |from| (from.users, from.items));
    let run = |how| run(solver, begin, params.iterations(), how);
    match ThreadPoolBuilder::new().num_threads(how.threads.max(1)).build() {
        Ok(pool) => pool.install(|| run(how)),
        Err(_) => run(how),
    }
}

fn run(
    solver: &dyn Solver,
    begin: impl FnOnce() -> (Rows, Rows),
    iterations: usize,
    how: How<'_, '_>,
) -> Result<Factors, FactorError> {
    let mut at = last(begin(), how.checkpoints.last(), how.stop)?;
    let round = |(round, objective)| Round {
        round,
        of: iterations,
        metric: OBJECTIVE,
        train_metric: Some(objective),
        valid_metric: None,
    };
    for told in (1..).zip(at.objectives.iter().copied()) {
        (how.progress)(round(told));
    }
    while at.objectives.len() < iterations && !is_done(&at, solver.tolerance()) {
        let iteration = at.objectives.len() + 1;
        let objective = iterate(solver, &mut at, how.stop).ok_or(FactorError::Stopped)?;
        // It is made of the squares of all factors: none of them is other than finite where it is finite.
        if !objective.is_finite() {
            return Err(FactorError::Diverged { iteration });
        }
        at.objectives.push(objective);
        (how.progress)(round((iteration, objective)));
        if how.checkpoints.is_due() {
            how.checkpoints.keep(checkpoint::to_bytes(&at)?);
        }
    }
    Ok(Factors {
        users: at.users,
        items: at.items,
        objectives: at.objectives,
    })
}

/// Where the training was when it was kept last; its beginning, where nothing was, or nothing of use.
fn last((users, items): (Rows, Rows), kept: Option<Vec<u8>>, stop: &Stop) -> Result<State, FactorError> {
    let shape = |rows: &Rows| (rows.rows(), rows.width());
    let kept = kept.and_then(|bytes| checkpoint::from_bytes(&bytes).ok());
    let kept = kept.filter(|kept| shape(&kept.users) == shape(&users) && shape(&kept.items) == shape(&items));
    let kept = kept.unwrap_or_else(|| checkpoint::Kept {
        users,
        items,
        objectives: Vec::new(),
        violations: None,
    });
    Ok(State {
        gram: kept.items.gram(stop).ok_or(FactorError::Stopped)?,
        users: kept.users,
        items: kept.items,
        objectives: kept.objectives,
        violations: kept.violations,
    })
}

fn is_done(at: &State, tolerance: Option<f64>) -> bool {
    match (at.violations, tolerance) {
        (Some((first, last)), Some(tolerance)) => last <= tolerance * first,
        _ => false,
    }
}

/// Betters the users and then the items; the objective.
fn iterate(solver: &dyn Solver, at: &mut State, stop: &Stop) -> Option<f64> {
    let of_users = solver.users(&mut at.users, &at.items, &at.gram, stop)?;
    let gram = at.users.gram(stop)?;
    let of_items = solver.items(&mut at.items, &at.users, &gram, stop)?;
    at.gram = at.items.gram(stop)?;
    let violation = of_users.violation + of_items.violation;
    let first = at.violations.map_or(violation, |(first, _)| first);
    at.violations = Some((first, violation));
    Some(solver.objective(at, &gram, of_items.fitted))
}

/// Checks the values beside the algorithm.
fn check(ratings: &Interactions, params: &FactorParams) -> Result<(), FactorError> {
    match params {
        FactorParams::Nmf(_) => {
            if let Some((user, item, value)) = ratings.iter().find(|(.., value)| *value < 0.0) {
                return Err(FactorError::Negative { user, item, value });
            }
            if ratings.values().iter().all(|value| *value == 0.0) {
                return Err(FactorError::AllZero);
            }
        }
        FactorParams::Als(_) => {
            if let Some((user, item, value)) = ratings.iter().find(|(.., value)| *value <= 0.0) {
                return Err(FactorError::NotPositive { user, item, value });
            }
        }
    }
    Ok(())
}
