//! Predictions by the line: rows come in and answers go out as long as they last, in bounded memory.
//!
//! A task of its own takes lines as they arrive, answers them, and waits until its answers are taken: whoever
//! reads slowly is sent slowly, and read from slowly. Who neither sends nor takes for a while loses its place.

mod scoring;

use std::panic::AssertUnwindSafe;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{FromRequestParts, Request};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::Response;
use futures_util::{FutureExt, StreamExt, stream};
use serde::Deserialize;
use tokio::sync::mpsc;
use utoipa::IntoParams;

use super::lines::Lines;
use super::request::Explain;
use super::servable;
use crate::api::Api;
use crate::api::body::check_type;
use crate::api::error::ApiError;
use crate::api::limits::StreamPlace;
use crate::api::query::{Params, parsed_by};
use scoring::Scoring;

/// The type of rows and of answers.
pub(super) const NDJSON: &str = "application/x-ndjson";

/// Which model answers.
pub(super) const MODEL: HeaderName = HeaderName::from_static("x-model");
/// Which version answers.
pub(super) const VERSION: HeaderName = HeaderName::from_static("x-model-version");

/// How long the next piece may take to arrive, or to be taken. The whole may take as long as its rows take.
const PIECE_PATIENCE: Duration = Duration::from_secs(30);

/// How long is read and dropped what comes behind the end of the answers.
const REST_PATIENCE: Duration = Duration::from_secs(30);

/// Answers that wait to be taken, in pieces of about [`scoring::PIECE`] bytes.
const WAITING: usize = 2;

/// What a stream of rows, or a table, says of itself; with one row as JSON, the body says it.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct StreamQuery {
    /// Of a stream or a table: the model; the default model without it.
    model: Option<String>,
    /// Of a stream or a table: the version's label, number or stage; the one in production without it.
    model_version: Option<String>,
    /// Of a stream: true, or how many features to name, to have each row explained.
    #[param(value_type = Option<String>)]
    #[serde(default, deserialize_with = "parsed_by")]
    explain: Option<Explain>,
    /// Of a stream: what follows a row that is wrong. continue (its error takes the place of its answer, and the
    /// others go on) or stop (its error is the last line).
    #[param(value_type = Option<String>)]
    #[serde(default, deserialize_with = "parsed_by")]
    on_error: Option<OnError>,
}

/// What follows a row that is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum OnError {
    Continue,
    Stop,
}

impl FromStr for OnError {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        match text {
            "continue" => Ok(Self::Continue),
            "stop" => Ok(Self::Stop),
            _ => Err("expected continue or stop"),
        }
    }
}

/// Whether the rows of a request come by the line.
pub(super) fn is_stream(headers: &HeaderMap) -> bool {
    check_type(headers, NDJSON).is_ok()
}

/// Answers a stream of rows: at once with what is known, and then line by line.
pub(super) async fn answer(api: &Api, request: Request) -> Result<Response, ApiError> {
    let (mut parts, body) = request.into_parts();
    let Params(query) = Params::<StreamQuery>::from_request_parts(&mut parts, &()).await?;
    let servable = servable(api, query.model.as_deref(), query.model_version.as_deref()).await?;
    servable.rows()?;
    let place = api.limits().stream_place()?;
    let (sender, pieces) = mpsc::channel(WAITING);
    let model = HeaderValue::from_str(servable.model().as_str());
    let version = HeaderValue::from_str(servable.label());
    let flow = Flow {
        body,
        sender,
        scoring: Scoring::new(
            Arc::clone(&servable),
            query.explain.unwrap_or_default(),
            query.on_error == Some(OnError::Stop),
        ),
        _place: place,
    };
    let stopping = api.lifecycle.stopping();
    // A row that makes the model panic ends its stream alone: without a last piece, it is seen to have broken off.
    let task = AssertUnwindSafe(flow.run(stopping)).catch_unwind();
    api.lifecycle.spawn("a stream of predictions", async move {
        if task.await.is_err() {
            tracing::error!("answering a stream of rows panicked");
        }
    });
    let taken = stream::unfold(pieces, async |mut pieces: mpsc::Receiver<Piece>| {
        let piece = pieces.recv().await.unwrap_or(Piece::BrokeOff);
        match piece {
            Piece::Lines(lines) => Some((Ok(lines), pieces)),
            Piece::End => None,
            Piece::BrokeOff => {
                // The connection sends what it has before it waits; broken off at once, it would drop the line
                // that says why.
                tokio::task::yield_now().await;
                Some((Err(BrokeOff), pieces))
            }
        }
    });
    let mut response = Response::new(Body::from_stream(taken));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(NDJSON));
    for (name, value) in [(MODEL, model), (VERSION, version)] {
        if let Ok(value) = value {
            headers.insert(name, value);
        }
    }
    Ok(response)
}

/// What goes out.
enum Piece {
    /// Some answers.
    Lines(Bytes),
    /// There are no more.
    End,
    /// There should be more. The connection is closed, so that no half is taken for a whole.
    BrokeOff,
}

/// The answers end before the rows did; their last line says why.
#[derive(Debug, thiserror::Error)]
#[error("the stream of answers broke off")]
struct BrokeOff;

/// Whoever takes the answers is gone.
struct Gone;

/// A stream on its way.
struct Flow {
    body: Body,
    sender: mpsc::Sender<Piece>,
    scoring: Scoring,
    _place: StreamPlace,
}

impl Flow {
    /// Answers until the rows end, something is in the way, or nobody takes the answers.
    async fn run(self, stopping: impl Future<Output = ()>) {
        let Self {
            body,
            sender,
            mut scoring,
            _place,
        } = self;
        let mut body = body.into_data_stream();
        let mut lines = Lines::default();
        tokio::pin!(stopping);
        loop {
            let arrived = tokio::select! {
                arrived = tokio::time::timeout(PIECE_PATIENCE, body.next()) => match arrived {
                    Ok(piece) => piece.transpose().map_err(|_| ApiError::BodyBroken),
                    Err(_) => Err(ApiError::TimedOut { seconds: PIECE_PATIENCE.as_secs() }),
                },
                () = &mut stopping => Err(ApiError::GoingDown),
            };
            let is_end = match arrived {
                Ok(Some(piece)) => {
                    lines.push(&piece);
                    false
                }
                Ok(None) => {
                    lines.end();
                    true
                }
                Err(error) => {
                    scoring.refuse(&error);
                    if send(&sender, Piece::Lines(scoring.take())).await.is_ok() {
                        let _ = send(&sender, Piece::BrokeOff).await;
                    }
                    return;
                }
            };
            if answer_lines(&mut lines, &mut scoring, &sender).await.is_err() {
                return;
            }
            if scoring.has_stopped() || is_end {
                break;
            }
        }
        if send(&sender, Piece::End).await.is_ok() && scoring.has_stopped() {
            // A connection that is closed with bytes unread takes the answers with it.
            let rest = async { while let Some(Ok(_)) = body.next().await {} };
            tokio::select! {
                _ = tokio::time::timeout(REST_PATIENCE, rest) => {}
                () = &mut stopping => {}
            }
        }
    }
}

/// Answers the lines that are whole, and hands the answers over.
async fn answer_lines(
    lines: &mut Lines,
    scoring: &mut Scoring,
    sender: &mpsc::Sender<Piece>,
) -> Result<(), Gone> {
    while scoring.answer(lines) {
        send(sender, Piece::Lines(scoring.take())).await?;
        // There may be room for many pieces, and others want this thread too.
        tokio::task::yield_now().await;
    }
    Ok(())
}

async fn send(sender: &mpsc::Sender<Piece>, piece: Piece) -> Result<(), Gone> {
    match tokio::time::timeout(PIECE_PATIENCE, sender.send(piece)).await {
        Ok(Ok(())) => Ok(()),
        _ => Err(Gone),
    }
}
