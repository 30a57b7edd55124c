//! Tables for people, laid out for the terminal that they are shown in.

use std::io::IsTerminal;

use comfy_table::presets::NOTHING;
use comfy_table::{Cell, CellAlignment, ColumnConstraint, ContentArrangement, Table};

use super::visible;

/// Between two columns.
const GAP: usize = 2;

/// A column of prose is broken over lines down to this width.
const LEAST_PROSE: usize = 16;

/// How wide lines may be; none where nobody looks, as in a pipe. `COLUMNS` says it for those who ask.
pub(super) fn width() -> Option<usize> {
    let said = std::env::var("COLUMNS")
        .ok()
        .and_then(|columns| columns.parse().ok());
    let said = said.filter(|columns| *columns > 0);
    let terminal = || {
        let is_terminal = std::io::stdout().is_terminal();
        let width = is_terminal.then(|| Table::new().width()).flatten();
        width.map(usize::from)
    };
    said.or_else(terminal)
}

/// The lines of a table, numbers to the right. Where it is wider than `width`, prose is broken over lines, and where
/// that does not help, each row is shown by itself. Words are not broken: an id has to be copied whole.
pub(super) fn laid_out(heading: &[&str], rows: &[Vec<String>], width: Option<usize>) -> Vec<String> {
    let heading: Vec<String> = heading.iter().map(|name| name.to_uppercase()).collect();
    // Before the table lays it out: a line feed would make two lines of it.
    let shown = |row: &Vec<String>| {
        row.iter()
            .map(|text| visible::in_line(text).into_owned())
            .collect()
    };
    let rows: Vec<Vec<String>> = rows.iter().map(shown).collect();
    let Some(width) = width else {
        return in_columns(&heading, &rows, None);
    };
    let fits = |columns: &[Widths]| {
        let cells = columns.iter().map(|column| column.whole).sum::<usize>();
        cells + gaps(columns) <= width
    };
    if fits(&widths(&heading, &rows)) {
        return in_columns(&heading, &rows, None);
    }
    let (heading, rows) = without_empty(&heading, &rows);
    let columns = widths(&heading, &rows);
    if fits(&columns) {
        in_columns(&heading, &rows, None)
    } else if columns.iter().map(Widths::least).sum::<usize>() + gaps(&columns) <= width {
        in_columns(&heading, &rows, Some((width, &columns)))
    } else {
        one_by_one(&heading, &rows)
    }
}

/// How wide each column is, with its heading.
fn widths(heading: &[String], rows: &[Vec<String>]) -> Vec<Widths> {
    let of = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        let cells = cells.chain([&heading[column]]).map(|cell| Widths::of(cell));
        cells.fold(Widths::default(), Widths::or)
    };
    (0..heading.len()).map(of).collect()
}

fn gaps(columns: &[Widths]) -> usize {
    GAP * columns.len().saturating_sub(1)
}

/// The same without the columns that say nothing in any row.
fn without_empty(heading: &[String], rows: &[Vec<String>]) -> (Vec<String>, Vec<Vec<String>>) {
    let says = |column: &usize| {
        rows.iter()
            .any(|row| row.get(*column).is_some_and(|cell| !cell.is_empty()))
    };
    let kept: Vec<usize> = (0..heading.len()).filter(says).collect();
    let keep = |row: &[String]| -> Vec<String> {
        kept.iter()
            .filter_map(|column| row.get(*column).cloned())
            .collect()
    };
    (keep(heading), rows.iter().map(|row| keep(row)).collect())
}

/// How wide a column is.
#[derive(Debug, Clone, Copy, Default)]
struct Widths {
    /// With every cell on one line.
    whole: usize,
    /// Of its longest word.
    word: usize,
}

impl Widths {
    fn of(text: &str) -> Self {
        let words = text.split(' ').map(|word| word.chars().count());
        Self {
            whole: text.chars().count(),
            word: words.max().unwrap_or(0),
        }
    }

    fn or(self, other: Self) -> Self {
        Self {
            whole: self.whole.max(other.whole),
            word: self.word.max(other.word),
        }
    }

    fn least(&self) -> usize {
        self.whole.min(self.word.max(LEAST_PROSE))
    }
}

fn in_columns(heading: &[String], rows: &[Vec<String>], bounds: Option<(usize, &[Widths])>) -> Vec<String> {
    let mut table = Table::new();
    table
        .load_style(NOTHING)
        .set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(heading);
    for row in rows {
        table.add_row(row.iter().map(|text| {
            let is_number = !text.is_empty() && text.parse::<f64>().is_ok();
            let cell = Cell::new(text);
            if is_number {
                cell.set_alignment(CellAlignment::Right)
            } else {
                cell
            }
        }));
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, GAP as u16));
    }
    if let Some((width, columns)) = bounds {
        // The last column's gap is cut off again.
        table
            .set_content_arrangement(ContentArrangement::Dynamic)
            .set_width(u16::try_from(width + GAP).unwrap_or(u16::MAX));
        for (column, widths) in table.column_iter_mut().zip(columns) {
            let least = u16::try_from(widths.least() + GAP).unwrap_or(u16::MAX);
            column.set_constraint(if widths.least() == widths.whole {
                ColumnConstraint::ContentWidth
            } else {
                ColumnConstraint::LowerBoundary(comfy_table::Width::Fixed(least))
            });
        }
    }
    table.lines().map(|line| line.trim_end().to_owned()).collect()
}

/// Each row by itself: a line a value, those that say something.
fn one_by_one(heading: &[String], rows: &[Vec<String>]) -> Vec<String> {
    let widest = heading.iter().map(|name| name.chars().count()).max().unwrap_or(0);
    let mut lines = Vec::new();
    for row in rows {
        if !lines.is_empty() {
            lines.push(String::new());
        }
        let said = heading.iter().zip(row).filter(|(_, text)| !text.is_empty());
        lines.extend(said.map(|(name, text)| format!("{name:<widest$}  {text}").trim_end().to_owned()));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows() -> Vec<Vec<String>> {
        let row = |id: &str, said: &str, count: &str| [id, said, count].map(str::to_owned).to_vec();
        vec![
            row("4d2e6c5b13a2", "a table of readings that somebody has added", "7"),
            row("9f86d081884c", "nothing\nmuch", "1200"),
        ]
    }

    #[test]
    fn a_table_is_as_wide_as_it_is_where_there_is_room() {
        let lines = laid_out(&["id", "said", "count"], &rows(), None);
        assert_eq!(
            lines[0],
            "ID            SAID                                         COUNT"
        );
        assert_eq!(
            lines[1],
            "4d2e6c5b13a2  a table of readings that somebody has added      7"
        );
        assert_eq!(
            lines[2],
            "9f86d081884c  nothing\\nmuch                                 1200"
        );
        assert_eq!(laid_out(&["id", "said", "count"], &rows(), Some(64)), lines);
    }

    #[test]
    fn columns_that_say_nothing_are_the_first_to_go() {
        let rows = vec![["4d2e6c5b13a2", "", "7"].map(str::to_owned).to_vec()];
        let heading = ["id", "remark of somebody", "count"];
        assert!(laid_out(&heading, &rows, None)[0].contains("REMARK"));
        let lines = laid_out(&heading, &rows, Some(20));
        assert_eq!(lines, ["ID            COUNT", "4d2e6c5b13a2      7"]);
    }

    #[test]
    fn prose_is_broken_over_lines_and_words_are_not() {
        let lines = laid_out(&["id", "said", "count"], &rows(), Some(44));
        assert!(lines.iter().all(|line| line.chars().count() <= 44), "{lines:#?}");
        let text = lines.join("\n");
        for whole in ["4d2e6c5b13a2", "9f86d081884c", "somebody", "1200"] {
            assert!(text.contains(whole), "{whole} in {text}");
        }
        assert!(lines.len() > 3, "{text}");
    }

    #[test]
    fn where_words_do_not_fit_each_row_is_shown_by_itself() {
        let lines = laid_out(&["id", "said", "count"], &rows(), Some(30));
        assert_eq!(
            lines,
            [
                "ID     4d2e6c5b13a2",
                "SAID   a table of readings that somebody has added",
                "COUNT  7",
                "",
                "ID     9f86d081884c",
                "SAID   nothing\\nmuch",
                "COUNT  1200",
            ]
        );
        assert!(laid_out(&["id"], &[], Some(1)).len() <= 1);
    }
}
