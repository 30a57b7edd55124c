//! What is wrong with bundles that come from elsewhere, and with the keys that sign them, as answers.

use axum::http::StatusCode;

use super::causes::{registry, store};
use super::{Answer, answer, internal};
use crate::platform::bundles::BundleError;
use crate::platform::registry::{ImportError, TrustError};

const UNPROCESSABLE: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;

pub(super) fn import(error: &ImportError) -> Answer {
    match error {
        ImportError::Bundle(error) => bundle(error),
        ImportError::Load(_) => answer(UNPROCESSABLE, "bundle_answers_differ"),
        ImportError::TooLarge { bytes } => {
            answer(StatusCode::PAYLOAD_TOO_LARGE, "bundle_too_large").with("bytes", *bytes)
        }
        ImportError::Io(_) => answer(StatusCode::BAD_REQUEST, "body_broken"),
        ImportError::Trust(error) => trust(error),
        ImportError::Registry(error) => registry(error, "version"),
        ImportError::Entropy(_) => internal(),
        ImportError::Store(error) => store(error),
    }
}

/// A bundle that somebody sent; one of the store's own that is not right is a fault of ours.
fn bundle(error: &BundleError) -> Answer {
    let at = |code, part: &str| answer(UNPROCESSABLE, code).with("part", part);
    match error {
        BundleError::NotABundle => answer(UNPROCESSABLE, "not_a_bundle"),
        BundleError::Newer => answer(UNPROCESSABLE, "newer_bundle"),
        BundleError::UnsafeName { name } => at("unsafe_part_name", name),
        BundleError::CutOff { part } => at("bundle_cut_off", part),
        BundleError::GoesOn => answer(UNPROCESSABLE, "bundle_goes_on"),
        BundleError::Unreadable { part, .. } => at("unreadable_part", part),
        BundleError::Signature => answer(UNPROCESSABLE, "bad_signature"),
        BundleError::Needs(needs) => answer(UNPROCESSABLE, "bundle_needs_more").with("needs", needs.clone()),
        BundleError::UntrustedKey(key) => answer(UNPROCESSABLE, "untrusted_key").with("key", key.to_string()),
        BundleError::Damaged { name } => at("damaged_part", name),
        BundleError::Twice { name } => at("duplicate_part", name),
        BundleError::Missing { name } => at("missing_part", name),
        BundleError::Weights(_) => at("unreadable_part", "weights"),
        BundleError::TooLarge { name } => at("part_too_large", name),
        BundleError::Io(_) => internal(),
    }
}

pub(super) fn trust(error: &TrustError) -> Answer {
    match error {
        TrustError::Own(_) => answer(StatusCode::CONFLICT, "own_key"),
        TrustError::Unknown(_) => answer(StatusCode::NOT_FOUND, "unknown_key").at("key"),
        TrustError::TooMany { limit } => answer(UNPROCESSABLE, "too_many").with("limit", *limit),
        TrustError::BadName { .. } => answer(UNPROCESSABLE, "bad_key_name").at("name"),
        TrustError::Store(error) => store(error),
    }
}
