use std::collections::HashMap;

use super::*;
use crate::data::content::ContentHasher;
use crate::data::source::{CsvBatches, CsvOptions, scan};

fn ratings(rows: u64, users: u64, items: u64, seed: u64) -> Vec<Rating> {
    let ratings = Ratings::new(rows, users, items, Seed::new(seed)).unwrap();
    ratings.by_user().flatten().collect()
}

/// The mean squared distance of ratings from what `expected` says.
fn error(ratings: &[Rating], expected: impl Fn(&Rating) -> f64) -> f64 {
    let squares = ratings
        .iter()
        .map(|rating| (f64::from(rating.rating) - expected(rating)).powi(2));
    squares.sum::<f64>() / ratings.len() as f64
}

fn means(ratings: &[Rating], key: fn(&Rating) -> u32) -> HashMap<u32, f64> {
    let mut sums = HashMap::<u32, (f64, f64)>::new();
    for rating in ratings {
        let (sum, count) = sums.entry(key(rating)).or_default();
        *sum += f64::from(rating.rating);
        *count += 1.0;
    }
    sums.into_iter()
        .map(|(key, (sum, count))| (key, sum / count))
        .collect()
}

#[test]
fn every_pair_comes_once_and_there_are_as_many_rows_as_asked_for() {
    for (rows, users, items) in [
        (20_000, 400, 300),
        (1, 1, 1),
        (600, 20, 30),
        (599, 20, 30),
        (50, 1000, 7),
    ] {
        let ratings = ratings(rows, users, items, 7);
        assert_eq!(ratings.len() as u64, rows);
        let pairs: HashSet<_> = ratings.iter().map(|rating| (rating.user, rating.item)).collect();
        assert_eq!(pairs.len() as u64, rows);
        for rating in &ratings {
            assert!((1..=users).contains(&u64::from(rating.user)));
            assert!((1..=items).contains(&u64::from(rating.item)));
            assert!((1..=5).contains(&rating.rating));
        }
    }
}

#[test]
fn the_seed_alone_says_which_rows_there_are() {
    assert_eq!(ratings(3_000, 100, 200, 1), ratings(3_000, 100, 200, 1));
    assert_ne!(ratings(3_000, 100, 200, 1), ratings(3_000, 100, 200, 2));
}

#[test]
fn few_items_have_most_of_the_ratings() {
    let ratings = ratings(50_000, 2_000, 1_000, 3);
    let mut counts = HashMap::<u32, usize>::new();
    ratings
        .iter()
        .for_each(|rating| *counts.entry(rating.item).or_default() += 1);
    let mut counts: Vec<_> = counts.into_values().collect();
    counts.sort_unstable_by(|a, b| b.cmp(a));
    let tenth: usize = counts.iter().take(100).sum();
    assert!(tenth as f64 > 0.25 * ratings.len() as f64, "{tenth}");
}

#[test]
fn items_users_and_tastes_each_explain_their_part() {
    let (users, items, seed) = (1_000, 300, Seed::new(5));
    let ratings = ratings(60_000, u64::from(users), u64::from(items), 5);
    let mean = ratings.iter().map(|rating| f64::from(rating.rating)).sum::<f64>() / ratings.len() as f64;
    let total = error(&ratings, |_| mean);
    let (by_item, by_user) = (
        means(&ratings, |rating| rating.item),
        means(&ratings, |rating| rating.user),
    );
    let of_items = error(&ratings, |rating| by_item[&rating.item]);
    let of_both = error(&ratings, |rating| {
        by_item[&rating.item] + by_user[&rating.user] - mean
    });
    let world = World::new(users, items, seed);
    let likers: Vec<_> = (1..=users)
        .map(|user| world.user(&mut seed.derive("ratings user", u64::from(user)).rng()))
        .collect();
    let of_tastes = error(&ratings, |rating| {
        world
            .liking(&likers[rating.user as usize - 1], rating.item - 1)
            .clamp(1.0, 5.0)
    });
    // Of a variance of 0.35² + 0.45² + 0.7² + 0.5² (and 1/12 of rounding) the items are about a sixth, the users
    // a tenth, the tastes four tenths, and the rest is chance; the bounds at 1 and 5 take some of each.
    assert!(
        of_items < 0.9 * total && of_items > 0.7 * total,
        "{of_items} of {total}"
    );
    assert!(of_both < 0.95 * of_items, "{of_both} of {of_items}");
    assert!(of_tastes < 0.65 * of_both, "{of_tastes} of {of_both}");
    assert!((0.2..0.45).contains(&of_tastes), "{of_tastes}");
}

#[test]
fn the_text_and_the_tables_say_the_same() {
    let ratings = Ratings::new(3_000, 50, 100, Seed::new(3)).unwrap();
    let mut csv = Vec::new();
    let mut last = 0;
    ratings
        .write_csv(&mut csv, &mut |rows| last = rows, &Stop::new())
        .unwrap();
    assert_eq!(last, 3_000);
    let options = CsvOptions::default();
    let scanned = scan("r.csv", csv.as_slice(), &options).unwrap();
    assert_eq!((scanned.rows, &scanned.schema), (3_000, &schema().unwrap()));
    let schema = Arc::new(scanned.schema);
    let mut from_text = ContentHasher::new(schema.clone());
    for batch in CsvBatches::new("r.csv", csv.as_slice(), &options, schema.clone(), 999).unwrap() {
        from_text.update(&batch.unwrap()).unwrap();
    }
    let mut from_tables = ContentHasher::new(schema);
    for batch in ratings.batches(500).unwrap() {
        from_tables.update(&batch.unwrap()).unwrap();
    }
    assert_eq!(from_text.finish(), from_tables.finish());
}

#[test]
fn what_cannot_be_is_refused_and_a_stop_is_heard() {
    let new = |rows, users, items| {
        Ratings::new(rows, users, items, Seed::new(1))
            .unwrap_err()
            .to_string()
    };
    assert_eq!(new(10, 0, 5), "expected 1 to 1000000 users, got 0");
    assert_eq!(new(10, 5, 2_000_000), "expected 1 to 1000000 items, got 2000000");
    assert_eq!(
        new(31, 5, 6),
        "5 users rate 6 items at most 30 times, once each; 31 rows are too many"
    );
    let stop = Stop::new();
    stop.ask();
    let ratings = Ratings::new(100, 10, 20, Seed::new(1)).unwrap();
    let end = ratings.write_csv(&mut std::io::sink(), &mut |_| {}, &stop);
    assert!(matches!(end, Err(GenerateError::Stopped { rows: 0 })));
}
