//! Several measurements of one thing, and how far apart two things are.

use serde::{Deserialize, Serialize};

use crate::engine::metric::Report;

/// One metric over several folds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// The metric's name.
    pub name: String,
    /// Its mean.
    pub mean: f64,
    /// Its sample standard deviation (n − 1); 0 for one fold.
    pub sd: f64,
}

impl Summary {
    /// The summary of a metric's `values`, one a fold; NaN of none.
    pub fn of(name: &str, values: &[f64]) -> Self {
        let (mean, sd) = mean_and_sd(values);
        Self {
            name: name.to_owned(),
            mean,
            sd,
        }
    }
}

/// Mean and standard deviation of each metric that every report has, in the order of the first report.
pub fn summarise(reports: &[Report]) -> Vec<Summary> {
    let Some(first) = reports.first() else {
        return Vec::new();
    };
    first
        .as_pairs()
        .into_iter()
        .filter_map(|(name, _)| {
            let values: Option<Vec<f64>> = reports.iter().map(|report| report.get(name)).collect();
            Some(Summary::of(name, &values?))
        })
        .collect()
}

/// How far two things are apart that were measured on the same folds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Paired {
    /// Mean of the differences, first minus second.
    pub mean: f64,
    /// Standard error of that mean: sd of the differences / √n; 0 for one pair.
    pub standard_error: f64,
}

/// The differences of measurements that pair up; `None` where they do not, or there are none.
///
/// Folds share training rows, so the standard error is too small for a significance test (Nadeau and
/// Bengio 2003); it says whether two models are within the noise of the folds.
pub fn paired_difference(first: &[f64], second: &[f64]) -> Option<Paired> {
    if first.is_empty() || first.len() != second.len() {
        return None;
    }
    let differences: Vec<f64> = first.iter().zip(second).map(|(a, b)| a - b).collect();
    let (mean, sd) = mean_and_sd(&differences);
    Some(Paired {
        mean,
        standard_error: sd / (differences.len() as f64).sqrt(),
    })
}

fn mean_and_sd(values: &[f64]) -> (f64, f64) {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    if values.len() < 2 {
        return (mean, 0.0);
    }
    let spread: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    (mean, (spread / (count - 1.0)).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::metric::RegressionReport;

    #[test]
    fn a_summary_has_the_mean_and_the_sample_deviation() {
        let reports: Vec<Report> = [1.0, 2.0, 6.0]
            .map(|rmse| {
                Report::Regression(RegressionReport {
                    rmse,
                    mae: 1.0,
                    r2: 0.5,
                    median_absolute_error: 1.0,
                    max_error: 2.0,
                    mape: None,
                    smape: 0.1,
                    pinball: None,
                })
            })
            .to_vec();
        let summary = summarise(&reports);
        assert_eq!(summary[0].name, "rmse");
        assert_eq!(summary[0].mean, 3.0);
        assert!((summary[0].sd - 7.0_f64.sqrt()).abs() < 1e-12);
        assert_eq!((summary[2].mean, summary[2].sd), (0.5, 0.0));
        assert_eq!(summarise(&reports[..1])[0].sd, 0.0);
        assert!(summarise(&[]).is_empty());
    }

    #[test]
    fn what_all_pairs_share_leaves_no_error() {
        let same = paired_difference(&[3.0, 5.0, 4.0], &[2.0, 4.0, 3.0]).unwrap();
        assert_eq!((same.mean, same.standard_error), (1.0, 0.0));
        let apart = paired_difference(&[1.0, 3.0], &[0.0, 0.0]).unwrap();
        assert_eq!((apart.mean, apart.standard_error), (2.0, 1.0));
        assert_eq!(paired_difference(&[1.0], &[]), None);
        assert_eq!(paired_difference(&[], &[]), None);
    }
}
