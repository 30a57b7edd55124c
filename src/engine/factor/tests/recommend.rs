//! What a recommender answers.

use std::sync::LazyLock;

use proptest::prelude::*;

use super::{all, model, names, nmf, ratings};
use crate::base::Stop;
use crate::engine::factor::rows::dot;
use crate::engine::factor::{
    AlsParams, FactorModel, FactorParams, Factors, Interactions, NmfParams, RecommendError, Recommended,
};

/// Two factors; user 0 likes items of the first, user 1 of the second, and user 2 has had nothing.
fn hand_made() -> FactorModel {
    let users = [1.0, 0.0, 0.0, 1.0, 0.0, 0.0];
    let items = [3.0, 0.0, 2.0, 0.5, 0.0, 4.0, 2.0, 0.5, 0.0, 0.0];
    let ratings = [(0, 0, 1.0), (1, 0, 1.0), (1, 2, 1.0)];
    let params = FactorParams::Als(AlsParams {
        factors: 2,
        ..AlsParams::default()
    });
    FactorModel::new(
        params,
        Factors::new(&users, &items, 2).unwrap(),
        &Interactions::new(3, 5, &ratings).unwrap(),
        (names(3, "user"), names(5, "item")),
    )
    .unwrap()
}

fn short<'a>(recommended: &[Recommended<'a>]) -> Vec<(&'a str, f32)> {
    recommended.iter().map(|one| (one.item, one.score)).collect()
}

#[test]
fn the_best_come_first_ties_by_order_and_what_was_seen_is_left_out_on_demand() {
    let model = hand_made();
    let of = |user, k, filter_seen| model.recommend(user, k, filter_seen).unwrap();
    assert_eq!(
        short(&of("user 0", 3, false)),
        [("item 0", 3.0), ("item 1", 2.0), ("item 3", 2.0)]
    );
    assert_eq!(short(&of("user 0", 2, true)), [("item 1", 2.0), ("item 3", 2.0)]);
    assert_eq!(
        short(&of("user 1", 9, true)),
        [("item 1", 0.5), ("item 3", 0.5), ("item 4", 0.0)]
    );
    assert_eq!(of("user 0", usize::MAX, false).len(), 5);
}

#[test]
fn of_whom_nothing_is_known_gets_what_is_popular() {
    let model = hand_made();
    let popular = [("item 0", 2.0), ("item 2", 1.0), ("item 1", 0.0)];
    assert_eq!(short(&model.popular(3).unwrap()), popular);
    assert_eq!(short(&model.recommend("user 2", 3, true).unwrap()), popular);
    assert_eq!(short(&model.recommend_for(&[], 3, true).unwrap()), popular);
}

#[test]
fn similar_items_point_the_same_way() {
    let model = hand_made();
    let similar = short(&model.similar_items("item 1", 4).unwrap());
    assert_eq!(
        similar.iter().map(|(item, _)| *item).collect::<Vec<_>>(),
        ["item 3", "item 0", "item 2", "item 4"]
    );
    let cosines = [1.0, 2.0 / 4.25_f32.sqrt(), 0.5 / 4.25_f32.sqrt(), 0.0];
    for ((_, score), cosine) in similar.iter().zip(cosines) {
        assert!((score - cosine).abs() < 1e-6, "{score} {cosine}");
    }
}

#[test]
fn what_cannot_be_answered_is_told() {
    let model = hand_made();
    let unknown = RecommendError::UnknownItem("nothing".to_owned());
    assert_eq!(model.similar_items("nothing", 1), Err(unknown.clone()));
    assert_eq!(model.recommend_for(&[("nothing", 1.0)], 1, true), Err(unknown));
    assert_eq!(
        model.recommend("nobody", 1, true),
        Err(RecommendError::UnknownUser("nobody".to_owned()))
    );
    let none = Err(RecommendError::NoneAsked);
    assert_eq!(model.recommend("user 0", 0, true), none);
    assert_eq!(model.recommend_for(&[("item 0", 1.0)], 0, true), none);
    assert_eq!(model.similar_items("item 0", 0), none);
    assert_eq!(model.popular(0), none);
    for value in [0.0, -1.0, f32::NAN, f32::INFINITY] {
        let told = model.recommend_for(&[("item 0", value)], 1, true).unwrap_err();
        assert!(told.to_string().contains("above 0"), "{told}");
    }
}

#[test]
fn a_new_user_is_recommended_what_a_known_one_with_the_same_ratings_is() {
    let ratings = ratings(10);
    let params = [
        FactorParams::Als(AlsParams {
            factors: 9,
            iterations: 100,
            regularization: 1.0,
            ..AlsParams::default()
        }),
        FactorParams::Nmf(NmfParams {
            max_iter: 2_000,
            tol: 0.0,
            n_components: 4,
            ..nmf()
        }),
    ];
    for params in params {
        let model = model(&ratings, &params);
        for user in [0, 7, 31] {
            let (items, values) = ratings.of_user(user).unwrap();
            let names: Vec<String> = items.iter().map(|item| format!("item {item}")).collect();
            let mut seen: Vec<(&str, f32)> = names
                .iter()
                .zip(values)
                .map(|(name, value)| (&**name, *value))
                .collect();
            // Of what is there twice the last counts, and the order of the rest does not matter.
            seen.reverse();
            seen.insert(0, (&*names[0], 1_000.0));
            let new = model.recommend_for(&seen, 5, true).unwrap();
            let known = model.recommend(&format!("user {user}"), 5, true).unwrap();
            for (new, known) in new.iter().zip(&known) {
                assert!((new.score - known.score).abs() < 5e-3, "{new:?} {known:?}");
            }
            assert!(new.iter().all(|one| !names.iter().any(|seen| seen == one.item)));
        }
    }
}

#[test]
fn a_new_users_factors_cannot_be_bettered() {
    let ratings = ratings(11);
    let params = NmfParams {
        alpha_w: 0.01,
        l1_ratio: 0.5,
        tol: 1e-7,
        ..nmf()
    };
    let model = model(&ratings, &FactorParams::Nmf(params.clone()));
    let items = &model.factors.items;
    let gram = items.gram(&Stop::new()).unwrap();
    let (columns, values) = ratings.of_user(3).unwrap();
    let user = super::super::nmf::fold_in(&params, (columns, values), items, &gram);
    let penalty = 0.01 * 0.5 * items.rows() as f32;
    for (at, &value) in user.as_flattened()[..9].iter().enumerate() {
        let wanted = columns
            .iter()
            .zip(values)
            .map(|(&item, by)| by * items.at(item as usize, at));
        let slope = dot(gram.row(at), &user) + penalty * (1.0 + value) - wanted.sum::<f32>();
        assert!(
            if value > 0.0 {
                slope.abs() < 1e-3
            } else {
                slope > -1e-3
            },
            "{at}: {value} {slope}"
        );
    }
}

proptest! {
    #[test]
    fn scores_are_finite_whatever_a_new_user_rated(
        seen in prop::collection::vec((0_usize..40, prop_oneof![0.001_f32..9.0, Just(f32::MAX), Just(f32::MIN_POSITIVE)]), 0..9),
        algorithm in 0_usize..3,
    ) {
        static MODELS: LazyLock<[FactorModel; 3]> = LazyLock::new(|| all().map(|params| model(&ratings(12), &params)));
        let model = &MODELS[algorithm];
        let names: Vec<String> = (0..40).map(|item| format!("item {item}")).collect();
        let seen: Vec<(&str, f32)> = seen.iter().map(|&(item, value)| (&*names[item], value)).collect();
        match model.recommend_for(&seen, 50, false) {
            Ok(recommended) => {
                prop_assert_eq!(recommended.len(), 40);
                prop_assert!(recommended.iter().all(|one| one.score.is_finite()));
                prop_assert!(recommended.is_sorted_by(|a, b| a.score >= b.score));
            }
            Err(error) => prop_assert_eq!(error, RecommendError::TooLarge),
        }
    }
}
