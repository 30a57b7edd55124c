//! One rule beside one column's type, and what it says of a cell that is there.

use std::cmp::Ordering;
use std::collections::HashSet;

use regex::Regex;

use super::literal::Literal;
use super::mistake::Wrong;
use super::unique::{Seen, short_hash};
use super::{Expectation, Order};
use crate::data::schema::{ColumnType, Field};
use crate::data::table::Column;

/// A cell that is there.
#[derive(Debug, Clone, Copy)]
pub(super) enum Value<'a> {
    Number(f64),
    /// A whole number, or a moment.
    Whole(i64),
    Boolean(bool),
    Level(u32),
    Text(&'a str),
}

/// Runs `see` on each cell of `column` that is there, with its row.
pub(super) fn each_value<'a>(column: &'a Column, mut see: impl FnMut(usize, Value<'a>)) {
    match column {
        Column::Number(values) => {
            let there = values.iter().enumerate().filter(|(_, value)| !value.is_nan());
            there.for_each(|(row, &value)| see(row, Value::Number(value)));
        }
        Column::Integer(values) | Column::Timestamp(values) => {
            let there = values.iter().enumerate();
            there
                .filter_map(|(row, value)| Some((row, (*value)?)))
                .for_each(|(row, value)| see(row, Value::Whole(value)));
        }
        Column::Boolean(values) => {
            let there = values.iter().enumerate();
            there
                .filter_map(|(row, value)| Some((row, (*value)?)))
                .for_each(|(row, value)| see(row, Value::Boolean(value)));
        }
        Column::Category(codes) => {
            let there = codes
                .iter()
                .enumerate()
                .filter(|(_, code)| **code != Column::NO_LEVEL);
            there.for_each(|(row, &code)| see(row, Value::Level(code)));
        }
        Column::Text(values) => {
            let there = values.iter().enumerate();
            there
                .filter_map(|(row, value)| Some((row, value.as_deref()?)))
                .for_each(|(row, value)| see(row, Value::Text(value)));
        }
    }
}

/// A rule about the cells that are there.
#[derive(Debug)]
pub(super) enum Rule {
    Min(Literal, End),
    Max(Literal, End),
    InSet(Vec<Literal>, Members),
    Pattern(String, Matching),
    Unique(Seen),
    Monotone(Order, Option<Last>),
}

/// An end of a range.
#[derive(Debug, Clone, Copy)]
pub(super) enum End {
    Number(f64),
    Whole(i64),
}

/// The values that may be.
#[derive(Debug)]
pub(super) enum Members {
    Numbers(HashSet<u64>),
    Wholes(HashSet<i64>),
    Booleans([bool; 2]),
    /// Whether each level may be.
    Levels(Vec<bool>),
    Texts(HashSet<String>),
}

/// What a pattern is found in.
#[derive(Debug)]
pub(super) enum Matching {
    /// Whether it is found in each level.
    Levels(Vec<bool>),
    Texts(Regex),
}

/// The value before.
#[derive(Debug, Clone, Copy)]
pub(super) enum Last {
    Number(f64),
    Whole(i64),
}

/// What tells a number from others; both zeros are one.
fn bits(number: f64) -> u64 {
    (number + 0.0).to_bits()
}

impl Rule {
    /// Its key in a recipe.
    pub(super) fn key(&self) -> &'static str {
        match self {
            Self::Min(..) => "min",
            Self::Max(..) => "max",
            Self::InSet(..) => "in_set",
            Self::Pattern(..) => "pattern",
            Self::Unique(_) => "unique",
            Self::Monotone(..) => "monotone",
        }
    }

    /// What it expects, in words.
    pub(super) fn words(&self) -> String {
        const SHOWN: usize = 10;
        match self {
            Self::Min(end, _) => format!("at least {end}"),
            Self::Max(end, _) => format!("at most {end}"),
            Self::InSet(set, _) => {
                let mut shown: Vec<_> = set.iter().take(SHOWN).map(Literal::to_string).collect();
                if set.len() > SHOWN {
                    shown.push(format!("… ({} in all)", set.len()));
                }
                format!("one of {}", shown.join(", "))
            }
            Self::Pattern(pattern, _) => format!("a match of {pattern}"),
            Self::Unique(_) => "unique".to_owned(),
            Self::Monotone(order, _) => order.words().to_owned(),
        }
    }

    /// How many cells `value` shows to be wrong: itself, and of a repeated value also the first. None when there
    /// is no `room` left to remember it.
    pub(super) fn wrong(&mut self, value: Value<'_>, room: &mut u64) -> Option<u64> {
        let is_right = match self {
            Self::Min(_, end) => compare(value, *end) != Some(Ordering::Less),
            Self::Max(_, end) => compare(value, *end) != Some(Ordering::Greater),
            Self::InSet(_, members) => members.has(value),
            Self::Pattern(_, matching) => match (matching, value) {
                (Matching::Levels(matches), Value::Level(code)) => {
                    matches.get(code as usize).copied().unwrap_or(false)
                }
                (Matching::Texts(pattern), Value::Text(text)) => pattern.is_match(text),
                _ => true,
            },
            Self::Unique(seen) => {
                let name = match value {
                    Value::Number(number) => bits(number),
                    Value::Whole(whole) => whole.cast_unsigned(),
                    Value::Boolean(boolean) => u64::from(boolean),
                    Value::Level(code) => u64::from(code),
                    Value::Text(text) => short_hash(text),
                };
                return seen.see(name, room);
            }
            Self::Monotone(order, last) => {
                let (now, step) = match (value, *last) {
                    (Value::Number(now), Some(Last::Number(last))) => {
                        (Last::Number(now), now.partial_cmp(&last))
                    }
                    (Value::Whole(now), Some(Last::Whole(last))) => (Last::Whole(now), Some(now.cmp(&last))),
                    (Value::Number(now), _) => (Last::Number(now), None),
                    (Value::Whole(now), _) => (Last::Whole(now), None),
                    _ => return Some(0),
                };
                *last = Some(now);
                match order {
                    Order::Increasing => step != Some(Ordering::Less),
                    Order::StrictlyIncreasing => step.is_none_or(Ordering::is_gt),
                    Order::Decreasing => step != Some(Ordering::Greater),
                    Order::StrictlyDecreasing => step.is_none_or(Ordering::is_lt),
                }
            }
        };
        Some(u64::from(!is_right))
    }
}

fn compare(value: Value<'_>, end: End) -> Option<Ordering> {
    match (value, end) {
        (Value::Number(value), End::Number(end)) => value.partial_cmp(&end),
        (Value::Whole(value), End::Whole(end)) => Some(value.cmp(&end)),
        // A whole number beside an end with decimals, such as 0.5.
        (Value::Whole(value), End::Number(end)) => (value as f64).partial_cmp(&end),
        _ => None,
    }
}

impl Members {
    fn has(&self, value: Value<'_>) -> bool {
        match (self, value) {
            (Self::Numbers(set), Value::Number(number)) => set.contains(&bits(number)),
            (Self::Wholes(set), Value::Whole(whole)) => set.contains(&whole),
            (Self::Booleans(may), Value::Boolean(boolean)) => may[usize::from(boolean)],
            (Self::Levels(may), Value::Level(code)) => may.get(code as usize).copied().unwrap_or(false),
            (Self::Texts(set), Value::Text(text)) => set.contains(text),
            _ => false,
        }
    }
}

/// The rules of `expectation` about the cells of `field`, or what does not go with the column's type. `pattern`: that of
/// the expectation, read once for all of its columns.
pub(super) fn compile(
    expectation: &Expectation,
    pattern: Option<&Regex>,
    field: &Field,
) -> impl Iterator<Item = Result<Rule, Wrong>> {
    let rules = [
        expectation
            .min
            .as_ref()
            .map(|end| read_end("min", end, field).map(|read| Rule::Min(end.clone(), read))),
        expectation
            .max
            .as_ref()
            .map(|end| read_end("max", end, field).map(|read| Rule::Max(end.clone(), read))),
        expectation
            .in_set
            .as_ref()
            .map(|set| members(set, field).map(|members| Rule::InSet(set.clone(), members))),
        expectation.pattern.as_ref().zip(pattern).map(|(text, pattern)| {
            matching(pattern, field).map(|matching| Rule::Pattern(text.clone(), matching))
        }),
        expectation.unique.then(|| Ok(Rule::Unique(Seen::default()))),
        expectation.monotone.map(|order| match field.kind {
            ColumnType::Number | ColumnType::Integer | ColumnType::Timestamp => {
                Ok(Rule::Monotone(order, None))
            }
            _ => Err(does_not_go("monotone", "numbers and timestamps", field)),
        }),
    ];
    rules.into_iter().flatten()
}

fn does_not_go(key: &'static str, with: &str, field: &Field) -> Wrong {
    Wrong::of(
        key,
        format!(
            "it goes with {with}, and the column \"{}\" is of type {}",
            field.name, field.kind
        ),
    )
}

fn read_end(key: &'static str, end: &Literal, field: &Field) -> Result<End, Wrong> {
    let read = match field.kind {
        ColumnType::Number => end.number().map(End::Number),
        ColumnType::Integer => match end.whole() {
            Some(whole) => Some(End::Whole(whole)),
            None => end.number().map(End::Number),
        },
        ColumnType::Timestamp => end.moment().map(End::Whole),
        _ => return Err(does_not_go(key, "numbers and timestamps", field)),
    };
    read.ok_or_else(|| does_not_fit(key, None, end, field))
}

fn does_not_fit(key: &'static str, entry: Option<usize>, literal: &Literal, field: &Field) -> Wrong {
    let message = format!(
        "{literal} cannot be in the column \"{}\", which is of type {}",
        field.name, field.kind
    );
    Wrong {
        entry,
        ..Wrong::of(key, message)
    }
}

fn members(set: &[Literal], field: &Field) -> Result<Members, Wrong> {
    fn read<T>(
        set: &[Literal],
        field: &Field,
        read: impl Fn(&Literal) -> Option<T>,
    ) -> Result<Vec<T>, Wrong> {
        let all = set.iter().enumerate();
        all.map(|(place, literal)| {
            read(literal).ok_or_else(|| does_not_fit("in_set", Some(place), literal, field))
        })
        .collect()
    }
    let text = |literal: &Literal| match literal {
        Literal::Text(text) => Some(text.clone()),
        _ => None,
    };
    Ok(match field.kind {
        ColumnType::Number => {
            let numbers = read(set, field, Literal::number)?;
            Members::Numbers(numbers.into_iter().map(bits).collect())
        }
        ColumnType::Integer => Members::Wholes(read(set, field, Literal::whole)?.into_iter().collect()),
        ColumnType::Timestamp => Members::Wholes(read(set, field, Literal::moment)?.into_iter().collect()),
        ColumnType::Boolean => {
            let booleans = read(set, field, |literal| match literal {
                Literal::Boolean(boolean) => Some(*boolean),
                _ => None,
            })?;
            Members::Booleans([booleans.contains(&false), booleans.contains(&true)])
        }
        ColumnType::Text => Members::Texts(read(set, field, text)?.into_iter().collect()),
        ColumnType::Category => {
            let texts: HashSet<String> = read(set, field, text)?.into_iter().collect();
            let levels = field.levels.iter().flatten();
            Members::Levels(levels.map(|level| texts.contains(level)).collect())
        }
    })
}

fn matching(pattern: &Regex, field: &Field) -> Result<Matching, Wrong> {
    match field.kind {
        ColumnType::Text => Ok(Matching::Texts(pattern.clone())),
        ColumnType::Category => {
            let levels = field.levels.iter().flatten();
            Ok(Matching::Levels(
                levels.map(|level| pattern.is_match(level)).collect(),
            ))
        }
        _ => Err(does_not_go("pattern", "texts and categories", field)),
    }
}
