use proptest::prelude::*;

use super::*;

/// Bytes that mean something to a CSV reader come often.
fn odd_bytes() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        6 => prop::sample::select(vec![",", "\n", "\r\n", "\r", "\"", "1", "x", "2.5", "true", "\u{feff}", "é", " "])
            .prop_map(|piece| piece.as_bytes().to_vec()),
        1 => any::<u8>().prop_map(|byte| vec![byte]),
    ];
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn any_bytes_are_read_or_refused_however_they_arrive(bytes in odd_bytes()) {
        let options = CsvOptions::default();
        let at_once = scan("t.csv", bytes.as_slice(), &options);
        let byte_by_byte = scan("t.csv", Trickle(&bytes), &options);
        prop_assert_eq!(format!("{at_once:?}"), format!("{byte_by_byte:?}"));
        if let Ok(found) = at_once {
            let batches = CsvBatches::new("t.csv", bytes.as_slice(), &options, Arc::new(found.schema), 3);
            let rows: usize = batches.unwrap().map(|batch| batch.unwrap().rows()).sum();
            prop_assert_eq!(rows as u64, found.rows);
        }
    }
}

proptest! {
    #[test]
    fn an_error_is_on_the_line_that_an_editor_shows(
        before in prop::collection::vec(prop::sample::select(vec!["1,2", "", "3,\"a\nb\"", "\"x\n\n\",\"\""]), 0..20),
        crlf: bool,
    ) {
        let end = if crlf { "\r\n" } else { "\n" };
        let mut csv = format!("a,b{end}{}", before.iter().map(|line| format!("{line}{end}")).collect::<String>());
        let expected = csv.matches('\n').count() + 1;
        csv.push_str("1,2,3");
        let error = scanned(&csv).unwrap_err();
        let is_ragged = matches!(error.problem, Problem::Ragged { expected: 2, got: 3, .. });
        prop_assert!(is_ragged);
        prop_assert_eq!(error.place, Some(Place::Line(expected as u64)));
    }
}
