//! HTTP by hand: any header can be sent or left out, any body cut off.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};

use serde_json::Value;

use super::PATIENCE;

/// A request, as a well-behaved client would send it until a test changes it.
#[derive(Debug, Clone)]
pub struct Request {
    pub method: String,
    pub path: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

/// A request to read what is at `path`.
pub fn get(path: &str) -> Request {
    Request {
        method: "GET".to_owned(),
        path: path.to_owned(),
        headers: Vec::new(),
        body: Vec::new(),
    }
}

/// A request that sends JSON to `path`.
pub fn post(path: &str, body: &Value) -> Request {
    get(path)
        .method("POST")
        .header("Content-Type", "application/json")
        .body(body.to_string())
}

impl Request {
    pub fn method(mut self, method: &str) -> Self {
        method.clone_into(&mut self.method);
        self
    }

    /// Sets a header, in place of one of the same name.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self = self.without(name);
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn without(mut self, name: &str) -> Self {
        self.headers
            .retain(|(other, _)| !other.eq_ignore_ascii_case(name));
        self
    }

    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    fn has(&self, name: &str) -> bool {
        self.headers
            .iter()
            .any(|(other, _)| other.eq_ignore_ascii_case(name))
    }

    /// The head as it goes over the wire: with the host and the length that belong there, unless the
    /// test has set others.
    pub fn head(&self, address: SocketAddr) -> Vec<u8> {
        let mut head = format!("{} {} HTTP/1.1\r\n", self.method, self.path);
        let mut add = |name: &str, value: &str| head.push_str(&format!("{name}: {value}\r\n"));
        if !self.has("Host") {
            add("Host", &address.to_string());
        }
        if !self.has("Content-Length") && !matches!(self.method.as_str(), "GET" | "HEAD" | "OPTIONS") {
            add("Content-Length", &self.body.len().to_string());
        }
        self.headers.iter().for_each(|(name, value)| add(name, value));
        head.push_str("\r\n");
        head.into_bytes()
    }
}

/// An answer.
#[derive(Debug, Clone)]
pub struct Response {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Response {
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self
            .headers
            .iter()
            .find(|(other, _)| other.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The JSON of an answer that is no error.
    #[track_caller]
    pub fn json(&self) -> Value {
        assert!(
            (200..300).contains(&self.status),
            "{}: {}",
            self.status,
            self.text()
        );
        assert_eq!(self.header("content-type"), Some("application/json"));
        serde_json::from_slice(&self.body).unwrap()
    }

    /// What an error says: status and code are as given, and the form is the one that all errors have.
    #[track_caller]
    pub fn refused(&self, status: u16, code: &str) -> Refusal {
        let told = self.text();
        assert_eq!(self.status, status, "{told}");
        assert_eq!(self.header("content-type"), Some("application/json"), "{told}");
        let body: Value = serde_json::from_slice(&self.body).unwrap();
        let keys = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
        assert_eq!(keys(&body), ["error"], "{told}");
        let error = ["code", "message", "detail", "request_id"];
        assert_eq!(keys(&body["error"]), error, "{told}");
        assert_eq!(
            body["error"]["request_id"].as_str(),
            self.header("x-request-id"),
            "{told}"
        );
        assert!(body["error"]["detail"].is_object(), "{told}");
        assert_eq!(body["error"]["code"], code, "{told}");
        let message = body["error"]["message"].as_str().unwrap().to_owned();
        assert!(!message.is_empty());
        Refusal {
            message,
            detail: body["error"]["detail"].clone(),
        }
    }
}

/// What an error says beside its status and code.
#[derive(Debug, Clone)]
pub struct Refusal {
    pub message: String,
    pub detail: Value,
}

/// One connection to a server.
pub struct Connection {
    stream: TcpStream,
    address: SocketAddr,
}

impl Connection {
    pub fn open(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream, address }
    }

    /// Sends bytes; false when the other side does not take them any more.
    pub fn write(&mut self, bytes: &[u8]) -> bool {
        self.stream.write_all(bytes).is_ok()
    }

    /// Sends a request and reads its answer.
    pub fn send(&mut self, request: &Request) -> Response {
        self.write(&request.head(self.address));
        // A server may answer, and close, before it has seen all of a body that it will not take.
        self.write(&request.body);
        self.read(request.method == "HEAD").unwrap()
    }

    /// Reads one answer; an error when the connection ends before it does.
    pub fn read(&mut self, is_head_only: bool) -> io::Result<Response> {
        let head = self.read_head()?;
        let head = String::from_utf8(head).unwrap();
        let mut lines = head.trim_end().split("\r\n");
        let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        let header = |line: &str| {
            let (name, value) = line.split_once(':').unwrap();
            (name.to_owned(), value.trim().to_owned())
        };
        let mut response = Response {
            status,
            headers: lines.map(header).collect(),
            body: Vec::new(),
        };
        assert_eq!(
            response.header("transfer-encoding"),
            None,
            "answers are sent with their length"
        );
        let length = response
            .header("content-length")
            .map_or(0, |length| length.parse().unwrap());
        if !is_head_only {
            response.body.resize(length, 0);
            self.stream.read_exact(&mut response.body)?;
        }
        Ok(response)
    }

    fn read_head(&mut self) -> io::Result<Vec<u8>> {
        let mut head = Vec::new();
        let mut byte = [0];
        while !head.ends_with(b"\r\n\r\n") {
            self.stream.read_exact(&mut byte)?;
            head.push(byte[0]);
        }
        Ok(head)
    }
}
