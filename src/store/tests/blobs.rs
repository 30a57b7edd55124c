//! Blobs: whole, once, and as long as somebody needs them.

use std::io::{Read, Write};

use super::*;
use crate::store::blob::refs;

fn adopt(store: &Store, blob: BlobAddress) -> Result<(), StoreError> {
    store.write_blocking(move |tx| tx.adopt(&blob))
}

fn release(store: &Store, blob: BlobAddress) -> Result<(), StoreError> {
    store.write_blocking(move |tx| tx.release(&blob))
}

fn refs_of(store: &Store, blob: BlobAddress) -> Option<u32> {
    store.read_blocking(|tx| refs::count(tx, &blob)).unwrap()
}

fn chunks(store: &Store) -> usize {
    stored(store, CHUNKS).len()
}

fn is_empty(store: &Store) -> bool {
    chunks(store) == 0 && stored(store, "blobs").is_empty() && stored(store, "pending-blobs").is_empty()
}

#[test]
fn every_length_comes_back_whole() {
    let store = memory();
    let page = 1 << 18;
    for length in [0, 1, 1000, page - 600, page - 528, page, 3_000_000] {
        for content in [noise(length as u64, length), vec![b'z'; length]] {
            let blob = store.blobs().put_blocking(&content).unwrap();
            assert_eq!(
                store.blobs().get_blocking(&blob, length as u64).unwrap(),
                content,
                "{length}"
            );
            assert_eq!(store.blobs().reader(&blob).unwrap().length(), length as u64);
        }
    }
}

#[test]
fn a_stream_of_small_pieces_is_the_same_blob() {
    let store = memory();
    let content = noise(1, 1_000_000);
    let mut writer = store.blobs().writer().unwrap();
    for piece in content.chunks(777) {
        writer.write_all(piece).unwrap();
    }
    let blob = writer.finish().unwrap();
    assert!(chunks(&store) > 3);
    let mut reader = store.blobs().reader(&blob).unwrap();
    let mut read = Vec::new();
    let mut piece = [0; 333];
    loop {
        match reader.read(&mut piece).unwrap() {
            0 => break,
            length => read.extend_from_slice(&piece[..length]),
        }
    }
    assert!(read == content);
    assert_eq!(store.blobs().put_blocking(&content).unwrap(), blob);
}

#[test]
fn no_stored_chunk_is_longer_than_its_page_takes() {
    let store = memory();
    store.blobs().put_blocking(&noise(1, 2_000_000)).unwrap();
    let lengths: Vec<_> = stored(&store, CHUNKS)
        .iter()
        .map(|(_, chunk)| chunk.len())
        .collect();
    assert_eq!(lengths.len(), 8);
    assert!(
        lengths[..7].iter().all(|length| *length == (1 << 18) - 512),
        "{lengths:?}"
    );
}

#[test]
fn equal_content_is_stored_once() {
    let store = memory();
    let content = noise(1, 700_000);
    let blob = store.blobs().put_blocking(&content).unwrap();
    let stored_once = chunks(&store);
    assert_eq!(store.blobs().put_blocking(&content).unwrap(), blob);
    let mut writer = store.blobs().writer().unwrap();
    writer.write_all(&content).unwrap();
    assert_eq!(writer.finish().unwrap(), blob);
    eventually("the second copy is swept", || chunks(&store) == stored_once);
    assert_eq!(store.blobs().get_blocking(&blob, 1 << 20).unwrap(), content);
    let other = memory();
    assert_ne!(
        other.blobs().put_blocking(&content).unwrap(),
        blob,
        "addresses are the store's own"
    );
}

#[test]
fn a_blob_goes_with_the_last_row_that_needs_it() {
    let store = memory();
    let blob = store.blobs().put_blocking(&noise(1, 700_000)).unwrap();
    assert_eq!(refs_of(&store, blob), Some(0));
    adopt(&store, blob).unwrap();
    adopt(&store, blob).unwrap();
    assert_eq!(refs_of(&store, blob), Some(2));
    release(&store, blob).unwrap();
    store.blobs().get_blocking(&blob, 1 << 20).unwrap();
    release(&store, blob).unwrap();
    assert!(matches!(
        store.blobs().get_blocking(&blob, 1 << 20),
        Err(StoreError::BlobUnknown { .. })
    ));
    assert!(matches!(adopt(&store, blob), Err(StoreError::BlobUnknown { .. })));
    eventually("its chunks are swept", || is_empty(&store));
}

#[test]
fn a_blob_that_is_put_again_outlives_the_rows_that_had_it() {
    let store = memory();
    let first = store.blobs().put_blocking(b"content").unwrap();
    adopt(&store, first).unwrap();
    let again = store.blobs().put_blocking(b"content").unwrap();
    release(&store, first).unwrap();
    adopt(&store, again).unwrap();
    assert_eq!(refs_of(&store, again), Some(1));
    release(&store, again).unwrap();
    eventually("its chunks are swept", || is_empty(&store));
}

#[test]
fn releasing_what_no_row_needs_is_refused() {
    let store = memory();
    let blob = store.blobs().put_blocking(b"content").unwrap();
    assert!(matches!(
        release(&store, blob),
        Err(StoreError::BlobNotAdopted { .. })
    ));
    adopt(&store, blob).unwrap();
}

#[test]
fn an_adoption_in_a_failed_transaction_is_none() {
    let store = memory();
    let blob = store.blobs().put_blocking(b"content").unwrap();
    let failed = store.write_blocking(move |tx| {
        tx.adopt(&blob)?;
        Err::<(), _>(StoreError::Closed)
    });
    assert!(failed.is_err());
    assert_eq!(refs_of(&store, blob), Some(0));
}

#[test]
fn a_writer_that_is_dropped_leaves_nothing() {
    let store = memory();
    let mut writer = store.blobs().writer().unwrap();
    writer.write_all(&noise(1, 2_000_000)).unwrap();
    assert!(chunks(&store) > 1);
    drop(writer);
    eventually("its chunks are swept", || is_empty(&store));
}

#[test]
fn what_an_earlier_process_left_pending_is_swept_and_what_rows_need_stays() {
    let place = tempfile::tempdir().unwrap();
    let store = folder(place.path()).unwrap();
    let kept = store.blobs().put_blocking(&noise(1, 700_000)).unwrap();
    adopt(&store, kept).unwrap();
    // Held again by somebody who never adopted it.
    store.blobs().put_blocking(&noise(1, 700_000)).unwrap();
    let left = store.blobs().put_blocking(&noise(2, 20_000_000)).unwrap();
    let mut unfinished = store.blobs().writer().unwrap();
    unfinished.write_all(&noise(3, 1_000_000)).unwrap();
    let many: Vec<_> = (0..100_u32)
        .map(|n| store.blobs().put_blocking(&n.to_le_bytes()).unwrap())
        .collect();
    let adopted = many[57];
    adopt(&store, adopted).unwrap();
    // As a crash would: nothing tells the store that the writer is given up.
    std::mem::forget(unfinished);
    store.clone().close_blocking();
    drop(store);

    let store = folder(place.path()).unwrap();
    eventually("the pending blobs are swept", || {
        stored(&store, "pending-blobs").is_empty()
    });
    assert_eq!(stored(&store, "blobs").len(), 2);
    assert_eq!(chunks(&store), 3 + 1);
    assert_eq!(
        store.blobs().get_blocking(&kept, 1 << 20).unwrap(),
        noise(1, 700_000)
    );
    assert_eq!(
        store.blobs().get_blocking(&adopted, 9).unwrap(),
        57_u32.to_le_bytes()
    );
    assert!(matches!(
        store.blobs().reader(&left),
        Err(StoreError::BlobUnknown { .. })
    ));
}

#[test]
fn what_is_pending_in_this_process_is_not_swept() {
    let store = memory();
    let blob = store.blobs().put_blocking(b"pending").unwrap();
    let mut writer = store.blobs().writer().unwrap();
    writer.write_all(&noise(1, 600_000)).unwrap();
    let dropped = store.blobs().put_blocking(b"dropped").unwrap();
    adopt(&store, dropped).unwrap();
    release(&store, dropped).unwrap();
    eventually("the condemned one is swept", || {
        stored(&store, "pending-blobs").len() == 2
    });
    adopt(&store, blob).unwrap();
    let finished = writer.finish().unwrap();
    assert_eq!(
        store.blobs().get_blocking(&finished, 1 << 20).unwrap(),
        noise(1, 600_000)
    );
}

#[test]
fn a_blob_longer_than_the_caller_takes_is_refused_unread() {
    let store = memory();
    let blob = store.blobs().put_blocking(&[0; 1000]).unwrap();
    match store.blobs().get_blocking(&blob, 999) {
        Err(StoreError::BlobTooLarge {
            bytes: 1000,
            most: 999,
            ..
        }) => {}
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_blob_that_is_deleted_while_it_is_read_is_unknown_and_not_damaged() {
    let store = memory();
    let blob = store.blobs().put_blocking(&noise(1, 1_000_000)).unwrap();
    adopt(&store, blob).unwrap();
    let mut reader = store.blobs().reader(&blob).unwrap();
    reader.read_exact(&mut [0; 1000]).unwrap();
    release(&store, blob).unwrap();
    eventually("its chunks are swept", || is_empty(&store));
    let error = reader.read_to_end(&mut Vec::new()).unwrap_err();
    assert!(matches!(
        StoreError::from_io(error),
        Ok(StoreError::BlobUnknown { .. })
    ));
}

#[tokio::test]
async fn blobs_go_in_and_out_beside_asynchronous_work() {
    let store = memory();
    let blob = store.blobs().put(noise(1, 500_000)).await.unwrap();
    assert_eq!(
        store.blobs().get(&blob, 1 << 20).await.unwrap(),
        noise(1, 500_000)
    );
    assert_eq!(blob.to_string().parse::<BlobAddress>().unwrap(), blob);
}
