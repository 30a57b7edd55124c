//! What the server is.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::api::Api;
use crate::api::permit::Permit;
use crate::platform::access::ReadServer;

pub(super) fn router() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(info))
}

/// What the server is.
#[derive(Debug, Serialize, ToSchema)]
struct Info {
    /// Its version.
    version: &'static str,
    /// Where it listens; null while it is a command that trains, which serves the folder's socket alone.
    address: Option<String>,
    /// When it began.
    started_at: String,
    /// Whether everyone on this machine may do everything: while no account exists.
    open: bool,
    /// The model that answers when a request names none.
    default_model: Option<String>,
}

/// What the server is.
#[utoipa::path(get, path = "/info", tag = "server", operation_id = "show_server",
    responses((status = 200, description = "What the server is", body = Info)))]
async fn info(_: Permit<ReadServer>, State(api): State<Api>) -> Json<Info> {
    Json(Info {
        version: env!("CARGO_PKG_VERSION"),
        address: api.address.map(|address| format!("http://{address}")),
        started_at: api.started_at.to_string(),
        open: true,
        default_model: api.predictor.default_model().map(String::from),
    })
}
