//! Forecasters of every kind, on series whose next periods are known.

use super::*;
use crate::base::{Seed, Stop};
use crate::data::series::{Frequency, Grid, Series};
use crate::engine::algorithm::Algorithm;
use crate::engine::boost::BoostParams;
use crate::engine::device::Device;
use crate::engine::fit::{FitError, How, NoCheckpoints};
use crate::engine::linear::LinearParams;
use crate::engine::metric::forecast::{Errors, naive_error};
use crate::engine::net::MlpParams;
use crate::engine::net::lstm::LstmParams;

/// Days that rise slowly, with a week in them, and a column that tells of tomorrow; not all of it can be known.
fn days(count: usize) -> Series {
    let heat = |day: usize| ((day * 7919) % 101) as f64 / 100.0;
    let week = [5.0, 6.0, 6.5, 6.0, 7.0, 2.0, 1.0];
    let value = |day: usize| {
        let noise = ((day * 104_729) % 97) as f64 / 97.0;
        week[day % 7] + day as f64 * 0.01 + 3.0 * heat(day) + 0.3 * noise
    };
    Series {
        grid: Grid::new(0, "1d".parse().unwrap()),
        names: vec!["y".to_owned(), "heat".to_owned()],
        columns: vec![(0..count).map(value).collect(), (0..count).map(heat).collect()],
        filled: vec![false; count],
    }
}

fn plan(horizon: usize) -> Plan {
    let spec = ForecastSpec {
        time: "date".to_owned(),
        horizon,
        frequency: None,
        season: None,
        window: Some(14),
        difference: Difference::Season,
        calendar: true,
        exogenous: Vec::new(),
        known: vec!["heat".to_owned()],
        gaps: crate::data::series::Gaps::Interpolate,
        longest_gap: None,
        aggregate: None,
        interval: 0.9,
    };
    spec.validate().unwrap();
    Plan::new(&spec, "y", Frequency::Micros(86_400_000_000))
}

fn fit(plan: &Plan, series: &Series, periods: usize, algorithm: &Algorithm) -> Result<Forecaster, FitError> {
    let how = How {
        threads: 2,
        seed: Seed::new(1),
        stop: &Stop::new(),
        device: &Device::cpu(),
        progress: &mut |_| {},
        checkpoints: &mut NoCheckpoints,
    };
    Forecaster::fit(plan, series, 0..periods, algorithm, how)
}

fn lstm(output_steps: Option<usize>) -> Algorithm {
    Algorithm::Lstm(LstmParams {
        hidden_layer_sizes: vec![16],
        output_steps,
        epochs: 40,
        learning_rate: 0.01,
        ..LstmParams::default()
    })
}

fn algorithms() -> [Algorithm; 5] {
    let boost = BoostParams {
        n_estimators: 150,
        ..BoostParams::default()
    };
    [
        lstm(None),
        lstm(Some(1)),
        Algorithm::Boost(boost),
        Algorithm::Linear(LinearParams::default()),
        Algorithm::Mlp(MlpParams::default()),
    ]
}

const PERIODS: usize = 400;
const LEARNT: usize = 320;

#[test]
fn every_algorithm_beats_the_season_before_and_reads_back() {
    let (series, plan) = (days(PERIODS), plan(3));
    let origins = origins(&plan, &series, LEARNT..PERIODS, 1_000);
    assert_eq!(
        (origins[0], origins[origins.len() - 1]),
        (LEARNT - 1, PERIODS - 4)
    );
    let scale = naive_error(&series.target()[..LEARNT], plan.season).unwrap();
    let mase = |forecasts| {
        let answered = Answered::new(&plan, &series, &origins, forecasts);
        let errors = Errors::new(&answered, plan.horizon, None, scale).unwrap();
        errors
            .metrics()
            .into_iter()
            .find(|(name, _)| *name == "mase")
            .unwrap()
            .1
    };
    let of_season = |origin: &usize| naive(&series.target()[..=*origin], 7, 3).collect::<Vec<f64>>();
    let season = mase(origins.iter().flat_map(of_season).collect());
    for algorithm in algorithms() {
        let forecaster = fit(&plan, &series, LEARNT, &algorithm).unwrap();
        let told = forecaster.forecast(&series, &origins).unwrap();
        let ours = mase(told.clone());
        assert!(ours < 0.5 * season, "{algorithm:?}: {ours} {season}");
        let read = Forecaster::decode(&forecaster.encode().unwrap()).unwrap();
        assert_eq!(read.forecast(&series, &origins).unwrap(), told);
        assert_eq!(read.plan, plan);
    }
}

#[test]
fn a_forecast_knows_its_past_alone_and_no_more_of_it_than_a_bundle_keeps() {
    let (series, plan) = (days(PERIODS), plan(3));
    for algorithm in algorithms() {
        let forecaster = fit(&plan, &series, LEARNT, &algorithm).unwrap();
        let origin = 350;
        let told = forecaster.forecast(&series, &[origin]).unwrap();
        let near = |other: &[f64], what: &str| {
            for (a, b) in told.iter().zip(other) {
                // A net's windows are multiplied with others beside them.
                assert!(
                    (a - b).abs() <= forecaster.tolerance().max(1e-9) * a.abs().max(1.0),
                    "{algorithm:?}, {what}: {a} {b}"
                );
            }
        };
        let mut other = series.clone();
        other.columns[0][origin + 1..].fill(1e6);
        other.columns[1][origin + 4..].fill(1e6);
        near(&forecaster.forecast(&other, &[origin]).unwrap(), "another future");
        let all = forecaster.forecast(&series, &[340, origin, 360]).unwrap();
        near(&all[3..6], "among others");
        let tail = Series {
            columns: series
                .columns
                .iter()
                .map(|column| column[..=origin + 3].to_vec())
                .collect(),
            filled: vec![false; origin + 4],
            ..series.clone()
        };
        let tail = tail.tail(plan.keeps());
        assert_eq!(tail.len(), plan.keeps());
        near(
            &forecaster.forecast(&tail, &[tail.len() - 4]).unwrap(),
            "of a bundle",
        );
        other = series.clone();
        other.columns[1][origin + 1..].fill(0.9);
        let warmer = forecaster.forecast(&other, &[origin]).unwrap();
        assert!(
            told.iter().zip(&warmer).any(|(a, b)| (a - b).abs() > 0.1),
            "what is known ahead counts"
        );
    }
}

#[test]
fn what_cannot_be_forecast_is_refused() {
    let series = days(PERIODS);
    let refused = |plan: &Plan, series: &Series, periods, algorithm: &Algorithm| {
        fit(plan, series, periods, algorithm).unwrap_err().to_string()
    };
    for algorithm in algorithms() {
        let told = refused(&plan(3), &series, 22, &algorithm);
        assert!(
            told.contains("22 periods are too few") && told.contains("forecast.window"),
            "{told}"
        );
        let needed = forecaster::least_periods(&plan(3), &algorithm);
        assert!(
            fit(&plan(3), &series, needed, &algorithm).is_ok(),
            "{needed} are enough: {algorithm:?}"
        );
    }
    let mut same = series.clone();
    same.columns[0].fill(5.0);
    assert!(refused(&plan(3), &same, 100, &lstm(None)).contains("the target is 5 in every period"));
    let told = refused(&plan(3), &series, 100, &lstm(Some(4)));
    assert!(
        told.contains("output_steps = 4") && told.contains("at most the horizon, 3"),
        "{told}"
    );
    let unknown = Plan {
        exogenous: vec!["heat".to_owned()],
        known: Vec::new(),
        ..plan(3)
    };
    assert!(refused(&unknown, &series, 100, &lstm(Some(1))).contains("exogenous columns are not known"));
    assert!(fit(&unknown, &series, 100, &lstm(None)).is_ok());
}

#[test]
fn a_stored_forecaster_that_contradicts_itself_is_refused() {
    let (series, plan) = (days(PERIODS), plan(3));
    for algorithm in [lstm(None), Algorithm::Linear(LinearParams::default())] {
        let stored = fit(&plan, &series, LEARNT, &algorithm).unwrap().encode().unwrap();
        let text = String::from_utf8(stored.files["forecaster.json"].clone()).unwrap();
        for (from, to) in [
            ("\"window\": 14", "\"window\": 0"),
            ("\"horizon\": 3", "\"horizon\": 2"),
            ("\"calendar\": true", "\"calendar\": false"),
            ("\"heat\"", "\"heat\", \"cold\""),
            ("\"version\": 1", "\"version\": 2"),
            ("\"1d\"", "\"1x\""),
        ] {
            let mut other = stored.clone();
            let changed = text.replacen(from, to, 1);
            assert_ne!(changed, text, "{from}");
            other
                .files
                .insert("forecaster.json".to_owned(), changed.into_bytes());
            assert!(Forecaster::decode(&other).is_err(), "{to}");
        }
        let mut other = stored.clone();
        other.files.pop_last();
        assert!(Forecaster::decode(&other).is_err());
    }
}

#[test]
fn folds_follow_each_other_to_the_end() {
    let folds = Folds::new(100, 3, 10);
    let all: Vec<_> = (0..3).map(|index| folds.fold(index)).collect();
    assert_eq!(all, [(0..25, 25..50), (0..50, 50..75), (0..75, 75..100)]);
    let late = Folds::new(100, 3, 70);
    assert_eq!(
        (late.fold(0), late.fold(2), late.size()),
        ((0..70, 70..80), (0..90, 90..100), 10)
    );
    let (mut series, plan) = (days(PERIODS), plan(3));
    assert_eq!(origins(&plan, &series, 0..30, 100), [20, 21, 22, 23, 24, 25, 26]);
    assert_eq!(origins(&plan, &series, 25..30, 100), [24, 25, 26]);
    assert_eq!(origins(&plan, &series, 28..30, 100), [0; 0]);
    assert_eq!(origins(&plan, &series, 0..400, 10).len(), 10);
    // What was filled in was found from the value after it.
    series.filled[24] = true;
    assert_eq!(origins(&plan, &series, 25..30, 100), [25, 26]);
}

#[test]
fn a_season_that_is_longer_than_what_is_known_is_missing_and_no_fault() {
    let mut series = days(60);
    series.columns.truncate(1);
    series.names.truncate(1);
    let plan = Plan {
        season: 50,
        window: 5,
        difference: Difference::First,
        known: Vec::new(),
        ..plan(3)
    };
    let forecaster = fit(&plan, &series, 50, &Algorithm::Linear(LinearParams::default())).unwrap();
    assert_eq!(forecaster.forecast(&series, &[10, 55]).unwrap().len(), 6);
}
