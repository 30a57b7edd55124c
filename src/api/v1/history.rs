//! What became of a model and its versions.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::api::Api;
use crate::api::error::ApiError;
use crate::api::permit::Permit;
use crate::api::query::{Params, Segments, page, parameter, whole};
use crate::base::period::parse_moment;
use crate::base::{Clock, Name};
use crate::platform::access::ReadModels;
use crate::platform::registry::{Change, Registry, Then, Verified};

pub(super) fn router() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(history))
        .routes(routes!(verification))
}

/// What became of a model and its versions, newest change first.
#[derive(Debug, Serialize, ToSchema)]
struct HistoryView {
    history: Vec<ChangeView>,
    /// Ask for the next page with this; not there after the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_page_token: Option<String>,
    /// What was so at the time that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    as_of: Option<ThenView>,
}

/// Something that happened to a model or to one of its versions.
#[derive(Debug, Serialize, ToSchema)]
struct ChangeView {
    /// Which entry of the history it is, from 1.
    entry: u64,
    at: String,
    /// register, import, promote, rollback, alias, describe, delete, restore or purge.
    action: String,
    /// The version's number; null when it happened to the model.
    version: Option<u64>,
    /// Its stage before; null when it was registered, or when no stage changed.
    from: Option<&'static str>,
    /// Its stage after; null when no stage changed.
    to: Option<&'static str>,
    /// The version that was in production before; when it is another one after, this one was archived.
    production_before: Option<u64>,
    /// The version that was in production after.
    production_after: Option<u64>,
    /// The alias that was moved.
    #[serde(skip_serializing_if = "Option::is_none")]
    alias: Option<String>,
    /// The version that the alias pointed at before.
    #[serde(skip_serializing_if = "Option::is_none")]
    alias_before: Option<u64>,
    /// The version that the alias pointed at after.
    #[serde(skip_serializing_if = "Option::is_none")]
    alias_after: Option<u64>,
    /// What was described anew: description, tag.KEY.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    changed: Vec<String>,
    /// Who wanted it.
    by: String,
    /// Why, in that one's words.
    reason: Option<String>,
    /// The hash of the entry before; null in entries that the first format wrote.
    previous: Option<String>,
}

impl From<Change> for ChangeView {
    fn from(change: Change) -> Self {
        Self {
            entry: change.entry,
            at: change.at.to_string(),
            action: change.action,
            version: change.version,
            from: change.from.map(|stage| stage.as_str()),
            to: change.to.map(|stage| stage.as_str()),
            production_before: change.production_before,
            production_after: change.production_after,
            alias: change.alias,
            alias_before: change.alias_before,
            alias_after: change.alias_after,
            changed: change.changed,
            by: change.by,
            reason: change.reason,
            previous: change.previous.map(|hash| hash.to_string()),
        }
    }
}

/// What was so at some time.
#[derive(Debug, Serialize, ToSchema)]
struct ThenView {
    at: String,
    /// How many entries the history had.
    entries: u64,
    /// The version that was in production; null when none was.
    production: Option<NumberedView>,
    /// Where each alias pointed.
    aliases: BTreeMap<String, NumberedView>,
    /// Whether the model was deleted.
    deleted: bool,
}

/// A version by its number and label.
#[derive(Debug, Serialize, ToSchema)]
struct NumberedView {
    number: u64,
    version: Option<String>,
}

impl From<(u64, Option<String>)> for NumberedView {
    fn from((number, version): (u64, Option<String>)) -> Self {
        Self { number, version }
    }
}

impl From<Then> for ThenView {
    fn from(then: Then) -> Self {
        let aliases = then.aliases.into_iter();
        Self {
            at: then.at.to_string(),
            entries: then.entries,
            production: then.production.map(NumberedView::from),
            aliases: aliases.map(|(alias, version)| (alias, version.into())).collect(),
            deleted: then.deleted,
        }
    }
}

/// Which part of the history is wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct HistoryQuery {
    /// How many entries at most; 1 to 1000.
    #[param(minimum = 1, maximum = 1000)]
    #[serde(default, deserialize_with = "whole::<_, _, 1, 1000>")]
    limit: Option<usize>,
    /// The next_page_token of the page before; without it the first page is given.
    page_token: Option<String>,
    /// Also say what was so at this time: 2026-11-25T10:00:00Z, 2026-11-25 or "2 days ago".
    as_of: Option<String>,
}

/// Shows what became of a model and its versions: who did what, when and why; also of a deleted one.
#[utoipa::path(get, path = "/models/{id}/history", tag = "models", operation_id = "show_model_history",
    params(("id" = String, Path), HistoryQuery), responses(
    (status = 200, description = "Changes, newest first", body = HistoryView),
    (status = 404, description = "No such model")))]
async fn history(
    _: Permit<ReadModels>,
    State(registry): State<Registry>,
    State(clock): State<Clock>,
    Segments(id): Segments<String>,
    Params(query): Params<HistoryQuery>,
) -> Result<Json<HistoryView>, ApiError> {
    let name: Name = parameter("model", &id)?;
    let as_of = match query.as_of {
        None => None,
        Some(given) => {
            let at = parse_moment(&given, clock.now()).map_err(|error| ApiError::BadParameter {
                name: "as_of".into(),
                message: error.to_string(),
                given: given.chars().take(80).collect(),
            })?;
            Some(registry.as_of(&name, at).await?)
        }
    };
    let page = registry
        .history(&name, page(query.limit, query.page_token))
        .await?;
    let page = page.map(ChangeView::from);
    Ok(Json(HistoryView {
        history: page.items,
        next_page_token: page.next_page_token,
        as_of: as_of.map(ThenView::from),
    }))
}

/// Whether the chain of a history is whole.
#[derive(Debug, Serialize, ToSchema)]
struct VerificationView {
    verified: bool,
    /// How many entries there are.
    entries: u64,
    /// The hash of the last one, which stands for all of them. Keep it elsewhere to compare it later.
    head: String,
    /// The first entry that does not fit, from 1.
    entry: Option<u64>,
    /// What is wrong with it.
    fault: Option<String>,
}

impl From<Verified> for VerificationView {
    fn from(verified: Verified) -> Self {
        let fault = verified.fault;
        Self {
            verified: fault.is_none(),
            entries: verified.entries,
            head: verified.head.to_string(),
            entry: fault.as_ref().map(|fault| fault.entry),
            fault: fault.map(|fault| format!("entry {} {}", fault.entry, fault.reason)),
        }
    }
}

/// Walks the chain of a model's history, in which each entry carries the hash of the one before it.
#[utoipa::path(get, path = "/models/{id}/history/verification", tag = "models", operation_id = "verify_model_history",
    params(("id" = String, Path)), responses(
    (status = 200, description = "Whether the chain is whole, and else where it breaks", body = VerificationView),
    (status = 404, description = "No such model")))]
async fn verification(
    _: Permit<ReadModels>,
    State(registry): State<Registry>,
    Segments(id): Segments<String>,
) -> Result<Json<VerificationView>, ApiError> {
    let verified = registry.verify_history(&parameter("model", &id)?).await?;
    Ok(Json(verified.into()))
}
