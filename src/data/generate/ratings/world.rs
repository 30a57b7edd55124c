//! Who likes what: the hidden structure that ratings follow.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::Rng;
use rand_distr::{Distribution, StandardNormal};

use crate::base::Seed;

/// How many hidden tastes there are.
pub(super) const RANK: usize = 5;

/// The mean, and the standard deviations of what a rating is the sum of: the user, the item, the tastes, chance.
const MEAN: f64 = 3.5;
const USER: f64 = 0.35;
const ITEM: f64 = 0.45;
const TASTES: f64 = 0.7;
const CHANCE: f64 = 0.5;

/// Zipf's exponent of the items' popularity, and the spread of the users' activity.
const POPULARITY: f64 = 0.6;
const ACTIVITY: f64 = 1.0;

/// How much tastes decide what somebody takes up at all: most people rate what they chose, and choose what they like.
const CHOICE: f64 = 2.5;
/// From this match on an item is always taken up.
const IDEAL: f64 = 2.0;

/// The seconds from which on ratings are given, and for how many: 2024 and 2025.
const FIRST: i64 = 1_704_067_200;
const SECONDS: f64 = 731.0 * 86_400.0;

type Vector = [f32; RANK];

/// The items, and how active users are.
pub(super) struct World {
    /// Of each item: how good it is, and its tastes.
    items: Vec<(f32, Vector)>,
    /// The popularity of all items up to each, summed.
    popularity: Vec<f64>,
    /// How active each user is.
    activity: Vec<f32>,
}

/// A user: how generous, and with which tastes.
pub(super) struct User {
    generous: f64,
    tastes: Vector,
}

fn normal(rng: &mut ChaCha8Rng) -> f64 {
    StandardNormal.sample(rng)
}

fn uniform(rng: &mut ChaCha8Rng) -> f64 {
    (rng.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
}

/// Each of variance 1 / √[`RANK`], so that the product of two vectors has variance 1.
fn vector(rng: &mut ChaCha8Rng) -> Vector {
    let scale = (RANK as f64).powf(-0.25);
    std::array::from_fn(|_| (scale * normal(rng)) as f32)
}

/// Where among the items someone starts to look.
pub(super) fn start(rng: &mut ChaCha8Rng, items: u32) -> u32 {
    ((uniform(rng) * f64::from(items)) as u32).min(items - 1)
}

/// When a rating is given, in seconds since 1970.
pub(super) fn moment(rng: &mut ChaCha8Rng) -> i64 {
    FIRST + (uniform(rng) * SECONDS) as i64
}

impl World {
    pub(super) fn new(users: u32, items: u32, seed: Seed) -> Self {
        let mut rng = seed.derive("ratings items", 0).rng();
        // Which item has which rank of popularity: Fisher and Yates' shuffle.
        let mut ranks: Vec<u32> = (1..=items).collect();
        for place in (1..ranks.len()).rev() {
            let other = (uniform(&mut rng) * (place + 1) as f64) as usize;
            ranks.swap(place, other.min(place));
        }
        let mut sum = 0.0;
        let popularity = ranks.iter().map(|&rank| {
            sum += f64::from(rank).powf(-POPULARITY);
            sum
        });
        let popularity = popularity.collect();
        let items = (0..items).map(|_| ((ITEM * normal(&mut rng)) as f32, vector(&mut rng)));
        let items = items.collect();
        let mut rng = seed.derive("ratings activity", 0).rng();
        let activity = (0..users).map(|_| (ACTIVITY * normal(&mut rng)).exp() as f32);
        Self {
            items,
            popularity,
            activity: activity.collect(),
        }
    }

    /// How many of `rows` ratings each user gives: by activity, and none more than there are items.
    pub(super) fn counts(&self, rows: u64) -> Vec<u32> {
        let items = self.items.len() as u32;
        let total: f64 = self.activity.iter().map(|&activity| f64::from(activity)).sum();
        let mut counts = Vec::with_capacity(self.activity.len());
        let (mut sum, mut given) = (0.0, 0_u64);
        for &activity in &self.activity {
            sum += f64::from(activity);
            let due = (rows as f64 * (sum / total)).round() as u64;
            // What an earlier one could not give any more is given by the next.
            let count = due.min(rows).saturating_sub(given).min(u64::from(items)) as u32;
            given += u64::from(count);
            counts.push(count);
        }
        let mut left = rows - given.min(rows);
        for count in &mut counts {
            let more = left.min(u64::from(items - *count)) as u32;
            *count += more;
            left -= u64::from(more);
        }
        counts
    }

    pub(super) fn user(&self, rng: &mut ChaCha8Rng) -> User {
        User {
            generous: USER * normal(rng),
            tastes: vector(rng),
        }
    }

    /// An item, by popularity, from 0.
    pub(super) fn popular(&self, rng: &mut ChaCha8Rng) -> u32 {
        let all = self.popularity.last().copied().unwrap_or(0.0);
        let drawn = uniform(rng) * all;
        let place = self.popularity.partition_point(|&sum| sum <= drawn);
        place.min(self.items.len() - 1) as u32
    }

    /// How far the tastes of a user and of an item are the same: about normal.
    fn match_of(&self, user: &User, item: u32) -> f64 {
        let (_, tastes) = &self.items[item as usize];
        user.tastes
            .iter()
            .zip(tastes)
            .map(|(a, b)| f64::from(a * b))
            .sum()
    }

    /// Whether `user`, who has come upon `item`, takes it up.
    pub(super) fn takes_up(&self, user: &User, item: u32, rng: &mut ChaCha8Rng) -> bool {
        uniform(rng) < (CHOICE * (self.match_of(user, item) - IDEAL)).exp()
    }

    /// How `user` likes `item`, before chance: not rounded, and without bounds.
    pub(super) fn liking(&self, user: &User, item: u32) -> f64 {
        let (good, _) = &self.items[item as usize];
        MEAN + user.generous + f64::from(*good) + TASTES * self.match_of(user, item)
    }

    pub(super) fn rating(&self, user: &User, item: u32, rng: &mut ChaCha8Rng) -> u8 {
        let liking = self.liking(user, item) + CHANCE * normal(rng);
        liking.round().clamp(1.0, 5.0) as u8
    }
}
