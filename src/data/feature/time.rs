//! The parts of a point in time.

use jiff::Timestamp;
use jiff::tz::Offset;
use serde::{Deserialize, Serialize};

use super::error::EncodeError;
use super::field::InputField;
use super::spec::TimePart;
use crate::data::cell::Cell;

/// Which parts of a point in time become numbers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TimeEncoder {
    pub(super) parts: Vec<TimePart>,
    /// Whether parts that come again are also given as sine and cosine, behind the part.
    pub(super) cyclic: bool,
    /// What stands for a missing one, in microseconds since the epoch.
    pub(super) impute: Option<i64>,
}

impl TimeEncoder {
    pub(super) fn width(&self) -> usize {
        let cycles = self
            .parts
            .iter()
            .filter(|part| self.cyclic && part.cycle().is_some());
        self.parts.len() + 2 * cycles.count()
    }

    /// What stands behind the column's name in each number's name.
    pub(super) fn names(&self) -> impl Iterator<Item = String> {
        self.parts.iter().flat_map(|part| {
            let endings: &[&str] = if self.cyclic && part.cycle().is_some() {
                &["", "_sin", "_cos"]
            } else {
                &[""]
            };
            endings.iter().map(|ending| format!("_{}{ending}", part.name()))
        })
    }

    /// `moment`: microseconds since the epoch, or none where it is missing. `out`: `[width]`.
    pub(super) fn encode(
        &self,
        field: &InputField,
        moment: Option<i64>,
        out: &mut [f32],
    ) -> Result<(), EncodeError> {
        let Some(moment) = moment.or(self.impute) else {
            out.fill(f32::NAN);
            return if field.nullable {
                Ok(())
            } else {
                Err(field.missing())
            };
        };
        let timestamp = calendar(moment).ok_or_else(|| out_of_range(field, moment))?;
        let mut rest = out.iter_mut();
        let mut write = |number: f64| {
            if let Some(out) = rest.next() {
                *out = number as f32;
            }
        };
        for part in &self.parts {
            let value = value(*part, timestamp);
            write(value);
            if let (true, Some((first, count))) = (self.cyclic, part.cycle()) {
                let (sine, cosine) = (std::f64::consts::TAU * (value - first) / count).sin_cos();
                write(sine);
                write(cosine);
            }
        }
        Ok(())
    }

    pub(super) fn is_sound(&self) -> bool {
        !self.parts.is_empty() && self.impute.is_none_or(|moment| calendar(moment).is_some())
    }
}

/// A point in time that the calendar has.
pub(super) fn calendar(micros: i64) -> Option<Timestamp> {
    Timestamp::from_microsecond(micros).ok()
}

#[cold]
pub(super) fn out_of_range(field: &InputField, moment: i64) -> EncodeError {
    EncodeError::OutOfRange {
        field: field.name.clone(),
        got: Cell::Timestamp(moment).to_string(),
        expected: "a point in time lies between the years -9999 and 9999",
    }
}

fn value(part: TimePart, timestamp: Timestamp) -> f64 {
    let civil = Offset::UTC.to_datetime(timestamp);
    match part {
        TimePart::Year => f64::from(civil.year()),
        TimePart::Quarter => f64::from((civil.month() + 2) / 3),
        TimePart::Month => f64::from(civil.month()),
        TimePart::Day => f64::from(civil.day()),
        TimePart::DayOfYear => f64::from(civil.date().day_of_year()),
        TimePart::Weekday => f64::from(civil.weekday().to_monday_zero_offset()),
        TimePart::IsWeekend => f64::from(u8::from(civil.weekday().to_monday_zero_offset() >= 5)),
        TimePart::Hour => f64::from(civil.hour()),
        TimePart::Minute => f64::from(civil.minute()),
        TimePart::Epoch => timestamp.as_microsecond() as f64 / 1e6,
    }
}
