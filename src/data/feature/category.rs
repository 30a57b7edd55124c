//! Categories: which level gets which slot, as a code or as a column of its own.

use serde::{Deserialize, Serialize};

use super::encoder::Level;
use super::spec::{Encode, Unknown};

/// What the joined slot of rare and unknown levels is called, in more parentheses if a level is called so.
pub const OTHER: &str = "(other)";

/// Gives each level of a category its slot.
///
/// `Native` writes the slot's number, missing as NaN; `OneHot` writes 1 at the slot and 0 elsewhere,
/// missing as 0 everywhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CategoryEncoder {
    /// The form of the output.
    pub encode: Encode,
    /// For each level of the field, in byte order, its slot. Several may share the last one.
    slots: Vec<u32>,
    /// The slot for a level that the dataset does not have; without one it is refused.
    unknown: Option<u32>,
    /// The slot for a missing cell; without one it stays missing.
    missing: Option<u32>,
    /// How many slots there are.
    width: u32,
    /// Whether the last slot joins rare and unknown levels.
    other: bool,
}

impl CategoryEncoder {
    /// Slots for levels, of which `counts` says in how many training rows each is. Levels with fewer
    /// than `min_count` share the slot `other`, and so do unknown ones if they are allowed.
    pub fn fit(encode: Encode, counts: &[u64], min_count: u32, unknown: Unknown) -> Self {
        let is_rare = |&count: &u64| count < u64::from(min_count);
        let own = counts.iter().filter(|count| !is_rare(count)).count() as u32;
        let other = unknown == Unknown::Other || counts.iter().any(&is_rare);
        let mut next = 0..own;
        // A level without a slot of its own gets the one behind the last.
        let slots = counts.iter().map(|count| {
            if is_rare(count) {
                own
            } else {
                next.next().unwrap_or(own)
            }
        });
        Self {
            encode,
            slots: slots.collect(),
            unknown: (unknown == Unknown::Other).then_some(own),
            missing: None,
            width: own + u32::from(other),
            other,
        }
    }

    /// Lets missing cells count as the level at `level` in byte order.
    #[must_use]
    pub fn with_missing_as(mut self, level: usize) -> Self {
        self.missing = self.slots.get(level).copied();
        self
    }

    /// Whether missing cells count as some level.
    pub fn imputes(&self) -> bool {
        self.missing.is_some()
    }

    /// How many numbers one cell becomes.
    pub fn width(&self) -> usize {
        match self.encode {
            Encode::OneHot => self.width as usize,
            _ => 1,
        }
    }

    /// What each slot stands for, given the field's levels in byte order.
    pub fn slot_names(&self, levels: &[String]) -> Vec<String> {
        let mut other = OTHER.to_owned();
        while levels.contains(&other) {
            other = format!("({other})");
        }
        let mut names = vec![other; self.width as usize];
        let own = self.width - u32::from(self.other);
        for (level, &slot) in levels.iter().zip(&self.slots) {
            if slot < own {
                names[slot as usize].clone_from(level);
            }
        }
        names
    }

    /// Whether a level that the dataset does not have has a slot.
    pub(super) fn takes_unknown(&self) -> bool {
        self.unknown.is_some()
    }

    /// Writes a level; one that the dataset does not have only if [`Self::takes_unknown`].
    #[inline]
    pub(super) fn write_level(&self, level: Level, out: &mut [f32]) {
        let slot = match level {
            Level::Missing => None,
            Level::Known(level) => self.slot(Some(level)),
            Level::Unknown => self.slot(None),
        };
        self.write(slot, out);
    }

    /// The slot of the level at `level` in byte order, or of an unknown level (`None`); `None` when an
    /// unknown level is refused.
    pub fn slot(&self, level: Option<usize>) -> Option<u32> {
        match level {
            Some(level) => self.slots.get(level).copied(),
            None => self.unknown,
        }
    }

    /// Writes a slot, or a missing cell (`None`), as numbers.
    ///
    /// `out`: `[width]`.
    pub fn write(&self, slot: Option<u32>, out: &mut [f32]) {
        let slot = slot.or(self.missing);
        match self.encode {
            Encode::OneHot => {
                out.fill(0.0);
                if let Some(slot) = slot {
                    out[slot as usize] = 1.0;
                }
            }
            // A schema has at most 65,536 levels, which 32-bit floats count exactly.
            _ => out[0] = slot.map_or(f32::NAN, |slot| slot as f32),
        }
    }

    /// Whether this fits a field with so many levels: what is read back from a bundle is checked once,
    /// so that nothing needs to be checked in use.
    pub fn is_sound(&self, levels: usize) -> bool {
        let named = self.slots.iter().chain(&self.unknown).chain(&self.missing);
        matches!(self.encode, Encode::Native | Encode::OneHot)
            && self.slots.len() == levels
            && self.width as usize <= levels + 1
            && (self.width > 0 || !self.other)
            && named.into_iter().all(|&slot| slot < self.width)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rare_and_unknown_levels_share_a_slot() {
        let encoder = CategoryEncoder::fit(Encode::OneHot, &[5, 1, 7, 0], 2, Unknown::Other);
        let levels = ["a", "b", "c", "d"].map(str::to_owned);
        assert_eq!(encoder.slot_names(&levels), ["a", "c", OTHER]);
        let slots = [Some(0), Some(1), Some(2), Some(3), None].map(|level| encoder.slot(level));
        assert_eq!(slots, [Some(0), Some(2), Some(1), Some(2), Some(2)]);
        assert!(encoder.is_sound(4) && !encoder.is_sound(3));
    }

    #[test]
    fn without_rare_or_unknown_levels_there_is_no_other() {
        let encoder = CategoryEncoder::fit(Encode::OneHot, &[5, 1], 1, Unknown::Error);
        assert_eq!(encoder.slot_names(&["a".into(), "b".into()]), ["a", "b"]);
        assert_eq!(encoder.slot(None), None);
    }

    #[test]
    fn a_missing_cell_stays_missing_unless_a_level_stands_for_it() {
        let native = CategoryEncoder::fit(Encode::Native, &[3, 3], 0, Unknown::Error);
        let mut out = [0.0];
        native.write(None, &mut out);
        assert!(out[0].is_nan());
        native.with_missing_as(1).write(None, &mut out);
        assert_eq!(out, [1.0]);
        let one_hot = CategoryEncoder::fit(Encode::OneHot, &[3, 3], 1, Unknown::Error);
        let mut out = [9.0; 2];
        one_hot.write(None, &mut out);
        assert_eq!(out, [0.0, 0.0]);
        one_hot.write(Some(1), &mut out);
        assert_eq!(out, [0.0, 1.0]);
    }
}
