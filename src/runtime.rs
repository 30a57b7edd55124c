//! The process around the platform: what it is told to do, and what it tells.

pub mod config;
pub mod telemetry;
