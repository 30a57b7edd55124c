//! Ratings that users give to items: made up, because no real table may be shipped.
//!
//! How a user likes an item follows from a few hidden tastes (a low-rank product of a vector of the user and one of
//! the item), from how generous the user and how good the item is, and from chance; what a user takes up follows from the same tastes,
//! so that a factorisation finds what is there to find. Few items have most of the ratings, few users give most of them, and nobody rates an
//! item twice.

use std::collections::HashSet;
use std::io::Write;
use std::sync::Arc;

use rand_chacha::ChaCha8Rng;

use self::world::World;
use super::GenerateError;
use crate::base::{Seed, Stop};
use crate::data::cell::Cell;
use crate::data::schema::{ColumnType, Field, Schema, SchemaError};
use crate::data::table::{Column, Table};

#[cfg(test)]
mod tests;
mod world;

/// The column that says how a user likes an item: a whole number from 1 to 5.
pub const TARGET: &str = "rating";

const COLUMNS: [&str; 4] = ["user", "item", TARGET, "timestamp"];

/// How many ratings, by how many users, of how many items.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ratings {
    rows: u64,
    users: u32,
    items: u32,
    seed: Seed,
}

/// Why there are no such ratings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RatingsError {
    /// Too few or too many users or items.
    #[error("expected 1 to {max} {what}, got {got}", max = Ratings::MOST)]
    Size {
        /// users or items.
        what: &'static str,
        /// How many were asked for.
        got: u64,
    },
    /// More ratings than pairs of a user and an item.
    #[error("{users} users rate {items} items at most {pairs} times, once each; {rows} rows are too many")]
    Pairs {
        /// How many ratings were asked for.
        rows: u64,
        /// How many users.
        users: u32,
        /// How many items.
        items: u32,
        /// How many pairs of a user and an item.
        pairs: u64,
    },
}

/// One rating; the fields are named as the columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Rating {
    user: u32,
    item: u32,
    rating: u8,
    /// Seconds since 1970.
    timestamp: i64,
}

/// The columns: integers, and a timestamp; none is ever missing.
///
/// # Errors
/// Never, as long as the names above are unique.
pub fn schema() -> Result<Schema, SchemaError> {
    let kinds = [
        ColumnType::Integer,
        ColumnType::Integer,
        ColumnType::Integer,
        ColumnType::Timestamp,
    ];
    let fields = COLUMNS.into_iter().zip(kinds);
    Schema::new(fields.map(|(name, kind)| Field::new(name, kind)).collect())
}

impl Ratings {
    /// How many users there are unless it is said.
    pub const USERS: u64 = 2_000;
    /// How many items there are unless it is said.
    pub const ITEMS: u64 = 1_000;
    /// The most users, and the most items: their tastes are held in memory.
    pub const MOST: u32 = 1_000_000;

    /// `rows` ratings by `users` users of `items` items.
    ///
    /// # Errors
    /// Too few or too many of them.
    pub fn new(rows: u64, users: u64, items: u64, seed: Seed) -> Result<Self, RatingsError> {
        let size = |what, got: u64| {
            let size = u32::try_from(got).ok();
            let size = size.filter(|size| (1..=Self::MOST).contains(size));
            size.ok_or(RatingsError::Size { what, got })
        };
        let (users, items) = (size("users", users)?, size("items", items)?);
        let pairs = u64::from(users) * u64::from(items);
        if rows > pairs {
            return Err(RatingsError::Pairs {
                rows,
                users,
                items,
                pairs,
            });
        }
        Ok(Self {
            rows,
            users,
            items,
            seed,
        })
    }

    /// Writes the ratings as CSV, user by user. `progress` is told how many are written so far.
    ///
    /// # Errors
    /// When `out` refuses the bytes or `stop` is asked; then what was written is not whole.
    pub fn write_csv(
        &self,
        out: &mut dyn Write,
        progress: &mut dyn FnMut(u64),
        stop: &Stop,
    ) -> Result<(), GenerateError> {
        writeln!(out, "{}", COLUMNS.join(","))?;
        let mut rows = 0;
        for ratings in self.by_user() {
            if stop.is_asked() {
                return Err(GenerateError::Stopped { rows });
            }
            for rating in &ratings {
                let Rating {
                    user,
                    item,
                    rating,
                    timestamp,
                } = rating;
                let moment = Cell::Timestamp(timestamp * 1_000_000);
                writeln!(out, "{user},{item},{rating},{moment}")?;
            }
            rows += ratings.len() as u64;
            progress(rows);
        }
        Ok(out.flush()?)
    }

    /// The same ratings as tables of at least `batch_rows` rows, but for the last.
    ///
    /// # Errors
    /// Never, as long as the columns above make a table.
    pub fn batches(
        &self,
        batch_rows: usize,
    ) -> Result<impl Iterator<Item = Result<Table, GenerateError>> + use<>, GenerateError> {
        let schema = Arc::new(schema()?);
        let mut users = self.by_user();
        Ok(std::iter::from_fn(move || {
            let mut batch = Vec::new();
            while batch.len() < batch_rows.max(1) {
                match users.next() {
                    Some(ratings) => batch.extend(ratings),
                    None => break,
                }
            }
            (!batch.is_empty()).then(|| table(&schema, &batch))
        }))
    }

    /// The ratings of one user after the other, each user's in the order of time.
    fn by_user(&self) -> impl Iterator<Item = Vec<Rating>> + use<> {
        let (ratings, seed) = (*self, self.seed);
        let world = World::new(self.users, self.items, seed);
        let counts = world.counts(self.rows);
        counts.into_iter().zip(1..).map(move |(count, user)| {
            let mut rng = seed.derive("ratings user", u64::from(user)).rng();
            of_user(&world, ratings, user, count, &mut rng)
        })
    }
}

fn of_user(world: &World, all: Ratings, user: u32, count: u32, rng: &mut ChaCha8Rng) -> Vec<Rating> {
    let taste = world.user(rng);
    let mut rated = Vec::with_capacity(count as usize);
    let mut seen = HashSet::with_capacity(count as usize);
    // Popular items are soon all rated: so many draws find new ones, and what is left is taken in its order.
    let mut draws = 64 * u64::from(count) + 256;
    while rated.len() < count as usize && draws > 0 {
        draws -= 1;
        let item = world.popular(rng);
        if world.takes_up(&taste, item, rng) && seen.insert(item) {
            rated.push(item);
        }
    }
    let start = world::start(rng, all.items);
    for place in 0..all.items {
        if rated.len() >= count as usize {
            break;
        }
        let item = (start + place) % all.items;
        if seen.insert(item) {
            rated.push(item);
        }
    }
    let mut ratings: Vec<_> = rated
        .into_iter()
        .map(|item| Rating {
            user,
            item: item + 1,
            rating: world.rating(&taste, item, rng),
            timestamp: world::moment(rng),
        })
        .collect();
    ratings.sort_unstable_by_key(|rating| (rating.timestamp, rating.item));
    ratings
}

fn table(schema: &Arc<Schema>, ratings: &[Rating]) -> Result<Table, GenerateError> {
    let integers = |of: fn(&Rating) -> i64| Column::Integer(ratings.iter().map(of).map(Some).collect());
    let moments = ratings.iter().map(|rating| Some(rating.timestamp * 1_000_000));
    let columns = vec![
        integers(|rating| i64::from(rating.user)),
        integers(|rating| i64::from(rating.item)),
        integers(|rating| i64::from(rating.rating)),
        Column::Timestamp(moments.collect()),
    ];
    Ok(Table::new(Arc::clone(schema), columns)?)
}
