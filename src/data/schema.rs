//! What a table's columns are called and hold.

use std::collections::HashSet;
use std::fmt;

use serde::{Deserialize, Serialize};

/// What the cells of a column hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ColumnType {
    /// Finite 64-bit floating-point numbers.
    Number,
    /// Whole numbers that fit 64 bits, signed.
    Integer,
    /// True or false.
    Boolean,
    /// One of a known list of levels.
    Category,
    /// Any UTF-8 text.
    Text,
    /// A moment: microseconds since 1970-01-01T00:00:00Z.
    Timestamp,
}

impl fmt::Display for ColumnType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Number => "number",
            Self::Integer => "integer",
            Self::Boolean => "boolean",
            Self::Category => "category",
            Self::Text => "text",
            Self::Timestamp => "timestamp",
        })
    }
}

/// One column's name and type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    /// The column's name: not empty, unique in its schema.
    pub name: String,
    /// What its cells hold.
    pub kind: ColumnType,
    /// Whether cells may be missing; where this is false, none is.
    #[serde(default)]
    pub missing: bool,
    /// The levels of a category, each once; `None` for every other type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub levels: Option<Vec<String>>,
}

impl Field {
    /// A column without levels and without missing cells.
    pub fn new(name: impl Into<String>, kind: ColumnType) -> Self {
        Self {
            name: name.into(),
            kind,
            missing: false,
            levels: None,
        }
    }

    /// A category with these levels and no missing cells.
    pub fn category<L: Into<String>>(name: impl Into<String>, levels: impl IntoIterator<Item = L>) -> Self {
        let levels = levels.into_iter().map(Into::into).collect();
        Self {
            levels: Some(levels),
            ..Self::new(name, ColumnType::Category)
        }
    }

    /// The same column, whose cells may be missing.
    #[must_use]
    pub fn with_missing(self) -> Self {
        Self {
            missing: true,
            ..self
        }
    }
}

/// Why a list of fields is no schema.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SchemaError {
    /// Two columns have one name.
    #[error("column \"{0}\" is there twice; rename one of them")]
    Duplicate(String),
    /// A column has no name.
    #[error("column {0} (counted from 1) has no name; give it one")]
    Unnamed(usize),
    /// A table without columns.
    #[error("there is no column; a table needs at least one")]
    NoColumns,
    /// More columns than a table may have.
    #[error("there are {0} columns; a table has at most {max}", max = Schema::MAX_COLUMNS)]
    TooManyColumns(usize),
    /// A category without its levels, or levels on a column of another type.
    #[error("column \"{name}\" is of type {kind}: a category, and nothing else, has levels")]
    Levels {
        /// The column.
        name: String,
        /// Its type.
        kind: ColumnType,
    },
    /// A level that is listed twice.
    #[error("category \"{name}\" lists the level \"{level}\" twice")]
    DuplicateLevel {
        /// The column.
        name: String,
        /// The level.
        level: String,
    },
    /// More levels than a category may have.
    #[error("category \"{name}\" has {levels} levels; at most {max} are allowed: make it text", max = Schema::MAX_LEVELS)]
    TooManyLevels {
        /// The column.
        name: String,
        /// How many levels it has.
        levels: usize,
    },
}

/// A table's columns, in order: 1 to [`Schema::MAX_COLUMNS`], with unique names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Field>", into = "Vec<Field>")]
pub struct Schema(Vec<Field>);

impl Schema {
    /// The most columns that a table has.
    pub const MAX_COLUMNS: usize = 10_000;
    /// The most levels that a category has.
    pub const MAX_LEVELS: usize = 65_536;

    /// A schema of these columns.
    ///
    /// # Errors
    /// When names are empty or repeated, levels do not fit the type, or there are none or too many of either.
    pub fn new(fields: Vec<Field>) -> Result<Self, SchemaError> {
        if fields.is_empty() {
            return Err(SchemaError::NoColumns);
        }
        if fields.len() > Self::MAX_COLUMNS {
            return Err(SchemaError::TooManyColumns(fields.len()));
        }
        let mut names = HashSet::with_capacity(fields.len());
        for (index, field) in fields.iter().enumerate() {
            if field.name.is_empty() {
                return Err(SchemaError::Unnamed(index + 1));
            }
            if !names.insert(field.name.as_str()) {
                return Err(SchemaError::Duplicate(field.name.clone()));
            }
            check_levels(field)?;
        }
        Ok(Self(fields))
    }

    /// The columns in order.
    pub fn fields(&self) -> &[Field] {
        &self.0
    }

    /// How many columns there are.
    #[expect(clippy::len_without_is_empty, reason = "a schema is never empty")]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Where the column called `name` is.
    pub fn index_of(&self, name: &str) -> Option<usize> {
        self.0.iter().position(|field| field.name == name)
    }

    /// The column called `name`.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.0.iter().find(|field| field.name == name)
    }
}

fn check_levels(field: &Field) -> Result<(), SchemaError> {
    if (field.kind == ColumnType::Category) != field.levels.is_some() {
        return Err(SchemaError::Levels {
            name: field.name.clone(),
            kind: field.kind,
        });
    }
    let levels = field.levels.as_deref().unwrap_or_default();
    if levels.len() > Schema::MAX_LEVELS {
        return Err(SchemaError::TooManyLevels {
            name: field.name.clone(),
            levels: levels.len(),
        });
    }
    let mut seen = HashSet::with_capacity(levels.len());
    match levels.iter().find(|level| !seen.insert(level.as_str())) {
        Some(level) => Err(SchemaError::DuplicateLevel {
            name: field.name.clone(),
            level: level.clone(),
        }),
        None => Ok(()),
    }
}

impl TryFrom<Vec<Field>> for Schema {
    type Error = SchemaError;

    fn try_from(fields: Vec<Field>) -> Result<Self, SchemaError> {
        Self::new(fields)
    }
}

impl From<Schema> for Vec<Field> {
    fn from(schema: Schema) -> Self {
        schema.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schema_has_named_columns_each_once() {
        let number = |name: &str| Field::new(name, ColumnType::Number);
        assert_eq!(Schema::new(vec![]), Err(SchemaError::NoColumns));
        assert_eq!(
            Schema::new(vec![number("a"), number("")]),
            Err(SchemaError::Unnamed(2))
        );
        let twice = Schema::new(vec![number("a"), number("b"), number("a")]);
        assert_eq!(twice, Err(SchemaError::Duplicate("a".into())));
        let many = (0..=Schema::MAX_COLUMNS)
            .map(|i| number(&i.to_string()))
            .collect();
        assert_eq!(
            Schema::new(many),
            Err(SchemaError::TooManyColumns(Schema::MAX_COLUMNS + 1))
        );
    }

    #[test]
    fn levels_belong_to_categories_and_come_once() {
        let bare = Field::new("c", ColumnType::Category);
        assert!(matches!(
            Schema::new(vec![bare.clone()]),
            Err(SchemaError::Levels { .. })
        ));
        let odd = Field {
            kind: ColumnType::Text,
            levels: Some(vec![]),
            ..bare
        };
        assert!(matches!(Schema::new(vec![odd]), Err(SchemaError::Levels { .. })));
        let twice = Schema::new(vec![Field::category("c", ["x", "y", "x"])]);
        assert!(matches!(twice, Err(SchemaError::DuplicateLevel { .. })));
    }

    #[test]
    fn a_schema_is_checked_when_it_is_read() {
        let schema = Schema::new(vec![
            Field::new("a", ColumnType::Integer).with_missing(),
            Field::category("ç", ["não", "sim"]),
        ])
        .unwrap();
        let json = serde_json::to_string(&schema).unwrap();
        assert_eq!(serde_json::from_str::<Schema>(&json).unwrap(), schema);
        let twice = r#"[{"name":"a","kind":"number"},{"name":"a","kind":"text"}]"#;
        assert!(
            serde_json::from_str::<Schema>(twice)
                .unwrap_err()
                .to_string()
                .contains("twice")
        );
    }
}
