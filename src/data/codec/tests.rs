use proptest::prelude::*;

use super::*;
use crate::data::schema::{ColumnType, Field};
use crate::data::testing::tables;

fn written(tables: &[Table]) -> Vec<u8> {
    let mut writer = TableWriter::new(Vec::new(), tables[0].schema().clone()).unwrap();
    tables.iter().for_each(|table| writer.write(table).unwrap());
    writer.finish().unwrap()
}

fn read(bytes: &[u8]) -> Result<Table, CodecError> {
    TableReader::new(bytes)?.read_all()
}

/// Cell by cell: a table with NaN does not equal itself.
fn assert_same(a: &Table, b: &Table) {
    assert_eq!((a.rows(), a.schema()), (b.rows(), b.schema()));
    for row in 0..a.rows() {
        for column in 0..a.columns().len() {
            assert_eq!(
                a.cell(row, column),
                b.cell(row, column),
                "row {row} column {column}"
            );
        }
    }
}

fn numbers(rows: usize) -> Table {
    let schema = Schema::new(vec![Field::new("n", ColumnType::Number)]).unwrap();
    Table::new(
        Arc::new(schema),
        vec![Column::Number((0..rows).map(|row| row as f64).collect())],
    )
    .unwrap()
}

proptest! {
    #[test]
    fn what_is_written_is_read(table in tables()) {
        assert_same(&read(&written(std::slice::from_ref(&table))).unwrap(), &table);
        let mut twice = table.clone();
        twice.append(table.clone()).unwrap();
        assert_same(&read(&written(&[table.clone(), table])).unwrap(), &twice);
    }

    #[test]
    fn a_table_that_ends_early_is_an_error(table in tables(), cut: prop::sample::Index) {
        let bytes = written(&[table]);
        prop_assert!(read(&bytes[..cut.index(bytes.len())]).is_err());
    }

    #[test]
    fn damaged_bytes_never_panic(table in tables(), at: prop::sample::Index, byte: u8) {
        let mut bytes = written(&[table]);
        let at = at.index(bytes.len());
        bytes[at] = byte;
        let _ = read(&bytes);
    }
}

#[test]
fn a_long_table_is_cut_into_blocks() {
    let table = numbers(2 * BLOCK_ROWS + 1);
    let bytes = written(std::slice::from_ref(&table));
    let blocks: Vec<usize> = TableReader::new(bytes.as_slice())
        .unwrap()
        .map(|b| b.unwrap().rows())
        .collect();
    assert_eq!(blocks, [BLOCK_ROWS, BLOCK_ROWS, 1]);
    assert_same(&read(&bytes).unwrap(), &table);
}

#[test]
fn much_text_is_cut_into_blocks_too() {
    let schema = Arc::new(Schema::new(vec![Field::new("t", ColumnType::Text)]).unwrap());
    let long = Some("x".repeat(BLOCK_TEXT / 2));
    let table = Table::new(schema, vec![Column::Text(vec![long; 3])]).unwrap();
    let bytes = written(&[table]);
    let blocks: Vec<usize> = TableReader::new(bytes.as_slice())
        .unwrap()
        .map(|b| b.unwrap().rows())
        .collect();
    assert_eq!(blocks, [2, 1]);
}

#[test]
fn a_length_that_lies_takes_no_memory() {
    let mut bytes = written(&[numbers(1)]);
    let header = u32::from_le_bytes(bytes[12..16].try_into().unwrap()) as usize;
    let length = 16 + header + 4 + 1;
    bytes[length..length + 4].copy_from_slice(&(LONGEST_PAYLOAD - 1).to_le_bytes());
    assert!(matches!(read(&bytes), Err(CodecError::Truncated { rows: 0 })));
    bytes[length..length + 4].copy_from_slice(&u32::MAX.to_le_bytes());
    assert!(matches!(read(&bytes), Err(CodecError::Damaged { .. })));
}

#[test]
fn what_is_no_table_or_a_later_one_is_said_so() {
    assert!(matches!(read(b""), Err(CodecError::NotATable)));
    assert!(matches!(
        read(b"PK\x03\x04 and so on, and so on"),
        Err(CodecError::NotATable)
    ));
    let good = written(&[numbers(1)]);
    let with = |at: usize, byte: u8| {
        let mut bytes = good.clone();
        bytes[at] = byte;
        bytes
    };
    assert!(matches!(
        read(&with(MAGIC.len(), 2)),
        Err(CodecError::NewerFormat(2))
    ));
    let header = u32::from_le_bytes(good[12..16].try_into().unwrap()) as usize;
    assert!(matches!(
        read(&with(16 + header + 4, 99)),
        Err(CodecError::UnknownEncoding { encoding: 99, column }) if column == "n"
    ));
    let mut longer = good.clone();
    longer.push(0);
    assert!(matches!(read(&longer), Err(CodecError::Damaged { .. })));
}

#[test]
fn the_format_is_the_same_in_every_version() {
    let schema = Schema::new(vec![
        Field::new("n", ColumnType::Number).with_missing(),
        Field::category("c", ["x", "y"]),
        Field::new("t", ColumnType::Text),
    ]);
    let columns = vec![
        Column::Number(vec![1.0, f64::NAN]),
        Column::Category(vec![1, 0]),
        Column::Text(vec![Some("é".into()), Some(String::new())]),
    ];
    let bytes = written(&[Table::new(Arc::new(schema.unwrap()), columns).unwrap()]);
    insta::assert_snapshot!(String::from_utf8(bytes.escape_ascii().collect()).unwrap(), @r#"usina table\x01\xa5\x00\x00\x00{\"schema\":[{\"name\":\"n\",\"kind\":\"number\",\"missing\":true},{\"name\":\"c\",\"kind\":\"category\",\"missing\":false,\"levels\":[\"x\",\"y\"]},{\"name\":\"t\",\"kind\":\"text\",\"missing\":false}]}\x02\x00\x00\x00\x01\n\x00\x00\x00\x01\x01\x00\x00\x00\x00\x00\x00\xf0?\x04\t\x00\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x05\x0b\x00\x00\x00\x00\x02\x00\x00\x00\x00\x00\x00\x00\xc3\xa9\x00\x00\x00\x00\x02\x00\x00\x00\x00\x00\x00\x00"#);
}
