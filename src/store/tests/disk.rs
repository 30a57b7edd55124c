//! A disk that fails, and one that loses power.

use std::io::{self, Write as _};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard};

use redb::{Builder, StorageBackend};

use super::*;

/// Bytes as a disk keeps them: what was synced, what was written, and how many calls it still does.
#[derive(Debug)]
struct Disk {
    state: Mutex<Bytes>,
    calls_left: AtomicU64,
    panics: AtomicBool,
}

#[derive(Debug, Default, Clone)]
struct Bytes {
    synced: Vec<u8>,
    written: Vec<u8>,
}

impl Disk {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            state: Mutex::default(),
            calls_left: AtomicU64::new(u64::MAX),
            panics: AtomicBool::new(false),
        })
    }

    fn fail_after(&self, calls: u64) {
        self.calls_left.store(calls, Ordering::SeqCst);
    }

    fn heal(&self) {
        self.fail_after(u64::MAX);
    }

    /// Loses what was not synced, as a power cut may.
    fn cut_power(&self) {
        let mut state = self.state.lock().unwrap();
        state.written = state.synced.clone();
    }

    fn call(&self) -> io::Result<MutexGuard<'_, Bytes>> {
        let spend = |left: u64| left.checked_sub(1);
        self.calls_left
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, spend)
            .map_err(|_| io::Error::other("the disk is on fire"))?;
        assert!(!self.panics.load(Ordering::SeqCst), "on purpose");
        Ok(self.state.lock().unwrap())
    }
}

#[derive(Debug)]
struct OnDisk(Arc<Disk>);

impl StorageBackend for OnDisk {
    fn len(&self) -> io::Result<u64> {
        Ok(self.0.call()?.written.len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let start = usize::try_from(offset).unwrap();
        out.copy_from_slice(&self.0.call()?.written[start..start + out.len()]);
        Ok(())
    }

    fn set_len(&self, length: u64) -> io::Result<()> {
        self.0.call()?.written.resize(usize::try_from(length).unwrap(), 0);
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        let mut state = self.0.call()?;
        state.synced = state.written.clone();
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let start = usize::try_from(offset).unwrap();
        self.0.call()?.written[start..start + data.len()].copy_from_slice(data);
        Ok(())
    }
}

fn on(disk: &Arc<Disk>, key: &Path, clock: Clock) -> Result<Store, StoreError> {
    let disk = disk.clone();
    // A small cache, so that reads reach the disk.
    let opener = Box::new(move || {
        Builder::new()
            .set_cache_size(0)
            .create_with_backend(OnDisk(disk.clone()))
    });
    let options = StoreOptions {
        patience: Duration::from_secs(1),
        ..StoreOptions::default()
    };
    Store::assemble(
        opener,
        Path::new("disk"),
        &KeyHome::Beside(key.to_owned()),
        options,
        clock,
        Entropy,
    )
}

fn is_unavailable<T: std::fmt::Debug>(result: Result<T, StoreError>) -> bool {
    match result {
        Err(StoreError::Unavailable { .. }) => true,
        Err(other) => panic!("{other:?}"),
        Ok(_) => false,
    }
}

#[test]
fn a_failing_disk_is_an_answer_and_the_store_comes_back_with_it() {
    let place = tempfile::tempdir().unwrap();
    let clock = clock();
    let disk = Disk::new();
    let store = on(&disk, &place.path().join("key"), clock.clone()).unwrap();
    put(&store, 1, "before").unwrap();

    disk.fail_after(0);
    assert!(is_unavailable(put(&store, 2, "during")));
    // The next call tries to reopen at once, and fails; those after it wait for the pause to end.
    assert!(is_unavailable(store.read_blocking(|tx| NOTES.get(tx, &1))));
    disk.heal();
    assert!(is_unavailable(put(&store, 2, "too early")));
    assert!(is_unavailable(store.read_blocking(|tx| NOTES.get(tx, &1))));
    clock.advance(Duration::from_millis(99));
    assert!(is_unavailable(put(&store, 2, "too early")));
    clock.advance(Duration::from_millis(1));
    put(&store, 3, "after").unwrap();
    assert_eq!(
        (
            get(&store, 1).as_deref(),
            get(&store, 2),
            get(&store, 3).as_deref()
        ),
        (Some("before"), None, Some("after"))
    );
}

#[test]
fn a_read_that_meets_the_failure_is_answered_so_and_later_ones_work() {
    let place = tempfile::tempdir().unwrap();
    let disk = Disk::new();
    let store = on(&disk, &place.path().join("key"), clock()).unwrap();
    put(&store, 1, "kept").unwrap();
    disk.fail_after(0);
    assert!(is_unavailable(store.read_blocking(|tx| NOTES.get(tx, &1))));
    disk.heal();
    // The failure is the read's; reopening, which is tried at once, works.
    assert_eq!(get(&store, 1).unwrap(), "kept");
}

#[test]
fn pauses_grow_while_the_disk_stays_away() {
    let place = tempfile::tempdir().unwrap();
    let clock = clock();
    let disk = Disk::new();
    let store = on(&disk, &place.path().join("key"), clock.clone()).unwrap();
    disk.fail_after(0);
    assert!(is_unavailable(put(&store, 1, "")));
    let attempts = || {
        // An attempt spends calls that are left; a call that is turned away at once spends none.
        disk.fail_after(1);
        assert!(is_unavailable(put(&store, 1, "")));
        disk.calls_left.load(Ordering::SeqCst) == 0
    };
    assert!(attempts());
    for pause in [100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000] {
        clock.advance(Duration::from_millis(pause - 1));
        assert!(!attempts(), "before {pause} ms");
        clock.advance(Duration::from_millis(1));
        assert!(attempts(), "after {pause} ms");
    }
}

#[test]
fn a_closure_that_hides_a_failure_is_answered_unavailable_all_the_same() {
    let place = tempfile::tempdir().unwrap();
    let disk = Disk::new();
    let store = on(&disk, &place.path().join("key"), clock()).unwrap();
    put(&store, 1, "kept").unwrap();
    let burning = disk.clone();
    let read = store.read_blocking(move |tx| {
        burning.fail_after(0);
        let _ = NOTES.get(tx, &1);
        Ok::<_, StoreError>("all is well")
    });
    assert!(is_unavailable(read));
}

#[test]
fn a_blob_that_the_disk_cut_short_is_not_finished_and_leaves_nothing() {
    let place = tempfile::tempdir().unwrap();
    let disk = Disk::new();
    let store = on(&disk, &place.path().join("key"), clock()).unwrap();
    let mut writer = store.blobs().writer().unwrap();
    writer.write_all(&noise(1, 600_000)).unwrap();
    assert!(!stored(&store, CHUNKS).is_empty());
    disk.fail_after(0);
    let error = writer.write_all(&noise(2, 600_000)).unwrap_err();
    assert!(matches!(
        StoreError::from_io(error),
        Ok(StoreError::Unavailable { .. })
    ));
    disk.heal();
    assert!(matches!(
        writer.write_all(b"more").map_err(StoreError::from_io),
        Err(Ok(StoreError::BlobBroken))
    ));
    assert!(matches!(writer.finish(), Err(StoreError::BlobBroken)));
    eventually("its chunks are swept", || stored(&store, CHUNKS).is_empty());
}

/// redb trusts its file, and may panic when something else wrote to it.
#[test]
fn a_database_that_panics_is_reopened() {
    let place = tempfile::tempdir().unwrap();
    let clock = clock();
    let disk = Disk::new();
    let store = on(&disk, &place.path().join("key"), clock.clone()).unwrap();
    put(&store, 1, "kept").unwrap();
    disk.panics.store(true, Ordering::SeqCst);
    assert!(put(&store, 2, "lost").is_err());
    let read = store.read_blocking(|tx| NOTES.get(tx, &1));
    assert!(read.is_err(), "{read:?}");
    disk.panics.store(false, Ordering::SeqCst);
    clock.advance(Duration::from_secs(1));
    put(&store, 3, "later").unwrap();
    assert_eq!(
        (
            get(&store, 1).as_deref(),
            get(&store, 2),
            get(&store, 3).as_deref()
        ),
        (Some("kept"), None, Some("later"))
    );
}

#[test]
fn another_store_in_its_place_is_not_taken_for_the_lost_one() {
    let place = tempfile::tempdir().unwrap();
    let (clock, disk, other) = (clock(), Disk::new(), Disk::new());
    let store = on(&disk, &place.path().join("key"), clock.clone()).unwrap();
    drop(on(&other, &place.path().join("other"), clock.clone()).unwrap());
    let mine = disk.state.lock().unwrap().clone();
    disk.fail_after(0);
    assert!(is_unavailable(put(&store, 1, "")));
    *disk.state.lock().unwrap() = other.state.lock().unwrap().clone();
    disk.heal();
    let error = put(&store, 1, "").unwrap_err();
    assert!(error.to_string().contains("another store"), "{error}");
    *disk.state.lock().unwrap() = mine;
    clock.advance(Duration::from_millis(100));
    put(&store, 1, "").unwrap();
}

/// The disk fails at every call in turn, then loses what was not synced: what was answered is there.
#[test]
fn answered_writes_survive_a_failure_at_any_moment() {
    let place = tempfile::tempdir().unwrap();
    let key = place.path().join("key");
    let content = noise(1, 300_000);
    let mut failed_at = 0;
    for calls in (0..).step_by(5) {
        let disk = Disk::new();
        let store = on(&disk, &key, clock()).unwrap();
        disk.fail_after(calls);
        let mut answered = Vec::new();
        for number in 0..4 {
            if put(&store, number, "answered").is_ok() {
                answered.push(number);
            }
        }
        let blob = store.blobs().put_blocking(&content).and_then(|blob| {
            store.write_blocking(move |tx| tx.adopt(&blob))?;
            Ok(blob)
        });
        let is_over = answered.len() == 4 && blob.is_ok();
        drop(store);
        disk.cut_power();
        disk.heal();

        let store = on(&disk, &key, clock()).unwrap();
        for number in answered {
            assert_eq!(
                get(&store, number).as_deref(),
                Some("answered"),
                "{number} after {calls} calls"
            );
        }
        if let Ok(blob) = blob {
            assert!(
                store.blobs().get_blocking(&blob, 1 << 20).unwrap() == content,
                "after {calls} calls"
            );
        }
        if is_over {
            break;
        }
        failed_at += 1;
    }
    assert!(failed_at > 20, "the failures hit the writes: {failed_at}");
}
