//! Who may do what. One permission is one type, so that a handler names what it needs in its signature.

use std::fmt;

/// A permission as a type: what `Permit<P>` asks of the caller.
pub trait Permission: Send + Sync + 'static {
    /// The action that is permitted.
    const ACTION: Action;
}

/// Defines [`Action`], how each action is written, and a permission type for each.
macro_rules! actions {
    ($($(#[$doc:meta])* $name:ident = $written:literal,)+) => {
        /// Something that a caller may be allowed to do.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Action {
            $($(#[$doc])* $name,)+
        }

        impl fmt::Display for Action {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(match self {
                    $(Self::$name => $written,)+
                })
            }
        }

        $(
            $(#[$doc])*
            #[derive(Debug)]
            pub struct $name;

            impl Permission for $name {
                const ACTION: Action = Action::$name;
            }
        )+
    };
}

actions! {
    /// See models, versions, cards and metrics.
    ReadModels = "models:read",
    /// Put a version into another stage, roll back, move an alias, or choose the default model.
    PromoteModels = "models:promote",
    /// Take a version's bundle or its weights out of the registry.
    ExportModels = "models:export",
    /// Describe models and versions, and tag them.
    WriteModels = "models:write",
    /// Delete models and versions, and restore them.
    DeleteModels = "models:delete",
    /// Take in bundles.
    ImportModels = "models:import",
    /// See whose bundles are taken in.
    ReadTrust = "trust:read",
    /// Decide whose bundles are taken in.
    WriteTrust = "trust:write",
    /// Ask a model for predictions.
    Predict = "models:predict",
    /// See experiments and runs.
    ReadRuns = "runs:read",
    /// See jobs.
    ReadJobs = "jobs:read",
    /// Start and cancel jobs.
    RunJobs = "jobs:run",
    /// See datasets.
    ReadData = "data:read",
    /// Add datasets.
    WriteData = "data:write",
    /// See what the server says of itself: version, metrics, API description.
    ReadServer = "server:read",
}

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Caller {
    /// Whoever owns the data folder: came through its socket, or runs in this process.
    Owner,
    /// Came over loopback while no account exists; the door has checked that it is no web page.
    Local,
}

/// As the histories call whoever did something.
impl fmt::Display for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Owner => "owner",
            Self::Local => "local",
        })
    }
}

impl Caller {
    /// Whether the caller may do `action`. While no account exists, whoever gets this far may do all.
    pub fn may(self, _action: Action) -> bool {
        match self {
            Self::Owner | Self::Local => true,
        }
    }
}
