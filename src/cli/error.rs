//! How a command fails: by its own fault, or by what it was given. The exit code tells which.

use std::process::ExitCode;

use serde_json::{Value, json};

use super::{hint, output};
use crate::platform::recipes::RecipeError;
use crate::runtime::config::StoreConfig;

/// A failure that came as JSON: an error of the API, or a job that failed.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct Told {
    /// What is wrong, for people.
    pub message: String,
    /// What a script is shown.
    pub json: Value,
}

/// Why a command did not do what was asked.
#[derive(Debug)]
pub enum Failure {
    /// Wrong usage or wrong input: exit code 2.
    Input(anyhow::Error),
    /// The server could not answer, and may be able to a little later: exit code 1.
    Unavailable(anyhow::Error),
    /// Anything else: exit code 1.
    Failed(anyhow::Error),
    /// Interrupted by the user: 128 + SIGINT, as shells expect.
    Interrupted,
}

impl Failure {
    /// A mistake in what was given.
    pub fn input(error: impl Into<anyhow::Error>) -> Self {
        Self::Input(error.into())
    }

    /// Whether it is an error of the API with the code `code`.
    pub fn is_coded(&self, code: &str) -> bool {
        let (Self::Input(error) | Self::Failed(error)) = self else {
            return false;
        };
        let told = error.downcast_ref::<Told>();
        told.is_some_and(|told| told.json["error"]["code"] == code)
    }

    /// Tells the user, and gives the exit code. Where the command shows JSON (`as_json`), a script finds the
    /// failure where it would have found the result.
    pub fn report(&self, as_json: bool, store: &StoreConfig) -> ExitCode {
        if as_json {
            output::json(&self.json());
        }
        match self {
            Self::Input(error) => {
                tell(&hint::complete(store, &in_words(error)));
                ExitCode::from(2)
            }
            Self::Unavailable(error) | Self::Failed(error) => {
                tell(&hint::complete(store, &in_words(error)));
                ExitCode::FAILURE
            }
            Self::Interrupted => {
                tell("interrupted");
                ExitCode::from(130)
            }
        }
    }

    /// The failure as JSON, in the form of the API's errors unless it is a job.
    fn json(&self) -> Value {
        let (code, error) = match self {
            Self::Input(error) => ("bad_input", error),
            Self::Unavailable(error) | Self::Failed(error) => ("failed", error),
            Self::Interrupted => return form("interrupted", "interrupted", json!({})),
        };
        if let Some(told) = error.downcast_ref::<Told>() {
            return told.json.clone();
        }
        match error.downcast_ref::<RecipeError>() {
            Some(RecipeError {
                line, column, field, ..
            }) => form(
                "bad_recipe",
                &error.to_string(),
                json!({ "line": line, "column": column, "field": field }),
            ),
            None => form(code, &in_words(error), json!({})),
        }
    }
}

fn tell(message: &str) {
    output::note(&format!("usina: {message}"));
}

/// An error with what caused it, as far as it does not say so itself.
fn in_words(error: &anyhow::Error) -> String {
    error.chain().fold(String::new(), |told, cause| {
        let cause = cause.to_string();
        match told.as_str() {
            "" => cause,
            // Many a message names its cause in its middle, with a remedy behind.
            before if before.contains(&cause) => told,
            before => format!("{before}: {cause}"),
        }
    })
}

/// A failure in the form of the API's errors.
pub fn form(code: &str, message: &str, detail: Value) -> Value {
    json!({ "error": { "code": code, "message": message, "detail": detail } })
}

impl<E: Into<anyhow::Error>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use anyhow::Context;

    use super::*;
    use crate::store::StoreError;

    #[test]
    fn a_cause_is_told_once() {
        let full = || io::Error::other("the disk is full");
        let unusable = StoreError::FolderUnusable {
            path: "data".into(),
            source: full(),
        };
        assert_eq!(
            in_words(&unusable.into()),
            "cannot use data: the disk is full; choose a folder that this user may write to"
        );
        let written: anyhow::Result<()> = Err(full()).context("cannot write x");
        assert_eq!(
            in_words(&written.unwrap_err()),
            "cannot write x: the disk is full"
        );
    }
}
