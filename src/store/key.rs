//! Keys as bytes whose order is the order of the values.
//!
//! Every key has a fixed width, so a tuple is the concatenation of its parts and the leading parts
//! of a tuple are a prefix of its bytes: one range finds all rows of a run. Keys stand unencrypted
//! in the file, so they are numbers, times, random ids and [`NameHash`]es, never a user's text.

use std::cmp::Reverse;

use crate::base::{ContentId, DatasetId, ExperimentId, JobId, ModelId, RunId, Time};

/// A value that can be a key, or a part of one.
///
/// For all `a` and `b`: `a < b` exactly when `encode(a) < encode(b)` byte by byte, and `decode`
/// gives back what `encode` took.
pub trait Key: Sized {
    /// How many bytes every value has.
    const WIDTH: usize;

    /// Appends the `WIDTH` bytes of the value.
    fn encode(&self, out: &mut Vec<u8>);

    /// The value with these `WIDTH` bytes; `None` when no value has them.
    fn decode(bytes: &[u8]) -> Option<Self>;

    /// The bytes of the value.
    fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(Self::WIDTH);
        self.encode(&mut bytes);
        bytes
    }
}

/// Says that `P` is the leading part of the key.
pub trait StartsWith<P: Key>: Key {}

/// A user's name as a key: 16 bytes that show neither the name nor, to who lacks the vault, whether
/// a guess is right. Made by [`super::Tx::name_hash`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NameHash([u8; 16]);

impl NameHash {
    pub(super) const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }
}

macro_rules! unsigned_keys {
    ($($type:ty),*) => {$(
        impl Key for $type {
            const WIDTH: usize = size_of::<$type>();

            fn encode(&self, out: &mut Vec<u8>) {
                out.extend_from_slice(&self.to_be_bytes());
            }

            fn decode(bytes: &[u8]) -> Option<Self> {
                bytes.try_into().ok().map(Self::from_be_bytes)
            }
        }
    )*};
}

unsigned_keys!(u8, u32, u64);

impl Key for bool {
    const WIDTH: usize = 1;

    fn encode(&self, out: &mut Vec<u8>) {
        out.push(u8::from(*self));
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [0] => Some(false),
            [1] => Some(true),
            _ => None,
        }
    }
}

/// The sign bit is flipped, so that negative numbers come first.
impl Key for i64 {
    const WIDTH: usize = 8;

    fn encode(&self, out: &mut Vec<u8>) {
        (self.cast_unsigned() ^ (1 << 63)).encode(out);
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        u64::decode(bytes).map(|flipped| (flipped ^ (1 << 63)).cast_signed())
    }
}

impl Key for Time {
    const WIDTH: usize = 8;

    fn encode(&self, out: &mut Vec<u8>) {
        self.as_millis().encode(out);
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        i64::decode(bytes).map(Self::from_millis)
    }
}

impl Key for ExperimentId {
    const WIDTH: usize = 8;

    fn encode(&self, out: &mut Vec<u8>) {
        self.as_number().encode(out);
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        u64::decode(bytes).map(Self::from_number)
    }
}

impl Key for NameHash {
    const WIDTH: usize = 16;

    fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.0);
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }
}

macro_rules! id_keys {
    ($($type:ty: $width:literal),*) => {$(
        impl Key for $type {
            const WIDTH: usize = $width;

            fn encode(&self, out: &mut Vec<u8>) {
                out.extend_from_slice(self.as_bytes());
            }

            fn decode(bytes: &[u8]) -> Option<Self> {
                bytes.try_into().ok().map(Self::from_bytes)
            }
        }
    )*};
}

id_keys!(RunId: 16, JobId: 16, ModelId: 16, DatasetId: 16, ContentId: 32);

/// The greatest first: every bit is flipped. `Reverse<Time>` is how a list shows the newest first.
impl<K: Key> Key for Reverse<K> {
    const WIDTH: usize = K::WIDTH;

    fn encode(&self, out: &mut Vec<u8>) {
        let start = out.len();
        self.0.encode(out);
        for byte in out.iter_mut().skip(start) {
            *byte = !*byte;
        }
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let flipped: Vec<u8> = bytes.iter().map(|byte| !byte).collect();
        K::decode(&flipped).map(Reverse)
    }
}

macro_rules! tuple_key {
    ($($part:ident $index:tt),*) => {
        impl<$($part: Key),*> Key for ($($part,)*) {
            const WIDTH: usize = 0 $(+ $part::WIDTH)*;

            fn encode(&self, out: &mut Vec<u8>) {
                $(self.$index.encode(out);)*
            }

            fn decode(bytes: &[u8]) -> Option<Self> {
                let mut rest = bytes;
                let parts = ($({
                    let (part, tail) = rest.split_at_checked($part::WIDTH)?;
                    rest = tail;
                    $part::decode(part)?
                },)*);
                rest.is_empty().then_some(parts)
            }
        }
    };
}

tuple_key!(A 0, B 1);
tuple_key!(A 0, B 1, C 2);
tuple_key!(A 0, B 1, C 2, D 3);

impl<A: Key, B: Key> StartsWith<A> for (A, B) {}
impl<A: Key, B: Key, C: Key> StartsWith<A> for (A, B, C) {}
impl<A: Key, B: Key, C: Key> StartsWith<(A, B)> for (A, B, C) {}
impl<A: Key, B: Key, C: Key, D: Key> StartsWith<A> for (A, B, C, D) {}
impl<A: Key, B: Key, C: Key, D: Key> StartsWith<(A, B)> for (A, B, C, D) {}
impl<A: Key, B: Key, C: Key, D: Key> StartsWith<(A, B, C)> for (A, B, C, D) {}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::fmt::Debug;

    fn holds_order<K: Key + Ord + Debug + Clone>(a: &K, b: &K) -> Result<(), TestCaseError> {
        prop_assert_eq!(a.to_bytes().cmp(&b.to_bytes()), a.cmp(b));
        for value in [a, b] {
            let bytes = value.to_bytes();
            prop_assert_eq!(bytes.len(), K::WIDTH);
            let decoded = K::decode(&bytes);
            prop_assert_eq!(decoded.as_ref(), Some(value));
            let cut = K::decode(&bytes[1..]);
            prop_assert_eq!(cut, None);
        }
        Ok(())
    }

    proptest! {
        #[test]
        fn numbers_and_times_keep_their_order(a: (u8, u32, u64, i64), b: (u8, u32, u64, i64)) {
            holds_order(&a.0, &b.0)?;
            holds_order(&a.1, &b.1)?;
            holds_order(&a.2, &b.2)?;
            holds_order(&a.3, &b.3)?;
            holds_order(&Time::from_millis(a.3), &Time::from_millis(b.3))?;
            holds_order(&ExperimentId::from_number(a.2), &ExperimentId::from_number(b.2))?;
            // Neighbours differ in one bit or in all, and are rarely drawn.
            holds_order(&a.3, &a.3.wrapping_add(1))?;
            holds_order(&a.3, &a.3.wrapping_neg())?;
        }

        #[test]
        fn ids_keep_their_order(a: [u8; 32], b: [u8; 32], x: [u8; 16], y: [u8; 16]) {
            holds_order(&ContentId::from_bytes(a), &ContentId::from_bytes(b))?;
            holds_order(&RunId::from_bytes(x), &RunId::from_bytes(y))?;
            holds_order(&JobId::from_bytes(x), &JobId::from_bytes(y))?;
            holds_order(&ModelId::from_bytes(x), &ModelId::from_bytes(y))?;
            holds_order(&DatasetId::from_bytes(x), &DatasetId::from_bytes(y))?;
            holds_order(&NameHash::from_bytes(x), &NameHash::from_bytes(y))?;
        }

        #[test]
        fn tuples_and_reversed_parts_keep_their_order(
            a: (bool, i64, u32, bool), b: (bool, i64, u32, bool), same: bool,
        ) {
            // Equal leading parts are what makes the later ones count.
            let b = if same { (a.0, a.1, b.2, b.3) } else { b };
            holds_order(&(a.0, a.1), &(b.0, b.1))?;
            holds_order(&(a.0, Reverse(a.1), a.2), &(b.0, Reverse(b.1), b.2))?;
            holds_order(&(a.0, a.1, Reverse(a.2), a.3), &(b.0, b.1, Reverse(b.2), b.3))?;
        }
    }

    #[test]
    fn bytes_that_no_value_has_are_refused() {
        assert_eq!(bool::decode(&[2]), None);
        assert_eq!(<(bool, u8)>::decode(&[1, 0, 0]), None);
    }
}
