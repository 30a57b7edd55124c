//! A stream of bytes cut into lines, in bounded memory.

use bytes::{Bytes, BytesMut};

/// The longest line: a row of ten thousand numbers is a fifth of it.
pub(super) const MAX_LINE: usize = 1 << 20;

/// One line, without its end.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line {
    /// The line.
    Whole(Bytes),
    /// One of more than [`MAX_LINE`] bytes, which was passed over.
    TooLong,
}

/// Cuts what arrives into lines; of what has not ended it holds [`MAX_LINE`] bytes and a piece at most.
#[derive(Debug, Default)]
pub(super) struct Lines {
    rest: BytesMut,
    /// So many bytes of `rest` are without a line's end.
    seen: usize,
    /// Whether the line that arrives is too long already.
    is_passing: bool,
    has_ended: bool,
}

impl Lines {
    /// Takes what arrived.
    pub(super) fn push(&mut self, piece: &[u8]) {
        self.rest.extend_from_slice(piece);
    }

    /// Nothing more arrives: what is left is a line, also without an end.
    pub(super) fn end(&mut self) {
        self.has_ended = true;
    }

    /// The next line that is whole. Blank ones are none.
    pub(super) fn next(&mut self) -> Option<Line> {
        loop {
            let end = self.rest[self.seen..].iter().position(|byte| *byte == b'\n');
            let line = match end {
                Some(end) => {
                    let line = self.rest.split_to(self.seen + end + 1);
                    self.seen = 0;
                    line
                }
                None if self.has_ended && (self.is_passing || !self.rest.is_empty()) => {
                    self.seen = 0;
                    self.rest.split()
                }
                None => {
                    self.seen = self.rest.len();
                    if self.seen > MAX_LINE {
                        self.is_passing = true;
                        self.rest.clear();
                        self.seen = 0;
                    }
                    return None;
                }
            };
            if std::mem::take(&mut self.is_passing) || line.len() > MAX_LINE + 1 {
                return Some(Line::TooLong);
            }
            let line = line.freeze();
            let trimmed = line.trim_ascii();
            if !trimmed.is_empty() {
                return Some(Line::Whole(line.slice_ref(trimmed)));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(pieces: &[&[u8]]) -> Vec<Line> {
        let mut lines = Lines::default();
        let mut found = Vec::new();
        for piece in pieces {
            lines.push(piece);
            found.extend(std::iter::from_fn(|| lines.next()));
            assert!(lines.rest.len() <= MAX_LINE, "what is held is bounded");
        }
        lines.end();
        found.extend(std::iter::from_fn(|| lines.next()));
        found
    }

    fn whole(text: &str) -> Line {
        Line::Whole(Bytes::copy_from_slice(text.as_bytes()))
    }

    #[test]
    fn lines_are_the_same_however_they_arrive() {
        let text = b"[1]\r\n\n  {\"x\": 2} \n \n[3]";
        let expected = [whole("[1]"), whole("{\"x\": 2}"), whole("[3]")];
        assert_eq!(cut(&[text]), expected);
        let bytes: Vec<&[u8]> = text.chunks(1).collect();
        assert_eq!(cut(&bytes), expected);
        assert_eq!(cut(&[]), []);
        assert_eq!(cut(&[b"\n\r\n"]), []);
    }

    #[test]
    fn a_line_that_is_too_long_is_passed_over_and_those_behind_it_are_read() {
        let long = vec![b'1'; 400_000];
        let pieces: Vec<&[u8]> = vec![b"[0]\n", &long, &long, &long, &long, b"\n[2]\n"];
        assert_eq!(cut(&pieces), [whole("[0]"), Line::TooLong, whole("[2]")]);
        let last: Vec<&[u8]> = vec![&long, &long, &long];
        assert_eq!(cut(&last), [Line::TooLong]);
        let at_once = [b"x".repeat(MAX_LINE + 1), b"\n[1]".to_vec()].concat();
        assert_eq!(cut(&[&at_once]).last(), Some(&whole("[1]")));
    }
}
