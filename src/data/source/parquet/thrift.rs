//! As much of Thrift's compact protocol as it takes to look into Parquet's headers before they are believed.

/// Why a structure cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// It goes on behind the bytes that are there.
    Short,
    /// It is no structure of the compact protocol.
    Damaged,
}

/// How deep structures may be nested.
const DEPTH: usize = 16;

/// Reads one structure after the other from bytes.
pub(super) struct Compact<'a> {
    bytes: &'a [u8],
    at: usize,
}

/// The type of a field's value, as it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Kind(u8);

impl Kind {
    const DOUBLE: u8 = 7;
    const STRUCT: u8 = 12;

    pub(super) fn is_struct(self) -> bool {
        self.0 == Self::STRUCT
    }

    /// Whether it is a whole number of 16, 32 or 64 bits.
    pub(super) fn is_number(self) -> bool {
        (4..=6).contains(&self.0)
    }
}

impl<'a> Compact<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// How many bytes were read.
    pub(super) fn position(&self) -> usize {
        self.at
    }

    /// Reads a structure: calls `field` with each field's number and type, which reads or skips its value.
    pub(super) fn structure(
        &mut self,
        mut field: impl FnMut(&mut Self, i64, Kind) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let mut id = 0;
        loop {
            let head = self.byte()?;
            if head == 0 {
                return Ok(());
            }
            id = match head >> 4 {
                0 => self.number()?,
                delta => id + i64::from(delta),
            };
            field(self, id, Kind(head & 0x0f))?;
        }
    }

    /// A whole number.
    pub(super) fn number(&mut self) -> Result<i64, Fault> {
        let zigzag = self.varint()?;
        Ok((zigzag >> 1) as i64 ^ -((zigzag & 1) as i64))
    }

    /// Passes over a value.
    pub(super) fn skip(&mut self, kind: Kind) -> Result<(), Fault> {
        self.skip_within(kind, DEPTH)
    }

    fn skip_within(&mut self, kind: Kind, depth: usize) -> Result<(), Fault> {
        let depth = depth.checked_sub(1).ok_or(Fault::Damaged)?;
        match kind.0 {
            // A field's truth value is in its type.
            1 | 2 => Ok(()),
            3 => self.pass(1),
            4..=6 => self.varint().map(drop),
            Kind::DOUBLE => self.pass(8),
            8 => {
                let length = self.varint()?;
                self.pass(usize::try_from(length).map_err(|_| Fault::Damaged)?)
            }
            9 | 10 => {
                let head = self.byte()?;
                let entries = match head >> 4 {
                    15 => self.varint()?,
                    entries => u64::from(entries),
                };
                self.skip_entries(entries, Kind(head & 0x0f), depth)
            }
            11 => match self.varint()? {
                0 => Ok(()),
                entries => {
                    let kinds = self.byte()?;
                    for _ in 0..entries {
                        self.skip_entries(1, Kind(kinds >> 4), depth)?;
                        self.skip_entries(1, Kind(kinds & 0x0f), depth)?;
                    }
                    Ok(())
                }
            },
            Kind::STRUCT => self.structure(|inner, _, kind| inner.skip_within(kind, depth)),
            _ => Err(Fault::Damaged),
        }
    }

    fn skip_entries(&mut self, entries: u64, kind: Kind, depth: usize) -> Result<(), Fault> {
        for _ in 0..entries {
            // In a list a truth value is a byte. So no entry is empty, and no number of them goes on for ever.
            match kind.0 {
                1 | 2 => self.pass(1)?,
                _ => self.skip_within(kind, depth)?,
            }
        }
        Ok(())
    }

    fn varint(&mut self) -> Result<u64, Fault> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(Fault::Damaged)
    }

    fn byte(&mut self) -> Result<u8, Fault> {
        let byte = *self.bytes.get(self.at).ok_or(Fault::Short)?;
        self.at += 1;
        Ok(byte)
    }

    fn pass(&mut self, bytes: usize) -> Result<(), Fault> {
        let end = self.at.checked_add(bytes).ok_or(Fault::Damaged)?;
        if end > self.bytes.len() {
            return Err(Fault::Short);
        }
        self.at = end;
        Ok(())
    }
}
