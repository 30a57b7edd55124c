//! In what two versions differ.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::versions::VersionView;
use crate::api::Api;
use crate::api::error::ApiError;
use crate::api::permit::Permit;
use crate::api::query::{Params, Segments, parameter};
use crate::base::Name;
use crate::platform::access::ReadModels;
use crate::platform::registry::{Comparison, InputChange, MetricPair, Registry};

pub(super) fn router() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(compare))
}

/// Which versions are compared.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct CompareQuery {
    /// The one: by number, label, stage, alias (@champion) or latest.
    from: String,
    /// The other.
    to: String,
    /// The model of the other, when it is another model.
    with: Option<String>,
}

/// In what two versions differ.
#[derive(Debug, Serialize, ToSchema)]
struct ComparisonView {
    from: VersionView,
    to: VersionView,
    /// Whether both were trained and measured on the same dataset version; else the metrics say little.
    same_dataset: bool,
    /// Whether both were measured on the same rows of it, which were split in the same way: on others, the metrics say
    /// little of the versions, and one may have learnt from what the other is measured on.
    same_holdout: bool,
    metrics: Vec<ComparedMetric>,
    /// The keys of their recipes that differ, by path.
    parameters: Vec<ComparedParameter>,
    inputs: ComparedInputs,
    /// The sizes of their bundles, in bytes.
    size_bytes: ComparedSizes,
}

/// A metric of both versions.
#[derive(Debug, Serialize, ToSchema)]
struct ComparedMetric {
    metric: String,
    from: Option<f64>,
    to: Option<f64>,
    /// `to` minus `from`.
    difference: Option<f64>,
    /// Whether `to` is better; null when they are equal or it is not known which way is better.
    better: Option<bool>,
}

/// A key of the recipes that differs.
#[derive(Debug, Serialize, ToSchema)]
struct ComparedParameter {
    #[schema(example = "algorithm.boost.max_depth")]
    parameter: String,
    #[schema(value_type = Option<serde_json::Value>)]
    from: Option<serde_json::Value>,
    #[schema(value_type = Option<serde_json::Value>)]
    to: Option<serde_json::Value>,
}

/// What the two take in.
#[derive(Debug, Serialize, ToSchema)]
struct ComparedInputs {
    /// What only `to` takes in.
    added: Vec<String>,
    /// What only `from` takes in.
    removed: Vec<String>,
    changed: Vec<ComparedInput>,
}

/// An input that both take, and not in the same way.
#[derive(Debug, Serialize, ToSchema)]
struct ComparedInput {
    name: String,
    /// Its types before and after, when they differ.
    #[serde(rename = "type")]
    kind: Option<[String; 2]>,
    /// Whether it may be missing, before and after, when that differs.
    nullable: Option<[bool; 2]>,
    levels_added: Vec<String>,
    levels_removed: Vec<String>,
}

/// Two sizes, and their difference.
#[derive(Debug, Serialize, ToSchema)]
struct ComparedSizes {
    from: Option<u64>,
    to: Option<u64>,
    difference: Option<i64>,
}

impl From<MetricPair> for ComparedMetric {
    fn from(metric: MetricPair) -> Self {
        Self {
            metric: metric.pair.name,
            from: metric.pair.from,
            to: metric.pair.to,
            difference: metric.difference,
            better: metric.is_better,
        }
    }
}

impl From<InputChange> for ComparedInput {
    fn from(change: InputChange) -> Self {
        Self {
            name: change.name,
            kind: change.kind.map(|(from, to)| [from, to]),
            nullable: change.nullable.map(|(from, to)| [from, to]),
            levels_added: change.levels_added,
            levels_removed: change.levels_removed,
        }
    }
}

impl From<Comparison> for ComparisonView {
    fn from(compared: Comparison) -> Self {
        let from = compared.from.bundle.as_ref().map(|bundle| bundle.bytes);
        let to = compared.to.bundle.as_ref().map(|bundle| bundle.bytes);
        let parameters = compared.parameters.into_iter();
        let names = |inputs: Vec<crate::platform::predictor::InputField>| {
            inputs.into_iter().map(|input| input.name).collect()
        };
        Self {
            size_bytes: ComparedSizes {
                from,
                to,
                difference: from
                    .zip(to)
                    .map(|(from, to)| to.cast_signed() - from.cast_signed()),
            },
            same_dataset: compared.same_dataset,
            same_holdout: compared.same_holdout,
            metrics: compared.metrics.into_iter().map(ComparedMetric::from).collect(),
            parameters: parameters
                .map(|pair| ComparedParameter {
                    parameter: pair.name,
                    from: pair.from,
                    to: pair.to,
                })
                .collect(),
            inputs: ComparedInputs {
                added: names(compared.added),
                removed: names(compared.removed),
                changed: compared.changed.into_iter().map(ComparedInput::from).collect(),
            },
            from: compared.from.into(),
            to: compared.to.into(),
        }
    }
}

/// Compares two versions of a model, or one of it with one of another: metrics, parameters, inputs, data, size.
#[utoipa::path(get, path = "/models/{id}/compare", tag = "models", operation_id = "compare_versions",
    params(("id" = String, Path), CompareQuery), responses(
    (status = 200, description = "In what they differ", body = ComparisonView),
    (status = 404, description = "No such model or version")))]
async fn compare(
    _: Permit<ReadModels>,
    State(registry): State<Registry>,
    Segments(id): Segments<String>,
    Params(query): Params<CompareQuery>,
) -> Result<Json<ComparisonView>, ApiError> {
    let model: Name = parameter("model", &id)?;
    let with = query.with.map(|with| parameter("with", &with)).transpose()?;
    let other = with.as_ref().unwrap_or(&model);
    let compared = registry
        .compare((&model, query.from.parse()?), (other, query.to.parse()?))
        .await?;
    Ok(Json(compared.into()))
}
