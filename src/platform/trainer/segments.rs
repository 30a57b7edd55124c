//! The groups of rows by which the quality is told apart: the levels of a column, or ranges of its numbers.

use std::collections::BTreeMap;

use crate::data::cell::{Cell, shortened};
use crate::data::table::Table;
use crate::engine::validate::Group;

/// Groups of a column; levels that are rarer stand together in one more.
const MOST_LEVELS: usize = 30;

/// Numbers of so few distinct values are levels themselves.
const FEW_NUMBERS: usize = 8;

/// Ranges that numbers are cut into, of about equally many rows.
const RANGES: usize = 4;

/// What a row has in the column.
#[derive(Debug, Clone, PartialEq, PartialOrd)]
enum Held {
    Number(f64),
    Moment(i64),
    Level(String),
}

/// The groups of the rows of `table` by what they have in `column`: a level each, the most frequent first; of numbers and
/// times ranges from quartile to quartile, in their order; rows without a value last. Each row is in one group, told by
/// its position in the table. None where there is no such column.
pub(super) fn groups(table: &Table, column: &str) -> Vec<Group> {
    let Some(at) = table.schema().index_of(column) else {
        return Vec::new();
    };
    let mut held: Vec<(Held, usize)> = Vec::new();
    let mut missing = Vec::new();
    for row in 0..table.rows() {
        match held_in(&table.cell(row, at)) {
            Some(value) => held.push((value, row)),
            None => missing.push(row),
        }
    }
    let is_ordered = matches!(held.first(), Some((Held::Number(_) | Held::Moment(_), _)));
    let mut found = if is_ordered { ranges(held) } else { levels(held) };
    if !missing.is_empty() {
        found.push(("missing".to_owned(), missing));
    }
    found
        .into_iter()
        .map(|(level, rows)| Group {
            column: column.to_owned(),
            level,
            rows,
        })
        .collect()
}

fn held_in(cell: &Cell<'_>) -> Option<Held> {
    Some(match cell {
        Cell::Missing => return None,
        Cell::Number(number) => Held::Number(*number),
        Cell::Integer(integer) => Held::Number(*integer as f64),
        Cell::Timestamp(micros) => Held::Moment(*micros),
        Cell::Boolean(boolean) => Held::Level(boolean.to_string()),
        Cell::Text(text) => Held::Level(shortened(text)),
    })
}

type Named = Vec<(String, Vec<usize>)>;

fn levels(held: Vec<(Held, usize)>) -> Named {
    let mut by_level: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (value, position) in held {
        by_level.entry(named(&value)).or_default().push(position);
    }
    let mut levels: Named = by_level.into_iter().collect();
    // Stable: of equally frequent levels the alphabetically first.
    levels.sort_by_key(|(_, rows)| std::cmp::Reverse(rows.len()));
    if levels.len() > MOST_LEVELS {
        let rare = levels.split_off(MOST_LEVELS);
        let name = format!("{} rarer levels", rare.len());
        let mut rows: Vec<usize> = rare.into_iter().flat_map(|(_, rows)| rows).collect();
        rows.sort_unstable();
        levels.push((name, rows));
    }
    levels
}

fn ranges(mut held: Vec<(Held, usize)>) -> Named {
    held.sort_by(|a, b| a.0.partial_cmp(&b.0).unwrap_or(std::cmp::Ordering::Equal));
    let distinct = held.chunk_by(|a, b| a.0 == b.0).count();
    // A range ends where it has its share of what is left, and never between equal numbers.
    let (mut ranges, mut current) = (Named::new(), Vec::new());
    let (mut rows_left, mut ranges_left) = (held.len(), RANGES);
    for same in held.chunk_by(|a, b| a.0 == b.0) {
        current.extend_from_slice(same);
        if distinct <= FEW_NUMBERS || current.len() * ranges_left >= rows_left {
            rows_left -= current.len();
            ranges_left = ranges_left.saturating_sub(1).max(1);
            ranges.push(range(&std::mem::take(&mut current)));
        }
    }
    ranges
}

/// The name of sorted values, and their positions in order.
fn range(part: &[(Held, usize)]) -> (String, Vec<usize>) {
    let ends = part.first().zip(part.last());
    let name = ends.map_or_else(String::new, |(first, last)| {
        let (first, last) = (named(&first.0), named(&last.0));
        if first == last {
            first
        } else {
            format!("{first} to {last}")
        }
    });
    let mut rows: Vec<usize> = part.iter().map(|(_, position)| *position).collect();
    rows.sort_unstable();
    (name, rows)
}

fn named(value: &Held) -> String {
    match value {
        Held::Number(number) => six_digits(*number).to_string(),
        Held::Moment(micros) => Cell::Timestamp(*micros).to_string(),
        Held::Level(level) => level.clone(),
    }
}

/// The number in six significant digits.
fn six_digits(number: f64) -> Cell<'static> {
    let short = format!("{number:.5e}").parse().unwrap_or(number);
    Cell::Number(short)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::data::source::{CsvBatches, CsvOptions, scan};

    fn table(csv: &str) -> Table {
        let options = CsvOptions::default();
        let schema = Arc::new(scan("t.csv", csv.as_bytes(), &options).unwrap().schema);
        let mut batches = CsvBatches::new("t.csv", csv.as_bytes(), &options, schema, 1000).unwrap();
        batches.next().unwrap().unwrap()
    }

    fn told(table: &Table, column: &str) -> Vec<String> {
        let told = |group: Group| format!("{}: {}", group.level, group.rows.len());
        groups(table, column).into_iter().map(told).collect()
    }

    #[test]
    fn each_row_is_in_one_group_and_told_by_its_place_among_those_measured() {
        let csv: String = (0..40)
            .map(|row| {
                let region = ["north", "south", "south", ""][row % 4];
                format!("{region},{row},{}\n", f64::from(row as u32) / 3.0)
            })
            .collect();
        let table = table(&format!("region,age,ratio\n{csv}"));
        assert_eq!(told(&table, "region"), ["south: 20", "north: 10", "missing: 10"]);
        assert_eq!(
            told(&table, "age"),
            ["0 to 9: 10", "10 to 19: 10", "20 to 29: 10", "30 to 39: 10"]
        );
        assert_eq!(told(&table, "ratio")[1], "3.33333 to 6.33333: 10");
        assert_eq!(told(&table.take(&[3, 5, 9]), "age"), ["3: 1", "5: 1", "9: 1"]);
        assert_eq!(groups(&table.take(&[4, 1, 8]), "region")[0].rows, [0, 2]);
        assert!(groups(&table, "gone").is_empty());
    }

    #[test]
    fn equal_numbers_are_never_apart_and_rare_levels_stand_together() {
        let csv: String = (0..100)
            .map(|row| format!("{},city-{:03},{row}\n", if row < 80 { 7 } else { row }, row % 50))
            .collect();
        let table = table(&format!("n,city,x\n{csv}"));
        let found = groups(&table, "n");
        assert_eq!(found[0].rows.len(), 80, "{found:?}");
        assert_eq!(found.iter().map(|group| group.rows.len()).sum::<usize>(), 100);
        let cities = told(&table, "city");
        assert_eq!((cities.len(), cities[30].as_str()), (31, "20 rarer levels: 40"));
    }
}
