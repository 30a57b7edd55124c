//! Periods of a series: where each begins, and which one a moment is in.

use jiff::tz::Offset;
use jiff::{Span, Timestamp};
use serde::{Deserialize, Serialize};

use super::frequency::{DAY, Frequency, civil, month};

/// Periods that follow each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grid {
    /// Where some period begins from which the others are counted, in microseconds since the epoch.
    pub start: i64,
    /// How far apart they are.
    pub frequency: Frequency,
    /// How many periods after `start` the first one is.
    #[serde(default)]
    first: usize,
    /// Whether periods of months are told by their last day.
    #[serde(default)]
    month_end: bool,
}

/// How a moment finds its period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Snap {
    /// The period whose beginning is nearest.
    Nearest,
    /// The period that it is in.
    Within,
}

impl Grid {
    /// Periods from `start` on.
    pub fn new(start: i64, frequency: Frequency) -> Self {
        Self {
            start,
            frequency,
            first: 0,
            month_end: false,
        }
    }

    /// The periods of `moments`, which are in order. Periods that hold several rows begin where people begin to count: with
    /// the hour, at midnight, on Monday, on the first of the month.
    pub(super) fn of(moments: &[i64], frequency: Frequency, is_joined: bool) -> Self {
        let mut grid = Self::new(moments[0], frequency);
        match frequency {
            Frequency::Micros(micros) if is_joined => {
                // The epoch was a Thursday.
                let monday = if micros % (7 * DAY) == 0 { 4 * DAY } else { 0 };
                grid.start = (grid.start - monday).div_euclid(micros) * micros + monday;
            }
            Frequency::Micros(_) => {}
            Frequency::Months(_) if is_joined => {
                let midnight = civil(grid.start).and_then(|moment| moment.with().day(1).build().ok());
                let midnight =
                    midnight.map(|moment| moment.date().to_datetime(jiff::civil::Time::midnight()));
                let start = midnight.and_then(|moment| Offset::UTC.to_timestamp(moment).ok());
                grid.start = start.map_or(grid.start, |start| start.as_microsecond());
            }
            Frequency::Months(_) => {
                let is_last = |moment: &i64| {
                    civil(*moment).is_some_and(|moment| moment.date() == moment.date().last_of_month())
                };
                grid.month_end = moments.iter().all(is_last);
            }
        }
        grid
    }

    /// The same periods from the one at `index` on.
    #[must_use]
    pub fn from(self, index: usize) -> Self {
        Self {
            first: self.first + index,
            ..self
        }
    }

    /// Where the period at `index` begins; none outside of the calendar.
    pub fn moment(&self, index: usize) -> Option<i64> {
        let index = i64::try_from(self.first.checked_add(index)?).ok()?;
        match self.frequency {
            Frequency::Micros(micros) => {
                let moment = micros.checked_mul(index)?.checked_add(self.start)?;
                Timestamp::from_microsecond(moment).ok().map(|_| moment)
            }
            Frequency::Months(months) => {
                let span = Span::new()
                    .try_months(i64::from(months).checked_mul(index)?)
                    .ok()?;
                let mut moment = civil(self.start)?.checked_add(span).ok()?;
                if self.month_end {
                    moment = moment.date().last_of_month().to_datetime(moment.time());
                }
                let timestamp = Offset::UTC.to_timestamp(moment).ok()?;
                Some(timestamp.as_microsecond())
            }
        }
    }

    /// The period of a moment, which may lie before the first one.
    pub fn index(&self, moment: i64, snap: Snap) -> Option<i64> {
        let first = i64::try_from(self.first).ok()?;
        let index = match self.frequency {
            Frequency::Micros(micros) => {
                let apart = moment.checked_sub(self.start)?;
                match snap {
                    Snap::Within => apart.div_euclid(micros),
                    Snap::Nearest => apart.checked_add(micros / 2)?.div_euclid(micros),
                }
            }
            Frequency::Months(months) => {
                let apart = month(civil(moment)?) - month(civil(self.start)?);
                i64::from(apart.div_euclid(months))
            }
        };
        index.checked_sub(first)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(text: &str) -> i64 {
        text.parse::<Timestamp>().unwrap().as_microsecond()
    }

    #[test]
    fn a_period_begins_where_its_moment_says_and_finds_itself_again() {
        for (start, frequency) in [
            ("2026-01-31T06:00:00Z", "1mo"),
            ("2026-01-31T06:00:00Z", "1d"),
            ("2024-02-29T00:00:00Z", "1y"),
            ("2026-01-01T00:10:00Z", "15min"),
        ] {
            let grid = Grid::new(moment(start), frequency.parse().unwrap());
            for index in [0, 1, 2, 11, 12, 13, 400] {
                let begins = grid.moment(index).unwrap();
                for snap in [Snap::Nearest, Snap::Within] {
                    assert_eq!(
                        grid.index(begins, snap),
                        Some(index as i64),
                        "{start} {frequency}"
                    );
                }
            }
        }
        let months = Grid::new(moment("2026-01-31T00:00:00Z"), Frequency::Months(1));
        assert_eq!(months.moment(1), Some(moment("2026-02-28T00:00:00Z")));
        assert_eq!(months.moment(2), Some(moment("2026-03-31T00:00:00Z")));
        let hours = Grid::new(0, "1h".parse().unwrap());
        let late = moment("1970-01-01T01:59:00Z");
        assert_eq!(hours.index(late, Snap::Nearest), Some(2));
        assert_eq!(hours.index(late, Snap::Within), Some(1));
        assert_eq!(hours.index(-1, Snap::Within), Some(-1));
        assert_eq!(hours.moment(usize::MAX), None);
    }

    #[test]
    fn the_last_days_of_months_stay_the_last_days_and_joined_periods_begin_with_the_calendar() {
        let ends = ["2024-02-29T00Z", "2024-03-31T00Z", "2024-04-30T00Z"].map(moment);
        let grid = Grid::of(&ends, Frequency::Months(1), false);
        assert_eq!(grid.moment(1), Some(ends[1]));
        assert_eq!(grid.from(2).moment(1), Some(moment("2024-05-31T00Z")));
        assert_eq!(grid.from(2).index(ends[2], Snap::Nearest), Some(0));
        let first = [moment("2026-01-14T13:10:00Z")];
        for (frequency, begins) in [
            ("1h", "2026-01-14T13:00:00Z"),
            ("1d", "2026-01-14T00:00:00Z"),
            ("1w", "2026-01-12T00:00:00Z"),
            ("1mo", "2026-01-01T00:00:00Z"),
        ] {
            let grid = Grid::of(&first, frequency.parse().unwrap(), true);
            assert_eq!(grid.moment(0), Some(moment(begins)), "{frequency}");
        }
    }
}
