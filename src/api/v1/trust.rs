//! Whose bundles are taken in.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::api::Api;
use crate::api::body::{Empty, Expected, JsonBody};
use crate::api::error::ApiError;
use crate::api::permit::Permit;
use crate::api::query::{Segments, parameter};
use crate::platform::access::{ReadTrust, WriteTrust};
use crate::platform::registry::{PublicKey, Registry, TrustedKey};

pub(super) fn router() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(list_trusted_keys))
        .routes(routes!(trust_key))
        .routes(routes!(distrust_key))
}

/// Whose bundles are taken in.
#[derive(Debug, Serialize, ToSchema)]
struct TrustView {
    /// The key that signs this machine's bundles, which are trusted always.
    own: String,
    /// The others, the first added first.
    keys: Vec<TrustedKeyView>,
}

/// A key that is trusted.
#[derive(Debug, Serialize, ToSchema)]
struct TrustedKeyView {
    /// The public key, Ed25519, 64 hex digits.
    key: String,
    /// Whose it is, in the words of whoever added it.
    name: Option<String>,
    added_at: String,
    /// Who added it.
    by: String,
}

impl From<TrustedKey> for TrustedKeyView {
    fn from(key: TrustedKey) -> Self {
        Self {
            key: key.key.to_string(),
            name: key.name,
            added_at: key.added_at.to_string(),
            by: key.by,
        }
    }
}

/// Lists the keys whose bundles are taken in.
#[utoipa::path(get, path = "/trust", tag = "models",
    responses((status = 200, description = "The keys", body = TrustView)))]
async fn list_trusted_keys(
    _: Permit<ReadTrust>,
    State(registry): State<Registry>,
) -> Result<Json<TrustView>, ApiError> {
    let keys = registry.trusted_keys().await?;
    Ok(Json(TrustView {
        own: registry.own_key().to_string(),
        keys: keys.into_iter().map(TrustedKeyView::from).collect(),
    }))
}

/// Whose bundles are to be taken in.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TrustKey {
    /// The public key, Ed25519, 64 lower-case hex digits.
    key: String,
    /// Whose it is.
    #[serde(default)]
    name: Option<String>,
}

impl Expected for TrustKey {
    const EXPECTED: &'static str = "an object with `key`, 64 lower-case hex digits; `name` may be there";
}

/// Has the bundles taken in that a key signed.
#[utoipa::path(post, path = "/trust", tag = "models", request_body = TrustKey, responses(
    (status = 200, description = "It is trusted", body = TrustedKeyView),
    (status = 400, description = "It is no key")))]
async fn trust_key(
    permit: Permit<WriteTrust>,
    State(registry): State<Registry>,
    JsonBody(body): JsonBody<TrustKey>,
) -> Result<Json<TrustedKeyView>, ApiError> {
    let key: PublicKey = parameter("key", &body.key)?;
    let by = permit.caller().to_string();
    let trusted = registry.trust(key, body.name, by).await?;
    Ok(Json(trusted.into()))
}

/// Has the bundles refused that a key signed. Versions that came before stay as they are.
#[utoipa::path(delete, path = "/trust/{key}", tag = "models", params(("key" = String, Path)),
    request_body = Empty, responses(
    (status = 200, description = "It is trusted no more", body = TrustedKeyView),
    (status = 404, description = "It was not trusted")))]
async fn distrust_key(
    _: Permit<WriteTrust>,
    State(registry): State<Registry>,
    Segments(key): Segments<String>,
    JsonBody(Empty {}): JsonBody<Empty>,
) -> Result<Json<TrustedKeyView>, ApiError> {
    let distrusted = registry.distrust(parameter("key", &key)?).await?;
    Ok(Json(distrusted.into()))
}
