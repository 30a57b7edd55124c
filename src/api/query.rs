//! Parameters in paths and queries, read into the types that the platform wants.

use std::fmt::Display;
use std::str::FromStr;

use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{FromRequestParts, Path, Query};
use axum::http::request::Parts;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use utoipa::IntoParams;

use super::error::ApiError;
use crate::platform::page::PageOf;

/// The part of a path called `name`, as a `T`.
///
/// # Errors
/// It is no `T`.
pub fn parameter<T: FromStr<Err: Display>>(name: &'static str, given: &str) -> Result<T, ApiError> {
    given.parse().map_err(|error: T::Err| ApiError::BadParameter {
        name,
        given: given.chars().take(100).collect(),
        message: error.to_string(),
    })
}

/// The parts of a path.
pub struct Segments<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Segments<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let segments = Path::from_request_parts(parts, state).await;
        let Path(segments) = segments.map_err(|rejection: PathRejection| ApiError::BadParameter {
            name: "path",
            given: parts.uri.path().chars().take(200).collect(),
            message: rejection.body_text(),
        })?;
        Ok(Self(segments))
    }
}

/// The query of a request.
pub struct Params<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Params<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let params = Query::from_request_parts(parts, state).await;
        let Query(params) = params.map_err(|rejection: QueryRejection| ApiError::BadParameter {
            name: "query",
            given: parts.uri.query().unwrap_or_default().chars().take(200).collect(),
            message: rejection.body_text(),
        })?;
        Ok(Self(params))
    }
}

/// Which page of a list is wanted.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Paging {
    /// How many entries at most; 1 to 1000.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<usize>,
    /// The next_page_token of the page before; without it the first page is given.
    page_token: Option<String>,
}

impl Paging {
    /// The page, of 100 entries unless it is said.
    ///
    /// # Errors
    /// The limit is out of range.
    pub fn page(self) -> Result<PageOf, ApiError> {
        page(self.limit, self.page_token)
    }
}

/// The page that a query asks for.
///
/// # Errors
/// The limit is out of range.
pub fn page(limit: Option<usize>, token: Option<String>) -> Result<PageOf, ApiError> {
    Ok(PageOf::new(self::limit(limit)?, token))
}

/// A limit that was given, or 100.
///
/// # Errors
/// It is out of range.
pub fn limit(given: Option<usize>) -> Result<usize, ApiError> {
    match given.unwrap_or(100) {
        limit @ 1..=1_000 => Ok(limit),
        other => Err(ApiError::BadParameter {
            name: "limit",
            given: other.to_string(),
            message: "expected 1 to 1000".to_owned(),
        }),
    }
}
