//! The executable from outside, as a user runs it.

mod commands;
mod first_minute;
mod interruption;
mod promotion;
mod usage;
