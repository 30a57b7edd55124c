//! Parameters in paths and queries, read into the types that the platform wants.

mod read;
mod tags;

use std::fmt::Display;
use std::str::FromStr;

use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{FromRequestParts, Path, Query};
use axum::http::Uri;
use axum::http::request::Parts;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use utoipa::IntoParams;

use super::error::ApiError;
use crate::platform::page::PageOf;
use read::Fault;

pub(super) use read::{flag, parsed_by, whole};
pub(super) use tags::TaggedParams;

/// The most characters of what was sent that are sent back.
const MAX_ECHO: usize = 100;

/// How many entries are given unless it is said.
pub const DEFAULT_LIMIT: usize = 100;

/// The part of a path called `name`, as a `T`.
///
/// # Errors
/// It is no `T`.
pub fn parameter<T: FromStr<Err: Display>>(name: &'static str, given: &str) -> Result<T, ApiError> {
    given.parse().map_err(|error: T::Err| ApiError::BadParameter {
        name: name.into(),
        given: given.chars().take(MAX_ECHO).collect(),
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
            name: "path".into(),
            given: parts.uri.path().chars().take(200).collect(),
            message: rejection.body_text(),
        })?;
        Ok(Self(segments))
    }
}

/// That there is no query, where there is nothing that one could say.
///
/// # Errors
/// Names the first parameter.
pub fn no_query(uri: &Uri) -> Result<(), ApiError> {
    let Some(query) = uri.query().filter(|query| !query.is_empty()) else {
        return Ok(());
    };
    let pairs = Query::<Vec<(String, String)>>::try_from_uri(uri);
    let first = pairs.ok().and_then(|Query(pairs)| pairs.into_iter().next());
    let name = first.map_or_else(|| query.to_owned(), |(name, _)| name);
    Err(ApiError::SurplusParameter {
        name: name.chars().take(MAX_ECHO).collect(),
    })
}

/// The query of a request.
pub struct Params<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Params<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let pairs = Query::from_request_parts(parts, state).await;
        let Query(pairs) = pairs.map_err(|rejection: QueryRejection| ApiError::BadParameter {
            name: "query".into(),
            given: parts.uri.query().unwrap_or_default().chars().take(200).collect(),
            message: rejection.body_text(),
        })?;
        read::read(pairs).map(Self).map_err(ApiError::from)
    }
}

impl From<Fault> for ApiError {
    fn from(fault: Fault) -> Self {
        let short = |text: String| text.chars().take(MAX_ECHO).collect();
        match fault {
            Fault::Unknown { name, known } => Self::UnknownParameter {
                name: short(name),
                known,
            },
            Fault::Missing(name) => Self::MissingParameter { name },
            Fault::Twice(name) => Self::DoubleParameter { name },
            Fault::Value { name, given, message } => Self::BadParameter {
                name: short(name).into(),
                given: short(given),
                message,
            },
        }
    }
}

/// Which page of a list is wanted.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Paging {
    /// How many entries at most; 1 to 1000.
    #[param(minimum = 1, maximum = 1000)]
    #[serde(default, deserialize_with = "whole::<_, _, 1, 1000>")]
    limit: Option<usize>,
    /// The next_page_token of the page before; without it the first page is given.
    page_token: Option<String>,
}

impl Paging {
    /// The page, of 100 entries unless it is said.
    pub fn page(self) -> PageOf {
        page(self.limit, self.page_token)
    }
}

/// The page that a query asks for.
pub fn page(limit: Option<usize>, token: Option<String>) -> PageOf {
    PageOf::new(limit.unwrap_or(DEFAULT_LIMIT), token)
}
