//! Answers that say what they are, so that nobody is sent what it has already.
//!
//! Every answer to a GET below /api/v1 has an `ETag`, a hash of its body; a request that names it in
//! `If-None-Match` is answered 304, without the body. It saves what goes over the wire, not the work of finding
//! out. Source: RFC 9110, sections 8.8.3 and 13.1.2.

use axum::body::{Body, HttpBody};
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http_body_util::BodyExt;

use super::error::ApiError;

/// The largest answer that is hashed; a larger one, such as a model's weights, has no tag.
const MAX_HASHED: u64 = 4 << 20;

/// Tags the answer to a GET, or says that it has not changed.
pub(super) async fn tag(request: Request, next: Next) -> Response {
    if request.method() != Method::GET {
        return next.run(request).await;
    }
    let known: Vec<HeaderValue> = request
        .headers()
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .cloned()
        .collect();
    let answer = next.run(request).await;
    if answer.status() != StatusCode::OK
        || answer
            .body()
            .size_hint()
            .upper()
            .is_none_or(|size| size > MAX_HASHED)
    {
        return answer;
    }
    let (mut head, body) = answer.into_parts();
    let Ok(body) = body.collect().await else {
        return ApiError::BodyBroken.into_response();
    };
    let body = body.to_bytes();
    let tag = format!("\"{}\"", &blake3::hash(&body).to_hex()[..32]);
    let is_known = known
        .iter()
        .filter_map(|value| value.to_str().ok())
        .any(|value| names(value, &tag));
    set(&mut head.headers, &tag);
    if is_known {
        head.status = StatusCode::NOT_MODIFIED;
        head.headers.remove(header::CONTENT_TYPE);
        head.headers.remove(header::CONTENT_LENGTH);
        return Response::from_parts(head, Body::empty());
    }
    Response::from_parts(head, Body::from(body))
}

fn set(headers: &mut HeaderMap, tag: &str) {
    if let Ok(tag) = HeaderValue::from_str(tag) {
        headers.insert(header::ETAG, tag);
        // It may be kept, and must be asked for each time: things change.
        headers
            .entry(header::CACHE_CONTROL)
            .or_insert(HeaderValue::from_static("private, no-cache"));
    }
}

/// Whether the list of tags `value` names `tag`: by itself, as a weak one, or as any.
fn names(value: &str, tag: &str) -> bool {
    let mut tags = value.split(',').map(str::trim);
    tags.any(|named| named == "*" || named.strip_prefix("W/").unwrap_or(named) == tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_found_in_every_list_that_names_it() {
        for list in ["*", "\"a\"", "W/\"a\"", "\"b\", \"a\"", "\"b\",W/\"a\" "] {
            assert!(names(list, "\"a\""), "{list}");
        }
        for list in ["", "a", "\"b\"", "w/\"a\"", "\"aa\"", "\"b\", W/\"c\""] {
            assert!(!names(list, "\"a\""), "{list}");
        }
    }
}
