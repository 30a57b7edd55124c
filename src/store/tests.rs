//! Tests of the store as a whole.

mod blobs;
mod damage;
mod disk;
mod format;
mod groups;
mod opening;
mod rows;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::founding::KeyHome;
use super::tx::Bytes as _;
use super::*;
use crate::base::{Clock, Entropy, Seed, Time};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Note {
    text: String,
}

impl JsonRow for Note {
    const TAG: u8 = 1;
}

const NOTES: Table<u64, Note> = Table::new("notes");

const CHUNKS: &str = "chunks";

fn note(text: &str) -> Note {
    Note {
        text: text.to_owned(),
    }
}

fn clock() -> Clock {
    Clock::manual(Time::from_millis(0))
}

fn memory() -> Store {
    Store::in_memory(clock(), Entropy).unwrap()
}

fn memory_with(options: StoreOptions) -> Store {
    let path = Path::new("memory");
    Store::assemble(
        open::memory_opener(),
        path,
        &KeyHome::Memory,
        options,
        clock(),
        Entropy,
    )
    .unwrap()
}

fn folder(path: &Path) -> Result<Store, StoreError> {
    Store::open(path, StoreOptions::default(), clock(), Entropy)
}

fn put(store: &Store, key: u64, text: &str) -> Result<(), StoreError> {
    let row = note(text);
    store.write_blocking(move |tx| NOTES.put(tx, &key, &row))
}

fn get(store: &Store, key: u64) -> Option<String> {
    store
        .read_blocking(|tx| NOTES.get(tx, &key))
        .unwrap()
        .map(|note| note.text)
}

/// Bytes that do not compress, the same for the same seed.
fn noise(seed: u64, length: usize) -> Vec<u8> {
    use rand_chacha::rand_core::Rng as _;
    let mut bytes = vec![0; length];
    Seed::new(seed).rng().fill_bytes(&mut bytes);
    bytes
}

/// All that a table holds, as it is stored.
fn stored(store: &Store, table: &'static str) -> Vec<(Vec<u8>, Vec<u8>)> {
    use std::ops::Bound::Unbounded;
    let all = |tx: &ReadTx| tx.range_bytes(table, (Unbounded, Unbounded), usize::MAX, Direction::Up);
    store.read_blocking(all).unwrap()
}

/// Writes over what is stored, past all seals.
fn overwrite(store: &Store, table: &'static str, key: &[u8], value: &[u8]) {
    let (key, value) = (key.to_vec(), value.to_vec());
    store
        .write_blocking(move |tx| tx.put_bytes(table, &key, &value))
        .unwrap();
}

fn remove(store: &Store, table: &'static str, key: &[u8]) {
    let key = key.to_vec();
    let removed = store
        .write_blocking(move |tx| tx.delete_bytes(table, &key))
        .unwrap();
    assert!(removed);
}

/// Waits for what the writer thread does when it is idle.
fn eventually(what: &str, is_so: impl Fn() -> bool) {
    for _ in 0..2000 {
        if is_so() {
            return;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    panic!("never came: {what}");
}
