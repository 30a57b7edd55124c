use std::collections::BTreeMap;

use super::*;
use crate::platform::testing::{store, tick};

fn new_run(experiment: ExperimentId) -> NewRun {
    NewRun {
        experiment,
        name: "first".to_owned(),
        model: Some("churn".to_owned()),
        params: BTreeMap::from([("max_depth".to_owned(), "6".to_owned())]),
        tags: BTreeMap::from([("who".to_owned(), "me".to_owned())]),
        inputs: vec![Input {
            dataset: "churn".to_owned(),
            version: crate::base::ContentId::of(b"rows"),
            context: "training".to_owned(),
        }],
    }
}

fn point(key: &str, value: f64, step: i64) -> MetricPoint {
    MetricPoint {
        key: key.to_owned(),
        point: Point {
            value,
            time: crate::platform::testing::START,
            step,
        },
    }
}

async fn tracking() -> Tracking {
    let (store, clock) = store();
    let tracking = Tracking::new(store, clock, Entropy);
    tracking.ensure_default().await.unwrap();
    tracking
}

#[tokio::test]
async fn a_run_shows_all_that_it_was_given() {
    let tracking = tracking().await;
    let id = tracking.start(new_run(ExperimentId::DEFAULT)).await.unwrap();
    tracking
        .log_metrics(
            id,
            vec![
                point("loss", 0.5, 1),
                point("loss", 0.25, 2),
                point("auc", 0.9, 0),
            ],
        )
        .await
        .unwrap();
    tick(&tracking.clock);
    tracking.end(id, RunStatus::Finished).await.unwrap();
    let run = tracking.run(id).await.unwrap();
    assert_eq!(
        (run.status.as_str(), run.lifecycle_stage.as_str()),
        ("FINISHED", "active")
    );
    assert_eq!(run.end_time.unwrap().since(run.start_time).as_secs(), 1);
    assert_eq!(run.params["max_depth"], "6");
    assert_eq!(run.tags["who"], "me");
    assert_eq!(run.inputs, new_run(ExperimentId::DEFAULT).inputs);
    let mut metrics: Vec<_> = run
        .metrics
        .iter()
        .map(|m| (m.key.as_str(), m.latest.value))
        .collect();
    metrics.sort_by_key(|(key, _)| *key);
    assert_eq!(metrics, [("auc", 0.9), ("loss", 0.25)]);
}

#[tokio::test]
async fn params_are_written_once_and_an_ended_run_takes_nothing_more() {
    let tracking = tracking().await;
    let id = tracking.start(new_run(ExperimentId::DEFAULT)).await.unwrap();
    let params = |value: &str| BTreeMap::from([("max_depth".to_owned(), value.to_owned())]);
    tracking.log_params(id, params("6")).await.unwrap();
    let changed = tracking.log_params(id, params("7")).await.unwrap_err();
    assert!(
        matches!(changed, TrackingError::ParamChanged { ref old, .. } if old == "6"),
        "{changed}"
    );
    tracking.end(id, RunStatus::Killed).await.unwrap();
    tracking.end(id, RunStatus::Finished).await.unwrap();
    assert_eq!(tracking.run(id).await.unwrap().status, "KILLED");
    let late = tracking.log_metrics(id, vec![point("loss", 1.0, 1)]).await;
    assert!(matches!(late, Err(TrackingError::Ended(_))));
}

#[tokio::test]
async fn a_long_history_reads_back_in_order_from_anywhere() {
    let tracking = tracking().await;
    let id = tracking.start(new_run(ExperimentId::DEFAULT)).await.unwrap();
    // Lengths that end within, at, and beyond the end of a row of points.
    let mut logged = 0;
    for length in [1, 255, 256, 257, 600] {
        let points = (logged..logged + length)
            .map(|step| point("loss", step as f64, step))
            .collect();
        tracking.log_metrics(id, points).await.unwrap();
        logged += length;
    }
    for skip in [0, 1, 255, 256, 512, 1_368] {
        let history = tracking.metric_history(id, "loss", skip, 10).await.unwrap();
        let steps: Vec<_> = history.iter().map(|point| point.step).collect();
        let expected: Vec<_> = (skip as i64..logged.min(skip as i64 + 10)).collect();
        assert_eq!(steps, expected, "from {skip}");
    }
    assert!(
        tracking
            .metric_history(id, "loss", logged as u64, 10)
            .await
            .unwrap()
            .is_empty()
    );
    let unknown = tracking.metric_history(id, "gain", 0, 10).await;
    assert!(matches!(unknown, Err(TrackingError::UnknownMetric { .. })));
}

#[tokio::test]
async fn the_latest_value_is_that_of_the_highest_step_and_nan_is_kept() {
    let tracking = tracking().await;
    let id = tracking.start(new_run(ExperimentId::DEFAULT)).await.unwrap();
    tracking
        .log_metrics(id, vec![point("loss", 0.1, 5), point("loss", 0.9, 3)])
        .await
        .unwrap();
    tracking
        .log_metrics(
            id,
            vec![point("odd", f64::NAN, 0), point("odd", f64::INFINITY, -1)],
        )
        .await
        .unwrap();
    let run = tracking.run(id).await.unwrap();
    let latest = |key: &str| {
        run.metrics
            .iter()
            .find(|metric| metric.key == key)
            .unwrap()
            .latest
            .value
    };
    assert_eq!(latest("loss"), 0.1);
    assert!(latest("odd").is_nan());
}

#[tokio::test]
async fn pages_hold_every_run_once_newest_first_while_new_runs_begin() {
    let tracking = tracking().await;
    let experiment = tracking.experiment("pages").await.unwrap().id;
    let mut begun = Vec::new();
    for index in 0..7 {
        // Two runs a moment: the order is the time's, then the id's.
        if index % 2 == 0 {
            tick(&tracking.clock);
        }
        begun.push(tracking.start(new_run(experiment)).await.unwrap());
    }
    let (mut seen, mut token) = (Vec::new(), None);
    loop {
        let page = tracking.runs(experiment, 3, token.as_deref()).await.unwrap();
        seen.extend(page.runs.iter().map(|run| (run.start_time, run.id)));
        tick(&tracking.clock);
        tracking.start(new_run(experiment)).await.unwrap();
        match page.next_page_token {
            Some(next) => token = Some(next),
            None => break,
        }
    }
    assert!(seen.is_sorted_by_key(|(time, _)| std::cmp::Reverse(*time)));
    let mut ids: Vec<_> = seen.iter().map(|(_, id)| *id).collect();
    ids.sort();
    begun.sort();
    assert_eq!(ids, begun);
    let bad = tracking.runs(experiment, 3, Some("nonsense")).await;
    assert!(matches!(bad, Err(TrackingError::BadPageToken(_))));
}

#[tokio::test]
async fn an_experiment_is_made_once_and_default_has_the_id_zero() {
    let tracking = tracking().await;
    let first = tracking.experiment("mine").await.unwrap();
    assert_eq!(tracking.experiment("mine").await.unwrap().id, first.id);
    assert_eq!(
        tracking.experiment("Default").await.unwrap().id,
        ExperimentId::DEFAULT
    );
    let unknown = tracking.start(new_run(ExperimentId::from_number(7))).await;
    assert!(matches!(unknown, Err(TrackingError::UnknownExperiment(_))));
}
