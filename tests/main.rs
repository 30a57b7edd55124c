//! All integration tests, in one executable.
