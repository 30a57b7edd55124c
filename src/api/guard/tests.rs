//! What the guard lets in, how it names it, and what it logs.

use std::io;
use std::net::SocketAddr;
use std::sync::Mutex;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use axum::response::Response;
use axum::routing::{get, post};
use tower::ServiceExt;

use super::*;
use crate::api::limits::UploadPlace;
use crate::base::Entropy;

async fn broken() -> StatusCode {
    panic!("on purpose")
}

/// Keeps what was sent, also when the sender is gone: as a thread that never ends.
async fn slow(mut request: Request<Body>) {
    std::mem::forget(request.extensions_mut().remove::<UploadPlace>());
    std::future::pending::<()>().await;
}

fn router() -> Router {
    within(Limits::default())
}

fn within(limits: Limits) -> Router {
    let address: SocketAddr = "127.0.0.1:8123".parse().unwrap();
    let router = Router::new()
        .route("/", get(async || "a page"))
        .route("/broken", get(broken))
        .route("/api/v1/datasets/slow", post(slow))
        .route("/api/v1/datasets/quick", post(async || "in"));
    let ids = RequestIds::new(Entropy).unwrap();
    crate::api::guarded(router, Door::Loopback(address), limits, ids)
}

async fn send(router: &Router, method: &str, path: &str, header: (&str, &str)) -> Response {
    let mut request = Request::builder().method(method).uri(path);
    if header.0 != "host" {
        request = request.header("host", "127.0.0.1:8123");
    }
    let request = request
        .header("content-type", "text/csv")
        .header(header.0, header.1);
    let request = request.body(Body::empty()).unwrap();
    router.clone().oneshot(request).await.unwrap()
}

async fn told(answer: Response) -> serde_json::Value {
    let body = axum::body::to_bytes(answer.into_body(), 10_000).await.unwrap();
    serde_json::from_slice(&body).unwrap()
}

const PLAIN: (&str, &str) = ("accept", "*/*");

#[tokio::test]
async fn every_answer_is_kept_from_pages_of_other_sites() {
    let answers = [
        ("/", PLAIN, 200),
        ("/nowhere", PLAIN, 404),
        ("/broken", PLAIN, 500),
        ("/", ("host", "evil.example:8123"), 403),
        ("/", ("via", "1.1 proxy"), 400),
    ];
    for (path, header, status) in answers {
        let answer = send(&router(), "GET", path, header).await;
        assert_eq!(answer.status(), status, "{path} {header:?}");
        assert_eq!(answer.headers()["x-content-type-options"], "nosniff", "{path}");
        assert_eq!(
            answer.headers()["cross-origin-resource-policy"],
            "same-origin",
            "{path}"
        );
    }
}

#[tokio::test]
async fn every_answer_has_an_id_of_its_own_also_in_an_error_s_body() {
    let router = router();
    let mut ids = Vec::new();
    let asked = [
        ("/", PLAIN),
        ("/nowhere", PLAIN),
        ("/broken", PLAIN),
        ("/", ("host", "evil.example:8123")),
        ("/", ("x-request-id", "one of the client's")),
    ];
    for (path, header) in asked {
        let answer = send(&router, "GET", path, header).await;
        let id = answer.headers()["x-request-id"].to_str().unwrap().to_owned();
        assert!(
            id.len() == 32 && id.bytes().all(|digit| digit.is_ascii_hexdigit()),
            "{id}"
        );
        if answer.headers().get("content-type").map(|kind| kind.as_bytes()) == Some(b"application/json") {
            assert_eq!(told(answer).await["error"]["request_id"], *id, "{path}");
        }
        ids.push(id);
    }
    ids.dedup();
    assert_eq!(ids.len(), asked.len());
}

/// What is logged, as text.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(piece);
        Ok(piece.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The answer to GET `path`, and the lines that are logged meanwhile.
async fn logged(router: &Router, path: &str) -> (Response, Vec<String>) {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    let logging = tracing::subscriber::set_default(subscriber);
    let answer = send(router, "GET", path, PLAIN).await;
    drop(logging);
    let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    (answer, text.lines().map(str::to_owned).collect())
}

#[tokio::test]
async fn what_the_server_could_not_do_is_logged_once_with_the_request_s_id() {
    let id = |answer: &Response| answer.headers()["x-request-id"].to_str().unwrap().to_owned();
    let (answer, lines) = logged(&router(), "/broken?name=someone").await;
    let [line] = lines.as_slice() else {
        panic!("{lines:?}")
    };
    let fields = format!("request_id=\"{}\" method=\"GET\" path=\"/broken\"", id(&answer));
    assert!(line.contains("ERROR") && line.contains(&fields), "{line}");
    assert!(line.contains("panicked: on purpose"), "{line}");
    assert!(!line.contains("someone"), "a query is nobody's business: {line}");
    let error = told(answer).await["error"].clone();
    assert_eq!(error["code"], "internal");
    assert!(!error.to_string().contains("on purpose"), "{error}");

    let full = within(Limits::new(0, Duration::from_secs(1)));
    let (answer, lines) = logged(&full, "/").await;
    assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
    let [line] = lines.as_slice() else {
        panic!("{lines:?}")
    };
    assert!(line.contains("WARN") && line.contains(&id(&answer)), "{line}");
    assert!(
        line.contains("status=503") && line.contains("requests are under way"),
        "{line}"
    );

    let (answer, lines) = logged(&router(), "/nowhere").await;
    assert_eq!(answer.status(), StatusCode::NOT_FOUND);
    assert!(lines.is_empty(), "the client's mistake is no fault: {lines:?}");
}

#[tokio::test]
async fn a_proxy_is_refused_however_it_says_that_it_is_one() {
    for header in ["Via", "Forwarded", "X-Forwarded-For", "X-Real-IP"] {
        let answer = send(&router(), "GET", "/", (header, "1.1 proxy")).await;
        assert_eq!(
            told(answer).await["error"]["code"],
            "forwarded_header",
            "{header}"
        );
    }
}

#[tokio::test]
async fn who_asks_another_host_is_told_the_port() {
    let answer = send(&router(), "GET", "/", ("host", "evil.example")).await;
    let message = told(answer).await["error"]["message"].to_string();
    assert!(message.contains("http://127.0.0.1:8123"), "{message}");
}

#[tokio::test]
async fn a_fifth_upload_waits_until_one_before_it_is_worked_off() {
    let router = router();
    let quick = || send(&router, "POST", "/api/v1/datasets/quick", PLAIN);
    for _ in 0..4 {
        assert_eq!(
            quick().await.status(),
            200,
            "a place is free again after its upload"
        );
    }
    for _ in 0..4 {
        let sent = send(&router, "POST", "/api/v1/datasets/slow", PLAIN);
        let patience = Duration::from_millis(20);
        assert!(
            tokio::time::timeout(patience, sent).await.is_err(),
            "it is let in"
        );
    }
    // All four senders are gone, what they sent is not.
    let refused = quick().await;
    assert_eq!(refused.status(), 503);
    assert!(refused.headers().contains_key("retry-after"));
    assert_eq!(send(&router, "GET", "/", PLAIN).await.status(), 200);
}
