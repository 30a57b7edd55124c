//! Bundles: versions as files that move between machines.

use std::io::{self, Read};
use std::time::Duration;

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use serde::{Deserialize, Serialize};
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::versions::VersionView;
use crate::api::Api;
use crate::api::body::check_type;
use crate::api::error::ApiError;
use crate::api::limits::UploadPlace;
use crate::api::permit::Permit;
use crate::api::query::{Params, Segments, flag, parameter};
use crate::api::upload::BodyReader;
use crate::base::Name;
use crate::platform::access::{Action, ExportModels, ImportModels};
use crate::platform::registry::{Decision, Import, Imported, Stage, VersionRef};

pub(super) fn router() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(export_bundle))
        .routes(routes!(import_bundle))
}

const BUNDLE: &str = "application/octet-stream";

/// What is sent at once.
const PIECE: usize = 64 << 10;

/// How long a client may take to take the next piece.
const PIECE_PATIENCE: Duration = Duration::from_secs(30);

/// Gives a version's bundle as it was signed, for another machine to take in.
#[utoipa::path(get, path = "/models/{id}/versions/{version}/bundle", tag = "models", operation_id = "export_bundle",
    params(("id" = String, Path), ("version" = String, Path)), responses(
    (status = 200, description = "The bundle", body = Vec<u8>, content_type = "application/octet-stream"),
    (status = 404, description = "No such model or version"),
    (status = 503, description = "Too many bundles and tables are on their way already")))]
async fn export_bundle(
    _: Permit<ExportModels>,
    State(api): State<Api>,
    Segments((id, version)): Segments<(String, String)>,
) -> Result<Response, ApiError> {
    let name: Name = parameter("model", &id)?;
    let version = api.registry.version(&name, version.parse()?).await?;
    let place = api.limits().upload_place()?;
    let registry = api.registry.clone();
    let wanted = version.clone();
    let opening = tokio::task::spawn_blocking(move || registry.sealed_blocking(&wanted));
    let bundle = opening.await.map_err(broke_off)??;
    let headers = [
        (header::CONTENT_TYPE, BUNDLE.to_owned()),
        (header::CONTENT_LENGTH, size(&version.bundle)),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"{name}-{}.usina\"", version.label),
        ),
    ];
    Ok((headers, streamed(bundle, place)).into_response())
}

fn size(bundle: &Option<crate::platform::registry::BundleRow>) -> String {
    bundle.as_ref().map_or(0, |bundle| bundle.bytes).to_string()
}

/// What a thread reads, piece by piece as the client takes them; it ends when the client is gone or stands still.
fn streamed(mut source: impl Read + Send + 'static, place: UploadPlace) -> Body {
    let (sender, receiver) = mpsc::channel::<io::Result<Bytes>>(2);
    let runtime = Handle::current();
    tokio::task::spawn_blocking(move || {
        let _place = place;
        loop {
            let mut piece = Vec::with_capacity(PIECE);
            let read = source.by_ref().take(PIECE as u64).read_to_end(&mut piece);
            let (piece, is_last) = match read {
                Ok(0) => return,
                Ok(_) => (Ok(Bytes::from(piece)), false),
                // The client sees that it got less than it was told.
                Err(error) => (Err(error), true),
            };
            let sent = runtime.block_on(tokio::time::timeout(PIECE_PATIENCE, sender.send(piece)));
            if is_last || !matches!(sent, Ok(Ok(()))) {
                return;
            }
        }
    });
    let next =
        |mut receiver: mpsc::Receiver<_>| async { receiver.recv().await.map(|piece| (piece, receiver)) };
    Body::from_stream(stream::unfold(receiver, next))
}

/// How a bundle is taken in.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ImportQuery {
    /// The model that it becomes a version of; the one that the bundle names without it.
    name: Option<String>,
    /// Whether whoever signed it is trusted from now on.
    #[serde(default, deserialize_with = "flag")]
    trust_new: Option<bool>,
    /// The stage that it is put into; none without it.
    stage: Option<String>,
}

/// A bundle that was taken in.
#[derive(Debug, Serialize, ToSchema)]
struct ImportedView {
    /// Whether it is new; the same bundle twice is one version.
    new: bool,
    #[serde(flatten)]
    version: VersionView,
}

/// Takes in a bundle: the body is the file that another machine exported. It is refused, and nothing of it kept,
/// unless its signature, its signer, every part and its answers to its warm-up rows are right.
#[utoipa::path(post, path = "/bundles", tag = "models", operation_id = "import_bundle", params(ImportQuery),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"), responses(
    (status = 201, description = "A new version", body = ImportedView),
    (status = 200, description = "It was there already", body = ImportedView),
    (status = 422, description = "Why it is refused")))]
async fn import_bundle(
    permit: Permit<ImportModels>,
    State(api): State<Api>,
    Params(query): Params<ImportQuery>,
    mut request: Request,
) -> Result<(StatusCode, Json<ImportedView>), ApiError> {
    check_type(request.headers(), BUNDLE)?;
    let stage: Option<Stage> = query.stage.as_deref().map(str::parse).transpose()?;
    let trust_new = query.trust_new.unwrap_or(false);
    let needed = [
        (trust_new, Action::WriteTrust),
        (stage.is_some(), Action::PromoteModels),
    ];
    for (_, action) in needed.into_iter().filter(|(is_needed, _)| *is_needed) {
        if !permit.caller().may(action) {
            return Err(ApiError::Forbidden { action });
        }
    }
    let import = Import {
        name: query.name.map(|name| parameter("name", &name)).transpose()?,
        trust_new,
        by: permit.caller().to_string(),
    };
    let place = request.extensions_mut().remove::<UploadPlace>();
    let (reader, feeding) = BodyReader::of(request.into_body(), api.lifecycle.stopping());
    let registry = api.registry.clone();
    let reading = tokio::task::spawn_blocking(move || {
        let _place = place;
        registry.import_blocking(reader, &import)
    });
    let (imported, fed) = tokio::join!(reading, feeding);
    fed?;
    let imported = imported.map_err(broke_off)??;
    let imported = staged(&api, imported, stage, &permit).await?;
    let status = if imported.is_new {
        StatusCode::CREATED
    } else {
        StatusCode::OK
    };
    Ok((
        status,
        Json(ImportedView {
            new: imported.is_new,
            version: imported.version.into(),
        }),
    ))
}

/// The version in the stage that was asked for.
async fn staged(
    api: &Api,
    imported: Imported,
    stage: Option<Stage>,
    permit: &Permit<ImportModels>,
) -> Result<Imported, ApiError> {
    let Some(stage) = stage else {
        return Ok(imported);
    };
    let reason = "asked for when it was imported".to_owned();
    let decision = Decision::of(permit.caller().to_string(), Some(reason));
    let number = VersionRef::Number(imported.version.number);
    let model = &imported.version.model;
    let version = api.deployments.promote(model, number, stage, decision).await?;
    Ok(Imported { version, ..imported })
}

/// The thread ended without a result: a fault of ours, not of what was sent.
fn broke_off(error: tokio::task::JoinError) -> ApiError {
    ApiError::Panicked {
        message: error.to_string(),
    }
}
