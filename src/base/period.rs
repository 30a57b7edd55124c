//! Spans of time and moments as people write them: `30d`, `12 hours`, `2 days ago`, `2026-11-25T10:00:00Z`.

use std::time::Duration;

use super::Time;

/// What is no span of time, or no moment.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{given}\" is not {what}")]
pub struct PeriodError {
    given: String,
    what: &'static str,
}

fn error(given: &str, what: &'static str) -> PeriodError {
    PeriodError {
        given: given.chars().take(80).collect(),
        what,
    }
}

/// How long `given` is: `30d`, `12h`, `90 minutes`; a day has 24 hours.
///
/// # Errors
/// It is no span of time, or less than none.
pub fn parse_duration(given: &str) -> Result<Duration, PeriodError> {
    let bad = || error(given, "a time such as 30d, 12h or 45m");
    let span: jiff::Span = given.trim().parse().map_err(|_| bad())?;
    let duration = span.to_duration(jiff::SpanRelativeTo::days_are_24_hours());
    let duration = duration.map_err(|_| bad())?;
    Duration::try_from(duration).map_err(|_| bad())
}

/// The moment that `given` says: in RFC 3339, as a day (its beginning, in UTC), or as so long before `now`.
///
/// # Errors
/// It is none of these.
pub fn parse_moment(given: &str, now: Time) -> Result<Time, PeriodError> {
    let given = given.trim();
    let moment = |text: &str| text.parse::<jiff::Timestamp>().ok();
    // Days are plain dates: `2026-11-25T10:00` without a zone could be any of two dozen moments.
    let is_day = given.len() == 10 && given.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    let day = is_day.then(|| moment(&format!("{given}T00:00:00Z"))).flatten();
    if let Some(moment) = moment(given).or(day) {
        return Ok(Time::from_millis(moment.as_millisecond()));
    }
    let bad = || {
        error(
            given,
            "a time such as 2026-11-25T10:00:00Z, 2026-11-25 or \"2 days ago\"",
        )
    };
    let ago = given.strip_suffix("ago").ok_or_else(bad)?;
    let ago = parse_duration(ago).map_err(|_| bad())?;
    let ago = i64::try_from(ago.as_millis()).map_err(|_| bad())?;
    Ok(Time::from_millis(now.as_millis().saturating_sub(ago)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: u64 = 86_400;

    #[test]
    fn a_span_of_time_reads_as_people_write_it() {
        for (given, seconds) in [
            ("30d", 30 * DAY),
            ("2 days", 2 * DAY),
            ("1w", 7 * DAY),
            ("12h", 43_200),
            ("90 minutes", 5_400),
            ("45s", 45),
            ("0s", 0),
        ] {
            assert_eq!(parse_duration(given), Ok(Duration::from_secs(seconds)), "{given}");
        }
        for bad in [
            "",
            "30",
            "-1d",
            "2 days ago",
            "1 month",
            "d",
            "99999999999999999999d",
        ] {
            assert!(parse_duration(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_moment_is_a_time_a_day_or_so_long_ago() {
        let now = Time::from_millis(1_795_600_000_000);
        let millis = |given| parse_moment(given, now).map(Time::as_millis);
        assert_eq!(millis("1970-01-02T00:00:01.5Z"), Ok(86_401_500));
        assert_eq!(millis("1970-01-02T01:00:00+01:00"), Ok(86_400_000));
        assert_eq!(millis("1970-01-02"), Ok(86_400_000));
        assert_eq!(millis("2 days ago"), Ok(now.as_millis() - 2 * 86_400_000));
        assert_eq!(millis("2d ago"), Ok(now.as_millis() - 2 * 86_400_000));
        for bad in ["", "now", "2026-11-25T10:00", "2 days", "yesterday", "2026-13-01"] {
            assert!(parse_moment(bad, now).is_err(), "{bad}");
        }
    }
}
