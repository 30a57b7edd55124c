//! A handler that panics is a fault of ours, and is answered like any other: not by a connection that closes.

use std::any::Any;
use std::panic::AssertUnwindSafe;

use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;

use super::error::ApiError;

/// Waits for an answer. A panic is answered as an internal error, whose cause is logged as that of any other.
///
/// The future is not looked at again after a panic, so it may be in any state.
pub(super) async fn caught<E>(answer: impl Future<Output = Result<Response, E>>) -> Result<Response, E> {
    match AssertUnwindSafe(answer).catch_unwind().await {
        Ok(answered) => answered,
        Err(panic) => {
            let message = message(panic.as_ref());
            Ok(ApiError::Panicked { message }.into_response())
        }
    }
}

/// What a panic says of itself.
fn message(panic: &(dyn Any + Send)) -> String {
    match (panic.downcast_ref::<&str>(), panic.downcast_ref::<String>()) {
        (Some(message), _) => (*message).to_owned(),
        (_, Some(message)) => message.clone(),
        _ => "without a word".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use axum::http::StatusCode;

    use super::*;
    use crate::api::failure::{Cause, Failure};

    async fn panics(why: String) -> Result<Response, Infallible> {
        assert!(why.is_empty(), "{why}");
        Ok(StatusCode::OK.into_response())
    }

    #[tokio::test]
    async fn a_panic_is_answered_without_its_words_which_the_log_gets() {
        let answer = caught(panics("a secret thing".to_owned())).await.unwrap();
        assert_eq!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR);
        let failure = answer.extensions().get::<Failure>().unwrap();
        assert_eq!(failure.code, "internal");
        assert!(!format!("{failure:?}").contains("secret"), "{failure:?}");
        let cause = answer.extensions().get::<Cause>().unwrap();
        assert!(cause.as_str().contains("panicked: a secret thing"), "{cause:?}");
    }

    #[tokio::test]
    async fn what_does_not_panic_passes() {
        let answer = caught(panics(String::new())).await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
    }
}
