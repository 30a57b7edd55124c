//! One prediction over HTTP: what it costs the server, beside the same server answering a constant.
//!
//! Each server is a process of its own, and wrk, the load, another; what is told is the server's CPU time over
//! the requests that it answered. All run in turns, so that a busy machine is busy for all of them.

mod support;

use std::collections::BTreeMap;
use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use axum::Router;
use axum::body::Bytes;
use axum::http::header;
use axum::routing::post;
use serde_json::{Map, Value, json};
use support::{Server, Table, cpu_of, median, say};
use usina::api::{self, Door, Limits, Listener, RequestIds};
use usina::base::{Clock, Entropy, Lifecycle, Seed};
use usina::data::cell::Cell;
use usina::data::generate::card_fraud;

/// As in the shipped executable.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The argument with which this program serves the constant.
const CONSTANT: &str = "--serve-constant";
/// As long as a prediction's answer.
const ANSWER: &str = r#"{"prediction":["0"],"probability":[0.0012345678],"model":"fraud-detection","version":"v1.0.0","request_id":"0123456789abcdef0123456789abcdef"}"#;

const CONNECTIONS: [u32; 3] = [1, 8, 32];
const ROUNDS: usize = 5;
const SECONDS: u32 = 2;

fn main() -> Result<()> {
    if std::env::args().any(|argument| argument == CONSTANT) {
        return serve_constant();
    }
    let folder = support::folder()?;
    support::train_fraud(folder.path())?;
    let (listed, named) = bodies(folder.path())?;

    let mut command = Command::new(support::usina());
    let clock = Clock::system();
    let before = clock.monotonic();
    let usina = Server::start(
        command
            .args(["serve", "--listen", "127.0.0.1:0", "--data"])
            .arg(folder.path()),
    )?;
    let started = clock.monotonic() - before;
    let idle = support::resident_of(usina.pid())?;
    let constant = Server::start(Command::new(std::env::current_exe()?).arg(CONSTANT))?;

    let loads = [
        Load::new(
            "predict, features as a list",
            &usina,
            "/api/v1/predict",
            Some(&listed),
        ),
        Load::new(
            "predict, features by name",
            &usina,
            "/api/v1/predict",
            Some(&named),
        ),
        Load::new(
            "constant, the list read and dropped",
            &constant,
            "/constant",
            Some(&listed),
        ),
        Load::new(
            "constant, by name read and dropped",
            &constant,
            "/constant",
            Some(&named),
        ),
        Load::new("GET /health", &usina, "/health", None),
    ];
    let mut micros: BTreeMap<(usize, u32), Vec<f64>> = BTreeMap::new();
    for round in 0..=ROUNDS {
        say(&format!("HTTP, round {round} of {ROUNDS}"));
        for (index, load) in loads.iter().enumerate() {
            for connections in CONNECTIONS {
                let cost = load.run(connections)?;
                // The first round only warms everything up.
                if round > 0 {
                    micros.entry((index, connections)).or_default().push(cost);
                }
            }
        }
    }

    let mut table = Table::new(
        "One prediction over HTTP (fraud-detection: 100 trees, 30 features; keep-alive)",
        &[
            "µs CPU of the server a request",
            "1 connection",
            "8 connections",
            "32 connections",
        ],
    );
    for (index, load) in loads.iter().enumerate() {
        let cell = |connections| median(micros.remove(&(index, connections)).unwrap_or_default());
        table.row(
            std::iter::once(load.name.to_owned())
                .chain(CONNECTIONS.map(cell).map(|micros| format!("{micros:.1}"))),
        );
    }
    table.note(format!(
        "User and system time of the server's process over the requests that wrk counted: {SECONDS} s a measurement, \
         the median of {ROUNDS} in turns. The constant is a route of the same stack (listener, door, limits, \
         allocator) that reads the body and answers {} bytes.",
        ANSWER.len()
    ));
    table.print()?;

    let mut table = Table::new("The server with one model", &["", "measured"]);
    table.row([
        "start to serving, ms".to_owned(),
        format!("{:.0}", started.as_secs_f64() * 1e3),
    ]);
    table.row([
        "memory in use, idle, MB".to_owned(),
        format!("{:.0}", idle as f64 / 1e6),
    ]);
    let loaded = support::resident_of(usina.pid())?;
    table.row([
        "memory in use after the load above, MB".to_owned(),
        format!("{:.0}", loaded as f64 / 1e6),
    ]);
    table.print()
}

/// One kind of request to one server.
struct Load {
    name: &'static str,
    pid: u32,
    url: String,
    body: Option<PathBuf>,
}

impl Load {
    fn new(name: &'static str, server: &Server, path: &str, body: Option<&PathBuf>) -> Self {
        let url = format!("http://{}{path}", server.address);
        Self {
            name,
            pid: server.pid(),
            url,
            body: body.cloned(),
        }
    }

    /// The server's CPU time for a request, in microseconds.
    fn run(&self, connections: u32) -> Result<f64> {
        let before = cpu_of(self.pid)?;
        let mut wrk = Command::new("wrk");
        wrk.args(["--threads", "1", "--connections", &connections.to_string()])
            .args(["--duration", &format!("{SECONDS}s"), "--script"])
            .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/post.lua"))
            .arg(&self.url);
        if let Some(body) = &self.body {
            wrk.arg("--").arg(body);
        }
        let told = support::output_of(&mut wrk).context("wrk is needed: apt-get install wrk")?;
        let used = cpu_of(self.pid)? - before;
        ensure!(!told.contains("Non-2xx"), "{} was refused:\n{told}", self.name);
        let counted = told
            .lines()
            .find(|line| line.contains(" requests in "))
            .context("wrk counted nothing")?;
        let requests: f64 = counted
            .split_whitespace()
            .next()
            .context("wrk counted nothing")?
            .parse()?;
        ensure!(requests > 0.0, "{} was not answered:\n{told}", self.name);
        Ok(used.as_secs_f64() * 1e6 / requests)
    }
}

/// A generated payment as the bodies of two requests: a list, and an object by name.
fn bodies(folder: &Path) -> Result<(PathBuf, PathBuf)> {
    // One of a thousand, so that it is no special one.
    let table = card_fraud::batches(1_000, Seed::new(7), 1_000)?
        .next()
        .context("no rows")??;
    let mut fields = Map::new();
    for (column, field) in table.schema().fields().iter().enumerate() {
        if field.name != card_fraud::TARGET {
            let value = match table.cell(500, column) {
                Cell::Number(number) => json!(number),
                Cell::Integer(integer) => json!(integer),
                _ => Value::Null,
            };
            fields.insert(field.name.clone(), value);
        }
    }
    let write = |name: &str, features: Value| {
        let path = folder.join(name);
        std::fs::write(&path, json!({ "features": features }).to_string()).map(|()| path)
    };
    Ok((
        write("listed.json", fields.values().cloned().collect())?,
        write("named.json", fields.into())?,
    ))
}

/// Serves a constant behind everything that stands in front of usina's own routes.
fn serve_constant() -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await?;
        let address = listener.local_addr()?;
        let route = post(|_: Bytes| async { ([(header::CONTENT_TYPE, "application/json")], ANSWER) });
        let router = Router::new().route("/constant", route);
        let router = api::guarded(
            router,
            Door::Loopback(address),
            Limits::default(),
            RequestIds::new(Entropy)?,
        );
        writeln!(std::io::stderr(), "the constant serves on http://{address}")?;
        api::serve(Listener::Tcp(listener), router, Lifecycle::new()).await;
        Ok(())
    })
}
