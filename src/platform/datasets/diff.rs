//! What differs between two versions, of one dataset or of two.

use super::{DatasetError, DatasetVersion, Datasets, VersionError, Wanted};
use crate::base::Name;
use crate::data::diff::{Diff, diff};
use crate::platform::page::PageOf;

/// Which versions are compared.
#[derive(Debug, Clone)]
pub struct DiffOf {
    /// The dataset.
    pub name: Name,
    /// Its version that is compared; without one, the one before the latest, or the latest where another dataset
    /// is compared with it.
    pub from: Option<Wanted>,
    /// The dataset that it is compared with, where that is another.
    pub with: Option<Name>,
    /// The version that it is compared with; the latest without one.
    pub to: Option<Wanted>,
}

/// What differs between two versions.
#[derive(Debug, Clone)]
pub struct Diffed {
    /// The first.
    pub from: DatasetVersion,
    /// The second.
    pub to: DatasetVersion,
    /// What differs.
    pub diff: Diff,
}

impl Datasets {
    /// Compares two versions by their columns and profiles.
    ///
    /// # Errors
    /// No such dataset or version, a dataset of a single version, damaged content, or the store's.
    pub async fn diff(&self, of: DiffOf) -> Result<Diffed, DatasetError> {
        let from = match (&of.from, &of.with) {
            (Some(wanted), _) => self.wanted(&of.name, wanted).await?,
            (None, Some(_)) => self.version(&of.name, None).await?,
            (None, None) => self.before_the_latest(&of.name).await?,
        };
        let to = of.with.as_ref().unwrap_or(&of.name);
        let to = self.wanted(to, &of.to.unwrap_or_default()).await?;
        let schemas = (self.schema(&from).await?, self.schema(&to).await?);
        let profiles = (self.profile(&from).await?, self.profile(&to).await?);
        Ok(Diffed {
            diff: diff((&schemas.0, &profiles.0), (&schemas.1, &profiles.1)),
            from,
            to,
        })
    }

    /// The version that came in first but one, counted from the newest, or the newest where an older one was added
    /// again and is the latest.
    async fn before_the_latest(&self, name: &Name) -> Result<DatasetVersion, DatasetError> {
        let latest = self.version(name, None).await?.id;
        let newest = self.versions(name, PageOf::new(2, None)).await?.items;
        let before = newest.into_iter().find(|version| version.id != latest);
        before.ok_or_else(|| VersionError::OnlyOne(name.clone()).into())
    }
}
