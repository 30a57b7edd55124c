//! Which runs are found, in which order, page by page.

use std::collections::BTreeMap;

use super::*;
use crate::base::Entropy;
use crate::platform::testing::{START, store, tick};
use crate::platform::tracking::{MetricPoint, NewRun, Point, RunStatus};

/// Runs `0` to `n - 1` of Default: each second one has an AUC, each third one failed.
async fn tracking(runs: usize) -> Tracking {
    let (store, clock) = store();
    let tracking = Tracking::new(store, clock, Entropy);
    tracking.ensure_default().await.unwrap();
    for number in 0..runs {
        tick(&tracking.clock);
        let new = NewRun {
            experiment: ExperimentId::DEFAULT,
            name: number.to_string(),
            model: Some(if number < 5 { "old" } else { "new" }.to_owned()),
            params: BTreeMap::from([("depth".to_owned(), (number % 4).to_string())]),
            tags: BTreeMap::from([("team".to_owned(), "risk".to_owned())]),
            inputs: Vec::new(),
        };
        let id = tracking.start(new).await.unwrap();
        if number % 2 == 0 {
            let value = if number == 4 {
                f64::NAN
            } else {
                (number * 7 % 10) as f64 / 10.0
            };
            let point = Point {
                value,
                time: START,
                step: 0,
            };
            let key = "auc".to_owned();
            tracking
                .log_metrics(id, vec![MetricPoint { key, point }])
                .await
                .unwrap();
        }
        let status = if number % 3 == 0 {
            RunStatus::Failed
        } else {
            RunStatus::Finished
        };
        tracking.end(id, status).await.unwrap();
    }
    tracking
}

/// The names of all runs that are found, `at_once` a page.
async fn found(tracking: &Tracking, filter: &str, order: Option<&str>, at_once: usize) -> Vec<usize> {
    let query = RunQuery {
        experiment: None,
        filter: filter.parse().unwrap(),
        order: order.map(|order| order.parse().unwrap()),
    };
    let (mut names, mut token) = (Vec::new(), None);
    loop {
        let page = PageOf::new(at_once, token);
        let page = tracking.search(query.clone(), page).await.unwrap();
        assert!(page.items.len() <= at_once);
        names.extend(page.items.iter().map(|run| run.name.parse::<usize>().unwrap()));
        token = page.next_page_token;
        if token.is_none() {
            return names;
        }
    }
}

#[tokio::test]
async fn runs_are_found_by_what_they_have_newest_first() {
    let tracking = tracking(12).await;
    for (filter, expected) in [
        ("", vec![11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0]),
        ("metrics.auc > 0.3", vec![8, 2]),
        ("metrics.auc >= 0", vec![10, 8, 6, 2, 0]),
        ("status = FAILED and model = 'new'", vec![9, 6]),
        ("params.depth = 3 and status != FAILED", vec![11, 7]),
        ("params.depth > 2", vec![11, 7, 3]),
        ("tags.team = 'risk' and name = 7", vec![7]),
        ("tags.nobody != 'risk'", vec![]),
        ("created_at <= 2023-11-14T22:13:22Z", vec![1, 0]),
    ] {
        for at_once in [1, 2, 100] {
            assert_eq!(
                found(&tracking, filter, None, at_once).await,
                expected,
                "{filter}"
            );
        }
    }
}

#[tokio::test]
async fn runs_are_ordered_by_a_value_and_those_without_it_come_last_newest_first() {
    let tracking = tracking(12).await;
    // The values of 0, 2, 6, 8, 10 are 0, .4, .2, .6, 0; that of 4 is no number.
    let last = [11, 9, 7, 5, 4, 3, 1];
    for (order, first) in [
        ("metrics.auc", vec![10, 0, 6, 2, 8]),
        ("metrics.auc DESC", vec![8, 2, 6, 10, 0]),
    ] {
        for at_once in [1, 4, 100] {
            let expected = [first.as_slice(), &last].concat();
            assert_eq!(
                found(&tracking, "", Some(order), at_once).await,
                expected,
                "{order}"
            );
        }
    }
    let oldest = found(&tracking, "metrics.auc > 0.3", Some("created_at asc"), 1).await;
    assert_eq!(oldest, [2, 8]);
    let deep = found(&tracking, "name != 11", Some("params.depth desc"), 2).await;
    assert_eq!(deep, [7, 3, 10, 6, 2, 9, 5, 1, 8, 4, 0]);
}

#[tokio::test]
async fn a_page_of_one_query_is_none_of_another() {
    let tracking = tracking(4).await;
    let ordered = |order: &str| RunQuery {
        order: Some(order.parse().unwrap()),
        ..RunQuery::default()
    };
    let page = tracking
        .search(ordered("metrics.auc"), PageOf::first(1))
        .await
        .unwrap();
    let token = page.next_page_token;
    for query in [
        RunQuery::default(),
        ordered("metrics.auc desc"),
        ordered("metrics.loss"),
    ] {
        let refused = tracking.search(query, PageOf::new(1, token.clone())).await;
        assert!(matches!(refused, Err(TrackingError::PageToken(_))));
    }
}

#[test]
fn what_is_no_order_is_refused() {
    for wrong in [
        "",
        "auc",
        "metrics.auc up",
        "status",
        "metrics.",
        "metrics.auc desc asc",
    ] {
        assert_eq!(wrong.parse::<Order>(), Err(BadOrder), "{wrong}");
    }
}
