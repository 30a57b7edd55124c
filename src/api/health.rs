//! Is it up, can it serve, and what has it measured.

use axum::extract::State;
use axum::http::{Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::failure::Cause;
use super::permit::Permit;
use super::{Api, RenderMetrics, measured};
use crate::platform::access::ReadServer;
use crate::platform::page::PageOf;
use crate::platform::predictor::Predictor;
use crate::platform::tracking::Tracking;

pub(super) fn router() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(health))
        .routes(routes!(ready))
        .routes(routes!(metrics))
}

/// Whether the request only asks whether the server lives and can serve.
pub(super) fn is_probe(method: &Method, path: &str) -> bool {
    matches!(path, "/health" | "/ready") && matches!(*method, Method::GET | Method::HEAD)
}

/// How the server is.
#[derive(Debug, Serialize, ToSchema)]
struct Status {
    /// up, ready or unready.
    status: &'static str,
}

/// Is it up?
#[utoipa::path(get, path = "/health", tag = "server", security(()),
    responses((status = 200, description = "It is up", body = Status)))]
async fn health() -> Json<Status> {
    Json(Status { status: "up" })
}

/// Can it serve: does the store answer?
#[utoipa::path(get, path = "/ready", tag = "server", security(()), responses(
    (status = 200, description = "It can serve", body = Status),
    (status = 503, description = "The store does not answer", body = Status)))]
async fn ready(State(tracking): State<Tracking>) -> Response {
    match tracking.experiments(PageOf::first(1)).await {
        Ok(_) => Json(Status { status: "ready" }).into_response(),
        Err(error) => (
            StatusCode::SERVICE_UNAVAILABLE,
            Extension(Cause::of(&error)),
            Json(Status { status: "unready" }),
        )
            .into_response(),
    }
}

/// What the process has measured, in Prometheus' text format.
#[utoipa::path(get, path = "/metrics", tag = "server",
    responses((status = 200, description = "Measurements", body = String, content_type = "text/plain")))]
async fn metrics(
    _: Permit<ReadServer>,
    State(render): State<RenderMetrics>,
    State(predictor): State<Predictor>,
) -> Response {
    (
        [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")],
        render() + &measured::render(&predictor),
    )
        .into_response()
}
