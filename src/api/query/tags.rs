//! Parameters `tag.KEY=VALUE` beside the others of a query.

use std::collections::BTreeMap;

use axum::extract::rejection::QueryRejection;
use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

use super::read;
use crate::api::error::ApiError;

/// The query of a request, and the tags that it asks for.
pub struct TaggedParams<T>(pub T, pub BTreeMap<String, String>);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for TaggedParams<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let pairs = Query::<Vec<(String, String)>>::from_request_parts(parts, state).await;
        let Query(pairs) = pairs.map_err(|rejection: QueryRejection| ApiError::BadParameter {
            name: "query".into(),
            given: parts.uri.query().unwrap_or_default().chars().take(200).collect(),
            message: rejection.body_text(),
        })?;
        let (tags, rest) = split(pairs)?;
        Ok(Self(read::read(rest).map_err(ApiError::from)?, tags))
    }
}

/// Tags by key, and the parameters that are none.
type Parted = (BTreeMap<String, String>, Vec<(String, String)>);

fn split(pairs: Vec<(String, String)>) -> Result<Parted, ApiError> {
    let (mut tags, mut rest) = (BTreeMap::new(), Vec::new());
    for (name, value) in pairs {
        let Some(key) = name.strip_prefix("tag.") else {
            rest.push((name, value));
            continue;
        };
        if tags.insert(key.to_owned(), value.clone()).is_some() {
            return Err(ApiError::BadParameter {
                name: name.chars().take(100).collect::<String>().into(),
                given: value.chars().take(100).collect(),
                message: "the tag is asked for twice, and has one value".to_owned(),
            });
        }
    }
    Ok((tags, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_told_from_other_parameters_and_asked_for_once() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let (tags, rest) = split(vec![pair("tag.a.b", "1"), pair("limit", "2"), pair("tag", "3")]).unwrap();
        assert_eq!(tags, BTreeMap::from([pair("a.b", "1")]));
        assert_eq!(rest, [pair("limit", "2"), pair("tag", "3")]);
        assert!(split(vec![pair("tag.a", "1"), pair("tag.a", "2")]).is_err());
    }
}
