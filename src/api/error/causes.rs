//! What each capability's failures are as answers: a status, one stable code a cause, and the facts.

use axum::http::StatusCode;

use super::{Answer, answer, internal};
use crate::base::Name;
use crate::platform::datasets::{DatasetError, SourceError, VersionError};
use crate::platform::idempotency::IdempotencyError;
use crate::platform::jobs::JobError;
use crate::platform::predictor::{PredictError, RecommendError};
use crate::platform::recipes::RecipeError;
use crate::platform::registry::RegistryError;
use crate::platform::tracking::TrackingError;
use crate::platform::{EncodeError, StoreError};

const NOT_FOUND: StatusCode = StatusCode::NOT_FOUND;
const BAD: StatusCode = StatusCode::BAD_REQUEST;
const UNPROCESSABLE: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;
const CONFLICT: StatusCode = StatusCode::CONFLICT;

pub(super) fn predict(error: &PredictError) -> Answer {
    let answer = match error {
        PredictError::NothingServes => answer(NOT_FOUND, "nothing_serves"),
        PredictError::UnknownModel(_) => answer(NOT_FOUND, "unknown_model").at("model"),
        PredictError::UnknownVersion { model, version } => no_version(model, version, "model_version"),
        PredictError::CannotLoad { .. } => answer(CONFLICT, "cannot_load"),
        PredictError::TakesNoRows(_) => answer(UNPROCESSABLE, "takes_no_rows").at("features"),
        PredictError::NoForecast(_) => answer(UNPROCESSABLE, "no_forecast").at("horizon"),
        PredictError::TakesUsers(_) => answer(UNPROCESSABLE, "takes_no_rows").at("features"),
        PredictError::NoItems(_) => answer(UNPROCESSABLE, "no_recommendation").at("user"),
        PredictError::Wanted { part, .. } => answer(UNPROCESSABLE, "bad_recommendation").at(part),
        PredictError::Recommend(error) => recommend(error),
        PredictError::Series { part, .. } => answer(UNPROCESSABLE, "bad_series").at(part),
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
        PredictError::InLine { line, source } => predict(source)
            .with("line", *line)
            .with_some("column", source.field()),
        PredictError::Table(error) => file(error),
        PredictError::Model(_) => internal(),
        PredictError::Registry(error) => registry(error, "model_version"),
    };
    answer.with_some("field", error.field())
}

fn recommend(error: &RecommendError) -> Answer {
    match error {
        RecommendError::NoneAsked => answer(UNPROCESSABLE, "bad_recommendation").at("top_k"),
        RecommendError::UnknownUser(_) => answer(UNPROCESSABLE, "unknown_user").at("user"),
        RecommendError::UnknownItem(item) => {
            answer(UNPROCESSABLE, "unknown_item").with("item", item.as_str())
        }
        RecommendError::Value { item, .. } => answer(UNPROCESSABLE, "bad_recommendation")
            .at("items")
            .with("item", item.as_str()),
        RecommendError::TooLarge => answer(UNPROCESSABLE, "bad_recommendation").at("items"),
    }
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
        EncodeError::OutOfRange { got, expected, .. } => answer(UNPROCESSABLE, "out_of_range")
            .with("expected", *expected)
            .with("got", got.as_str()),
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
pub(super) fn registry(error: &RegistryError, version: &str) -> Answer {
    match error {
        RegistryError::UnknownModel(_) => answer(NOT_FOUND, "unknown_model").at("model"),
        RegistryError::UnknownVersion {
            model,
            version: given,
        } => no_version(model, given, version),
        RegistryError::BadVersion(_) => answer(BAD, "bad_version").at(version),
        RegistryError::BadStage(_) => answer(BAD, "bad_stage").at("stage"),
        RegistryError::BadAlias(_) => answer(BAD, "bad_alias").at("alias"),
        RegistryError::BadTag(_) => answer(UNPROCESSABLE, "bad_tag").at("tags"),
        RegistryError::TooMany { limit, .. } => answer(UNPROCESSABLE, "too_many").with("limit", *limit),
        RegistryError::TooLong { limit, .. } => answer(UNPROCESSABLE, "too_long").with("limit", *limit),
        RegistryError::Deleted {
            model,
            version: of,
            purged,
            ..
        } => answer(NOT_FOUND, "deleted")
            .with("model", model.as_str())
            .with_some("version", of.as_deref())
            .with("purged", *purged),
        RegistryError::NoTrees { .. } => answer(CONFLICT, "no_trees"),
        RegistryError::NotDeleted(_) => answer(CONFLICT, "not_deleted"),
        RegistryError::Purged { .. } => answer(CONFLICT, "purged"),
        RegistryError::GatesFailed {
            model,
            version: of,
            gates,
        } => answer(CONFLICT, "gates_failed")
            .with("model", model.as_str())
            .with("version", of.as_str())
            .with("gates", gates.clone()),
        RegistryError::InProduction { model, version: of } => answer(CONFLICT, "in_production")
            .with("model", model.as_str())
            .with("version", of.as_str()),
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

pub(super) fn tracking(error: &TrackingError) -> Answer {
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

pub(super) fn job(error: &JobError) -> Answer {
    match error {
        JobError::Unknown(_) => answer(NOT_FOUND, "unknown_job").at("id"),
        JobError::UnknownRecipe(_) => answer(NOT_FOUND, "unknown_recipe").at("shipped"),
        JobError::Ended { .. } => answer(CONFLICT, "job_ended"),
        JobError::QueueFull { .. } => answer(StatusCode::TOO_MANY_REQUESTS, "queue_full"),
        JobError::RecipeTooLong { .. } => {
            answer(StatusCode::PAYLOAD_TOO_LARGE, "recipe_too_long").at("recipe")
        }
        JobError::NotForGpu(_) => answer(UNPROCESSABLE, "not_for_gpu").at("device"),
        JobError::NeedsFile { .. } => answer(UNPROCESSABLE, "needs_file"),
        JobError::Recipe(error) => recipe(error),
        JobError::PageToken(_) => bad_page_token(),
        JobError::Dataset(error) => dataset(error),
        JobError::Malformed { .. } | JobError::Entropy(_) => internal(),
        JobError::Store(error) => store(error),
    }
}

pub(super) fn recipe(error: &RecipeError) -> Answer {
    answer(UNPROCESSABLE, "bad_recipe")
        .with("line", error.line)
        .with("column", error.column)
        .with_some("field", error.field.as_deref())
}

/// A file that is no table.
fn file(error: &SourceError) -> Answer {
    answer(UNPROCESSABLE, "bad_file")
        .with_some("line", error.place.and_then(|place| place.line()))
        .with_some("row", error.place.and_then(|place| place.row()))
        .with_some("column", error.column.as_deref())
}

pub(super) fn dataset(error: &DatasetError) -> Answer {
    match error {
        DatasetError::Unknown(_) => answer(NOT_FOUND, "unknown_dataset").at("name"),
        DatasetError::UnknownVersion { .. } => answer(NOT_FOUND, "unknown_dataset_version").at("recipe"),
        DatasetError::Source(error) => file(error),
        DatasetError::Target { line, .. } => answer(UNPROCESSABLE, "bad_target")
            .at("target")
            .with_some("line", *line),
        DatasetError::PageToken(_) => bad_page_token(),
        DatasetError::Recipe(error) => recipe(error),
        DatasetError::Violated(violated) => answer(UNPROCESSABLE, "expectations_violated").with_some(
            "violations",
            serde_json::to_value(&violated.report.violations).ok(),
        ),
        DatasetError::Expectation(error) => answer(UNPROCESSABLE, "bad_expectation").at(&error.field()),
        DatasetError::TooManyToTellApart(error) => {
            answer(UNPROCESSABLE, "too_many_to_tell_apart").with("column", error.column.as_str())
        }
        DatasetError::Version(error) => match error {
            VersionError::Unknown { .. } => answer(NOT_FOUND, "unknown_dataset_version").at("version"),
            VersionError::Ambiguous { .. } => answer(UNPROCESSABLE, "ambiguous_version").at("version"),
            VersionError::OnlyOne(_) => answer(UNPROCESSABLE, "one_version").at("from"),
        },
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

pub(super) fn idempotency(error: &IdempotencyError) -> Answer {
    match error {
        IdempotencyError::BadKey => answer(BAD, "bad_idempotency_key").with("header", "idempotency-key"),
        IdempotencyError::UnderWay => answer(CONFLICT, "idempotency_under_way"),
        IdempotencyError::OtherBody => answer(UNPROCESSABLE, "idempotency_other_body"),
        IdempotencyError::NoAnswer => answer(CONFLICT, "idempotency_no_answer"),
        IdempotencyError::Store(error) => store(error),
    }
}

pub(super) fn store(error: &StoreError) -> Answer {
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
