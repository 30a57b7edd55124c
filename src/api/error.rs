//! Every failure as an HTTP answer: one stable code a cause, mapped here and nowhere else.

use std::borrow::Cow;

use axum::Extension;
use axum::http::{HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value};

use super::asked::is_of_the_server;
use super::failure::{Cause, Failure};
use crate::base::Name;
use crate::platform::access::Action;
use crate::platform::datasets::DatasetError;
use crate::platform::jobs::JobError;
use crate::platform::predictor::PredictError;
use crate::platform::recipes::RecipeError;
use crate::platform::registry::RegistryError;
use crate::platform::tracking::TrackingError;
use crate::platform::{EncodeError, StoreError};

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
    Tracking(#[from] TrackingError),
    #[error(transparent)]
    Job(#[from] JobError),
    #[error(transparent)]
    Dataset(#[from] DatasetError),
    #[error(transparent)]
    Recipe(#[from] RecipeError),
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
            Self::UnknownParameter { name, .. } => parameter(name),
            Self::MissingParameter { name } | Self::DoubleParameter { name } => parameter(name),
            Self::TooBusy { .. } | Self::TooManyLarge { .. } | Self::TooManyUploads { .. } => {
                answer(StatusCode::SERVICE_UNAVAILABLE, "too_busy")
            }
            Self::Unanswerable { .. } | Self::Panicked { .. } => internal(),
            Self::TimedOut { .. } => answer(StatusCode::SERVICE_UNAVAILABLE, "timed_out"),
            Self::GoingDown => answer(StatusCode::SERVICE_UNAVAILABLE, "going_down"),
            Self::Predict(error) => predict(error),
            Self::Registry(error) => registry(error, "version"),
            Self::Tracking(error) => tracking(error),
            Self::Job(error) => job(error),
            Self::Dataset(error) => dataset(error),
            Self::Recipe(error) => recipe(error),
        }
    }
}

const NOT_FOUND: StatusCode = StatusCode::NOT_FOUND;
const BAD: StatusCode = StatusCode::BAD_REQUEST;
const UNPROCESSABLE: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;
const CONFLICT: StatusCode = StatusCode::CONFLICT;

fn parameter(name: &str) -> Answer {
    answer(BAD, "bad_parameter").with("parameter", name).at(name)
}

/// A fault of ours: logged with its cause, answered without it.
fn internal() -> Answer {
    answer(StatusCode::INTERNAL_SERVER_ERROR, "internal")
}

fn predict(error: &PredictError) -> Answer {
    let answer = match error {
        PredictError::NothingServes => answer(NOT_FOUND, "nothing_serves"),
        PredictError::UnknownModel(_) => answer(NOT_FOUND, "unknown_model").at("model"),
        PredictError::UnknownVersion { model, version } => no_version(model, version, "model_version"),
        PredictError::CannotLoad { .. } => answer(CONFLICT, "cannot_load"),
        PredictError::NoRows => answer(UNPROCESSABLE, "no_rows"),
        PredictError::TooManyRows { limit, .. } => {
            answer(StatusCode::PAYLOAD_TOO_LARGE, "too_many_rows").with("limit", *limit)
        }
        PredictError::Length { expected, got, .. } => answer(UNPROCESSABLE, "wrong_length")
            .with("expected", *expected)
            .with("got", *got),
        PredictError::MissingField { .. } => answer(UNPROCESSABLE, "missing_feature"),
        PredictError::ExtraField { .. } => answer(UNPROCESSABLE, "unknown_feature"),
        PredictError::DuplicateField { .. } => answer(UNPROCESSABLE, "duplicate_feature"),
        PredictError::Value(error) => encode(error),
        PredictError::InRow { row, source } => predict(source).with("row", *row),
        PredictError::Model(_) => internal(),
        PredictError::Registry(error) => registry(error, "model_version"),
    };
    answer.with_some("field", error.field())
}

fn encode(error: &EncodeError) -> Answer {
    match error {
        EncodeError::Missing { expected, .. } => {
            answer(UNPROCESSABLE, "missing_value").with("expected", expected.to_string())
        }
        EncodeError::WrongType { expected, got, .. } => answer(UNPROCESSABLE, "wrong_type")
            .with("expected", expected.to_string())
            .with("got", got.as_str()),
        EncodeError::NotFinite { .. } => answer(UNPROCESSABLE, "not_finite"),
        EncodeError::TooBig { .. } => answer(UNPROCESSABLE, "number_too_big"),
        EncodeError::UnknownCategory { known, .. } => {
            answer(UNPROCESSABLE, "unknown_category").with("known", known.clone())
        }
        EncodeError::Count { .. } | EncodeError::Width { .. } => internal(),
    }
}

fn no_version(model: &Name, version: &str, field: &str) -> Answer {
    answer(NOT_FOUND, "unknown_version")
        .at(field)
        .with("model", model.as_str())
        .with("version", version)
}

/// `version` is what the request calls the version that it names.
fn registry(error: &RegistryError, version: &str) -> Answer {
    match error {
        RegistryError::UnknownModel(_) => answer(NOT_FOUND, "unknown_model").at("model"),
        RegistryError::UnknownVersion {
            model,
            version: given,
        } => no_version(model, given, version),
        RegistryError::BadVersion(_) => answer(BAD, "bad_version").at(version),
        RegistryError::BadStage(_) => answer(BAD, "bad_stage").at("stage"),
        RegistryError::NothingToRollBackTo(_) => answer(CONFLICT, "nothing_to_roll_back_to"),
        RegistryError::CannotServe { .. } => answer(CONFLICT, "cannot_serve"),
        RegistryError::NoBundle { .. } => answer(CONFLICT, "no_bundle"),
        RegistryError::PageToken(_) => bad_page_token(),
        RegistryError::Bundle(_) | RegistryError::Malformed { .. } => internal(),
        RegistryError::Store(error) => store(error),
    }
}

fn bad_page_token() -> Answer {
    answer(BAD, "bad_page_token").at("page_token")
}

fn tracking(error: &TrackingError) -> Answer {
    match error {
        TrackingError::UnknownExperiment(_) => answer(NOT_FOUND, "unknown_experiment").at("experiment_id"),
        TrackingError::UnknownRun(_) => answer(NOT_FOUND, "unknown_run").at("id"),
        TrackingError::UnknownMetric { .. } => answer(NOT_FOUND, "unknown_metric").at("metric"),
        TrackingError::ParamChanged { .. } => answer(CONFLICT, "param_changed"),
        TrackingError::Ended(_) => answer(CONFLICT, "run_ended"),
        TrackingError::TooMany { limit, .. } => answer(UNPROCESSABLE, "too_many").with("limit", *limit),
        TrackingError::PageToken(_) => bad_page_token(),
        TrackingError::Malformed { .. } | TrackingError::Entropy(_) => internal(),
        TrackingError::Store(error) => store(error),
    }
}

fn job(error: &JobError) -> Answer {
    match error {
        JobError::Unknown(_) => answer(NOT_FOUND, "unknown_job").at("id"),
        JobError::UnknownRecipe(_) => answer(NOT_FOUND, "unknown_recipe").at("shipped"),
        JobError::Ended { .. } => answer(CONFLICT, "job_ended"),
        JobError::QueueFull { .. } => answer(StatusCode::TOO_MANY_REQUESTS, "queue_full"),
        JobError::RecipeTooLong { .. } => {
            answer(StatusCode::PAYLOAD_TOO_LARGE, "recipe_too_long").at("recipe")
        }
        JobError::NeedsFile { .. } => answer(UNPROCESSABLE, "needs_file"),
        JobError::Recipe(error) => recipe(error),
        JobError::PageToken(_) => bad_page_token(),
        JobError::Dataset(error) => dataset(error),
        JobError::Malformed { .. } | JobError::Entropy(_) => internal(),
        JobError::Store(error) => store(error),
    }
}

fn recipe(error: &RecipeError) -> Answer {
    answer(UNPROCESSABLE, "bad_recipe")
        .with("line", error.line)
        .with("column", error.column)
}

fn dataset(error: &DatasetError) -> Answer {
    match error {
        DatasetError::Unknown(_) => answer(NOT_FOUND, "unknown_dataset").at("name"),
        DatasetError::UnknownVersion { .. } => answer(NOT_FOUND, "unknown_dataset_version").at("recipe"),
        DatasetError::Source(error) => answer(UNPROCESSABLE, "bad_file")
            .with_some("line", error.line)
            .with_some("column", error.column.as_deref()),
        DatasetError::Target { error, .. } => answer(UNPROCESSABLE, "bad_target")
            .at("target")
            .with_some("line", error.line()),
        DatasetError::PageToken(_) => bad_page_token(),
        DatasetError::Recipe(error) => recipe(error),
        DatasetError::Io(_) => answer(BAD, "body_broken"),
        DatasetError::Stopped => answer(StatusCode::SERVICE_UNAVAILABLE, "stopped"),
        DatasetError::Codec(_)
        | DatasetError::Table(_)
        | DatasetError::Generate(_)
        | DatasetError::Entropy(_)
        | DatasetError::Malformed { .. } => internal(),
        DatasetError::Store(error) => store(error),
    }
}

fn store(error: &StoreError) -> Answer {
    let away = StatusCode::SERVICE_UNAVAILABLE;
    match error {
        StoreError::Unavailable { .. } => answer(away, "store_unavailable"),
        StoreError::Busy { .. } => answer(away, "store_busy"),
        StoreError::Closed => answer(away, "going_down"),
        // What can only be wrong when the store is opened, with the store itself, or with usina.
        StoreError::FolderUnusable { .. }
        | StoreError::InUse { .. }
        | StoreError::NotAStore { .. }
        | StoreError::Emptied { .. }
        | StoreError::TooNew { .. }
        | StoreError::KeyMissing { .. }
        | StoreError::NamedKeyMissing { .. }
        | StoreError::KeyUnreadable { .. }
        | StoreError::KeyMalformed { .. }
        | StoreError::WrongKey { .. }
        | StoreError::Nested
        | StoreError::Panicked { .. }
        | StoreError::Damaged { .. }
        | StoreError::Row { .. }
        | StoreError::RowTooLarge { .. }
        | StoreError::TooLongToSeal { .. }
        | StoreError::BlobUnknown { .. }
        | StoreError::BlobNotAdopted { .. }
        | StoreError::BlobTooLarge { .. }
        | StoreError::BlobBroken
        | StoreError::Compress { .. }
        | StoreError::Entropy(_)
        | StoreError::Thread { .. } => internal(),
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
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
        let mut response = (status, Extension(failure)).into_response();
        if is_of_the_server(status) {
            response.extensions_mut().insert(Cause::of(&self));
        }
        if matches!(
            status,
            StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS
        ) {
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
