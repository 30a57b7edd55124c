//! How far apart the periods of a series are.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;
use serde::{Deserialize, Serialize};

/// How far apart two periods that follow each other are: a fixed time, or months of the calendar. All in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Frequency {
    /// Microseconds.
    Micros(i64),
    /// Months, which are of different lengths.
    Months(i32),
}

const SECOND: i64 = 1_000_000;
pub(super) const DAY: i64 = 86_400 * SECOND;

/// Units of fixed length as they are written, the longest first.
const UNITS: [(&str, i64); 5] = [
    ("w", 7 * DAY),
    ("d", DAY),
    ("h", 3_600 * SECOND),
    ("min", 60 * SECOND),
    ("s", SECOND),
];

/// What is no frequency.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is no frequency: expected a count and one of s, min, h, d, w, mo, q, y, such as \"15min\", \"1h\", \"1d\" or \
     \"1mo\""
)]
pub struct NoFrequency(String);

impl FromStr for Frequency {
    type Err = NoFrequency;

    fn from_str(text: &str) -> Result<Self, NoFrequency> {
        let refused = || NoFrequency(text.chars().take(40).collect());
        let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (count, unit) = text.split_at(digits);
        let count: i32 = if count.is_empty() {
            1
        } else {
            count.parse().map_err(|_| refused())?
        };
        let months = match unit {
            "mo" => Some(1),
            "q" => Some(3),
            "y" => Some(12),
            _ => None,
        };
        // A century is more than any series needs, and less than what a date can be moved by.
        let frequency = match months {
            Some(months) => count
                .checked_mul(months)
                .filter(|months| *months <= 1_200)
                .map(Self::Months),
            None => {
                let unit = UNITS.iter().find(|(name, _)| *name == unit);
                let micros = unit.and_then(|(_, micros)| micros.checked_mul(i64::from(count)));
                micros.filter(|micros| *micros <= 36_525 * DAY).map(Self::Micros)
            }
        };
        frequency.filter(|_| count > 0).ok_or_else(refused)
    }
}

impl fmt::Display for Frequency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Months(months) if months % 12 == 0 => write!(f, "{}y", months / 12),
            Self::Months(months) => write!(f, "{months}mo"),
            Self::Micros(micros) => match UNITS.iter().find(|(_, unit)| micros % unit == 0) {
                Some((name, unit)) => write!(f, "{}{name}", micros / unit),
                None => write!(f, "{}s", *micros as f64 / SECOND as f64),
            },
        }
    }
}

impl TryFrom<String> for Frequency {
    type Error = NoFrequency;

    fn try_from(text: String) -> Result<Self, NoFrequency> {
        text.parse()
    }
}

impl From<Frequency> for String {
    fn from(frequency: Frequency) -> Self {
        frequency.to_string()
    }
}

impl Frequency {
    /// The most common distance of moments in order, `[moments]` in microseconds, each later than the one before. Where
    /// months follow each other, months. None of fewer than two, and where no distance divides at least half of them.
    pub fn of(moments: &[i64]) -> Option<Self> {
        let mut apart: Vec<i64> = moments.windows(2).map(|pair| pair[1] - pair[0]).collect();
        if apart.is_empty() {
            return None;
        }
        if apart.iter().all(|apart| *apart >= 27 * DAY)
            && let Some(months) = months_apart(moments)
        {
            return Some(Self::Months(months));
        }
        apart.sort_unstable();
        let runs = apart.chunk_by(|a, b| a == b);
        // Of equals the shortest: the longer ones may be gaps of it.
        let most = runs.rev().max_by_key(|run| run.len()).map(|run| run[0])?;
        let whole = apart.iter().filter(|apart| **apart % most == 0).count();
        let is_writable = most % SECOND == 0 && most <= 36_525 * DAY;
        (is_writable && 2 * whole >= apart.len()).then_some(Self::Micros(most))
    }

    /// The periods of a season that is usual at this distance: a day of hours or minutes, a week of days, a year of
    /// weeks, months or quarters. 1 where there is none.
    pub fn usual_season(self) -> usize {
        match self {
            Self::Months(months) if 12 % months == 0 => (12 / months) as usize,
            Self::Months(_) => 1,
            Self::Micros(micros) if micros == 7 * DAY => 52,
            Self::Micros(micros) if micros == DAY => 7,
            Self::Micros(micros) if micros < DAY && DAY % micros == 0 && micros >= 60 * SECOND => {
                (DAY / micros) as usize
            }
            Self::Micros(_) => 1,
        }
    }

    /// Whether the hour of the day changes from one period to another.
    pub fn is_within_a_day(self) -> bool {
        matches!(self, Self::Micros(micros) if micros < DAY)
    }

    /// Whether the day of the week does.
    pub fn is_within_a_week(self) -> bool {
        matches!(self, Self::Micros(micros) if micros < 7 * DAY)
    }
}

/// How many months at least lie between moments, when each is in a month of its own, and all at about the same day.
fn months_apart(moments: &[i64]) -> Option<i32> {
    let civil: Vec<DateTime> = moments
        .iter()
        .map(|moment| civil(*moment))
        .collect::<Option<_>>()?;
    let days: Vec<i8> = civil.iter().map(|moment| moment.day()).collect();
    let same = days.iter().all(|day| *day == days[0]);
    // The last day of a month has the number 28 to 31.
    if !same && days.iter().any(|day| *day < 28) {
        return None;
    }
    let apart = civil.windows(2).map(|pair| month(pair[1]) - month(pair[0]));
    apart.min().filter(|months| *months > 0)
}

pub(super) fn civil(moment: i64) -> Option<DateTime> {
    let timestamp = Timestamp::from_microsecond(moment).ok()?;
    Some(Offset::UTC.to_datetime(timestamp))
}

pub(super) fn month(moment: DateTime) -> i32 {
    i32::from(moment.year()) * 12 + i32::from(moment.month())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(text: &str) -> i64 {
        text.parse::<Timestamp>().unwrap().as_microsecond()
    }

    #[test]
    fn a_frequency_is_read_as_it_is_written() {
        for (text, written) in [
            ("15min", "15min"),
            ("60min", "1h"),
            ("h", "1h"),
            ("24h", "1d"),
            ("7d", "1w"),
            ("14d", "2w"),
            ("mo", "1mo"),
            ("q", "3mo"),
            ("12mo", "1y"),
            ("90s", "90s"),
        ] {
            assert_eq!(text.parse::<Frequency>().unwrap().to_string(), written);
        }
        for wrong in ["", "0d", "-1d", "1", "1m", "day", "99999999999d", "2000y", "1.5h"] {
            assert!(wrong.parse::<Frequency>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_frequency_of_moments_is_the_most_common_distance() {
        let of = |moments: &[&str]| {
            let moments: Vec<i64> = moments.iter().map(|text| moment(text)).collect();
            Frequency::of(&moments).map(|frequency| frequency.to_string())
        };
        let days = [
            "2026-01-01T00Z",
            "2026-01-02T00Z",
            "2026-01-03T00Z",
            "2026-01-06T00Z",
        ];
        assert_eq!(of(&days).as_deref(), Some("1d"));
        let months = [
            "2026-01-31T00Z",
            "2026-02-28T00Z",
            "2026-03-31T00Z",
            "2026-05-31T00Z",
        ];
        assert_eq!(of(&months).as_deref(), Some("1mo"));
        let quarters = ["2025-10-01T00Z", "2026-01-01T00Z", "2026-04-01T00Z"];
        assert_eq!(of(&quarters).as_deref(), Some("3mo"));
        assert_eq!(of(&["2026-01-01T00Z"]), None);
        let uneven = [
            "2026-01-01T00:00Z",
            "2026-01-01T00:07Z",
            "2026-01-01T00:18Z",
            "2026-01-01T00:31Z",
        ];
        assert_eq!(of(&uneven), None, "{:?}", of(&uneven));
    }

    #[test]
    fn the_season_is_the_one_that_people_expect() {
        for (frequency, season) in [
            ("1h", 24),
            ("15min", 96),
            ("1d", 7),
            ("1w", 52),
            ("1mo", 12),
            ("1q", 4),
            ("1y", 1),
            ("5d", 1),
            ("1s", 1),
        ] {
            assert_eq!(
                frequency.parse::<Frequency>().unwrap().usual_season(),
                season,
                "{frequency}"
            );
        }
    }
}
