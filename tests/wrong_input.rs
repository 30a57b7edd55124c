//! Wrong input: refused with a status, a stable code and the name of what is wrong; nothing of it stays.

mod expectations;
mod files;
mod predict;
mod recipes;
mod requests;
