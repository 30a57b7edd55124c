//! Opening: every way in which it fails has its own answer and destroys nothing.

use std::fs;

use super::*;

#[test]
fn what_is_written_is_there_after_the_next_start() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("data");
    let store = folder(&path).unwrap();
    put(&store, 1, "kept").unwrap();
    let blob = store.blobs().put_blocking(b"content").unwrap();
    store.write_blocking(move |tx| tx.adopt(&blob)).unwrap();
    let (public, hash) = (
        store.vault().bundles().public_key(),
        store.vault().name_hash("model", "m"),
    );
    store.close_blocking();
    let store = folder(&path).unwrap();
    assert_eq!(get(&store, 1).unwrap(), "kept");
    assert_eq!(store.blobs().get_blocking(&blob, 100).unwrap(), b"content");
    assert_eq!(store.vault().bundles().public_key(), public);
    assert_eq!(store.vault().name_hash("model", "m"), hash);
}

#[cfg(unix)]
#[test]
fn the_folder_and_its_files_are_for_their_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("a").join("data");
    let _store = folder(&path).unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&path), 0o700);
    let mut files: Vec<_> = fs::read_dir(&path)
        .unwrap()
        .map(|file| file.unwrap().path())
        .collect();
    files.sort();
    assert_eq!(files, [path.join(KEY_FILE), path.join(DATABASE_FILE)]);
    assert!(files.iter().all(|file| mode(file) == 0o600));
}

#[test]
fn a_store_has_one_owner_at_a_time() {
    let place = tempfile::tempdir().unwrap();
    let store = folder(place.path()).unwrap();
    let second = folder(place.path()).err().unwrap();
    assert!(matches!(second, StoreError::InUse { .. }), "{second}");
    drop(store);
    folder(place.path()).unwrap();
}

#[test]
fn a_missing_key_beside_a_store_is_an_error_and_never_a_new_key() {
    let place = tempfile::tempdir().unwrap();
    put(&folder(place.path()).unwrap(), 1, "kept").unwrap();
    let key = place.path().join(KEY_FILE);
    let kept = fs::read(&key).unwrap();
    fs::remove_file(&key).unwrap();
    for _ in 0..2 {
        let error = folder(place.path()).err().unwrap();
        assert!(matches!(error, StoreError::KeyMissing { .. }), "{error}");
        assert!(!key.exists());
    }
    fs::write(&key, kept).unwrap();
    assert_eq!(get(&folder(place.path()).unwrap(), 1).unwrap(), "kept");
}

#[test]
fn a_wrong_or_broken_key_opens_nothing() {
    let place = tempfile::tempdir().unwrap();
    folder(place.path()).unwrap();
    let key = place.path().join(KEY_FILE);
    let right = fs::read_to_string(&key).unwrap();
    fs::remove_file(&key).unwrap();
    let wrong = MasterKey::random(Entropy).unwrap();
    wrong.write_new(&key).unwrap();
    match folder(place.path()).err().unwrap() {
        StoreError::WrongKey { wanted, given, .. } => {
            assert_eq!(given, wrong.id());
            assert!(right.contains(&wanted.to_string()));
        }
        other => panic!("{other}"),
    }
    fs::write(&key, &right[..right.len() - 9]).unwrap();
    let error = folder(place.path()).err().unwrap();
    assert!(matches!(error, StoreError::KeyMalformed { .. }), "{error}");
    fs::write(&key, right).unwrap();
    folder(place.path()).unwrap();
}

#[test]
fn a_named_key_is_used_and_never_made() {
    let place = tempfile::tempdir().unwrap();
    let (data, key_file) = (place.path().join("data"), place.path().join("elsewhere.key"));
    let options = StoreOptions {
        key_file: Some(key_file.clone()),
        ..StoreOptions::default()
    };
    let open = || Store::open(&data, options.clone(), clock(), Entropy);
    let error = open().err().unwrap();
    assert!(matches!(error, StoreError::NamedKeyMissing { .. }), "{error}");
    MasterKey::random(Entropy).unwrap().write_new(&key_file).unwrap();
    put(&open().unwrap(), 1, "kept").unwrap();
    assert!(!data.join(KEY_FILE).exists());
    assert_eq!(get(&open().unwrap(), 1).unwrap(), "kept");
    let beside = folder(&data).err().unwrap();
    assert!(matches!(beside, StoreError::KeyMissing { .. }), "{beside}");
}

#[test]
fn a_first_start_that_was_cut_short_is_taken_up_again() {
    let place = tempfile::tempdir().unwrap();
    // The database has its beginning, and the key is there; what makes it a store is not.
    drop(redb::Database::create(place.path().join(DATABASE_FILE)).unwrap());
    let key = MasterKey::random(Entropy).unwrap();
    key.write_new(&place.path().join(KEY_FILE)).unwrap();
    put(&folder(place.path()).unwrap(), 1, "kept").unwrap();
    assert_eq!(
        MasterKey::read(&place.path().join(KEY_FILE))
            .unwrap()
            .unwrap()
            .id(),
        key.id()
    );
    assert_eq!(get(&folder(place.path()).unwrap(), 1).unwrap(), "kept");
}

#[test]
fn a_file_that_is_no_store_is_left_alone() {
    for length in [1, 100, 5_000, 200_000] {
        let place = tempfile::tempdir().unwrap();
        let file = place.path().join(DATABASE_FILE);
        let text: Vec<u8> = b"id,amount\n".iter().copied().cycle().take(length).collect();
        fs::write(&file, &text).unwrap();
        let error = folder(place.path()).err().unwrap();
        assert!(matches!(error, StoreError::NotAStore { .. }), "{length}: {error}");
        assert_eq!(fs::read(&file).unwrap(), text);
        assert!(!place.path().join(KEY_FILE).exists());
    }
}

#[test]
fn another_programs_database_is_left_alone() {
    let place = tempfile::tempdir().unwrap();
    let database = redb::Database::create(place.path().join(DATABASE_FILE)).unwrap();
    let tx = database.begin_write().unwrap();
    tx.open_table(redb::TableDefinition::<u64, u64>::new("theirs"))
        .unwrap()
        .insert(1, 2)
        .unwrap();
    tx.commit().unwrap();
    drop(database);
    let error = folder(place.path()).err().unwrap();
    assert!(matches!(error, StoreError::NotAStore { .. }), "{error}");
    assert!(!place.path().join(KEY_FILE).exists());
}

#[test]
fn a_newer_format_is_refused_by_its_number() {
    let place = tempfile::tempdir().unwrap();
    folder(place.path()).unwrap();
    let database = redb::Database::open(place.path().join(DATABASE_FILE)).unwrap();
    let tx = database.begin_write().unwrap();
    let format = redb::TableDefinition::<&str, &[u8]>::new("format");
    tx.open_table(format)
        .unwrap()
        .insert("usina", b"2".as_slice())
        .unwrap();
    tx.commit().unwrap();
    drop(database);
    let error = folder(place.path()).err().unwrap();
    assert!(
        matches!(
            error,
            StoreError::TooNew {
                found: 2,
                known: 1,
                ..
            }
        ),
        "{error}"
    );
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("a-file");
    fs::write(&file, b"").unwrap();
    for path in [file.clone(), file.join("data")] {
        let error = folder(&path).err().unwrap();
        assert!(matches!(error, StoreError::FolderUnusable { .. }), "{error}");
        assert!(error.to_string().contains("a-file"), "{error}");
    }
}

fn model_called(name: &str) -> tables::models::ModelRow {
    let id = crate::base::ModelId::from_bytes([1; 16]);
    tables::models::ModelRow {
        title: name.to_owned(),
        ..tables::models::ModelRow::new(id, name, Time::from_millis(0))
    }
}

/// Rows, keys, names and blobs, searched for in every byte of every file.
#[test]
fn a_used_folder_holds_no_plaintext() {
    let place = tempfile::tempdir().unwrap();
    let store = folder(place.path()).unwrap();
    let markers: [&[u8]; 4] = [
        b"secret-of-a-row",
        b"secret-of-a-blob",
        b"secret-model-name",
        b"secret-unfinished",
    ];
    let weights = noise(5, 300_000);
    let big: Vec<u8> = [markers[1], &weights].concat();
    let blob = store.blobs().put_blocking(&big).unwrap();
    let small = store.blobs().put_blocking(markers[1]).unwrap();
    let mut unfinished = store.blobs().writer().unwrap();
    std::io::Write::write_all(&mut unfinished, &[markers[3], &noise(6, 600_000)].concat()).unwrap();
    store
        .write_blocking(move |tx| {
            const NAMED: Table<NameHash, Note> = Table::new("named");
            let key = tx.name_hash("model", "secret-model-name");
            NAMED.put(tx, &key, &note("secret-of-a-row"))?;
            tables::models::add(tx, &model_called("secret-model-name"))?;
            tx.adopt(&blob)?;
            tx.adopt(&small)
        })
        .unwrap();
    drop(unfinished);
    store.close_blocking();

    let mut files = 0;
    for file in fs::read_dir(place.path()).unwrap() {
        let path = file.unwrap().path();
        let bytes = fs::read(&path).unwrap();
        let holds = |marker: &[u8]| bytes.windows(marker.len()).any(|window| window == marker);
        for marker in markers {
            assert!(
                !holds(marker),
                "{} in {}",
                String::from_utf8_lossy(marker),
                path.display()
            );
        }
        assert!(!holds(&weights[1000..1016]), "weights in {}", path.display());
        // The search finds what is there: a table's name is no secret.
        assert!(path.ends_with(KEY_FILE) || holds(b"named"));
        files += 1;
    }
    assert_eq!(files, 2);
    let store = folder(place.path()).unwrap();
    assert_eq!(store.blobs().get_blocking(&blob, 1 << 20).unwrap(), big);
}

#[test]
fn a_store_that_was_emptied_is_told_as_lost_and_no_new_one_takes_its_place() {
    let place = tempfile::tempdir().unwrap();
    folder(place.path()).unwrap().close_blocking();
    fs::write(place.path().join(DATABASE_FILE), b"").unwrap();
    let error = folder(place.path()).err().unwrap();
    assert!(matches!(error, StoreError::Emptied { .. }), "{error}");
    assert_eq!(fs::metadata(place.path().join(DATABASE_FILE)).unwrap().len(), 0);

    // Wherever the key is: it may be kept apart from the store.
    fs::remove_file(place.path().join(KEY_FILE)).unwrap();
    let error = folder(place.path()).err().unwrap();
    assert!(matches!(error, StoreError::Emptied { .. }), "{error}");
    fs::remove_file(place.path().join(DATABASE_FILE)).unwrap();
    folder(place.path()).unwrap().close_blocking();
}

#[test]
fn several_that_make_a_store_at_once_make_one() {
    let place = tempfile::tempdir().unwrap();
    let open = || loop {
        match folder(place.path()) {
            Ok(store) => break store.close_blocking(),
            Err(StoreError::InUse { .. }) => std::thread::yield_now(),
            Err(other) => panic!("{other}"),
        }
    };
    for _ in 0..5 {
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(open);
            }
        });
        fs::remove_file(place.path().join(DATABASE_FILE)).unwrap();
    }
}
