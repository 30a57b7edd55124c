//! What a web page in the user's browser sends to the loopback port, and why it gets nothing.

use serde_json::json;

use crate::support::{Folder, Request, Response, Server, get, post};

/// A request that reads, and one that would change something.
fn both() -> [Request; 2] {
    [
        get("/api/v1/models"),
        post("/api/v1/jobs", &json!({"shipped": "customer-churn"})),
    ]
}

fn is_closed_to_pages(answer: &Response) {
    let shared = answer
        .headers
        .iter()
        .find(|(name, _)| name.to_ascii_lowercase().starts_with("access-control-"));
    assert_eq!(shared, None, "no other origin is ever let in");
}

/// Sends both requests, changed by `change`, and expects that neither gets in.
fn refuses(server: &Server, status: u16, code: &str, change: impl Fn(Request) -> Request) {
    for request in both() {
        let answer = server.send(&change(request));
        answer.refused(status, code);
        is_closed_to_pages(&answer);
    }
}

#[test]
fn a_page_of_another_site_reads_nothing_and_changes_nothing() {
    let folder = Folder::new();
    let server = folder.serve();
    a_name_that_was_rebound_to_loopback(&server);
    another_origin(&server);
    what_browsers_say_of_themselves(&server);
    a_form(&server);
    asking_before(&server);
    assert_eq!(
        server.json("/api/v1/jobs"),
        json!({"jobs": []}),
        "nothing was started"
    );
    what_its_own_page_sends_passes(&server);
    server.stop();
}

fn a_name_that_was_rebound_to_loopback(server: &Server) {
    let port = server.address.port();
    let foreign = [
        "evil.example".to_owned(),
        format!("evil.example:{port}"),
        format!("127.0.0.1.evil.example:{port}"),
        format!("localhost.evil.example:{port}"),
        format!("evil.example@localhost:{port}"),
        format!("localhost:{port}@evil.example"),
        format!("localhost:{port}:{port}"),
        format!("[::1].evil.example:{port}"),
        format!("0.0.0.0:{port}"),
        format!("localhost:{}", port ^ 1),
        "localhost".to_owned(),
        "127.0.0.1".to_owned(),
        String::new(),
    ];
    for host in foreign {
        refuses(server, 403, "foreign_host", |request| {
            request.header("Host", &host)
        });
    }
}

fn another_origin(server: &Server) {
    let port = server.address.port();
    let foreign = [
        "https://evil.example".to_owned(),
        "null".to_owned(),
        "file://".to_owned(),
        String::new(),
        format!("https://127.0.0.1:{port}"),
        format!("http://127.0.0.1:{}", port ^ 1),
        "http://127.0.0.1".to_owned(),
        format!("http://127.0.0.1:{port}.evil.example"),
        format!("http://evil.example:{port}"),
        format!("http://evil.example/http://127.0.0.1:{port}"),
    ];
    for origin in foreign {
        refuses(server, 403, "foreign_origin", |request| {
            request.header("Origin", &origin)
        });
    }
}

fn what_browsers_say_of_themselves(server: &Server) {
    for site in ["cross-site", "same-site", "made-up"] {
        refuses(server, 403, "foreign_origin", |request| {
            request.header("Sec-Fetch-Site", site)
        });
        let asset = server.send(&get("/assets/0/app.js").header("Sec-Fetch-Site", site));
        asset.refused(403, "foreign_origin");
        // A link may open the page itself, which shows nothing until its own script asks.
        assert_eq!(server.send(&get("/").header("Sec-Fetch-Site", site)).status, 200);
    }
}

/// Types that a page may send to any site without asking first.
fn a_form(server: &Server) {
    let [_, request] = both();
    let simple = [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=b",
        "text/plain; application/json",
        "application/json, text/plain",
        "application/jsonp",
        "",
    ];
    for kind in simple {
        let answer = server.send(&request.clone().header("Content-Type", kind));
        answer.refused(415, "wrong_content_type");
        is_closed_to_pages(&answer);
    }
    server
        .send(&request.clone().without("Content-Type"))
        .refused(415, "wrong_content_type");
    server
        .send(&request.method("PUT").header("Content-Type", "text/plain"))
        .refused(405, "method_not_allowed");
}

/// The question that a browser asks before it sends anything else: it never gets a yes.
fn asking_before(server: &Server) {
    let preflight = |origin: &str| {
        let request = get("/api/v1/jobs")
            .method("OPTIONS")
            .header("Access-Control-Request-Method", "POST");
        let request = request.header("Access-Control-Request-Headers", "content-type");
        server.send(&request.header("Origin", origin))
    };
    let foreign = preflight("https://evil.example");
    foreign.refused(403, "foreign_origin");
    is_closed_to_pages(&foreign);
    let own = preflight(&format!("http://{}", server.address));
    own.refused(405, "method_not_allowed");
    is_closed_to_pages(&own);
}

fn what_its_own_page_sends_passes(server: &Server) {
    let port = server.address.port();
    let [reading, _] = both();
    for host in ["127.0.0.1", "localhost", "LOCALHOST"] {
        let request = reading.clone().header("Host", &format!("{host}:{port}"));
        is_closed_to_pages(&server.send(&request));
        let request = request.header("Origin", &format!("http://{host}:{port}"));
        assert_eq!(server.send(&request).status, 200, "{host}");
        assert_eq!(
            server
                .send(&request.header("Sec-Fetch-Site", "same-origin"))
                .status,
            200
        );
    }
    assert_eq!(
        server.send(&get("/").header("Sec-Fetch-Site", "none")).status,
        200
    );
    let wrong_body = post("/api/v1/jobs", &json!({})).header("Sec-Fetch-Site", "same-origin");
    server.send(&wrong_body).refused(400, "bad_body");
    let with_charset = wrong_body.header("Content-Type", "Application/JSON; charset=utf-8");
    server.send(&with_charset).refused(400, "bad_body");
}

#[test]
fn what_came_through_a_proxy_is_refused() {
    let folder = Folder::new();
    let server = folder.serve();
    for header in [
        "Forwarded",
        "X-Forwarded-For",
        "X-Forwarded-Host",
        "X-Forwarded-Proto",
        "X-Real-IP",
    ] {
        for request in both() {
            let told = server
                .send(&request.header(header, "127.0.0.1"))
                .refused(400, "forwarded_header");
            assert_eq!(told.detail, json!({"header": header.to_lowercase()}));
        }
    }
    server.stop();
}

#[test]
fn the_page_loads_nothing_from_elsewhere_and_nobody_frames_it() {
    let folder = Folder::new();
    let server = folder.serve();
    let page = server.send(&get("/"));
    let script = page
        .text()
        .split('"')
        .find(|text| text.ends_with("/app.js"))
        .unwrap()
        .to_owned();
    assert!(!page.text().contains("{{hash}}"));
    for (path, kind, cached) in [
        ("/", "text/html; charset=utf-8", "no-store"),
        (
            script.as_str(),
            "text/javascript",
            "public, max-age=31536000, immutable",
        ),
    ] {
        let answer = server.send(&get(path));
        assert_eq!(answer.status, 200, "{path}");
        assert_eq!(answer.header("content-type"), Some(kind));
        assert_eq!(answer.header("cache-control"), Some(cached));
        let policy = answer.header("content-security-policy").unwrap();
        assert!(
            policy.starts_with("default-src 'self'; img-src 'self' data:;"),
            "{policy}"
        );
        assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(answer.header("referrer-policy"), Some("no-referrer"));
    }
    let stale = script.replace(script.split('/').nth(2).unwrap(), "0123456789abcdef");
    for path in [
        stale.as_str(),
        "/assets/../Cargo.toml",
        "/assets/0/..%2f..%2fCargo.toml",
        "/assets/",
    ] {
        server.send(&get(path)).refused(404, "no_such_route");
    }
    server.stop();
}
