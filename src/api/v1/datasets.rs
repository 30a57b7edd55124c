//! Datasets: tables in, and what is known of them.

mod check;
mod diff;
mod profile;

use axum::Json;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use tokio::task::JoinError;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::api::Api;
use crate::api::body::check_type;
use crate::api::error::ApiError;
use crate::api::json;
use crate::api::limits::UploadPlace;
use crate::api::permit::Permit;
use crate::api::query::{Paging, Params, Segments, flag, parameter};
use crate::api::upload::BodyReader;
use crate::base::{Lifecycle, Name};
use crate::platform::access::{ReadData, WriteData};
use crate::platform::datasets::{
    Added, CsvOptions, Dataset, DatasetVersion, Datasets, Doubt, Field, NewDataset, Purpose, Schema, Source,
};
use crate::platform::recipes::WrittenRecipe;

pub(super) fn router() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(show, add))
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
struct DatasetVersionView {
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
struct ColumnView {
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

/// Lists datasets by name.
#[utoipa::path(get, path = "/datasets", tag = "datasets", params(Paging),
    responses((status = 200, description = "Datasets", body = DatasetList)))]
async fn list(
    _: Permit<ReadData>,
    State(datasets): State<Datasets>,
    Params(paging): Params<Paging>,
) -> Result<Json<DatasetList>, ApiError> {
    let page = datasets.list(paging.page()).await?.map(DatasetView::from);
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

/// How a table is to be read.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct AddQuery {
    /// What messages call the file.
    source: Option<String>,
    /// How to read it, as JSON: {"delimiter": ";", "missing": ["?"], "types": {"zip": "text"}}.
    csv: Option<String>,
    /// Whether usina generated the rows itself.
    #[serde(default, deserialize_with = "flag")]
    generated: Option<bool>,
    /// The column that is to be predicted: a table that cannot be learnt from is refused.
    target: Option<String>,
    /// The recipe that is to learn from it, TOML: it says how the table is read and what is predicted, and a
    /// table that it does not go with is refused. Takes the place of `csv` and `target`.
    recipe: Option<String>,
    /// What messages call the recipe's file.
    recipe_file: Option<String>,
}

impl AddQuery {
    /// How the table is read, and what it is for.
    fn reading(&self) -> Result<(CsvOptions, Purpose), ApiError> {
        let Some(text) = &self.recipe else {
            let options = self.csv.as_deref().map(csv_options).transpose()?;
            let purpose = self.target.clone().map_or(Purpose::Keep, Purpose::Predict);
            return Ok((options.unwrap_or_default(), purpose));
        };
        for (name, given) in [("csv", &self.csv), ("target", &self.target)] {
            if let Some(given) = given {
                return Err(ApiError::BadParameter {
                    name: name.into(),
                    given: given.chars().take(100).collect(),
                    message: "the recipe says it; leave it out".to_owned(),
                });
            }
        }
        let file = self.recipe_file.as_deref().unwrap_or("recipe.toml");
        let written = WrittenRecipe::parse(file, text)?;
        Ok((
            written.recipe().data.csv.clone(),
            Purpose::Train(Box::new(written)),
        ))
    }
}

/// A table that came in.
#[derive(Debug, Serialize, ToSchema)]
struct AddedView {
    name: String,
    /// Whether this content is new; the same content twice is one version.
    new: bool,
    /// Columns that nearly were of another type.
    doubts: Vec<DoubtView>,
    columns: Vec<ColumnView>,
    #[serde(flatten)]
    version: DatasetVersionView,
}

/// A column whose first values were of one type, until another came.
#[derive(Debug, Serialize, ToSchema)]
struct DoubtView {
    column: String,
    /// What its first value looks like.
    seemed: String,
    /// The line of the first value that does not.
    line: u64,
    /// That value.
    got: String,
}

impl From<Doubt> for DoubtView {
    fn from(doubt: Doubt) -> Self {
        let Doubt {
            column,
            seemed,
            line,
            got,
        } = doubt;
        Self {
            column,
            seemed: seemed.to_string(),
            line,
            got,
        }
    }
}

/// Adds a CSV table: the body is the file.
#[utoipa::path(post, path = "/datasets/{name}", tag = "datasets",
    params(("name" = String, Path), AddQuery), request_body(content = String, content_type = "text/csv"),
    responses(
    (status = 201, description = "A new version", body = AddedView),
    (status = 200, description = "This content was there already", body = AddedView),
    (status = 422, description = "What is wrong with the file or the recipe, with line and column")))]
async fn add(
    _: Permit<WriteData>,
    State(datasets): State<Datasets>,
    State(lifecycle): State<Lifecycle>,
    Segments(name): Segments<String>,
    Params(query): Params<AddQuery>,
    mut request: Request,
) -> Result<(StatusCode, Json<AddedView>), ApiError> {
    check_type(request.headers(), "text/csv")?;
    let name: Name = parameter("name", &name)?;
    let (options, purpose) = query.reading()?;
    let source = query.source.unwrap_or_else(|| format!("{name}.csv"));
    let new = NewDataset {
        name: name.clone(),
        source: Source::file(source),
        generated: query.generated.unwrap_or(false),
        purpose,
    };
    let place = request.extensions_mut().remove::<UploadPlace>();
    let (reader, feeding) = BodyReader::of(request.into_body(), lifecycle.stopping());
    let stop = lifecycle.stop().clone();
    let reading = tokio::task::spawn_blocking(move || {
        // Held by the thread: it may work on when the sender is gone.
        let _place = place;
        let spooled = datasets.spool(reader)?;
        datasets.add_spooled(&new, &options, spooled, &stop)
    });
    let (added, fed) = tokio::join!(reading, feeding);
    fed?;
    let Added {
        version,
        schema,
        is_new,
        doubts,
    } = added.map_err(broke_off)??;
    let status = if is_new {
        StatusCode::CREATED
    } else {
        StatusCode::OK
    };
    Ok((
        status,
        Json(AddedView {
            name: name.to_string(),
            new: is_new,
            doubts: doubts.into_iter().map(DoubtView::from).collect(),
            columns: columns(&schema),
            version: version.into(),
        }),
    ))
}

/// The thread that reads a table ended without a result: a fault of ours, not of what was sent.
fn broke_off(error: JoinError) -> ApiError {
    ApiError::Panicked {
        message: error.to_string(),
    }
}

fn csv_options(given: &str) -> Result<CsvOptions, ApiError> {
    json::object(given.as_bytes()).map_err(|fault| ApiError::BadParameter {
        name: "csv".into(),
        given: given.chars().take(200).collect(),
        message: format!("{fault}; expected an object with `delimiter`, `missing` or `types`"),
    })
}

#[cfg(test)]
mod tests {
    use axum::response::IntoResponse;

    use super::*;

    #[tokio::test]
    async fn a_reader_that_panics_is_no_fault_of_the_sender() {
        let reading = tokio::task::spawn_blocking(|| panic!("on purpose"));
        let error = broke_off(reading.await.err().unwrap());
        assert_eq!(error.into_response().status(), StatusCode::INTERNAL_SERVER_ERROR);
    }
}
