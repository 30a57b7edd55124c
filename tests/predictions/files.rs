//! Whole files through the command line.

use serde_json::{Value, json};

use super::{Models, number};
use crate::support::{customers, post};

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
    // As a table over HTTP, and as a table back.
    let table = |table: &str| {
        post("/api/v1/predict?model=leavers", &json!({}))
            .header("Content-Type", "text/csv")
            .body(table)
    };
    let answered = models.server.send(&table(&customers(400))).json();
    assert_eq!(answered["prediction"], batch["prediction"]);
    assert_eq!(answered["probability"], batch["probability"]);
    let back = models
        .server
        .send(&table(&customers(400)).header("Accept", "text/csv"));
    assert_eq!(back.header("x-model"), Some("leavers"));
    let text = back.text();
    let mut lines_back = text.lines();
    assert_eq!(lines_back.next(), Some("prediction,probability"));
    for (row, line) in lines_back.enumerate() {
        let (prediction, probability) = line.split_once(',').unwrap();
        assert_eq!(batch["prediction"][row], prediction, "row {row}");
        let probability: f32 = probability.parse().unwrap();
        assert_eq!(
            number(&batch["probability"][row]) as f32,
            probability,
            "row {row}"
        );
    }
    assert_eq!(text.lines().count(), 401);
    for (body, code, line, column) in [
        (
            "plan,age,income,active\ngold,30,,true\nbasic,x,1,true\n",
            "wrong_type",
            json!(3),
            json!("age"),
        ),
        ("plan,age\ngold,30\n", "bad_file", json!(1), json!("income")),
        (
            "plan,age,income,active\ngold,30\n",
            "bad_file",
            json!(2),
            json!(null),
        ),
    ] {
        let refusal = models.server.send(&table(body)).refused(422, code);
        let told = (&refusal.detail["line"], &refusal.detail["column"]);
        assert_eq!(told, (&line, &column), "{body}: {}", refusal.message);
    }
    models
        .server
        .send(&table("plan,age,income,active\n"))
        .refused(422, "no_rows");
    let many = format!("plan,age,income,active\n{}", "gold,30,1,true\n".repeat(100_001));
    models.server.send(&table(&many)).refused(413, "too_many_rows");
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
