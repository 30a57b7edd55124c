//! What is known of a version's columns.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::api::Api;
use crate::api::error::ApiError;
use crate::api::permit::Permit;
use crate::api::query::{Segments, parameter};
use crate::base::Name;
use crate::platform::access::ReadData;
use crate::platform::datasets::{ColumnProfile, Datasets, Profile, Wanted};

pub(super) fn router() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(show))
}

/// A version and the profile of its columns.
#[derive(Debug, Serialize, ToSchema)]
struct ProfileView {
    name: String,
    /// The BLAKE3 of schema and cells.
    version: String,
    /// Whether usina generated the rows itself.
    generated: bool,
    /// How many rows there are.
    rows: u64,
    /// Of each column its `name`, `kind`, `count`, `missing`, `distinct` (with `exact`, which is
    /// false of an estimate), and a `summary` of its `numbers` (`min`, `max`, `mean`, `sd`, `quantiles`, `bins` of one
    /// width, `histogram` of deciles, `top` where few are different), `levels` or `texts`.
    #[schema(value_type = Vec<serde_json::Value>)]
    columns: Vec<ColumnProfile>,
}

/// Shows the profile of a version's columns.
#[utoipa::path(get, path = "/datasets/{name}/versions/{version}/profile", tag = "datasets",
    operation_id = "show_dataset_profile", params(
    ("name" = String, Path),
    ("version" = String, Path, description = "The version's id, its first digits, or latest")), responses(
    (status = 200, description = "The profile", body = ProfileView),
    (status = 404, description = "No such dataset or version")))]
async fn show(
    _: Permit<ReadData>,
    State(datasets): State<Datasets>,
    Segments((name, version)): Segments<(String, String)>,
) -> Result<Json<ProfileView>, ApiError> {
    let name: Name = parameter("name", &name)?;
    let wanted: Wanted = parameter("version", &version)?;
    let version = datasets.wanted(&name, &wanted).await?;
    let Profile { rows, columns } = datasets.profile(&version).await?;
    Ok(Json(ProfileView {
        name: name.to_string(),
        version: version.id.to_string(),
        generated: version.generated,
        rows,
        columns,
    }))
}
