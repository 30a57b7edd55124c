//! A recommender that is written and read.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{all, model, ratings};
use crate::engine::factor::{CONFIG, FactorModel, WEIGHTS};
use crate::engine::model::StoredModelError;

#[test]
fn a_model_reads_back_as_it_was() {
    for params in all() {
        let model = model(&ratings(9), &params);
        let files = model.encode().unwrap();
        let read = FactorModel::decode(&files[CONFIG], &files[WEIGHTS]).unwrap();
        assert_eq!(read, model);
        assert_eq!(read.encode().unwrap(), files);
    }
}

/// What is done to a config.
type Change<'a> = &'a dyn Fn(&mut Value);

#[test]
fn what_contradicts_itself_is_refused() {
    let [params, ..] = all();
    let files = model(&ratings(9), &params).encode().unwrap();
    let config: Value = serde_json::from_slice(&files[CONFIG]).unwrap();
    let decode = |change: Change<'_>| {
        let mut config = config.clone();
        change(&mut config);
        FactorModel::decode(&serde_json::to_vec(&config).unwrap(), &files[WEIGHTS])
    };
    assert!(decode(&|_| {}).is_ok());
    let newer = decode(&|config| *config = json!({ "version": 2, "anything": 1 }));
    assert!(matches!(newer, Err(StoredModelError::Version(2))));
    let changes: [(Change<'_>, &str); 6] = [
        (
            &|config| drop(config["users"].as_array_mut().unwrap().pop()),
            "number of users",
        ),
        (
            &|config| drop(config["items"].as_array_mut().unwrap().pop()),
            "number of items",
        ),
        (
            &|config| config["items"][1] = config["items"][0].clone(),
            "items is there twice",
        ),
        (
            &|config| config["algorithm"]["nmf"]["n_components"] = json!(8),
            "number of factors",
        ),
        (
            &|config| config["algorithm"]["nmf"]["n_components"] = json!(0),
            "n_components = 0",
        ),
        (&|config| config["other"] = json!(0), "other"),
    ];
    for (change, told) in changes {
        let error = decode(change).unwrap_err().to_string();
        assert!(error.contains(told), "{error}");
    }
}

#[test]
fn numbers_that_cannot_be_are_refused() {
    let [params, ..] = all();
    let files = model(&ratings(9), &params).encode().unwrap();
    let bytes = &files[WEIGHTS];
    let head = 8 + u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
    let tensors = safetensors::SafeTensors::deserialize(bytes).unwrap();
    for (name, word) in [
        ("users", f32::NAN.to_le_bytes()),
        ("items", f32::INFINITY.to_le_bytes()),
        ("items", f32::MAX.to_le_bytes()),
        ("seen.counts", 1_000_000_u32.to_le_bytes()),
        ("seen.items", 40_u32.to_le_bytes()),
    ] {
        let data = tensors.tensor(name).unwrap().data();
        let at = data.as_ptr() as usize - bytes.as_ptr() as usize;
        assert!(at >= head);
        let mut wrong = bytes.clone();
        wrong[at..at + 4].copy_from_slice(&word);
        assert!(FactorModel::decode(&files[CONFIG], &wrong).is_err(), "{name}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn damaged_bytes_are_an_error_or_another_model_but_never_a_panic(
        place in any::<prop::sample::Index>(),
        bits in 1_u8..,
        cut in any::<prop::sample::Index>(),
        in_head: bool,
    ) {
        let files = small();
        for name in [CONFIG, WEIGHTS] {
            let mut damaged = files.clone();
            let bytes = &mut damaged.get_mut(name).unwrap();
            let most = if in_head { bytes.len().min(300) } else { bytes.len() };
            bytes[place.index(most)] ^= bits;
            if let Ok(model) = FactorModel::decode(&damaged[CONFIG], &damaged[WEIGHTS]) {
                prop_assert!(model.popular(3).is_ok());
                for user in model.users().names() {
                    let recommended = model.recommend(user, 3, true).unwrap();
                    prop_assert!(recommended.iter().all(|one| one.score.is_finite()));
                }
            }
            let mut short = files.clone();
            let bytes = short.get_mut(name).unwrap();
            bytes.truncate(cut.index(bytes.len()));
            prop_assert!(FactorModel::decode(&short[CONFIG], &short[WEIGHTS]).is_err());
        }
    }
}

fn small() -> std::collections::BTreeMap<String, Vec<u8>> {
    let ratings = [(0, 0, 1.0), (0, 2, 2.0), (1, 1, 3.0), (3, 2, 1.0)];
    let ratings = crate::engine::factor::Interactions::new(4, 3, &ratings).unwrap();
    model(&ratings, &all()[2]).encode().unwrap()
}
