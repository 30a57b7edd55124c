//! Where versions come from, and which came of a dataset's version.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::versions::{Origin, VersionList, VersionView, origin};
use crate::api::Api;
use crate::api::error::ApiError;
use crate::api::permit::Permit;
use crate::api::query::{Params, Segments, page, parameter, whole};
use crate::platform::access::ReadModels;
use crate::platform::registry::{Lineage, Registry};

pub(super) fn router() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(show_lineage))
        .routes(routes!(trained_on))
}

/// Where a version comes from.
#[derive(Debug, Serialize, ToSchema)]
struct LineageView {
    model_id: String,
    number: u64,
    version: String,
    /// How it came here: trained or imported.
    origin: String,
    /// Of an imported one, who signed it.
    origin_from: Option<String>,
    /// When it was registered here; of an imported one, when it was imported.
    registered_at: String,
    /// Who wanted that.
    by: Option<String>,
    /// The run of this store that made it.
    run_id: Option<String>,
    /// The job of this store that made it.
    job_id: Option<String>,
    /// What it was trained on.
    dataset: Option<Origin>,
    /// Names the recipe by what changes the answers; null of an imported one.
    recipe_digest: Option<String>,
    /// The BLAKE3 of the bundle.
    digest: Option<String>,
    /// The public key that signed the bundle.
    signer: Option<String>,
    /// What the bundle says of how it came to be; null when there is no bundle here.
    made: Option<MadeView>,
}

/// What a bundle says of how it came to be.
#[derive(Debug, Serialize, ToSchema)]
struct MadeView {
    /// What the model was called then.
    model: String,
    /// The program and version that made it.
    #[schema(example = "usina 0.1.0")]
    by: String,
    /// For which machine that program was built, and from what; null in the first bundles.
    build: Option<String>,
    at: String,
    /// The run; of an imported version, one of the machine that made it.
    run_id: Option<String>,
    /// The recipe, every default spelled out.
    #[schema(value_type = std::collections::BTreeMap<String, serde_json::Value>)]
    recipe: serde_json::Value,
}

impl From<Lineage> for LineageView {
    fn from(Lineage { version, by, made }: Lineage) -> Self {
        let bundle = version.bundle.as_ref();
        let made = made.map(|made| MadeView {
            model: made.model.to_string(),
            by: made.by,
            build: made.build,
            at: made.at.to_string(),
            run_id: made.run.map(|run| run.to_string()),
            recipe: serde_json::from_str(&made.recipe).unwrap_or(serde_json::Value::String(made.recipe)),
        });
        Self {
            digest: bundle.map(|bundle| bundle.digest.to_string()),
            signer: bundle.map(|bundle| bundle.signer.to_string()),
            model_id: version.model.to_string(),
            number: version.number,
            version: version.label,
            origin: version.origin,
            origin_from: version.origin_from,
            registered_at: version.created_at.to_string(),
            by,
            run_id: version.run_id.map(|run| run.to_string()),
            job_id: version.job.map(|job| job.to_string()),
            dataset: version.dataset.map(origin),
            recipe_digest: version.recipe.map(|recipe| recipe.to_string()),
            made,
        }
    }
}

/// Shows where a version comes from: run, job, dataset, recipe, program, and who wanted it.
#[utoipa::path(get, path = "/models/{id}/versions/{version}/lineage", tag = "models",
    operation_id = "show_version_lineage",
    params(("id" = String, Path), ("version" = String, Path)), responses(
    (status = 200, description = "Where it comes from", body = LineageView),
    (status = 404, description = "No such model or version")))]
async fn show_lineage(
    _: Permit<ReadModels>,
    State(registry): State<Registry>,
    Segments((id, version)): Segments<(String, String)>,
) -> Result<Json<LineageView>, ApiError> {
    let lineage = registry
        .lineage(&parameter("model", &id)?, version.parse()?)
        .await?;
    Ok(Json(lineage.into()))
}

/// Of what the versions came.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct TrainedOn {
    /// The version of a dataset: the BLAKE3 of its content.
    dataset_version: String,
    /// How many entries at most; 1 to 1000.
    #[param(minimum = 1, maximum = 1000)]
    #[serde(default, deserialize_with = "whole::<_, _, 1, 1000>")]
    limit: Option<usize>,
    /// The next_page_token of the page before; without it the first page is given.
    page_token: Option<String>,
}

/// Lists the versions of any model that were trained on a dataset's version.
#[utoipa::path(get, path = "/lineage", tag = "models", operation_id = "list_trained_on", params(TrainedOn),
    responses((status = 200, description = "Versions", body = VersionList)))]
async fn trained_on(
    _: Permit<ReadModels>,
    State(registry): State<Registry>,
    Params(query): Params<TrainedOn>,
) -> Result<Json<VersionList>, ApiError> {
    let dataset = parameter("dataset_version", &query.dataset_version)?;
    let page = registry
        .trained_on(dataset, page(query.limit, query.page_token))
        .await?;
    let page = page.map(VersionView::from);
    Ok(Json(VersionList {
        versions: page.items,
        next_page_token: page.next_page_token,
    }))
}
