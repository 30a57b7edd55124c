//! POSTs that are done once, however often they are sent: those with the header `Idempotency-Key`.
//!
//! The same key with the same body is answered as the first time, with `Idempotent-Replayed: true`. What was
//! refused or failed made nothing, and frees its key. Of an upload the hash is taken as it comes in; sent again,
//! it is read to its end to know whether it is the same. Source: IETF draft-ietf-httpapi-idempotency-key-header.

use std::panic::{AssertUnwindSafe, resume_unwind};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;
use http_body_util::BodyExt;
use hyper::body::{Frame, SizeHint};

use super::Api;
use super::error::ApiError;
use super::guard::Admitted;
use super::upload::MAX_UPLOAD;
use crate::base::to_the_end;
use crate::platform::idempotency::{Answer, Begun, Claim, Idempotency, IdempotencyError, MAX_ANSWER, Sent};

const KEY: HeaderName = HeaderName::from_static("idempotency-key");
const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// How long the next piece of a body that is only looked at may take to arrive.
const PIECE_PATIENCE: Duration = Duration::from_secs(30);

/// Does a request once, where it has a key.
pub(super) async fn once(api: Api, request: Request, next: Next) -> Response {
    let key = request.headers().get(KEY).cloned();
    let key = key.filter(|_| request.method() == Method::POST);
    let caller = request
        .extensions()
        .get::<Admitted>()
        .map(|admitted| admitted.caller);
    match (key, caller) {
        (Some(key), Some(caller)) => {
            let caller = caller.to_string();
            let done = done_once(&api.idempotency, &key, &caller, request, next).await;
            done.unwrap_or_else(IntoResponse::into_response)
        }
        _ => next.run(request).await,
    }
}

async fn done_once(
    kept: &Idempotency,
    key: &HeaderValue,
    caller: &str,
    request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    let key = key.to_str().map_err(|_| IdempotencyError::BadKey)?.trim();
    // The draft has it as a structured field, in quotes; what is in use has none.
    let quoted = key.strip_prefix('"').and_then(|key| key.strip_suffix('"'));
    let route = request.uri().path_and_query().map_or("", |route| route.as_str());
    let sent = Sent {
        caller,
        route: &format!("POST {route}"),
        key: quoted.unwrap_or(key),
    };
    match kept.begin(sent).await? {
        Begun::First(claim) => Ok(do_it(kept.clone(), claim, request, next).await),
        Begun::Answered { body, answer } => {
            let (head, again) = request.into_parts();
            let mut again = again.into_data_stream();
            let mut hasher = hasher(&head.headers);
            let mut length = 0;
            while let Some(piece) = arrived(&mut again).await? {
                length += piece.len();
                if length > MAX_UPLOAD {
                    return Err(ApiError::BodyTooLarge { limit: MAX_UPLOAD });
                }
                hasher.update(&piece);
            }
            let again = hasher.finalize().to_hex();
            if body.is_some_and(|body| body != again.as_str()) {
                return Err(IdempotencyError::OtherBody.into());
            }
            Ok(replayed(answer))
        }
    }
}

async fn arrived(body: &mut axum::body::BodyDataStream) -> Result<Option<Bytes>, ApiError> {
    let piece = tokio::time::timeout(PIECE_PATIENCE, futures_util::StreamExt::next(body)).await;
    let piece = piece.map_err(|_| ApiError::TimedOut {
        seconds: PIECE_PATIENCE.as_secs(),
    })?;
    piece.transpose().map_err(|_| ApiError::BodyBroken)
}

/// Does the request and keeps its answer, to the end: a client that hangs up sends it again, most likely.
async fn do_it(kept: Idempotency, claim: Claim, request: Request, next: Next) -> Response {
    to_the_end(async move {
        let (head, body) = request.into_parts();
        let hash = Arc::new(Mutex::new(Hash {
            hasher: hasher(&head.headers),
            is_whole: false,
        }));
        let body = Body::new(Hashed {
            body,
            hash: Arc::clone(&hash),
        });
        let answer = next.run(Request::from_parts(head, body));
        match AssertUnwindSafe(answer).catch_unwind().await {
            Ok(answer) => keep(&kept, claim, &hash, answer).await,
            Err(panic) => {
                note(kept.release(claim).await);
                resume_unwind(panic)
            }
        }
    })
    .await
}

async fn keep(kept: &Idempotency, claim: Claim, hash: &Mutex<Hash>, answer: Response) -> Response {
    if !answer.status().is_success() {
        note(kept.release(claim).await);
        return answer;
    }
    let (head, body) = answer.into_parts();
    let Ok(body) = body.collect().await else {
        note(kept.finish(claim, None, None).await);
        return ApiError::BodyBroken.into_response();
    };
    let body = body.to_bytes();
    let text = std::str::from_utf8(&body)
        .ok()
        .filter(|text| text.len() <= MAX_ANSWER);
    let content_type = head.headers.get(header::CONTENT_TYPE);
    let answer = text.map(|text| Answer {
        status: head.status.as_u16(),
        content_type: content_type
            .and_then(|kind| kind.to_str().ok())
            .map(str::to_owned),
        body: text.to_owned(),
    });
    let sent = lock(hash).told();
    note(kept.finish(claim, sent, answer).await);
    Response::from_parts(head, Body::from(body))
}

/// What is done is done: that its answer is not kept changes nothing about it.
fn note(written: Result<(), crate::platform::StoreError>) {
    if let Err(error) = written {
        tracing::warn!(%error, "what came of a request with a key is not kept");
    }
}

fn replayed(answer: Answer) -> Response {
    let mut response = Response::new(Body::from(answer.body));
    // It was a status once.
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or_default();
    let headers = response.headers_mut();
    headers.insert(REPLAYED, HeaderValue::from_static("true"));
    let kind = answer
        .content_type
        .and_then(|kind| HeaderValue::from_str(&kind).ok());
    if let Some(kind) = kind {
        headers.insert(header::CONTENT_TYPE, kind);
    }
    response
}

/// The hash of a body, begun with its type.
fn hasher(headers: &HeaderMap) -> blake3::Hasher {
    let kind = headers
        .get(header::CONTENT_TYPE)
        .map_or(&[][..], HeaderValue::as_bytes);
    let mut hasher = blake3::Hasher::new();
    hasher.update(&(kind.len() as u64).to_le_bytes());
    hasher.update(kind);
    hasher
}

/// What is known of a body that is being read.
struct Hash {
    hasher: blake3::Hasher,
    is_whole: bool,
}

impl Hash {
    /// What tells the body; none when it was not read to its end.
    fn told(&self) -> Option<String> {
        self.is_whole.then(|| self.hasher.finalize().to_hex().to_string())
    }
}

fn lock(hash: &Mutex<Hash>) -> MutexGuard<'_, Hash> {
    hash.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A body that is hashed as it is read.
struct Hashed {
    body: Body,
    hash: Arc<Mutex<Hash>>,
}

impl HttpBody for Hashed {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(context));
        let mut hash = lock(&self.hash);
        match &frame {
            Some(Ok(frame)) => {
                if let Some(piece) = frame.data_ref() {
                    hash.hasher.update(piece);
                }
                // Who knows the length does not ask for what is behind it.
                hash.is_whole = self.body.is_end_stream();
            }
            Some(Err(_)) => {}
            None => hash.is_whole = true,
        }
        drop(hash);
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
