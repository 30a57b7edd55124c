//! A forecaster at rest: its plan as JSON, beside the files of the model that it forecasts by.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::forecaster::Inner;
use super::plan::Plan;
use super::rows;
use super::windows::{self, Scales};
use super::{Conformal, Forecaster};
use crate::engine::model::{Model, ModelFormat, StoredModel, StoredModelError};
use crate::engine::net::lstm::LstmModel;
use crate::engine::task::Task;

const FORECASTER: &str = "forecaster.json";
const CONFIG: &str = "lstm.json";
const WEIGHTS: &str = "lstm.safetensors";

/// What stands beside the model.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    version: u32,
    plan: Plan,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    intervals: Option<Conformal>,
    by: By,
}

/// What it forecasts by.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum By {
    Lstm { scales: Scales },
    Rows { format: ModelFormat, units: Vec<f64> },
}

const VERSION: u32 = 1;

impl Forecaster {
    /// The forecaster at rest; the same one always gives the same bytes.
    ///
    /// # Errors
    /// The model cannot be written.
    pub fn encode(&self) -> Result<StoredModel, StoredModelError> {
        let (by, mut files) = match &self.inner {
            Inner::Lstm { model, scales } => {
                let (config, weights) = model.encode()?;
                let files = [(CONFIG.to_owned(), config), (WEIGHTS.to_owned(), weights)];
                let scales = scales.clone();
                (By::Lstm { scales }, BTreeMap::from(files))
            }
            Inner::Rows { model, units } => {
                let StoredModel { format, files } = model.encode()?;
                let units = units.clone();
                (By::Rows { format, units }, files)
            }
        };
        let stored = Stored {
            version: VERSION,
            plan: self.plan.clone(),
            intervals: self.intervals.clone(),
            by,
        };
        files.insert(FORECASTER.to_owned(), serde_json::to_vec_pretty(&stored)?);
        Ok(StoredModel {
            format: ModelFormat::Forecaster,
            files,
        })
    }

    /// The forecaster that was encoded.
    ///
    /// # Errors
    /// Its files are damaged, contradict each other, or were written by a later version.
    pub fn decode(stored: &StoredModel) -> Result<Self, StoredModelError> {
        let Stored {
            version,
            plan,
            intervals,
            by,
        } = serde_json::from_slice(stored.file(FORECASTER)?)?;
        if version != VERSION {
            return Err(StoredModelError::Version(version));
        }
        let wrong = |what: &str| StoredModelError::Weights(format!("its {what} are of no forecaster"));
        if !plan.is_sound() {
            return Err(wrong("horizon, season and window"));
        }
        if intervals
            .as_ref()
            .is_some_and(|intervals| !intervals.is_sound(plan.horizon))
        {
            return Err(wrong("intervals"));
        }
        let inner = match by {
            By::Lstm { scales } => {
                let model = LstmModel::decode(stored.file(CONFIG)?, stored.file(WEIGHTS)?)?;
                let (inputs, extras, outputs) = model.extent();
                let fits = inputs == windows::inputs(&plan) && extras == outputs * windows::ahead(&plan);
                if !fits || !scales.is_sound(&plan) || outputs > plan.horizon {
                    return Err(wrong("windows"));
                }
                Inner::Lstm { model, scales }
            }
            By::Rows { format, units } => {
                let mut inner = stored.clone();
                inner.format = format;
                let model = Model::decode(&inner)?;
                let are_units =
                    units.len() == plan.horizon && units.iter().all(|unit| unit.is_finite() && *unit > 0.0);
                let is_of_rows =
                    model.features() == &rows::features(&plan) && *model.task() == Task::Regression;
                if !are_units || !is_of_rows {
                    return Err(wrong("rows"));
                }
                Inner::Rows { model, units }
            }
        };
        Ok(Self {
            plan,
            inner,
            intervals,
        })
    }
}
