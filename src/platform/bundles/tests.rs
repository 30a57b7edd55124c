use super::*;
use crate::base::{Clock, ContentId, Entropy, RunId, Time};
use crate::engine::model::ModelFormat;
use crate::engine::task::Task;
use crate::store::{Signer, Store};

/// A store of its own, for its keys.
fn store() -> Store {
    Store::in_memory(Clock::manual(Time::from_millis(0)), Entropy).unwrap()
}

fn bundle() -> Bundle {
    let manifest = Manifest {
        model: "churn".parse().unwrap(),
        title: String::new(),
        description: String::new(),
        made_by: "usina 0.1.0".to_owned(),
        created_at: Time::from_millis(1),
        run_id: Some(RunId::random(Entropy).unwrap()),
        dataset: Some(DatasetOrigin {
            name: "churn".parse().unwrap(),
            version: ContentId::of(b"rows"),
            generated: false,
        }),
        predicts: Predicts::new(&Task::Regression, "left", 0.5),
        weights: ModelFormat::XgboostJson,
        needs: Vec::new(),
    };
    let parts = [
        ("weights/model.json", vec![1, 2, 3]),
        ("card.md", b"# Card".to_vec()),
    ];
    Bundle {
        manifest,
        parts: parts
            .into_iter()
            .map(|(name, part)| (name.to_owned(), part))
            .collect(),
    }
}

fn trusting(signer: &Signer) -> TrustedKeys {
    TrustedKeys::only(signer.public_key())
}

#[test]
fn a_bundle_opens_as_what_was_sealed() {
    let store = store();
    let signer = store.vault().bundles();
    let sealed = bundle().seal(signer).unwrap();
    let opened = Bundle::read(sealed.as_slice(), &trusting(signer)).unwrap();
    assert_eq!(opened.parts, bundle().parts);
}

#[test]
fn no_flipped_bit_and_no_cut_goes_unseen() {
    let store = store();
    let signer = store.vault().bundles();
    let trusted = trusting(signer);
    let sealed = bundle().seal(signer).unwrap();
    for position in 0..sealed.len() {
        let mut changed = sealed.clone();
        changed[position] ^= 0x10;
        assert!(
            Bundle::read(changed.as_slice(), &trusted).is_err(),
            "byte {position}"
        );
        let cut = Bundle::read(&sealed[..position], &trusted);
        assert!(cut.is_err(), "cut at {position}");
    }
    let longer = [sealed.as_slice(), &[0]].concat();
    let read = Bundle::read(longer.as_slice(), &trusted);
    assert!(matches!(read, Err(BundleError::GoesOn)));
}

#[test]
fn a_part_is_found_without_what_comes_after_it_and_checked_all_the_same() {
    let store = store();
    let signer = store.vault().bundles();
    let sealed = bundle().seal(signer).unwrap();
    let head_and_card = &sealed[..sealed.len() - 3];
    let mut reader = BundleReader::new(head_and_card, &trusting(signer)).unwrap();
    assert_eq!(reader.find("card.md").unwrap(), b"# Card");
    assert!(
        matches!(reader.find("weights/model.json"), Err(BundleError::CutOff { part }) if part == "weights/model.json")
    );

    let mut changed = head_and_card.to_vec();
    *changed.last_mut().unwrap() ^= 1;
    let mut reader = BundleReader::new(changed.as_slice(), &trusting(signer)).unwrap();
    assert!(matches!(reader.find("card.md"), Err(BundleError::Damaged { name }) if name == "card.md"));
    let mut reader = BundleReader::new(sealed.as_slice(), &trusting(signer)).unwrap();
    assert!(matches!(
        reader.find("features.json"),
        Err(BundleError::Missing {
            name: "features.json"
        })
    ));
}

#[test]
fn a_stranger_s_bundle_is_refused() {
    let sealed = bundle().seal(store().vault().bundles()).unwrap();
    let other = store();
    let refused = Bundle::read(sealed.as_slice(), &trusting(other.vault().bundles()));
    assert!(matches!(refused, Err(BundleError::UntrustedKey(_))));
}

#[test]
fn what_is_not_known_is_refused_where_answers_need_it_and_else_passed_over() {
    let store = store();
    let signer = store.vault().bundles();
    let mut newer = bundle();
    newer.parts.insert("thumbnail.png".to_owned(), vec![1]);
    let sealed = newer.seal(signer).unwrap();
    Bundle::read(sealed.as_slice(), &trusting(signer)).unwrap();
    newer.manifest.needs = vec!["calibration".to_owned()];
    let sealed = newer.seal(signer).unwrap();
    let refused = Bundle::read(sealed.as_slice(), &trusting(signer)).unwrap_err();
    assert!(refused.to_string().contains("calibration"), "{refused}");
}

#[test]
fn weights_come_last_whatever_the_others_are_called() {
    let store = store();
    let signer = store.vault().bundles();
    let mut bundle = bundle();
    bundle.parts.insert("zebra.json".to_owned(), b"{}".to_vec());
    let sealed = bundle.seal(signer).unwrap();
    assert!(sealed.ends_with(&[1, 2, 3]));
    let read = Bundle::read(sealed.as_slice(), &trusting(signer)).unwrap();
    assert_eq!(read, bundle);
}

#[test]
fn a_part_that_joined_later_may_be_absent_and_costs_the_others_nothing() {
    let store = store();
    let signer = store.vault().bundles();
    let sealed = bundle().seal(signer).unwrap();
    let mut reader = BundleReader::new(sealed.as_slice(), &trusting(signer)).unwrap();
    assert_eq!(reader.find_if_there("curves.json").unwrap(), None);
    assert_eq!(reader.find_if_there("card.md").unwrap().unwrap(), b"# Card");
    assert_eq!(reader.find_if_there("card.md").unwrap(), None, "it is behind");
    assert_eq!(reader.find("weights/model.json").unwrap(), [1, 2, 3]);
}
