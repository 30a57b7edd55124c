//! What differs between two versions.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::api::Api;
use crate::api::error::ApiError;
use crate::api::permit::Permit;
use crate::api::query::{Params, Segments, parameter};
use crate::base::Name;
use crate::platform::access::ReadData;
use crate::platform::datasets::{ColumnDiff, Datasets, DiffOf, Diffed};

pub(super) fn router() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(diff))
}

/// Which versions are compared.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct DiffQuery {
    /// A version's id, its first digits, or latest; without it, the one before the latest.
    from: Option<String>,
    /// Another dataset to compare with; without `from`, this one's latest version is compared with it.
    with: Option<String>,
    /// A version of that, or of the same dataset; the latest without it.
    to: Option<String>,
}

/// What differs between two versions. Of what has two values, the first is `from`'s.
#[derive(Debug, Serialize, ToSchema)]
struct DiffView {
    name: String,
    /// The dataset that it is compared with.
    with: String,
    /// The version that is compared.
    from: String,
    /// The version that it is compared with.
    to: String,
    /// How many rows there were, and are.
    #[schema(value_type = Vec<u64>)]
    rows: (u64, u64),
    /// Whether columns joined or went, or one holds something else.
    schema_changed: bool,
    /// Columns that joined.
    added: Vec<String>,
    /// Columns that are gone.
    removed: Vec<String>,
    /// Columns that are in both, those that changed most first: `name`, `kind`, `nullable`, `levels_added`,
    /// `levels_removed`, `missing` (shares), `mean`, `sd`, `quantiles`, `psi` (population stability index),
    /// `total_variation`, `change` (no_change below 0.1, small below 0.25, large, or not_compared).
    #[schema(value_type = Vec<serde_json::Value>)]
    columns: Vec<ColumnDiff>,
}

/// Compares two versions by their columns and profiles.
#[utoipa::path(get, path = "/datasets/{name}/diff", tag = "datasets", operation_id = "diff_dataset",
    params(("name" = String, Path), DiffQuery), responses(
    (status = 200, description = "What differs", body = DiffView),
    (status = 404, description = "No such dataset or version"),
    (status = 422, description = "There is a single version")))]
async fn diff(
    _: Permit<ReadData>,
    State(datasets): State<Datasets>,
    Segments(name): Segments<String>,
    Params(query): Params<DiffQuery>,
) -> Result<Json<DiffView>, ApiError> {
    let name: Name = parameter("name", &name)?;
    let version = |key, given: Option<&String>| given.map(|given| parameter(key, given)).transpose();
    let of = DiffOf {
        name: name.clone(),
        from: version("from", query.from.as_ref())?,
        with: query
            .with
            .as_ref()
            .map(|with| parameter("with", with))
            .transpose()?,
        to: version("to", query.to.as_ref())?,
    };
    let with: Name = of.with.clone().unwrap_or_else(|| name.clone());
    let Diffed { from, to, diff } = datasets.diff(of).await?;
    Ok(Json(DiffView {
        name: name.to_string(),
        with: with.to_string(),
        from: from.id.to_string(),
        to: to.id.to_string(),
        rows: diff.rows,
        schema_changed: diff.is_schema_changed(),
        added: diff.added,
        removed: diff.removed,
        columns: diff.columns,
    }))
}
