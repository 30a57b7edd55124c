//! What is wrong with expectations by themselves, before any table is looked at.

use std::collections::HashSet;

use regex::{Regex, RegexBuilder};

use super::literal::Literal;
use super::{Expectation, NotNull};

/// A mistake in an expectation: which, and where in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ExpectationError {
    /// Which of the expectations, from 0.
    pub expectation: usize,
    /// The key in it; none when it is about the whole.
    pub key: Option<&'static str>,
    /// Which entry of the key's list, from 0.
    pub entry: Option<usize>,
    /// What is wrong and what is expected.
    pub message: String,
}

impl ExpectationError {
    /// What is wrong as a request has it: `expectations[1].min`.
    pub fn field(&self) -> String {
        match self.key {
            Some(key) => format!("expectations[{}].{key}", self.expectation),
            None => format!("expectations[{}]", self.expectation),
        }
    }
}

/// What is wrong inside of one expectation.
pub(super) struct Wrong {
    pub(super) key: Option<&'static str>,
    pub(super) entry: Option<usize>,
    pub(super) message: String,
}

impl Wrong {
    pub(super) fn of(key: &'static str, message: impl Into<String>) -> Self {
        Self {
            key: Some(key),
            entry: None,
            message: message.into(),
        }
    }

    pub(super) fn at(key: &'static str, entry: usize, message: impl Into<String>) -> Self {
        Self {
            entry: Some(entry),
            ..Self::of(key, message)
        }
    }

    fn whole(message: &str) -> Self {
        Self {
            key: None,
            entry: None,
            message: message.to_owned(),
        }
    }

    /// In the expectation at this place, from 0.
    pub(super) fn within(self, expectation: usize) -> ExpectationError {
        ExpectationError {
            expectation,
            key: self.key,
            entry: self.entry,
            message: self.message,
        }
    }
}

/// The most memory that a pattern takes once it is read.
const PATTERN_BYTES: usize = 4 << 20;

/// Patterns of one check, each of which is kept ready once.
const MOST_PATTERNS: usize = 100;

/// A pattern, ready to be looked for. It takes time linear in the text, whatever it is.
pub(super) fn read_pattern(pattern: &str) -> Result<Regex, Wrong> {
    let read = RegexBuilder::new(pattern)
        .size_limit(PATTERN_BYTES)
        .dfa_size_limit(PATTERN_BYTES)
        .build();
    read.map_err(|error| {
        let why = match error {
            regex::Error::CompiledTooBig(_) => "it is too large; count less often with {…}".to_owned(),
            // The reader draws the place below the pattern; its last line says what is wrong there.
            other => {
                let told = other.to_string();
                let last = told.lines().last().unwrap_or_default();
                last.trim_start_matches("error: ").to_owned()
            }
        };
        Wrong::of("pattern", format!("this is no regular expression: {why}"))
    })
}

/// Looks for mistakes that show without a table.
///
/// # Errors
/// The first.
pub fn validate(expectations: &[Expectation]) -> Result<(), ExpectationError> {
    let patterns = expectations.iter().enumerate();
    let mut patterns = patterns.filter(|(_, expectation)| expectation.pattern.is_some());
    if let Some((place, _)) = patterns.nth(MOST_PATTERNS) {
        let message =
            format!("there are more than {MOST_PATTERNS} patterns; name several columns beside one");
        return Err(Wrong::of("pattern", message).within(place));
    }
    let mut checked = expectations.iter().enumerate();
    checked.try_for_each(|(place, expectation)| one(expectation).map_err(|wrong| wrong.within(place)))
}

fn one(expectation: &Expectation) -> Result<(), Wrong> {
    subject(expectation)?;
    if let Some(mostly) = expectation.mostly
        && !(mostly > 0.0 && mostly <= 1.0)
    {
        return Err(Wrong::of(
            "mostly",
            format!("expected a share above 0 and at most 1, got {mostly}"),
        ));
    }
    if let Some(NotNull::MaxMissing(share)) = expectation.not_null
        && !(0.0..=1.0).contains(&share)
    {
        return Err(Wrong::of(
            "not_null",
            format!("max_missing: expected a share from 0 to 1, got {share}"),
        ));
    }
    range(expectation)?;
    if let Some(set) = &expectation.in_set {
        if set.is_empty() {
            return Err(Wrong::of("in_set", "name the values that may be"));
        }
        if let Some(place) = set.iter().position(is_not_finite) {
            return Err(Wrong::at("in_set", place, "expected a finite number"));
        }
    }
    if let Some(pattern) = &expectation.pattern {
        read_pattern(pattern)?;
    }
    Ok(())
}

/// What the expectation is about, and that it expects something.
fn subject(expectation: &Expectation) -> Result<(), Wrong> {
    const RULES: &str = "type, not_null, min, max, in_set, pattern, unique or monotone";
    let has_column = expectation.column.is_some();
    if has_column && expectation.columns.is_some() {
        return Err(Wrong::of("columns", "give column or columns, not both"));
    }
    if let Some(columns) = &expectation.columns {
        if columns.is_empty() {
            return Err(Wrong::of("columns", "name a column"));
        }
        let mut seen = HashSet::new();
        if let Some(place) = columns.iter().position(|column| !seen.insert(column)) {
            return Err(Wrong::at("columns", place, "this column is named twice"));
        }
    }
    let expects = [
        expectation.kind.is_some(),
        matches!(
            expectation.not_null,
            Some(NotNull::Expected(true) | NotNull::MaxMissing(_))
        ),
        expectation.min.is_some(),
        expectation.max.is_some(),
        expectation.in_set.is_some(),
        expectation.pattern.is_some(),
        expectation.unique,
        expectation.monotone.is_some(),
    ];
    let expects = expects.contains(&true);
    let is_about_columns = has_column || expectation.columns.is_some();
    match &expectation.rows {
        Some(_) if is_about_columns || expects => Err(Wrong::of(
            "rows",
            "rows are counted of the whole table; write it as an expectation of its own",
        )),
        Some(_) if expectation.mostly.is_some() => Err(Wrong::of(
            "mostly",
            "it goes with rules about cells, not with rows",
        )),
        Some(rows) => match (rows.min, rows.max) {
            (None, None) => Err(Wrong::of("rows", "give min, max or both")),
            (Some(min), Some(max)) if min > max => Err(Wrong::of(
                "rows",
                format!("min is {min}, which is more than max, {max}"),
            )),
            _ => Ok(()),
        },
        None if !is_about_columns => Err(Wrong::whole(
            "name a column, columns, or rows = { min = …, max = … }",
        )),
        None if !expects => Err(Wrong::whole(&format!("nothing is expected here; add {RULES}"))),
        None => Ok(()),
    }
}

fn is_not_finite(literal: &Literal) -> bool {
    matches!(literal, Literal::Number(number) if !number.is_finite())
}

/// That the ends of a range are numbers or moments, and in order.
fn range(expectation: &Expectation) -> Result<(), Wrong> {
    let ends = [("min", &expectation.min), ("max", &expectation.max)];
    for (key, end) in ends {
        let Some(end) = end else { continue };
        if is_not_finite(end) {
            return Err(Wrong::of(
                key,
                "expected a finite number; leave it out where there is no bound",
            ));
        }
        if end.number().is_none() && end.moment().is_none() {
            return Err(Wrong::of(
                key,
                format!("expected a number, or a date or time such as \"2026-01-31\", got {end}"),
            ));
        }
    }
    let (Some(min), Some(max)) = (&expectation.min, &expectation.max) else {
        return Ok(());
    };
    let is_reversed = match (min.number(), max.number()) {
        (Some(min), Some(max)) => min > max,
        (None, None) => min.moment() > max.moment(),
        _ => {
            return Err(Wrong::of(
                "max",
                format!("min is {min}, which cannot be compared with {max}"),
            ));
        }
    };
    if is_reversed {
        return Err(Wrong::of(
            "max",
            format!("min is {min}, which is more than max, {max}"),
        ));
    }
    Ok(())
}
