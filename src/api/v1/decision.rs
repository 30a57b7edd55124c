//! Who decided, and why: what goes into the history of a model.

use serde::Deserialize;
use utoipa::ToSchema;

use crate::api::body::Expected;
use crate::api::error::ApiError;
use crate::api::permit::Permit;
use crate::platform::registry::Decision;

/// Why something is done.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Why {
    /// Why, for the history.
    #[serde(default)]
    pub(super) reason: Option<String>,
}

impl Expected for Why {
    const EXPECTED: &'static str = "an object, empty or with `reason`";
}

/// The longest reason, in characters.
const LONGEST_REASON: usize = 1_000;

/// What whoever has the permit decided.
pub(super) fn decided<P>(permit: &Permit<P>, reason: Option<String>) -> Result<Decision, ApiError> {
    match reason {
        Some(reason) if reason.chars().count() > LONGEST_REASON => Err(ApiError::BadParameter {
            name: "reason".into(),
            given: reason.chars().take(80).collect(),
            message: format!("expected {LONGEST_REASON} characters at most"),
        }),
        reason => Ok(Decision::of(permit.caller().to_string(), reason)),
    }
}
