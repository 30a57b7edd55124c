//! Columns that are no features, whatever is said of features.

/// A column that is no feature, and what it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Excluded<'a> {
    /// The column's name.
    pub column: &'a str,
    /// What it is.
    pub role: Role,
}

/// What a column is that is no feature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// What is predicted.
    Target,
    /// What rows are weighed with.
    Weight,
    /// What keeps rows together where they are split.
    Group,
}

impl Role {
    /// Where a recipe names such a column, as a message has it.
    pub(super) fn place(self) -> &'static str {
        match self {
            Self::Target => "the target",
            Self::Weight => "data.weight",
            Self::Group => "validation.group",
        }
    }

    /// Why the column is no feature.
    pub(super) fn reason(self) -> &'static str {
        match self {
            Self::Target => "it is the target",
            Self::Weight => "it is what rows are weighed with (data.weight)",
            Self::Group => "it is what rows are grouped by (validation.group)",
        }
    }
}

/// What the column called `name` is, if it is no feature. A target that weighs rows, too, is the target.
pub(super) fn role(exclude: &[Excluded<'_>], name: &str) -> Option<Role> {
    let found = exclude.iter().find(|excluded| excluded.column == name);
    found.map(|excluded| excluded.role)
}
