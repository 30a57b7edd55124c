//! Reading a JSON body: bounded, of the right type, with what is wrong told in words.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use utoipa::ToSchema;

use super::error::ApiError;
use super::json;
use super::limits::MAX_JSON;

/// A JSON body as a `T`.
pub struct JsonBody<T>(pub T);

/// What a JSON body is read into.
pub trait Expected: DeserializeOwned {
    /// What is expected, for whoever sent something else.
    const EXPECTED: &'static str;
}

impl<T: Expected, S: Sync> FromRequest<S> for JsonBody<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _state: &S) -> Result<Self, ApiError> {
        let bytes = read_json(request).await?;
        json::object(&bytes).map(Self).map_err(|fault| ApiError::BadBody {
            message: format!("{fault}; expected {}", T::EXPECTED),
            field: fault.field,
        })
    }
}

/// A body with nothing to say: `{}`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Empty {}

impl Expected for Empty {
    const EXPECTED: &'static str = "an empty object, {}";
}

/// The bytes of a JSON body, not yet read as JSON.
pub async fn read_json(request: Request) -> Result<Bytes, ApiError> {
    check_type(request.headers(), "application/json")?;
    let body = Limited::new(request.into_body(), MAX_JSON).collect().await;
    let body = body.map_err(|error| {
        if error.is::<LengthLimitError>() {
            ApiError::BodyTooLarge { limit: MAX_JSON }
        } else {
            ApiError::BodyBroken
        }
    })?;
    Ok(body.to_bytes())
}

/// That the body is said to be of the type `expected`.
pub fn check_type(headers: &HeaderMap, expected: &'static str) -> Result<(), ApiError> {
    let given = headers
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .unwrap_or_default();
    let essence = given.split(';').next().unwrap_or_default().trim();
    if essence.eq_ignore_ascii_case(expected) {
        Ok(())
    } else {
        Err(ApiError::ContentType {
            expected,
            got: given.chars().take(100).collect(),
        })
    }
}
