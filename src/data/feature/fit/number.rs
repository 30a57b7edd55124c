//! What is learnt of a column of numbers, in one pass.

use super::super::error::FeatureError;
use super::super::frequent::Frequent;
use super::super::moments::Moments;
use super::super::number::{NumberEncoder, Wrong};
use super::super::scale::Scaling;
use super::super::spec::{Constant, Distribution, Impute, QuantileSpec, Scale, TransformSpec};
use super::super::transform::{QuantileTransform, Transform, log};
use crate::data::sketch::Quantiles;

/// Learns from one number after the other.
#[derive(Debug)]
pub(super) struct NumberFitter {
    impute: Impute,
    transform: TransformSpec,
    scale: Scale,
    missing: u64,
    values: Quantiles,
    moments: Option<Moments>,
    frequent: Option<Frequent>,
    /// Of what is scaled, where that is not learnt from `values`.
    spread: Option<Spread>,
}

/// What a scale is learnt from.
#[derive(Debug)]
enum Spread {
    Moments(Moments),
    Quantiles(Box<Quantiles>),
}

/// What was learnt.
pub(super) struct Learnt {
    pub(super) encoder: NumberEncoder,
    pub(super) min: Option<f64>,
    pub(super) median: Option<f64>,
    pub(super) max: Option<f64>,
    /// The middle value, of two the smaller: one that is there, as long as they are few enough to be kept.
    pub(super) middle: Option<f64>,
}

impl NumberFitter {
    pub(super) fn new(impute: &Impute, transform: TransformSpec, scale: Scale) -> Self {
        let spread = match (scale, transform) {
            (Scale::Standard, _) => Some(Spread::Moments(Moments::default())),
            (Scale::MinMax | Scale::Robust, TransformSpec::Log) => Some(Spread::Quantiles(Box::default())),
            _ => None,
        };
        Self {
            impute: impute.clone(),
            transform,
            scale,
            missing: 0,
            values: Quantiles::default(),
            moments: (*impute == Impute::Mean).then(Moments::default),
            frequent: (*impute == Impute::MostFrequent).then(Frequent::default),
            spread,
        }
    }

    /// Takes in a finite value, or NaN for a missing one.
    pub(super) fn see(&mut self, value: f64) -> Result<(), Wrong> {
        if value.is_nan() {
            self.missing += 1;
            return Ok(());
        }
        self.values.see(value);
        if let Some(moments) = &mut self.moments {
            moments.see(value);
        }
        if let Some(frequent) = &mut self.frequent {
            frequent.see(value);
        }
        let transformed = self.transformed(value)?;
        match &mut self.spread {
            None => {}
            Some(Spread::Moments(moments)) => moments.see(transformed),
            Some(Spread::Quantiles(quantiles)) => quantiles.see(transformed),
        }
        Ok(())
    }

    /// What is scaled of a value. Where quantiles are taken, nothing is.
    fn transformed(&self, value: f64) -> Result<f64, Wrong> {
        match self.transform {
            TransformSpec::Log => log(value).ok_or(Wrong::NoLog(value)),
            TransformSpec::None | TransformSpec::Quantile(_) => Ok(value),
        }
    }

    /// `name`: the column's, for messages.
    pub(super) fn finish(mut self, name: &str) -> Result<Learnt, FeatureError> {
        let (min, max) = (self.values.min(), self.values.max());
        let middle = self.values.middle();
        let median = middle.map(|(lower, upper)| lower.midpoint(upper));
        let nothing = || FeatureError::NothingToImpute(name.to_owned());
        let impute = match &self.impute {
            Impute::None => None,
            Impute::Median => Some(median.ok_or_else(nothing)?),
            Impute::Mean => {
                let moments = self.moments.filter(|moments| moments.count > 0);
                Some(moments.ok_or_else(nothing)?.mean)
            }
            Impute::MostFrequent => {
                let frequent = self.frequent.as_ref().and_then(Frequent::most);
                Some(frequent.ok_or_else(nothing)?)
            }
            Impute::Constant(Constant::Number(number)) => Some(*number),
            Impute::Constant(Constant::Boolean(_) | Constant::Text(_)) => return Err(nothing()),
        };
        // Scaling sees what the model will see: imputed values too.
        if let Some(stand_in) = impute {
            self.see_imputed(stand_in).map_err(|wrong| FeatureError::Row {
                row: 0,
                error: wrong.of(name.to_owned()),
            })?;
        }
        let transform = self.learnt_transform();
        let scaling = self
            .scaling()
            .map_err(|TooBig| FeatureError::TooBigToScale(name.to_owned()))?;
        Ok(Learnt {
            encoder: NumberEncoder {
                impute,
                transform,
                scaling,
            },
            min,
            median,
            max,
            middle: middle.map(|(lower, _)| lower),
        })
    }

    fn see_imputed(&mut self, stand_in: f64) -> Result<(), Wrong> {
        let transformed = self.transformed(stand_in)?;
        let quantiles = match &mut self.spread {
            Some(Spread::Moments(moments)) => {
                *moments = moments.with(Moments::of(transformed, self.missing));
                None
            }
            Some(Spread::Quantiles(quantiles)) => Some((quantiles.as_mut(), transformed)),
            None => Some((&mut self.values, stand_in)),
        };
        if let Some((quantiles, value)) = quantiles
            && (self.scale != Scale::None || matches!(self.transform, TransformSpec::Quantile(_)))
        {
            (0..self.missing).for_each(|_| quantiles.see(value));
        }
        Ok(())
    }

    fn learnt_transform(&mut self) -> Option<Transform> {
        match self.transform {
            TransformSpec::None => None,
            TransformSpec::Log => Some(Transform::Log),
            TransformSpec::Quantile(spec) => Some(Transform::Quantile(quantiles(&mut self.values, spec))),
        }
    }

    fn scaling(&mut self) -> Result<Option<Scaling>, TooBig> {
        let scale = self.scale;
        let quantiles = match &mut self.spread {
            Some(Spread::Moments(moments)) => {
                return match moments.count {
                    0 => Ok(None),
                    _ => scaled(moments.mean, moments.variance().sqrt()),
                };
            }
            Some(Spread::Quantiles(quantiles)) => quantiles.as_mut(),
            None => &mut self.values,
        };
        let ranks = match scale {
            Scale::None | Scale::Standard => return Ok(None),
            Scale::MinMax => [0.0, 0.0, 1.0],
            Scale::Robust => [0.25, 0.5, 0.75],
        };
        match quantiles.quantiles(&ranks).as_deref() {
            Some([low, middle, high]) => scaled(*middle, high - low),
            _ => Ok(None),
        }
    }
}

struct TooBig;

fn scaled(shift: f64, spread: f64) -> Result<Option<Scaling>, TooBig> {
    Scaling::new(shift, spread).map(Some).ok_or(TooBig)
}

/// Quantiles at evenly spaced ranks, at most one a value, of which none is smaller than the one before.
fn quantiles(values: &mut Quantiles, spec: QuantileSpec) -> QuantileTransform {
    let count = usize::try_from(values.count()).unwrap_or(usize::MAX);
    let count = spec.n_quantiles.get().min(count).max(1);
    let last = (count - 1).max(1) as f64;
    let ranks: Vec<f64> = (0..count).map(|rank| rank as f64 / last).collect();
    let mut largest = f64::NEG_INFINITY;
    // Without any value there is nothing to compare with: every value is then the smallest.
    let found = values.quantiles(&ranks).unwrap_or_else(|| vec![0.0]);
    let ascending = found.into_iter().map(|quantile| {
        largest = largest.max(quantile);
        largest
    });
    QuantileTransform {
        quantiles: ascending.collect(),
        normal: spec.output_distribution == Distribution::Normal,
    }
}
