//! A handler that panics is a fault of ours, and is answered like any other: not by a connection that closes.

use std::any::Any;
use std::panic::AssertUnwindSafe;

use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;

use super::error::ApiError;

/// Waits for an answer. A panic is logged and answered as an internal error.
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
    use std::io;
    use std::sync::{Arc, Mutex};

    use axum::http::StatusCode;

    use super::*;

    #[derive(Clone, Default)]
    struct Log(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Log {
        fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(piece);
            Ok(piece.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    async fn panics(why: String) -> Result<Response, Infallible> {
        assert!(why.is_empty(), "{why}");
        Ok(StatusCode::OK.into_response())
    }

    #[tokio::test]
    async fn a_panic_is_logged_and_answered_without_its_words() {
        let log = Log::default();
        let writer = log.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_writer(move || writer.clone())
            .finish();
        let logging = tracing::subscriber::set_default(subscriber);
        let answer = caught(panics("a secret thing".to_owned())).await.unwrap();
        drop(logging);

        assert_eq!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR);
        let body = axum::body::to_bytes(answer.into_body(), 1_000).await.unwrap();
        let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(body["error"]["code"], "internal");
        assert!(!body.to_string().contains("secret"), "{body}");
        let logged = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
        assert!(logged.contains("panicked: a secret thing"), "{logged}");
    }

    #[tokio::test]
    async fn what_does_not_panic_passes() {
        let answer = caught(panics(String::new())).await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
    }
}
