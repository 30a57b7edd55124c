//! Datasets: tables in, and what is known of them.

mod add;
mod check;
mod diff;
mod profile;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::api::Api;
use crate::api::error::ApiError;
use crate::api::permit::Permit;
use crate::api::query::{Paging, Params, Segments, page, parameter, whole};
use crate::platform::access::ReadData;
use crate::platform::datasets::{Dataset, DatasetVersion, Datasets, Field, Schema};

pub(super) fn router() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(show, add::add))
        .merge(profile::router())
        .merge(check::router())
        .merge(diff::router())
}

/// Datasets by name.
#[derive(Debug, Serialize, ToSchema)]
struct DatasetList {
    datasets: Vec<DatasetView>,
    /// Ask for the next page with this; not there after the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_page_token: Option<String>,
}

/// A dataset and its latest version.
#[derive(Debug, Serialize, ToSchema)]
struct DatasetView {
    name: String,
    created_at: String,
    /// When a version came in last.
    updated_at: String,
    latest: DatasetVersionView,
}

/// One content of a dataset.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DatasetVersionView {
    /// The BLAKE3 of schema and cells.
    version: String,
    rows: u64,
    /// How many columns it has.
    column_count: u64,
    /// Where it came from.
    source: String,
    /// Whether usina generated the rows itself.
    generated: bool,
    created_at: String,
}

/// A column.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ColumnView {
    name: String,
    /// number, integer, boolean, category, text or timestamp.
    #[serde(rename = "type")]
    kind: String,
    /// Whether some of its values are missing.
    missing: bool,
    /// The levels of a category.
    #[serde(skip_serializing_if = "Option::is_none")]
    levels: Option<Vec<String>>,
}

impl From<DatasetVersion> for DatasetVersionView {
    fn from(version: DatasetVersion) -> Self {
        Self {
            version: version.id.to_string(),
            rows: version.rows,
            column_count: version.columns,
            source: version.source.to_string(),
            generated: version.generated,
            created_at: version.created_at.to_string(),
        }
    }
}

fn columns(schema: &Schema) -> Vec<ColumnView> {
    let column = |field: &Field| ColumnView {
        name: field.name.clone(),
        kind: field.kind.to_string(),
        missing: field.missing,
        levels: field.levels.clone(),
    };
    schema.fields().iter().map(column).collect()
}

impl From<Dataset> for DatasetView {
    fn from(dataset: Dataset) -> Self {
        Self {
            name: dataset.name.to_string(),
            created_at: dataset.created_at.to_string(),
            updated_at: dataset.updated_at.to_string(),
            latest: dataset.latest.into(),
        }
    }
}

/// Which datasets are wanted.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct DatasetsQuery {
    /// How many entries at most; 1 to 1000.
    #[param(minimum = 1, maximum = 1000)]
    #[serde(default, deserialize_with = "whole::<_, _, 1, 1000>")]
    limit: Option<usize>,
    /// The next_page_token of the page before; without it the first page is given.
    page_token: Option<String>,
    /// How the name begins.
    name_prefix: Option<String>,
}

/// Lists datasets by name.
#[utoipa::path(get, path = "/datasets", tag = "datasets", params(DatasetsQuery),
    responses((status = 200, description = "Datasets", body = DatasetList)))]
async fn list(
    _: Permit<ReadData>,
    State(datasets): State<Datasets>,
    Params(query): Params<DatasetsQuery>,
) -> Result<Json<DatasetList>, ApiError> {
    let prefix = query.name_prefix.unwrap_or_default();
    let page = datasets.list(prefix, page(query.limit, query.page_token)).await?;
    let page = page.map(DatasetView::from);
    Ok(Json(DatasetList {
        datasets: page.items,
        next_page_token: page.next_page_token,
    }))
}

/// A dataset with its columns and versions.
#[derive(Debug, Serialize, ToSchema)]
struct DatasetDetail {
    #[serde(flatten)]
    dataset: DatasetView,
    /// The columns of the latest version.
    columns: Vec<ColumnView>,
    /// Newest first, a page of them.
    versions: Vec<DatasetVersionView>,
    /// Ask for the next page of versions with this; not there after the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_page_token: Option<String>,
}

/// Shows a dataset: the columns of its latest version, and its versions a page at a time.
#[utoipa::path(get, path = "/datasets/{name}", tag = "datasets", operation_id = "show_dataset",
    params(("name" = String, Path), Paging), responses(
    (status = 200, description = "The dataset", body = DatasetDetail),
    (status = 404, description = "No such dataset")))]
async fn show(
    _: Permit<ReadData>,
    State(datasets): State<Datasets>,
    Segments(name): Segments<String>,
    Params(paging): Params<Paging>,
) -> Result<Json<DatasetDetail>, ApiError> {
    let name = parameter("name", &name)?;
    let dataset = datasets.find(&name).await?;
    let schema = datasets.schema(&dataset.latest).await?;
    let versions = datasets.versions(&name, paging.page()).await?;
    let versions = versions.map(DatasetVersionView::from);
    Ok(Json(DatasetDetail {
        dataset: dataset.into(),
        columns: columns(&schema),
        versions: versions.items,
        next_page_token: versions.next_page_token,
    }))
}
