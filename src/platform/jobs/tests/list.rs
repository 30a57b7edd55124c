//! The list of jobs: its order, its pages, and what is found in it.

use super::*;

#[tokio::test]
async fn jobs_come_newest_first_a_page_at_a_time() {
    let bench = bench(until_stopped).await;
    let mut ids = Vec::new();
    for _ in 0..5 {
        ids.push(
            bench
                .jobs
                .train_shipped("credit-risk", "a tester")
                .await
                .unwrap()
                .id,
        );
    }
    let (mut seen, mut token) = (Vec::new(), None);
    loop {
        let page = bench.jobs.list(PageOf::new(2, token)).await.unwrap();
        seen.extend(page.items.iter().map(|job| (job.id, job.requested_by.clone())));
        token = page.next_page_token;
        if token.is_none() {
            break;
        }
    }
    ids.reverse();
    let expected: Vec<_> = ids.into_iter().map(|id| (id, "a tester".to_owned())).collect();
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn jobs_are_found_by_how_they_stand_and_by_their_model() {
    let bench = bench(until_stopped).await;
    let train = async |name: &str| bench.jobs.train_shipped(name, "a tester").await.unwrap().id;
    let (risk, churn) = (train("credit-risk").await, train("customer-churn").await);
    let cancelled = train("credit-risk").await;
    bench.jobs.cancel(cancelled).await.unwrap();
    let found = async |state: Option<State>, model: Option<&str>| {
        let model = model.map(|model| model.parse().unwrap());
        let page = bench
            .jobs
            .list_of(JobFilter { state, model }, PageOf::first(10))
            .await
            .unwrap();
        assert_eq!(page.next_page_token, None);
        page.items.iter().map(|job| job.id).collect::<Vec<_>>()
    };
    let same = |mut a: Vec<JobId>, mut b: Vec<JobId>| {
        a.sort();
        b.sort();
        assert_eq!(a, b);
    };
    same(found(Some(State::Queued), None).await, vec![churn, risk]);
    same(found(None, Some("credit-risk")).await, vec![cancelled, risk]);
    same(
        found(Some(State::Cancelled), Some("credit-risk")).await,
        vec![cancelled],
    );
    same(found(Some(State::Done), None).await, vec![]);
    let page = bench.jobs.list(PageOf::first(1)).await.unwrap();
    let other = JobFilter {
        state: Some(State::Queued),
        model: None,
    };
    let refused = bench
        .jobs
        .list_of(other, PageOf::new(1, page.next_page_token))
        .await;
    assert!(
        matches!(refused, Err(JobError::PageToken(_))),
        "a page of one list is none of another"
    );
}
