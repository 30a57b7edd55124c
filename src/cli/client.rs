//! The API from the command line: through the socket of a running server, or in this very process.

mod exchange;
mod refusal;
mod stream;

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, anyhow};
use axum::Router;
use axum::body::Body;
use http_body_util::BodyExt;
use hyper::header::CONTENT_TYPE;
use hyper::{Method, Request};
use serde_json::Value;
use tower::ServiceExt;

use self::refusal::refusal;
use super::error::Failure;
use super::node::{Node, OpenError};
use super::output;
use super::socket::{self, SOCKET_FILE};
use crate::api::Door;
use crate::base::JobId;
use crate::engine::device::Devices;
use crate::runtime::config::{StoreConfig, threads};
use crate::store::{DATABASE_FILE, StoreError};

/// How often it is tried to open a folder that another process holds, and how long is waited in between.
const OPEN_ATTEMPTS: u32 = 30;
const OPEN_PAUSE: Duration = Duration::from_millis(100);

/// Speaks the API.
pub struct Client(Transport);

enum Transport {
    /// To a running server, through the socket in this data folder.
    Socket(PathBuf),
    /// To a node in this process.
    Here { node: Box<Node>, router: Router },
}

/// An answer that was not an error.
pub struct Answer {
    /// The body.
    pub bytes: Vec<u8>,
}

impl Answer {
    /// The body as JSON.
    ///
    /// # Errors
    /// It is none.
    pub fn json(&self) -> anyhow::Result<Value> {
        serde_json::from_slice(&self.bytes).context("the answer is not JSON")
    }
}

impl Client {
    /// Reaches the server that holds the data folder, or opens the folder when none does.
    ///
    /// # Errors
    /// There are no data in the folder, and then none are made: its name is mistyped, most likely. Or it
    /// cannot be opened.
    pub async fn connect(config: &StoreConfig) -> Result<Self, Failure> {
        if let Some(client) = Self::to_server(config).await {
            return Ok(client);
        }
        if !has_data(config) {
            return Err(Failure::input(no_data(config)));
        }
        Self::open(config, &Devices::default()).await
    }

    /// As [`Client::connect`], and makes the folder unless it is there.
    ///
    /// # Errors
    /// The folder cannot be made or opened.
    pub async fn connect_or_make(config: &StoreConfig) -> Result<Self, Failure> {
        Self::connect_to_train(config, &Devices::default()).await
    }

    /// As [`Client::connect_or_make`]; where no server trains, nets are trained on one of `devices`.
    ///
    /// # Errors
    /// The folder cannot be made or opened.
    pub async fn connect_to_train(config: &StoreConfig, devices: &Devices) -> Result<Self, Failure> {
        match Self::to_server(config).await {
            Some(client) => Ok(client),
            None => Self::open(config, devices).await,
        }
    }

    /// A node in this process that keeps nothing.
    ///
    /// # Errors
    /// The operating system has no randomness or no thread to give.
    pub async fn in_memory() -> Result<Self, Failure> {
        Ok(Self::here(Node::in_memory().await?))
    }

    /// As [`Client::connect`] for what needs no data: where there are none, nothing is made either.
    ///
    /// # Errors
    /// The folder cannot be opened.
    pub async fn connect_without_data(config: &StoreConfig) -> Result<Self, Failure> {
        if has_data(config) {
            Self::connect(config).await
        } else {
            Self::in_memory().await
        }
    }

    /// Opens the folder. Another process that holds it may be about to end, or about to listen.
    async fn open(config: &StoreConfig, devices: &Devices) -> Result<Self, Failure> {
        let mut attempts = OPEN_ATTEMPTS;
        loop {
            attempts -= 1;
            match Node::open(config, threads(None), None, devices.clone()).await {
                Ok(node) => return Ok(Self::here(node)),
                Err(OpenError::Store(error @ StoreError::InUse { .. })) if attempts == 0 => {
                    let socket = config.folder.join(SOCKET_FILE);
                    let silent = format!("its socket {} does not answer", socket.display());
                    return Err(Failure::Failed(anyhow::Error::new(error).context(silent)));
                }
                Err(OpenError::Store(StoreError::InUse { .. })) => tokio::time::sleep(OPEN_PAUSE).await,
                Err(error) => return Err(error.into()),
            }
            if let Some(client) = Self::to_server(config).await {
                return Ok(client);
            }
        }
    }

    fn here(node: Node) -> Self {
        let router = node.router(Door::Owner);
        Self(Transport::Here {
            node: Box::new(node),
            router,
        })
    }

    /// Reaches the server that holds the data folder; none when none does.
    pub async fn to_server(config: &StoreConfig) -> Option<Self> {
        socket::connect(&config.folder)
            .await
            .is_ok()
            .then(|| Self(Transport::Socket(config.folder.clone())))
    }

    /// The node in this process; none when another process holds the data folder.
    pub fn node(&self) -> Option<&Node> {
        match &self.0 {
            Transport::Here { node, .. } => Some(node),
            Transport::Socket(_) => None,
        }
    }

    /// The address of the server that holds the data folder; none when a training holds it, which serves
    /// its socket alone, or when it is this process.
    ///
    /// # Errors
    /// The connection's.
    pub async fn server_address(&self) -> Result<Option<String>, Failure> {
        let info = self.get("/api/v1/info").await?.json()?;
        Ok(info["address"].as_str().map(str::to_owned))
    }

    /// Has the job done, when no server does jobs.
    pub fn work_on(&self, job: JobId) {
        if let Transport::Here { node, .. } = &self.0 {
            node.work_on(job);
        }
    }

    /// Writes a job down as called off, when it is done here and does not end by itself.
    ///
    /// # Errors
    /// The store's.
    pub async fn abandon(&self, job: JobId) -> Result<(), Failure> {
        match &self.0 {
            Transport::Here { node, .. } => Ok(node.api.jobs.abandon(job).await?),
            // The server has been told, and sees to it.
            Transport::Socket(_) => Ok(()),
        }
    }

    /// Reads what is at `path`.
    ///
    /// # Errors
    /// The server's, or the connection's.
    pub async fn get(&self, path: &str) -> Result<Answer, Failure> {
        self.send(Method::GET, path, None, Body::empty()).await
    }

    /// All entries of the list called `name` that is at `path`, page by page.
    ///
    /// # Errors
    /// The server's, or the connection's.
    pub async fn all(&self, path: &str, name: &str) -> Result<Vec<Value>, Failure> {
        let first = if path.contains('?') { '&' } else { '?' };
        let mut page = format!("{path}{first}limit=1000");
        let mut entries = Vec::new();
        loop {
            let answer = self.get(&page).await?.json()?;
            entries.extend(output::list(&answer, name).iter().cloned());
            match answer["next_page_token"].as_str() {
                Some(token) => page = format!("{path}{first}limit=1000&page_token={}", segment(token)),
                None => return Ok(entries),
            }
        }
    }

    /// The first `limit` entries of the list called `name` that is at `path`, as the answer to one page: one that
    /// is looked through for what it holds may end before it is full.
    ///
    /// # Errors
    /// The server's, or the connection's.
    pub async fn some(&self, path: &str, name: &str, limit: usize) -> Result<Value, Failure> {
        let first = if path.contains('?') { '&' } else { '?' };
        let mut whole = self.get(&format!("{path}{first}limit={limit}")).await?.json()?;
        while let Some(token) = whole["next_page_token"].as_str() {
            let missing = limit.saturating_sub(output::list(&whole, name).len());
            if missing == 0 {
                break;
            }
            let page = format!("{path}{first}limit={missing}&page_token={}", segment(token));
            let mut page = self.get(&page).await?.json()?;
            if let (Some(entries), Some(more)) = (whole[name].as_array_mut(), page[name].as_array_mut()) {
                entries.append(more);
            }
            whole["next_page_token"] = page["next_page_token"].take();
        }
        if whole["next_page_token"].is_null()
            && let Some(fields) = whole.as_object_mut()
        {
            fields.remove("next_page_token");
        }
        Ok(whole)
    }

    /// Sends JSON to `path`.
    ///
    /// # Errors
    /// The server's, or the connection's.
    pub async fn post(&self, path: &str, body: &Value) -> Result<Answer, Failure> {
        self.send_json(Method::POST, path, body).await
    }

    /// Puts JSON at `path`.
    ///
    /// # Errors
    /// The server's, or the connection's.
    pub async fn put(&self, path: &str, body: &Value) -> Result<Answer, Failure> {
        self.send_json(Method::PUT, path, body).await
    }

    /// Changes what is at `path`.
    ///
    /// # Errors
    /// The server's, or the connection's.
    pub async fn patch(&self, path: &str, body: &Value) -> Result<Answer, Failure> {
        self.send_json(Method::PATCH, path, body).await
    }

    /// Deletes what is at `path`.
    ///
    /// # Errors
    /// The server's, or the connection's.
    pub async fn delete(&self, path: &str, body: &Value) -> Result<Answer, Failure> {
        self.send_json(Method::DELETE, path, body).await
    }

    async fn send_json(&self, method: Method, path: &str, body: &Value) -> Result<Answer, Failure> {
        let body = Body::from(body.to_string());
        self.send(method, path, Some("application/json"), body).await
    }

    /// Sends `body`, of the type `kind`, to `path`.
    ///
    /// # Errors
    /// The server's, or the connection's.
    pub async fn upload(&self, path: &str, kind: &'static str, body: Body) -> Result<Answer, Failure> {
        self.send(Method::POST, path, Some(kind), body).await
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        kind: Option<&'static str>,
        body: Body,
    ) -> Result<Answer, Failure> {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", "localhost");
        let request = kind
            .into_iter()
            .fold(request, |request, kind| request.header(CONTENT_TYPE, kind));
        let request = request.body(body).context("the request cannot be made")?;
        let (status, bytes) = match &self.0 {
            Transport::Here { router, .. } => {
                let response = router.clone().oneshot(request).await?;
                let (head, body) = response.into_parts();
                (head.status, body.collect().await?.to_bytes())
            }
            Transport::Socket(folder) => exchange::over_socket(folder, request).await?,
        };
        if status.is_success() {
            return Ok(Answer {
                bytes: bytes.to_vec(),
            });
        }
        Err(refusal(status, &bytes))
    }

    /// Ends what was opened.
    ///
    /// # Errors
    /// Something did not end.
    pub async fn close(self) -> Result<(), Failure> {
        match self.0 {
            Transport::Here { node, router } => {
                drop(router);
                Ok(node.close().await?)
            }
            Transport::Socket(_) => Ok(()),
        }
    }
}

/// Whether there is a store in the data folder.
pub fn has_data(config: &StoreConfig) -> bool {
    config.folder.join(DATABASE_FILE).exists()
}

/// That there is none.
pub fn no_data(config: &StoreConfig) -> anyhow::Error {
    anyhow!(
        "there is no usina data in {}; `usina up` or `usina train customer-churn` makes some",
        config.folder.display()
    )
}

/// One part of a path, with what has a meaning in paths escaped.
pub fn segment(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~');
    text.bytes().fold(String::new(), |mut path, byte| {
        if plain(byte) {
            path.push(char::from(byte));
        } else {
            path.push_str(&format!("%{byte:02X}"));
        }
        path
    })
}
