//! Too many, too slow, too long: nobody keeps others from being answered.

use std::convert::Infallible;
use std::time::Duration;

use axum::body::{Body, Bytes};
use futures_util::stream::{self, StreamExt};
use serde_json::json;
use usina::api::Limits;
use usina::base::Clock;

use crate::support::{Connection, Folder, Here, Request, customers, get, post, wait_at_most, wait_for};

/// A body of which no more than `first` ever arrives.
pub(super) fn never_ending(first: &'static str) -> Body {
    let first = stream::iter([Ok::<_, Infallible>(Bytes::from_static(first.as_bytes()))]);
    Body::from_stream(first.chain(stream::pending()))
}

fn upload(name: &str) -> Request {
    post(&format!("/api/v1/datasets/{name}"), &json!({})).header("Content-Type", "text/csv")
}

pub(super) fn predict() -> Request {
    post("/api/v1/predict", &json!({"features": [1]}))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_beyond_the_limit_is_told_to_come_again() {
    let here = Here::new(Limits::new(1, Duration::from_secs(60))).await;
    let first = predict();
    let second = async {
        let answer = here.send(&get("/api/v1/info")).await;
        let told = answer.refused(503, "too_busy");
        assert_eq!(answer.header("retry-after"), Some("1"));
        assert!(
            told.message.starts_with("1 requests are under way"),
            "{}",
            told.message
        );
        // Full, it says of itself that it lives and can serve.
        for (path, status) in [("/health", "up"), ("/ready", "ready")] {
            assert_eq!(here.send(&get(path)).await.json(), json!({ "status": status }));
            assert_eq!(here.send(&get(path).method("HEAD")).await.status, 200, "{path}");
        }
    };
    tokio::select! {
        biased;
        answer = here.send_with(&first, never_ending("{")) => panic!("half a request is answered: {answer:?}"),
        () = second => {}
    }
    // The first has left, and its place is free.
    assert_eq!(here.send(&get("/api/v1/info")).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_does_not_arrive_is_given_up() {
    let here = Here::new(Limits::new(1, Duration::from_millis(300))).await;
    let answer = here.send_with(&predict(), never_ending("{\"features\": [")).await;
    answer.refused(503, "timed_out");
    assert_eq!(answer.header("retry-after"), Some("1"));
    assert_eq!(
        here.send(&get("/api/v1/info")).await.status,
        200,
        "its place is free again"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_may_take_as_long_as_it_takes_to_arrive() {
    let here = Here::new(Limits::new(1, Duration::from_millis(50))).await;
    let pieces = stream::iter(["x,y\n1,a\n", "2,b\n", "3,a\n"]).then(async |piece| {
        tokio::time::sleep(Duration::from_millis(60)).await;
        Ok::<_, Infallible>(Bytes::from_static(piece.as_bytes()))
    });
    let added = here.send_with(&upload("slow"), Body::from_stream(pieces)).await;
    assert_eq!((added.status, &added.json()["rows"]), (201, &json!(3)));
    assert_eq!(
        added.json()["created_at"],
        "2026-01-31T12:00:00.000Z",
        "by the clock that was given"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_of_which_half_arrived_is_not_stored() {
    let here = Here::new(Limits::default()).await;
    let request = upload("half");
    let half = here.send_with(&request, never_ending("x,y\n1,a\n2,b\n"));
    // As when the client goes away, or the server goes down: the request is dropped in its middle.
    assert!(
        tokio::time::timeout(Duration::from_millis(50), half)
            .await
            .is_err()
    );
    let failing = stream::iter([
        Ok(Bytes::from_static(b"x,y\n1,a\n2,b\n")),
        Err(std::io::Error::other("reset")),
    ]);
    here.send_with(&request, Body::from_stream(failing))
        .await
        .refused(400, "body_broken");
    // Long enough for what would be stored to be stored.
    for _ in 0..20 {
        tokio::time::sleep(Duration::from_millis(10)).await;
        assert_eq!(
            here.send(&get("/api/v1/datasets")).await.json(),
            json!({"datasets": []})
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_that_hangs_is_cut_off_when_the_process_is_to_stop() {
    let here = Here::new(Limits::default()).await;
    let request = upload("half");
    let hanging = here.send_with(&request, never_ending("x,y\n1,a\n2,b\n"));
    let stopping = async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        here.lifecycle.ask_to_stop();
    };
    let cut_off = async { tokio::join!(hanging, stopping) };
    let (answer, ()) = tokio::time::timeout(Duration::from_secs(1), cut_off)
        .await
        .unwrap();
    let told = answer.refused(503, "going_down");
    assert!(told.message.contains("send it again"), "{}", told.message);
    assert_eq!(
        here.send(&get("/api/v1/datasets")).await.json(),
        json!({"datasets": []})
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_of_the_process_ends_the_reading_of_a_table_that_has_come() {
    let here = Here::new(Limits::default()).await;
    let table = Bytes::from(customers(200_000));
    let lifecycle = here.lifecycle.clone();
    // Asked when the last byte has come, and while the table is read.
    let body = stream::iter([table])
        .map(Ok::<_, Infallible>)
        .chain(stream::once(async move { lifecycle.ask_to_stop() }).filter_map(async |()| None));
    here.send_with(&upload("large"), Body::from_stream(body))
        .await
        .refused(503, "stopped");
    assert_eq!(
        here.send(&get("/api/v1/datasets")).await.json(),
        json!({"datasets": []})
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs_keep_their_order_also_within_a_millisecond() {
    let here = Here::new(Limits::default()).await;
    let mut asked = Vec::new();
    for _ in 0..10 {
        let job = here
            .send(&post("/api/v1/jobs", &json!({"shipped": "credit-risk"})))
            .await
            .json();
        asked.insert(0, job["id"].clone());
    }
    here.clock.advance(Duration::from_secs(3_600));
    let later = here
        .send(&post("/api/v1/jobs", &json!({"shipped": "credit-risk"})))
        .await
        .json();
    assert_eq!(later["created_at"], "2026-01-31T13:00:00.000Z");
    asked.insert(0, later["id"].clone());
    let listed = here.send(&get("/api/v1/jobs")).await.json();
    let listed: Vec<_> = listed["jobs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|job| job["id"].clone())
        .collect();
    assert_eq!(listed, asked, "newest first");
}

#[test]
fn a_client_that_is_slow_to_ask_is_cut_off() {
    let folder = Folder::new();
    let server = folder.serve();
    let mut silent = Connection::open(server.address);
    let mut halting = Connection::open(server.address);
    assert!(halting.write(b"GET /health HTTP/1.1\r\nHost: "));
    assert!(silent.read(false).is_err(), "cut off without an answer");
    assert!(halting.read(false).is_err());
    assert_eq!(server.json("/health"), json!({"status": "up"}));
    server.stop();
}

#[test]
fn a_connection_that_breaks_in_an_upload_leaves_nothing_behind() {
    let folder = Folder::new();
    let server = folder.serve();
    let request = upload("half").body(customers(1_000));
    for _ in 0..5 {
        let mut connection = Connection::open(server.address);
        assert!(connection.write(&request.head(server.address)));
        assert!(connection.write(&request.body[..request.body.len() / 2]));
    }
    // The last one still hangs when the server goes down.
    let mut hanging = Connection::open(server.address);
    assert!(hanging.write(&request.head(server.address)) && hanging.write(&request.body[..1_000]));
    assert_eq!(server.json("/api/v1/datasets"), json!({"datasets": []}));
    server.stop();
    assert_eq!(folder.json(&["data", "list"])["datasets"], json!([]));
}

#[test]
fn a_stop_does_not_wait_for_an_upload_that_hangs() {
    let folder = Folder::new();
    let server = folder.serve();
    let request = upload("half")
        .body(customers(1_000))
        .header("Expect", "100-continue");
    let mut hanging = Connection::open(server.address);
    assert!(hanging.write(&request.head(server.address)));
    assert_eq!(hanging.read(true).unwrap().status, 100, "it is let in");
    assert!(hanging.write(&request.body[..1_000]));
    let clock = Clock::system();
    server.stop();
    // Requests under way are given ten seconds, of which this one needs none.
    assert!(
        clock.monotonic() < Duration::from_secs(5),
        "{:?}",
        clock.monotonic()
    );
    hanging.read(false).unwrap().refused(503, "going_down");
    assert_eq!(folder.json(&["data", "list"])["datasets"], json!([]));
}

#[test]
fn the_second_ctrl_c_ends_a_server_at_once() {
    let folder = Folder::new();
    let server = folder.serve();
    server.running.signal("INT");
    assert_eq!(
        server.running.wait().code,
        Some(0),
        "with nothing to wait for, the first is enough"
    );

    let server = folder.serve();
    let mut hanging = Connection::open(server.address);
    let request = predict().header("Content-Length", "100");
    assert!(hanging.write(&request.head(server.address)) && hanging.write(b"{"));
    assert_eq!(server.json("/health"), json!({"status": "up"}));
    let mut running = server.running;
    running.signal("INT");
    wait_for("the server to begin to stop", || {
        running.told().contains("stopping").then_some(())
    });
    assert!(!running.has_ended(), "a request is under way");
    running.signal("INT");
    wait_at_most(Duration::from_secs(10), "the server to end", || {
        running.has_ended().then_some(())
    });
    assert_eq!(running.wait().code, Some(130));
}
