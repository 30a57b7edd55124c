//! A refusal that comes before the body has: it arrives all the same, however much of the body is on its way.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::net::UnixStream;

use serde_json::json;

use crate::support::{Connection, Folder, Request, Server, get};

/// More than the system and the server take in ahead, by far.
const BODY: usize = 6 << 20;

/// A table that is large, and right.
fn table() -> Vec<u8> {
    let row = b"1,2\n";
    [&b"x,y\n"[..], &row.repeat(BODY / row.len())].concat()
}

fn upload(path: &str) -> Request {
    get(path)
        .method("POST")
        .header("Content-Type", "text/csv")
        .body(table())
}

/// Four uploads that hang, which is as many as one door takes in at once; `connect` leads through it.
fn all_places<C: Read + Write>(server: &Server, connect: impl Fn() -> C) -> Vec<C> {
    let taken = (0..4).map(|_| {
        let request = upload("/api/v1/datasets/slow").header("Expect", "100-continue");
        let mut connection = connect();
        connection.write_all(&request.head(server.address)).unwrap();
        let mut told = [0; 12];
        connection.read_exact(&mut told).unwrap();
        assert_eq!(&told, b"HTTP/1.1 100", "it is let in");
        connection
    });
    taken.collect()
}

#[test]
fn an_upload_that_is_refused_on_sight_is_told_why() {
    let folder = Folder::new();
    let server = folder.serve();
    let wrong_csv = "/api/v1/datasets/x?csv=%7B%22delimitr%22:%22;%22%7D";
    let ragged = upload("/api/v1/datasets/x").body([b"x,y\n1\n".to_vec(), table()].concat());
    let wrong_type = upload("/api/v1/datasets/x").header("Content-Type", "application/json");
    // One connection for all: what a refused body leaves does not stand in the way of the next request.
    let mut connection = Connection::open(server.address);
    for _ in 0..25 {
        connection.send(&upload(wrong_csv)).refused(400, "bad_parameter");
        connection.send(&ragged).refused(422, "bad_file");
        connection.send(&wrong_type).refused(415, "wrong_content_type");
        connection.send(&upload("/nowhere")).refused(404, "no_such_route");
        let foreign = upload(wrong_csv).header("Origin", "https://evil.example");
        connection.send(&foreign).refused(403, "foreign_origin");
    }
    let taken = all_places(&server, || TcpStream::connect(server.address).unwrap());
    for _ in 0..25 {
        connection
            .send(&upload("/api/v1/datasets/x"))
            .refused(503, "too_busy");
    }
    drop(taken);
    assert_eq!(server.json("/api/v1/datasets"), json!({"datasets": []}));
    server.stop();
}

#[test]
fn a_file_that_is_refused_on_sight_ends_the_command_with_the_reason() {
    let folder = Folder::new();
    folder.file("large.csv", table());
    folder.file("ragged.csv", [b"x,y\n1\n".to_vec(), table()].concat());
    let server = folder.serve();
    let add = |file: &str, more: &[&str]| folder.run(&[&["data", "add", "x", file], more].concat());
    for _ in 0..10 {
        let told = add("large.csv", &["--csv", "{\"delimitr\":\";\"}"]).refused(2);
        assert!(told.contains("delimitr"), "{told}");
        let told = add("ragged.csv", &[]).refused(2);
        assert!(told.contains("line 2"), "{told}");
    }
    let socket = folder.data().join("usina.sock");
    let taken = all_places(&server, || UnixStream::connect(&socket).unwrap());
    for _ in 0..10 {
        let told = add("large.csv", &[]).refused(1);
        assert!(told.contains("4 tables are coming in already"), "{told}");
    }
    drop(taken);
    server.stop();
}
