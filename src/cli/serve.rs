//! `usina serve` and `usina up`: the platform as a server.

use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::time::Duration;

use anyhow::Context;
use clap::Args;
use tokio::net::TcpListener;

use super::device;
use super::error::Failure;
use super::node::Node;
use super::signals::Signals;
use super::socket::{self, SOCKET_FILE};
use crate::api::{self, Door, Listener};
use crate::base::Name;
use crate::base::period::parse_duration;
use crate::engine::device::{DeviceChoice, NoGpu};
use crate::platform::page::PageOf;
use crate::platform::recipes::shipped;
use crate::runtime::config::{ServeConfig, StoreConfig, threads};

/// Serve the platform: the page, the API, jobs and predictions.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  usina serve
  usina serve --listen 127.0.0.1:9000 --data /var/lib/usina")]
pub struct ServeArgs {
    /// Where to listen; loopback only, until accounts and TLS exist.
    #[arg(
        long,
        value_name = "ADDR",
        env = "USINA_LISTEN",
        default_value = "127.0.0.1:8080",
        value_parser = address
    )]
    listen: SocketAddr,

    /// The model that answers when a request names none; the oldest one unless it is set.
    #[arg(long, value_name = "MODEL", env = "USINA_DEFAULT_MODEL")]
    default_model: Option<Name>,

    /// On how many threads models are fitted; as many as there are processors unless it is set.
    #[arg(long, value_name = "N", env = "USINA_THREADS", value_parser = count)]
    threads: Option<NonZeroUsize>,

    /// Where nets are trained; auto takes a GPU where there is one. Only with gpu do they answer there too.
    #[arg(long, value_name = "DEVICE", env = "USINA_DEVICE", default_value = "auto", value_parser = device::choice())]
    device: DeviceChoice,

    /// How long deleted models and versions can be restored: 30d, 12h. They are purged after that.
    #[arg(
        long,
        value_name = "TIME",
        env = "USINA_KEEP_DELETED",
        default_value = "30d",
        value_parser = parse_duration
    )]
    keep_deleted: Duration,
}

/// Serve the platform, and train the shipped recipes on the first start.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  usina up
  usina up --listen 127.0.0.1:9000 --data ./my-data

It serves at once; the page shows how the trainings go. Data stay in the data folder, and the next \
start trains nothing.")]
pub struct UpArgs {
    #[command(flatten)]
    serve: ServeArgs,
}

impl ServeArgs {
    /// Where nets are trained.
    pub fn device(&self) -> DeviceChoice {
        self.device
    }
}

impl UpArgs {
    /// Where nets are trained.
    pub fn device(&self) -> DeviceChoice {
        self.serve.device
    }
}

fn address(given: &str) -> Result<SocketAddr, &'static str> {
    given
        .parse()
        .map_err(|_| "expected an address and a port, such as 127.0.0.1:8080")
}

fn count(given: &str) -> Result<NonZeroUsize, &'static str> {
    given.parse().map_err(|_| "expected a whole number from 1")
}

/// In this order the shipped recipes are trained: the first model is the one that answers when a
/// request names none.
const FIRST: &str = "fraud-detection";

/// Serves. `no_gpu`: why there is no GPU, if that is known already.
pub async fn serve(store: StoreConfig, args: ServeArgs, no_gpu: Option<NoGpu>) -> Result<(), Failure> {
    run(store, args, no_gpu, false).await
}

/// Serves, and trains what is shipped.
pub async fn up(store: StoreConfig, args: UpArgs, no_gpu: Option<NoGpu>) -> Result<(), Failure> {
    run(store, args.serve, no_gpu, true).await
}

async fn run(
    store: StoreConfig,
    args: ServeArgs,
    no_gpu: Option<NoGpu>,
    train_shipped: bool,
) -> Result<(), Failure> {
    let config = ServeConfig {
        listen: args.listen,
        default_model: args.default_model,
        threads: args.threads,
        keep_deleted: args.keep_deleted,
    };
    config.validate().map_err(Failure::input)?;
    let mut signals = Signals::listen()?;
    let tcp = TcpListener::bind(config.listen)
        .await
        .with_context(|| format!("cannot listen on {}; is another server there?", config.listen))?;
    let address = tcp.local_addr()?;
    let devices = device::open(args.device, no_gpu)?;
    let default_model = config.default_model.clone();
    let mut node = Node::open(&store, threads(config.threads), default_model, devices).await?;
    if let Some(wanted) = &config.default_model {
        check_default(&node, wanted).await?;
    }
    node.api.address = Some(address);
    let socket = store.folder.join(SOCKET_FILE);
    let unix = socket::bind(&store.folder).with_context(|| format!("cannot make {}", socket.display()))?;

    // Whoever looks first sees all that is going to be trained.
    if train_shipped && node.api.jobs.is_empty().await? {
        start_shipped(&node).await?;
    }
    listen(&node, Listener::Tcp(tcp), Door::Loopback(address));
    listen(&node, Listener::Unix(unix), Door::Owner);
    tracing::info!("usina {} serves on http://{address}", env!("CARGO_PKG_VERSION"));
    node.api
        .registry
        .purge_regularly(config.keep_deleted, &node.lifecycle);
    node.work();

    tokio::select! {
        () = signals.any() => {}
        // A part of the process has died.
        () = node.lifecycle.stopping() => {}
    }
    tracing::info!("stopping: requests under way are answered, trainings go on at the next start");
    // While this process holds the folder: afterwards the socket could be its successor's.
    let _ = std::fs::remove_file(&socket);
    let closed = tokio::select! {
        closed = node.close() => closed,
        // Ctrl-C while it stops means now.
        _ = signals.interrupt.recv() => return Err(Failure::Interrupted),
    };
    Ok(closed?)
}

/// Serves what comes through `door`, until the node is closed.
pub(super) fn listen(node: &Node, listener: Listener, door: Door) {
    let serving = api::serve(listener, node.router(door), node.lifecycle.clone());
    node.lifecycle.spawn("listener", serving);
}

async fn start_shipped(node: &Node) -> Result<(), Failure> {
    let mut all = shipped::all()?;
    // What answers by default first, and last what takes longest: nets.
    all.sort_by_key(|shipped| (shipped.folder != FIRST, shipped.recipe.forecast.is_some()));
    let names: Vec<String> = all.into_iter().map(|shipped| shipped.folder).collect();
    node.api.jobs.train_all_shipped(&names, "owner").await?;
    tracing::info!("training {}; the page shows how it goes", names.join(", "));
    Ok(())
}

/// Says so when the model that is to answer by default does not answer at all; its name may be mistyped.
async fn check_default(node: &Node, wanted: &Name) -> Result<(), Failure> {
    const SHOWN: usize = 20;
    if node.api.predictor.default_model().as_ref() == Some(wanted) {
        return Ok(());
    }
    let models = node.api.registry.models(PageOf::first(SHOWN)).await?.items;
    let names: Vec<_> = models.iter().map(|model| model.name.as_str()).collect();
    let there = if names.is_empty() {
        "none".to_owned()
    } else {
        names.join(", ")
    };
    tracing::warn!(
        "no version of {wanted}, which --default-model names, is in production; it answers by default as soon \
         as one is; models that are there: {there}"
    );
    Ok(())
}
