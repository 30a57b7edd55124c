//! Models at rest.

use std::sync::Arc;

use proptest::prelude::*;

use super::{bits, shared_model, small, table, tasks, train};
use crate::engine::boost::{BoostModel, BoostParams};
use crate::engine::fit::FitData;
use crate::engine::matrix::{Feature, Matrix};
use crate::engine::model::StoredModelError;

#[test]
fn a_model_reads_back_as_it_was_written() {
    let table = table(800, 6);
    for task in tasks() {
        let model = train(&table.data(&task), &task, &small()).unwrap();
        let bytes = model.encode().unwrap();
        let again = BoostModel::decode(&bytes).unwrap();
        assert_eq!(again.task(), &task);
        assert_eq!(again.features(), model.features());
        assert_eq!(
            bits(&again.predict(&table.matrix).unwrap()),
            bits(&model.predict(&table.matrix).unwrap())
        );
        assert!(
            again.encode().unwrap() == bytes,
            "{}: written anew it differs",
            task.name()
        );
        assert_eq!(again.importance(), model.importance());
    }
}

#[test]
fn a_damaged_model_is_refused_with_its_reason() {
    let bytes = shared_model().encode().unwrap();
    let text = String::from_utf8(bytes.clone()).unwrap();
    assert!(matches!(
        BoostModel::decode(&bytes[..bytes.len() / 2]),
        Err(StoredModelError::Json(_))
    ));
    let foreign = text.replace("\"usina\":", "\"other\":");
    assert!(matches!(
        BoostModel::decode(foreign.as_bytes()),
        Err(StoredModelError::Foreign)
    ));
    let later = text.replacen("{\\\"version\\\":1,", "{\\\"version\\\":2,", 1);
    assert!(matches!(
        BoostModel::decode(later.as_bytes()),
        Err(StoredModelError::Version(2))
    ));
    // The library reads an objective that it does not know, and gives margins for probabilities.
    for objective in ["binary:logitraw", "binary:unheard"] {
        let other = text.replace("binary:logistic", objective);
        let error = BoostModel::decode(other.as_bytes()).unwrap_err();
        assert!(matches!(error, StoredModelError::Objective { .. }), "{error}");
    }
    let fewer = text.replace("\"num_feature\":\"3\"", "\"num_feature\":\"4\"");
    assert!(matches!(
        BoostModel::decode(fewer.as_bytes()),
        Err(StoredModelError::Contradicts {
            expected: 3,
            got: 4,
            ..
        } | StoredModelError::Booster(_))
    ));
}

#[test]
fn what_is_written_is_what_xgboost_reads() {
    let document: serde_json::Value = serde_json::from_slice(&shared_model().encode().unwrap()).unwrap();
    assert_eq!(
        document["learner"]["feature_names"],
        serde_json::json!(["age", "rate __%_", "plan"])
    );
    assert_eq!(
        document["learner"]["feature_types"],
        serde_json::json!(["float", "float", "c"])
    );
    let trees = document["learner"]["gradient_booster"]["model"]["trees"]
        .as_array()
        .unwrap();
    assert_eq!(trees.len(), 12);
    let mut by_category = 0;
    for tree in trees {
        by_category += tree["categories_nodes"].as_array().unwrap().len();
        let children = |side: &str| {
            tree[side]
                .as_array()
                .unwrap()
                .iter()
                .map(|node| node.as_i64().unwrap())
        };
        for (left, right) in children("left_children").zip(children("right_children")) {
            assert_eq!(
                right,
                if left < 0 { -1 } else { left + 1 },
                "XGBoost takes the right child to be left + 1"
            );
        }
    }
    assert!(
        by_category > 0,
        "nothing was split by category: the test shows nothing"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_share_of_positives_survives_storage(positives in 1_usize..400, rows in 401_usize..800) {
        let task = &tasks()[0];
        let features: Arc<[Feature]> = Arc::new([Feature::numeric("x")]);
        let values: Vec<f32> = (0..rows).map(|row| (row % 17) as f32).collect();
        let matrix = Matrix::new(values, rows, features).unwrap();
        let target: Vec<f32> = (0..rows).map(|row| f32::from(u8::from(row < positives))).collect();
        let data = FitData { train: matrix.clone(), target: &target, weights: None, valid: None, valid_weights: None, watch_train: false };
        let params = BoostParams { n_estimators: 2, max_depth: 2, ..BoostParams::default() };
        let model = train(&data, task, &params).unwrap();
        let bytes = model.encode().unwrap();
        let again = BoostModel::decode(&bytes).unwrap();
        prop_assert_eq!(bits(&again.predict(&matrix).unwrap()), bits(&model.predict(&matrix).unwrap()));
        prop_assert!(again.encode().unwrap() == bytes);
    }

    #[test]
    fn a_changed_byte_is_refused_or_predicts_but_never_panics(at in any::<prop::sample::Index>(), to in any::<u8>()) {
        let mut bytes = shared_model().encode().unwrap();
        let at = at.index(bytes.len());
        bytes[at] = to;
        if let Ok(model) = BoostModel::decode(&bytes) {
            let mut out = [0.0];
            // A changed name or level may refuse the row; that is an answer too.
            let _ = model.predict_row(&[30.0, 0.5, 1.0], &mut out);
            prop_assert!(model.encode().is_ok());
        }
    }
}
