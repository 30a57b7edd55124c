//! Where something stands in a recipe's text.

use toml::de::{DeArray, DeTable, DeValue};

/// A line and a column, both 1-based, the column in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) line: usize,
    pub(super) column: usize,
}

/// The place of the byte at `offset`.
pub(super) fn place_of_offset(text: &str, offset: usize) -> Place {
    let before = text.get(..offset).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    Place {
        line: before.matches('\n').count() + 1,
        column: before[line_start..].chars().count() + 1,
    }
}

/// One step on the way to something in a recipe.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step<'a> {
    /// Into the table's key of this name.
    Key(&'a str),
    /// To the list's entry at this position, from 0.
    Entry(usize),
}

/// The place of what `path` leads to, a key's or a list entry's, or of its nearest parent that is written
/// down.
pub(super) fn place_of(text: &str, path: &[Step<'_>]) -> Place {
    let Ok(document) = DeTable::parse(text) else {
        return place_of_offset(text, 0);
    };
    let mut offset = 0;
    let mut here = Here::Table(document.get_ref());
    for step in path {
        let (place, value) = match (step, here) {
            (Step::Key(name), Here::Table(table)) => match table.get_key_value(*name) {
                Some((key, value)) => (key.span().start, value.get_ref()),
                None => break,
            },
            (Step::Entry(position), Here::List(list)) => match list.get(*position) {
                Some(value) => (value.span().start, value.get_ref()),
                None => break,
            },
            _ => break,
        };
        offset = place;
        here = match value {
            DeValue::Table(table) => Here::Table(table),
            DeValue::Array(list) => Here::List(list),
            _ => Here::Value,
        };
    }
    place_of_offset(text, offset)
}

/// The keys, with dots between them, that lead to the value at `offset`; none where no value is.
pub(super) fn path_at(text: &str, offset: usize) -> Option<String> {
    let document = DeTable::parse(text).ok()?;
    below(document.get_ref(), offset)
}

fn below(table: &DeTable<'_>, offset: usize) -> Option<String> {
    table.iter().find_map(|(key, value)| {
        let key = key.get_ref();
        let inner = match value.get_ref() {
            DeValue::Table(table) => below(table, offset),
            DeValue::Array(list) => list.iter().find_map(|entry| match entry.get_ref() {
                DeValue::Table(table) => below(table, offset),
                _ => None,
            }),
            _ => None,
        };
        match inner {
            Some(inner) => Some(format!("{key}.{inner}")),
            // A table that is written below its header has the header's place alone.
            None => value.span().contains(&offset).then(|| key.to_string()),
        }
    })
}

/// How far a path has led.
#[derive(Clone, Copy)]
enum Here<'a> {
    Table(&'a DeTable<'a>),
    List(&'a DeArray<'a>),
    Value,
}

/// A path of keys alone.
pub(super) fn keys<'a>(path: &[&'a str]) -> Vec<Step<'a>> {
    path.iter().copied().map(Step::Key).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters() {
        assert_eq!(place_of_offset("a = \"é\" x", 9), Place { line: 1, column: 9 });
        assert_eq!(place_of_offset("a\nbc", 3), Place { line: 2, column: 2 });
    }

    #[test]
    fn a_key_that_is_not_written_is_placed_at_its_parent() {
        let text = "x = 1\n[data]\nfile = \"f\"\n";
        assert_eq!(
            place_of(text, &keys(&["data", "file"])),
            Place { line: 3, column: 1 }
        );
        assert_eq!(
            place_of(text, &keys(&["data", "target"])),
            Place { line: 2, column: 2 }
        );
    }

    #[test]
    fn an_entry_of_a_list_has_a_place_of_its_own() {
        let text = "[features]\ndrop = [\"a\",\n  \"b\"]\n[[features.rules]]\ncolumns = [\"c\", \"d\"]\n";
        let features = Step::Key("features");
        assert_eq!(
            place_of(text, &[features, Step::Key("drop"), Step::Entry(1)]),
            Place { line: 3, column: 3 }
        );
        let rule = [features, Step::Key("rules"), Step::Entry(0), Step::Key("columns")];
        assert_eq!(place_of(text, &rule), Place { line: 5, column: 1 });
        let column = [rule.as_slice(), &[Step::Entry(1)]].concat();
        assert_eq!(place_of(text, &column), Place { line: 5, column: 17 });
    }
}
