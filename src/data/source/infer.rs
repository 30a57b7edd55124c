//! A column's type, from all its values.

use std::collections::HashSet;

use super::doubt::Reason;
use super::error::Problem;
use super::oddity;
use super::value::{self, Shape};
use crate::data::cell::shortened;
use crate::data::schema::{ColumnType, Schema};

/// The most different values of an inferred category.
const MAX_LEVELS: usize = 1000;
/// So few different values make a category whatever the number of rows.
const FEW_LEVELS: usize = 20;
/// The longest level of an inferred category, in bytes; longer values are prose.
const LONGEST_LEVEL: usize = 256;

/// How much memory the levels of all columns may still take.
pub(super) struct LevelBudget(usize);

impl LevelBudget {
    const BYTES: usize = 64 << 20;
    /// About what a set needs for an entry beside the text.
    const ENTRY: usize = 32;

    pub(super) fn new() -> Self {
        Self(Self::BYTES)
    }

    fn take(&mut self, text: &str) -> bool {
        match self.0.checked_sub(text.len() + Self::ENTRY) {
            Some(left) => {
                self.0 = left;
                true
            }
            None => false,
        }
    }

    fn give_back(&mut self, texts: &HashSet<Box<str>>) {
        self.0 += texts.iter().map(|text| text.len() + Self::ENTRY).sum::<usize>();
    }
}

/// How a value was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Written {
    /// As a text that may be anything: a field of a CSV file, a number of JSON.
    Bare,
    /// As a text that is said to be one: a string of JSON or of Parquet.
    Quoted,
}

/// A value that raises a doubt, and where it stands.
pub(super) struct Found {
    pub(super) reason: Reason,
    pub(super) place: u64,
    pub(super) got: String,
}

/// What is known of a column after some of its values. Places are lines or rows, as the file has them.
pub(super) struct Inference {
    declared: Option<ColumnType>,
    /// What all values so far look like; `None` before the first.
    kind: Option<ColumnType>,
    missing: bool,
    /// All different values; `None` once they are too many for a category.
    levels: Option<HashSet<Box<str>>>,
    /// The first whole number beyond 64 bits. Only an error if the column ends as an integer.
    big_integer: Option<(u64, String)>,
    /// The first number beyond floating point. Only an error if the column ends as a number.
    big_number: Option<(u64, String)>,
    /// The value that made a stricter type impossible.
    doubt: Option<Found>,
    /// The first value that a person would take for a number or a date, as long as all of them go with it.
    oddity: Option<Found>,
    /// The first whole number with zeros in front. Of use as long as the column is numbers.
    zeros: Option<Found>,
}

/// A column's type and what goes with it.
pub(super) struct Conclusion {
    pub(super) kind: ColumnType,
    pub(super) missing: bool,
    pub(super) levels: Option<Vec<String>>,
    pub(super) doubt: Option<Found>,
}

impl Inference {
    pub(super) fn new(declared: Option<ColumnType>) -> Self {
        let may_have_levels = matches!(declared, None | Some(ColumnType::Category));
        Self {
            declared,
            kind: None,
            missing: false,
            levels: may_have_levels.then(HashSet::new),
            big_integer: None,
            big_number: None,
            doubt: None,
            oddity: None,
            zeros: None,
        }
    }

    pub(super) fn saw_missing(&mut self) {
        self.missing = true;
    }

    /// Takes in a value that is not missing, which stands at `place`.
    pub(super) fn saw(
        &mut self,
        text: &str,
        written: Written,
        place: impl Fn() -> u64,
        budget: &mut LevelBudget,
    ) -> Result<(), Problem> {
        match self.declared {
            None => {
                self.narrow(text, written, place);
                self.collect(text, MAX_LEVELS, LONGEST_LEVEL, budget);
                Ok(())
            }
            Some(ColumnType::Number) => value::number(text).map(drop),
            Some(ColumnType::Integer) => value::integer(text).map(drop),
            Some(ColumnType::Boolean) => value::boolean(text).map(drop),
            Some(ColumnType::Timestamp) => value::moment(text).map(drop),
            Some(ColumnType::Text) => Ok(()),
            Some(ColumnType::Category) => {
                if self.collect(text, Schema::MAX_LEVELS, usize::MAX, budget) {
                    Ok(())
                } else {
                    Err(Problem::TooManyLevels {
                        max: Schema::MAX_LEVELS,
                        mib: LevelBudget::BYTES >> 20,
                    })
                }
            }
        }
    }

    /// Brings the type so far and one more value under one roof.
    fn narrow(&mut self, text: &str, written: Written, place: impl Fn() -> u64) {
        if self.kind == Some(ColumnType::Text) {
            if self
                .oddity
                .as_ref()
                .is_some_and(|odd| !oddity::goes_on(odd.reason, text))
            {
                self.oddity = None;
            }
            return;
        }
        let shape = match written {
            Written::Bare => value::shape(text),
            Written::Quoted => value::quoted_shape(text),
        };
        let looks = match shape {
            Shape::Boolean => ColumnType::Boolean,
            Shape::Integer => ColumnType::Integer,
            Shape::BigInteger => {
                self.big_integer.get_or_insert_with(|| (place(), shortened(text)));
                if value::number(text).is_err() {
                    self.big_number.get_or_insert_with(|| (place(), shortened(text)));
                }
                ColumnType::Integer
            }
            Shape::Number => ColumnType::Number,
            Shape::BigNumber => {
                self.big_number.get_or_insert_with(|| (place(), shortened(text)));
                ColumnType::Number
            }
            Shape::Timestamp => ColumnType::Timestamp,
            Shape::Text => ColumnType::Text,
        };
        use ColumnType::{Integer, Number, Text};
        let found = |reason| Found {
            reason,
            place: place(),
            got: shortened(text),
        };
        if looks == Integer && self.zeros.is_none() && has_leading_zeros(text) {
            self.zeros = Some(found(Reason::LeadingZeros));
        }
        self.kind = Some(match self.kind {
            None if looks == Text => {
                self.oddity = oddity::of(text).map(found);
                Text
            }
            None => looks,
            Some(kind) if kind == looks => kind,
            Some(Integer | Number) if matches!(looks, Integer | Number) => Number,
            Some(kind) => {
                self.doubt = Some(found(Reason::Unlike(kind)));
                self.oddity = oddity::of(text)
                    .filter(|reason| may_follow(*reason, kind))
                    .map(found);
                Text
            }
        });
    }

    /// Adds a value to the levels; false when they become too many.
    fn collect(&mut self, text: &str, most: usize, longest: usize, budget: &mut LevelBudget) -> bool {
        let Some(levels) = &mut self.levels else {
            return false;
        };
        if levels.contains(text) {
            return true;
        }
        if levels.len() < most && text.len() <= longest && budget.take(text) {
            levels.insert(text.into());
            return true;
        }
        budget.give_back(levels);
        self.levels = None;
        false
    }

    /// The column's type, after all `rows` rows; or the place and problem of a number that is too big.
    pub(super) fn conclude(self, rows: u64) -> Result<Conclusion, (u64, Problem)> {
        let strict = self.declared.or(self.kind).unwrap_or(ColumnType::Number);
        let is_category = self.levels.as_ref().is_some_and(|levels| {
            let different = levels.len() as u64;
            different <= FEW_LEVELS as u64 || different * 2 <= rows
        });
        let kind = match strict {
            ColumnType::Text if self.declared.is_none() && is_category => ColumnType::Category,
            kind => kind,
        };
        match (kind, self.big_integer, self.big_number) {
            (ColumnType::Integer, Some((line, text)), _) => return Err((line, Problem::IntegerTooBig(text))),
            (ColumnType::Number, _, Some((line, text))) => return Err((line, Problem::NumberTooBig(text))),
            _ => {}
        }
        let levels = (kind == ColumnType::Category).then(|| {
            let mut levels: Vec<String> = self
                .levels
                .unwrap_or_default()
                .into_iter()
                .map(String::from)
                .collect();
            levels.sort_unstable();
            levels
        });
        Ok(Conclusion {
            kind,
            missing: self.missing,
            levels,
            doubt: match kind {
                ColumnType::Integer | ColumnType::Number if self.declared.is_none() => self.zeros,
                _ => self.oddity.or(self.doubt),
            },
        })
    }
}

/// Whether zeros stand in front of the other digits of a whole number, as in a postal code.
fn has_leading_zeros(text: &str) -> bool {
    let digits = text.trim().trim_start_matches(['+', '-']).as_bytes();
    matches!(digits, [b'0', next, ..] if next.is_ascii_digit())
}

/// Whether what `reason` says goes with values of the type `kind` before it.
fn may_follow(reason: Reason, kind: ColumnType) -> bool {
    match reason {
        Reason::Date => kind == ColumnType::Timestamp,
        _ => matches!(kind, ColumnType::Integer | ColumnType::Number),
    }
}
