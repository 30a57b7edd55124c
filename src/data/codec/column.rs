//! One column of a block as bytes.

use std::ops::Range;

use crate::data::table::Column;

/// What a column's bytes hold. The numbers are part of the format: they never change.
mod encoding {
    pub const NUMBER: u8 = 1;
    pub const INTEGER: u8 = 2;
    pub const BOOLEAN: u8 = 3;
    pub const CATEGORY: u8 = 4;
    pub const TEXT: u8 = 5;
    pub const TIMESTAMP: u8 = 6;
}

/// What is wrong with a column's bytes.
#[derive(Debug)]
pub(super) enum Fault {
    /// The encoding has no number that this version knows.
    UnknownEncoding,
    /// The bytes are not what the format says.
    Damaged(&'static str),
}

/// Appends the cells at `rows` to `out`; returns the encoding's number.
pub(super) fn encode(column: &Column, rows: Range<usize>, out: &mut Vec<u8>) -> u8 {
    validity(column, rows.clone(), out);
    match column {
        Column::Number(values) => {
            let there = values[rows].iter().filter(|value| !value.is_nan());
            there.for_each(|value| out.extend_from_slice(&value.to_le_bytes()));
            encoding::NUMBER
        }
        Column::Integer(values) => {
            values[rows]
                .iter()
                .flatten()
                .for_each(|value| out.extend_from_slice(&value.to_le_bytes()));
            encoding::INTEGER
        }
        Column::Boolean(values) => {
            out.extend(values[rows].iter().flatten().map(|&value| u8::from(value)));
            encoding::BOOLEAN
        }
        Column::Category(codes) => {
            let there = codes[rows].iter().filter(|&&code| code != Column::NO_LEVEL);
            there.for_each(|code| out.extend_from_slice(&code.to_le_bytes()));
            encoding::CATEGORY
        }
        Column::Text(values) => {
            let there = || values[rows.clone()].iter().flatten();
            // A block's text is below 2^32 bytes, so each length fits.
            there().for_each(|text| out.extend_from_slice(&(text.len() as u32).to_le_bytes()));
            there().for_each(|text| out.extend_from_slice(text.as_bytes()));
            encoding::TEXT
        }
        Column::Timestamp(values) => {
            values[rows]
                .iter()
                .flatten()
                .for_each(|value| out.extend_from_slice(&value.to_le_bytes()));
            encoding::TIMESTAMP
        }
    }
}

fn validity(column: &Column, rows: Range<usize>, out: &mut Vec<u8>) {
    if !rows.clone().any(|row| column.is_missing(row)) {
        out.push(0);
        return;
    }
    out.push(1);
    let start = out.len();
    out.resize(start + rows.len().div_ceil(8), 0);
    for (bit, row) in rows.enumerate() {
        out[start + bit / 8] |= u8::from(!column.is_missing(row)) << (bit % 8);
    }
}

/// The column of `rows` cells that `payload` holds.
pub(super) fn decode(encoding: u8, payload: &[u8], rows: usize) -> Result<Column, Fault> {
    if !(encoding::NUMBER..=encoding::TIMESTAMP).contains(&encoding) {
        return Err(Fault::UnknownEncoding);
    }
    let (present, values) = presence(payload, rows)?;
    Ok(match encoding {
        encoding::NUMBER => {
            let numbers = spread(&present, fixed(values)?.map(f64::from_le_bytes))?;
            if numbers.iter().flatten().any(|number| number.is_nan()) {
                return Err(Fault::Damaged("a number that is there is not a number"));
            }
            Column::Number(
                numbers
                    .into_iter()
                    .map(|number| number.unwrap_or(f64::NAN))
                    .collect(),
            )
        }
        encoding::INTEGER => Column::Integer(spread(&present, fixed(values)?.map(i64::from_le_bytes))?),
        encoding::BOOLEAN => {
            if values.iter().any(|&byte| byte > 1) {
                return Err(Fault::Damaged("a boolean is neither true nor false"));
            }
            Column::Boolean(spread(&present, values.iter().map(|&byte| byte == 1))?)
        }
        encoding::CATEGORY => {
            let codes = spread(&present, fixed(values)?.map(u32::from_le_bytes))?;
            if codes.contains(&Some(Column::NO_LEVEL)) {
                return Err(Fault::Damaged("a category that is there has no level"));
            }
            Column::Category(
                codes
                    .into_iter()
                    .map(|code| code.unwrap_or(Column::NO_LEVEL))
                    .collect(),
            )
        }
        encoding::TEXT => Column::Text(spread(&present, texts(values, &present)?.into_iter())?),
        _ => Column::Timestamp(spread(&present, fixed(values)?.map(i64::from_le_bytes))?),
    })
}

/// Which cells are there, and the bytes that follow.
fn presence(payload: &[u8], rows: usize) -> Result<(Vec<bool>, &[u8]), Fault> {
    match payload.split_first() {
        Some((0, values)) => Ok((vec![true; rows], values)),
        Some((1, rest)) => {
            let (bitmap, values) = rest
                .split_at_checked(rows.div_ceil(8))
                .ok_or(Fault::Damaged("a column ends in its bitmap"))?;
            Ok((
                (0..rows)
                    .map(|row| bitmap[row / 8] >> (row % 8) & 1 == 1)
                    .collect(),
                values,
            ))
        }
        _ => Err(Fault::Damaged("a column does not say whether cells are missing")),
    }
}

fn fixed<const N: usize>(values: &[u8]) -> Result<impl ExactSizeIterator<Item = [u8; N]>, Fault> {
    let (chunks, rest) = values.as_chunks::<N>();
    if rest.is_empty() {
        Ok(chunks.iter().copied())
    } else {
        Err(Fault::Damaged("a column ends in the middle of a value"))
    }
}

/// Puts the values of the cells that are there into their places.
fn spread<T>(
    present: &[bool],
    mut values: impl ExactSizeIterator<Item = T>,
) -> Result<Vec<Option<T>>, Fault> {
    if values.len() != present.iter().filter(|&&there| there).count() {
        return Err(Fault::Damaged("a column has more or fewer values than cells"));
    }
    Ok(present
        .iter()
        .map(|&there| if there { values.next() } else { None })
        .collect())
}

fn texts(values: &[u8], present: &[bool]) -> Result<Vec<String>, Fault> {
    let count = present.iter().filter(|&&there| there).count();
    let (lengths, mut bytes) = values
        .split_at_checked(4 * count)
        .ok_or(Fault::Damaged("a column ends in its texts' lengths"))?;
    let mut texts = Vec::with_capacity(count);
    for length in fixed(lengths)?.map(u32::from_le_bytes) {
        let (text, rest) = bytes
            .split_at_checked(length as usize)
            .ok_or(Fault::Damaged("a column ends in a text"))?;
        let text = std::str::from_utf8(text).map_err(|_| Fault::Damaged("a text is not UTF-8"))?;
        texts.push(text.to_owned());
        bytes = rest;
    }
    if bytes.is_empty() {
        Ok(texts)
    } else {
        Err(Fault::Damaged("a column has more text than cells"))
    }
}
