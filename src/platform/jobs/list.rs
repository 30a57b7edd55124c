//! The list of jobs.

use std::str::FromStr;

use super::{Job, JobError, Jobs, State};
use crate::base::{JobId, Name};
use crate::platform::page::{At, Page, PageOf, picked};
use crate::store::tables::jobs;

/// Which jobs are wanted; those of a default are all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct JobFilter {
    /// Only those that stand so.
    pub state: Option<State>,
    /// Only those about this model.
    pub model: Option<Name>,
}

impl Jobs {
    /// Jobs, newest first.
    ///
    /// # Errors
    /// A token that no page gave, or the store's.
    pub async fn list(&self, page: PageOf) -> Result<Page<Job>, JobError> {
        self.list_of(JobFilter::default(), page).await
    }

    /// The jobs that `filter` wants, newest first.
    ///
    /// # Errors
    /// A token that no page gave, or the store's.
    pub async fn list_of(&self, filter: JobFilter, page: PageOf) -> Result<Page<Job>, JobError> {
        // A page of one list is none of another.
        let page = page.in_list(match &filter {
            JobFilter {
                state: None,
                model: None,
            } => "jobs".to_owned(),
            JobFilter { state, model } => format!("jobs {state:?} {model:?}"),
        });
        let after = page.after::<At<JobId>>()?;
        let this = self.clone();
        self.store
            .read(move |tx| {
                picked(
                    &page,
                    after,
                    |after, limit| Ok(jobs::newest(tx, after.copied().map(At::parts), limit)?),
                    |row| At(row.created_at, row.id),
                    |row| {
                        if filter
                            .model
                            .as_ref()
                            .is_some_and(|model| model.as_str() != row.subject)
                        {
                            return Ok(None);
                        }
                        // How a job stands is not in its row alone.
                        let job = this.view(row)?;
                        Ok(Some(job).filter(|job| filter.state.is_none_or(|state| state == job.state)))
                    },
                )
            })
            .await
    }
}

/// No way for a job to stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected queued, running, done, failed or cancelled")]
pub struct BadState;

impl FromStr for State {
    type Err = BadState;

    fn from_str(text: &str) -> Result<Self, BadState> {
        Self::parse(text).ok_or(BadState)
    }
}
