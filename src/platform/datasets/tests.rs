mod known;

use std::io::{self, Read};
use std::sync::atomic::{AtomicU32, Ordering};

use super::*;
use crate::base::Stop;
use crate::platform::testing::{store, tick};

fn datasets() -> Datasets {
    let (store, clock) = store();
    Datasets::new(store, clock, Entropy)
}

async fn add(datasets: &Datasets, name: &str, csv: &str) -> Added {
    tick(&datasets.clock);
    let new = NewDataset {
        name: name.parse().unwrap(),
        source: Source::file(format!("{name}.csv")),
        generated: false,
        purpose: Purpose::Keep,
    };
    let (datasets, csv) = (datasets.clone(), csv.to_owned());
    let adding = tokio::task::spawn_blocking(move || {
        datasets.add_stream(&new, &ReadOptions::default(), csv.as_bytes(), &Stop::new())
    });
    adding.await.unwrap().unwrap()
}

#[tokio::test]
async fn datasets_come_by_name_a_page_at_a_time() {
    let datasets = datasets();
    for name in ["d", "a", "c", "e", "b"] {
        add(&datasets, name, "x\n1\n").await;
    }
    let (mut seen, mut token) = (Vec::new(), None);
    loop {
        let page = datasets.list(String::new(), PageOf::new(2, token)).await.unwrap();
        seen.push(
            page.items
                .iter()
                .map(|dataset| dataset.name.to_string())
                .collect::<Vec<_>>(),
        );
        token = page.next_page_token;
        if token.is_none() {
            break;
        }
        // What comes in meanwhile, before the place that was reached, moves nothing.
        add(&datasets, "0", "x\n1\n").await;
    }
    assert_eq!(seen, [vec!["a", "b"], vec!["c", "d"], vec!["e"]]);
    add(&datasets, "cd", "x\n1\n").await;
    let begun = datasets.list("c".to_owned(), PageOf::new(1, None)).await.unwrap();
    assert_eq!(begun.items[0].name.as_str(), "c");
    let begun = datasets
        .list("c".to_owned(), PageOf::new(1, begun.next_page_token))
        .await
        .unwrap();
    assert!(begun.items[0].name.as_str() == "cd" && begun.next_page_token.is_none());
    let bad = datasets
        .list(String::new(), PageOf::new(2, Some("no name".to_owned())))
        .await;
    assert!(matches!(bad, Err(DatasetError::PageToken(_))));
}

#[tokio::test]
async fn versions_come_newest_first_and_the_same_content_is_one() {
    let datasets = datasets();
    let name: Name = "d".parse().unwrap();
    let mut ids = Vec::new();
    for csv in ["x\n1\n", "x\n2\n", "x\n3\n"] {
        ids.push(add(&datasets, "d", csv).await.version.id);
    }
    let again = add(&datasets, "d", "x\n1\n").await;
    assert!(!again.is_new);
    assert_eq!(
        datasets.find(&name).await.unwrap().latest.id,
        ids[0],
        "what came in last is the latest"
    );

    let first = datasets.versions(&name, PageOf::first(2)).await.unwrap();
    let rest = datasets
        .versions(&name, PageOf::new(2, first.next_page_token))
        .await
        .unwrap();
    let seen: Vec<ContentId> = first
        .items
        .iter()
        .chain(&rest.items)
        .map(|version| version.id)
        .collect();
    assert_eq!(seen, [ids[2], ids[1], ids[0]]);
    assert_eq!(rest.next_page_token, None);
}

#[tokio::test]
async fn the_columns_are_read_without_the_rows() {
    let datasets = datasets();
    let added = add(&datasets, "d", "size,colour\n1,red\n2,blue\n").await;
    assert_eq!((added.version.rows, added.version.columns), (2, 2));
    let schema = datasets.schema(&added.version).await.unwrap();
    let names: Vec<_> = schema.fields().iter().map(|field| field.name.as_str()).collect();
    assert_eq!(names, ["size", "colour"]);
}

/// A file of many lines, of which a stop is asked for at the tenth.
struct Long<'a> {
    reads: &'a AtomicU32,
    stop: &'a Stop,
}

impl Read for Long<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.reads.fetch_add(1, Ordering::Relaxed) {
            10 => self.stop.ask(),
            10_000.. => return Ok(0),
            _ => {}
        }
        let line = b"1\n";
        buffer[..line.len()].copy_from_slice(line);
        Ok(line.len())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_ends_the_first_reading_of_a_file() {
    let datasets = datasets();
    let new = NewDataset {
        name: "long".parse().unwrap(),
        source: Source::file("long.csv"),
        generated: false,
        purpose: Purpose::Keep,
    };
    let reading = tokio::task::spawn_blocking(move || {
        let (reads, stop) = (AtomicU32::new(0), Stop::new());
        let long = Long {
            reads: &reads,
            stop: &stop,
        };
        let added = datasets.add_stream(&new, &ReadOptions::default(), long, &stop);
        (added, reads.load(Ordering::Relaxed))
    });
    let (added, reads) = reading.await.unwrap();
    assert!(matches!(added, Err(DatasetError::Stopped)), "{added:?}");
    assert_eq!(reads, 11);
}
