//! An answer that arrives piece by piece, while what it answers is still being sent.

use anyhow::Context;
use axum::body::{Body, Bytes, HttpBody};
use http_body_util::BodyExt;
use hyper::header::CONTENT_TYPE;
use hyper::{Method, Request, Response, StatusCode};
use tower::ServiceExt;

use super::refusal::refusal;
use super::{Client, Transport, exchange};
use crate::cli::error::Failure;

/// How an answer went that was taken piece by piece.
enum Taken {
    /// It was none that was asked for.
    Refused(StatusCode, Bytes),
    /// All of it was taken.
    Whole,
}

impl Client {
    /// Sends `body`, of the type `kind`, to `path`, and gives `take` each piece of the answer as it arrives.
    ///
    /// # Errors
    /// The server's, the connection's, or that of `take`.
    pub async fn stream(
        &self,
        path: &str,
        kind: &'static str,
        body: Body,
        take: impl FnMut(&[u8]) -> anyhow::Result<()>,
    ) -> Result<(), Failure> {
        let request = Request::builder()
            .method(Method::POST)
            .uri(path)
            .header("host", "localhost")
            .header(CONTENT_TYPE, kind)
            .body(body)
            .context("the request cannot be made")?;
        let taken = match &self.0 {
            Transport::Here { router, .. } => taken(router.clone().oneshot(request).await?, take).await?,
            Transport::Socket(folder) => {
                exchange::exchanged(folder, request, async |response| taken(response, take).await).await?
            }
        };
        match taken {
            Taken::Whole => Ok(()),
            Taken::Refused(status, bytes) => Err(refusal(status, &bytes)),
        }
    }
}

async fn taken<B>(
    response: Response<B>,
    mut take: impl FnMut(&[u8]) -> anyhow::Result<()>,
) -> anyhow::Result<Taken>
where
    B: HttpBody<Data = Bytes> + Unpin,
    anyhow::Error: From<B::Error>,
{
    let (head, mut body) = response.into_parts();
    if !head.status.is_success() {
        return Ok(Taken::Refused(head.status, body.collect().await?.to_bytes()));
    }
    while let Some(frame) = body.frame().await {
        if let Ok(piece) = frame?.into_data() {
            take(&piece)?;
        }
    }
    Ok(Taken::Whole)
}
