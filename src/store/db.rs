//! The store: transactions as closures, run on threads that may wait for the disk.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, mpsc as std_mpsc};
use std::thread::{JoinHandle, ThreadId};
use std::time::Duration;

use tokio::sync::mpsc::error::{SendTimeoutError, TrySendError};
use tokio::sync::{mpsc, oneshot};

use super::blob::Blobs;
use super::engine::{Engine, Opener};
use super::error::StoreError;
use super::founding::{self, KeyHome};
use super::open;
use super::slots::Slots;
use super::tables::meta;
use super::tx::{ReadTx, WriteTx};
use super::vault::Vault;
use super::writer::{self, Call, Job, Message};
use crate::base::{Clock, Entropy, SessionId};

/// How a store is opened.
#[derive(Debug, Clone)]
pub struct StoreOptions {
    /// Memory for pages of the database, in bytes.
    pub cache_bytes: usize,
    /// The master key's file, if it is not the one beside the store. It must exist.
    pub key_file: Option<PathBuf>,
    /// How many writes may wait for the writer thread.
    pub writes_waiting_max: usize,
    /// How many asynchronous reads run at once; each needs a thread.
    pub reads_max: usize,
    /// How many asynchronous calls put or get a whole blob at once; apart from the short reads,
    /// which they would keep waiting.
    pub blob_calls_max: usize,
    /// How long a call waits for a place before it is answered `Busy`.
    pub patience: Duration,
}

impl Default for StoreOptions {
    fn default() -> Self {
        Self {
            cache_bytes: 16 << 20,
            key_file: None,
            writes_waiting_max: 256,
            reads_max: 16,
            blob_calls_max: 8,
            patience: Duration::from_secs(5),
        }
    }
}

/// The one place where data stays. Clones share it; dropping the last one closes it, and waits for that.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    engine: Arc<Engine>,
    queue: mpsc::Sender<Message>,
    reads: Slots,
    blob_calls: Slots,
    writer: Mutex<Option<JoinHandle<()>>>,
    writer_thread: ThreadId,
    options: StoreOptions,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Store")
    }
}

impl Store {
    /// Opens the store in `folder`, or makes one: the files `usina.redb` and `usina.key`, both for
    /// their owner alone. Waits for the disk; call it before there is a runtime, or on a thread of its own.
    ///
    /// # Errors
    /// Each reason why a store cannot be opened has a variant of its own that names the remedy.
    pub fn open(
        folder: &Path,
        options: StoreOptions,
        clock: Clock,
        entropy: Entropy,
    ) -> Result<Self, StoreError> {
        let file = open::prepare(folder)?;
        let key_home = KeyHome::new(folder, options.key_file.clone());
        Self::assemble(
            open::file_opener(&file, options.cache_bytes),
            &file,
            &key_home,
            options,
            clock,
            entropy,
        )
    }

    /// A store that is gone when it is dropped, for tests and for what needs no data: the same code over memory in place of a file.
    ///
    /// # Errors
    /// When the operating system has no random bytes or no thread to give.
    pub fn in_memory(clock: Clock, entropy: Entropy) -> Result<Self, StoreError> {
        let opener = open::memory_opener();
        Self::assemble(
            opener,
            Path::new("memory"),
            &KeyHome::Memory,
            StoreOptions::default(),
            clock,
            entropy,
        )
    }

    pub(super) fn assemble(
        opener: Opener,
        file: &Path,
        key_home: &KeyHome,
        options: StoreOptions,
        clock: Clock,
        entropy: Entropy,
    ) -> Result<Self, StoreError> {
        let database = open::open_first(&opener, file)?;
        let vault = founding::found_or_open(&database, file, key_home, entropy)?;
        let id = founding::id_of(&database)?;
        let now = clock.now();
        let session = SessionId::random(entropy)?;
        let engine = Arc::new(Engine::new(database, opener, id, vault, session, clock));
        let (queue, inbox) = mpsc::channel(options.writes_waiting_max.max(1));
        let writer = std::thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn({
                let engine = engine.clone();
                move || writer::run(&engine, inbox)
            })
            .map_err(|source| StoreError::Thread { source })?;
        let (reads, blob_calls) = (Slots::new(options.reads_max), Slots::new(options.blob_calls_max));
        let writer_thread = writer.thread().id();
        let writer = Mutex::new(Some(writer));
        let store = Self {
            inner: Arc::new(Inner {
                engine,
                queue,
                reads,
                blob_calls,
                writer,
                writer_thread,
                options,
            }),
        };
        store.write_blocking(move |tx| meta::note_made_at(tx, now))?;
        Ok(store)
    }

    /// Runs `read` on a snapshot, off the asynchronous threads. It has no side effects and may run again.
    ///
    /// # Errors
    /// What `read` gives; `Busy` when no thread came free in time, `Unavailable` when the disk fails,
    /// `Panicked` when `read` did, `Closed`.
    pub async fn read<T, E>(&self, read: impl FnMut(&ReadTx) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let engine = self.inner.engine.clone();
        self.inner
            .reads
            .run(self.inner.options.patience, move || run_read(&engine, read))
            .await
    }

    /// Runs the whole of putting or getting a blob on a thread that may wait, as many at once as
    /// [`StoreOptions::blob_calls_max`] says.
    ///
    /// # Errors
    /// What `work` gives; `Busy` when no place came free in time, `Panicked` when `work` did.
    pub async fn blob_call<T, E>(&self, work: impl FnOnce() -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.inner.blob_calls.run(self.inner.options.patience, work).await
    }

    /// As [`Store::read`], on the calling thread, which must not be an asynchronous one.
    ///
    /// # Errors
    /// As [`Store::read`], without `Busy`.
    pub fn read_blocking<T, E: From<StoreError>>(
        &self,
        read: impl FnMut(&ReadTx) -> Result<T, E>,
    ) -> Result<T, E> {
        run_read(&self.inner.engine, read)
    }

    /// Runs `write` in a transaction on the writer thread, and commits what it wrote if it gives `Ok`:
    /// the answer comes when the data is on disk. It has no side effects and may run again.
    ///
    /// # Errors
    /// What `write` gives; `Busy` when the queue stayed full, `Panicked` when `write` did, `Closed`.
    /// After each of these nothing is stored. `Unavailable` when the disk fails: the transaction is
    /// stored whole or not at all, and nobody knows which.
    pub async fn write<T, E>(
        &self,
        write: impl FnMut(&mut WriteTx) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        // The caller may have left; its write is done all the same.
        let job = boxed(write, move |result| drop(reply.send(result)));
        let options = &self.inner.options;
        match self
            .inner
            .queue
            .send_timeout(Message::Write(job), options.patience)
            .await
        {
            Ok(()) => answer.await.unwrap_or_else(|_| Err(StoreError::Closed.into())),
            Err(SendTimeoutError::Timeout(_)) => Err(StoreError::Busy {
                limit: options.writes_waiting_max,
            }
            .into()),
            Err(SendTimeoutError::Closed(_)) => Err(StoreError::Closed.into()),
        }
    }

    /// As [`Store::write`], for plain threads: the calling thread waits.
    ///
    /// # Errors
    /// As [`Store::write`]; `Nested` when it is called inside another write.
    pub fn write_blocking<T, E>(
        &self,
        write: impl FnMut(&mut WriteTx) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        // It would wait for itself.
        if self.inner.writer_thread == std::thread::current().id() {
            return Err(StoreError::Nested.into());
        }
        let (reply, answer) = std_mpsc::sync_channel(1);
        let job = boxed(write, move |result| drop(reply.send(result)));
        self.inner
            .send(Message::Write(job), self.inner.options.patience)?;
        answer.recv().unwrap_or_else(|_| Err(StoreError::Closed.into()))
    }

    /// Queues a write that nobody waits for, if there is a place.
    pub(super) fn write_if_idle(
        &self,
        write: impl FnMut(&mut WriteTx) -> Result<(), StoreError> + Send + 'static,
    ) {
        let job = boxed(write, |_: Result<(), StoreError>| {});
        drop(self.inner.queue.try_send(Message::Write(job)));
    }

    /// This opening of the store, told from all others before and after it.
    pub fn session(&self) -> SessionId {
        self.inner.engine.session()
    }

    /// Large content.
    pub fn blobs(&self) -> Blobs {
        Blobs::new(self.clone())
    }

    /// The store's keys: signatures and name hashes.
    pub fn vault(&self) -> &Vault {
        self.inner.engine.vault()
    }

    /// Does the writes that are queued, then closes the database: the next start finds it clean.
    /// Calls that come later, on any clone, are answered `Closed`.
    pub async fn close(self) {
        // The task fails only when the runtime goes down, and then dropping the last clone closes.
        let _ = tokio::task::spawn_blocking(move || self.inner.close()).await;
    }

    /// As [`Store::close`], for plain threads.
    pub fn close_blocking(self) {
        self.inner.close();
    }
}

impl Inner {
    /// Waits for a place in the queue, `patience` at most.
    fn send(&self, message: Message, patience: Duration) -> Result<(), StoreError> {
        const FIRST_NAP: Duration = Duration::from_micros(100);
        const LONGEST_NAP: Duration = Duration::from_millis(20);
        let mut message = message;
        let mut nap = FIRST_NAP;
        let mut waited = Duration::ZERO;
        loop {
            message = match self.queue.try_send(message) {
                Ok(()) => return Ok(()),
                Err(TrySendError::Closed(_)) => return Err(StoreError::Closed),
                Err(TrySendError::Full(message)) => message,
            };
            if waited >= patience {
                return Err(StoreError::Busy {
                    limit: self.options.writes_waiting_max,
                });
            }
            std::thread::sleep(nap);
            waited += nap;
            nap = (nap * 2).min(LONGEST_NAP);
        }
    }

    fn close(&self) {
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner).take();
        // Taken already: another clone closed it.
        let Some(writer) = writer else { return };
        // A closure held the last clone and was dropped by the writer itself, which sees that
        // nobody is left and ends.
        if self.writer_thread == std::thread::current().id() {
            return;
        }
        // The writer empties its queue whatever the disk does, so a place comes free.
        while let Err(StoreError::Busy { .. }) = self.send(Message::Close, self.options.patience) {}
        if writer.join().is_err() {
            tracing::error!("the store's writer thread died");
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.close();
    }
}

fn boxed<T, E>(
    write: impl FnMut(&mut WriteTx) -> Result<T, E> + Send + 'static,
    reply: impl FnOnce(Result<T, E>) + Send + 'static,
) -> Box<dyn Job>
where
    T: Send + 'static,
    E: From<StoreError> + Send + 'static,
{
    Box::new(Call::new(write, reply))
}

fn run_read<T, E: From<StoreError>>(
    engine: &Engine,
    mut read: impl FnMut(&ReadTx) -> Result<T, E>,
) -> Result<T, E> {
    // Beginning may panic, too, when something else wrote to the file.
    let result = catch_unwind(AssertUnwindSafe(|| {
        let (tx, generation) = engine.begin_read()?;
        let result = read(&tx);
        match tx.fault.take() {
            Some(source) => {
                engine.lost(generation, source.clone());
                Err(StoreError::Unavailable { source }.into())
            }
            None => result,
        }
    }));
    result.unwrap_or_else(|panic| {
        let message = writer::panic_message(panic.as_ref());
        Err(StoreError::Panicked { message }.into())
    })
}
