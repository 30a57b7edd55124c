//! Finding runs: those that a filter wants, newest first or by something that they have.

#[cfg(test)]
mod tests;

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use super::filter::read::whole_key;
use super::filter::{Filter, RunKey};
use super::runs::whole;
use super::{Run, Tracking, TrackingError};
use crate::base::{ExperimentId, RunId, Time};
use crate::platform::page::{At, Page, PageOf, picked};
use crate::store::ReadTx;
use crate::store::tables::experiments;
use crate::store::tables::runs::{self, RunRow};

/// Rows that are read in one go.
const AT_ONCE: usize = 256;

/// Which runs are wanted, and in which order; those of a default are all, newest first.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RunQuery {
    /// Only those of this experiment.
    pub experiment: Option<ExperimentId>,
    /// Only those.
    pub filter: Filter,
    /// In this order instead of newest first.
    pub order: Option<Order>,
}

/// By what runs are ordered. Those that do not have it come last; of equals, the newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    key: RunKey,
    is_descending: bool,
}

/// No order of runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected metrics.NAME, params.NAME, tags.NAME, created_at or ended_at, and asc or desc behind it")]
pub struct BadOrder;

impl FromStr for Order {
    type Err = BadOrder;

    fn from_str(text: &str) -> Result<Self, BadOrder> {
        let (key, direction) = whole_key(text).ok_or(BadOrder)?;
        let is_descending = match direction.trim_end() {
            "" => false,
            direction if direction.eq_ignore_ascii_case("asc") => false,
            direction if direction.eq_ignore_ascii_case("desc") => true,
            _ => return Err(BadOrder),
        };
        match key {
            RunKey::Status | RunKey::Model | RunKey::Name => Err(BadOrder),
            key => Ok(Self { key, is_descending }),
        }
    }
}

impl Tracking {
    /// The runs of an experiment, or all, newest first.
    ///
    /// # Errors
    /// No such experiment, a token that no page gave, or the store's.
    pub async fn runs(
        &self,
        experiment: Option<ExperimentId>,
        page: PageOf,
    ) -> Result<Page<Run>, TrackingError> {
        let query = RunQuery {
            experiment,
            ..RunQuery::default()
        };
        self.search(query, page).await
    }

    /// The runs that `query` wants, in its order.
    ///
    /// Newest first, a page may end before it is full, after having looked at many runs: there are more as long
    /// as it has a token. In another order all runs of the experiment are looked at for each page.
    ///
    /// # Errors
    /// No such experiment, a token that no page of this query gave, or the store's.
    pub async fn search(&self, query: RunQuery, page: PageOf) -> Result<Page<Run>, TrackingError> {
        let is_plain = query.filter == Filter::default() && query.order.is_none();
        // A page of one list is none of another; of an experiment, a page goes on in the list of all.
        let page = page.in_list(match is_plain {
            true => "runs".to_owned(),
            false => format!("runs {:?} {:?}", query.filter, query.order),
        });
        let newest = match query.order {
            None => page.after::<At<RunId>>()?,
            Some(_) => None,
        };
        let ordered = match query.order {
            None => None,
            Some(_) => page.after::<Standing>()?,
        };
        self.store
            .read(move |tx| {
                if let Some(experiment) = query.experiment
                    && experiments::find(tx, experiment)?.is_none()
                {
                    return Err(TrackingError::UnknownExperiment(experiment));
                }
                match &query.order {
                    None => by_time(tx, &query, &page, newest),
                    Some(order) => by_value(tx, &query, order, &page, ordered),
                }
            })
            .await
    }
}

fn by_time(
    tx: &ReadTx,
    query: &RunQuery,
    page: &PageOf,
    after: Option<At<RunId>>,
) -> Result<Page<Run>, TrackingError> {
    let hashes = query.filter.hashes(tx);
    picked(
        page,
        after,
        |after, limit| {
            let after = after.copied().map(At::parts);
            Ok(runs::page(tx, query.experiment, after, limit)?)
        },
        |row| At(row.start_time, row.id),
        |row| match query.filter.wants(tx, &row, &hashes)? {
            true => whole(tx, row).map(Some),
            false => Ok(None),
        },
    )
}

/// Where a run stands in an order by value.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Standing {
    /// None where the run does not have what is ordered by.
    value: Option<f64>,
    time: Time,
    id: RunId,
}

impl Standing {
    /// Which of two comes first.
    fn cmp(&self, other: &Self, is_descending: bool) -> Ordering {
        let by_value = match (self.value, other.value) {
            (Some(a), Some(b)) if is_descending => b.total_cmp(&a),
            (Some(a), Some(b)) => a.total_cmp(&b),
            (a, b) => b.is_some().cmp(&a.is_some()),
        };
        by_value
            .then(other.time.cmp(&self.time))
            .then(self.id.cmp(&other.id))
    }
}

impl fmt::Display for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.value {
            Some(value) => write!(f, "{:x}_", value.to_bits())?,
            None => f.write_str("_")?,
        }
        At(self.time, self.id).fmt(f)
    }
}

impl FromStr for Standing {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (value, at) = text.split_once('_').ok_or(())?;
        let At(time, id) = at.parse()?;
        let bits = match value {
            "" => None,
            value => Some(u64::from_str_radix(value, 16).map_err(drop)?),
        };
        let value = bits.map(f64::from_bits);
        Ok(Self { value, time, id })
    }
}

fn by_value(
    tx: &ReadTx,
    query: &RunQuery,
    order: &Order,
    page: &PageOf,
    after: Option<Standing>,
) -> Result<Page<Run>, TrackingError> {
    let hashes = query.filter.hashes(tx);
    let hash = order.key.hash(tx);
    let cmp = |a: &(Standing, RunRow), b: &(Standing, RunRow)| a.0.cmp(&b.0, order.is_descending);
    let mut first: Vec<(Standing, RunRow)> = Vec::new();
    let mut seen = None;
    loop {
        let rows = runs::page(tx, query.experiment, seen, AT_ONCE)?;
        let is_last = rows.len() < AT_ONCE;
        for row in rows {
            seen = Some((row.start_time, row.id));
            if !query.filter.wants(tx, &row, &hashes)? {
                continue;
            }
            let had = order.key.of(tx, &row, hash)?;
            let value = had.and_then(|had| had.number()).filter(|value| !value.is_nan());
            let (time, id) = (row.start_time, row.id);
            let here = Standing { value, time, id };
            let is_shown_before = |after: &Standing| here.cmp(after, order.is_descending).is_le();
            if !after.as_ref().is_some_and(is_shown_before) {
                first.push((here, row));
            }
        }
        // No more is held than two pages and what is read in one go.
        if first.len() > 2 * page.to_read() || is_last {
            first.sort_unstable_by(cmp);
            first.truncate(page.to_read());
        }
        if is_last {
            break;
        }
    }
    let shown = page.of(first, |(standing, _)| *standing);
    let items = shown.items.into_iter().map(|(_, row)| whole(tx, row));
    Ok(Page {
        items: items.collect::<Result<_, _>>()?,
        next_page_token: shown.next_page_token,
    })
}
