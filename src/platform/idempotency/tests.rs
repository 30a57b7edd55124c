//! What is kept, for whom, and for how long.

use super::*;
use crate::base::Entropy;
use crate::platform::testing;
use crate::store::StoreOptions;

fn sent(key: &str) -> Sent<'_> {
    Sent {
        caller: "owner",
        route: "POST /api/v1/jobs",
        key,
    }
}

fn answer(body: &str) -> Answer {
    Answer {
        status: 202,
        content_type: Some("application/json".to_owned()),
        body: body.to_owned(),
    }
}

fn first(begun: Result<Begun, IdempotencyError>) -> Claim {
    match begun.unwrap() {
        Begun::First(claim) => claim,
        Begun::Answered { .. } => panic!("it was done already"),
    }
}

#[tokio::test]
async fn a_request_is_done_once_and_then_answered_as_before() {
    let (store, clock) = testing::store();
    let kept = Idempotency::new(store, clock);
    let claim = first(kept.begin(sent("k")).await);
    let again = kept.begin(sent("k")).await.unwrap_err();
    assert!(matches!(again, IdempotencyError::UnderWay), "{again}");
    kept.finish(claim, Some("hash".to_owned()), Some(answer("{}")))
        .await
        .unwrap();
    let Begun::Answered { body, answer: told } = kept.begin(sent("k")).await.unwrap() else {
        panic!("it is done again");
    };
    assert_eq!((body.as_deref(), told), (Some("hash"), answer("{}")));
}

#[tokio::test]
async fn a_key_is_that_of_one_caller_and_route() {
    let (store, clock) = testing::store();
    let kept = Idempotency::new(store, clock);
    let all = [
        sent("k"),
        sent("kk"),
        Sent {
            caller: "local",
            ..sent("k")
        },
        Sent {
            route: "POST /api/v1/jobsk",
            ..sent("k")
        },
    ];
    for one in all {
        first(kept.begin(one).await);
    }
}

#[tokio::test]
async fn what_made_nothing_frees_its_key() {
    let (store, clock) = testing::store();
    let kept = Idempotency::new(store, clock);
    let claim = first(kept.begin(sent("k")).await);
    kept.release(claim).await.unwrap();
    first(kept.begin(sent("k")).await);
}

#[tokio::test]
async fn an_answer_is_kept_for_a_day() {
    let (store, clock) = testing::store();
    let kept = Idempotency::new(store.clone(), clock.clone());
    for key in ["a", "b"] {
        let claim = first(kept.begin(sent(key)).await);
        kept.finish(claim, None, Some(answer("{}"))).await.unwrap();
    }
    clock.advance(KEPT - Duration::from_millis(1));
    kept.sweep().await.unwrap();
    assert!(matches!(
        kept.begin(sent("a")).await.unwrap(),
        Begun::Answered { .. }
    ));
    clock.advance(Duration::from_millis(1));
    let claim = first(kept.begin(sent("a")).await);
    kept.finish(claim, None, None).await.unwrap();
    kept.sweep().await.unwrap();
    let count = store.read(|tx| idempotency::count(tx, 10)).await.unwrap();
    assert_eq!(count, 1, "the old one is gone, the new one is not");
}

#[tokio::test]
async fn an_answer_outlives_the_process_and_what_broke_off_is_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Clock::manual(testing::START);
    let open = || Store::open(folder.path(), StoreOptions::default(), clock.clone(), Entropy).unwrap();
    let kept = Idempotency::new(open(), clock.clone());
    let claim = first(kept.begin(sent("done")).await);
    kept.finish(claim, None, Some(answer("[1]"))).await.unwrap();
    first(kept.begin(sent("broken")).await);
    let claim = first(kept.begin(sent("large")).await);
    kept.finish(claim, None, None).await.unwrap();
    kept.store.close().await;

    let kept = Idempotency::new(open(), clock.clone());
    let Begun::Answered { answer: told, .. } = kept.begin(sent("done")).await.unwrap() else {
        panic!("it is done again");
    };
    assert_eq!(told, answer("[1]"));
    for key in ["broken", "large"] {
        let error = kept.begin(sent(key)).await.unwrap_err();
        assert!(matches!(error, IdempotencyError::NoAnswer), "{key}: {error}");
    }
}

#[tokio::test]
async fn the_keys_that_are_kept_are_bounded_and_those_under_way_stay() {
    let (store, clock) = testing::store();
    let kept = Idempotency::new(store.clone(), clock.clone());
    let under_way = first(kept.begin(sent("under-way")).await);
    let at = clock.now();
    let names: Vec<_> = (0..MAX_KEPT + 40)
        .map(|number| store.vault().name_hash("idempotency", &number.to_string()))
        .collect();
    let fill = move |tx: &mut WriteTx| {
        for (number, name) in names.iter().enumerate() {
            let row = KeptRow {
                at: at + Duration::from_millis(number as u64 + 1),
                owner: None,
                body: None,
                answer: None,
            };
            idempotency::put(tx, *name, &row)?;
        }
        Ok::<_, StoreError>(())
    };
    store.write(fill).await.unwrap();
    for number in 0..=COUNTED_EVERY {
        first(kept.begin(sent(&format!("more-{number}"))).await);
    }
    let count = store.read(|tx| idempotency::count(tx, usize::MAX)).await.unwrap();
    assert!(count <= MAX_KEPT + 2 * COUNTED_EVERY as usize, "{count}");
    let found = store
        .read(move |tx| idempotency::find(tx, under_way.key))
        .await
        .unwrap();
    assert!(found.is_some(), "one that is under way is not forgotten");
}

#[tokio::test]
async fn what_is_no_key_is_refused() {
    let (store, clock) = testing::store();
    let kept = Idempotency::new(store, clock);
    for key in ["", "a b", "é", "a\u{7f}", &"k".repeat(MAX_KEY + 1)] {
        let error = kept.begin(sent(key)).await.unwrap_err();
        assert!(matches!(error, IdempotencyError::BadKey), "{key}");
    }
    first(kept.begin(sent(&"k".repeat(MAX_KEY))).await);
}
