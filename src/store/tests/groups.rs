//! Writes that share a commit keep the promises of a transaction of their own.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc;

use super::*;

/// Makes the writer wait, so that what is queued meanwhile becomes one group.
fn hold_the_writer(store: &Store) -> mpsc::Sender<()> {
    let (release, released) = mpsc::channel::<()>();
    let (inside, is_inside) = mpsc::channel();
    let released = std::sync::Mutex::new(released);
    let store = store.clone();
    std::thread::Builder::new()
        .spawn(move || {
            store.write_blocking(move |_| -> Result<(), StoreError> {
                inside.send(()).unwrap();
                let _ = released.lock().unwrap().recv();
                Ok(())
            })
        })
        .unwrap();
    is_inside.recv().unwrap();
    release
}

/// A write of `key`, and how often it ran.
fn counted(
    store: &Store,
    key: u64,
    then: impl Fn(&mut WriteTx) -> Result<(), StoreError> + Send + 'static,
) -> (impl Future<Output = Result<(), StoreError>>, Arc<AtomicU32>) {
    let runs = Arc::new(AtomicU32::new(0));
    let counter = runs.clone();
    let store = store.clone();
    let write = async move {
        store
            .write(move |tx| {
                counter.fetch_add(1, Ordering::SeqCst);
                NOTES.put(tx, &key, &note("written"))?;
                then(tx)
            })
            .await
    };
    (write, runs)
}

fn refuse(_: &mut WriteTx) -> Result<(), StoreError> {
    // Any error of the caller's own would do.
    Err(StoreError::Busy { limit: 0 })
}

#[tokio::test]
async fn a_write_that_fails_after_it_wrote_takes_back_itself_alone() {
    let store = memory();
    let release = hold_the_writer(&store);
    let (first, first_runs) = counted(&store, 1, |_| Ok(()));
    let (failing, failing_runs) = counted(&store, 2, refuse);
    let (last, last_runs) = counted(&store, 3, |_| Ok(()));
    let (first, failing, last, ()) = tokio::join!(first, failing, last, async { release.send(()).unwrap() });
    first.unwrap();
    last.unwrap();
    assert!(matches!(failing, Err(StoreError::Busy { limit: 0 })));
    assert_eq!(
        (get(&store, 1), get(&store, 2), get(&store, 3)),
        (Some("written".into()), None, Some("written".into()))
    );
    assert_eq!(
        first_runs.load(Ordering::SeqCst),
        2,
        "it shared the group that was aborted"
    );
    assert_eq!(last_runs.load(Ordering::SeqCst), 1, "its turn had not come yet");
    assert_eq!(
        failing_runs.load(Ordering::SeqCst),
        2,
        "its failure rests on committed data"
    );
}

#[tokio::test]
async fn a_write_that_fails_before_it_wrote_disturbs_nobody() {
    let store = memory();
    let release = hold_the_writer(&store);
    let (first, first_runs) = counted(&store, 1, |_| Ok(()));
    let failing = store.write(|_| refuse_nothing_written());
    let (last, last_runs) = counted(&store, 3, |_| Ok(()));
    let (first, failing, last, ()) = tokio::join!(first, failing, last, async { release.send(()).unwrap() });
    first.unwrap();
    last.unwrap();
    assert!(matches!(failing, Err(StoreError::Busy { .. })));
    assert_eq!(
        (
            first_runs.load(Ordering::SeqCst),
            last_runs.load(Ordering::SeqCst)
        ),
        (1, 1)
    );
}

fn refuse_nothing_written() -> Result<(), StoreError> {
    Err(StoreError::Busy { limit: 0 })
}

#[tokio::test]
async fn a_panic_is_an_error_for_its_caller_and_not_the_end_of_the_writer() {
    let store = memory();
    let release = hold_the_writer(&store);
    let (first, _) = counted(&store, 1, |_| Ok(()));
    let (panicking, _) = counted(&store, 2, |_| panic!("on purpose"));
    let (last, _) = counted(&store, 3, |_| Ok(()));
    let (first, panicking, last, ()) =
        tokio::join!(first, panicking, last, async { release.send(()).unwrap() });
    first.unwrap();
    last.unwrap();
    match panicking {
        Err(StoreError::Panicked { message }) => assert_eq!(message, "on purpose"),
        other => panic!("{other:?}"),
    }
    put(&store, 4, "later").unwrap();
    assert_eq!(
        (get(&store, 1), get(&store, 2), get(&store, 3)),
        (Some("written".into()), None, Some("written".into()))
    );
}

#[tokio::test]
async fn of_two_inserts_of_one_key_in_a_group_one_wins() {
    let store = memory();
    let release = hold_the_writer(&store);
    let insert = |text: &'static str| store.write(move |tx| NOTES.insert_new(tx, &7, &note(text)));
    let (one, other, ()) = tokio::join!(insert("one"), insert("other"), async {
        release.send(()).unwrap()
    });
    let (one, other): (bool, bool) = (one.unwrap_or_else(fail), other.unwrap_or_else(fail));
    assert_eq!((one, other), (true, false));
    assert_eq!(get(&store, 7).unwrap(), "one");
}

fn fail<T>(error: StoreError) -> T {
    panic!("{error}")
}

#[tokio::test]
async fn a_full_queue_is_an_answer() {
    let options = StoreOptions {
        writes_waiting_max: 1,
        patience: Duration::from_millis(20),
        ..StoreOptions::default()
    };
    let store = memory_with(options);
    let release = hold_the_writer(&store);
    let (queued, _) = counted(&store, 1, |_| Ok(()));
    let (turned_away, runs) = counted(&store, 2, |_| Ok(()));
    let (queued, turned_away) = tokio::join!(queued, async {
        let turned_away = turned_away.await;
        let from_a_thread = tokio::task::spawn_blocking({
            let store = store.clone();
            move || put(&store, 3, "too many")
        });
        assert!(matches!(
            from_a_thread.await.unwrap(),
            Err(StoreError::Busy { limit: 1 })
        ));
        release.send(()).unwrap();
        turned_away
    });
    queued.unwrap();
    assert!(matches!(turned_away, Err(StoreError::Busy { limit: 1 })));
    assert_eq!(runs.load(Ordering::SeqCst), 0);
    assert_eq!(get(&store, 2), None);
}

#[tokio::test]
async fn a_write_whose_caller_left_is_done_all_the_same() {
    let store = memory();
    let release = hold_the_writer(&store);
    let (write, _) = counted(&store, 1, |_| Ok(()));
    assert!(
        tokio::time::timeout(Duration::from_millis(5), write)
            .await
            .is_err()
    );
    release.send(()).unwrap();
    put(&store, 2, "later").unwrap();
    assert!(get(&store, 1).is_some());
}

#[tokio::test]
async fn a_read_sees_the_store_as_it_was_when_it_began() {
    let store = memory();
    put(&store, 1, "before").unwrap();
    let writer = store.clone();
    let seen = store
        .read(move |tx| {
            let before = NOTES.get(tx, &1)?;
            put(&writer, 1, "after")?;
            Ok::<_, StoreError>((before, NOTES.get(tx, &1)?))
        })
        .await
        .unwrap();
    assert_eq!(seen, (Some(note("before")), Some(note("before"))));
    assert_eq!(get(&store, 1).unwrap(), "after");
}

#[tokio::test]
async fn a_read_that_panics_is_an_error_for_its_caller() {
    let store = memory();
    let read = store
        .read(|_| -> Result<(), StoreError> { panic!("on purpose") })
        .await;
    assert!(matches!(read, Err(StoreError::Panicked { .. })), "{read:?}");
    put(&store, 1, "later").unwrap();
}

#[tokio::test]
async fn what_was_queued_before_the_close_is_done_and_what_comes_later_is_refused() {
    let place = tempfile::tempdir().unwrap();
    let store = folder(place.path()).unwrap();
    let release = hold_the_writer(&store);
    let (queued, _) = counted(&store, 1, |_| Ok(()));
    let other = store.clone();
    let (queued, (), ()) = tokio::join!(queued, store.clone().close(), async { release.send(()).unwrap() });
    queued.unwrap();
    assert!(matches!(put(&other, 2, "late"), Err(StoreError::Closed)));
    assert!(matches!(
        other.read_blocking(|tx| NOTES.get(tx, &1)),
        Err(StoreError::Closed)
    ));
    // Clones that are still held do not keep the file.
    assert_eq!(get(&folder(place.path()).unwrap(), 1).unwrap(), "written");
}

#[test]
fn a_store_whose_last_clone_a_closure_held_closes_itself() {
    let place = tempfile::tempdir().unwrap();
    let store = folder(place.path()).unwrap();
    let held = store.clone();
    let (done, is_done) = mpsc::channel();
    std::thread::Builder::new()
        .spawn(move || {
            // Nobody waits for this write, so the writer thread itself drops the closure.
            store.write_if_idle(move |tx| {
                let _in_here = &held;
                NOTES.put(tx, &1, &note("written"))
            });
            drop(store);
            done.send(()).unwrap();
        })
        .unwrap();
    is_done.recv_timeout(Duration::from_secs(20)).unwrap();
    eventually("the file is free", || folder(place.path()).is_ok());
    assert_eq!(get(&folder(place.path()).unwrap(), 1).unwrap(), "written");
}

#[test]
fn a_write_inside_a_write_is_refused_and_does_not_wait_for_itself() {
    let store = memory();
    let inner = store.clone();
    let nested = store.write_blocking(move |_| put(&inner, 1, "inside"));
    assert!(matches!(nested, Err(StoreError::Nested)), "{nested:?}");
    put(&store, 2, "later").unwrap();
}
