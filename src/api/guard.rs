//! What stands in front of every route: the door's check, and the limits.

#[cfg(test)]
mod tests;

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::extract::{FromRequestParts, Request};
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use tower::{Layer, Service};

use super::asked::Asked;
use super::error::ApiError;
use super::health;
use super::limits::Allowance;
use super::panics::caught;
use super::request_id::{RequestId, RequestIds};
use super::v1;
use super::{Door, Limits};
use crate::platform::access::Caller;

/// Names each request, lets it in when its door does, and answers it within the limits.
///
/// A service, and not axum's `from_fn`: that clones and boxes all that stands behind it once more, for every
/// request and layer, a tenth of what a prediction cost (`benches/http_predict.rs`).
#[derive(Debug, Clone)]
pub(super) struct Guard(Arc<Orders>);

/// What a guard goes by.
#[derive(Debug)]
struct Orders {
    door: Door,
    limits: Limits,
    request_ids: RequestIds,
}

/// A service behind a [`Guard`].
#[derive(Debug, Clone)]
pub(super) struct Guarded<S> {
    guard: Guard,
    inner: S,
}

/// What is noted on a request that is let in. One note, since each takes a piece of memory.
#[derive(Debug, Clone, Copy)]
pub(super) struct Admitted {
    /// Who is calling.
    pub(super) caller: Caller,
    id: RequestId,
}

impl<S: Sync> FromRequestParts<S> for RequestId {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, ApiError> {
        // Only what came through a door has a name.
        let admitted = parts.extensions.get::<Admitted>();
        admitted
            .map(|admitted| admitted.id)
            .ok_or(ApiError::Unauthenticated)
    }
}

impl<S> Layer<S> for Guard {
    type Service = Guarded<S>;

    fn layer(&self, inner: S) -> Guarded<S> {
        let guard = self.clone();
        Guarded { guard, inner }
    }
}

impl<S> Service<Request> for Guarded<S>
where
    S: Service<Request, Response = Response, Error = Infallible>,
    S::Future: Send + 'static,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request) -> Self::Future {
        let orders = Arc::clone(&self.guard.0);
        let id = orders.request_ids.next();
        let asked = Asked::new(id, &request);
        match orders.admit(id, &mut request) {
            Ok(allowed) => {
                let answer = caught(self.inner.call(request));
                Box::pin(async move {
                    let answer = orders.limits.hold(allowed, answer).await;
                    answer.map(|answer| asked.answered(answer))
                })
            }
            Err(refusal) => {
                let refused = asked.answered(refusal.into_response());
                Box::pin(std::future::ready(Ok(refused)))
            }
        }
    }
}

impl Guard {
    /// A guard at `door`.
    pub(super) fn new(door: Door, limits: Limits, request_ids: RequestIds) -> Self {
        Self(Arc::new(Orders {
            door,
            limits,
            request_ids,
        }))
    }
}

impl Orders {
    /// Lets a request in, with its name, who is calling, and its place among the uploads if it is one; gives
    /// what it may take.
    fn admit(&self, id: RequestId, request: &mut Request) -> Result<Allowance, ApiError> {
        let caller = self.door.check(request)?;
        request.extensions_mut().insert(Admitted { caller, id });
        let (method, path) = (request.method(), request.uri().path());
        if v1::is_upload(method, path) {
            let place = self.limits.upload_place()?;
            request.extensions_mut().insert(place);
            Ok(Allowance::Upload)
        } else if health::is_probe(method, path) {
            Ok(Allowance::Probe)
        } else {
            Ok(Allowance::Usual)
        }
    }
}
