//! How an input is understood, in place of a prediction.

use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::value::{of_cell, of_encoded};
use crate::api::RequestId;
use crate::api::error::{ApiError, ToldView};
use crate::platform::predictor::{Given, PredictError, Row, RowModel, Servable, Understood, UnderstoodField};

/// How an input is understood. Nothing is predicted.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DryRunAnswer {
    /// Always true.
    dry_run: bool,
    /// Whether all rows would be answered.
    would_answer: bool,
    /// One a row.
    rows: Vec<ReadRowView>,
    /// The model that would answer.
    model: String,
    /// The version that would answer.
    #[schema(example = "v1.0.0")]
    version: String,
    /// Its number.
    number: u64,
    /// Names this request: in the header x-request-id, and in the server's log.
    request_id: String,
}

/// How a row is understood.
#[derive(Debug, Serialize, ToSchema)]
struct ReadRowView {
    /// Whether it would be answered.
    would_answer: bool,
    /// What the model takes, in order.
    fields: Vec<ReadFieldView>,
    /// What was sent and the model does not take.
    unknown_fields: Vec<UnknownFieldView>,
    /// What the model makes of several fields together, by name; null is missing.
    #[schema(value_type = std::collections::BTreeMap<String, Option<f64>>)]
    joint: Map<String, Value>,
    /// What is wrong with the row as a whole.
    error: Option<ToldView>,
}

/// How a field is understood.
#[derive(Debug, Serialize, ToSchema)]
struct ReadFieldView {
    field: String,
    /// number, integer, boolean or category.
    #[serde(rename = "type")]
    kind: String,
    /// sent, missing (null was sent) or absent (nothing was sent).
    #[schema(example = "sent")]
    given: &'static str,
    /// The value as it was read.
    #[schema(value_type = Option<serde_json::Value>)]
    value: Value,
    /// Of a category: whether the training knew the level.
    known_level: Option<bool>,
    /// Of a category: what its level is joined into with others, as (other).
    joined_into: Option<String>,
    /// The numbers that the model gets, by name; null is missing. Empty where the field is wrong.
    #[schema(value_type = std::collections::BTreeMap<String, Option<f64>>)]
    encoded: Map<String, Value>,
    /// What is wrong with it.
    error: Option<ToldView>,
}

/// Something that the model does not take.
#[derive(Debug, Serialize, ToSchema)]
struct UnknownFieldView {
    field: String,
    /// Why the training left out the column of that name; null where there was none.
    dropped: Option<String>,
}

/// How `servable` understands `rows`.
///
/// # Errors
/// There is no row.
pub(super) fn understand(
    servable: &Servable,
    rows: &[Row<'_>],
    request_id: RequestId,
) -> Result<DryRunAnswer, ApiError> {
    if rows.is_empty() {
        return Err(PredictError::NoRows.into());
    }
    if rows.len() > MAX_ROWS {
        return Err(PredictError::TooManyRows { limit: MAX_ROWS }.into());
    }
    let model = servable.rows()?;
    let rows: Vec<ReadRowView> = rows
        .iter()
        .map(|row| of_row(model, model.understand(row)))
        .collect();
    Ok(DryRunAnswer {
        dry_run: true,
        would_answer: rows.iter().all(|row| row.would_answer),
        rows,
        model: servable.model().to_string(),
        version: servable.label().to_owned(),
        number: servable.number(),
        request_id: request_id.to_string(),
    })
}

/// Rows that are looked at in one request: each answers many times what was sent.
const MAX_ROWS: usize = 1_000;

fn of_row(model: &RowModel, understood: Understood<'_>) -> ReadRowView {
    let would_answer = understood.is_right();
    let fields = understood.fields.into_iter().zip(model.inputs());
    ReadRowView {
        would_answer,
        fields: fields
            .map(|(field, input)| of_field(model, field, input.name.clone(), input.kind.to_string()))
            .collect(),
        unknown_fields: understood
            .unknown
            .into_iter()
            .map(|unknown| UnknownFieldView {
                field: unknown.name,
                dropped: unknown.dropped,
            })
            .collect(),
        joint: named(model, &understood.joint),
        error: understood.fault.map(told),
    }
}

fn of_field(model: &RowModel, field: UnderstoodField<'_>, name: String, kind: String) -> ReadFieldView {
    let (given, value) = match &field.given {
        Given::Absent => ("absent", Value::Null),
        Given::Cell(cell) if cell.is_missing() => ("missing", Value::Null),
        Given::Cell(cell) => ("sent", of_cell(cell)),
    };
    ReadFieldView {
        field: name,
        kind,
        given,
        value,
        known_level: field.level.as_ref().map(|level| level.known),
        joined_into: field.level.and_then(|level| level.joined),
        encoded: named(model, &field.encoded),
        error: field.fault.map(told),
    }
}

fn named(model: &RowModel, columns: &[(usize, f32)]) -> Map<String, Value> {
    let named = columns.iter().map(|&(column, number)| {
        let name = model.column_name(column).to_owned();
        (name, of_encoded(number))
    });
    named.collect()
}

fn told(error: PredictError) -> ToldView {
    ApiError::from(error).told()
}
