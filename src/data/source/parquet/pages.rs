//! The pages of a row group, looked at before they are read: what they say of their sizes bounds the memory
//! that reading them takes.

use parquet::basic::Compression;
use parquet::file::metadata::RowGroupMetaData;

use super::fault::ParquetFault;
use super::thrift::{Compact, Fault};
use crate::data::source::error::Problem;
use crate::data::source::input::Input;

/// The most memory that pages and batches take together.
const BUDGET: u64 = 512 << 20;
/// The longest header of a page: statistics stand in it.
const LONGEST_HEADER: usize = 8 << 20;
/// What a cell takes in a batch beside its text.
const CELL: u64 = 32;

/// A page's header.
#[derive(Debug, Default, PartialEq, Eq)]
struct Page {
    kind: i64,
    unpacked: u64,
    packed: u64,
    values: u64,
    header: u64,
}

const DATA: i64 = 0;
const DICTIONARY: i64 = 2;
const DATA_V2: i64 = 3;

/// What reading a column chunk takes.
#[derive(Debug, Default)]
struct Cost {
    /// Whatever is read of it at once.
    fixed: u64,
    /// For every row that is read at once.
    row: u64,
}

/// How many rows, at most `rows`, of the row group `group`, from 0, may be read at once.
///
/// # Errors
/// The file cannot be read; pages that are not what the footer says; more memory than there should be.
pub(super) fn rows_at_once(
    input: &dyn Input,
    group: usize,
    metadata: &RowGroupMetaData,
    rows: usize,
) -> Result<usize, Problem> {
    let expected =
        u64::try_from(metadata.num_rows()).map_err(|_| damaged("a row group has a negative length"))?;
    let mut all = Cost::default();
    for column in metadata.columns() {
        match column.compression() {
            Compression::BROTLI(_) | Compression::LZO => {
                let name = format!("{:?}", column.compression());
                let name = name.split('(').next().unwrap_or_default().to_lowercase();
                return Err(ParquetFault::Codec(name).into());
            }
            _ => {}
        }
        let start = column.dictionary_page_offset().filter(|at| *at > 0);
        let start = start.unwrap_or(column.data_page_offset());
        let start = u64::try_from(start).map_err(|_| damaged("a column begins before the file"))?;
        let cost = cost(input, start, expected)?;
        all.fixed = all.fixed.saturating_add(cost.fixed);
        all.row = all.row.saturating_add(cost.row);
    }
    fitting(&all, group, rows)
}

/// How many rows, at most `rows`, fit the budget.
fn fitting(all: &Cost, group: usize, rows: usize) -> Result<usize, Problem> {
    let batches = BUDGET / 2;
    let least = all.fixed.saturating_add(all.row);
    if all.fixed > BUDGET - batches || all.row > batches {
        return Err(ParquetFault::Memory {
            group: group + 1,
            mib: least.div_ceil(1 << 20),
            max: BUDGET >> 20,
        }
        .into());
    }
    let fitting = usize::try_from(batches / all.row.max(1)).unwrap_or(usize::MAX);
    Ok(rows.min(fitting).max(1))
}

/// What reading the column chunk that begins at `start` and has `expected` values takes.
fn cost(input: &dyn Input, start: u64, expected: u64) -> Result<Cost, Problem> {
    let mut cost = Cost::default();
    let (mut at, mut values, mut largest, mut densest) = (start, 0, 0, 0);
    while values < expected {
        let page = page(input, at)?;
        let size = page.unpacked + page.packed;
        match page.kind {
            DICTIONARY => {
                // Every entry takes a byte at least; what says otherwise would have room made for it.
                if page.values > page.unpacked {
                    return Err(damaged("a dictionary has more entries than bytes"));
                }
                cost.fixed = size.saturating_add(page.values.saturating_mul(CELL));
            }
            DATA | DATA_V2 => {
                if page.values == 0 && size == 0 {
                    return Err(damaged("a page is empty"));
                }
                values = page.values.saturating_add(values);
                largest = largest.max(size);
                densest = densest.max(page.unpacked.div_ceil(page.values.max(1)));
            }
            _ => {}
        }
        at = at
            .checked_add(page.header + page.packed)
            .filter(|at| *at <= input.length())
            .ok_or_else(|| damaged("a page ends behind the file"))?;
    }
    if values > expected {
        return Err(damaged("a column has more values than its row group has rows"));
    }
    // A batch's texts are kept where their pages are: those that it begins and ends in, and those between.
    cost.fixed = cost.fixed.saturating_add(2 * largest);
    cost.row = densest + CELL;
    Ok(cost)
}

/// The header of the page at `at`.
fn page(input: &dyn Input, at: u64) -> Result<Page, Problem> {
    let mut length = 1 << 10;
    loop {
        let bytes = read(input, at, length).map_err(Problem::Io)?;
        match header(&bytes) {
            Ok(page) => return Ok(page),
            Err(Fault::Short) if bytes.len() == length && length < LONGEST_HEADER => length *= 8,
            Err(_) => return Err(damaged("a page's header is not readable")),
        }
    }
}

fn header(bytes: &[u8]) -> Result<Page, Fault> {
    let mut compact = Compact::new(bytes);
    let mut page = Page {
        kind: -1,
        ..Page::default()
    };
    let size = |number: i64| u64::try_from(number).map_err(|_| Fault::Damaged);
    compact.structure(|compact, id, kind| match id {
        1 if kind.is_number() => compact.number().map(|number| page.kind = number),
        2 if kind.is_number() => size(compact.number()?).map(|number| page.unpacked = number),
        3 if kind.is_number() => size(compact.number()?).map(|number| page.packed = number),
        5 | 7 | 8 if kind.is_struct() => compact.structure(|compact, id, kind| match id {
            1 if kind.is_number() => size(compact.number()?).map(|number| page.values = number),
            _ => compact.skip(kind),
        }),
        _ => compact.skip(kind),
    })?;
    page.header = compact.position() as u64;
    Ok(page)
}

/// Up to `length` bytes from `at` on; fewer at the end of the file.
pub(super) fn read(input: &dyn Input, at: u64, length: usize) -> std::io::Result<Vec<u8>> {
    let mut bytes = vec![0; length];
    let mut have = 0;
    while have < length {
        match input.read_at(at.saturating_add(have as u64), &mut bytes[have..]) {
            Ok(0) => break,
            Ok(read) => have += read,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    bytes.truncate(have);
    Ok(bytes)
}

fn damaged(what: &str) -> Problem {
    ParquetFault::Damaged(what.to_owned()).into()
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::*;

    /// A page's header as the compact protocol has it, with statistics that have to be passed over.
    fn header_of(kind: u8, unpacked: u64, packed: u64, values: u64) -> Vec<u8> {
        let mut bytes = Vec::new();
        let number = |bytes: &mut Vec<u8>, value: u64| {
            let mut zigzag = value << 1;
            while zigzag > 0x7f {
                bytes.push(zigzag as u8 | 0x80);
                zigzag >>= 7;
            }
            bytes.push(zigzag as u8);
        };
        for value in [u64::from(kind), unpacked, packed] {
            bytes.push(0x15);
            number(&mut bytes, value);
        }
        // The structure of its kind: the number of values, an encoding, statistics with one text.
        bytes.push(if kind == 2 { 0x4c } else { 0x2c });
        bytes.push(0x15);
        number(&mut bytes, values);
        bytes.extend([0x15, 0, 0x3c, 0x18, 3, b'a', b'b', b'c', 0, 0, 0]);
        bytes
    }

    fn told(pages: &[(u8, u64, u64, u64)], rows: u64) -> Result<usize, String> {
        let mut file = b"PAR1".to_vec();
        for &(kind, unpacked, packed, values) in pages {
            file.extend(header_of(kind, unpacked, packed, values));
            file.extend(vec![0; packed as usize]);
        }
        let file: Cow<'static, [u8]> = file.into();
        cost(&file, 4, rows)
            .and_then(|cost| fitting(&cost, 0, 8_192))
            .map_err(|problem| problem.to_string())
    }

    #[test]
    fn pages_bound_how_many_rows_are_read_at_once() {
        assert_eq!(
            told(
                &[(2, 100, 60, 10), (0, 1 << 20, 5_000, 100_000), (3, 999, 99, 7)],
                100_007
            ),
            Ok(8_192)
        );
        // 100 KiB a row.
        assert_eq!(told(&[(0, 100 << 20, 1_000, 1_024)], 1_024), Ok(2_620));
        let large = told(&[(0, 1 << 30, 1_000, 1_024)], 1_024).unwrap_err();
        assert!(
            large.contains("row group 1 would take 2050 MiB") && large.contains("row_group_size"),
            "{large}"
        );
    }

    #[test]
    fn pages_that_contradict_the_footer_are_damage() {
        for (pages, rows, words) in [
            (&[(0, 100, 10, 50), (0, 100, 10, 51)][..], 100, "more values"),
            (&[(0, 100, 10, 50)], 100, "not readable"),
            (
                &[(2, 100, 10, 1 << 40), (0, 100, 10, 50)],
                50,
                "more entries than bytes",
            ),
            (&[(0, 0, 0, 0)], 50, "empty"),
        ] {
            let told = told(pages, rows).unwrap_err();
            assert!(told.contains(words), "{told}");
        }
        let cut: Cow<'static, [u8]> = header_of(0, 100, 10, 50).into();
        assert!(
            cost(&cut, 0, 50)
                .unwrap_err()
                .to_string()
                .contains("behind the file")
        );
    }

    #[test]
    fn any_bytes_are_a_header_or_none() {
        let mut header_bytes = header_of(0, 100, 10, 50);
        assert_eq!(header(&header_bytes).unwrap().header, header_bytes.len() as u64);
        for at in 0..header_bytes.len() {
            assert_eq!(header(&header_bytes[..at]), Err(Fault::Short), "{at}");
            for flip in [1, 0x10, 0x55, 0x80, 0xff] {
                header_bytes[at] ^= flip;
                let _ = header(&header_bytes);
                header_bytes[at] ^= flip;
            }
        }
        // Lists in lists, for ever.
        assert_eq!(header(&[0x19; 4096]), Err(Fault::Damaged));
    }
}
