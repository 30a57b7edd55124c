//! Lists of a large store: 10,000 datasets, 1,000 models with 100 versions each, 10,000 runs and as many jobs. How
//! long each takes to answer over HTTP, and what a start takes that puts a version of every model to work.

mod support;

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use support::{Server, Table, cpu_of, median, say};
use usina::base::{Clock, DatasetId, Entropy, JobId, ModelId, RunId, Time};
use usina::store::tables::{datasets, jobs, model_history, models, runs};
use usina::store::{Store, StoreError, StoreOptions, Tx, WriteTx};

/// As in the shipped executable.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const DATASETS: u64 = 10_000;
const MODELS: u64 = 1_000;
const VERSIONS: u64 = 100;
const RUNS: u64 = 10_000;
/// Rows of one transaction.
const AT_ONCE: u64 = 1_000;
/// How often each list is asked for.
const CALLS: usize = 40;

/// What was trained, from which everything else is copied.
const TRAINED: &str = "customer-churn";

fn main() -> Result<()> {
    let folder = support::folder()?;
    say(&format!("training {TRAINED}"));
    support::output_of(
        Command::new(support::usina())
            .args(["--quiet", "train", TRAINED, "--data"])
            .arg(folder.path()),
    )?;
    say("filling the store");
    fill(folder.path())?;

    say("starting");
    let clock = Clock::system();
    let before = clock.monotonic();
    let server = Server::start(
        Command::new(support::usina())
            .args(["serve", "--listen", "127.0.0.1:0", "--data"])
            .arg(folder.path()),
    )?;
    let started = clock.monotonic() - before;
    let idle = support::resident_of(server.pid())?;

    let mut table = Table::new(
        "Lists of 10,000 datasets, 1,000 models with 100 versions each, 10,000 runs, 10,000 jobs",
        &["a page of 100", "ms, median", "ms, worst", "ms CPU"],
    );
    for (name, path) in [
        ("datasets", "/datasets?limit=100"),
        ("a dataset's versions", "/datasets/readings-04242?limit=100"),
        ("models", "/models?limit=100"),
        (
            "models that begin with model-09",
            "/models?limit=100&name_prefix=model-09",
        ),
        ("models in production", "/models?limit=100&stage=production"),
        ("models with a tag", "/models?limit=100&tag.team=team-7"),
        ("versions of a model", "/models/model-0424/versions?limit=100"),
        (
            "its versions with a tag",
            "/models/model-0424/versions?limit=100&tag.parity=1",
        ),
        ("its history", "/models/model-0424/history?limit=100"),
        ("runs", "/runs?limit=100"),
        ("jobs", "/jobs?limit=100"),
        ("experiments", "/experiments?limit=100"),
    ] {
        say(name);
        let told = ask(&server, path, &clock)?;
        table.row([
            name.to_owned(),
            format!("{:.1}", told.median),
            format!("{:.1}", told.worst),
            format!("{:.1}", told.cpu),
        ]);
    }
    table.note(format!(
        "Each list {CALLS} times, one call after another, a new connection each, the last page's token followed to the \
         second page in half of them. Start to serving with {MODELS} versions in production: {:.1} s, {:.0} MB in use.",
        started.as_secs_f64(),
        idle as f64 / 1e6
    ));
    table.print()
}

/// What a list took, in milliseconds.
struct Took {
    median: f64,
    worst: f64,
    cpu: f64,
}

/// Asks for the first page and for the one after it, in turns.
fn ask(server: &Server, path: &str, clock: &Clock) -> Result<Took> {
    let first = get(server.address, path)?;
    let next = match first["next_page_token"].as_str() {
        Some(token) => format!("{path}&page_token={token}"),
        None => path.to_owned(),
    };
    let used = cpu_of(server.pid())?;
    let mut took = Vec::with_capacity(CALLS);
    for call in 0..CALLS {
        let before = clock.monotonic();
        get(server.address, if call % 2 == 0 { path } else { &next })?;
        took.push(millis(clock.monotonic() - before));
    }
    Ok(Took {
        worst: took.iter().copied().fold(0.0, f64::max),
        median: median(took),
        cpu: millis(cpu_of(server.pid())? - used) / CALLS as f64,
    })
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

fn get(address: SocketAddr, path: &str) -> Result<serde_json::Value> {
    let mut stream = TcpStream::connect(address)?;
    write!(
        stream,
        "GET /api/v1{path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"
    )?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    ensure!(
        answer.starts_with("HTTP/1.1 200"),
        "{path} was answered: {answer}"
    );
    let (_, body) = answer.split_once("\r\n\r\n").context("no body")?;
    // In one piece or in chunks: from the first brace to the last.
    let body = body
        .find('{')
        .zip(body.rfind('}'))
        .map(|(from, to)| &body[from..=to]);
    Ok(serde_json::from_str(body.context("no JSON")?)?)
}

/// Copies what was trained until the store is as full as it is to be.
fn fill(folder: &Path) -> Result<()> {
    let clock = Clock::system();
    let store = Store::open(folder, StoreOptions::default(), clock.clone(), Entropy)?;
    let now = clock.now();
    let (version, entry, dataset, job) = store.read_blocking(trained)?.context("nothing was trained")?;

    in_blocks(&store, DATASETS, move |tx, index| {
        let name = format!("readings-{index:05}");
        let (_, _) = datasets::add_version(tx, &name, DatasetId::from_bytes(id(1, index)), &dataset)?;
        Ok(())
    })?;
    in_blocks(&store, MODELS, move |tx, index| {
        let model = ModelId::from_bytes(id(2, index));
        let mut row = models::ModelRow::new(model, &format!("model-{index:04}"), now);
        row.title = "One of a thousand".to_owned();
        (row.last_number, row.production, row.history) = (VERSIONS, Some(VERSIONS), VERSIONS);
        row.tags.insert("team".to_owned(), format!("team-{}", index % 20));
        models::add(tx, &row)?;
        for number in 1..=VERSIONS {
            let mut version = version.clone();
            let stage = if number == VERSIONS {
                "production"
            } else {
                "archived"
            };
            (version.number, version.label, version.stage) =
                (number, format!("v1.{}.0", number - 1), stage.to_owned());
            version.tags.insert("parity".to_owned(), (number % 2).to_string());
            models::add_version(tx, model, &version)?;
            model_history::add(tx, model, number - 1, &entry)?;
        }
        Ok(())
    })?;
    in_blocks(&store, RUNS, move |tx, index| {
        let at = now + Duration::from_secs(index);
        runs::add(tx, &run(RunId::from_bytes(id(3, index)), at))?;
        let job = jobs::JobRow {
            id: JobId::from_bytes(id(4, index)),
            created_at: at,
            ..job.clone()
        };
        jobs::add(tx, &job)
    })?;
    store.close_blocking();
    Ok(())
}

type Trained = (
    models::VersionRow,
    model_history::HistoryRow,
    datasets::DatasetVersionRow,
    jobs::JobRow,
);

/// The version that was trained, what its history says of it, what it was trained on, and the job that did it.
fn trained(tx: &impl Tx) -> Result<Option<Trained>, StoreError> {
    let Some(model) = models::find(tx, TRAINED)? else {
        return Ok(None);
    };
    let version = models::newest(tx, model.id)?;
    let entry = model_history::page(tx, model.id, None, 1)?
        .pop()
        .map(|(_, row)| row);
    let Some(dataset) = datasets::find(tx, TRAINED)? else {
        return Ok(None);
    };
    let dataset = datasets::version(tx, dataset.id, dataset.latest)?;
    let job = jobs::newest(tx, None, 1)?.pop();
    Ok(version
        .zip(entry)
        .zip(dataset.zip(job))
        .map(|((version, entry), (dataset, job))| (version, entry, dataset, job)))
}

/// Writes `count` things, some in one transaction.
fn in_blocks(
    store: &Store,
    count: u64,
    add: impl Fn(&mut WriteTx, u64) -> Result<(), StoreError> + Clone + Send + 'static,
) -> Result<()> {
    for first in (0..count).step_by(AT_ONCE as usize) {
        let add = add.clone();
        store.write_blocking(move |tx| {
            (first..count.min(first + AT_ONCE)).try_for_each(|index| add(tx, index))
        })?;
    }
    Ok(())
}

/// An id of its own for each thing.
fn id(kind: u64, index: u64) -> [u8; 16] {
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&index.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes());
    bytes[8..].copy_from_slice(&kind.to_be_bytes());
    bytes
}

fn run(id: RunId, at: Time) -> runs::RunRow {
    runs::RunRow {
        id,
        experiment_id: usina::base::ExperimentId::DEFAULT,
        name: format!("run-{id}"),
        status: "FINISHED".to_owned(),
        lifecycle_stage: "active".to_owned(),
        model_name: Some(TRAINED.to_owned()),
        start_time: at,
        end_time: Some(at),
    }
}
