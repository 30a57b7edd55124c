//! Large bodies: few at once, from before they are in memory, and nobody waits for one.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use futures_util::FutureExt;
use tokio::sync::oneshot;
use usina::api::Limits;

use super::crowd::{never_ending, predict};
use crate::support::{Connection, Folder, Here};

#[tokio::test(flavor = "multi_thread")]
async fn a_large_body_has_its_place_before_it_has_come() {
    let here = Here::new(Limits::default()).await;
    let rows: &'static str = "[0],".repeat(25_000).leak();
    let large = || never_ending(rows);
    let request = predict();
    let mut under_way: Vec<_> = (0..8)
        .map(|_| Box::pin(here.send_with(&request, large())))
        .collect();
    for sent in &mut under_way {
        assert!(sent.now_or_never().is_none(), "it is let in");
    }
    // Without a length it is large once it has grown so.
    let refused = tokio::time::timeout(Duration::from_secs(10), here.send_with(&request, large())).await;
    let told = refused.unwrap().refused(503, "too_busy");
    assert!(told.message.starts_with("8 large requests"), "{}", told.message);
    let small = here.send(&predict().body("{}")).await;
    small.refused(400, "bad_body");
    drop(under_way);
    let large = predict().body(format!("{{\"features\": [{rows}[]]}}"));
    here.send(&large).await.refused(404, "nothing_serves");
}

#[test]
fn a_large_body_is_refused_by_its_length() {
    let folder = Folder::new();
    let server = folder.serve();
    let request = predict()
        .header("Content-Length", "1000000")
        .header("Expect", "100-continue");
    let taken: Vec<_> = (0..8)
        .map(|_| {
            let mut connection = Connection::open(server.address);
            assert!(connection.write(&request.head(server.address)));
            assert_eq!(connection.read(true).unwrap().status, 100, "it is let in");
            connection
        })
        .collect();
    let mut refused = Connection::open(server.address);
    assert!(refused.write(&request.head(server.address)));
    refused.read(false).unwrap().refused(503, "too_busy");
    let mut too_large = Connection::open(server.address);
    let request = request.header("Content-Length", "10000000");
    assert!(too_large.write(&request.head(server.address)));
    too_large.read(false).unwrap().refused(413, "body_too_large");
    drop(taken);
    server.stop();
}

/// On one thread for all, a request is worked on beside the others, or the others wait.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_large_body_keeps_no_other_request_waiting() {
    let here = Arc::new(Here::new(Limits::default()).await);
    // Read to its end, and once more for the field that is wrong there.
    let large = predict().body(format!("{{\"features\": [{}{{}}]}}", "0,".repeat(3_900_000)));
    let others = Arc::new(AtomicU32::new(0));
    let (stop, turns) = (here.lifecycle.stop().clone(), Arc::clone(&others));
    here.lifecycle.spawn("others", async move {
        while !stop.is_asked() {
            turns.fetch_add(1, Ordering::Relaxed);
            tokio::task::yield_now().await;
        }
    });
    let (done, answer) = oneshot::channel();
    let sender = Arc::clone(&here);
    here.lifecycle.spawn("large", async move {
        let before = others.load(Ordering::Relaxed);
        let answer = sender.send(&large).await;
        let _ = done.send((answer, others.load(Ordering::Relaxed) - before));
    });
    let (answer, turns) = answer.await.unwrap();
    answer.refused(400, "bad_body");
    // A handful of turns is what the awaits in between give.
    assert!(turns > 100, "{turns}");
    here.lifecycle.finish(Duration::from_secs(10)).await.unwrap();
}
