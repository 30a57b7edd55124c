//! Recommenders beside scikit-learn's NMF and implicit's ALS on the same ratings, and metrics of rankings beside
//! scikit-learn's and NumPy's.

use std::path::Path;
use std::process::Command;

use rand_chacha::rand_core::Rng;
use serde_json::{Value, json};
use usina::base::{Seed, Stop};
use usina::data::split::below;
use usina::engine::device::Device;
use usina::engine::factor::{
    AlphaH, AlsParams, FactorModel, FactorParams, Factors, Interactions, Labels, NmfParams, fit, fit_from,
};
use usina::engine::fit::{How, NoCheckpoints};
use usina::engine::metric::rank_report;

use super::{python, script};

const USERS: usize = 300;
const ITEMS: usize = 120;
const WIDTH: usize = 10;
const K: usize = 5;

/// Users rate items of their own kind of six, and every fourth time another.
fn ratings() -> Vec<(u32, u32, f32)> {
    let mut rng = Seed::new(21).rng();
    let mut ratings = Vec::new();
    for user in 0..USERS as u32 {
        for _ in 0..25 {
            let strange = if below(4, &mut rng) == 0 {
                below(6, &mut rng)
            } else {
                0
            };
            let item = below(ITEMS as u64 / 6, &mut rng) as u32 * 6 + (user + strange as u32) % 6;
            ratings.push((user, item, (1 + below(5, &mut rng)) as f32));
        }
    }
    ratings
}

/// `[rows x WIDTH]` from 0 to 0.5.
fn start(rows: usize, seed: u64) -> Vec<f32> {
    let mut rng = Seed::new(seed).rng();
    (0..rows * WIDTH)
        .map(|_| (rng.next_u32() >> 8) as f32 / (1 << 25) as f32)
        .collect()
}

fn fitted(ratings: &Interactions, params: &FactorParams, seed: u64, from: Option<Factors>) -> Factors {
    let how = How {
        threads: 2,
        seed: Seed::new(seed),
        stop: &Stop::new(),
        device: &Device::cpu(),
        progress: &mut |_| {},
        checkpoints: &mut NoCheckpoints,
    };
    match from {
        Some(from) => fit_from(ratings, params, from, how).unwrap(),
        None => fit(ratings, params, how).unwrap(),
    }
}

fn last(factors: &Factors) -> f64 {
    *factors.objectives().last().unwrap()
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap()
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(number).collect()
}

fn model(params: &FactorParams, factors: Factors, ratings: &Interactions) -> FactorModel {
    let names = |count: usize| Labels::new((0..count).map(|index| index.to_string())).unwrap();
    FactorModel::new(params.clone(), factors, ratings, (names(USERS), names(ITEMS))).unwrap()
}

#[test]
fn recommenders_are_those_of_scikit_learn_and_implicit() {
    let Some(python) = python() else { return };
    let ratings = Interactions::new(USERS, ITEMS, &ratings()).unwrap();
    let begin = || Factors::new(&start(USERS, 1), &start(ITEMS, 2), WIDTH).unwrap();
    let nmf = [
        NmfParams {
            n_components: WIDTH,
            ..NmfParams::default()
        },
        NmfParams {
            n_components: WIDTH,
            alpha_w: 0.01,
            max_iter: 60,
            ..NmfParams::default()
        },
        NmfParams {
            n_components: WIDTH,
            alpha_w: 0.003,
            alpha_h: AlphaH::Of(0.001),
            l1_ratio: 0.5,
            tol: 1e-3,
            ..NmfParams::default()
        },
    ];
    let als = AlsParams {
        factors: WIDTH,
        regularization: 0.1,
        alpha: 3.0,
        iterations: 15,
    };
    let from_start = |params: &FactorParams| fitted(&ratings, params, 1, Some(begin()));
    let ours: Vec<Factors> = nmf
        .iter()
        .map(|params| from_start(&FactorParams::Nmf(params.clone())))
        .collect();
    let als = FactorParams::Als(als);
    let of_als = from_start(&als);

    let of_nmf = model(&FactorParams::Nmf(nmf[0].clone()), ours[0].clone(), &ratings);
    let new = [("3", 5.0), ("9", 4.0), ("15", 1.0), ("40", 2.0)];
    let folded = of_nmf.recommend_for(&new, ITEMS, false).unwrap();
    let rankings: Vec<(Vec<u32>, Vec<u32>)> = (0..USERS as u32)
        .map(|user| {
            let recommended = of_nmf.recommend(&user.to_string(), 9, false).unwrap();
            let ranked = recommended.iter().map(|one| one.item.parse().unwrap());
            let items = ratings.of_user(user).unwrap().0;
            (
                ranked.collect(),
                items.iter().copied().filter(|item| item % 4 == 0).collect(),
            )
        })
        .filter(|(_, relevant): &(_, Vec<u32>)| !relevant.is_empty())
        .collect();

    let rows = |values: &[f32]| values.chunks(WIDTH).map(<[f32]>::to_vec).collect::<Vec<_>>();
    let of_params = |params: &NmfParams| {
        let mut params = serde_json::to_value(params).unwrap();
        let named = params.as_object_mut().unwrap();
        named.retain(|name, _| !matches!(&**name, "init" | "n_components"));
        params
    };
    let FactorParams::Als(params) = &als else {
        unreachable!()
    };
    let told = json!({
        "users": USERS,
        "items": ITEMS,
        "ratings": ratings.iter().collect::<Vec<_>>(),
        "start": { "users": rows(&start(USERS, 1)), "items": rows(&start(ITEMS, 2)) },
        "nmf": nmf.iter().map(of_params).collect::<Vec<_>>(),
        "factors": rows(&ours[0].items()),
        "new": new.map(|(item, value)| (item.parse::<u32>().unwrap(), value)),
        "als": params,
        "k": K,
        "rankings": rankings,
    });
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("told.json");
    std::fs::write(&file, told.to_string()).unwrap();
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/parity/factor.py");
    let theirs = script(Command::new(&python).arg(beside).arg(&file));

    for ((params, ours), theirs) in nmf.iter().zip(&ours).zip(theirs["nmf"].as_array().unwrap()) {
        // From the same start it goes the same way, but for the rounding of f32 beside f64.
        let same = last(ours) / number(&theirs["objective"]);
        assert!((same - 1.0).abs() < 1e-4, "{} {theirs}", last(ours));
        let iterations = ours.objectives().len() as f64 / number(&theirs["iterations"]);
        assert!(
            (iterations - 1.0).abs() < 0.05,
            "{} {theirs}",
            ours.objectives().len()
        );
        // From random starts it ends as well.
        let random = (0..5).map(|seed| {
            let params = FactorParams::Nmf(params.clone());
            last(&fitted(&ratings, &params, seed, None))
        });
        let random = median(random.collect()) / median(numbers(&theirs["random"]));
        assert!((random - 1.0).abs() < 0.01, "{random} {theirs}");
    }
    let scores = numbers(&theirs["folded"]);
    for one in folded {
        let theirs = scores[one.item.parse::<usize>().unwrap()];
        // transform ends at the same tolerance, not at the same place.
        assert!((f64::from(one.score) - theirs).abs() < 2e-3, "{one:?} {theirs}");
    }

    let of_als_objective = last(&of_als);
    let cg = number(&theirs["als"]["cg"]);
    assert!(
        (of_als_objective / cg - 1.0).abs() < 1e-4,
        "{of_als_objective} {cg}"
    );
    let exact = number(&theirs["als"]["exact"]);
    assert!(
        (number(&theirs["als"]["cholesky"]) / exact - 1.0).abs() < 1e-4,
        "{exact}"
    );
    assert!(
        (of_als_objective / exact - 1.0).abs() < 2e-3,
        "{of_als_objective} {exact}"
    );
    let of_als = model(&als, of_als, &ratings);
    let scores = theirs["als"]["cg_scores"].as_array().unwrap();
    for (user, theirs) in scores.iter().enumerate() {
        let theirs = numbers(theirs);
        for one in of_als.recommend(&user.to_string(), ITEMS, false).unwrap() {
            let theirs = theirs[one.item.parse::<usize>().unwrap()];
            assert!(
                (f64::from(one.score) - theirs).abs() < 5e-3,
                "{user} {one:?} {theirs}"
            );
        }
    }

    let pairs = rankings.iter().map(|(ranked, relevant)| (&**ranked, &**relevant));
    let report = rank_report(K, ITEMS, pairs).unwrap();
    let ours = [
        report.hit,
        report.precision,
        report.recall,
        report.ndcg,
        report.map,
        report.coverage,
    ];
    for (ours, theirs) in ours.iter().zip(numbers(&theirs["ranking"])) {
        assert!((ours - theirs).abs() < 1e-12, "{report:?} {theirs}");
        assert!((0.01..0.999).contains(&theirs), "{report:?}");
    }
}
