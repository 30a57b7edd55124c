//! A body that arrives bit by bit, for a thread that reads it: a few pieces wait at most.

use std::io::{self, Read};
use std::time::Duration;

use axum::body::{Body, Bytes};
use futures_util::StreamExt;
use tokio::sync::mpsc;

use super::error::ApiError;

/// The largest table that is taken in at once.
pub(super) const MAX_UPLOAD: usize = 64 << 30;

/// How long the next piece may take to arrive. The whole may take as long as its bytes take.
const PIECE_PATIENCE: Duration = Duration::from_secs(30);

/// Reads a body from a plain thread.
pub struct BodyReader {
    /// The pieces; none is the end, said in so many words: when the request is dropped in its middle,
    /// nobody is left to say anything, and half a table must not look like a whole one.
    pieces: mpsc::Receiver<io::Result<Option<Bytes>>>,
    rest: Bytes,
    has_ended: bool,
}

impl BodyReader {
    /// The reader, and what feeds it; the two end together. What feeds it says why it broke off.
    ///
    /// Once `stopping` resolves, the rest of the body is not waited for: it may never come, and until it does
    /// the process could not end.
    pub fn of(
        body: Body,
        stopping: impl Future<Output = ()>,
    ) -> (Self, impl Future<Output = Result<(), ApiError>>) {
        let (sender, pieces) = mpsc::channel(4);
        let feeding = async move {
            let fed = tokio::select! {
                fed = feed(body, &sender) => fed,
                () = stopping => Err(ApiError::GoingDown),
            };
            if let Err(error) = &fed {
                // The reader must not take a body that broke off for one that ended.
                let _ = sender.send(Err(io::Error::other(error.to_string()))).await;
            }
            fed
        };
        let reader = Self {
            pieces,
            rest: Bytes::new(),
            has_ended: false,
        };
        (reader, feeding)
    }
}

async fn feed(body: Body, sender: &mpsc::Sender<io::Result<Option<Bytes>>>) -> Result<(), ApiError> {
    let mut body = body.into_data_stream();
    let mut length = 0;
    loop {
        let next = tokio::time::timeout(PIECE_PATIENCE, body.next()).await;
        let next = next.map_err(|_| ApiError::TimedOut {
            seconds: PIECE_PATIENCE.as_secs(),
        })?;
        let piece = next.transpose().map_err(|_| ApiError::BodyBroken)?;
        let is_end = piece.is_none();
        length += piece.as_ref().map_or(0, Bytes::len);
        if length > MAX_UPLOAD {
            return Err(ApiError::BodyTooLarge { limit: MAX_UPLOAD });
        }
        // A reader that is gone has seen enough, for example a mistake in the first line; it says so itself.
        if sender.send(Ok(piece)).await.is_err() || is_end {
            return Ok(());
        }
    }
}

impl Read for BodyReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.rest.is_empty() && !self.has_ended {
            match self
                .pieces
                .blocking_recv()
                .ok_or(io::ErrorKind::UnexpectedEof)??
            {
                Some(piece) => self.rest = piece,
                None => self.has_ended = true,
            }
        }
        let length = self.rest.len().min(buffer.len());
        buffer[..length].copy_from_slice(&self.rest.split_to(length));
        Ok(length)
    }
}
