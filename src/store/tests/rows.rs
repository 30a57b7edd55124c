//! Tables and rows: ranges, seals, tags.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

const PAIRS: Table<(u8, i64), Note> = Table::new("pairs");

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_range_gives_what_a_sorted_map_gives(
        keys in prop::collection::btree_set((0_u8..4, -6_i64..6), 0..40),
        prefix in prop::option::of(prop_oneof![0_u8..4, Just(255)]),
        from in prop::option::of((0_u8..4, -6_i64..6)),
        above in prop::option::of((0_u8..4, -6_i64..6)),
        below in prop::option::of((0_u8..4, -6_i64..6)),
        limit in 0_usize..12,
        goes_up: bool,
    ) {
        let store = memory();
        let rows = keys.clone();
        store.write_blocking(move |tx| {
            rows.iter().try_for_each(|key| PAIRS.put(tx, key, &note(&format!("{key:?}"))))
        }).unwrap();

        let mut span = prefix.map_or_else(Span::all, |prefix| Span::starts_with(&prefix));
        if let Some(key) = &from { span = span.from(key); }
        if let Some(key) = &above { span = span.above(key); }
        if let Some(key) = &below { span = span.below(key); }
        let mut expected: Vec<_> = keys.into_iter().filter(|key| {
            prefix.is_none_or(|prefix| key.0 == prefix)
                && from.is_none_or(|from| *key >= from)
                && above.is_none_or(|above| *key > above)
                && below.is_none_or(|below| *key < below)
        }).collect();
        let direction = if goes_up { Direction::Up } else { expected.reverse(); Direction::Down };
        expected.truncate(limit);

        let read = store.read_blocking(|tx| PAIRS.range(tx, &span, limit, direction)).unwrap();
        let written = store.write_blocking(move |tx| PAIRS.range(tx, &span, limit, direction)).unwrap();
        prop_assert_eq!(&read, &written);
        for (key, row) in &read {
            prop_assert_eq!(&row.text, &format!("{:?}", key));
        }
        prop_assert_eq!(read.into_iter().map(|(key, _)| key).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn a_table_does_what_a_map_does(
        steps in prop::collection::vec((0_u8..4, 0_u64..6, any::<u16>()), 0..40),
    ) {
        let store = memory();
        let mut map = BTreeMap::new();
        for (step, key, value) in steps {
            let row = note(&value.to_string());
            match step {
                0 => {
                    put(&store, key, &row.text).unwrap();
                    map.insert(key, row.text);
                }
                1 => {
                    let inserted = store.write_blocking({
                        let row = row.clone();
                        move |tx| NOTES.insert_new(tx, &key, &row)
                    });
                    prop_assert_eq!(inserted.unwrap(), !map.contains_key(&key));
                    map.entry(key).or_insert(row.text);
                }
                2 => {
                    let deleted = store.write_blocking(move |tx| NOTES.delete(tx, &key)).unwrap();
                    prop_assert_eq!(deleted, map.remove(&key).is_some());
                }
                _ => prop_assert_eq!(get(&store, key), map.get(&key).cloned()),
            }
        }
        let all = store.read_blocking(|tx| NOTES.range(tx, Span::all(), 100, Direction::Up)).unwrap();
        prop_assert_eq!(all.into_iter().map(|(key, row)| (key, row.text)).collect::<BTreeMap<_, _>>(), map);
    }
}

fn is_damaged<T: std::fmt::Debug>(result: Result<T, StoreError>) -> bool {
    matches!(result, Err(StoreError::Damaged { .. }))
}

#[test]
fn a_row_opens_in_its_table_at_its_key_alone() {
    const OTHER: Table<u64, Note> = Table::new("other");
    let store = memory();
    put(&store, 1, "one").unwrap();
    put(&store, 2, "two").unwrap();
    let rows = stored(&store, "notes");
    let (one, two) = (&rows[0], &rows[1]);
    overwrite(&store, "other", &one.0, &one.1);
    assert!(is_damaged(store.read_blocking(|tx| OTHER.get(tx, &1))));
    overwrite(&store, "notes", &one.0, &two.1);
    assert!(is_damaged(store.read_blocking(|tx| NOTES.get(tx, &1))));
    assert_eq!(get(&store, 2).unwrap(), "two");
    overwrite(&store, "notes", &two.0, &[]);
    assert!(is_damaged(store.read_blocking(|tx| NOTES.get(tx, &2))));
    assert!(is_damaged(store.read_blocking(|tx| NOTES.range(
        tx,
        Span::all(),
        9,
        Direction::Up
    ))));
}

#[test]
fn equal_rows_look_different() {
    let store = memory();
    put(&store, 1, "same").unwrap();
    let first = stored(&store, "notes");
    put(&store, 1, "same").unwrap();
    assert_ne!(first, stored(&store, "notes"));
}

/// How `Note` looks in the next version of the program.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Lines {
    lines: Vec<String>,
}

impl JsonRow for Lines {
    const TAG: u8 = 2;

    fn upgrade(tag: u8, body: &[u8]) -> Result<Self, RowError> {
        match tag {
            1 => Ok(Self {
                lines: vec![from_json::<Note>(body)?.text],
            }),
            _ => Err(RowError::UnknownTag),
        }
    }
}

const NEXT: Table<u64, Lines> = Table::new("notes");

#[test]
fn an_old_row_is_upgraded_and_a_newer_one_refused_by_its_tag() {
    let store = memory();
    put(&store, 1, "old").unwrap();
    let upgraded = store.read_blocking(|tx| NEXT.get(tx, &1)).unwrap().unwrap();
    assert_eq!(
        upgraded,
        Lines {
            lines: vec!["old".into()]
        }
    );
    store
        .write_blocking(|tx| {
            NEXT.put(
                tx,
                &1,
                &Lines {
                    lines: vec!["a".into(), "b".into()],
                },
            )
        })
        .unwrap();
    let error = store.read_blocking(|tx| NOTES.get(tx, &1)).unwrap_err();
    assert!(matches!(
        error,
        StoreError::Row {
            table: "notes",
            tag: 2,
            source: RowError::UnknownTag
        }
    ));
    assert!(error.to_string().contains("newer usina"), "{error}");
}

#[test]
fn a_row_that_should_be_a_blob_is_refused() {
    let store = memory();
    let refused = put(&store, 1, &"x".repeat(ROW_BYTES_MAX));
    assert!(
        matches!(refused, Err(StoreError::RowTooLarge { .. })),
        "{refused:?}"
    );
    put(&store, 1, &"x".repeat(ROW_BYTES_MAX - 100)).unwrap();
}
