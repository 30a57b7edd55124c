//! Whether a value comes twice.

use std::collections::HashSet;

/// There are more different values than are told apart.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "whether \"{column}\" is unique cannot be told: of all columns together, {limit} different values are kept to \
     tell; check fewer rows, or where they are in order expect monotone = \"strictly_increasing\""
)]
pub struct TooManyToTellApart {
    /// The column.
    pub column: String,
    /// The most values that are kept.
    pub limit: u64,
}

/// Values that came already: numbers and codes by themselves, texts by 64 bits of BLAKE3. Among fifty million
/// texts, two that differ are taken for one with a probability of 0.0001.
#[derive(Debug, Clone, Default)]
pub(super) struct Seen {
    once: HashSet<u64>,
    twice: HashSet<u64>,
}

impl Seen {
    /// The most values that are kept, of all columns together. A set of them takes 0.6 GB, and half as much
    /// again while it grows into that.
    pub(super) const LIMIT: u64 = 58_700_000;

    /// Takes in a value. Gives how many cells it shows to be repeated: all of them count, the first as well. None
    /// when `room`, which all columns share, is used up.
    pub(super) fn see(&mut self, value: u64, room: &mut u64) -> Option<u64> {
        if self.once.contains(&value) {
            if self.twice.contains(&value) {
                return Some(1);
            }
            *room = room.checked_sub(1)?;
            self.twice.insert(value);
            return Some(2);
        }
        *room = room.checked_sub(1)?;
        self.once.insert(value);
        Some(0)
    }
}

/// A text as the number that it is remembered by.
pub(super) fn short_hash(text: &str) -> u64 {
    let mut short = [0; 8];
    short.copy_from_slice(&blake3::hash(text.as_bytes()).as_bytes()[..8]);
    u64::from_le_bytes(short)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cell_of_a_repeated_value_counts_until_there_is_no_room() {
        let (mut seen, mut room) = (Seen::default(), 4);
        let counts: Vec<_> = [7, 8, 7, 7, 9, 8]
            .map(|value| seen.see(value, &mut room))
            .to_vec();
        assert_eq!(counts, [Some(0), Some(0), Some(2), Some(1), Some(0), None]);
    }
}
