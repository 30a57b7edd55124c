//! A recipe beside what is known of its rows, before there is a job.

use super::{JobError, Jobs};
use crate::platform::datasets::{DatasetError, Datasets};
use crate::platform::recipes::WrittenRecipe;

impl Jobs {
    /// Checks a recipe beside the columns of the stored dataset that it names, or of the rows that it has
    /// generated. The training checks again: a newer version of the dataset may have come meanwhile.
    pub(super) async fn check_data(&self, written: &WrittenRecipe) -> Result<(), JobError> {
        let data = &written.recipe().data;
        if let Some(name) = &data.dataset {
            let datasets = Datasets::new(self.store.clone(), self.clock.clone(), self.entropy);
            let version = match datasets.version(name, data.version).await {
                Err(DatasetError::Unknown(_)) => return Err(written.no_such_dataset(name).into()),
                found => found?,
            };
            let schema = datasets.schema(&version).await?;
            written.check_columns(&format!("dataset {name}"), &schema)?;
        }
        if let Some(generate) = &data.generate {
            // The columns are always the same, and make a schema: a test of theirs holds it.
            if let Ok(schema) = generate.schema() {
                written.check_columns("the generated rows", &schema)?;
            }
        }
        Ok(())
    }
}
