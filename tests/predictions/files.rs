//! Whole files through the command line.

use serde_json::{Value, json};

use super::Models;
use crate::support::customers;

fn lines(text: &str) -> Vec<Value> {
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[test]
fn a_file_is_answered_row_by_row_as_its_rows_are() {
    let models = Models::new();
    let folder = &models.folder;
    folder
        .run(&[
            "predict",
            "leavers",
            "--file",
            "customers.csv",
            "--output",
            "answers.jsonl",
        ])
        .done();
    let answers = lines(&std::fs::read_to_string(folder.path("answers.jsonl")).unwrap());
    assert_eq!(answers.len(), 400);
    let rows: Vec<Value> = customers(400)
        .lines()
        .skip(1)
        .map(|line| {
            let cells: Vec<&str> = line.split(',').collect();
            let income = cells[1].parse::<f64>().map_or(Value::Null, Value::from);
            let age: i64 = cells[0].parse().unwrap();
            json!({"age": age, "income": income, "plan": cells[2], "active": cells[3] == "true"})
        })
        .collect();
    let batch = models.predict(&json!({"model": "leavers", "features": rows}));
    for (row, answer) in answers.iter().enumerate() {
        assert_eq!(answer["prediction"], batch["prediction"][row], "row {row}");
        assert_eq!(answer["probability"], batch["probability"][row], "row {row}");
    }
    let written = rows.iter().map(|row| format!("{row}\n")).collect::<String>();
    folder.file("rows.jsonl", &written);
    let told = folder.run(&["predict", "leavers", "--file", "rows.jsonl"]).done();
    assert_eq!(lines(&told), answers);
    let told = folder
        .run_with_input(&["predict", "leavers", "--file", "-"], &written)
        .done();
    assert_eq!(lines(&told), answers);

    folder.file(
        "some.csv",
        "plan,age,income,active\ngold,30,,true\nbasic,x,1,true\ngold,31,2,false\n",
    );
    let ran = folder.run(&["predict", "leavers", "--file", "some.csv"]);
    assert_eq!((ran.code, lines(&ran.out).len()), (Some(2), 3), "{ran:?}");
    assert_eq!(lines(&ran.out)[1]["row"], 2);
    assert!(
        ran.err.contains("1 of 3 rows are wrong; the first is row 2"),
        "{}",
        ran.err
    );
    let ran = folder.run(&["predict", "leavers", "--file", "some.csv", "--on-error", "stop"]);
    assert_eq!((ran.code, lines(&ran.out).len()), (Some(2), 2), "{ran:?}");
    folder.file("none.csv", "plan,age\ngold,30\n");
    let told = folder
        .run(&["predict", "leavers", "--file", "none.csv"])
        .refused(2);
    assert!(
        told.contains("none.csv:") && told.contains("there is no column income"),
        "{told}"
    );
    let told = folder
        .run(&["predict", "nothing", "--file", "some.csv"])
        .refused(2);
    assert!(told.contains("there is no model called nothing"), "{told}");
    models.server.stop();

    // The same without a server.
    let folder = &models.folder;
    let told = folder
        .run(&["predict", "leavers", "--file", "customers.csv"])
        .done();
    assert_eq!(lines(&told), answers);
}
