//! What the calendar says of a period: for trees as categories, for nets as numbers of about 1.

use jiff::Timestamp;
use jiff::tz::Offset;

use crate::data::series::Frequency;
use crate::engine::matrix::{Feature, FeatureKind};

/// Where a moment is in the day, the week and the year.
struct Place {
    /// The share of the day that is over.
    day: f64,
    hour: usize,
    /// From 0, Monday.
    weekday: usize,
    /// From 0.
    month: usize,
    /// The share of the year that is over.
    year: f64,
}

impl Place {
    /// `moment`: microseconds since the epoch. One outside of the calendar is the epoch.
    fn of(moment: i64) -> Self {
        let timestamp = Timestamp::from_microsecond(moment).unwrap_or(Timestamp::UNIX_EPOCH);
        let civil = Offset::UTC.to_datetime(timestamp);
        let [hour, minute] = [civil.hour(), civil.minute()].map(f64::from);
        let index = |number: i8| usize::try_from(number).unwrap_or(0);
        Self {
            day: (hour + minute / 60.0) / 24.0,
            hour: index(civil.hour()),
            weekday: index(civil.weekday().to_monday_zero_offset()),
            month: index(civil.month() - 1),
            year: f64::from(civil.date().day_of_year() - 1) / 366.0,
        }
    }
}

/// The categories that a period of this frequency has: `hour`, `weekday`, `month`, with their numbers of levels.
pub(super) fn features(frequency: Frequency) -> Vec<Feature> {
    let feature = |name: &str, levels| Feature {
        name: name.to_owned(),
        kind: FeatureKind::Categorical { levels },
    };
    let parts = [
        (frequency.is_within_a_day(), feature("hour", 24)),
        (frequency.is_within_a_week(), feature("weekday", 7)),
        (true, feature("month", 12)),
    ];
    let told = parts.into_iter().filter(|(is_told, _)| *is_told);
    told.map(|(_, feature)| feature).collect()
}

/// Appends their codes at `moment`.
pub(super) fn codes(frequency: Frequency, moment: i64, out: &mut Vec<f32>) {
    let place = Place::of(moment);
    if frequency.is_within_a_day() {
        out.push(place.hour as f32);
    }
    if frequency.is_within_a_week() {
        out.push(place.weekday as f32);
    }
    out.push(place.month as f32);
}

/// How many numbers [`waves`] appends.
pub(super) fn width(frequency: Frequency) -> usize {
    let day = if frequency.is_within_a_day() { 4 } else { 0 };
    let week = if frequency.is_within_a_week() { 7 } else { 0 };
    day + week + 4
}

/// Appends sine and cosine of the time of day, 1 for the weekday that it is, and sine and cosine of the time of year; of
/// day and year also with half the period, since few days have one wave.
pub(super) fn waves(frequency: Frequency, moment: i64, out: &mut Vec<f32>) {
    let place = Place::of(moment);
    let wave = |share: f64, out: &mut Vec<f32>| {
        for times in [1.0, 2.0] {
            let (sine, cosine) = (std::f64::consts::TAU * times * share).sin_cos();
            out.extend([sine as f32, cosine as f32]);
        }
    };
    if frequency.is_within_a_day() {
        wave(place.day, out);
    }
    if frequency.is_within_a_week() {
        out.extend((0..7).map(|weekday| f32::from(u8::from(weekday == place.weekday))));
    }
    wave(place.year, out);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_has_the_numbers_that_its_frequency_tells_apart() {
        // A Thursday, 18:00.
        let moment = "1970-01-01T18:00:00Z"
            .parse::<Timestamp>()
            .unwrap()
            .as_microsecond();
        for (text, codes_of) in [
            ("1h", vec![18.0, 3.0, 0.0]),
            ("1d", vec![3.0, 0.0]),
            ("1mo", vec![0.0]),
        ] {
            let frequency: Frequency = text.parse().unwrap();
            let mut out = Vec::new();
            codes(frequency, moment, &mut out);
            assert_eq!(out, codes_of);
            assert_eq!(features(frequency).len(), codes_of.len());
            let mut numbers = Vec::new();
            waves(frequency, moment, &mut numbers);
            assert_eq!(numbers.len(), width(frequency), "{text}");
            assert!(numbers.iter().all(|number| number.abs() <= 1.0));
        }
        let mut numbers = Vec::new();
        waves("1h".parse().unwrap(), moment, &mut numbers);
        assert!(
            (numbers[0] + 1.0).abs() < 1e-6,
            "three quarters of a day are over"
        );
    }
}
