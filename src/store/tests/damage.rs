//! Stored bytes that are not those that were written: a clear error, never wrong bytes.

use super::*;

/// What reading gives: the content, or an error that says that it is not to be had.
fn read(store: &Store, blob: &BlobAddress) -> Result<Vec<u8>, StoreError> {
    match store.blobs().get_blocking(blob, 1 << 30) {
        Err(error @ (StoreError::Damaged { .. } | StoreError::BlobUnknown { .. })) => Err(error),
        Err(error) => panic!("{error}"),
        Ok(content) => Ok(content),
    }
}

#[test]
fn a_flipped_bit_anywhere_in_a_blob_is_found() {
    let store = memory();
    let content = b"weights weights weights weights weights and a little more".repeat(3);
    let blob = store.blobs().put_blocking(&content).unwrap();
    let mut flipped = 0;
    for table in ["blobs", CHUNKS] {
        let rows = stored(&store, table);
        assert_eq!(rows.len(), 1);
        for (key, value) in rows {
            for at in 0..value.len() {
                let mut changed = value.clone();
                changed[at] ^= 1 << (at % 8);
                overwrite(&store, table, &key, &changed);
                assert!(read(&store, &blob).is_err(), "{table} at {at}");
                flipped += 1;
            }
            for length in 0..value.len() {
                overwrite(&store, table, &key, &value[..length]);
                assert!(read(&store, &blob).is_err(), "{table} cut to {length}");
            }
            overwrite(&store, table, &key, &value);
        }
    }
    assert!(flipped > 150, "{flipped}");
    assert_eq!(read(&store, &blob).unwrap(), content);
}

#[test]
fn a_swapped_missing_or_foreign_chunk_is_found() {
    let store = memory();
    let content = noise(1, 1_000_000);
    let blob = store.blobs().put_blocking(&content).unwrap();
    let rows = stored(&store, CHUNKS);
    assert_eq!(rows.len(), 4);
    let restore = |rows: &[(Vec<u8>, Vec<u8>)]| {
        rows.iter()
            .for_each(|(key, value)| overwrite(&store, CHUNKS, key, value));
    };
    for one in 0..4 {
        for other in 0..4 {
            if one != other {
                overwrite(&store, CHUNKS, &rows[one].0, &rows[other].1);
                overwrite(&store, CHUNKS, &rows[other].0, &rows[one].1);
                assert!(
                    matches!(read(&store, &blob), Err(StoreError::Damaged { .. })),
                    "{one} and {other}"
                );
                restore(&rows);
            }
        }
        remove(&store, CHUNKS, &rows[one].0);
        assert!(
            matches!(read(&store, &blob), Err(StoreError::Damaged { .. })),
            "without {one}"
        );
        restore(&rows);
    }
    // The same place in another blob.
    store.blobs().put_blocking(&noise(2, 1_000_000)).unwrap();
    for (key, value) in stored(&store, CHUNKS) {
        if !rows.iter().any(|(ours, _)| *ours == key) {
            let place = rows.iter().position(|(ours, _)| ours[16..] == key[16..]).unwrap();
            overwrite(&store, CHUNKS, &rows[place].0, &value);
            assert!(
                matches!(read(&store, &blob), Err(StoreError::Damaged { .. })),
                "foreign {place}"
            );
            restore(&rows);
        }
    }
    assert_eq!(read(&store, &blob).unwrap(), content);
}

#[test]
fn a_manifest_answers_for_its_own_address_alone() {
    let store = memory();
    let one = store.blobs().put_blocking(b"one").unwrap();
    let two = store.blobs().put_blocking(b"two").unwrap();
    let rows = stored(&store, "blobs");
    overwrite(&store, "blobs", &rows[0].0, &rows[1].1);
    overwrite(&store, "blobs", &rows[1].0, &rows[0].1);
    for blob in [one, two] {
        assert!(matches!(read(&store, &blob), Err(StoreError::Damaged { .. })));
    }
}

/// A seeded walk over the whole file of a closed store: whatever a bit flips, what is read is right or refused.
#[test]
fn a_flipped_bit_anywhere_in_the_file_never_gives_wrong_bytes() {
    let place = tempfile::tempdir().unwrap();
    let store = folder(place.path()).unwrap();
    let content = noise(1, 300_000);
    let blob = store.blobs().put_blocking(&content).unwrap();
    store.write_blocking(move |tx| tx.adopt(&blob)).unwrap();
    put(&store, 1, "a row").unwrap();
    store.close_blocking();
    let file = place.path().join(DATABASE_FILE);
    let whole = std::fs::read(&file).unwrap();
    let mut refused = 0;
    for draw in noise(9, 8 * 60).chunks_exact(8) {
        let at = usize::try_from(u64::from_le_bytes(draw.try_into().unwrap()) % whole.len() as u64).unwrap();
        let mut changed = whole.clone();
        changed[at] ^= 0x10;
        std::fs::write(&file, changed).unwrap();
        let Ok(store) = folder(place.path()) else {
            refused += 1;
            continue;
        };
        match store.blobs().get_blocking(&blob, 1 << 20) {
            Ok(read) => assert!(read == content, "wrong bytes after a flip at {at}"),
            Err(_) => refused += 1,
        }
        match store.read_blocking(|tx| NOTES.get(tx, &1)) {
            Ok(Some(row)) => assert_eq!(row, note("a row"), "a wrong row after a flip at {at}"),
            Ok(None) | Err(_) => refused += 1,
        }
    }
    assert!(refused > 5, "the flips hit something: {refused}");
}
