//! Numbers and dates as people write them and tables do not.

use super::doubt::Reason;
use super::value;

/// What `text`, which is neither a number nor a moment, probably is.
pub(super) fn of(text: &str) -> Option<Reason> {
    let text = text.trim();
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    if ["inf", "infinity"]
        .iter()
        .any(|word| unsigned.eq_ignore_ascii_case(word))
    {
        Some(Reason::Infinity)
    } else if is_date(text) {
        Some(Reason::Date)
    } else if is_grouped(unsigned, ',', '.')
        || ['\'', ' ', '\u{a0}', '\u{202f}']
            .into_iter()
            .any(|sign| is_grouped(unsigned, sign, '.') || is_grouped(unsigned, sign, ','))
    {
        Some(Reason::Thousands)
    } else if is_grouped(unsigned, '.', ',') || has_decimal_comma(unsigned) {
        Some(Reason::DecimalComma)
    } else {
        None
    }
}

/// Whether a column that is thought to hold what `reason` says may also hold `text`.
pub(super) fn goes_on(reason: Reason, text: &str) -> bool {
    use Reason::{Date, DecimalComma, Infinity, Thousands};
    match (reason, of(text)) {
        (Date, Some(Date)) => true,
        (Thousands | DecimalComma | Infinity, Some(Thousands | DecimalComma | Infinity)) => true,
        (Date, None) => value::moment(text).is_ok(),
        (Thousands | DecimalComma | Infinity, None) => value::number(text).is_ok(),
        _ => false,
    }
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// `1,234` or `1,234,567.89`, with other signs if need be.
fn is_grouped(text: &str, between: char, point: char) -> bool {
    let (whole, fraction) = text.split_once(point).unwrap_or((text, "0"));
    let mut groups = whole.split(between);
    let first = groups.next().unwrap_or_default();
    let mut others = groups.peekable();
    others.peek().is_some()
        && (1..=3).contains(&first.len())
        && is_digits(first)
        && others.all(|group| group.len() == 3 && is_digits(group))
        && is_digits(fraction)
}

/// `12,5`.
fn has_decimal_comma(text: &str) -> bool {
    text.split_once(',')
        .is_some_and(|(whole, fraction)| is_digits(whole) && is_digits(fraction))
}

/// `31/01/2026`, `1.2.2026`, `2026/01/31`, `31-01-26`, each also with a time behind.
fn is_date(text: &str) -> bool {
    let day = text.split([' ', 'T']).next().unwrap_or_default();
    ['/', '.', '-'].into_iter().any(|sign| {
        let mut parts = day.split(sign);
        let (Some(first), Some(second), Some(third), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return false;
        };
        let number = |part: &str| is_digits(part).then(|| part.parse::<u32>().ok()).flatten();
        let (Some(a), Some(b), Some(c)) = (number(first), number(second), number(third)) else {
            return false;
        };
        let of_year = |day: u32, month: u32| (1..=31).contains(&day) && (1..=12).contains(&month);
        match (first.len(), second.len(), third.len()) {
            (1 | 2, 1 | 2, 2 | 4) => of_year(a, b) || of_year(b, a),
            (4, 1 | 2, 1 | 2) => of_year(c, b),
            _ => false,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_person_takes_for_a_number_or_a_date_is_found() {
        let cases: [(Option<Reason>, &[&str]); 5] = [
            (
                Some(Reason::Thousands),
                &[
                    "1,234",
                    "-12,345.67",
                    "1,234,567",
                    "1'234.5",
                    "1 234,5",
                    "1\u{a0}234",
                ],
            ),
            (
                Some(Reason::DecimalComma),
                &["1,5", "+0,25", "1.234,56", "1234,567"],
            ),
            (Some(Reason::Infinity), &["inf", "-Infinity", "+INF"]),
            (
                Some(Reason::Date),
                &[
                    "31/01/2026",
                    "1/31/26",
                    "31.1.2026",
                    "2026/01/31 10:00",
                    "31-01-2026",
                    "2026-1-5",
                ],
            ),
            (
                None,
                &[
                    "",
                    "x",
                    "1,2,3",
                    ",5",
                    "12,",
                    "12-34",
                    "99/99/2026",
                    "1,23,456",
                    "10.0.0.1",
                    "infinite",
                    "a,b",
                ],
            ),
        ];
        for (expected, texts) in cases {
            for text in texts {
                assert_eq!(of(text), expected, "{text}");
            }
        }
    }
}
