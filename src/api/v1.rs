//! The native API: one resource a file.

mod aliases;
mod bundles;
mod compare;
mod datasets;
mod decision;
mod history;
mod info;
mod jobs;
mod lineage;
mod models;
mod notes;
mod predict;
mod recipes;
mod removal;
mod runs;
mod stages;
mod trust;
mod versions;

use axum::http::Method;
use utoipa_axum::router::OpenApiRouter;

use super::Api;

/// The resources, to be nested under `/api/v1`.
pub(super) fn router() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .merge(info::router())
        .merge(models::router())
        .merge(versions::router())
        .merge(stages::router())
        .merge(aliases::router())
        .merge(notes::router())
        .merge(removal::router())
        .merge(history::router())
        .merge(lineage::router())
        .merge(compare::router())
        .merge(bundles::router())
        .merge(trust::router())
        .merge(jobs::router())
        .merge(recipes::router())
        .merge(runs::router())
        .merge(datasets::router())
}

/// Predictions, under their whole path: to nest a route is to write its path anew for every request, a
/// twentieth of what a prediction cost (`benches/http_predict.rs`).
pub(super) fn predict_router() -> OpenApiRouter<Api> {
    predict::router()
}

/// Whether the request brings a table or a bundle, which takes as long as its bytes take to arrive.
pub(super) fn is_upload(method: &Method, path: &str) -> bool {
    method == Method::POST && (path.starts_with("/api/v1/datasets/") || path == "/api/v1/bundles")
}
