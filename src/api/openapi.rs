//! The description of the API, made from the code.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Extension, Router};
use utoipa::openapi::{Content, OpenApi as Document, Ref, RefOr, ResponseBuilder};
use utoipa::{OpenApi, ToSchema};

use super::Api;
use super::permit::Permit;
use crate::platform::access::ReadServer;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "usina",
        description = "Train, track, register, serve and roll back machine-learning models. \
            Errors are `{\"error\": {\"code\": …, \"message\": …, \"detail\": {…}, \"request_id\": …}}` with one \
            stable code a cause. Every answer has its request's id in the header `x-request-id`, too.",
        license(name = "MIT", identifier = "MIT"),
    ),
    components(schemas(Failure)),
    tags(
        (name = "predict", description = "Ask a model"),
        (name = "models", description = "Registered models, their versions and stages"),
        (name = "jobs", description = "Trainings and other background work"),
        (name = "runs", description = "Experiments and runs"),
        (name = "datasets", description = "Tables and their versions"),
        (name = "server", description = "The server itself"),
    )
)]
struct Described;

pub(super) fn document() -> Document {
    Described::openapi()
}

/// What every failure answers.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes what `ApiError` is rendered as")]
struct Failure {
    error: Cause,
}

/// Why a request was not answered as it was asked.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes what `ApiError` is rendered as")]
struct Cause {
    /// One a cause; it stays the same when the message is worded anew.
    #[schema(example = "unknown_category")]
    code: String,
    /// For people.
    message: String,
    /// Facts, such as the field that is at fault.
    detail: BTreeMap<String, serde_json::Value>,
    /// Names this request: in the header x-request-id, and in the server's log.
    request_id: String,
}

/// Describes failures once for all routes: those that a route names, and those that any may have.
fn describe_failures(document: &mut Document) {
    let items = document.paths.paths.values_mut();
    let operations = items.flat_map(|item| {
        [
            &mut item.get,
            &mut item.post,
            &mut item.put,
            &mut item.patch,
            &mut item.delete,
        ]
    });
    for operation in operations.flatten() {
        let responses = &mut operation.responses.responses;
        let other = ResponseBuilder::new().description("Any other failure").build();
        responses.insert("default".to_owned(), other.into());
        for (status, response) in responses {
            if let RefOr::T(response) = response
                && !status.starts_with('2')
                && response.content.is_empty()
            {
                let failure = Content::new(Some(Ref::from_schema_name("Failure")));
                response
                    .content
                    .insert("application/json".to_owned(), failure.into());
            }
        }
    }
}

pub(super) fn router(mut document: Document) -> Router<Api> {
    describe_failures(&mut document);
    let json: Arc<str> = document.to_json().unwrap_or_default().into();
    Router::new()
        .route("/api/openapi.json", get(describe))
        .layer(Extension(json))
}

async fn describe(
    _: Permit<ReadServer>,
    State(_): State<Api>,
    Extension(document): Extension<Arc<str>>,
) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], document.to_string()).into_response()
}
