//! The versions of a model: what they are, and what they are made of.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::models::{DeletionView, HeadlineView, ListQuery};
use crate::api::Api;
use crate::api::error::ApiError;
use crate::api::permit::Permit;
use crate::api::query::{Params, Segments, TaggedParams, parameter};
use crate::platform::access::{ExportModels, ReadModels};
use crate::platform::bundles::{DatasetOrigin, ModelSchema, OutputField};
use crate::platform::predictor::{InputField, Value as FieldValue};
use crate::platform::registry::{Registry, VersionInfo};

mod curves;
mod forecast;
mod gate;
mod quality;

use curves::CurvesView;
use forecast::ForecastView;
use gate::GateView;
use quality::QualityView;

pub(super) fn router() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(show))
        .routes(routes!(card))
        .routes(routes!(curves))
        .routes(routes!(export))
}

/// The versions of a model, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct VersionList {
    pub(super) versions: Vec<VersionView>,
    /// Ask for the next page with this; not there after the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) next_page_token: Option<String>,
}

/// One version of a model.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct VersionView {
    /// The model.
    model_id: String,
    /// The identity: 1, 2, 3.
    number: u64,
    /// The label, for people.
    #[schema(example = "v1.0.0")]
    version: String,
    /// none, staging, production or archived.
    stage: &'static str,
    /// What is special about it; Markdown.
    description: String,
    /// The training that made it; null when that was no run of this store.
    run_id: Option<String>,
    /// What it was trained on; null when that is not known.
    dataset: Option<Origin>,
    /// Where its bundle is: its address in the store; null when the registry only knows of it.
    artifact_path: Option<String>,
    /// The bundle's size.
    size_bytes: Option<u64>,
    /// The BLAKE3 of the bundle.
    digest: Option<String>,
    /// The public key that signed the bundle.
    signer: Option<String>,
    /// binary, multiclass, regression or quantile; null when that is not known.
    task: Option<String>,
    /// The column that it predicts.
    target: Option<String>,
    /// The metric to look at first, beside the baseline's.
    headline: Option<HeadlineView>,
    /// Quality on the hold-out, by metric.
    performance_metrics: BTreeMap<String, f64>,
    /// The baseline's quality on the hold-out, by metric.
    baseline_metrics: BTreeMap<String, f64>,
    created_at: String,
    /// When something about it changed last.
    updated_at: String,
    /// When it went into production last.
    deployment_date: Option<String>,
    /// How it came here: trained or imported.
    origin: String,
    /// The aliases that point at it.
    aliases: Vec<String>,
    /// What people note of it, by key.
    tags: BTreeMap<String, String>,
    /// What its recipe wanted of it, and what was found when it was made; not there without.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    gates: Vec<GateView>,
    /// When it was deleted, and by whom; not there unless it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    deleted: Option<DeletionView>,
}

/// Which rows a version was trained on.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Origin {
    name: String,
    /// The BLAKE3 of its content.
    version: String,
    /// Whether usina generated the rows itself.
    generated: bool,
}

pub(super) fn origin(dataset: DatasetOrigin) -> Origin {
    Origin {
        name: dataset.name.to_string(),
        version: dataset.version.to_string(),
        generated: dataset.generated,
    }
}

/// One version with what it takes in and what it answers.
#[derive(Debug, Serialize, ToSchema)]
struct VersionDetail {
    #[serde(flatten)]
    version: VersionView,
    /// What it takes in, in order.
    inputs: Vec<FieldView>,
    /// What it answers for each row.
    outputs: Vec<OutputView>,
    /// The classes that it tells apart; empty for a regression.
    classes: Vec<String>,
    /// What it forecasts; null of a version that answers rows.
    forecast: Option<ForecastView>,
    /// How good it was on the hold-out when it was made: intervals, folds, threshold, classes, segments. Null of a
    /// version that was made before these were kept.
    quality: Option<QualityView>,
}

/// A value that a version takes in.
#[derive(Debug, Serialize, ToSchema)]
struct FieldView {
    name: String,
    /// number, integer, boolean, category or timestamp.
    #[serde(rename = "type")]
    kind: String,
    /// Whether it may be null.
    nullable: bool,
    /// The levels of a category.
    levels: Option<Vec<String>>,
    /// A usual value, from the training rows.
    #[schema(value_type = Option<serde_json::Value>)]
    example: Option<FieldValue>,
    /// The smallest number of the training rows.
    min: Option<f64>,
    /// The middle one.
    median: Option<f64>,
    /// The largest one.
    max: Option<f64>,
}

impl From<&InputField> for FieldView {
    fn from(input: &InputField) -> Self {
        Self {
            name: input.name.clone(),
            kind: input.kind.to_string(),
            nullable: input.nullable,
            levels: input.levels.clone(),
            example: input.example.clone(),
            min: input.min,
            median: input.median,
            max: input.max,
        }
    }
}

/// A value of an answer.
#[derive(Debug, Serialize, ToSchema)]
struct OutputView {
    /// How the answer calls it.
    #[schema(example = "probability")]
    name: String,
    /// number or category.
    #[serde(rename = "type")]
    kind: String,
    /// Of a category, the levels; of several numbers, what each stands for.
    levels: Option<Vec<String>>,
    /// How many values it has for each row: [] for one, [n] for one a level.
    shape: Vec<usize>,
}

impl From<OutputField> for OutputView {
    fn from(output: OutputField) -> Self {
        Self {
            name: output.name,
            kind: output.kind.to_string(),
            levels: output.levels,
            shape: output.shape,
        }
    }
}

impl From<VersionInfo> for VersionView {
    fn from(version: VersionInfo) -> Self {
        let bundle = version.bundle.as_ref();
        Self {
            headline: version.headline().map(HeadlineView::from),
            artifact_path: bundle.map(|bundle| format!("blobs/{}", bundle.address)),
            size_bytes: bundle.map(|bundle| bundle.bytes),
            digest: bundle.map(|bundle| bundle.digest.to_string()),
            signer: bundle.map(|bundle| bundle.signer.to_string()),
            description: version.description,
            updated_at: version.updated_at.to_string(),
            model_id: version.model.to_string(),
            number: version.number,
            version: version.label,
            stage: version.stage.as_str(),
            run_id: version.run_id.map(|id| id.to_string()),
            dataset: version.dataset.map(origin),
            task: version.task,
            target: version.target,
            performance_metrics: version.metrics,
            baseline_metrics: version.baseline,
            created_at: version.created_at.to_string(),
            deployment_date: version.deployed_at.map(|at| at.to_string()),
            origin: version.origin,
            aliases: version.aliases,
            tags: version.tags,
            gates: version.gates.into_iter().map(GateView::from).collect(),
            deleted: version.deleted.map(DeletionView::from),
        }
    }
}

/// Lists the versions of a model, newest first. A page of a list with filters may have few entries or none and
/// still not be the last.
#[utoipa::path(get, path = "/models/{id}/versions", tag = "models", operation_id = "list_versions",
    params(("id" = String, Path), ListQuery), responses(
    (status = 200, description = "Versions", body = VersionList),
    (status = 404, description = "No such model")))]
async fn list(
    _: Permit<ReadModels>,
    State(registry): State<Registry>,
    Segments(id): Segments<String>,
    TaggedParams(query, tags): TaggedParams<ListQuery>,
) -> Result<Json<VersionList>, ApiError> {
    let (filter, page) = query.versions(tags)?;
    let page = registry
        .versions_that(&parameter("model", &id)?, filter, page)
        .await?;
    let page = page.map(VersionView::from);
    Ok(Json(VersionList {
        versions: page.items,
        next_page_token: page.next_page_token,
    }))
}

/// Shows a version: by number (3), label (v1.2.0), stage (production), alias (@champion) or latest.
#[utoipa::path(get, path = "/models/{id}/versions/{version}", tag = "models", operation_id = "show_version",
    params(("id" = String, Path), ("version" = String, Path)), responses(
    (status = 200, description = "The version and what it takes in", body = VersionDetail),
    (status = 404, description = "No such model or version")))]
async fn show(
    _: Permit<ReadModels>,
    State(registry): State<Registry>,
    Segments((id, version)): Segments<(String, String)>,
) -> Result<Json<VersionDetail>, ApiError> {
    let info = registry
        .version(&parameter("model", &id)?, version.parse()?)
        .await?;
    let described = registry.described(&info).await?;
    let ModelSchema { inputs, outputs } = described.schema;
    Ok(Json(VersionDetail {
        inputs: inputs.iter().map(FieldView::from).collect(),
        outputs: outputs.into_iter().map(OutputView::from).collect(),
        forecast: ForecastView::new(&described.manifest.predicts, described.history.as_ref()),
        classes: described.manifest.predicts.classes().to_vec(),
        quality: described.measured.map(QualityView::from),
        version: info.into(),
    }))
}

/// Shows a version's model card, Markdown.
#[utoipa::path(get, path = "/models/{id}/versions/{version}/card", tag = "models", operation_id = "show_version_card",
    params(("id" = String, Path), ("version" = String, Path)), responses(
    (status = 200, description = "The card", body = String, content_type = "text/markdown"),
    (status = 404, description = "No such model or version")))]
async fn card(
    _: Permit<ReadModels>,
    State(registry): State<Registry>,
    Segments((id, version)): Segments<(String, String)>,
) -> Result<Response, ApiError> {
    let info = registry
        .version(&parameter("model", &id)?, version.parse()?)
        .await?;
    let card = registry.card(&info).await?;
    Ok(([(header::CONTENT_TYPE, "text/markdown; charset=utf-8")], card).into_response())
}

/// Shows what is drawn of a version's quality on the hold-out: ROC, precision-recall, calibration and gain of a
/// classification, predicted beside actual numbers of a regression.
#[utoipa::path(get, path = "/models/{id}/versions/{version}/curves", tag = "models", operation_id = "show_version_curves",
    params(("id" = String, Path), ("version" = String, Path)), responses(
    (status = 200, description = "The curves; none of a version that was made before they were kept", body = CurvesView),
    (status = 404, description = "No such model or version")))]
async fn curves(
    _: Permit<ReadModels>,
    State(registry): State<Registry>,
    Segments((id, version)): Segments<(String, String)>,
) -> Result<Json<CurvesView>, ApiError> {
    let info = registry
        .version(&parameter("model", &id)?, version.parse()?)
        .await?;
    let curves = registry.curves(&info).await?.unwrap_or_default();
    Ok(Json(curves.into()))
}

/// The form that weights are taken out in.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ExportFormat {
    /// xgboost: the JSON model that XGBoost loads.
    format: String,
}

/// Takes a version's weights out of the registry, for the library that they come from.
#[utoipa::path(get, path = "/models/{id}/versions/{version}/export", tag = "models", operation_id = "export_version",
    params(("id" = String, Path), ("version" = String, Path), ExportFormat), responses(
    (status = 200, description = "The weights, as XGBoost lays them out", body = BTreeMap<String, serde_json::Value>),
    (status = 404, description = "No such model or version"), (status = 409, description = "It has no trees")))]
async fn export(
    _: Permit<ExportModels>,
    State(registry): State<Registry>,
    Segments((id, version)): Segments<(String, String)>,
    Params(export): Params<ExportFormat>,
) -> Result<Response, ApiError> {
    if export.format != "xgboost" {
        let message = "expected xgboost".to_owned();
        return Err(ApiError::BadParameter {
            name: "format".into(),
            given: export.format,
            message,
        });
    }
    let info = registry
        .version(&parameter("model", &id)?, version.parse()?)
        .await?;
    let weights = registry.as_xgboost(&info).await?;
    Ok(([(header::CONTENT_TYPE, "application/json")], weights).into_response())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// An input as the page gets it, of a field as the data layer writes it.
    fn shown(field: Value) -> Value {
        let field: InputField = serde_json::from_value(field).unwrap();
        serde_json::to_value(FieldView::from(&field)).unwrap()
    }

    #[test]
    fn an_input_says_its_type_and_what_its_values_were() {
        let tenure = json!({"name": "tenure", "kind": "integer", "nullable": false,
            "example": 2, "min": 0.0, "median": 2.0, "max": 72.0});
        assert_eq!(
            shown(tenure),
            json!({"name": "tenure", "type": "integer", "nullable": false, "levels": null,
                "example": 2, "min": 0.0, "median": 2.0, "max": 72.0})
        );
        let charge = json!({"name": "charge", "kind": "number", "nullable": true, "example": 20.5});
        assert_eq!(
            shown(charge),
            json!({"name": "charge", "type": "number", "nullable": true, "levels": null,
                "example": 20.5, "min": null, "median": null, "max": null})
        );
        let senior = json!({"name": "senior", "kind": "boolean", "nullable": false, "example": true});
        let senior = shown(senior);
        assert_eq!(
            (&senior["type"], &senior["example"]),
            (&json!("boolean"), &json!(true))
        );
        let plan = json!({"name": "plan", "kind": "category", "nullable": false,
            "levels": ["month", "year"], "example": "month"});
        let plan = shown(plan);
        assert_eq!(
            (&plan["type"], &plan["levels"]),
            (&json!("category"), &json!(["month", "year"]))
        );
    }
}
