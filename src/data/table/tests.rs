use super::*;

fn schema(fields: Vec<Field>) -> Arc<Schema> {
    Arc::new(Schema::new(fields).unwrap())
}

fn two_columns() -> Table {
    let schema = schema(vec![
        Field::new("n", ColumnType::Number).with_missing(),
        Field::category("c", ["x", "y"]).with_missing(),
    ]);
    let columns = vec![
        Column::Number(vec![1.0, f64::NAN, 3.0]),
        Column::Category(vec![1, 0, Column::NO_LEVEL]),
    ];
    Table::new(schema, columns).unwrap()
}

#[test]
fn a_table_holds_what_its_schema_says() {
    let number = || vec![Field::new("n", ColumnType::Number)];
    let new = |fields, columns| Table::new(schema(fields), columns).unwrap_err();
    assert!(matches!(
        new(number(), vec![]),
        TableError::Columns { expected: 1, got: 0 }
    ));
    assert!(matches!(
        new(number(), vec![Column::Integer(vec![])]),
        TableError::Type { .. }
    ));
    assert!(matches!(
        new(number(), vec![Column::Number(vec![f64::NAN])]),
        TableError::Missing { row: 0, .. }
    ));
    let infinite = vec![Column::Number(vec![0.0, f64::NEG_INFINITY])];
    assert!(matches!(
        new(number(), infinite),
        TableError::Infinite { row: 1, .. }
    ));
    let category = vec![Field::category("c", ["x"])];
    let error = new(category, vec![Column::Category(vec![0, 1])]);
    assert!(matches!(
        error,
        TableError::NoSuchLevel {
            row: 1,
            code: 1,
            levels: 1,
            ..
        }
    ));
    let two = vec![
        Field::new("a", ColumnType::Number),
        Field::new("b", ColumnType::Number),
    ];
    let uneven = vec![Column::Number(vec![1.0]), Column::Number(vec![])];
    assert!(matches!(
        new(two, uneven),
        TableError::Rows {
            expected: 1,
            got: 0,
            ..
        }
    ));
}

#[test]
fn rows_are_taken_in_the_order_asked_for() {
    let table = two_columns();
    let taken = table.take(&[2, 0, 0]);
    let cells: Vec<Cell<'_>> = (0..3).map(|row| taken.cell(row, 0)).collect();
    assert_eq!(cells, [Cell::Number(3.0), Cell::Number(1.0), Cell::Number(1.0)]);
    let cells: Vec<Cell<'_>> = (0..3).map(|row| taken.cell(row, 1)).collect();
    assert_eq!(cells, [Cell::Missing, Cell::text("y"), Cell::text("y")]);
}

#[test]
fn tables_of_one_schema_follow_each_other_and_others_do_not() {
    let mut table = two_columns();
    table.append(two_columns()).unwrap();
    assert_eq!(table.rows(), 6);
    assert_eq!(table.cell(3, 0), Cell::Number(1.0));
    let other = schema(vec![
        Field::new("n", ColumnType::Number).with_missing(),
        Field::category("c", ["y", "x"]).with_missing(),
    ]);
    assert_eq!(
        table.append(Table::empty(other)),
        Err(TableError::DifferentSchemas)
    );
    assert_eq!(table.rows(), 6);
}
