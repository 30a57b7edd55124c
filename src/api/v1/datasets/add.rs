//! Tables in: the body of a request is a file.

use axum::Json;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tokio::task::JoinError;
use utoipa::{IntoParams, ToSchema};

use super::{ColumnView, DatasetVersionView, columns};
use crate::api::error::ApiError;
use crate::api::json;
use crate::api::limits::UploadPlace;
use crate::api::permit::Permit;
use crate::api::query::{Params, Segments, flag, parameter};
use crate::api::table;
use crate::api::upload::BodyReader;
use crate::base::{Lifecycle, Name};
use crate::platform::access::WriteData;
use crate::platform::datasets::{Added, Datasets, Doubt, Format, NewDataset, Purpose, ReadOptions, Source};
use crate::platform::recipes::WrittenRecipe;

/// How a table is to be read.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct AddQuery {
    /// What messages call the file.
    source: Option<String>,
    /// csv, jsonl or parquet; told by the content type, or else by the first bytes and the name of the source,
    /// unless it is declared.
    format: Option<String>,
    /// Columns whose type is declared, as JSON: {"zip": "text"}.
    types: Option<String>,
    /// How CSV is read, as JSON: {"delimiter": ";", "missing": ["?"], "header": false, "columns": ["a", "b"]}.
    csv: Option<String>,
    /// Whether usina generated the rows itself.
    #[serde(default, deserialize_with = "flag")]
    generated: Option<bool>,
    /// The column that is to be predicted: a table that cannot be learnt from is refused.
    target: Option<String>,
    /// The recipe that is to learn from it, TOML: it says how the table is read and what is predicted, and a
    /// table that it does not go with is refused. Takes the place of `format`, `types`, `csv` and `target`.
    recipe: Option<String>,
    /// What messages call the recipe's file.
    recipe_file: Option<String>,
}

impl AddQuery {
    /// How the table is read, and what it is for; `told` is the format that the headers tell.
    fn reading(&self, told: Option<Format>) -> Result<(ReadOptions, Purpose), ApiError> {
        let Some(text) = &self.recipe else {
            let format = self.format.as_deref().map(|given| parameter("format", given));
            let options = ReadOptions {
                format: format.transpose()?.or(told),
                types: json_parameter(
                    "types",
                    self.types.as_deref(),
                    "an object of columns and their types",
                )?,
                csv: json_parameter(
                    "csv",
                    self.csv.as_deref(),
                    "an object with `delimiter`, `missing`, `header`, `columns` or `types`",
                )?,
            };
            let purpose = self.target.clone().map_or(Purpose::Keep, Purpose::Predict);
            return Ok((options, purpose));
        };
        let said = [
            ("format", &self.format),
            ("types", &self.types),
            ("csv", &self.csv),
            ("target", &self.target),
        ];
        for (name, given) in said {
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
        let mut options = written.recipe().data.reading();
        options.format = options.format.or(told);
        Ok((options, Purpose::Train(Box::new(written))))
    }
}

/// A table that came in.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AddedView {
    name: String,
    /// Whether this content is new; the same content twice is one version.
    new: bool,
    /// Columns that are probably meant as something else.
    doubts: Vec<DoubtView>,
    /// Expectations of severity warn that the rows violate, where a recipe came with them.
    warnings: Vec<String>,
    columns: Vec<ColumnView>,
    #[serde(flatten)]
    version: DatasetVersionView,
}

/// A column that is probably meant as something else than what it was read as.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DoubtView {
    column: String,
    /// The type that its values seem to be of; not there where the fields seem to be separated otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    seemed: Option<String>,
    /// The line of the value that raises the doubt, in a file that has lines.
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u64>,
    /// Its row, in a file that has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    row: Option<u64>,
    /// That value.
    got: String,
    /// What is doubtful, and what to do, in words.
    message: String,
}

impl From<Doubt> for DoubtView {
    fn from(doubt: Doubt) -> Self {
        Self {
            seemed: doubt.seemed().map(|kind| kind.to_string()),
            line: doubt.place.line(),
            row: doubt.place.row(),
            message: doubt.to_string(),
            column: doubt.column,
            got: doubt.got,
        }
    }
}

/// Adds a table: the body is the file, CSV, JSON lines or Parquet; CSV and JSON lines may be packed by gzip.
#[utoipa::path(post, path = "/datasets/{name}", tag = "datasets",
    params(("name" = String, Path), AddQuery), request_body(content(
    (String = "text/csv"),
    (String = "application/x-ndjson"),
    (Vec<u8> = "application/vnd.apache.parquet"),
    (Vec<u8> = "application/octet-stream"),
)),
    responses(
    (status = 201, description = "A new version", body = AddedView),
    (status = 200, description = "This content was there already", body = AddedView),
    (status = 422, description = "What is wrong with the file or the recipe, with line and column")))]
pub(super) async fn add(
    _: Permit<WriteData>,
    State(datasets): State<Datasets>,
    State(lifecycle): State<Lifecycle>,
    Segments(name): Segments<String>,
    Params(query): Params<AddQuery>,
    mut request: Request,
) -> Result<(StatusCode, Json<AddedView>), ApiError> {
    let told = table::told(request.headers())?;
    let name: Name = parameter("name", &name)?;
    let (options, purpose) = query.reading(told)?;
    let ending = options
        .format
        .map_or_else(String::new, |format| format!(".{format}"));
    let source = query.source.unwrap_or_else(|| format!("{name}{ending}"));
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
        datasets.add_stream(&new, &options, reader, &stop)
    });
    let (added, fed) = tokio::join!(reading, feeding);
    fed?;
    let Added {
        version,
        schema,
        is_new,
        doubts,
        warnings,
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
            warnings,
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

/// The JSON object in the parameter `name`, if there is one.
fn json_parameter<T: DeserializeOwned + Default>(
    name: &'static str,
    given: Option<&str>,
    expected: &str,
) -> Result<T, ApiError> {
    let read = given.map(|given| json::object(given.as_bytes()));
    read.transpose()
        .map(Option::unwrap_or_default)
        .map_err(|fault| ApiError::BadParameter {
            name: name.into(),
            given: given.unwrap_or_default().chars().take(200).collect(),
            message: format!("{fault}; expected {expected}"),
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
