//! How a command fails: by its own fault, or by what it was given. The exit code tells which.

use std::process::ExitCode;

/// Why a command did not do what was asked.
#[derive(Debug)]
pub enum Failure {
    /// Wrong usage or wrong input: exit code 2.
    Input(anyhow::Error),
    /// Anything else: exit code 1.
    Failed(anyhow::Error),
    /// Interrupted by the user: 128 + SIGINT, as shells expect.
    Interrupted,
}

impl Failure {
    /// A mistake in what was given.
    pub fn input(error: impl Into<anyhow::Error>) -> Self {
        Self::Input(error.into())
    }

    /// Tells the user, and gives the exit code.
    #[expect(clippy::print_stderr, reason = "the command line talks to its user")]
    pub fn report(&self) -> ExitCode {
        match self {
            Self::Input(error) => {
                eprintln!("usina: {error:#}");
                ExitCode::from(2)
            }
            Self::Failed(error) => {
                eprintln!("usina: {error:#}");
                ExitCode::FAILURE
            }
            Self::Interrupted => {
                eprintln!("usina: interrupted");
                ExitCode::from(130)
            }
        }
    }
}

impl<E: Into<anyhow::Error>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}
