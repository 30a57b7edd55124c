//! Card transactions, some of them fraud: made up, because no real table may be shipped.
//!
//! 30 numeric columns with the meaning that such tables have, and `fraud`, 1 for one row in a hundred.
//! How likely a fraud is follows from ways in which cards are abused, each an interaction of several
//! columns, so that boosted trees find much that a linear model cannot. Some chance is left in the
//! label: no model is perfect.

use std::io::Write;
use std::sync::Arc;

use self::transaction::Transaction;
use super::GenerateError;
use crate::base::{Seed, Stop};
use crate::data::schema::{ColumnType, Field, Schema, SchemaError};
use crate::data::table::{Column, Table};

mod draw;
#[cfg(test)]
mod tests;
mod transaction;

/// The column that says whether a transaction is a fraud: 1 or 0.
pub const TARGET: &str = "fraud";

/// Rows that share a random sequence: a row depends on the seed and its own position alone.
const BLOCK: u64 = 1024;
const COLUMNS: usize = 31;

/// Each column's name and how many decimals its values have; 0 for integers.
const LAYOUT: [(&str, u32); COLUMNS] = [
    ("amount", 2),
    ("hour", 2),
    ("weekday", 0),
    ("seconds_since_last", 0),
    ("km_from_home", 1),
    ("km_from_last", 1),
    ("merchant_risk", 3),
    ("merchant_age_days", 0),
    ("card_age_days", 0),
    ("customer_age", 0),
    ("device_age_days", 0),
    ("transactions_last_hour", 0),
    ("transactions_last_day", 0),
    ("transactions_last_week", 0),
    ("amount_last_day", 2),
    ("mean_amount_30_days", 2),
    ("amount_to_mean", 3),
    ("amount_to_balance", 4),
    ("declined_last_day", 0),
    ("merchants_last_day", 0),
    ("countries_last_week", 0),
    ("online", 0),
    ("abroad", 0),
    ("chip_read", 0),
    ("pin_attempts", 0),
    ("v1", 4),
    ("v2", 4),
    ("v3", 4),
    ("v4", 4),
    ("v5", 4),
    (TARGET, 0),
];

/// A row as whole numbers: each value times ten to its column's decimals. Text and tables are made from
/// the same whole numbers, so that both say the same.
type Row = [i64; COLUMNS];

/// The columns: numbers where values have decimals, else integers; none is ever missing.
///
/// # Errors
/// Never, as long as the names above are unique.
pub fn schema() -> Result<Schema, SchemaError> {
    let kind = |decimals| {
        if decimals == 0 {
            ColumnType::Integer
        } else {
            ColumnType::Number
        }
    };
    Schema::new(
        LAYOUT
            .iter()
            .map(|&(name, decimals)| Field::new(name, kind(decimals)))
            .collect(),
    )
}

/// Writes `rows` transactions as CSV. `progress` is told how many are written so far, about every
/// thousand.
///
/// # Errors
/// When `out` refuses the bytes or `stop` is asked; then what was written is not whole.
pub fn write_csv(
    rows: u64,
    seed: Seed,
    out: &mut dyn Write,
    progress: &mut dyn FnMut(u64),
    stop: &Stop,
) -> Result<(), GenerateError> {
    let mut text = LAYOUT.map(|(name, _)| name).join(",").into_bytes();
    text.push(b'\n');
    for block in blocks(rows, seed) {
        if stop.is_asked() {
            return Err(GenerateError::Stopped { rows: block.start });
        }
        for row in &block.rows {
            write_row(row, &mut text);
        }
        out.write_all(&text)?;
        text.clear();
        progress(block.start + block.rows.len() as u64);
    }
    out.write_all(&text)?;
    out.flush()?;
    Ok(())
}

/// The same `rows` transactions as tables of about `batch_rows` rows, at least 1024.
///
/// # Errors
/// Never, as long as the columns above make a table.
pub fn batches(
    rows: u64,
    seed: Seed,
    batch_rows: usize,
) -> Result<impl Iterator<Item = Result<Table, GenerateError>>, GenerateError> {
    let schema = Arc::new(schema()?);
    let mut blocks = blocks(rows, seed).peekable();
    Ok(std::iter::from_fn(move || {
        blocks.peek()?;
        let many = batch_rows.div_ceil(BLOCK as usize).max(1);
        let batch: Vec<Row> = blocks.by_ref().take(many).flat_map(|block| block.rows).collect();
        Some(table(&schema, &batch))
    }))
}

fn table(schema: &Arc<Schema>, rows: &[Row]) -> Result<Table, GenerateError> {
    let columns = LAYOUT.iter().enumerate().map(|(index, &(_, decimals))| {
        let values = rows.iter().map(|row| row[index]);
        if decimals == 0 {
            Column::Integer(values.map(Some).collect())
        } else {
            // One division of two exact numbers is the double nearest to the decimal: what a reader of
            // the text gets.
            let unit = 10_f64.powi(decimals as i32);
            Column::Number(values.map(|value| value as f64 / unit).collect())
        }
    });
    Ok(Table::new(schema.clone(), columns.collect())?)
}

struct Block {
    start: u64,
    rows: Vec<Row>,
}

fn blocks(rows: u64, seed: Seed) -> impl Iterator<Item = Block> {
    (0..rows.div_ceil(BLOCK)).map(move |block| {
        let mut rng = seed.derive("card-fraud", block).rng();
        let start = block * BLOCK;
        let here = BLOCK.min(rows - start);
        Block {
            start,
            rows: (0..here).map(|_| Transaction::draw(&mut rng).row()).collect(),
        }
    })
}

fn write_row(row: &Row, out: &mut Vec<u8>) {
    for (index, (&value, &(_, decimals))) in row.iter().zip(&LAYOUT).enumerate() {
        if index > 0 {
            out.push(b',');
        }
        write_decimal(value, decimals as usize, out);
    }
    out.push(b'\n');
}

/// Writes `value` / 10^`decimals`, with all its decimals. By hand: `write!` takes ten times as long,
/// and a million rows have thirty million values.
fn write_decimal(value: i64, decimals: usize, out: &mut Vec<u8>) {
    if value < 0 {
        out.push(b'-');
    }
    // An i64 has at most 19 digits; with decimals there is at least one before the point.
    let mut digits = [b'0'; 20];
    let mut first = digits.len();
    let mut rest = value.unsigned_abs();
    while rest > 0 || first + decimals + 1 > digits.len() {
        first -= 1;
        digits[first] = b'0' + (rest % 10) as u8;
        rest /= 10;
    }
    let point = digits.len() - decimals;
    out.extend_from_slice(&digits[first..point]);
    if decimals > 0 {
        out.push(b'.');
        out.extend_from_slice(&digits[point..]);
    }
}
