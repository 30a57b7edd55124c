//! What becomes of a point in time.

use serde::{Deserialize, Serialize};

/// A part of a point in time, in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimePart {
    /// The year.
    Year,
    /// 1 to 4.
    Quarter,
    /// 1 to 12.
    Month,
    /// The day of the month, from 1.
    Day,
    /// The day of the year, from 1.
    DayOfYear,
    /// 0 for Monday to 6 for Sunday.
    Weekday,
    /// 1 on Saturday and Sunday, else 0.
    IsWeekend,
    /// 0 to 23.
    Hour,
    /// 0 to 59.
    Minute,
    /// Seconds since 1970-01-01T00:00:00Z. A model eats 32-bit floats, which tell today's apart by about two
    /// minutes.
    Epoch,
}

impl TimePart {
    /// The parts that are taken where a recipe names none.
    pub const USUAL: [Self; 5] = [Self::Year, Self::Month, Self::Day, Self::Weekday, Self::Hour];

    /// What stands behind the column's name in the name of the feature.
    pub fn name(self) -> &'static str {
        match self {
            Self::Year => "year",
            Self::Quarter => "quarter",
            Self::Month => "month",
            Self::Day => "day",
            Self::DayOfYear => "day_of_year",
            Self::Weekday => "weekday",
            Self::IsWeekend => "is_weekend",
            Self::Hour => "hour",
            Self::Minute => "minute",
            Self::Epoch => "epoch",
        }
    }

    /// The first value and how many there are until it comes again; none for a part that never does.
    pub fn cycle(self) -> Option<(f64, f64)> {
        match self {
            Self::Quarter => Some((1.0, 4.0)),
            Self::Month => Some((1.0, 12.0)),
            Self::Day => Some((1.0, 31.0)),
            Self::DayOfYear => Some((1.0, 366.0)),
            Self::Weekday => Some((0.0, 7.0)),
            Self::Hour => Some((0.0, 24.0)),
            Self::Minute => Some((0.0, 60.0)),
            Self::Year | Self::IsWeekend | Self::Epoch => None,
        }
    }
}

/// How every timestamp that no rule names becomes numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EncodeTime {
    /// By its parts.
    Parts,
}
