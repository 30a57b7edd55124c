//! HTTP: a handler extracts, makes one call of the platform, and renders. The only place that knows axum.

mod asked;
mod body;
mod conditional;
pub mod door;
mod error;
mod failure;
mod guard;
mod health;
mod idempotent;
mod json;
mod limits;
mod linger;
mod listen;
mod measured;
mod openapi;
mod panics;
mod permit;
mod query;
mod request_id;
mod surplus;
mod table;
mod ui;
mod upload;
mod v1;

use std::net::SocketAddr;
use std::ops::Deref;
use std::sync::Arc;

use axum::Router;
use axum::extract::FromRef;
use axum::middleware;
use utoipa_axum::router::OpenApiRouter;

use crate::base::{Clock, Lifecycle, Time};
use crate::platform::datasets::Datasets;
use crate::platform::deployments::Deployments;
use crate::platform::idempotency::Idempotency;
use crate::platform::jobs::Jobs;
use crate::platform::predictor::Predictor;
use crate::platform::registry::Registry;
use crate::platform::tracking::Tracking;

use guard::Guard;

pub use door::Door;
pub use limits::Limits;
pub use listen::{Listener, serve};
pub use request_id::{RequestId, RequestIds};

/// Renders what the process has measured, in Prometheus' text format; what versions have answered is apart.
pub type RenderMetrics = Arc<dyn Fn() -> String + Send + Sync>;

/// What handlers work with; each takes the part that it needs.
///
/// Shared, because the router clones it several times a request: cloning the parts one by one was a tenth of
/// what a prediction cost (`benches/http_predict.rs`).
#[derive(Clone)]
pub struct Api(Arc<(Parts, Limits)>);

impl Deref for Api {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0.0
    }
}

impl Api {
    /// The bounds of the router that this is behind.
    fn limits(&self) -> &Limits {
        &self.0.1
    }
}

/// The parts of the platform that the API serves.
#[derive(Clone)]
pub struct Parts {
    /// Models in production.
    pub predictor: Predictor,
    /// What puts them there.
    pub deployments: Deployments,
    /// Registered models.
    pub registry: Registry,
    /// Experiments and runs.
    pub tracking: Tracking,
    /// Background work.
    pub jobs: Jobs,
    /// Tables.
    pub datasets: Datasets,
    /// Answers to requests that are sent again.
    pub idempotency: Idempotency,
    /// The time.
    pub clock: Clock,
    /// Tells when the process goes down.
    pub lifecycle: Lifecycle,
    /// Where it listens, once it does.
    pub address: Option<SocketAddr>,
    /// When the process began.
    pub started_at: Time,
    /// What the process has measured.
    pub metrics: RenderMetrics,
    /// Names requests.
    pub request_ids: RequestIds,
}

macro_rules! parts {
    ($($field:ident: $part:ty),+ $(,)?) => {$(
        impl FromRef<Api> for $part {
            fn from_ref(api: &Api) -> Self {
                api.$field.clone()
            }
        }
    )+};
}

parts!(
    predictor: Predictor,
    deployments: Deployments,
    registry: Registry,
    tracking: Tracking,
    jobs: Jobs,
    datasets: Datasets,
    clock: Clock,
    lifecycle: Lifecycle,
    metrics: RenderMetrics,
);

/// Everything that is served through `door`.
pub fn router(parts: Parts, door: Door, limits: Limits) -> Router {
    let request_ids = parts.request_ids.clone();
    let api = Api(Arc::new((parts, limits.clone())));
    let (described, document) = routes(&api).split_for_parts();
    let router = described
        .merge(openapi::router(document))
        .merge(ui::router())
        .fallback(error::no_route)
        .method_not_allowed_fallback(error::no_method)
        .with_state(api);
    guarded(router, door, limits, request_ids)
}

/// `router` behind the checks of `door` and within `limits`, as everything that is served; its requests are
/// named by `request_ids`.
pub fn guarded(router: Router, door: Door, limits: Limits, request_ids: RequestIds) -> Router {
    router.layer(Guard::new(door, limits, request_ids))
}

/// The routes that the OpenAPI document describes.
///
/// Predictions are beside the layers that the others stand behind: what nobody asks of a prediction, it need not
/// pay for.
fn routes(api: &Api) -> OpenApiRouter<Api> {
    let mut v1 = OpenApiRouter::new().nest("/api/v1", v1::router());
    let plain = surplus::Plain::of(v1.get_openapi_mut());
    let api = api.clone();
    let v1 = v1
        .layer(middleware::from_fn(move |request, next| {
            idempotent::once(api.clone(), request, next)
        }))
        .layer(middleware::from_fn(conditional::tag))
        .layer(middleware::from_fn(move |request, next| {
            surplus::refuse(plain.clone(), request, next)
        }));
    OpenApiRouter::with_openapi(openapi::document())
        .merge(health::router())
        .merge(v1::predict_router())
        .merge(v1)
}
