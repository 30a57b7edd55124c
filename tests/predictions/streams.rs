//! Rows by the line over HTTP.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::{Value, json};

use super::{Models, rows};
use crate::support::get;

/// A stream of rows, sent and read by hand.
struct Stream(TcpStream);

impl Stream {
    fn open(models: &Models, query: &str) -> Self {
        let address = models.server.address;
        let mut stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        let head = format!(
            "POST /api/v1/predict?{query} HTTP/1.1\r\nHost: {address}\r\n\
             Content-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).unwrap();
        Self(stream)
    }

    fn send(&mut self, text: &str) {
        let chunk = format!("{:x}\r\n{text}\r\n", text.len());
        self.0.write_all(chunk.as_bytes()).unwrap();
    }

    fn end(&mut self) {
        self.0.write_all(b"0\r\n\r\n").unwrap();
    }

    /// Reads until `until` has come.
    fn read_until(&mut self, until: &str) -> String {
        let mut text = String::new();
        let mut some = [0; 4_096];
        while !text.contains(until) {
            let length = self.0.read(&mut some).unwrap();
            assert!(length > 0, "it ends before {until:?}: {text}");
            text.push_str(std::str::from_utf8(&some[..length]).unwrap());
        }
        text
    }
}

/// The lines of JSON in what was read.
fn answers(text: &str) -> Vec<Value> {
    let lines = text.lines().filter(|line| line.starts_with('{'));
    lines.map(|line| serde_json::from_str(line).unwrap()).collect()
}

const END: &str = "\r\n0\r\n\r\n";

#[test]
fn each_row_is_answered_in_its_place_while_the_next_ones_are_on_their_way() {
    let models = Models::new();
    for (model, row) in rows() {
        let mut stream = Stream::open(&models, &format!("model={model}"));
        // Nothing has to end for the first row to be answered.
        stream.send(&format!("{row}\n"));
        let first = stream.read_until("\"prediction\"");
        assert!(first.contains(&format!("x-model: {model}")), "{first}");
        assert!(first.contains("x-model-version: v1.0.0"), "{first}");
        stream.send(&format!("\n{row}\nnonsense\n[1]\n{row}"));
        stream.end();
        let told = answers(&(first + &stream.read_until(END)));
        let whole = models.predict(&json!({"model": model, "features": row}));
        let right = json!({"prediction": whole["prediction"][0], "probability": whole["probability"].get(0)});
        assert_eq!(told.len(), 5, "{told:?}");
        for place in [0, 1, 4] {
            assert_eq!(told[place], right, "{model} {place}");
        }
        assert_eq!(
            (&told[2]["row"], &told[2]["error"]["code"]),
            (&json!(3), &json!("bad_body"))
        );
        assert_eq!(
            (&told[3]["row"], &told[3]["error"]["code"]),
            (&json!(4), &json!("wrong_length"))
        );
    }

    let row = &rows()[0].1;
    let mut stream = Stream::open(&models, "model=leavers&on_error=stop&explain=2");
    stream.send(&format!("{row}\n{{}}\n{row}\n"));
    let told = answers(&stream.read_until(END));
    assert_eq!(told.len(), 2, "{told:?}");
    let parts = &told[0]["explanation"]["outputs"][0]["contributions"];
    assert_eq!(parts.as_array().unwrap().len(), 2);
    assert_eq!(
        (&told[1]["row"], &told[1]["error"]["code"]),
        (&json!(2), &json!("missing_feature"))
    );

    let mut stream = Stream::open(&models, "model=leavers");
    stream.send(&"x".repeat(1_100_000));
    stream.send(&format!("\n{row}\n"));
    stream.end();
    let told = answers(&stream.read_until(END));
    assert_eq!(told[0]["error"]["code"], "body_too_large");
    assert!(told[1]["prediction"].is_string());

    for (query, status) in [
        ("model=nothing", "404"),
        ("on_error=perhaps", "400"),
        ("x=1", "400"),
    ] {
        let mut stream = Stream::open(&models, query);
        stream.end();
        let told = stream.read_until("request_id");
        assert!(told.starts_with(&format!("HTTP/1.1 {status}")), "{query}: {told}");
    }
    a_connection_goes_on_after_a_stream(&models);
    a_stream_ends_with_its_server(models);
}

fn a_connection_goes_on_after_a_stream(models: &Models) {
    let mut stream = Stream::open(models, "model=leavers");
    stream.send(&format!("{}\n", rows()[0].1));
    stream.end();
    stream.read_until(END);
    stream
        .0
        .write_all(&get("/health").head(models.server.address))
        .unwrap();
    assert!(stream.read_until("\"up\"").starts_with("HTTP/1.1 200"));
}

fn a_stream_ends_with_its_server(models: Models) {
    let mut stream = Stream::open(&models, "model=leavers");
    stream.send(&format!("{}\n", rows()[0].1));
    stream.read_until("prediction");
    models.server.running.signal("TERM");
    let told = stream.read_until("going_down");
    assert_eq!(answers(&told).last().unwrap()["row"], 2, "{told}");
    let mut rest = Vec::new();
    let _ = stream.0.read_to_end(&mut rest);
    assert!(
        !String::from_utf8_lossy(&rest).contains("0\r\n\r\n"),
        "half a stream must not look like a whole one"
    );
    assert_eq!(models.server.running.wait().code, Some(0));
}
