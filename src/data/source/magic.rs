//! Files that are no text, by their first bytes.

/// How files of other formats start.
const OTHER_FORMATS: [(&[u8], &str); 16] = [
    (b"\x1f\x8b", "a gzip file"),
    (b"PK\x03\x04", "a ZIP or Excel file"),
    (b"PAR1", "a Parquet file"),
    (b"PARE", "a Parquet file"),
    (b"%PDF", "a PDF document"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard file"),
    (b"BZh", "a bzip2 file"),
    (b"\xfd7zXZ\x00", "an xz file"),
    (b"SQLite format 3\x00", "an SQLite database"),
    (b"ARROW1", "an Arrow file"),
    (b"Obj\x01", "an Avro file"),
    (b"\x89HDF", "an HDF5 file"),
    (b"\xd0\xcf\x11\xe0", "an old Excel file"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xfe", "UTF-16 text"),
    (b"\xfe\xff", "UTF-16 text"),
];

/// What a file is that begins with `head`, if that is no text.
pub(super) fn other_format(head: &[u8]) -> Option<&'static str> {
    let known = OTHER_FORMATS.iter().find(|(magic, _)| head.starts_with(magic));
    known.map(|(_, format)| *format)
}
