//! The ids of users and of items, as text.

use std::collections::HashMap;
use std::sync::Arc;

/// Ids in their order, each with its index.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Labels {
    names: Vec<Arc<str>>,
    index: HashMap<Arc<str>, u32>,
}

impl Labels {
    /// These ids; none where one is there twice, or where there are more than indices.
    pub fn new(names: impl IntoIterator<Item = impl Into<Arc<str>>>) -> Option<Self> {
        let mut labels = Self::default();
        for name in names {
            let before = labels.len();
            labels
                .add(&name.into())
                .filter(|index| *index as usize == before)?;
        }
        Some(labels)
    }

    /// The index of `name`, which is added at the end where it is new; none where there are no indices left.
    pub fn add(&mut self, name: &str) -> Option<u32> {
        if let Some(&index) = self.index.get(name) {
            return Some(index);
        }
        let index = u32::try_from(self.names.len()).ok()?;
        let name: Arc<str> = name.into();
        self.names.push(Arc::clone(&name));
        self.index.insert(name, index);
        Some(index)
    }

    /// The index of `name`.
    pub fn index(&self, name: &str) -> Option<u32> {
        self.index.get(name).copied()
    }

    /// The id at `index`.
    pub fn name(&self, index: u32) -> Option<&str> {
        self.names.get(index as usize).map(|name| &**name)
    }

    /// The ids in their order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(|name| &**name)
    }

    /// How many ids there are.
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_found_by_name_and_by_index() {
        let mut labels = Labels::new(["b", "a"]).unwrap();
        assert_eq!((labels.index("a"), labels.name(0)), (Some(1), Some("b")));
        assert_eq!(
            (labels.add("a"), labels.add("c"), labels.len()),
            (Some(1), Some(2), 3)
        );
        assert_eq!((labels.index("d"), labels.name(3)), (None, None));
        assert_eq!(labels.names().collect::<Vec<_>>(), ["b", "a", "c"]);
        assert_eq!(Labels::new(["a", "b", "a"]), None);
    }
}
