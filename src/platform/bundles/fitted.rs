//! What a version answers with, by the kind of its data, and how its parts are written.

use std::collections::BTreeMap;

use super::items::ItemsPart;
use super::{
    Bundle, BundleError, FittedItems, ForecastWarmUp, Predicts, WEIGHTS, WarmUp, from_json, to_json,
};
use crate::data::feature::{FittedFeatures, InputField};
use crate::data::schema::ColumnType;
use crate::data::series::Series;
use crate::engine::device::Device;
use crate::engine::factor::{self, FactorModel};
use crate::engine::forecast::Forecaster;
use crate::engine::model::{Model, ModelFormat, StoredModel};

/// What a version answers with.
#[derive(Debug, Clone)]
pub enum Fitted {
    /// Rows become numbers, and numbers become answers.
    Rows(FittedRows),
    /// The last periods of a series become the next ones.
    Series(FittedSeries),
    /// Users are recommended items.
    Items(FittedItems),
}

/// What answers rows.
#[derive(Debug, Clone)]
pub struct FittedRows {
    /// How rows become numbers.
    pub features: FittedFeatures,
    /// What turns numbers into answers.
    pub model: Model,
    /// Rows with known answers.
    pub warm_up: WarmUp,
}

/// What forecasts a series.
#[derive(Debug, Clone)]
pub struct FittedSeries {
    /// What turns periods into the next ones.
    pub forecaster: Forecaster,
    /// The latest periods that were known when it was made: where a forecast goes on that is sent none.
    pub history: Series,
    /// Forecasts that are known.
    pub warm_up: ForecastWarmUp,
}

pub(in crate::platform) const HISTORY: &str = "history.json";
const ITEMS: &str = "items.json";
const FEATURES: &str = "features.json";
const WARM_UP: &str = "warm-up.json";

impl Fitted {
    /// The same, to answer on `device`; what is no net stays on the CPU.
    #[must_use]
    pub fn on(self, device: &Device) -> Self {
        match self {
            Self::Rows(mut rows) => {
                rows.model = rows.model.on(device);
                Self::Rows(rows)
            }
            Self::Series(mut series) => {
                series.forecaster = series.forecaster.on(device);
                Self::Series(series)
            }
            Self::Items(items) => Self::Items(items),
        }
    }

    /// What answers rows; none where the version takes no rows.
    pub fn rows(&self) -> Option<&FittedRows> {
        match self {
            Self::Rows(rows) => Some(rows),
            Self::Series(_) | Self::Items(_) => None,
        }
    }

    /// What recommends items; none where the version recommends none.
    pub fn items(&self) -> Option<&FittedItems> {
        match self {
            Self::Items(items) => Some(items),
            Self::Rows(_) | Self::Series(_) => None,
        }
    }

    /// What forecasts a series; none where the version forecasts none.
    pub fn series(&self) -> Option<&FittedSeries> {
        match self {
            Self::Series(series) => Some(series),
            Self::Rows(_) | Self::Items(_) => None,
        }
    }

    /// How the weights are written.
    pub fn format(&self) -> ModelFormat {
        match self {
            Self::Rows(rows) => rows.model.format(),
            Self::Series(_) => ModelFormat::Forecaster,
            Self::Items(_) => ModelFormat::Factors,
        }
    }

    /// What it takes in.
    pub fn inputs(&self) -> Vec<InputField> {
        match self {
            Self::Rows(rows) => rows.features.inputs().to_vec(),
            Self::Series(series) => series.inputs(),
            Self::Items(items) => items.inputs(),
        }
    }

    /// What it predicts, of the column `target`; `threshold` is of use where there are two classes.
    pub fn predicts(&self, target: &str, threshold: f64) -> Predicts {
        match self {
            Self::Rows(rows) => Predicts::new(rows.model.task(), target, threshold),
            Self::Series(series) => {
                let plan = &series.forecaster.plan;
                Predicts::Forecast {
                    target: target.to_owned(),
                    time: plan.time.clone(),
                    frequency: plan.frequency,
                    horizon: plan.horizon,
                    season: plan.season,
                    interval: series
                        .forecaster
                        .intervals
                        .as_ref()
                        .map(|intervals| intervals.level),
                    known: plan.known.clone(),
                }
            }
            Self::Items(items) => Predicts::Recommendation {
                target: target.to_owned(),
                user: items.user.clone(),
                item: items.item.clone(),
                top_k: items.top_k,
            },
        }
    }

    /// The parts of a bundle that are of it.
    pub(super) fn parts(&self) -> Result<BTreeMap<String, Vec<u8>>, BundleError> {
        let (mut parts, weights) = match self {
            Self::Rows(rows) => {
                let parts = [
                    (FEATURES, to_json("features", &rows.features)?),
                    (WARM_UP, to_json("warm-up rows", &rows.warm_up)?),
                ];
                (Vec::from(parts), rows.model.encode()?)
            }
            Self::Series(series) => {
                let parts = [
                    (HISTORY, to_json("history", &series.history)?),
                    (WARM_UP, to_json("warm-up forecast", &series.warm_up)?),
                ];
                (Vec::from(parts), series.forecaster.encode()?)
            }
            Self::Items(items) => {
                let part = ItemsPart {
                    user: items.user.clone(),
                    item: items.item.clone(),
                    top_k: items.top_k,
                    usual: items.usual,
                };
                let parts = [
                    (ITEMS, to_json("items", &part)?),
                    (WARM_UP, to_json("warm-up recommendations", &items.warm_up)?),
                ];
                let weights = StoredModel {
                    format: ModelFormat::Factors,
                    files: items.model.encode()?,
                };
                (Vec::from(parts), weights)
            }
        };
        let named = parts.drain(..).map(|(name, bytes)| (name.to_owned(), bytes));
        let mut all: BTreeMap<String, Vec<u8>> = named.collect();
        let weights = weights.files.into_iter();
        all.extend(weights.map(|(name, bytes)| (format!("{WEIGHTS}{name}"), bytes)));
        Ok(all)
    }

    /// What the parts of a bundle say.
    pub(super) fn from_bundle(bundle: &Bundle) -> Result<Self, BundleError> {
        let weights = bundle.parts.iter().filter_map(|(name, bytes)| {
            let file = name.strip_prefix(WEIGHTS)?;
            Some((file.to_owned(), bytes.clone()))
        });
        let stored = StoredModel {
            format: bundle.manifest.weights,
            files: weights.collect(),
        };
        let warm_up = bundle.part(WARM_UP)?;
        Ok(match stored.format {
            ModelFormat::Forecaster => Self::Series(FittedSeries {
                forecaster: Forecaster::decode(&stored)?,
                history: from_json("history", bundle.part(HISTORY)?)?,
                warm_up: from_json("warm-up forecast", warm_up)?,
            }),
            ModelFormat::Factors => {
                let part: ItemsPart = from_json("items", bundle.part(ITEMS)?)?;
                let [config, weights] = [factor::CONFIG, factor::WEIGHTS].map(|name| stored.file(name));
                Self::Items(FittedItems {
                    model: FactorModel::decode(config?, weights?)?,
                    user: part.user,
                    item: part.item,
                    top_k: part.top_k,
                    usual: part.usual,
                    warm_up: from_json("warm-up recommendations", warm_up)?,
                })
            }
            _ => Self::Rows(FittedRows {
                features: from_json("features", bundle.part(FEATURES)?)?,
                model: Model::decode(&stored)?,
                warm_up: from_json("warm-up rows", warm_up)?,
            }),
        })
    }
}

impl FittedSeries {
    /// What a period has: its time, and each of its columns.
    fn inputs(&self) -> Vec<InputField> {
        let plan = &self.forecaster.plan;
        let field = |name: &str, kind, nullable| InputField {
            name: name.to_owned(),
            kind,
            nullable,
            levels: None,
            example: None,
            min: None,
            median: None,
            max: None,
        };
        let columns = plan.columns();
        let numbers = columns.iter().map(|name| field(name, ColumnType::Number, true));
        std::iter::once(field(&plan.time, ColumnType::Timestamp, false))
            .chain(numbers)
            .collect()
    }
}
