//! Reading a JSON body: bounded, of the right type, with what is wrong told in words.

use axum::body::{Bytes, HttpBody};
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, header};
use bytes::BytesMut;
use http_body_util::BodyExt;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use utoipa::ToSchema;

use super::Api;
use super::error::ApiError;
use super::json;
use super::limits::{LargePlace, Limits, MAX_JSON};

/// A JSON body as a `T`.
pub struct JsonBody<T>(pub T);

/// What a JSON body is read into.
pub trait Expected: DeserializeOwned {
    /// What is expected, for whoever sent something else.
    const EXPECTED: &'static str;
}

impl<T: Expected> FromRequest<Api> for JsonBody<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, api: &Api) -> Result<Self, ApiError> {
        let body = read_json(request, api.limits()).await?;
        json::object(&body.bytes)
            .map(Self)
            .map_err(|fault| ApiError::BadBody {
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
pub struct JsonBytes<'l> {
    /// The bytes.
    pub bytes: Bytes,
    place: Option<LargePlace<'l>>,
}

impl JsonBytes<'_> {
    /// Whether it takes long enough to work on that others should not wait for it.
    pub fn is_large(&self) -> bool {
        self.place.is_some()
    }
}

/// Reads a JSON body. A large one has its place before it is in memory: by the length that is told, or else
/// as soon as it has grown that long.
pub async fn read_json(request: Request, limits: &Limits) -> Result<JsonBytes<'_>, ApiError> {
    check_type(request.headers(), "application/json")?;
    read_body(request, limits).await
}

/// As [`read_json`], of a body whose type was checked.
pub async fn read_body(request: Request, limits: &Limits) -> Result<JsonBytes<'_>, ApiError> {
    let mut body = request.into_body();
    let told = body.size_hint();
    if told.lower() > MAX_JSON as u64 {
        return Err(TOO_LARGE);
    }
    let mut place = limits.large_place(told.lower() as usize)?;
    if told.exact().is_some() {
        // In one piece, as small ones come, it is not even copied.
        let body = body.collect().await.map_err(|_| ApiError::BodyBroken)?;
        let bytes = body.to_bytes();
        return Ok(JsonBytes { bytes, place });
    }
    let mut bytes = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| ApiError::BodyBroken)?;
        // Trailers say nothing here.
        let Ok(piece) = frame.into_data() else { continue };
        let length = bytes.len() + piece.len();
        if length > MAX_JSON {
            return Err(TOO_LARGE);
        }
        if place.is_none() {
            place = limits.large_place(length)?;
        }
        bytes.extend_from_slice(&piece);
    }
    let bytes = bytes.freeze();
    Ok(JsonBytes { bytes, place })
}

const TOO_LARGE: ApiError = ApiError::BodyTooLarge { limit: MAX_JSON };

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
