//! What every layer may use: names and ids, time and durations, secrets, randomness, and how work is stopped.

pub mod clock;
pub mod durations;
pub mod id;
pub mod lifecycle;
pub mod name;
pub mod period;
pub mod random;
pub mod secret;
pub mod stop;

pub use clock::{Clock, Time};
pub use id::{ContentId, DatasetId, ExperimentId, JobId, ModelId, RunId, SessionId};
pub use lifecycle::{Lifecycle, to_the_end};
pub use name::Name;
pub use random::{Entropy, Seed};
pub use secret::Secret;
pub use stop::Stop;
