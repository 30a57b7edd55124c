//! Lists, a page at a time. A page says where the next one begins by what its last entry is, not by a
//! count: entries that come or go meanwhile neither shift a page nor appear in it twice.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use crate::base::{ContentId, Time};

/// A token that no page gave.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the page token \"{0}\" is not one that this list gave; leave it out to begin at the first page")]
pub struct BadPageToken(String);

/// Which page of a list is wanted.
#[derive(Debug, Clone)]
pub struct PageOf {
    limit: usize,
    token: Option<String>,
    /// Of which list; a token of one is none of another.
    list: Cow<'static, str>,
}

/// Some entries of a list.
#[derive(Debug, Clone)]
pub struct Page<T> {
    /// The entries, in the list's order.
    pub items: Vec<T>,
    /// Ask for the next page with this; there is none after the last one.
    pub next_page_token: Option<String>,
}

impl PageOf {
    /// `limit` entries at most, from where the page that gave `token` ended.
    pub fn new(limit: usize, token: Option<String>) -> Self {
        Self {
            limit,
            token,
            list: Cow::Borrowed(""),
        }
    }

    /// The first `limit` entries.
    pub fn first(limit: usize) -> Self {
        Self::new(limit, None)
    }

    /// The page of the list called `list`.
    pub(super) fn in_list(self, list: impl Into<Cow<'static, str>>) -> Self {
        let list = list.into();
        Self { list, ..self }
    }

    /// What the page before ended with.
    pub(super) fn after<C: FromStr>(&self) -> Result<Option<C>, BadPageToken> {
        let Some(token) = &self.token else {
            return Ok(None);
        };
        let place = token
            .rsplit_once(SEPARATOR)
            .filter(|(place, sum)| *sum == check_sum(&self.list, place));
        let read = place.and_then(|(place, _)| place.parse().ok());
        read.map(Some)
            .ok_or_else(|| BadPageToken(token.chars().take(80).collect()))
    }

    /// How many entries to ask the store for: one more than are wanted tells whether there are more.
    pub(super) fn to_read(&self) -> usize {
        self.limit.saturating_add(1)
    }

    /// The page of `items`; the next one begins behind `place`, or there is none.
    pub(super) fn ending_at<T>(&self, items: Vec<T>, place: Option<&impl fmt::Display>) -> Page<T> {
        Page {
            items,
            next_page_token: place.map(|place| token(&self.list, &place.to_string())),
        }
    }

    /// The page that starts with `read`, which has [`Self::to_read`] entries at most; `place` says where an
    /// entry stands, as [`Self::after`] reads it.
    pub(super) fn of<T, C: fmt::Display>(&self, mut read: Vec<T>, place: impl Fn(&T) -> C) -> Page<T> {
        let has_more = read.len() > self.limit;
        read.truncate(self.limit);
        let last = read.last().filter(|_| has_more);
        Page {
            next_page_token: last.map(|last| token(&self.list, &place(last).to_string())),
            items: read,
        }
    }
}

/// Entries that are looked at for one page of those that are asked for; then the page ends as it is, and the next
/// one goes on from there. So no list takes longer than this takes, however few entries are.
pub(super) const MOST_SEEN: usize = 20_000;

/// Looks through a list for the entries that are asked for: `read` gives so many entries after a place, `place`
/// says where an entry stands, and `pick` makes of it what the page shows, or nothing.
pub(super) fn picked<T, U, C, E>(
    page: &PageOf,
    mut after: Option<C>,
    mut read: impl FnMut(Option<&C>, usize) -> Result<Vec<T>, E>,
    place: impl Fn(&T) -> C,
    mut pick: impl FnMut(T) -> Result<Option<U>, E>,
) -> Result<Page<U>, E>
where
    C: fmt::Display,
{
    let (mut items, mut seen) = (Vec::new(), 0);
    // Where all are picked, no more is read than is shown.
    let mut at_once = page.to_read().min(READ_AT_ONCE);
    loop {
        let rows = read(after.as_ref(), at_once)?;
        let is_last = rows.len() < at_once;
        at_once = READ_AT_ONCE;
        seen += rows.len();
        for row in rows {
            let here = place(&row);
            if let Some(item) = pick(row)? {
                if items.len() == page.limit {
                    // There is one more: the next page begins behind the last that is shown.
                    return Ok(page.ending_at(items, after.as_ref()));
                }
                items.push(item);
            }
            if items.len() <= page.limit {
                after = Some(here);
            }
        }
        if is_last {
            return Ok(page.ending_at(items, None::<&C>));
        }
        if seen >= MOST_SEEN {
            return Ok(page.ending_at(items, after.as_ref()));
        }
    }
}

impl PageOf {
    /// As [`Self::of`], where not all that was looked at is wanted: `looked_to` is where looking ended, when
    /// there may be more behind it.
    pub(super) fn of_some<T, C: fmt::Display>(
        &self,
        read: Vec<T>,
        place: impl Fn(&T) -> C,
        looked_to: Option<C>,
    ) -> Page<T> {
        let page = self.of(read, place);
        let rest = || looked_to.map(|place| token(&self.list, &place.to_string()));
        Page {
            next_page_token: page.next_page_token.or_else(rest),
            items: page.items,
        }
    }
}

/// Entries that are read in one go.
const READ_AT_ONCE: usize = 256;

/// Stands in no place: names, numbers and ids are without it.
const SEPARATOR: char = '~';

/// The token of a place, with a sum that tells it from a name or a number that somebody made up: with one of
/// those a list would begin anywhere, or look as if it had ended.
fn token(list: &str, place: &str) -> String {
    format!("{place}{SEPARATOR}{}", check_sum(list, place))
}

fn check_sum(list: &str, place: &str) -> String {
    let sum = ContentId::of(format!("{list}{SEPARATOR}{place}").as_bytes()).to_string();
    sum.chars().take(8).collect()
}

impl<T> Page<T> {
    /// The page with each entry shown in another way.
    pub fn map<U>(self, show: impl FnMut(T) -> U) -> Page<U> {
        Page {
            items: self.items.into_iter().map(show).collect(),
            next_page_token: self.next_page_token,
        }
    }
}

/// A place in a list by time: its time, and the id that tells those of one time apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct At<I>(pub(super) Time, pub(super) I);

impl<I> At<I> {
    /// The two parts, as keys have them.
    pub(super) fn parts(self) -> (Time, I) {
        (self.0, self.1)
    }
}

impl<I: fmt::Display> fmt::Display for At<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.0.as_millis(), self.1)
    }
}

impl<I: FromStr> FromStr for At<I> {
    type Err = ();

    fn from_str(token: &str) -> Result<Self, ()> {
        // A time before 1970 has a minus sign of its own.
        let (time, id) = token.rsplit_once('-').ok_or(())?;
        let time = time.parse().map_err(drop)?;
        Ok(Self(Time::from_millis(time), id.parse().map_err(drop)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::RunId;

    #[test]
    fn a_full_page_says_where_the_next_one_begins_and_the_last_one_does_not() {
        let page = |limit, read: &[u64]| {
            let page = PageOf::first(limit).of(read.to_vec(), |number| *number);
            (page.items, page.next_page_token)
        };
        assert_eq!(page(2, &[5, 4, 3]), (vec![5, 4], Some(token("", "4"))));
        assert_eq!(page(2, &[5, 4]), (vec![5, 4], None));
        assert_eq!(page(2, &[]), (vec![], None));
    }

    #[test]
    fn a_token_reads_back_and_any_other_is_refused() {
        let at = At(Time::from_millis(-5), RunId::from_bytes([7; 16]));
        let page = PageOf::new(1, Some(token("", &at.to_string())));
        assert_eq!(page.after::<At<RunId>>(), Ok(Some(at)));
        let bad = ["", "5", "5-", "-5", "x-07070707070707070707070707070707"];
        // What is none of a page's places, and what is one but came from no page.
        let bad = bad
            .map(|place| token("", place))
            .into_iter()
            .chain([at.to_string(), token("runs", &at.to_string())]);
        for bad in bad {
            let page = PageOf::new(1, Some(bad.clone()));
            let error = page.after::<At<RunId>>().unwrap_err();
            assert!(error.to_string().contains(&format!("\"{bad}\"")), "{error}");
        }
    }

    #[test]
    fn pages_of_what_is_picked_hold_all_of_it_once_however_seldom_it_is() {
        let all: Vec<u64> = (0..50_000).collect();
        for every in [1, 7, 999, 60_000] {
            let (mut found, mut token, mut pages) = (Vec::new(), None, 0);
            loop {
                let page = PageOf::new(3_000, token).in_list("numbers");
                let read = |after: Option<&u64>, limit: usize| {
                    let from = after.map_or(0, |after| *after as usize + 1);
                    Ok::<_, ()>(all[from..].iter().copied().take(limit).collect())
                };
                let pick = |number: u64| Ok((number % every == every - 1).then_some(number));
                let after = page.after::<u64>().unwrap();
                let picked = picked(&page, after, read, |number| *number, pick).unwrap();
                assert!(picked.items.len() <= 3_000);
                found.extend(picked.items);
                token = picked.next_page_token;
                pages += 1;
                if token.is_none() {
                    break;
                }
            }
            let expected: Vec<u64> = all
                .iter()
                .copied()
                .filter(|number| number % every == every - 1)
                .collect();
            assert_eq!(found, expected, "every {every}");
            assert!(pages <= 20, "{pages} pages");
        }
    }
}
