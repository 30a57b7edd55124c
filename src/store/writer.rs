//! The writer thread: takes what is queued, runs it in one transaction, commits once, answers all.
//!
//! One commit waits for the disk twice, whatever it holds, so a group costs what a single write costs.
//! The promises to each write of a group are those of a transaction of its own:
//! - it sees the writes before it in the group, and its answer goes out only after the commit;
//! - a write that fails after it changed something takes its changes back: the group is aborted, the
//!   others run again without it, and it runs by itself afterwards, so that the failure which its
//!   caller hears of rests on committed data alone;
//! - a write that fails without having changed anything disturbs nobody.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use tokio::sync::mpsc::Receiver;
use tokio::sync::mpsc::error::TryRecvError;

use super::blob::sweep::Sweeper;
use super::engine::Engine;
use super::error::StoreError;
use super::tx::WriteTx;

/// The most writes that share a commit: enough to make the disk's share small, and few enough that
/// running a group again is cheap.
const GROUP_MAX: usize = 64;

/// A write that waits for its turn, with its caller's closure and the way back to the caller.
pub(super) trait Job: Send {
    /// Runs the closure and keeps what it gives; says whether it was `Ok`. May be called again.
    fn run(&mut self, tx: &mut WriteTx) -> bool;

    /// Answers the caller: with what the last run gave, or with `failure`.
    fn answer(self: Box<Self>, failure: Option<StoreError>);
}

/// What goes to the writer thread.
pub(super) enum Message {
    /// Do this write.
    Write(Box<dyn Job>),
    /// Do what came before, then close the database.
    Close,
}

/// A closure, its last result, and where that goes.
pub(super) struct Call<F, T, E, A> {
    closure: F,
    result: Option<Result<T, E>>,
    reply: A,
}

impl<F, T, E, A> Call<F, T, E, A> {
    pub(super) fn new(closure: F, reply: A) -> Self {
        Self {
            closure,
            result: None,
            reply,
        }
    }
}

impl<F, T, E, A> Job for Call<F, T, E, A>
where
    F: FnMut(&mut WriteTx) -> Result<T, E> + Send,
    T: Send,
    E: From<StoreError> + Send,
    A: FnOnce(Result<T, E>) + Send,
{
    fn run(&mut self, tx: &mut WriteTx) -> bool {
        self.result.insert((self.closure)(tx)).is_ok()
    }

    fn answer(self: Box<Self>, failure: Option<StoreError>) {
        let result = match (failure, self.result) {
            (Some(failure), _) => Err(failure.into()),
            (None, Some(result)) => result,
            // A job is only left unrun when the store goes down.
            (None, None) => Err(StoreError::Closed.into()),
        };
        (self.reply)(result);
    }
}

/// Runs until the store is closed or nobody holds it any more, then closes the database.
pub(super) fn run(engine: &Arc<Engine>, mut inbox: Receiver<Message>) {
    let mut sweeper = Sweeper::new();
    // One short look at what was left pending, before anybody can wait for it.
    sweep(engine, &mut sweeper);
    let mut group: Vec<Box<dyn Job>> = Vec::with_capacity(GROUP_MAX);
    let mut open = true;
    while open {
        match next(&mut inbox, &sweeper) {
            Next::Message(Message::Write(job)) => group.push(job),
            Next::Message(Message::Close) | Next::Nobody => open = false,
            Next::Idle => {
                sweep(engine, &mut sweeper);
                continue;
            }
        }
        while open && group.len() < GROUP_MAX {
            match inbox.try_recv() {
                Ok(Message::Write(job)) => group.push(job),
                Ok(Message::Close) => open = false,
                Err(_) => break,
            }
        }
        let condemned = commit_group(engine, &mut group);
        sweeper.add(condemned);
    }
    // Those who come later hear that the channel is closed.
    inbox.close();
    if let Err(error) = engine.close() {
        tracing::error!(%error, "the store did not close cleanly; the next start repairs it");
    }
    while let Ok(message) = inbox.try_recv() {
        if let Message::Write(job) = message {
            job.answer(Some(StoreError::Closed));
        }
    }
}

fn sweep(engine: &Engine, sweeper: &mut Sweeper) {
    if let Err(panic) = catch_unwind(AssertUnwindSafe(|| sweeper.step(engine))) {
        let error = engine.distrust(panic_message(panic.as_ref()));
        tracing::error!(%error, "sweeping blobs that nobody needs panicked");
        sweeper.pause();
    }
}

enum Next {
    Message(Message),
    /// Nobody waits, and there is something to sweep.
    Idle,
    /// Nobody holds the store any more.
    Nobody,
}

fn next(inbox: &mut Receiver<Message>, sweeper: &Sweeper) -> Next {
    let received = match inbox.try_recv() {
        Err(TryRecvError::Empty) if sweeper.has_work() => return Next::Idle,
        Err(TryRecvError::Empty) => inbox.blocking_recv(),
        Ok(message) => Some(message),
        Err(TryRecvError::Disconnected) => None,
    };
    received.map_or(Next::Nobody, Next::Message)
}

/// How a run of the whole group ended.
enum Outcome {
    /// On disk; these blobs are to be swept.
    Committed(Vec<super::blob::BlobId>),
    /// The job at this place failed after it wrote, and all was taken back.
    Spoilt(usize),
    /// The job at this place panicked, and all was taken back.
    Panicked(usize, String),
    /// The disk failed.
    Lost(StoreError),
}

/// Does all of the group and leaves it empty.
fn commit_group(engine: &Engine, group: &mut Vec<Box<dyn Job>>) -> Vec<super::blob::BlobId> {
    let mut condemned = Vec::new();
    let mut alone = Vec::new();
    while !group.is_empty() {
        let outcome = catch_unwind(AssertUnwindSafe(|| run_group(engine, group)));
        match outcome.unwrap_or_else(|panic| Outcome::Lost(engine.distrust(panic_message(panic.as_ref())))) {
            Outcome::Committed(blobs) => {
                condemned.extend(blobs);
                for job in group.drain(..) {
                    answer(job, None);
                }
            }
            // By itself already: nothing else can change what it says.
            Outcome::Spoilt(at) if group.len() == 1 => answer(group.remove(at), None),
            Outcome::Spoilt(at) => alone.push(group.remove(at)),
            Outcome::Panicked(at, message) => {
                answer(group.remove(at), Some(StoreError::Panicked { message }));
            }
            Outcome::Lost(error) => {
                for job in group.drain(..) {
                    answer(job, Some(same(&error)));
                }
            }
        }
        if group.is_empty() {
            group.extend(alone.pop());
        }
    }
    condemned
}

/// `Unavailable` for one more caller.
fn same(error: &StoreError) -> StoreError {
    match error {
        StoreError::Unavailable { source } => StoreError::Unavailable {
            source: source.clone(),
        },
        _ => StoreError::Closed,
    }
}

/// Dropping a caller's values may panic, too; that must not end the writer.
fn answer(job: Box<dyn Job>, failure: Option<StoreError>) {
    if catch_unwind(AssertUnwindSafe(|| job.answer(failure))).is_err() {
        tracing::error!("answering a write panicked");
    }
}

fn run_group(engine: &Engine, group: &mut [Box<dyn Job>]) -> Outcome {
    let (mut tx, generation) = match engine.begin_write() {
        Ok(begun) => begun,
        Err(error) => return Outcome::Lost(error),
    };
    let mut spoilt = None;
    for (at, job) in group.iter_mut().enumerate() {
        tx.begin_part();
        match catch_unwind(AssertUnwindSafe(|| job.run(&mut tx))) {
            Ok(true) => {}
            Ok(false) if !tx.part_wrote() => {}
            Ok(false) => spoilt = Some(Outcome::Spoilt(at)),
            // Even if it wrote nothing: it may have been in the middle of it.
            Err(panic) => spoilt = Some(Outcome::Panicked(at, panic_message(panic.as_ref()))),
        }
        if let Some(source) = tx.fault.take() {
            engine.lost(generation, source.clone());
            return Outcome::Lost(StoreError::Unavailable { source });
        }
        if spoilt.is_some() {
            break;
        }
    }
    let ended = match spoilt {
        Some(outcome) => engine.abort(tx, generation).map(|()| outcome),
        None => engine.commit(tx, generation).map(Outcome::Committed),
    };
    ended.unwrap_or_else(Outcome::Lost)
}

/// What a panic said.
pub(super) fn panic_message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "no message".to_owned())
}
