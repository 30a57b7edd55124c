//! Where something stands in a recipe's text.

use toml::de::{DeTable, DeValue};

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

/// The place of the key at `path`, or of its nearest parent that is written down.
pub(super) fn place_of_key(text: &str, path: &[&str]) -> Place {
    let mut offset = 0;
    if let Ok(document) = DeTable::parse(text) {
        let mut table = Some(document.get_ref());
        for part in path {
            let Some((key, value)) = table.and_then(|table| table.get_key_value(*part)) else {
                break;
            };
            offset = key.span().start;
            table = match value.get_ref() {
                DeValue::Table(inner) => Some(inner),
                _ => None,
            };
        }
    }
    place_of_offset(text, offset)
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
            place_of_key(text, &["data", "file"]),
            Place { line: 3, column: 1 }
        );
        assert_eq!(
            place_of_key(text, &["data", "target"]),
            Place { line: 2, column: 2 }
        );
    }
}
