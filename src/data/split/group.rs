//! Splits that keep groups whole: no customer, patient or machine is learnt from and measured on.

use super::order::{positions, shuffle};
use super::{Folds, Part, Parts, SplitError, checked_folds, checked_share};
use crate::base::Seed;

/// Sets whole groups aside for testing, so that their rows are about `share` of all.
///
/// `groups`: `[rows]`, the group of each row, counted from 0. Groups are taken in random order, each if the test part
/// comes nearer to its share by it; where none does, the one that is nearest. At least one is left.
///
/// # Errors
/// When `share` is out of range, or there is only one group.
pub fn group_holdout(groups: &[u32], share: f64, seed: Seed) -> Result<Parts, SplitError> {
    let share = checked_share(share)?;
    let sizes = sizes(groups);
    let mut order = there(&sizes)?;
    if order.len() < 2 {
        return Err(SplitError::OneGroup { rows: groups.len() });
    }
    shuffle(&mut order, &mut seed.derive("group holdout", 0).rng());
    let wanted = groups.len() as f64 * share;
    let mut is_test = vec![false; sizes.len()];
    let mut taken = 0;
    // The last one in the order is never taken.
    for &group in &order[..order.len() - 1] {
        let with = taken + sizes[group as usize];
        if off(with, wanted) < off(taken, wanted) {
            is_test[group as usize] = true;
            taken = with;
        }
    }
    let nearest = order
        .iter()
        .min_by(|a, b| {
            let off = |group: &u32| off(sizes[*group as usize], wanted);
            off(a).total_cmp(&off(b))
        })
        .filter(|_| taken == 0);
    if let Some(&group) = nearest {
        is_test[group as usize] = true;
    }
    let of = |row: usize| {
        if is_test[groups[row] as usize] {
            Part::Test
        } else {
            Part::Train
        }
    };
    Ok(Parts::new(groups.len(), of))
}

/// How far `rows` are from what is wanted.
fn off(rows: usize, wanted: f64) -> f64 {
    (rows as f64 - wanted).abs()
}

/// Cuts rows into `k` folds that keep groups whole, with about the same number of rows and the same mix of classes
/// in each; each row is in the test part of exactly one.
///
/// `groups`, `classes`: `[rows]`, both counted from 0. Groups are shared out from the largest to the smallest, each
/// to the fold where the folds' counts of its classes then lie closest together, as scikit-learn's
/// `StratifiedGroupKFold` does; the seed decides between groups of one size.
///
/// # Errors
/// When `k` is below 2, or above the number of groups.
pub fn group_kfold(groups: &[u32], classes: &[u32], k: usize, seed: Seed) -> Result<Folds, SplitError> {
    checked_folds(groups.len(), k)?;
    let sizes = sizes(groups);
    let mut order = there(&sizes)?;
    if order.len() < k {
        return Err(SplitError::Groups {
            groups: order.len(),
            folds: k,
        });
    }
    shuffle(&mut order, &mut seed.derive("group kfold", 0).rng());
    order.sort_by_key(|&group| std::cmp::Reverse(sizes[group as usize]));
    let mix = Mix::new(groups, classes, sizes.len());
    let mut counts = vec![vec![0.0; mix.classes]; k];
    let mut rows = vec![0_usize; k];
    let mut fold_of = vec![0_u16; sizes.len()];
    for (position, &group) in order.iter().enumerate() {
        let group = group as usize;
        // So many groups are left that each fold that has none must get one.
        let empty = rows.iter().filter(|rows| **rows == 0).count();
        let must_fill = order.len() - position <= empty;
        let better = |fold: &usize| (mix.imbalance(&counts, *fold, group), rows[*fold]);
        let fold = (0..k)
            .filter(|&fold| !must_fill || rows[fold] == 0)
            .min_by(|a, b| {
                let (a, b) = (better(a), better(b));
                a.0.total_cmp(&b.0).then(a.1.cmp(&b.1))
            })
            .unwrap_or(0);
        for &(class, count) in &mix.of[group] {
            counts[fold][class] += f64::from(count);
        }
        rows[fold] += sizes[group];
        fold_of[group] = fold as u16;
    }
    let pieces = groups.iter().map(|&group| fold_of[group as usize]).collect();
    Ok(Folds::across(pieces, k))
}

/// How many rows of each class each group has, and each class in all.
struct Mix {
    classes: usize,
    of: Vec<Vec<(usize, u32)>>,
    all: Vec<f64>,
}

impl Mix {
    fn new(groups: &[u32], classes: &[u32], group_count: usize) -> Self {
        let class_count = classes.iter().max().map_or(1, |last| *last as usize + 1);
        let mut all = vec![0.0; class_count];
        let mut of: Vec<Vec<(usize, u32)>> = vec![Vec::new(); group_count];
        for (&group, &class) in groups.iter().zip(classes) {
            let class = class as usize;
            all[class] += 1.0;
            let counts = &mut of[group as usize];
            match counts.iter_mut().find(|(counted, _)| *counted == class) {
                Some((_, count)) => *count += 1,
                None => counts.push((class, 1)),
            }
        }
        Self {
            classes: class_count,
            of,
            all,
        }
    }

    /// How much worse the folds' counts of the group's classes lie apart once it is in `fold`: the growth of the
    /// sum of squares of each class' shares. Of equal shares the sum of squares is the smallest.
    fn imbalance(&self, counts: &[Vec<f64>], fold: usize, group: usize) -> f64 {
        let of_class = |&(class, count): &(usize, u32)| {
            let (before, more) = (counts[fold][class], f64::from(count));
            more * (2.0 * before + more) / (self.all[class] * self.all[class])
        };
        self.of[group].iter().map(of_class).sum()
    }
}

/// How many rows each group has.
fn sizes(groups: &[u32]) -> Vec<usize> {
    let count = groups.iter().max().map_or(0, |last| *last as usize + 1);
    let mut sizes = vec![0; count];
    for &group in groups {
        sizes[group as usize] += 1;
    }
    sizes
}

/// The groups that have rows.
fn there(sizes: &[usize]) -> Result<Vec<u32>, SplitError> {
    let mut groups = positions(sizes.len())?;
    groups.retain(|&group| sizes[group as usize] > 0);
    Ok(groups)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Which groups have rows in this part.
    fn groups_in(parts: &Parts, part: Part, groups: &[u32]) -> std::collections::BTreeSet<u32> {
        parts.rows(part).map(|row| groups[row]).collect()
    }

    proptest! {
        #[test]
        fn no_group_is_on_both_sides(
            groups in prop::collection::vec(0_u32..20, 60..300),
            k in 2_usize..6,
            share in 0.1_f64..0.6,
            seed: u64,
        ) {
            let classes: Vec<u32> = (0..groups.len()).map(|row| u32::from(row % 4 == 0)).collect();
            let all: std::collections::BTreeSet<u32> = groups.iter().copied().collect();
            prop_assume!(all.len() >= k);
            let folds = group_kfold(&groups, &classes, k, Seed::new(seed)).unwrap();
            let mut tested = std::collections::BTreeSet::new();
            for fold in 0..k {
                let parts = folds.parts(fold);
                let (learnt, test) = (groups_in(&parts, Part::Train, &groups), groups_in(&parts, Part::Test, &groups));
                prop_assert!(learnt.is_disjoint(&test) && !test.is_empty() && !learnt.is_empty());
                prop_assert!(tested.is_disjoint(&test));
                tested.extend(test);
            }
            prop_assert_eq!(tested, all);
            let parts = group_holdout(&groups, share, Seed::new(seed)).unwrap();
            let (learnt, test) = (groups_in(&parts, Part::Train, &groups), groups_in(&parts, Part::Test, &groups));
            prop_assert!(learnt.is_disjoint(&test) && !test.is_empty() && !learnt.is_empty());
        }
    }

    #[test]
    fn folds_of_groups_have_as_many_rows_and_positive_ones_as_they_can() {
        // Forty groups of 1 to 40 rows; one group in four has positive rows.
        let mut groups = Vec::new();
        let mut classes = Vec::new();
        for group in 0..40_u32 {
            for row in 0..=group {
                groups.push(group);
                classes.push(u32::from(group % 4 == 0 && row % 2 == 0));
            }
        }
        let positive = classes.iter().filter(|class| **class == 1).count() as f64;
        let folds = group_kfold(&groups, &classes, 4, Seed::new(5)).unwrap();
        for fold in 0..4 {
            let parts = folds.parts(fold);
            let rows = parts.count(Part::Test) as f64;
            let found = parts.rows(Part::Test).filter(|&row| classes[row] == 1).count() as f64;
            assert!((rows / groups.len() as f64 - 0.25).abs() < 0.05, "{rows} rows");
            assert!((found / positive - 0.25).abs() < 0.1, "{found} positive");
        }
        let share = group_holdout(&groups, 0.2, Seed::new(5))
            .unwrap()
            .count(Part::Test);
        assert!((share as f64 / groups.len() as f64 - 0.2).abs() < 0.05, "{share}");
    }

    #[test]
    fn one_large_group_is_not_taken_for_a_small_share() {
        let of_sizes = |sizes: &[usize]| -> Vec<u32> {
            let groups = (0..).zip(sizes);
            groups.flat_map(|(group, &size)| vec![group; size]).collect()
        };
        for seed in 0..50 {
            for (sizes, at_most) in [
                (&[500, 300, 100, 50, 50][..], 300),
                (&[950, 10, 10, 10, 10, 10], 50),
            ] {
                let parts = group_holdout(&of_sizes(sizes), 0.2, Seed::new(seed)).unwrap();
                let held = parts.count(Part::Test);
                assert!(
                    (1..=at_most).contains(&held),
                    "{held} of {sizes:?} with seed {seed}"
                );
            }
        }
        // Where every group is far larger than the share, the smallest is the nearest.
        let parts = group_holdout(&of_sizes(&[60, 40]), 0.1, Seed::new(1)).unwrap();
        assert_eq!(parts.count(Part::Test), 40);
    }

    #[test]
    fn too_few_groups_are_refused() {
        assert_eq!(
            group_kfold(&[0, 0, 3, 3], &[0; 4], 3, Seed::new(0)),
            Err(SplitError::Groups { groups: 2, folds: 3 })
        );
        assert_eq!(
            group_holdout(&[7, 7], 0.5, Seed::new(0)),
            Err(SplitError::OneGroup { rows: 2 })
        );
    }
}
