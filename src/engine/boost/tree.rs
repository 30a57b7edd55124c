//! One tree of XGBoost's JSON, and the order of its nodes.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A tree as XGBoost's JSON has it: columns of nodes, and the category sets of those that split by category.
///
/// Numbers are f32, so that they are written as short as XGBoost writes them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Tree {
    id: u32,
    tree_param: Value,
    left_children: Vec<i32>,
    right_children: Vec<i32>,
    parents: Vec<i32>,
    split_indices: Vec<u32>,
    split_conditions: Vec<f32>,
    split_type: Vec<u8>,
    default_left: Vec<u8>,
    base_weights: Vec<f32>,
    loss_changes: Vec<f32>,
    sum_hessian: Vec<f32>,
    categories: Vec<u32>,
    categories_nodes: Vec<usize>,
    categories_segments: Vec<usize>,
    categories_sizes: Vec<usize>,
}

impl Tree {
    /// The same tree with its nodes numbered by level, the right child always one after the left.
    ///
    /// XGBoost (since 3.1) does not read `right_children` when it predicts: it adds one to the left child.
    /// The library writes the children of a category split the other way round, which made XGBoost
    /// take wrong leaves and read past the tree.
    ///
    /// `None` when the columns do not make a tree.
    pub(super) fn by_level(&self) -> Option<Self> {
        let order = self.order()?;
        let mut number = vec![-1_i32; order.len()];
        for (new, &old) in order.iter().enumerate() {
            *number.get_mut(old)? = i32::try_from(new).ok()?;
        }
        // A leaf's child (-1) and the root's parent are numbers of no node, and stay.
        let renumber = |column: &[i32]| -> Option<Vec<i32>> {
            let renumbered = |&old: &usize| {
                let node = *column.get(old)?;
                Some(
                    usize::try_from(node)
                        .ok()
                        .and_then(|at| number.get(at).copied())
                        .unwrap_or(node),
                )
            };
            order.iter().map(renumbered).collect()
        };
        let mut tree = Self {
            id: self.id,
            tree_param: self.tree_param.clone(),
            left_children: renumber(&self.left_children)?,
            right_children: renumber(&self.right_children)?,
            parents: renumber(&self.parents)?,
            split_indices: pick(&self.split_indices, &order)?,
            split_conditions: pick(&self.split_conditions, &order)?,
            split_type: pick(&self.split_type, &order)?,
            default_left: pick(&self.default_left, &order)?,
            base_weights: pick(&self.base_weights, &order)?,
            loss_changes: pick(&self.loss_changes, &order)?,
            sum_hessian: pick(&self.sum_hessian, &order)?,
            categories: Vec::with_capacity(self.categories.len()),
            categories_nodes: Vec::with_capacity(self.categories_nodes.len()),
            categories_segments: Vec::with_capacity(self.categories_nodes.len()),
            categories_sizes: Vec::with_capacity(self.categories_nodes.len()),
        };
        for (node, set) in self.category_sets(&number)? {
            tree.categories_nodes.push(node);
            tree.categories_segments.push(tree.categories.len());
            tree.categories_sizes.push(set.len());
            tree.categories.extend_from_slice(set);
        }
        Some(tree)
    }

    /// The nodes by level, left before right. Every node is there once, or it is no tree.
    fn order(&self) -> Option<Vec<usize>> {
        let nodes = self.left_children.len();
        let mut order = Vec::with_capacity(nodes);
        order.push(0);
        let mut next = 0;
        while let Some(&node) = order.get(next) {
            next += 1;
            if let Ok(left) = usize::try_from(*self.left_children.get(node)?) {
                order.push(left);
                order.push(usize::try_from(*self.right_children.get(node)?).ok()?);
            }
            // Two ways to one node never end.
            if order.len() > nodes {
                return None;
            }
        }
        (order.len() == nodes).then_some(order)
    }

    /// The category sets by the new number of their node, ascending: XGBoost walks nodes and sets together.
    fn category_sets(&self, number: &[i32]) -> Option<Vec<(usize, &[u32])>> {
        let mut sets = Vec::with_capacity(self.categories_nodes.len());
        for (slot, &old) in self.categories_nodes.iter().enumerate() {
            let start = *self.categories_segments.get(slot)?;
            let end = start.checked_add(*self.categories_sizes.get(slot)?)?;
            sets.push((
                usize::try_from(*number.get(old)?).ok()?,
                self.categories.get(start..end)?,
            ));
        }
        sets.sort_unstable_by_key(|(node, _)| *node);
        Some(sets)
    }
}

fn pick<T: Copy>(column: &[T], order: &[usize]) -> Option<Vec<T>> {
    order.iter().map(|&node| column.get(node).copied()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Root 0 splits by category into 2 (left) and 1 (right); 2 splits into 3 and 4.
    fn swapped() -> Tree {
        Tree {
            id: 7,
            tree_param: Value::Null,
            left_children: vec![2, -1, 3, -1, -1],
            right_children: vec![1, -1, 4, -1, -1],
            parents: vec![i32::MAX, 0, 0, 2, 2],
            split_indices: vec![5, 0, 6, 0, 0],
            split_conditions: vec![0.0, 1.0, 2.0, 3.0, 4.0],
            split_type: vec![1, 0, 1, 0, 0],
            default_left: vec![0, 0, 1, 0, 0],
            base_weights: vec![0.0, 1.0, 2.0, 3.0, 4.0],
            loss_changes: vec![9.0, 0.0, 8.0, 0.0, 0.0],
            sum_hessian: vec![5.0, 1.0, 4.0, 2.0, 2.0],
            categories: vec![4, 8, 9],
            categories_nodes: vec![0, 2],
            categories_segments: vec![1, 0],
            categories_sizes: vec![2, 1],
        }
    }

    #[test]
    fn the_right_child_is_one_after_the_left_and_nothing_else_changes() {
        let tree = swapped().by_level().unwrap();
        assert_eq!(tree.left_children, [1, 3, -1, -1, -1]);
        assert_eq!(tree.right_children, [2, 4, -1, -1, -1]);
        assert_eq!(tree.parents, [i32::MAX, 0, 0, 1, 1]);
        assert_eq!(tree.split_indices, [5, 6, 0, 0, 0]);
        assert_eq!(tree.split_conditions, [0.0, 2.0, 1.0, 3.0, 4.0]);
        assert_eq!(tree.default_left, [0, 1, 0, 0, 0]);
        assert_eq!(tree.categories_nodes, [0, 1]);
        assert_eq!(tree.categories, [8, 9, 4]);
        assert_eq!(
            (
                tree.categories_segments.as_slice(),
                tree.categories_sizes.as_slice()
            ),
            (&[0, 2][..], &[2, 1][..])
        );
        assert_eq!(tree.by_level().unwrap(), tree);
    }

    #[test]
    fn what_is_no_tree_has_no_order() {
        let circle = Tree {
            left_children: vec![0, -1, 3, -1, -1],
            ..swapped()
        };
        let missing = Tree {
            right_children: vec![9, -1, 4, -1, -1],
            ..swapped()
        };
        let apart = Tree {
            left_children: vec![-1; 5],
            ..swapped()
        };
        let short = Tree {
            sum_hessian: vec![1.0],
            ..swapped()
        };
        let outside = Tree {
            categories_segments: vec![9, 0],
            ..swapped()
        };
        for tree in [circle, missing, apart, short, outside] {
            assert_eq!(tree.by_level(), None);
        }
    }
}
