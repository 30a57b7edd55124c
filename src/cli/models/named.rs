//! How a version of a model is named on the command line: `NAME`, `NAME VERSION`, `NAME@VERSION`, `NAME@ALIAS`, or
//! as MLflow writes it, `models:/NAME@ALIAS`.

use crate::cli::client::segment;
use crate::cli::error::Failure;
use crate::platform::predictor::split_version;

/// A model, and the version of it that is named, as the API takes it.
pub fn named(model: &str, version: Option<&str>) -> Result<(String, Option<String>), Failure> {
    let (name, behind) = split_version(model);
    match (behind, version) {
        (Some(behind), Some(version)) => Err(Failure::input(anyhow::anyhow!(
            "the version is named twice: {behind} behind the @ of {model}, and {version}"
        ))),
        (behind, version) => Ok((name.to_owned(), behind.or(version).map(str::to_owned))),
    }
}

/// A model where no version may stand behind it.
pub fn alone(given: &str) -> Result<String, Failure> {
    match named(given, None)? {
        (model, None) => Ok(model),
        (model, Some(version)) => Err(Failure::input(anyhow::anyhow!(
            "{given} names a version, {version}, and this is about the model: write {model}"
        ))),
    }
}

/// Where the API has the version that is named, or else the one called `otherwise`.
pub fn named_path(model: &str, version: Option<&str>, otherwise: &str) -> Result<String, Failure> {
    let (model, version) = named(model, version)?;
    Ok(super::version_path(
        &model,
        version.as_deref().unwrap_or(otherwise),
    ))
}

/// Where the API has a model.
pub fn model_path(model: &str) -> String {
    format!("/api/v1/models/{}", segment(model))
}
