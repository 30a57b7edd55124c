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
        build: None,
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
fn a_part_that_could_lead_outside_is_refused() {
    let store = store();
    let signer = store.vault().bundles();
    let read = |name: &str| {
        let mut bundle = bundle();
        bundle.parts.insert(name.to_owned(), vec![1]);
        Bundle::read(bundle.seal(signer).unwrap().as_slice(), &trusting(signer))
    };
    for bad in [
        "../x",
        "a/../x",
        "/etc/passwd",
        "a//b",
        "",
        ".",
        "a/.",
        "a\0b",
        "a\\b",
        "C:x",
        "weights/../../x",
        "a b",
        "ação",
    ] {
        let refused = read(bad);
        assert!(
            matches!(refused, Err(BundleError::UnsafeName { .. })),
            "{bad:?}: {refused:?}"
        );
    }
    for good in ["x", "a/b.c", "weights/model-1_2.json", ".hidden", "a..b"] {
        read(good).unwrap();
    }
}

#[test]
fn a_bundle_of_a_newer_format_says_so() {
    let store = store();
    let signer = store.vault().bundles();
    let mut sealed = bundle().seal(signer).unwrap();
    sealed[13] = b'2';
    let refused = Bundle::read(sealed.as_slice(), &trusting(signer));
    assert!(matches!(refused, Err(BundleError::Newer)));
    let refused = Bundle::read(&b"PK\x03\x04 and more that is no bundle"[..], &trusting(signer));
    assert!(matches!(refused, Err(BundleError::NotABundle)));
}

/// A well-signed bundle with one part, which is empty and said to have `size` bytes.
pub(in crate::platform) fn declaring(size: u64, signer: &Signer) -> Vec<u8> {
    let head = super::sealed::Head {
        manifest: bundle().manifest,
        parts: vec![super::sealed::Part {
            name: "card.md".to_owned(),
            size,
            blake3: ContentId::of(b""),
        }],
    };
    let head = serde_json::to_vec(&head).unwrap();
    let length = u32::try_from(head.len()).unwrap().to_le_bytes();
    let mut sealed = [MAGIC.as_slice(), &length, &head].concat();
    let signature = signer.sign(&sealed);
    sealed.extend_from_slice(signer.public_key().as_bytes());
    sealed.extend_from_slice(signature.as_bytes());
    sealed
}

#[test]
fn a_part_is_as_long_as_the_head_says_and_memory_grows_only_as_it_comes() {
    let store = store();
    let signer = store.vault().bundles();
    for size in [1, 1 << 40, u64::MAX] {
        let sealed = declaring(size, signer);
        let read = Bundle::read(sealed.as_slice(), &trusting(signer));
        assert!(
            matches!(read, Err(BundleError::CutOff { part }) if part == "card.md"),
            "{size}"
        );
    }
    let longer = [declaring(0, signer).as_slice(), b"more than is declared"].concat();
    let read = Bundle::read(longer.as_slice(), &trusting(signer));
    assert!(matches!(read, Err(BundleError::GoesOn)));
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
