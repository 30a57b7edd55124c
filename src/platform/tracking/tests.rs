use std::collections::BTreeMap;

use super::*;
use crate::platform::page::PageOf;
use crate::platform::testing::{store, tick};

fn new_run(experiment: ExperimentId) -> NewRun {
    NewRun {
        experiment,
        name: "first".to_owned(),
        model: Some("churn".to_owned()),
        params: BTreeMap::from([("max_depth".to_owned(), "6".to_owned())]),
        tags: BTreeMap::from([("who".to_owned(), "me".to_owned())]),
        inputs: vec![Input {
            name: "churn".to_owned(),
            digest: crate::base::ContentId::of(b"rows").to_string(),
            contexts: vec!["training".to_owned()],
            dataset: None,
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
        (run.status, run.lifecycle_stage.as_str()),
        (RunStatus::Finished, "active")
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
    assert_eq!(tracking.run(id).await.unwrap().status, RunStatus::Killed);
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
        let page = tracking
            .runs(Some(experiment), PageOf::new(3, token))
            .await
            .unwrap();
        seen.extend(page.items.iter().map(|run| (run.start_time, run.id)));
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
    let bad = PageOf::new(3, Some("nonsense".to_owned()));
    let bad = tracking.runs(Some(experiment), bad).await;
    assert!(matches!(bad, Err(TrackingError::PageToken(_))));
    let all = tracking.runs(None, PageOf::first(1_000)).await.unwrap();
    let first = all.items.first().map(|run| run.start_time);
    assert_eq!(
        first,
        Some(tracking.clock.now()),
        "those of every experiment, newest first"
    );
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

#[tokio::test]
async fn more_than_a_run_may_have_is_refused_whole() {
    let tracking = tracking().await;
    let id = tracking.start(new_run(ExperimentId::DEFAULT)).await.unwrap();
    let params = |count: usize| {
        let pairs = (0..count).map(|index| (format!("p{index}"), "1".to_owned()));
        pairs.collect::<BTreeMap<_, _>>()
    };
    // One is there already.
    tracking.log_params(id, params(999)).await.unwrap();
    let refused = tracking.log_params(id, params(1_000)).await.unwrap_err();
    assert!(
        refused.to_string().contains("more than 1000 parameters"),
        "{refused}"
    );
    tracking.log_params(id, params(999)).await.unwrap();
    assert_eq!(tracking.run(id).await.unwrap().params.len(), 1_000);

    let metrics = |count: i64| {
        (0..count)
            .map(|index| point(&format!("m{index}"), 1.0, 0))
            .collect()
    };
    tracking.log_metrics(id, metrics(1_000)).await.unwrap();
    let refused = tracking.log_metrics(id, metrics(1_001)).await.unwrap_err();
    assert!(
        refused.to_string().contains("more than 1000 metrics"),
        "{refused}"
    );
    tracking.log_metrics(id, metrics(1_000)).await.unwrap();
    assert_eq!(tracking.run(id).await.unwrap().metrics.len(), 1_000);

    let mut new = new_run(ExperimentId::DEFAULT);
    new.tags = params(1_001);
    assert!(matches!(
        tracking.start(new).await,
        Err(TrackingError::TooMany { what: "tags", .. })
    ));
}

#[tokio::test]
async fn a_dataset_may_be_used_twice_under_two_names_or_for_two_purposes() {
    let tracking = tracking().await;
    let mut new = new_run(ExperimentId::DEFAULT);
    let first = new.inputs[0].clone();
    let other = |name: &str, context: &str| Input {
        name: name.to_owned(),
        contexts: vec![context.to_owned()],
        ..first.clone()
    };
    new.inputs.extend([
        other("churn", "testing"),
        other("leavers", "training"),
        first.clone(),
    ]);
    let id = tracking.start(new).await.unwrap();
    let mut inputs = tracking.run(id).await.unwrap().inputs;
    inputs.sort_by(|a, b| a.name.cmp(&b.name));
    let used: Vec<_> = inputs
        .iter()
        .map(|input| (input.name.as_str(), input.contexts.join(", ")))
        .collect();
    let both = "training, testing".to_owned();
    assert_eq!(used, [("churn", both), ("leavers", "training".to_owned())]);
}
