//! What a client still sends when its answer is there already: read and dropped, and only then answered.
//!
//! A connection that is closed with bytes unread is reset. Then whoever sends meets a broken pipe, and what
//! was answered may be lost with it: a refusal that comes early, above all one of an upload, never arrives.
//! nginx closes in this way, too, and calls it `lingering_close`.

#[cfg(test)]
mod tests;

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::Router;
use axum::body::{Bytes, HttpBody};
use axum::http::{Request, header};
use axum::response::Response;
use http_body_util::BodyExt;
use hyper::body::{Frame, SizeHint};
use tower::ServiceExt;

use crate::base::Lifecycle;

/// How long is waited for what nobody reads. These are nginx's bounds.
#[derive(Debug, Clone, Copy)]
struct Patience {
    /// For all of it.
    whole: Duration,
    /// For the next piece.
    piece: Duration,
}

const PATIENCE: Patience = Patience {
    whole: Duration::from_secs(30),
    piece: Duration::from_secs(5),
};

/// Answers the requests of one connection, each when all of it has been read or dropped.
#[derive(Debug)]
pub(super) struct Linger<B> {
    /// Where the body ends up that was not read to its end. One place a connection, whose requests come one
    /// after another, so that a request takes no memory for it.
    rest: Mutex<Option<B>>,
    /// Whether what is left of a body is waited for. Not once its answer goes out: a stream is read while it is
    /// answered, and whoever answers it reads it to its end.
    is_waiting: AtomicBool,
    lifecycle: Lifecycle,
    patience: Patience,
}

impl<B> Linger<B>
where
    B: HttpBody<Data = Bytes> + Send + Unpin + 'static,
    B::Error: Into<axum::BoxError>,
{
    /// For a connection that is open until the process goes down.
    pub(super) fn new(lifecycle: Lifecycle) -> Self {
        Self {
            rest: Mutex::default(),
            is_waiting: AtomicBool::new(false),
            lifecycle,
            patience: PATIENCE,
        }
    }

    /// What `router` answers.
    pub(super) async fn answer(
        self: Arc<Self>,
        router: Router,
        request: Request<B>,
    ) -> Result<Response, Infallible> {
        // One request of a connection comes after the other, on whichever thread: no more order is needed.
        self.is_waiting.store(true, Ordering::Relaxed);
        let asks_first = request.headers().contains_key(header::EXPECT);
        let request = request.map(|body| Arriving {
            body: Some(body),
            is_sent: !asks_first,
            linger: Arc::clone(&self),
        });
        let answer = router.oneshot(request).await;
        self.is_waiting.store(false, Ordering::Relaxed);
        let rest = self.rest().take();
        if let Some(rest) = rest {
            self.pass_over(rest).await;
        }
        answer
    }

    /// Reads and drops what comes, until it ends, no more comes, or the process is to stop.
    async fn pass_over(&self, mut rest: B) {
        let passing = async {
            while let Ok(Some(Ok(_))) = tokio::time::timeout(self.patience.piece, rest.frame()).await {}
        };
        tokio::select! {
            _ = tokio::time::timeout(self.patience.whole, passing) => {}
            () = self.lifecycle.stopping() => {}
        }
    }
}

impl<B> Linger<B> {
    fn rest(&self) -> MutexGuard<'_, Option<B>> {
        self.rest.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A body that leaves what was not read of it.
struct Arriving<B: HttpBody + Unpin> {
    /// There until it has ended or broken off.
    body: Option<B>,
    /// Whether it is under way. A sender that asks first (`Expect: 100-continue`) waits until somebody reads.
    is_sent: bool,
    linger: Arc<Linger<B>>,
}

impl<B: HttpBody + Unpin> HttpBody for Arriving<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        self.is_sent = true;
        let Some(body) = self.body.as_mut() else {
            return Poll::Ready(None);
        };
        let frame = ready!(Pin::new(body).poll_frame(context));
        if !matches!(frame, Some(Ok(_))) {
            self.body = None;
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(B::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        let nothing = || SizeHint::with_exact(0);
        self.body.as_ref().map_or_else(nothing, B::size_hint)
    }
}

impl<B: HttpBody + Unpin> Drop for Arriving<B> {
    fn drop(&mut self) {
        if self.is_sent && !self.is_end_stream() && self.linger.is_waiting.load(Ordering::Relaxed) {
            let rest = self.body.take();
            *self.linger.rest() = rest;
        }
    }
}
