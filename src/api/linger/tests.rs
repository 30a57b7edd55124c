//! When what nobody reads is waited for, and for how long.

use std::sync::atomic::{AtomicUsize, Ordering};

use axum::body::Body;
use axum::routing::post;
use futures_util::stream::{self, Stream, StreamExt};

use super::*;
use crate::base::Clock;

/// Generous, so that only the bound that a test sets can be what ends it.
const LONG: Duration = Duration::from_secs(60);

/// Refuses on sight, reads a little, or reads all.
fn router() -> Router {
    let first = async |body: Body| {
        body.into_data_stream().next().await;
        "enough"
    };
    let all = async |body: Bytes| body.len().to_string();
    Router::new()
        .route("/refused", post(async || "no"))
        .route("/first", post(first))
        .route("/all", post(all))
}

/// `count` pieces, and how many of them were taken.
fn pieces(count: usize) -> (impl Stream<Item = Result<Bytes, Infallible>>, Arc<AtomicUsize>) {
    let taken = Arc::new(AtomicUsize::new(0));
    let taking = Arc::clone(&taken);
    let pieces = stream::iter(0..count).map(move |_| {
        taking.fetch_add(1, Ordering::Relaxed);
        Ok(Bytes::from_static(b"piece"))
    });
    (pieces, taken)
}

fn linger(whole: Duration, piece: Duration) -> Arc<Linger<Body>> {
    Arc::new(Linger {
        patience: Patience { whole, piece },
        ..Linger::new(Lifecycle::new())
    })
}

async fn send(linger: &Arc<Linger<Body>>, path: &str, body: Body) -> Response {
    let request = Request::post(path).body(body).unwrap();
    Arc::clone(linger).answer(router(), request).await.unwrap()
}

#[tokio::test]
async fn what_nobody_reads_is_dropped_before_it_is_answered() {
    let linger = linger(LONG, LONG);
    for path in ["/refused", "/first", "/all", "/nowhere"] {
        let (body, taken) = pieces(1_000);
        send(&linger, path, Body::from_stream(body)).await;
        assert_eq!(taken.load(Ordering::Relaxed), 1_000, "{path}");
        assert!(linger.rest.lock().unwrap().is_none(), "{path}");
    }
}

#[tokio::test]
async fn what_does_not_come_is_waited_for_a_while() {
    let hanging = || {
        let (body, _) = pieces(3);
        Body::from_stream(body.chain(stream::pending()))
    };
    let clock = Clock::system();
    let patience = Duration::from_millis(100);
    let answer = send(&linger(LONG, patience), "/refused", hanging()).await;
    assert_eq!(answer.status(), 200);
    assert!(clock.monotonic() >= patience && clock.monotonic() < LONG);

    let trickling =
        stream::repeat_with(|| Ok::<_, Infallible>(Bytes::from_static(b"x"))).then(async |piece| {
            tokio::time::sleep(Duration::from_millis(10)).await;
            piece
        });
    let answer = send(&linger(patience, LONG), "/first", Body::from_stream(trickling)).await;
    assert_eq!(answer.status(), 200);
    assert!(clock.monotonic() >= 2 * patience && clock.monotonic() < LONG);
}

#[tokio::test]
async fn a_stop_of_the_process_ends_the_waiting() {
    let linger = linger(LONG, LONG);
    linger.lifecycle.ask_to_stop();
    let answer = send(
        &linger,
        "/refused",
        Body::from_stream(stream::pending::<Result<Bytes, Infallible>>()),
    );
    let answer = tokio::time::timeout(Duration::from_secs(5), answer)
        .await
        .unwrap();
    assert_eq!(answer.status(), 200);
}

#[tokio::test]
async fn a_body_that_its_sender_holds_back_is_not_asked_for() {
    let linger = linger(LONG, LONG);
    for (path, asked_for) in [("/refused", 0), ("/first", 7)] {
        let (body, taken) = pieces(7);
        let request = Request::post(path).header("expect", "100-continue");
        let request = request.body(Body::from_stream(body)).unwrap();
        Arc::clone(&linger).answer(router(), request).await.unwrap();
        assert_eq!(taken.load(Ordering::Relaxed), asked_for, "{path}");
    }
}
