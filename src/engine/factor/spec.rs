//! What a recipe says of ratings.

use serde::{Deserialize, Serialize};

use crate::engine::param::{ParamError, check_counts};

/// The table `[recommend]` of a recipe. The value of a rating is the recipe's target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub struct RecommendSpec {
    /// The column that says who.
    pub user: String,
    /// The column that says what.
    pub item: String,
    /// The column that says when: of each user the latest ratings are held out. Without it any are as likely.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time: Option<String>,
    /// How many items are recommended, and looked at when it is measured. 10.
    #[serde(default = "ten")]
    pub top_k: usize,
    /// How many ratings of each user are held out. 1.
    #[serde(default = "one")]
    pub leave_out: usize,
}

const fn ten() -> usize {
    10
}

const fn one() -> usize {
    1
}

impl RecommendSpec {
    /// More items are no recommendation.
    pub const MOST: usize = 10_000;

    /// Checks what it says, alone.
    ///
    /// # Errors
    /// Names the first that is out of range.
    pub fn validate(&self) -> Result<(), ParamError> {
        check_counts(&[
            ("top_k", self.top_k, 1, Self::MOST),
            ("leave_out", self.leave_out, 1, Self::MOST),
        ])?;
        if self.user == self.item {
            let expected = "a column of its own, beside that of the user";
            return Err(ParamError::new("item", &self.item, expected));
        }
        if self
            .time
            .as_ref()
            .is_some_and(|time| *time == self.user || *time == self.item)
        {
            let time = self.time.as_deref().unwrap_or_default();
            return Err(ParamError::new("time", time, "a column of its own"));
        }
        Ok(())
    }
}
