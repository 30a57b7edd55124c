//! Lines into answers.

use std::sync::Arc;

use axum::body::Bytes;
use serde::Serialize;

use super::super::answer::write_line;
use super::super::explanation::ExplanationView;
use super::super::lines::{Line, Lines, MAX_LINE};
use super::super::request::{Explain, parse_row};
use crate::api::error::{ApiError, ToldView};
use crate::platform::predictor::{Row, RowModel, Scorer, Servable};

/// Answers are handed over when there are so many bytes of them, or no more rows.
pub(super) const PIECE: usize = 64 << 10;

/// Rows that are answered before others have a turn.
const ROWS_AT_ONCE: usize = 256;

/// Explaining a row takes as long as answering hundreds.
const EXPLAINED_AT_ONCE: usize = 8;

/// Answers lines as they come.
pub(super) struct Scoring {
    servable: Arc<Servable>,
    explain: Option<usize>,
    stops: bool,
    has_stopped: bool,
    /// Rows so far.
    rows: u64,
    out: Vec<u8>,
}

/// What a row that is wrong is answered.
#[derive(Serialize)]
struct Refusal {
    error: ToldView,
    /// Which row, from 1; blank lines are none.
    row: u64,
}

impl Scoring {
    /// Answers of `servable`; `stops`: the first row that is wrong is the last.
    pub(super) fn new(servable: Arc<Servable>, explain: Explain, stops: bool) -> Self {
        Self {
            servable,
            explain: explain.top(),
            stops,
            has_stopped: false,
            rows: 0,
            out: Vec::new(),
        }
    }

    /// Whether a wrong row has ended the stream.
    pub(super) fn has_stopped(&self) -> bool {
        self.has_stopped
    }

    /// Answers some of the lines that are whole; says whether there were any.
    pub(super) fn answer(&mut self, lines: &mut Lines) -> bool {
        if self.explain.is_some() {
            return tokio::task::block_in_place(|| self.answer_some(lines, EXPLAINED_AT_ONCE));
        }
        self.answer_some(lines, ROWS_AT_ONCE)
    }

    fn answer_some(&mut self, lines: &mut Lines, at_once: usize) -> bool {
        let servable = Arc::clone(&self.servable);
        let model = match servable.rows() {
            Ok(model) => model,
            // Asked before the stream began.
            Err(error) => {
                self.has_stopped = true;
                self.write_refusal(&error.into());
                return true;
            }
        };
        let mut scorer = model.scorer();
        let mut answered = 0;
        while answered < at_once && self.out.len() < PIECE && !self.has_stopped {
            let Some(line) = lines.next() else { break };
            answered += 1;
            self.rows += 1;
            let written = match &line {
                Line::TooLong => Err(ApiError::BodyTooLarge { limit: MAX_LINE }),
                Line::Whole(line) => parse_row(line).and_then(|row| self.write(model, &mut scorer, &row)),
            };
            if let Err(error) = written {
                self.has_stopped = self.stops;
                self.write_refusal(&error);
            }
        }
        answered > 0
    }

    fn write(&mut self, model: &RowModel, scorer: &mut Scorer<'_>, row: &Row<'_>) -> Result<(), ApiError> {
        let servable = &self.servable;
        let Some(top) = self.explain else {
            return write_line(servable, scorer.score(row)?, None, &mut self.out);
        };
        let (answers, explained) = model.explain(std::slice::from_ref(row), top)?;
        for (values, row) in answers.rows().zip(&explained) {
            let explanation = ExplanationView::new(servable, model, row);
            write_line(servable, values, Some(explanation), &mut self.out)?;
        }
        Ok(())
    }

    /// Says why there are no more answers, in the place of the next.
    pub(super) fn refuse(&mut self, error: &ApiError) {
        self.rows += 1;
        self.write_refusal(error);
    }

    fn write_refusal(&mut self, error: &ApiError) {
        let refusal = Refusal {
            error: error.told(),
            row: self.rows,
        };
        // Texts and numbers are always written.
        if serde_json::to_writer(&mut self.out, &refusal).is_ok() {
            self.out.push(b'\n');
        }
    }

    /// The answers that are not handed over yet.
    pub(super) fn take(&mut self) -> Bytes {
        std::mem::take(&mut self.out).into()
    }
}
