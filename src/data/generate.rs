//! Tables that are made up, and called so wherever they are shown.

pub mod card_fraud;
