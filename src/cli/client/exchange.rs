//! One request to a running server, and its answer, on a connection of its own.

use std::io;
use std::path::Path;
use std::pin::Pin;
use std::task::{Context, Poll};

use anyhow::Context as _;
use axum::body::{Body, Bytes};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::cli::socket;

/// Sends `request` through the socket in `folder`.
///
/// # Errors
/// The connection's: nobody listens, or there was no answer.
pub(super) async fn over_socket(
    folder: &Path,
    request: Request<Body>,
) -> anyhow::Result<(StatusCode, Bytes)> {
    exchanged(folder, request, async |response| {
        let (head, body) = response.into_parts();
        Ok((head.status, body.collect().await?.to_bytes()))
    })
    .await
}

/// Sends `request` through the socket in `folder`, and has the answer taken while it arrives.
///
/// # Errors
/// The connection's: nobody listens, or the answer broke off; and those of `take`.
pub(super) async fn exchanged<T>(
    folder: &Path,
    request: Request<Body>,
    take: impl AsyncFnOnce(Response<Incoming>) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let stream = socket::connect(folder).await.context("the server is gone")?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(AnswerFirst::new(stream))).await?;
    let exchange = async { take(sender.send_request(request).await?).await };
    tokio::pin!(exchange);
    // The connection moves the bytes while the exchange waits for them.
    let answered = tokio::select! {
        exchanged = &mut exchange => exchanged,
        // It ends with the last byte of an answer, too, which is to be had then.
        ended = connection => match exchange.await {
            Err(error) => Err(ended.err().map_or(error, anyhow::Error::from)),
            answered => answered,
        },
    };
    answered.context("the connection ended before the server had answered")
}

/// A stream that reads on when the other side takes no more.
///
/// A server may refuse a body in its middle and close. Of this the sender learns twice, by a broken pipe and
/// by the answer, and it is the answer that says why.
struct AnswerFirst<S> {
    stream: S,
    /// Whether the other side takes no more; what is written then is dropped.
    is_deaf: bool,
}

impl<S> AnswerFirst<S> {
    fn new(stream: S) -> Self {
        let is_deaf = false;
        Self { stream, is_deaf }
    }

    /// What writing came to. With the other side gone it is as if it were `done`.
    fn heard<T>(&mut self, wrote: Poll<io::Result<T>>, done: T) -> Poll<io::Result<T>> {
        match wrote {
            Poll::Ready(Err(error)) if is_gone(&error) => {
                self.is_deaf = true;
                Poll::Ready(Ok(done))
            }
            other => other,
        }
    }
}

fn is_gone(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionReset | io::ErrorKind::NotConnected
    )
}

impl<S: AsyncRead + Unpin> AsyncRead for AnswerFirst<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for AnswerFirst<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        piece: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.is_deaf {
            return Poll::Ready(Ok(piece.len()));
        }
        let wrote = Pin::new(&mut self.stream).poll_write(context, piece);
        self.heard(wrote, piece.len())
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.stream).poll_flush(context);
        self.heard(flushed, ())
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let closed = Pin::new(&mut self.stream).poll_shutdown(context);
        self.heard(closed, ())
    }
}

#[cfg(test)]
mod tests {
    use futures_util::stream;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    const REFUSAL: &str = "HTTP/1.1 422 No\r\nContent-Length: 6\r\nConnection: close\r\n\r\nreason";

    /// What a server that reads `takes` bytes, writes `answer` and closes is said to have answered.
    async fn sent_to(takes: usize, answer: &str) -> anyhow::Result<(StatusCode, Bytes)> {
        let folder = tempfile::tempdir().unwrap();
        let listener = socket::bind(folder.path()).unwrap();
        let serve = async {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut taken = vec![0; takes];
            stream.read_exact(&mut taken).await.unwrap();
            stream.write_all(answer.as_bytes()).await.unwrap();
        };
        let pieces = (0..64).map(|_| Ok::<_, io::Error>(vec![b'x'; 64 << 10]));
        let body = Body::from_stream(stream::iter(pieces));
        let request = Request::post("/").header("host", "localhost").body(body).unwrap();
        tokio::join!(over_socket(folder.path(), request), serve).0
    }

    #[tokio::test]
    async fn an_answer_that_comes_before_all_is_sent_is_the_answer() {
        for takes in [1, 1_000, 100_000, 1_000_000].repeat(25) {
            let (status, body) = sent_to(takes, REFUSAL).await.unwrap();
            assert_eq!((status.as_u16(), &body[..]), (422, &b"reason"[..]), "{takes}");
        }
    }

    #[tokio::test]
    async fn a_server_that_closes_without_an_answer_is_told_of() {
        for answer in ["", "HTTP/1.1 422 No\r\nContent-Length: 60\r\n\r\nbec"] {
            let error = sent_to(1_000, answer).await.unwrap_err();
            assert!(
                error.to_string().contains("before the server had answered"),
                "{error:#}"
            );
        }
    }
}
