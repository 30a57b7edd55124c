//! The page: files that the executable carries, under a path that names their content.

use std::sync::LazyLock;

use axum::Router;
use axum::extract::Path;
use axum::http::{HeaderName, StatusCode, Uri, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use rust_embed::RustEmbed;

use super::Api;
use super::error::no_route;

#[derive(RustEmbed)]
#[folder = "assets/"]
#[exclude = "*.md"]
struct Assets;

/// What every file of the page is sent with: it loads nothing from anywhere else, and nobody frames it.
const SAFE: [(HeaderName, &str); 4] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_FRAME_OPTIONS, "DENY"),
];

/// Names the content of all files: another build's files have another path, so none is stale.
static HASH: LazyLock<String> = LazyLock::new(|| {
    let mut hasher = blake3::Hasher::new();
    let mut paths: Vec<_> = Assets::iter().collect();
    paths.sort();
    for path in paths {
        hasher.update(path.as_bytes());
        if let Some(file) = Assets::get(&path) {
            hasher.update(&file.data);
        }
    }
    hasher.finalize().to_hex()[..16].to_owned()
});

pub(super) fn router() -> Router<Api> {
    Router::new()
        .route("/", get(index))
        .route("/docs", get(docs))
        .route("/assets/{hash}/{*path}", get(asset))
}

/// The page itself is never cached: it says which files belong to it.
async fn index() -> Response {
    let Some(file) = Assets::get("index.html") else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let html = String::from_utf8_lossy(&file.data).replace("{{hash}}", &HASH);
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (SAFE, headers, html).into_response()
}

/// What people look for under this path is a screen of the page.
async fn docs() -> Redirect {
    Redirect::to("/#/api")
}

async fn asset(Path((hash, path)): Path<(String, String)>, uri: Uri) -> Response {
    match Assets::get(&path).filter(|_| hash == *HASH) {
        Some(file) => {
            let kind = file.metadata.mimetype().to_owned();
            let cached = "public, max-age=31536000, immutable".to_owned();
            let headers = [(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, cached)];
            (SAFE, headers, file.data).into_response()
        }
        None => no_route(uri).await.into_response(),
    }
}
