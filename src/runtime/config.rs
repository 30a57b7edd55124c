//! What the process is told to do. Read here alone; checked once.

use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use crate::base::Name;

/// Where a store is and how it is opened.
#[derive(Debug, Clone)]
pub struct StoreConfig {
    /// The folder with the store, its key and its socket.
    pub folder: PathBuf,
    /// The master key, when it is not in the folder.
    pub key_file: Option<PathBuf>,
}

/// How a server runs.
#[derive(Debug, Clone)]
pub struct ServeConfig {
    /// Where it listens.
    pub listen: SocketAddr,
    /// The model that answers when a request names none.
    pub default_model: Option<Name>,
    /// On how many threads models are fitted; as many as there are processors unless it is set.
    pub threads: Option<NonZeroUsize>,
    /// How long what was deleted can be restored.
    pub keep_deleted: Duration,
}

/// What is wrong with the configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// Strangers would get in.
    #[error(
        "{0} is not listened on: only loopback (127.0.0.1, [::1]) is, until accounts and TLS exist. \
         To reach it from elsewhere, forward the port, for example with `ssh -L 8080:127.0.0.1:8080 HOST`"
    )]
    NotLoopback(SocketAddr),
}

impl ServeConfig {
    /// Checks what can be checked before anything is opened.
    ///
    /// # Errors
    /// It would listen where strangers come by.
    pub fn validate(&self) -> Result<(), ConfigError> {
        if self.listen.ip().is_loopback() {
            Ok(())
        } else {
            Err(ConfigError::NotLoopback(self.listen))
        }
    }
}

/// How many threads fit a model: as asked, or as many as there are processors.
pub fn threads(asked: Option<NonZeroUsize>) -> usize {
    asked
        .or_else(|| std::thread::available_parallelism().ok())
        .map_or(1, NonZeroUsize::get)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_loopback_is_listened_on() {
        let config = |listen: &str| ServeConfig {
            listen: listen.parse().unwrap(),
            default_model: None,
            threads: None,
            keep_deleted: Duration::ZERO,
        };
        for own in ["127.0.0.1:80", "127.0.0.9:80", "[::1]:80"] {
            assert!(config(own).validate().is_ok(), "{own}");
        }
        for open in ["0.0.0.0:80", "[::]:80", "10.0.0.1:80", "192.168.1.2:80"] {
            assert!(config(open).validate().is_err(), "{open}");
        }
    }
}
