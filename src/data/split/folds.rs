//! Which fold tests which row.

use super::{Part, Parts};

/// Which fold tests which row, and which rows it learns from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folds {
    /// For each row the piece that it is in.
    pieces: Vec<u16>,
    folds: usize,
    /// Whether pieces follow each other in time: then a fold learns from the pieces before the one that it tests,
    /// and the first is tested by none; else each piece is tested by the fold that learns from all others.
    in_order: bool,
}

impl Folds {
    /// The most folds.
    pub const MOST: usize = u16::MAX as usize;

    /// Each piece is tested by the fold that learns from all the others.
    pub(super) fn across(pieces: Vec<u16>, folds: usize) -> Self {
        Self {
            pieces,
            folds,
            in_order: false,
        }
    }

    /// Each piece but the first is tested by the fold that learns from those before it.
    pub(super) fn in_order(pieces: Vec<u16>, folds: usize) -> Self {
        Self {
            pieces,
            folds,
            in_order: true,
        }
    }

    /// How many folds there are.
    #[expect(clippy::len_without_is_empty, reason = "there are at least two folds")]
    pub fn len(&self) -> usize {
        self.folds
    }

    /// What each row is for in the fold `fold`, from 0.
    pub fn parts(&self, fold: usize) -> Parts {
        let of = |row: usize| {
            let piece = usize::from(self.pieces[row]);
            match (self.in_order, piece) {
                (false, piece) if piece == fold => Part::Test,
                (false, _) => Part::Train,
                (true, piece) if piece == fold + 1 => Part::Test,
                (true, piece) if piece <= fold => Part::Train,
                (true, _) => Part::Unused,
            }
        };
        Parts::new(self.pieces.len(), of)
    }
}
