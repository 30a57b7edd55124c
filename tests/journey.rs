//! The executable from outside, as a user runs it.

mod commands;
mod defaults;
mod diff;
mod exchange;
mod first_minute;
mod formats;
mod gates;
mod interruption;
mod promotion;
mod terminal;
mod usage;
