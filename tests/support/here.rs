//! A router in this process, over a store in memory and a clock that stands still.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use tower::ServiceExt;
use usina::api::{self, Door, Limits, Parts, RequestIds};
use usina::base::{Clock, Entropy, Lifecycle, Time};
use usina::platform::datasets::Datasets;
use usina::platform::deployments::Deployments;
use usina::platform::idempotency::Idempotency;
use usina::platform::jobs::Jobs;
use usina::platform::predictor::Predictor;
use usina::platform::registry::Registry;
use usina::platform::tracking::Tracking;
use usina::store::Store;

use super::http::{Request, Response};

/// 2026-01-31T12:00:00Z.
const NOON: Time = Time::from_millis(1_769_860_800_000);

/// The API in this process.
pub struct Here {
    pub router: Router,
    pub clock: Clock,
    pub lifecycle: Lifecycle,
}

impl Here {
    /// The API with nothing in it, behind the owner's door.
    pub async fn new(limits: Limits) -> Self {
        let (clock, entropy) = (Clock::manual(NOON), Entropy);
        let store = Store::in_memory(clock.clone(), entropy).unwrap();
        let tracking = Tracking::new(store.clone(), clock.clone(), entropy);
        tracking.ensure_default().await.unwrap();
        let registry = Registry::new(store.clone(), clock.clone());
        let predictor = Predictor::default();
        let lifecycle = Lifecycle::new();
        let parts = Parts {
            deployments: Deployments::new(store.clone(), registry.clone(), predictor.clone(), None),
            predictor,
            registry,
            tracking,
            jobs: Jobs::new(store.clone(), clock.clone(), entropy),
            idempotency: Idempotency::new(store.clone(), clock.clone()),
            datasets: Datasets::new(store, clock.clone(), entropy),
            address: None,
            started_at: clock.now(),
            clock: clock.clone(),
            lifecycle: lifecycle.clone(),
            metrics: Arc::new(String::new),
            request_ids: RequestIds::new(entropy).unwrap(),
        };
        Self {
            router: api::router(parts, Door::Owner, limits),
            clock,
            lifecycle,
        }
    }

    /// Sends a request whose body is `body`, which may arrive late or never.
    pub async fn send_with(&self, request: &Request, body: Body) -> Response {
        let built = axum::http::Request::builder()
            .method(request.method.as_str())
            .uri(&request.path);
        let built = request
            .headers
            .iter()
            .fold(built, |built, (name, value)| built.header(name, value));
        let answer = self
            .router
            .clone()
            .oneshot(built.body(body).unwrap())
            .await
            .unwrap();
        let (head, body) = answer.into_parts();
        let text = |value: &axum::http::HeaderValue| value.to_str().unwrap().to_owned();
        Response {
            status: head.status.as_u16(),
            headers: head
                .headers
                .iter()
                .map(|(name, value)| (name.to_string(), text(value)))
                .collect(),
            body: axum::body::to_bytes(body, usize::MAX).await.unwrap().to_vec(),
        }
    }

    pub async fn send(&self, request: &Request) -> Response {
        self.send_with(request, Body::from(request.body.clone())).await
    }
}
