//! The formats are meant to stay: a store that format 1 wrote is kept here and opens for ever.
//!
//! A format that changes gets the next number and a fixture of its own beside this one, made by
//! `USINA_WRITE_FIXTURES=1 cargo test --lib what_is_kept_today`.

use std::fs;
use std::path::PathBuf;

use super::*;

const MADE_AT: Time = Time::from_millis(1_769_860_800_250);

/// Text, so that every tool that reads the source tree can read the fixture, too; 64 bytes a line.
fn hex(bytes: &[u8]) -> String {
    let line = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>() + "\n";
    bytes.chunks(64).map(line).collect()
}

fn unhex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_hexdigit).collect();
    let pair = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    digits.chunks_exact(2).map(pair).collect()
}

fn fixture(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("src/store/tests/fixtures")
        .join(file)
}

/// Three chunks that do not compress would make a large fixture; two kinds of content that do make a small one.
fn long_content() -> Vec<u8> {
    noise(11, 4096).repeat(200)
}

#[test]
fn a_store_of_format_1_opens() {
    let place = tempfile::tempdir().unwrap();
    fs::copy(fixture("format-1.key"), place.path().join(KEY_FILE)).unwrap();
    let packed = unhex(&fs::read_to_string(fixture("format-1.redb.zst.hex")).unwrap());
    fs::write(
        place.path().join(DATABASE_FILE),
        zstd::decode_all(packed.as_slice()).unwrap(),
    )
    .unwrap();
    let public = fs::read_to_string(fixture("format-1.public")).unwrap();
    holds_what_was_kept(place.path(), public.trim());
}

/// Opens the store in `place` and finds all that [`keep`] put there.
fn holds_what_was_kept(place: &Path, public: &str) {
    let store = folder(place).unwrap();

    assert_eq!(get(&store, 1).unwrap(), "a row of format 1");
    assert_eq!(store.read_blocking(tables::meta::made_at).unwrap(), Some(MADE_AT));
    let named = store
        .read_blocking(|tx| NAMED.get(tx, &(tx.name_hash("model", "churn"), std::cmp::Reverse(MADE_AT))))
        .unwrap();
    assert_eq!(named, Some(note("a row under a name")));
    let blobs: Vec<BlobAddress> = [2, 3]
        .map(|key| get(&store, key).unwrap().parse().unwrap())
        .to_vec();
    assert_eq!(
        store.blobs().get_blocking(&blobs[0], 100).unwrap(),
        b"a short blob"
    );
    assert!(store.blobs().get_blocking(&blobs[1], 1 << 20).unwrap() == long_content());
    assert_eq!(
        store.blobs().put_blocking(b"a short blob").unwrap(),
        blobs[0],
        "addresses stay"
    );
    assert_eq!(store.vault().bundles().public_key().to_string(), public);
    put(&store, 1, "and can be written to").unwrap();
}

const NAMED: Table<(NameHash, std::cmp::Reverse<Time>), Note> = Table::new("named");

/// Makes a store in `place` with one of each thing that is to be found in it for ever; gives its public key.
fn keep(place: &Path) -> String {
    let store = Store::open(place, StoreOptions::default(), Clock::manual(MADE_AT), Entropy).unwrap();
    put(&store, 1, "a row of format 1").unwrap();
    for (key, content) in [(2, b"a short blob".to_vec()), (3, long_content())] {
        let blob = store.blobs().put_blocking(&content).unwrap();
        store.write_blocking(move |tx| tx.adopt(&blob)).unwrap();
        put(&store, key, &blob.to_string()).unwrap();
    }
    store
        .write_blocking(|tx| {
            let key = (tx.name_hash("model", "churn"), std::cmp::Reverse(MADE_AT));
            NAMED.put(tx, &key, &note("a row under a name"))
        })
        .unwrap();
    let public = store.vault().bundles().public_key().to_string();
    store.close_blocking();
    public
}

#[test]
fn what_is_kept_today_is_found_tomorrow() {
    let place = tempfile::tempdir().unwrap();
    let public = keep(place.path());
    if std::env::var_os("USINA_WRITE_FIXTURES").is_some() {
        fs::create_dir_all(fixture("")).unwrap();
        fs::copy(place.path().join(KEY_FILE), fixture("format-1.key")).unwrap();
        let database = fs::read(place.path().join(DATABASE_FILE)).unwrap();
        let packed = zstd::encode_all(database.as_slice(), 19).unwrap();
        fs::write(fixture("format-1.redb.zst.hex"), hex(&packed)).unwrap();
        fs::write(fixture("format-1.public"), format!("{public}\n")).unwrap();
    }
    holds_what_was_kept(place.path(), &public);
}
