//! A thousand models with twenty versions each: lists read what they show, and little more.

use super::*;
use crate::store::tables::models::{self, ModelRow, OriginRow, VersionRow};

const MODELS: usize = 1_000;
const VERSIONS: u64 = 20;

fn row(number: u64, now: Time) -> VersionRow {
    VersionRow {
        number,
        label: format!("v1.{}.0", number - 1),
        stage: if number == 7 { "staging" } else { "none" }.to_owned(),
        description: String::new(),
        origin: OriginRow {
            kind: "trained".to_owned(),
            from: None,
        },
        run_id: None,
        dataset: Some(TrainedOn {
            id: None,
            name: "rows".to_owned(),
            version: ContentId::of(&number.to_le_bytes()),
            generated: false,
        }),
        recipe: None,
        input_schema: None,
        task: None,
        target: None,
        metrics: BTreeMap::new(),
        baseline: BTreeMap::new(),
        bundle: None,
        created_at: now,
        updated_at: now,
        deployed_at: None,
        job: None,
        by: None,
        tags: BTreeMap::from([("parity".to_owned(), (number % 2).to_string())]),
        gates: Vec::new(),
        deleted: None,
    }
}

async fn full() -> Registry {
    let (store, clock) = store();
    let registry = Registry::new(store, clock);
    let now = registry.clock.now();
    for block in 0..MODELS / 100 {
        let write = registry.store.write(move |tx| {
            for model in block * 100..(block + 1) * 100 {
                let mut bytes = [0; 16];
                bytes[..8].copy_from_slice(&(model as u64).to_le_bytes());
                let mut added = ModelRow::new(ModelId::from_bytes(bytes), &format!("m-{model:04}"), now);
                added.last_number = VERSIONS;
                if model % 100 == 42 {
                    added.tags.insert("team".to_owned(), "growth".to_owned());
                    added.aliases.insert("champion".to_owned(), 5);
                }
                models::add(tx, &added)?;
                for number in 1..=VERSIONS {
                    models::add_version(tx, added.id, &row(number, now))?;
                }
            }
            Ok::<_, StoreError>(())
        });
        write.await.unwrap();
    }
    registry
}

/// All pages of the list, and the most rows that were opened for one of them.
async fn pages(registry: &Registry, filter: ModelFilter, limit: usize) -> (Vec<String>, u64) {
    let (mut names, mut most, mut token) = (Vec::new(), 0, None);
    loop {
        let before = registry.store.vault().opened();
        let page = PageOf::new(limit, token);
        let page = registry.models_that(filter.clone(), page).await.unwrap();
        most = most.max(registry.store.vault().opened() - before);
        names.extend(page.items.iter().map(|model| model.name.to_string()));
        token = page.next_page_token;
        if token.is_none() {
            return (names, most);
        }
    }
}

#[tokio::test]
async fn lists_read_what_they_show_and_little_more() {
    let registry = full().await;
    models_by_the_page(&registry).await;
    versions_by_the_page(&registry).await;
    what_came_of_a_dataset(&registry).await;
}

async fn models_by_the_page(registry: &Registry) {
    let all: Vec<String> = (0..MODELS).map(|model| format!("m-{model:04}")).collect();

    // All names are looked at, since keys hold no text; of models and versions, a page.
    let (names, most) = pages(registry, ModelFilter::default(), 100).await;
    assert!(names == all && most <= 1_000 + 133 + 101, "{most}");

    let tagged = ModelFilter {
        tags: BTreeMap::from([("team".to_owned(), "growth".to_owned())]),
        ..ModelFilter::default()
    };
    let expected: Vec<String> = (0..10)
        .map(|block| format!("m-{:04}", block * 100 + 42))
        .collect();
    let (names, most) = pages(registry, tagged, 4).await;
    assert!(names == expected && most <= 2_000 + 5, "{most}");

    let aliased = ModelFilter {
        alias: Some(alias("champion")),
        prefix: Some("m-03".to_owned()),
        ..ModelFilter::default()
    };
    let (names, most) = pages(registry, aliased, 100).await;
    assert!(names == ["m-0342"] && most <= 1_000 + 100 + 1, "{most}");

    let served = ModelFilter {
        stage: Some(Stage::Production),
        ..ModelFilter::default()
    };
    assert_eq!(pages(registry, served, 100).await.0, Vec::<String>::new());
}

async fn versions_by_the_page(registry: &Registry) {
    let name: Name = "m-0042".parse().unwrap();
    let list = |filter: VersionFilter| {
        let (registry, name) = (registry.clone(), name.clone());
        async move {
            let page = registry
                .versions_that(&name, filter, PageOf::first(100))
                .await
                .unwrap();
            page.items
                .iter()
                .map(|version| version.number)
                .collect::<Vec<_>>()
        }
    };
    let even = VersionFilter {
        tags: BTreeMap::from([("parity".to_owned(), "0".to_owned())]),
        ..VersionFilter::default()
    };
    assert_eq!(list(even).await, [20, 18, 16, 14, 12, 10, 8, 6, 4, 2]);
    let staging = VersionFilter {
        stage: Some(Stage::Staging),
        ..VersionFilter::default()
    };
    assert_eq!(list(staging).await, [7]);
    let champion = VersionFilter {
        alias: Some(alias("champion")),
        ..VersionFilter::default()
    };
    assert_eq!(list(champion).await, [5]);

    let before = registry.store.vault().opened();
    registry.versions(&name, PageOf::first(5)).await.unwrap();
    let opened = registry.store.vault().opened() - before;
    assert!(opened <= 2 + VERSIONS, "{opened}");
}

async fn what_came_of_a_dataset(registry: &Registry) {
    let before = registry.store.vault().opened();
    let dataset = ContentId::of(&7_u64.to_le_bytes());
    let page = registry.trained_on(dataset, PageOf::first(10)).await.unwrap();
    let opened = registry.store.vault().opened() - before;
    assert!(page.items.iter().all(|version| version.number == 7) && page.items.len() == 10);
    assert!(opened <= 11 + 20, "{opened}");
    let page = PageOf::new(1_000, page.next_page_token);
    assert_eq!(
        registry.trained_on(dataset, page).await.unwrap().items.len(),
        MODELS - 10
    );
}

#[tokio::test]
async fn versions_that_were_there_before_the_index_are_put_into_it_once() {
    let registry = three_versions().await;
    let id = registry.model(&model()).await.unwrap().id;
    let now = registry.clock.now();
    // As format 1 wrote it: the version alone.
    let write = registry
        .store
        .write(move |tx| models::put_version(tx, id, &row(4, now)));
    write.await.unwrap();
    let dataset = ContentId::of(&4_u64.to_le_bytes());
    let found = || async {
        registry
            .trained_on(dataset, PageOf::first(9))
            .await
            .unwrap()
            .items
            .len()
    };
    assert_eq!(found().await, 0);
    registry.index_versions().await.unwrap();
    registry.index_versions().await.unwrap();
    assert_eq!(found().await, 1);
}
