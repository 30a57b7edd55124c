//! The chain of hashes of a history.

use super::*;
use crate::store::tables::model_history::{self, HistoryRow};
use crate::store::tables::models;

/// The entries of the history, oldest first.
async fn entries(registry: &Registry) -> (ModelId, Vec<HistoryRow>) {
    registry
        .store
        .read(|tx| {
            let model = models::find(tx, model().as_str())?.unwrap();
            let rows = model_history::from(tx, model.id, 0, 100)?;
            Ok::<_, StoreError>((model.id, rows.into_iter().map(|(_, row)| row).collect()))
        })
        .await
        .unwrap()
}

async fn put(registry: &Registry, id: ModelId, index: u64, row: HistoryRow) {
    let put = registry
        .store
        .write(move |tx| model_history::add(tx, id, index, &row));
    put.await.unwrap();
}

async fn fault(registry: &Registry) -> Option<u64> {
    let verified = registry.verify_history(&model()).await.unwrap();
    verified.fault.map(|fault| fault.entry)
}

#[tokio::test]
async fn every_change_of_every_field_of_every_entry_shows() {
    let registry = three_versions().await;
    registry
        .set_alias(&model(), version(3), alias("next"), decision())
        .await
        .unwrap();
    registry
        .promote(&model(), version(2), Stage::Production, decision())
        .await
        .unwrap();
    assert_eq!(fault(&registry).await, None);
    let (id, rows) = entries(&registry).await;
    let changes: [fn(&mut HistoryRow); 13] = [
        |row| row.at = Time::from_millis(row.at.as_millis() + 1),
        |row| row.action.push('x'),
        |row| row.version = None,
        |row| row.from = Some("odd".to_owned()),
        |row| row.to = Some("odd".to_owned()),
        |row| row.production_before = Some(99),
        |row| row.production_after = Some(99),
        |row| row.by = "another".to_owned(),
        |row| row.reason = Some("another".to_owned()),
        |row| row.alias = Some("odd".to_owned()),
        |row| row.alias_before = Some(99),
        |row| row.alias_after = Some(99),
        |row| row.changed.push("tag.x".to_owned()),
    ];
    for (index, row) in rows.iter().enumerate() {
        for change in changes {
            let mut changed = row.clone();
            change(&mut changed);
            put(&registry, id, index as u64, changed).await;
            assert_eq!(
                fault(&registry).await,
                Some(index as u64 + 1),
                "entry {}",
                index + 1
            );
        }
        put(&registry, id, index as u64, row.clone()).await;
        assert_eq!(fault(&registry).await, None);
    }
    // An entry in the place of another, one more than there are, and one without a hash.
    put(&registry, id, 1, rows[2].clone()).await;
    assert!(fault(&registry).await.is_some());
    put(
        &registry,
        id,
        1,
        HistoryRow {
            previous: None,
            ..rows[1].clone()
        },
    )
    .await;
    assert_eq!(fault(&registry).await, Some(2));
    put(
        &registry,
        id,
        1,
        HistoryRow {
            form: 2,
            ..rows[1].clone()
        },
    )
    .await;
    assert_eq!(fault(&registry).await, Some(2));
    put(&registry, id, 1, rows[1].clone()).await;
    put(&registry, id, rows.len() as u64, rows[0].clone()).await;
    assert!(fault(&registry).await.is_some());
}

/// A history as format 1 left it: no entry carries a hash, and neither does the model.
async fn as_format_1_wrote_it(registry: &Registry) -> ModelId {
    let (id, rows) = entries(registry).await;
    for (index, row) in rows.into_iter().enumerate() {
        put(
            registry,
            id,
            index as u64,
            HistoryRow {
                previous: None,
                ..row
            },
        )
        .await;
    }
    let forget = registry.store.write(move |tx| {
        let mut row = models::get(tx, id)?.unwrap();
        row.history_head = None;
        models::put(tx, &row)
    });
    forget.await.unwrap();
    id
}

#[tokio::test]
async fn entries_without_a_hash_are_folded_in_by_the_next_one() {
    let registry = three_versions().await;
    let id = as_format_1_wrote_it(&registry).await;
    assert_eq!(fault(&registry).await, None, "nothing can be told yet");
    registry
        .promote(&model(), version(2), Stage::Production, decision())
        .await
        .unwrap();
    assert_eq!(fault(&registry).await, None);
    let (_, rows) = entries(&registry).await;
    assert!(rows[..4].iter().all(|row| row.previous.is_none()) && rows[4].previous.is_some());

    let mut changed = rows[1].clone();
    changed.by = "another".to_owned();
    put(&registry, id, 1, changed).await;
    let verified = registry.verify_history(&model()).await.unwrap().fault.unwrap();
    assert_eq!(verified.entry, 4);
    assert!(
        verified.reason.contains("or one before it"),
        "{}",
        verified.reason
    );
}

#[tokio::test]
async fn an_old_row_reads_as_it_was_and_hashes_as_one_without_the_new_fields() {
    let old = r#"{"at":5,"action":"promote","version":2,"from":"none","to":"production",
        "production_before":1,"production_after":2,"by":"owner","reason":null}"#;
    let row: HistoryRow = serde_json::from_str(old).unwrap();
    assert_eq!(
        (row.version, row.to.as_deref(), row.form),
        (Some(2), Some("production"), 1)
    );
    let id = ModelId::from_bytes([7; 16]);
    let hash = chain::hash(id, 3, chain::start(id), &row);
    // The form is fixed: this number never changes.
    assert_eq!(hash.to_string(), HASH);
}

const HASH: &str = "631ba2837b09c2c29e8d77440868049c6cc68ed5121f38f0b90d6dd0cd0fbc2b";
