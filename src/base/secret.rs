//! Bytes that must not leak: never printed, wiped when dropped.

use std::fmt;

use zeroize::Zeroize;

/// A secret; prints as `***` and overwrites its memory when it is dropped.
#[derive(Clone)]
pub struct Secret<T: Zeroize>(T);

impl<T: Zeroize> Secret<T> {
    /// Keeps `value` secret from here on.
    pub fn new(value: T) -> Self {
        Self(value)
    }

    /// The value itself; named so that every use is found by a search.
    pub fn expose(&self) -> &T {
        &self.0
    }
}

impl<T: Zeroize> fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl<T: Zeroize> Drop for Secret<T> {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_prints_as_stars() {
        assert_eq!(format!("{:?}", Secret::new([7_u8; 32])), "***");
    }
}
