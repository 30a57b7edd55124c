//! What each user has had.

use super::ratings::Interactions;

/// The items of each user, ascending.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Seen {
    /// Where each user's items begin, and where the last one's end: `[users + 1]`.
    offsets: Vec<usize>,
    items: Vec<u32>,
}

impl Seen {
    pub(super) fn of(ratings: &Interactions) -> Self {
        let users = (0..ratings.users()).map(|user| ratings.by_user.row(user).0);
        let mut seen = Self {
            offsets: vec![0],
            items: Vec::with_capacity(ratings.len()),
        };
        for items in users {
            seen.items.extend_from_slice(items);
            seen.offsets.push(seen.items.len());
        }
        seen
    }

    /// What [`Seen::counts`] and [`Seen::items`] gave; none where that is not what they give.
    pub(super) fn from_parts(counts: &[u32], items: Vec<u32>) -> Option<Self> {
        let mut offsets = vec![0];
        let mut end = 0_usize;
        for &count in counts {
            end = end
                .checked_add(count as usize)
                .filter(|end| *end <= items.len())?;
            offsets.push(end);
        }
        let seen = Self { offsets, items };
        let ascend = |user| seen.of_user(user).is_sorted_by(|before, after| before < after);
        (end == seen.items.len() && (0..counts.len() as u32).all(ascend)).then_some(seen)
    }

    /// How many items each user has had.
    pub(super) fn counts(&self) -> impl Iterator<Item = u32> {
        self.offsets.windows(2).map(|ends| (ends[1] - ends[0]) as u32)
    }

    /// The items of one user after the other.
    pub(super) fn items(&self) -> &[u32] {
        &self.items
    }

    pub(super) fn users(&self) -> usize {
        self.offsets.len() - 1
    }

    /// The items of a user, ascending; nothing where there is no such user.
    pub(super) fn of_user(&self, user: u32) -> &[u32] {
        let user = user as usize;
        match (self.offsets.get(user), self.offsets.get(user + 1)) {
            (Some(&from), Some(&to)) => &self.items[from..to],
            _ => &[],
        }
    }

    /// How many users have had each of `items` items; none where one has had an item that is none of them.
    pub(super) fn popularity(&self, items: usize) -> Option<Vec<u32>> {
        let mut counts = vec![0; items];
        for &item in &self.items {
            *counts.get_mut(item as usize)? += 1;
        }
        Some(counts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_users_have_had_reads_back_and_nonsense_does_not() {
        let ratings = Interactions::new(3, 4, &[(2, 3, 1.0), (0, 2, 1.0), (2, 0, 1.0)]).unwrap();
        let seen = Seen::of(&ratings);
        let counts: Vec<u32> = seen.counts().collect();
        assert_eq!((&*counts, seen.items()), (&[1, 0, 2][..], &[2, 0, 3][..]));
        assert_eq!(seen.of_user(2), [0, 3]);
        assert_eq!(seen.of_user(3), [0_u32; 0]);
        assert_eq!(seen.popularity(4), Some(vec![1, 0, 1, 1]));
        assert_eq!(seen.popularity(3), None);
        assert_eq!(Seen::from_parts(&counts, seen.items().to_vec()), Some(seen));
        for (counts, items) in [
            (vec![1, 0, 3], vec![2, 0, 3]),
            (vec![1, 0, 1], vec![2, 0, 3]),
            (vec![1, 0, 2], vec![2, 3, 0]),
            (vec![1, 0, 2], vec![2, 3, 3]),
            (vec![u32::MAX, u32::MAX], vec![2]),
        ] {
            assert_eq!(Seen::from_parts(&counts, items), None);
        }
    }
}
