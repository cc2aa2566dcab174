//! Links on coordinates: `n` units of the sources together become `m` units of the targets together.

use crate::question::Conversion;
use crate::stretch::Stretch;
use crate::units::Units;
use num_bigint::BigUint;

/// One side of a link: its rows, where each begins, and where the last ends.
struct Side<'a> {
    rows: &'a [u32],
    at: &'a [BigUint],
    total: &'a BigUint,
}

impl Side<'_> {
    fn index(&self, row: u32) -> Option<usize> {
        let found = self.rows.binary_search(&row).ok();
        found
            .or_else(|| self.rows.iter().position(|&other| other == row))
            .filter(|&i| i < self.at.len())
    }

    fn end(&self, i: usize) -> &BigUint {
        self.at.get(i + 1).unwrap_or(self.total)
    }

    /// The stretches of rows between two coordinates, in order.
    fn stretches<U: Units>(&self, first: &BigUint, last: &BigUint) -> impl Iterator<Item = Stretch<U>> {
        let begin = self.at.partition_point(|at| at <= first).saturating_sub(1);
        let reached = (begin..self.rows.len().min(self.at.len())).take_while(|&i| self.at[i] < *last);
        reached.filter_map(|i| {
            let (low, high) = (first.max(&self.at[i]), last.min(self.end(i)));
            (low < high).then(|| Stretch {
                row: self.rows[i],
                start: U::from_big(&(low - &self.at[i])),
                stop: U::from_big(&(high - &self.at[i])),
            })
        })
    }
}

impl Conversion {
    fn sides(&self) -> (Side<'_>, Side<'_>) {
        let sources = Side {
            rows: &self.sources,
            at: &self.source_at,
            total: &self.n,
        };
        (
            sources,
            Side {
                rows: &self.targets,
                at: &self.target_at,
                total: &self.m,
            },
        )
    }

    fn is_empty(&self) -> bool {
        self.n == BigUint::ZERO || self.m == BigUint::ZERO
    }

    /// x ↦ floor(x·m/n): the stretches of targets that a stretch of a source becomes, in order.
    pub fn onward<U: Units>(&self, from: Stretch<U>) -> Vec<Stretch<U>> {
        let (sources, targets) = self.sides();
        let Some(i) = sources.index(from.row).filter(|_| !self.is_empty()) else {
            return Vec::new();
        };
        let place = |x: U| (&sources.at[i] + x.to_big()) * &self.m / &self.n;
        targets.stretches(&place(from.start), &place(from.stop)).collect()
    }

    /// The covering interval: the shortest stretch of sources whose image holds a stretch of a target.
    pub fn origin<U: Units>(&self, from: Stretch<U>) -> Vec<Stretch<U>> {
        let (sources, targets) = self.sides();
        let Some(i) = targets.index(from.row).filter(|_| !self.is_empty()) else {
            return Vec::new();
        };
        let ceiling = |x: BigUint| (x * &self.n + &self.m - 1u32) / &self.m;
        let first = ceiling(&targets.at[i] + from.start.to_big() + 1u32) - 1u32;
        let last = ceiling(&targets.at[i] + from.stop.to_big());
        sources.stretches(&first, &last).collect()
    }

    /// Rows on the other side that share any part of a unit with `row`, in order.
    pub fn touched(&self, row: u32, forward: bool) -> Vec<u32> {
        let (sources, targets) = self.sides();
        let (here, there) = if forward {
            (sources, targets)
        } else {
            (targets, sources)
        };
        let Some(i) = here.index(row) else { return Vec::new() };
        let (first, last) = (&here.at[i] * there.total, here.end(i) * there.total);
        let begin = |j: usize| &there.at[j] * here.total;
        let others = 0..there.rows.len().min(there.at.len());
        let met = others.filter(|&j| first < there.end(j) * here.total && last > begin(j));
        met.map(|j| there.rows[j]).collect()
    }
}
