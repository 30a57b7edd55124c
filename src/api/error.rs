//! Every failure as an HTTP answer: one stable code a cause, mapped here and in `error/causes.rs`, and nowhere
//! else.

mod bundles;
mod causes;

use std::borrow::Cow;

use axum::Extension;
use axum::http::{HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use causes::{dataset, idempotency, job, predict, recipe, registry, tracking};

use super::asked::is_of_the_server;
use super::failure::{Cause, Failure};
use crate::platform::access::Action;
use crate::platform::datasets::DatasetError;
use crate::platform::idempotency::IdempotencyError;
use crate::platform::jobs::JobError;
use crate::platform::predictor::PredictError;
use crate::platform::recipes::RecipeError;
use crate::platform::registry::{ImportError, RegistryError, TrustError};
use crate::platform::tracking::TrackingError;

/// Why a request is not answered as it was asked.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    #[error("sign in first")]
    Unauthenticated,
    #[error("you may not do this: it needs {action}")]
    Forbidden { action: Action },
    #[error("the host \"{host}\" is not this server; use http://127.0.0.1:{port} or http://localhost:{port}")]
    ForeignHost { host: String, port: u16 },
    #[error("requests from {origin} are refused: only usina's own page may call it from a browser")]
    ForeignOrigin { origin: String },
    #[error("the header {header} is refused: no proxy is trusted")]
    Forwarded { header: &'static str },
    #[error("the content type has to be {expected}, {}", sent(.got))]
    ContentType { expected: &'static str, got: String },
    #[error("there is nothing at {path}; /api/openapi.json lists what there is")]
    NoRoute { path: String },
    #[error("{method} is not possible at {path}; /api/openapi.json lists what is")]
    Method { method: String, path: String },
    #[error("the body is larger than {limit} bytes")]
    BodyTooLarge { limit: usize },
    #[error("there are more than {limit} values, which is what one request may have; send them in parts")]
    TooManyValues { limit: usize },
    #[error("the body stopped before its end")]
    BodyBroken,
    #[error("the body is not what is expected here: {message}")]
    BadBody { message: String, field: Option<String> },
    #[error("{name} \"{given}\": {message}")]
    BadParameter {
        name: Cow<'static, str>,
        given: String,
        message: String,
    },
    #[error("there is no parameter {name} here; those that there are: {}", .known.join(", "))]
    UnknownParameter {
        name: String,
        known: &'static [&'static str],
    },
    #[error("there is no parameter {name} here, and no other: leave it out")]
    SurplusParameter { name: String },
    #[error("the parameter {name} is missing")]
    MissingParameter { name: &'static str },
    #[error("the parameter {name} is there twice")]
    DoubleParameter { name: &'static str },
    #[error("{limit} requests are under way already; try again in a moment")]
    TooBusy { limit: usize },
    #[error(
        "{limit} large requests are under way already; try again in a moment, or send fewer rows at once"
    )]
    TooManyLarge { limit: usize },
    #[error("{limit} tables are coming in already; try again when one is in")]
    TooManyUploads { limit: usize },
    #[error("{limit} streams of rows are being answered already; try again when one has ended")]
    TooManyStreams { limit: usize },
    #[error("the request took longer than {seconds} seconds")]
    TimedOut { seconds: u64 },
    #[error("the server is going down, and not all of this had arrived; send it again in a moment")]
    GoingDown,
    #[error("answering the request panicked: {message}")]
    Panicked { message: String },
    #[error("the answer cannot be written: {message}")]
    Unanswerable { message: String },
    #[error(transparent)]
    Predict(#[from] PredictError),
    #[error(transparent)]
    Registry(#[from] RegistryError),
    #[error(transparent)]
    Import(#[from] ImportError),
    #[error(transparent)]
    Trust(#[from] TrustError),
    #[error(transparent)]
    Tracking(#[from] TrackingError),
    #[error(transparent)]
    Job(#[from] JobError),
    #[error(transparent)]
    Dataset(#[from] DatasetError),
    #[error(transparent)]
    Recipe(#[from] RecipeError),
    #[error(transparent)]
    Idempotency(#[from] IdempotencyError),
}

fn sent(content_type: &str) -> String {
    match content_type {
        "" => "and none is there".to_owned(),
        given => format!("got \"{given}\""),
    }
}

/// What an answer to a failure says beside its message.
struct Answer {
    status: StatusCode,
    code: &'static str,
    detail: Map<String, Value>,
}

fn answer(status: StatusCode, code: &'static str) -> Answer {
    Answer {
        status,
        code,
        detail: Map::new(),
    }
}

impl Answer {
    fn with(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.detail.insert(key.to_owned(), value.into());
        self
    }

    fn with_some(self, key: &str, value: Option<impl Into<Value>>) -> Self {
        match value {
            Some(value) => self.with(key, value),
            None => self,
        }
    }

    /// With the name of what is at fault, as the request has it.
    fn at(self, field: &str) -> Self {
        self.with("field", field)
    }
}

impl ApiError {
    /// The one mapping from causes to answers.
    fn answer(&self) -> Answer {
        match self {
            Self::Unauthenticated => answer(StatusCode::UNAUTHORIZED, "unauthenticated"),
            Self::Forbidden { action } => {
                answer(StatusCode::FORBIDDEN, "forbidden").with("needs", action.to_string())
            }
            Self::ForeignHost { .. } => answer(StatusCode::FORBIDDEN, "foreign_host"),
            Self::ForeignOrigin { .. } => answer(StatusCode::FORBIDDEN, "foreign_origin"),
            Self::Forwarded { header } => {
                answer(StatusCode::BAD_REQUEST, "forwarded_header").with("header", *header)
            }
            Self::ContentType { expected, .. } => {
                answer(StatusCode::UNSUPPORTED_MEDIA_TYPE, "wrong_content_type").with("expected", *expected)
            }
            Self::NoRoute { .. } => answer(StatusCode::NOT_FOUND, "no_such_route"),
            Self::Method { .. } => answer(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed"),
            Self::BodyTooLarge { limit } => {
                answer(StatusCode::PAYLOAD_TOO_LARGE, "body_too_large").with("limit_bytes", *limit)
            }
            Self::TooManyValues { limit } => {
                answer(StatusCode::PAYLOAD_TOO_LARGE, "too_many_values").with("limit", *limit)
            }
            Self::BodyBroken => answer(StatusCode::BAD_REQUEST, "body_broken"),
            Self::BadBody { field, .. } => answer(BAD, "bad_body").with_some("field", field.as_deref()),
            Self::BadParameter { name, .. } => parameter(name),
            Self::UnknownParameter { name, .. } | Self::SurplusParameter { name } => parameter(name),
            Self::MissingParameter { name } | Self::DoubleParameter { name } => parameter(name),
            Self::TooBusy { .. }
            | Self::TooManyLarge { .. }
            | Self::TooManyUploads { .. }
            | Self::TooManyStreams { .. } => answer(StatusCode::SERVICE_UNAVAILABLE, "too_busy"),
            Self::Unanswerable { .. } | Self::Panicked { .. } => internal(),
            Self::TimedOut { .. } => answer(StatusCode::SERVICE_UNAVAILABLE, "timed_out"),
            Self::GoingDown => answer(StatusCode::SERVICE_UNAVAILABLE, "going_down"),
            Self::Predict(error) => predict(error),
            Self::Registry(error) => registry(error, "version"),
            Self::Import(error) => bundles::import(error),
            Self::Trust(error) => bundles::trust(error),
            Self::Tracking(error) => tracking(error),
            Self::Job(error) => job(error),
            Self::Dataset(error) => dataset(error),
            Self::Recipe(error) => recipe(error),
            Self::Idempotency(error) => idempotency(error),
        }
    }
}

const BAD: StatusCode = StatusCode::BAD_REQUEST;

fn parameter(name: &str) -> Answer {
    answer(BAD, "bad_parameter").with("parameter", name).at(name)
}

const INTERNAL: &str = "internal";

/// A fault of ours: logged with its cause, answered without it.
fn internal() -> Answer {
    answer(StatusCode::INTERNAL_SERVER_ERROR, INTERNAL)
}

/// What is told of a failure that is a part of an answer.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ToldView {
    /// One a cause; it stays the same when the message is worded anew.
    #[schema(example = "unknown_category")]
    code: &'static str,
    /// For people.
    message: String,
    /// Facts, such as the field that is at fault.
    #[schema(value_type = std::collections::BTreeMap<String, serde_json::Value>)]
    detail: Map<String, Value>,
}

impl ApiError {
    /// What is told where the failure is a part of an answer: of one row of many, or of one field.
    pub(super) fn told(&self) -> ToldView {
        let (_, failure) = self.failure();
        if failure.code == INTERNAL {
            tracing::error!(error = Cause::of(self).as_str(), "a part of a request failed");
        }
        ToldView {
            code: failure.code,
            message: failure.message,
            detail: failure.detail,
        }
    }

    fn failure(&self) -> (StatusCode, Failure) {
        let Answer { status, code, detail } = self.answer();
        let message = if status == StatusCode::INTERNAL_SERVER_ERROR {
            "the server could not do this; its log says why".to_owned()
        } else {
            self.to_string()
        };
        let failure = Failure {
            code,
            message,
            detail,
        };
        (status, failure)
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let (status, failure) = self.failure();
        let mut response = (status, Extension(failure)).into_response();
        if is_of_the_server(status) {
            response.extensions_mut().insert(Cause::of(&self));
        }
        let passes = matches!(
            status,
            StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS
        );
        if passes || matches!(self, Self::Idempotency(IdempotencyError::UnderWay)) {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response
    }
}

/// The answer where there is no route.
pub(super) async fn no_route(uri: Uri) -> ApiError {
    ApiError::NoRoute {
        path: uri.path().chars().take(200).collect(),
    }
}

/// The answer where there is a route, but not for the method.
pub(super) async fn no_method(method: Method, uri: Uri) -> ApiError {
    ApiError::Method {
        method: method.to_string(),
        path: uri.path().chars().take(200).collect(),
    }
}
