//! How much of a metric is chance: the same measurement on many tables that could have been drawn instead.

use serde::{Deserialize, Serialize};

use crate::base::{Seed, Stop};
use crate::data::split::below;
use crate::engine::metric::calibration::quantile;
use crate::engine::metric::forecast::Errors;
use crate::engine::metric::{MetricError, Report, Sample};

/// How a bootstrap is done.
#[derive(Debug, Clone, Copy)]
pub struct Bootstrap {
    /// How many tables are drawn.
    pub resamples: usize,
    /// How many intervals of a hundred are to hold the truth, as a share: 0.95.
    pub confidence: f64,
    /// On how many threads; the intervals are the same on any number.
    pub threads: usize,
    /// Where the random sequence starts.
    pub seed: Seed,
}

/// From where to where.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

/// A metric's name and its interval.
pub type Intervals = Vec<(&'static str, Interval)>;

/// Why there are no intervals.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum BootstrapError {
    /// Someone wanted it to stop.
    #[error("stopped before its end")]
    Stopped,
    /// Nothing was to be drawn.
    #[error("an interval needs at least 2 resamples, got {0}")]
    TooFew(usize),
    /// A confidence that is none.
    #[error("the confidence is {0}; expected a share between 0 and 1")]
    Confidence(f64),
    /// Two models that were measured on other rows.
    #[error("the two models are measured on different rows")]
    OtherRows,
    /// A metric that the rows do not have.
    #[error("there is no metric called {0} for these rows")]
    NoSuchMetric(String),
    /// The rows cannot be measured.
    #[error(transparent)]
    Metric(#[from] MetricError),
}

/// What is taken of a report: metrics by name.
pub type Measure<'a> = dyn Fn(&Report) -> Vec<(&'static str, f64)> + Sync + 'a;

/// Percentile intervals of the metrics that `measure` takes of a report: the middle `confidence` of what they are
/// on tables of as many rows, drawn from the rows with replacement; of a classification from each class apart, so that
/// every table has the same shares.
///
/// The intervals say how much the choice of these rows matters, not how much that of the training rows does.
///
/// # Errors
/// `Stopped` within a resample of `stop` being asked, and what is wrong with the plan.
///
/// Source: Efron 1979, and Efron and Tibshirani 1993, chapter 13.
pub fn bootstrap(
    sample: &Sample,
    measure: &Measure<'_>,
    plan: &Bootstrap,
    stop: &Stop,
) -> Result<Intervals, BootstrapError> {
    let strata = sample.strata();
    let draw = |counts: &mut [u32], seed| draw(&strata, counts, seed);
    let resampled = resample(draw, sample.labels().len(), plan, stop, |counts| {
        Ok(measure(&sample.report(counts)?))
    })?;
    Ok(by_name(&resampled, plan))
}

/// As [`bootstrap`], of forecasts at origins that follow each other: blocks of neighbours are drawn, since what is off at
/// one origin is off at the next.
///
/// # Errors
/// As [`bootstrap`].
///
/// Source: Künsch 1989, with blocks that go on at the beginning where the end is reached (Politis and Romano 1992).
pub fn block_bootstrap(
    errors: &Errors,
    block: usize,
    plan: &Bootstrap,
    stop: &Stop,
) -> Result<Intervals, BootstrapError> {
    let draw = |counts: &mut [u32], seed| draw_blocks(block, counts, seed);
    let resampled = resample(draw, errors.origins(), plan, stop, |counts| {
        Ok(errors.metrics_of(counts))
    })?;
    Ok(by_name(&resampled, plan))
}

/// As [`bootstrap`], of metrics that are means over units which are drawn, such as users. `units`: `[units][metrics]`.
///
/// # Errors
/// As [`bootstrap`].
pub fn bootstrap_means(
    units: &[Vec<f64>],
    names: &[&'static str],
    plan: &Bootstrap,
    stop: &Stop,
) -> Result<Intervals, BootstrapError> {
    let draw = |counts: &mut [u32], seed| draw_blocks(1, counts, seed);
    let resampled = resample(draw, units.len(), plan, stop, |counts| {
        let mean = |(at, name): (usize, &&'static str)| {
            let weighed = counts
                .iter()
                .zip(units)
                .map(|(count, unit)| f64::from(*count) * unit[at]);
            (*name, weighed.sum::<f64>() / units.len() as f64)
        };
        Ok(names.iter().enumerate().map(mean).collect())
    })?;
    Ok(by_name(&resampled, plan))
}

/// As [`paired_bootstrap`], of a mean over the same units.
///
/// # Errors
/// As [`paired_bootstrap`].
pub fn paired_bootstrap_means(
    first: &[f64],
    second: &[f64],
    plan: &Bootstrap,
    stop: &Stop,
) -> Result<Difference, BootstrapError> {
    if first.len() != second.len() {
        return Err(BootstrapError::OtherRows);
    }
    let draw = |counts: &mut [u32], seed| draw_blocks(1, counts, seed);
    compare(draw, first.len(), plan, stop, |counts| {
        let pairs = counts.iter().zip(first.iter().zip(second));
        let total: f64 = pairs.map(|(count, (a, b))| f64::from(*count) * (a - b)).sum();
        Ok(total / first.len() as f64)
    })
}

/// The interval of each metric of what was measured on drawn tables.
fn by_name(resampled: &[Vec<(&'static str, f64)>], plan: &Bootstrap) -> Intervals {
    let names: Vec<&'static str> = resampled[0].iter().map(|(name, _)| *name).collect();
    let of = |name: &'static str| {
        let mut values: Vec<f64> = resampled
            .iter()
            .filter_map(|metrics| metrics.iter().find(|(other, _)| *other == name))
            .map(|(_, value)| *value)
            // A table in which nothing was observed has no metrics.
            .filter(|value| value.is_finite())
            .collect();
        values.sort_unstable_by(f64::total_cmp);
        (!values.is_empty()).then(|| (name, interval(&values, plan.confidence)))
    };
    names.into_iter().filter_map(of).collect()
}

/// How far two models are apart in one metric, on the same rows.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Difference {
    /// The first model's metric minus the second's.
    pub difference: f64,
    /// The interval of the difference; one that holds 0 leaves open which is better.
    pub interval: Interval,
    /// The share of tables on which the first model's metric is above the second's.
    pub above: f64,
    /// The share on which it is below.
    pub below: f64,
}

/// The difference of two models in the metric called `name`, with its percentile interval: both are measured on
/// the same drawn tables, so that what is hard for both is no part of it.
///
/// `first` and `second` are of the same rows in the same order.
///
/// # Errors
/// `OtherRows` when they are not, `NoSuchMetric`, `Stopped`, and what is wrong with the plan.
///
/// Source: Efron and Tibshirani 1993, chapter 13; Koehn 2004 for the paired form.
pub fn paired_bootstrap(
    first: &Sample,
    second: &Sample,
    name: &str,
    plan: &Bootstrap,
    stop: &Stop,
) -> Result<Difference, BootstrapError> {
    if first.labels() != second.labels() {
        return Err(BootstrapError::OtherRows);
    }
    let difference = |counts: &[u32]| {
        let of = |sample: &Sample| {
            let report = sample.report(counts)?;
            report
                .get(name)
                .ok_or_else(|| BootstrapError::NoSuchMetric(name.to_owned()))
        };
        Ok(of(first)? - of(second)?)
    };
    let strata = first.strata();
    let draw = |counts: &mut [u32], seed| draw(&strata, counts, seed);
    compare(draw, first.labels().len(), plan, stop, difference)
}

/// As [`paired_bootstrap`], of forecasts at the same origins, in blocks of neighbours.
///
/// # Errors
/// As [`paired_bootstrap`].
pub fn paired_block_bootstrap(
    (first, second): (&Errors, &Errors),
    name: &str,
    block: usize,
    plan: &Bootstrap,
    stop: &Stop,
) -> Result<Difference, BootstrapError> {
    if first.origins() != second.origins() {
        return Err(BootstrapError::OtherRows);
    }
    let difference = |counts: &[u32]| {
        let of = |errors: &Errors| {
            let metrics = errors.metrics_of(counts);
            let found = metrics.into_iter().find(|(other, _)| *other == name);
            found
                .map(|(_, value)| value)
                .ok_or_else(|| BootstrapError::NoSuchMetric(name.to_owned()))
        };
        Ok(of(first)? - of(second)?)
    };
    let draw = |counts: &mut [u32], seed| draw_blocks(block, counts, seed);
    compare(draw, first.origins(), plan, stop, difference)
}

fn compare(
    draw: impl Fn(&mut [u32], Seed) + Sync,
    rows: usize,
    plan: &Bootstrap,
    stop: &Stop,
    difference: impl Fn(&[u32]) -> Result<f64, BootstrapError> + Sync,
) -> Result<Difference, BootstrapError> {
    let whole = difference(&vec![1; rows])?;
    let mut drawn = resample(draw, rows, plan, stop, difference)?;
    drawn.sort_unstable_by(f64::total_cmp);
    let share = |which: &dyn Fn(f64) -> bool| {
        drawn.iter().filter(|value| which(**value)).count() as f64 / drawn.len() as f64
    };
    Ok(Difference {
        difference: whole,
        interval: interval(&drawn, plan.confidence),
        above: share(&|value| value > 0.0),
        below: share(&|value| value < 0.0),
    })
}

fn interval(sorted: &[f64], confidence: f64) -> Interval {
    let tail = (1.0 - confidence) / 2.0;
    Interval {
        low: quantile(sorted, tail),
        high: quantile(sorted, 1.0 - tail),
    }
}

/// What `measure` finds on each drawn table, in their order. A table is given as how often each row is in it.
fn resample<T: Send>(
    draw: impl Fn(&mut [u32], Seed) + Sync,
    rows: usize,
    plan: &Bootstrap,
    stop: &Stop,
    measure: impl Fn(&[u32]) -> Result<T, BootstrapError> + Sync,
) -> Result<Vec<T>, BootstrapError> {
    if plan.resamples < 2 {
        return Err(BootstrapError::TooFew(plan.resamples));
    }
    if !(plan.confidence > 0.0 && plan.confidence < 1.0) {
        return Err(BootstrapError::Confidence(plan.confidence));
    }
    let threads = plan.threads.clamp(1, plan.resamples);
    // Each table has its own seed, so that it does not matter which thread draws it.
    let every = |first: usize| {
        let mut counts = vec![0_u32; rows];
        let drawn = (first..plan.resamples).step_by(threads).map(|index| {
            if stop.is_asked() {
                return Err(BootstrapError::Stopped);
            }
            draw(&mut counts, plan.seed.derive("resample", index as u64));
            measure(&counts)
        });
        drawn.collect::<Result<Vec<T>, BootstrapError>>()
    };
    let parts = std::thread::scope(|scope| {
        let every = &every;
        let others: Vec<_> = (1..threads)
            .map(|first| scope.spawn(move || every(first)))
            .collect();
        let mut parts = vec![every(0)];
        parts.extend(others.into_iter().map(|other| match other.join() {
            Ok(part) => part,
            Err(panic) => std::panic::resume_unwind(panic),
        }));
        parts
    });
    let mut parts: Vec<_> = parts
        .into_iter()
        .map(|part| part.map(Vec::into_iter))
        .collect::<Result<_, _>>()?;
    Ok((0..plan.resamples)
        .filter_map(|index| parts[index % threads].next())
        .collect())
}

/// Draws blocks of so many neighbours, until there are as many as there are in all.
fn draw_blocks(block: usize, counts: &mut [u32], seed: Seed) {
    counts.fill(0);
    let mut rng = seed.rng();
    let units = counts.len();
    let mut left = units;
    while left > 0 {
        let first = below(units as u64, &mut rng) as usize;
        let length = block.clamp(1, left);
        (0..length).for_each(|next| counts[(first + next) % units] += 1);
        left -= length;
    }
}

/// Draws as many rows of each stratum as it has, with replacement.
fn draw(strata: &[Vec<u32>], counts: &mut [u32], seed: Seed) {
    counts.fill(0);
    let mut rng = seed.rng();
    for rows in strata {
        for _ in 0..rows.len() {
            counts[rows[below(rows.len() as u64, &mut rng) as usize] as usize] += 1;
        }
    }
}

#[cfg(test)]
mod tests;
