//! The ways in: what a web page, a proxy or another user of the machine may not do, and what a crowd may not.

mod crowd;
mod early;
mod large;
mod page;

use std::fs::Permissions;
use std::io::{Read, Write};
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::os::unix::net::UnixStream;

use crate::openapi::operations;
use crate::support::{Folder, customers, get, wait_for};

#[test]
fn only_its_owner_opens_the_data_folder() {
    let folder = Folder::new();
    let server = folder.serve();
    let mode = |name: &str| {
        let metadata = std::fs::metadata(folder.data().join(name)).unwrap();
        metadata.permissions().mode() & 0o777
    };
    assert_eq!(mode(""), 0o700);
    for name in ["usina.key", "usina.redb", "usina.sock"] {
        assert_eq!(mode(name), 0o600, "{name}");
    }
    let socket = std::fs::metadata(folder.data().join("usina.sock")).unwrap();
    assert!(socket.file_type().is_socket());
    let mut names: Vec<_> = std::fs::read_dir(folder.data())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    names.sort();
    assert_eq!(
        names,
        ["usina.key", "usina.redb", "usina.sock"],
        "nothing else is in the folder"
    );
    server.stop();
}

#[test]
fn a_data_folder_that_others_can_write_in_is_warned_of_and_left_as_it_is() {
    let warned = |mode: Option<u32>| {
        let folder = Folder::new();
        if let Some(mode) = mode {
            std::fs::create_dir(folder.data()).unwrap();
            std::fs::set_permissions(folder.data(), Permissions::from_mode(mode)).unwrap();
        }
        let log = folder.serve().stop().err;
        let now = std::fs::metadata(folder.data()).unwrap().permissions().mode() & 0o777;
        assert_eq!(now, mode.unwrap_or(0o700));
        log.contains("WARN") && log.contains("chmod go-w") && log.contains(folder.data().to_str().unwrap())
    };
    assert!(warned(Some(0o777)) && warned(Some(0o770)) && warned(Some(0o702)));
    assert!(!warned(Some(0o755)) && !warned(Some(0o700)) && !warned(None));
}

#[test]
fn whoever_opens_the_socket_is_the_owner() {
    let folder = Folder::new();
    let server = folder.serve();
    let mut socket = UnixStream::connect(folder.data().join("usina.sock")).unwrap();
    // curl --unix-socket takes any host's name.
    socket
        .write_all(b"GET /ready HTTP/1.1\r\nHost: usina\r\nConnection: close\r\n\r\n")
        .unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).unwrap();
    assert!(
        answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.ends_with(r#"{"status":"ready"}"#),
        "{answer}"
    );
    server.stop();
}

#[test]
fn a_server_is_reached_however_deep_its_data_folder_is() {
    let folder = Folder::new();
    let deep = folder.path(&["deep".repeat(20), "deeper".repeat(20), "data".to_owned()].join("/"));
    let data = deep.to_str().unwrap();
    let running = folder.start(&["serve", "--listen", "127.0.0.1:0", "--data", data]);
    wait_for("the server to answer through its socket", || {
        (folder.run(&["status", "--data", data]).code == Some(0)).then_some(())
    });
    let names = folder.run(&["recipes", "--json", "--data", data]).done();
    assert!(names.contains("customer-churn"), "{names}");
    running.signal("TERM");
    assert_eq!(running.wait().code, Some(0));
}

#[test]
fn every_route_is_behind_the_door() {
    let folder = Folder::new();
    folder.file("customers.csv", customers(200));
    let server = folder.serve();
    let document = server.json("/api/openapi.json");
    let described = operations(&document)
        .into_iter()
        .map(|(path, method, _)| (path.to_owned(), method.to_uppercase()));
    let others = [
        "/",
        "/assets/0/app.js",
        "/api/openapi.json",
        "/nowhere",
        "//health",
        "/api/v1/../../health",
    ];
    let others = others.into_iter().map(|path| (path.to_owned(), "GET".to_owned()));
    let mut tried = 0;
    for (path, method) in described.chain(others) {
        let request = get(&path)
            .method(&method)
            .header("Content-Type", "application/json")
            .body("{}");
        let request = if method == "GET" {
            request.without("Content-Type").body("")
        } else {
            request
        };
        let refused = |name: &str, value: &str| server.send(&request.clone().header(name, value));
        refused("Host", "evil.example").refused(403, "foreign_host");
        refused("Origin", "https://evil.example").refused(403, "foreign_origin");
        refused("X-Forwarded-For", "203.0.113.7").refused(400, "forwarded_header");
        tried += 1;
    }
    assert!(tried > 30, "{tried}");
    server.stop();
}
