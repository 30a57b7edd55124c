//! A version beside what is expected of it.

use axum::Json;
use axum::extract::{FromRequest, Request, State};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::api::Api;
use crate::api::body::{Expected, JsonBody};
use crate::api::error::ApiError;
use crate::api::limits::UploadPlace;
use crate::api::permit::Permit;
use crate::api::query::{Segments, parameter};
use crate::base::Name;
use crate::platform::access::ReadData;
use crate::platform::datasets::{CheckReport, Expectation, Violation, Wanted};

pub(super) fn router() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(check))
}

/// What is expected.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CheckBody {
    /// As `[[expectations]]` in a recipe: objects with `column`, `columns` or `rows`, and `type`, `not_null`, `min`,
    /// `max`, `in_set`, `pattern`, `unique`, `monotone`, `mostly`, `severity`.
    #[schema(value_type = Vec<serde_json::Value>, example = json!([{"column": "age", "type": "integer", "min": 0}]))]
    expectations: Vec<Expectation>,
}

impl Expected for CheckBody {
    const EXPECTED: &'static str =
        "an object with `expectations`, a list of objects as [[expectations]] in a recipe";
}

/// What a check found.
#[derive(Debug, Serialize, ToSchema)]
struct CheckView {
    name: String,
    /// The version that was checked.
    version: String,
    /// Whether no expectation of severity error is violated.
    success: bool,
    /// How many rows were looked at.
    rows: u64,
    /// How many rules were checked.
    checked: u64,
    /// `expectation` (from 1), `column`, `rule`, `expected`, `severity`, `count` of `of` cells, `share`, and the
    /// first `examples` with `row` and `value`; `got` for a type or a number of rows.
    #[schema(value_type = Vec<serde_json::Value>)]
    violations: Vec<Violation>,
}

/// Checks a version against expectations. An answer with violations is an answer too: `success` tells.
#[utoipa::path(post, path = "/datasets/{name}/versions/{version}/check", tag = "datasets",
    operation_id = "check_dataset", params(
    ("name" = String, Path),
    ("version" = String, Path, description = "The version's id, its first digits, or latest")),
    request_body = CheckBody, responses(
    (status = 200, description = "What was found", body = CheckView),
    (status = 404, description = "No such dataset or version"),
    (status = 422, description = "A mistake in the expectations, or uniqueness that cannot be told")))]
async fn check(
    _: Permit<ReadData>,
    State(api): State<Api>,
    Segments((name, version)): Segments<(String, String)>,
    mut request: Request,
) -> Result<Json<CheckView>, ApiError> {
    // A check takes as long as the table is long, and its place among the long requests until then.
    let _place = request.extensions_mut().remove::<UploadPlace>();
    let name: Name = parameter("name", &name)?;
    let wanted: Wanted = parameter("version", &version)?;
    let JsonBody(body) = JsonBody::<CheckBody>::from_request(request, &api).await?;
    let version = api.datasets.wanted(&name, &wanted).await?;
    let report = api.datasets.check(&version, body.expectations).await?;
    let success = report.is_success();
    let CheckReport {
        rows,
        checked,
        violations,
    } = report;
    Ok(Json(CheckView {
        name: name.to_string(),
        version: version.id.to_string(),
        success,
        rows,
        checked,
        violations,
    }))
}
