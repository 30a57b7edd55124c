//! Stages: how versions move, and what became of them.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::versions::VersionView;
use crate::api::Api;
use crate::api::body::{Expected, JsonBody};
use crate::api::error::ApiError;
use crate::api::permit::Permit;
use crate::api::query::{Paging, Params, Segments, parameter};
use crate::platform::access::{PromoteModels, ReadModels};
use crate::platform::deployments::Deployments;
use crate::platform::registry::{Change, Decision, Registry};

pub(super) fn router() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(promote))
        .routes(routes!(roll_back))
        .routes(routes!(history))
}

/// Where a version is to go.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Promote {
    /// none, staging, production or archived.
    #[schema(example = "production")]
    stage: String,
    /// Why, for the history.
    #[serde(default)]
    reason: Option<String>,
}

impl Expected for Promote {
    const EXPECTED: &'static str =
        "an object with `stage`: none, staging, production or archived; `reason` may be there";
}

/// Puts a version into a stage. What was in production before is archived.
#[utoipa::path(post, path = "/models/{id}/versions/{version}/promote", tag = "models", operation_id = "promote_version",
    params(("id" = String, Path), ("version" = String, Path)), request_body = Promote, responses(
    (status = 200, description = "The version", body = VersionView),
    (status = 404, description = "No such model or version"),
    (status = 409, description = "The version cannot be loaded; what served goes on serving")))]
async fn promote(
    permit: Permit<PromoteModels>,
    State(deployments): State<Deployments>,
    Segments((id, version)): Segments<(String, String)>,
    JsonBody(body): JsonBody<Promote>,
) -> Result<Json<VersionView>, ApiError> {
    let model = parameter("model", &id)?;
    let decision = decided(&permit, body.reason)?;
    let promoted = deployments
        .promote(&model, version.parse()?, body.stage.parse()?, decision)
        .await?;
    Ok(Json(promoted.into()))
}

/// Why production is to go back.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RollBack {
    /// Why, for the history.
    #[serde(default)]
    reason: Option<String>,
}

impl Expected for RollBack {
    const EXPECTED: &'static str = "an object, empty or with `reason`";
}

/// Puts back into production what was there before.
#[utoipa::path(post, path = "/models/{id}/rollback", tag = "models", operation_id = "roll_back_model",
    params(("id" = String, Path)),
    request_body = RollBack, responses(
    (status = 200, description = "The version that is in production now", body = VersionView),
    (status = 404, description = "No such model"),
    (status = 409, description = "Nothing was in production before")))]
async fn roll_back(
    permit: Permit<PromoteModels>,
    State(deployments): State<Deployments>,
    Segments(id): Segments<String>,
    JsonBody(body): JsonBody<RollBack>,
) -> Result<Json<VersionView>, ApiError> {
    let decision = decided(&permit, body.reason)?;
    let version = deployments.roll_back(&parameter("model", &id)?, decision).await?;
    Ok(Json(version.into()))
}

/// The longest reason, in characters.
const LONGEST_REASON: usize = 1_000;

fn decided(permit: &Permit<PromoteModels>, reason: Option<String>) -> Result<Decision, ApiError> {
    match reason {
        Some(reason) if reason.chars().count() > LONGEST_REASON => Err(ApiError::BadParameter {
            name: "reason".into(),
            given: reason.chars().take(80).collect(),
            message: format!("expected {LONGEST_REASON} characters at most"),
        }),
        reason => Ok(Decision {
            by: permit.caller().to_string(),
            reason,
        }),
    }
}

/// What became of a model's versions, newest change first.
#[derive(Debug, Serialize, ToSchema)]
struct HistoryView {
    history: Vec<ChangeView>,
    /// Ask for the next page with this; not there after the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_page_token: Option<String>,
}

/// A change of a version's stage.
#[derive(Debug, Serialize, ToSchema)]
struct ChangeView {
    at: String,
    /// register, promote or rollback.
    action: String,
    /// The version's number.
    version: u64,
    /// Its stage before; null when it was registered.
    from: Option<&'static str>,
    /// Its stage after.
    to: &'static str,
    /// The version that was in production before; when it is another one after, this one was archived.
    production_before: Option<u64>,
    /// The version that was in production after.
    production_after: Option<u64>,
    /// Who wanted it.
    by: String,
    /// Why, in that one's words.
    reason: Option<String>,
}

impl From<Change> for ChangeView {
    fn from(change: Change) -> Self {
        Self {
            at: change.at.to_string(),
            action: change.action,
            version: change.version,
            from: change.from.map(|stage| stage.as_str()),
            to: change.to.as_str(),
            production_before: change.production_before,
            production_after: change.production_after,
            by: change.by,
            reason: change.reason,
        }
    }
}

/// Shows what became of a model's versions: who put which into which stage, when and why.
#[utoipa::path(get, path = "/models/{id}/history", tag = "models", operation_id = "show_model_history",
    params(("id" = String, Path), Paging), responses(
    (status = 200, description = "Changes of stages, newest first", body = HistoryView),
    (status = 404, description = "No such model")))]
async fn history(
    _: Permit<ReadModels>,
    State(registry): State<Registry>,
    Segments(id): Segments<String>,
    Params(paging): Params<Paging>,
) -> Result<Json<HistoryView>, ApiError> {
    let page = registry.history(&parameter("model", &id)?, paging.page()).await?;
    let page = page.map(ChangeView::from);
    Ok(Json(HistoryView {
        history: page.items,
        next_page_token: page.next_page_token,
    }))
}
