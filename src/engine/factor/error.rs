//! Why there is no recommender, and why it recommends nothing.

use crate::engine::model::StoredModelError;
use crate::engine::param::ParamError;

/// Why there is no recommender.
#[derive(Debug, thiserror::Error)]
pub enum FactorError {
    /// Someone asked to stop.
    #[error("stopped before the training was done")]
    Stopped,
    /// There is nothing to learn from.
    #[error("there are no ratings to learn from")]
    NoRatings,
    /// Fewer than two users or items.
    #[error("a recommender takes ratings of at least 2 {0}")]
    TooFew(&'static str),
    /// A rating of a user or an item that there is none of.
    #[error(
        "a rating of item {item} by user {user} is out of range: there are {users} users and {items} items"
    )]
    OutOfRange {
        /// The user, from 0.
        user: u32,
        /// The item, from 0.
        item: u32,
        /// How many users there are.
        users: usize,
        /// How many items there are.
        items: usize,
    },
    /// A value that is missing or infinite.
    #[error("user {user} gave item {item} the value {value}; drop the rating or mend it")]
    NotFinite {
        /// The user, from 0.
        user: u32,
        /// The item, from 0.
        item: u32,
        /// The value.
        value: f32,
    },
    /// A value below 0, which no product of non-negative factors comes near to.
    #[error(
        "user {user} gave item {item} the value {value}, and NMF takes no negative ones; add the same to all, or use \
         ALS on what was liked"
    )]
    Negative {
        /// The user, from 0.
        user: u32,
        /// The item, from 0.
        item: u32,
        /// The value.
        value: f32,
    },
    /// A value that is no confidence.
    #[error(
        "user {user} gave item {item} the value {value}, and ALS takes how sure it is that the item is liked, above 0; \
         drop what was not liked, or use NMF"
    )]
    NotPositive {
        /// The user, from 0.
        user: u32,
        /// The item, from 0.
        item: u32,
        /// The value.
        value: f32,
    },
    /// All values are 0.
    #[error("all ratings are 0; nothing can be learnt from them")]
    AllZero,
    /// Sums of values are no numbers any more.
    #[error("the objective is no number any more in iteration {iteration}; scale the ratings or alpha down")]
    Diverged {
        /// The iteration, from 1.
        iteration: usize,
    },
    /// Factors to begin with that do not fit.
    #[error(
        "the factors to begin with are not [users x {width}] and [items x {width}] finite numbers, for NMF of at least 0"
    )]
    Factors {
        /// Numbers that stand for a user and for an item.
        width: usize,
    },
    /// A parameter is out of range.
    #[error(transparent)]
    Param(#[from] ParamError),
    /// How far the training is cannot be kept.
    #[error("the training cannot be stored: {0}")]
    Stored(#[from] StoredModelError),
}

/// Why nothing is recommended.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum RecommendError {
    /// Nothing was asked for.
    #[error("0 items were asked for; ask for at least 1")]
    NoneAsked,
    /// A user of whom nothing was learnt.
    #[error("user {0} is not known; give what the user has seen, or ask for what is popular")]
    UnknownUser(String),
    /// An item of which nothing was learnt.
    #[error("item {0} is not known; leave it out, or train again on ratings of it")]
    UnknownItem(String),
    /// A value from which nothing can be told.
    #[error("item {item} has the value {value}; expected {expected}")]
    Value {
        /// The item.
        item: String,
        /// Its value.
        value: f32,
        /// What it may be.
        expected: &'static str,
    },
    /// Values so large that the scores are no numbers.
    #[error("the values are too large to be reckoned with; scale them as those of the training")]
    TooLarge,
}
