//! The store under `kill -9`: whatever it answered before is there afterwards.
//!
//! The child is a process of its own, this same executable with a filter on one test, which writes
//! and prints the number of each write that was answered. The parent kills it at a random moment,
//! opens the store and looks for every number.

#![expect(
    clippy::unwrap_used,
    reason = "what cannot be done fails the test, as it should"
)]

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use rand_chacha::rand_core::Rng as _;
use serde::{Deserialize, Serialize};
use usina::base::{Clock, Entropy, Seed};
use usina::store::{BlobAddress, Direction, JsonRow, Span, Store, StoreError, StoreOptions, Table, Tx};

const CHILD_FOLDER: &str = "USINA_KILL_CHILD";
const CHILD_TEST: &str = "kill::the_child_writes_until_it_is_killed";
const ROUNDS: u64 = 20;
/// Every eighth write of a thread puts a blob, too.
const BLOB_EVERY: u64 = 8;
const WRITERS: u64 = 3;

#[derive(Debug, Serialize, Deserialize)]
struct Line {
    text: String,
    blob: Option<BlobAddress>,
}

impl JsonRow for Line {
    const TAG: u8 = 1;
}

const LINES: Table<u64, Line> = Table::new("kill_lines");

fn open(folder: &Path) -> Result<Store, StoreError> {
    Store::open(folder, StoreOptions::default(), Clock::system(), Entropy)
}

fn text(number: u64) -> String {
    format!("write {number}")
}

fn puts_a_blob(number: u64) -> bool {
    (number / WRITERS).is_multiple_of(BLOB_EVERY)
}

/// Up to three chunks of bytes that do not compress.
fn content(number: u64) -> Vec<u8> {
    let mut rng = Seed::new(number).derive("kill test", 0).rng();
    let length = usize::try_from(rng.next_u64() % 700_000).unwrap();
    let mut bytes = vec![0; length];
    rng.fill_bytes(&mut bytes);
    bytes
}

fn write(store: &Store, number: u64) -> Result<(), StoreError> {
    let blob = if puts_a_blob(number) {
        Some(store.blobs().put_blocking(&content(number))?)
    } else {
        None
    };
    store.write_blocking(move |tx| {
        if let Some(blob) = &blob {
            tx.adopt(blob)?;
        }
        LINES.put(
            tx,
            &number,
            &Line {
                text: text(number),
                blob,
            },
        )
    })
}

fn last_number(tx: &impl Tx) -> Result<Option<u64>, StoreError> {
    let last = LINES.range(tx, Span::all(), 1, Direction::Down)?;
    Ok(last.first().map(|(number, _)| *number))
}

#[test]
fn the_child_writes_until_it_is_killed() {
    let Some(folder) = std::env::var_os(CHILD_FOLDER).map(PathBuf::from) else {
        return;
    };
    let store = open(&folder).unwrap();
    let first = store
        .read_blocking(last_number)
        .unwrap()
        .map_or(0, |last| last + 1)
        .next_multiple_of(WRITERS);
    // Several writers, so that writes share commits.
    std::thread::scope(|scope| {
        for writer in 0..WRITERS {
            let store = &store;
            scope.spawn(move || {
                for number in (first + writer..).step_by(usize::try_from(WRITERS).unwrap()) {
                    write(store, number).unwrap();
                    let mut out = std::io::stdout().lock();
                    writeln!(out, "answered {number}").unwrap();
                    out.flush().unwrap();
                }
            });
        }
    });
}

/// Runs a child, kills it some moments after its first answer, and gives what it was answered.
fn run_and_kill(folder: &Path, patience: Duration) -> Vec<u64> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", CHILD_TEST, "--nocapture"])
        .env(CHILD_FOLDER, folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    let (first_answer, has_answered) = std::sync::mpsc::channel();
    let reading = std::thread::Builder::new()
        .spawn(move || {
            let mut answered = Vec::new();
            let mut line = String::new();
            // A line that the kill cut short has no end.
            while output.read_line(&mut line).unwrap() > 0 && line.ends_with('\n') {
                if let Some(number) = line.trim_end().strip_prefix("answered ") {
                    answered.push(number.parse().unwrap());
                    let _ = first_answer.send(());
                }
                line.clear();
            }
            answered
        })
        .unwrap();
    has_answered.recv_timeout(Duration::from_secs(60)).unwrap();
    std::thread::sleep(patience);
    // SIGKILL on Unix: the child can do nothing about it.
    child.kill().unwrap();
    child.wait().unwrap();
    reading.join().unwrap()
}

#[test]
fn every_answered_write_is_there_after_a_kill() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("data");
    let mut moments = Seed::new(2).derive("kill moments", 0).rng();
    let mut answered = Vec::new();
    for round in 0..ROUNDS {
        let patience = Duration::from_micros(moments.next_u64() % 150_000);
        let news = run_and_kill(&folder, patience);
        assert!(!news.is_empty());
        answered.extend(news.iter().copied());

        let store = open(&folder).unwrap();
        for number in &answered {
            let line = store.read_blocking(|tx| LINES.get(tx, number)).unwrap();
            let line = line.unwrap_or_else(|| panic!("round {round}: write {number} is lost"));
            assert_eq!(line.text, text(*number));
            // Those of earlier rounds were read whole in theirs.
            if let Some(blob) = line.blob.filter(|_| news.contains(number)) {
                let read = store.blobs().get_blocking(&blob, 1 << 20).unwrap();
                assert!(
                    read == content(*number),
                    "round {round}: the blob of write {number}"
                );
            }
        }
        store.close_blocking();
    }
    let blobs = answered.iter().filter(|number| puts_a_blob(**number)).count();
    assert!(
        answered.len() > 100 && blobs > 10,
        "{} writes, {blobs} blobs",
        answered.len()
    );
}
