//! How a run stands, spelled as MLflow spells it.

use std::fmt;
use std::str::FromStr;

/// How a run stands. A run that has ended may be taken up again, as MLflow's clients do: how it stands says
/// whether it goes on, not whether it ever ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunStatus {
    /// It is to begin.
    Scheduled,
    /// It goes on.
    Running,
    /// It did what it was to do.
    Finished,
    /// It could not.
    Failed,
    /// Someone, or a crash, stopped it.
    Killed,
}

impl RunStatus {
    const ALL: [Self; 5] = [
        Self::Scheduled,
        Self::Running,
        Self::Finished,
        Self::Failed,
        Self::Killed,
    ];

    /// MLflow's spelling.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Scheduled => "SCHEDULED",
            Self::Running => "RUNNING",
            Self::Finished => "FINISHED",
            Self::Failed => "FAILED",
            Self::Killed => "KILLED",
        }
    }

    /// Whether more can be added to the run.
    pub fn goes_on(self) -> bool {
        match self {
            Self::Scheduled | Self::Running => true,
            Self::Finished | Self::Failed | Self::Killed => false,
        }
    }
}

impl fmt::Display for RunStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for RunStatus {
    type Err = String;

    fn from_str(given: &str) -> Result<Self, String> {
        let known = Self::ALL.into_iter().find(|status| status.as_str() == given);
        known.ok_or_else(|| format!("\"{given}\" is no status of a run"))
    }
}
