//! Scoring a file: its rows go through the API by the line, and no more of it is in memory than is under way.

mod rows;

use std::fs::File;
use std::io::{BufWriter, Read, Write};
use std::path::Path;
use std::sync::PoisonError;

use anyhow::{Context, anyhow};
use axum::body::{Body, Bytes};
use clap::ValueEnum;
use futures_util::stream;
use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::super::client::{Client, segment};
use super::super::error::Failure;
use super::super::output;
use super::super::progress::{bar, style};
use super::{told_apart, version};
use rows::{Refused, Rows};

/// What follows a row that is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum OnError {
    /// The next ones.
    Continue,
    /// Nothing.
    Stop,
}

/// Pieces of rows that wait to be sent.
const WAITING: usize = 4;

/// Has the rows of `file` answered by `model`, and writes the answers to `output`, or shows them.
///
/// # Errors
/// The file cannot be read or written, a row is wrong, or the server's.
pub async fn score(
    client: &Client,
    model: &str,
    wanted: Option<&str>,
    file: &Path,
    output: Option<&Path>,
    on_error: OnError,
) -> Result<(), Failure> {
    let inputs = version(client, model, wanted).await?["inputs"].take();
    let refused = Refused::default();
    let rows = Rows::open(file, &inputs, &refused)?;
    let bar = bar(rows.length().unwrap_or(0)).with_style(style(
        "{bytes}/{total_bytes} [{bar:40}] {msg} rows  {elapsed_precise}",
    ));
    let mut answers = Answers::to(output, refused)?;
    let (sender, pieces) = mpsc::channel::<anyhow::Result<Bytes>>(WAITING);
    let progress = bar.clone();
    let reading =
        tokio::task::spawn_blocking(move || send_rows(rows, &sender, &|read| progress.set_position(read)));
    let body = stream::unfold(pieces, async |mut pieces| Some((pieces.recv().await?, pieces)));
    let mut path = format!("/api/v1/predict?model={}", segment(model));
    if let Some(version) = wanted {
        path.push_str(&format!("&model_version={}", segment(version)));
    }
    if on_error == OnError::Stop {
        path.push_str("&on_error=stop");
    }
    let take = |piece: &[u8]| {
        answers.take(piece)?;
        bar.set_message(answers.rows.to_string());
        Ok(())
    };
    let sent = client
        .stream(&path, "application/x-ndjson", Body::from_stream(body), take)
        .await;
    // What is wrong with the file is why the stream broke off, and not the other way round.
    let read = reading.await.context("reading the file broke off")?;
    bar.finish_and_clear();
    read?;
    if let Err(failure) = sent {
        return Err(match wanted {
            None => told_apart(client, model, failure).await,
            Some(_) => failure,
        });
    }
    answers.end(output)
}

/// The rows of `file` as objects, all of them: the periods of a series.
///
/// # Errors
/// The file cannot be read, or a row is wrong.
pub fn periods(file: &Path, inputs: &Value) -> Result<Vec<Value>, Failure> {
    let refused = Refused::default();
    let mut rows = Rows::open(file, inputs, &refused)?;
    let mut text = Vec::new();
    while let Some(piece) = rows.next()? {
        text.extend(piece);
    }
    let refused = refused.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((row, why)) = refused.first_key_value() {
        return Err(Failure::input(anyhow!("{}: row {row}: {why}", file.display())));
    }
    let lines = text
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.trim_ascii().is_empty());
    let read = |(row, line): (usize, &[u8])| {
        serde_json::from_slice(line)
            .with_context(|| format!("{}: row {}", file.display(), row + 1))
            .map_err(Failure::Input)
    };
    lines.enumerate().map(read).collect()
}

/// Sends the rows on, piece by piece, until nobody takes them.
fn send_rows(
    mut rows: Rows,
    sender: &mpsc::Sender<anyhow::Result<Bytes>>,
    progress: &dyn Fn(u64),
) -> Result<(), Failure> {
    loop {
        let piece = match rows.next() {
            Ok(Some(piece)) => piece,
            Ok(None) => return Ok(()),
            Err(failure) => {
                // Without its end, no half of the file is taken for the whole.
                let _ = sender.blocking_send(Err(anyhow!("the file cannot be read on")));
                return Err(failure);
            }
        };
        progress(rows.read());
        if sender.blocking_send(Ok(piece.into())).is_err() {
            return Ok(());
        }
    }
}

/// Answers on their way into a file, or to whoever looks.
struct Answers {
    out: Box<dyn Write>,
    /// The line that has not ended yet.
    line: Vec<u8>,
    rows: u64,
    wrong: u64,
    /// The first that is wrong: its row, and why.
    first: Option<(Value, String)>,
    /// What is wrong in the file itself.
    refused: Refused,
}

impl Answers {
    fn to(output: Option<&Path>, refused: Refused) -> Result<Self, Failure> {
        let out: Box<dyn Write> = match output {
            Some(path) => {
                let file =
                    File::create(path).with_context(|| format!("{} cannot be written", path.display()));
                Box::new(BufWriter::new(file.map_err(Failure::Input)?))
            }
            None => Box::new(BufWriter::new(std::io::stdout())),
        };
        Ok(Self {
            out,
            line: Vec::new(),
            rows: 0,
            wrong: 0,
            first: None,
            refused,
        })
    }

    fn take(&mut self, piece: &[u8]) -> anyhow::Result<()> {
        for part in piece.split_inclusive(|byte| *byte == b'\n') {
            self.line.extend_from_slice(part);
            if part.ends_with(b"\n") {
                self.count()?;
            }
        }
        Ok(())
    }

    /// Counts a line, and writes it.
    fn count(&mut self) -> anyhow::Result<()> {
        self.rows += 1;
        if self.line.starts_with(b"{\"error\":") {
            self.wrong += 1;
            let mut told: Value = serde_json::from_slice(&self.line).unwrap_or_default();
            let mut refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(why) = told["row"].as_u64().and_then(|row| refused.remove(&row)) {
                told["error"] = json!({ "code": "bad_row", "message": why, "detail": {} });
                self.line = told.to_string().into_bytes();
                self.line.push(b'\n');
            }
            drop(refused);
            let why = || (told["row"].clone(), output::text(&told["error"]["message"]));
            self.first.get_or_insert_with(why);
        }
        let written = self.out.write_all(&self.line);
        self.line.clear();
        written.context("the answers cannot be written")
    }

    fn end(mut self, output: Option<&Path>) -> Result<(), Failure> {
        let rest = self.out.write_all(&self.line);
        rest.and_then(|()| self.out.flush())
            .context("the answers cannot be written")?;
        if let Some((row, why)) = self.first {
            return Err(Failure::input(anyhow!(
                "{} of {} rows are wrong; the first is row {row}: {why}",
                self.wrong,
                self.rows
            )));
        }
        if let Some(path) = output {
            output::note(&format!("{} rows answered in {}", self.rows, path.display()));
        }
        Ok(())
    }
}

/// Reads up to `length` bytes, or to the end.
fn read_some(source: &mut dyn Read, length: usize) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(length);
    source.take(length as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}
