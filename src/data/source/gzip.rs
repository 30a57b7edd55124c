//! Files that are packed by gzip, unpacked as they are read.

use std::fmt;
use std::io::{self, BufReader, Read};

use flate2::bufread::MultiGzDecoder;

/// How every gzip file begins.
pub(super) const MAGIC: &[u8] = b"\x1f\x8b";
/// Packed bytes that are held at a time.
const CHUNK: usize = 64 << 10;

/// What is wrong with a packed file; inside of an [`io::Error`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GzipFault {
    /// It ends in the middle.
    Truncated,
    /// Its bytes or its checksum are not what gzip wrote.
    Damaged,
}

impl fmt::Display for GzipFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Truncated => "the gzip file ends in the middle",
            Self::Damaged => "the gzip file is damaged",
        })
    }
}

impl std::error::Error for GzipFault {}

/// The content of a gzip file, of all its members one after the other.
#[derive(Debug)]
pub struct Gunzip<R: Read>(MultiGzDecoder<BufReader<Watched<R>>>);

impl<R: Read> Gunzip<R> {
    pub(super) fn new(packed: R) -> Self {
        let watched = Watched {
            source: packed,
            has_failed: false,
        };
        Self(MultiGzDecoder::new(BufReader::with_capacity(CHUNK, watched)))
    }
}

impl<R: Read> Read for Gunzip<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer).map_err(|error| {
            if self.0.get_ref().get_ref().has_failed || error.kind() == io::ErrorKind::Interrupted {
                return error;
            }
            let fault = match error.kind() {
                io::ErrorKind::UnexpectedEof => GzipFault::Truncated,
                _ => GzipFault::Damaged,
            };
            io::Error::new(io::ErrorKind::InvalidData, fault)
        })
    }
}

/// Tells a file that cannot be read from one that cannot be unpacked.
#[derive(Debug)]
struct Watched<R> {
    source: R,
    has_failed: bool,
}

impl<R: Read> Read for Watched<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.source.read(buffer);
        self.has_failed = matches!(&read, Err(error) if error.kind() != io::ErrorKind::Interrupted);
        read
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    fn packed(content: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(content).unwrap();
        encoder.finish().unwrap()
    }

    fn unpacked(packed: &[u8]) -> io::Result<Vec<u8>> {
        let mut content = Vec::new();
        Gunzip::new(packed).read_to_end(&mut content)?;
        Ok(content)
    }

    fn fault(packed: &[u8]) -> GzipFault {
        let error = unpacked(packed).unwrap_err();
        *error.get_ref().unwrap().downcast_ref().unwrap()
    }

    #[test]
    fn all_members_are_unpacked_one_after_the_other() {
        let both = [packed(b"x,y\n1,"), packed(b""), packed(b"2\n")].concat();
        assert_eq!(unpacked(&both).unwrap(), b"x,y\n1,2\n");
    }

    #[test]
    fn a_cut_or_changed_file_is_told_as_such_wherever_it_is() {
        let content: Vec<u8> = (0..20_000_u32)
            .flat_map(|i| format!("{},", i * i).into_bytes())
            .collect();
        let whole = packed(&content);
        for length in (3..whole.len()).step_by(997) {
            assert_eq!(fault(&whole[..length]), GzipFault::Truncated, "{length}");
        }
        let mut changed = whole.clone();
        let middle = changed.len() / 2;
        changed[middle] ^= 0x55;
        // Where it leads the unpacking to depends on the byte.
        fault(&changed);
        let mut checksum = whole.clone();
        let length = checksum.len();
        checksum[length - 6] ^= 1;
        assert_eq!(fault(&checksum), GzipFault::Damaged);
        assert_eq!(
            fault(&[whole.as_slice(), b"and more than a header"].concat()),
            GzipFault::Damaged
        );
    }

    #[test]
    fn a_file_that_cannot_be_read_is_no_damaged_one() {
        struct Broken;
        impl Read for Broken {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::Error::other("the disk is gone"))
            }
        }
        let whole = packed(b"x,y\n1,2\n");
        let error = io::copy(&mut Gunzip::new(whole[..12].chain(Broken)), &mut io::sink()).unwrap_err();
        assert_eq!(error.to_string(), "the disk is gone");
    }
}
