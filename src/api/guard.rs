//! What stands in front of every route: the door's check, and the limits.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use tower::{Layer, Service};

use super::error::ApiError;
use super::panics::caught;
use super::v1;
use super::{Door, Limits};

const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// Lets a request in when its door does, notes who is calling, and answers it within the limits.
///
/// A service, and not axum's `from_fn`: that clones and boxes all that stands behind it once more, for every
/// request and layer, a tenth of what a prediction cost (`benches/http_predict.rs`).
#[derive(Debug, Clone)]
pub(super) struct Guard {
    pub(super) door: Door,
    pub(super) limits: Limits,
}

/// A service behind a [`Guard`].
#[derive(Debug, Clone)]
pub(super) struct Guarded<S> {
    guard: Guard,
    inner: S,
}

impl<S> Layer<S> for Guard {
    type Service = Guarded<S>;

    fn layer(&self, inner: S) -> Guarded<S> {
        let guard = self.clone();
        Guarded { guard, inner }
    }
}

/// No page of another site may take an answer in, as a script, a picture or otherwise.
fn to_own_page_alone(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    headers.insert(RESOURCE_POLICY, HeaderValue::from_static("same-origin"));
    response
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
        match self.guard.admit(&mut request) {
            Ok(is_bounded) => {
                let answer = caught(self.inner.call(request));
                let held = self.guard.limits.clone().hold(is_bounded, answer);
                Box::pin(async move { held.await.map(to_own_page_alone) })
            }
            Err(refusal) => {
                let refused = to_own_page_alone(refusal.into_response());
                Box::pin(std::future::ready(Ok(refused)))
            }
        }
    }
}

impl Guard {
    /// Lets a request in, with who is calling and its place among the uploads if it is one; gives whether
    /// its time is bounded.
    fn admit(&self, request: &mut Request) -> Result<bool, ApiError> {
        let caller = self.door.check(request)?;
        request.extensions_mut().insert(caller);
        // A table takes as long as its bytes take to arrive; everything else is short.
        let is_upload = v1::is_upload(request.method(), request.uri().path());
        if is_upload {
            let place = self.limits.upload_place()?;
            request.extensions_mut().insert(place);
        }
        Ok(!is_upload)
    }
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use axum::Router;
    use axum::body::Body;
    use axum::http::{Request, StatusCode};
    use axum::response::Response;
    use axum::routing::{get, post};
    use tower::ServiceExt;

    use super::*;
    use crate::api::limits::UploadPlace;

    async fn broken() -> StatusCode {
        panic!("on purpose")
    }

    /// Keeps what was sent, also when the sender is gone: as a thread that never ends.
    async fn slow(mut request: Request<Body>) {
        std::mem::forget(request.extensions_mut().remove::<UploadPlace>());
        std::future::pending::<()>().await;
    }

    fn router() -> Router {
        let address: SocketAddr = "127.0.0.1:8123".parse().unwrap();
        let router = Router::new()
            .route("/", get(async || "a page"))
            .route("/broken", get(broken))
            .route("/api/v1/datasets/slow", post(slow))
            .route("/api/v1/datasets/quick", post(async || "in"));
        super::super::guarded(router, Door::Loopback(address), Limits::default())
    }

    async fn send(router: &Router, method: &str, path: &str, header: (&str, &str)) -> Response {
        let mut request = Request::builder().method(method).uri(path);
        if header.0 != "host" {
            request = request.header("host", "127.0.0.1:8123");
        }
        let request = request
            .header("content-type", "text/csv")
            .header(header.0, header.1);
        let request = request.body(Body::empty()).unwrap();
        router.clone().oneshot(request).await.unwrap()
    }

    async fn told(answer: Response) -> serde_json::Value {
        let body = axum::body::to_bytes(answer.into_body(), 10_000).await.unwrap();
        serde_json::from_slice(&body).unwrap()
    }

    const PLAIN: (&str, &str) = ("accept", "*/*");

    #[tokio::test]
    async fn every_answer_is_kept_from_pages_of_other_sites() {
        let answers = [
            ("/", PLAIN, 200),
            ("/nowhere", PLAIN, 404),
            ("/broken", PLAIN, 500),
            ("/", ("host", "evil.example:8123"), 403),
            ("/", ("via", "1.1 proxy"), 400),
        ];
        for (path, header, status) in answers {
            let answer = send(&router(), "GET", path, header).await;
            assert_eq!(answer.status(), status, "{path} {header:?}");
            assert_eq!(answer.headers()["x-content-type-options"], "nosniff", "{path}");
            assert_eq!(
                answer.headers()["cross-origin-resource-policy"],
                "same-origin",
                "{path}"
            );
        }
    }

    #[tokio::test]
    async fn a_handler_that_panics_is_an_internal_error() {
        let answer = send(&router(), "GET", "/broken", PLAIN).await;
        assert_eq!(told(answer).await["error"]["code"], "internal");
    }

    #[tokio::test]
    async fn a_proxy_is_refused_however_it_says_that_it_is_one() {
        for header in ["Via", "Forwarded", "X-Forwarded-For", "X-Real-IP"] {
            let answer = send(&router(), "GET", "/", (header, "1.1 proxy")).await;
            assert_eq!(
                told(answer).await["error"]["code"],
                "forwarded_header",
                "{header}"
            );
        }
    }

    #[tokio::test]
    async fn who_asks_another_host_is_told_the_port() {
        let answer = send(&router(), "GET", "/", ("host", "evil.example")).await;
        let message = told(answer).await["error"]["message"].to_string();
        assert!(message.contains("http://127.0.0.1:8123"), "{message}");
    }

    #[tokio::test]
    async fn a_fifth_upload_waits_until_one_before_it_is_worked_off() {
        let router = router();
        let quick = || send(&router, "POST", "/api/v1/datasets/quick", PLAIN);
        for _ in 0..4 {
            assert_eq!(
                quick().await.status(),
                200,
                "a place is free again after its upload"
            );
        }
        for _ in 0..4 {
            let sent = send(&router, "POST", "/api/v1/datasets/slow", PLAIN);
            let patience = std::time::Duration::from_millis(20);
            assert!(
                tokio::time::timeout(patience, sent).await.is_err(),
                "it is let in"
            );
        }
        // All four senders are gone, what they sent is not.
        let refused = quick().await;
        assert_eq!(refused.status(), 503);
        assert!(refused.headers().contains_key("retry-after"));
        assert_eq!(send(&router, "GET", "/", PLAIN).await.status(), 200);
    }
}
