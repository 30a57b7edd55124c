//! usina: data in, models trained, tracked, registered, served and rolled back, in one executable.
//!
//! The modules are layers; a layer imports only what `ARCHITECTURE.md` allows it, and `tests/tidy.rs` holds it to that.

pub mod api;
pub mod base;
pub mod cli;
pub mod data;
pub mod engine;
pub mod platform;
pub mod runtime;
pub mod store;
