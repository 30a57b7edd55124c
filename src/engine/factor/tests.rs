//! What factorisations hold.

use super::*;
use crate::base::{Seed, Stop};
use crate::data::split::below;
use crate::engine::device::Device;
use crate::engine::fit::{How, NoCheckpoints, Round};

mod recommend;
mod resume;
mod store;

const USERS: usize = 90;
const ITEMS: usize = 40;

/// Users like items of their own kind of three, and every fifth one likes another: three factors explain most.
fn ratings(seed: u64) -> Interactions {
    let mut rng = Seed::new(seed).rng();
    let mut ratings = Vec::new();
    for user in 0..USERS as u32 {
        for _ in 0..12 {
            let strange = u32::from(below(5, &mut rng) == 0);
            let item = below(ITEMS as u64 / 3, &mut rng) as u32 * 3 + (user + strange) % 3;
            ratings.push((user, item, (1 + below(5, &mut rng)) as f32));
        }
    }
    Interactions::new(USERS, ITEMS, &ratings).unwrap()
}

fn nmf() -> NmfParams {
    NmfParams {
        n_components: 9,
        max_iter: 30,
        ..NmfParams::default()
    }
}

fn als() -> AlsParams {
    AlsParams {
        factors: 9,
        ..AlsParams::default()
    }
}

/// Both algorithms, with penalties of every kind.
fn all() -> [FactorParams; 3] {
    [
        FactorParams::Nmf(nmf()),
        FactorParams::Nmf(NmfParams {
            alpha_w: 0.002,
            alpha_h: AlphaH::Of(0.001),
            l1_ratio: 0.4,
            ..nmf()
        }),
        FactorParams::Als(AlsParams {
            alpha: 2.0,
            regularization: 0.5,
            ..als()
        }),
    ]
}

fn fitted(
    ratings: &Interactions,
    params: &FactorParams,
    threads: usize,
    told: &mut Vec<Round>,
) -> Result<Factors, FactorError> {
    let how = How {
        threads,
        seed: Seed::new(3),
        stop: &Stop::new(),
        device: &Device::cpu(),
        progress: &mut |round| told.push(round),
        checkpoints: &mut NoCheckpoints,
    };
    fit(ratings, params, how)
}

fn names(count: usize, what: &str) -> Labels {
    Labels::new((0..count).map(|index| format!("{what} {index}"))).unwrap()
}

fn model(ratings: &Interactions, params: &FactorParams) -> FactorModel {
    let factors = fitted(ratings, params, 1, &mut Vec::new()).unwrap();
    let ids = (names(ratings.users(), "user"), names(ratings.items(), "item"));
    FactorModel::new(params.clone(), factors, ratings, ids).unwrap()
}

/// The objective as it is defined, over all pairs.
fn objective(ratings: &Interactions, params: &FactorParams, factors: &Factors) -> f64 {
    let mut values = vec![None; ratings.users() * ratings.items()];
    for (user, item, value) in ratings.iter() {
        values[user as usize * ratings.items() + item as usize] = Some(f64::from(value));
    }
    let (users, items) = (factors.users(), factors.items());
    let score = |user: usize, item: usize| -> f64 {
        let width = factors.width();
        let pairs = users[user * width..][..width]
            .iter()
            .zip(&items[item * width..][..width]);
        pairs.map(|(x, y)| f64::from(*x) * f64::from(*y)).sum()
    };
    let pairs = values.iter().enumerate().map(|(at, value)| {
        let score = score(at / ratings.items(), at % ratings.items());
        match (params, value) {
            (FactorParams::Nmf(_), value) => (value.unwrap_or(0.0) - score).powi(2) / 2.0,
            (FactorParams::Als(params), Some(value)) => (1.0 + params.alpha * value) * (1.0 - score).powi(2),
            (FactorParams::Als(_), None) => score.powi(2),
        }
    });
    let absolute = |values: &[f32]| values.iter().map(|value| f64::from(value.abs())).sum::<f64>();
    let squares = |values: &[f32]| values.iter().map(|value| f64::from(*value).powi(2)).sum::<f64>();
    let penalty = match params {
        FactorParams::Nmf(params) => {
            let of = |alpha: f64, others: usize, values: &[f32]| {
                let (l1, l2) = (params.l1_ratio, (1.0 - params.l1_ratio) / 2.0);
                alpha * others as f64 * (l1 * absolute(values) + l2 * squares(values))
            };
            of(params.alpha_w, ratings.items(), &users) + of(params.of_items(), ratings.users(), &items)
        }
        FactorParams::Als(params) => params.regularization * (squares(&users) + squares(&items)),
    };
    pairs.sum::<f64>() + penalty
}

#[test]
fn the_objective_that_is_told_is_the_one_of_the_definition_and_never_rises() {
    let ratings = ratings(1);
    for params in all() {
        let mut told = Vec::new();
        let factors = fitted(&ratings, &params, 2, &mut told).unwrap();
        let values: Vec<f64> = told.iter().filter_map(|round| round.train_metric).collect();
        assert_eq!(values, factors.objectives());
        assert!(
            told.iter()
                .zip(1..)
                .all(|(round, at)| round.round == at && round.metric == OBJECTIVE)
        );
        // Sums of f32 hold seven digits.
        assert!(
            values.windows(2).all(|pair| pair[1] <= pair[0] * (1.0 + 1e-6)),
            "{values:?}"
        );
        assert!(values[0] > 1.02 * values[values.len() - 1], "{values:?}");
        let exact = objective(&ratings, &params, &factors);
        let last = values[values.len() - 1];
        assert!((last / exact - 1.0).abs() < 1e-5, "{last} {exact}");
    }
}

#[test]
fn the_same_seed_gives_the_same_factors_on_any_number_of_threads() {
    let ratings = ratings(2);
    for params in all() {
        let on = |threads| fitted(&ratings, &params, threads, &mut Vec::new()).unwrap();
        let one = on(1);
        for threads in [2, 3, 8] {
            assert_eq!(on(threads), one);
        }
        let how = How {
            threads: 1,
            seed: Seed::new(4),
            stop: &Stop::new(),
            device: &Device::cpu(),
            progress: &mut |_| {},
            checkpoints: &mut NoCheckpoints,
        };
        assert_ne!(fit(&ratings, &params, how).unwrap(), one);
    }
}

#[test]
fn nmf_stops_where_nothing_gets_better_and_its_factors_are_not_negative() {
    let ratings = ratings(3);
    let params = |tol, max_iter| {
        let params = NmfParams {
            tol,
            max_iter,
            ..nmf()
        };
        FactorParams::Nmf(params)
    };
    let mut told = Vec::new();
    let factors = fitted(&ratings, &params(0.05, 1_000), 1, &mut told).unwrap();
    assert!((2..1_000).contains(&told.len()), "{}", told.len());
    assert!(
        factors
            .users()
            .iter()
            .chain(&factors.items())
            .all(|value| *value >= 0.0)
    );
    let longer = fitted(&ratings, &params(0.0, 60), 1, &mut told).unwrap();
    assert_eq!(longer.objectives().len(), 60);
}

#[test]
fn nmf_finds_a_product_of_factors_that_there_is() {
    // Two blocks: 2 · 3 and 1 · 5.
    let block = |user: u32, item: u32| if user < 3 { item < 4 } else { item >= 4 };
    let value = |user| if user < 3 { 6.0 } else { 5.0 };
    let pairs = (0..6).flat_map(|user| (0..8).map(move |item| (user, item)));
    let ratings: Vec<_> = pairs
        .filter(|(user, item)| block(*user, *item))
        .map(|(user, item)| (user, item, value(user)))
        .collect();
    let ratings = Interactions::new(6, 8, &ratings).unwrap();
    let params = FactorParams::Nmf(NmfParams {
        n_components: 2,
        tol: 0.0,
        ..NmfParams::default()
    });
    let factors = fitted(&ratings, &params, 1, &mut Vec::new()).unwrap();
    assert!(objective(&ratings, &params, &factors) < 1e-6);
}

#[test]
fn als_ends_where_every_user_is_solved_exactly() {
    let ratings = ratings(4);
    let params = AlsParams {
        regularization: 1.0,
        iterations: 300,
        ..als()
    };
    let factors = fitted(&ratings, &FactorParams::Als(params.clone()), 1, &mut Vec::new()).unwrap();
    let gram = factors.items.gram(&Stop::new()).unwrap();
    for user in 0..USERS {
        let exact = super::als::fold_in(&params, ratings.by_user.row(user), &factors.items, &gram);
        for (found, exact) in factors
            .users
            .row(user)
            .as_flattened()
            .iter()
            .zip(exact.as_flattened())
        {
            assert!((found - exact).abs() < 2e-3, "{found} {exact}");
        }
    }
}

#[test]
fn a_user_without_ratings_has_no_factors() {
    let ratings = Interactions::new(3, 3, &[(0, 0, 1.0), (0, 1, 2.0), (2, 1, 1.0)]).unwrap();
    for params in all() {
        let factors = fitted(&ratings, &params, 1, &mut Vec::new()).unwrap();
        let (width, users, items) = (factors.width(), factors.users(), factors.items());
        assert!(
            users[width..2 * width]
                .iter()
                .chain(&items[2 * width..])
                .all(|value| *value == 0.0)
        );
    }
}

#[test]
fn values_that_an_algorithm_does_not_take_are_refused_with_a_remedy() {
    let of = |value| Interactions::new(2, 2, &[(0, 0, 1.0), (1, 1, value)]).unwrap();
    let [nmf, _, als] = all();
    let told = |value, params: &FactorParams| {
        let error = fitted(&of(value), params, 1, &mut Vec::new()).unwrap_err();
        error.to_string()
    };
    assert!(told(-1.0, &nmf).contains("user 1 gave item 1 the value -1, and NMF takes no negative ones"));
    assert!(told(0.0, &als).contains("drop what was not liked"));
    assert!(fitted(&of(0.0), &nmf, 1, &mut Vec::new()).is_ok());
    let zeros = Interactions::new(2, 2, &[(0, 0, 0.0)]).unwrap();
    let error = fitted(&zeros, &nmf, 1, &mut Vec::new()).unwrap_err();
    assert!(matches!(error, FactorError::AllZero));
    for params in [&nmf, &als] {
        let error = fitted(&of(f32::MAX), params, 1, &mut Vec::new()).unwrap_err();
        assert!(matches!(error, FactorError::Diverged { .. }), "{error}");
    }
    let wrong = FactorParams::Als(AlsParams {
        factors: 0,
        ..AlsParams::default()
    });
    assert!(told(1.0, &wrong).contains("factors = 0"));
}

#[test]
fn factors_to_begin_with_are_those_of_the_ratings() {
    let (ratings, [params, ..]) = (ratings(6), all());
    let begin = |users: usize, value: f32| {
        let from = Factors::new(&vec![value; users * 9], &[value; ITEMS * 9], 9)?;
        let how = How {
            threads: 1,
            seed: Seed::new(1),
            stop: &Stop::new(),
            device: &Device::cpu(),
            progress: &mut |_| {},
            checkpoints: &mut NoCheckpoints,
        };
        fit_from(&ratings, &params, from, how)
    };
    assert!(begin(USERS, 0.5).is_ok());
    for wrong in [begin(USERS - 1, 0.5), begin(USERS, -0.5), begin(USERS, f32::NAN)] {
        assert!(matches!(wrong, Err(FactorError::Factors { width: 9 })));
    }
    assert!(Factors::new(&[1.0; 7], &[1.0; 9], 9).is_err());
    assert!(Factors::new(&[], &[], 0).is_err());
}

#[test]
fn a_stop_ends_a_training_within_an_iteration() {
    for params in all() {
        let stop = Stop::new();
        let mut told = 0;
        let how = How {
            threads: 2,
            seed: Seed::new(1),
            stop: &stop,
            device: &Device::cpu(),
            progress: &mut |_| {
                told += 1;
                if told == 2 {
                    stop.ask();
                }
            },
            checkpoints: &mut NoCheckpoints,
        };
        assert!(matches!(
            fit(&ratings(7), &params, how),
            Err(FactorError::Stopped)
        ));
        assert_eq!(told, 2);
    }
}

#[test]
fn what_was_learnt_is_better_than_what_is_popular() {
    let all_ratings: Vec<_> = ratings(8).iter().collect();
    let users: Vec<u32> = all_ratings.iter().map(|(user, ..)| *user).collect();
    let parts = crate::data::split::leave_last_out(&users, None, 3, Seed::new(1)).unwrap();
    let of = |part| parts.rows(part).map(|row| all_ratings[row]).collect::<Vec<_>>();
    let train = Interactions::new(USERS, ITEMS, &of(crate::data::split::Part::Train)).unwrap();
    let mut held_out: Vec<(u32, Vec<u32>)> = (0..USERS as u32).map(|user| (user, Vec::new())).collect();
    for (user, item, _) in of(crate::data::split::Part::Test) {
        held_out[user as usize].1.push(item);
    }
    for params in [
        FactorParams::Nmf(NmfParams {
            n_components: 3,
            ..nmf()
        }),
        FactorParams::Als(AlsParams { factors: 3, ..als() }),
    ] {
        let model = model(&train, &params);
        let measured = evaluate(&model, &held_out, 5, 2).unwrap();
        assert_eq!(measured, evaluate(&model, &held_out, 5, 1).unwrap());
        assert_eq!((measured.model.users, measured.popular.users), (USERS, USERS));
        assert!(measured.model.ndcg > 1.5 * measured.popular.ndcg, "{measured:?}");
        let strange = [(USERS as u32, vec![0])];
        assert!(evaluate(&model, &strange, 5, 1).is_err());
        assert!(evaluate(&model, &[(0, vec![ITEMS as u32])], 5, 1).is_err());
        assert!(evaluate(&model, &held_out, 0, 1).is_err());
    }
}
