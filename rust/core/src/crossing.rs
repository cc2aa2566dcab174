//! Taint of the methods that sweep on its way through a link.
//!
//! Inside a row it lies evenly; forwards the link maps x to floor(x·m/n), backwards to the covering ceiling, on the
//! coordinates of all rows together.

use crate::failure::{Failure, Result};
use crate::pools::{Parts, add_by_seed, divide};
use crate::question::Conversion;
use crate::units::Units;
use num_bigint::BigUint;
use rustc_hash::FxHashMap;

/// One link that taint has reached.
pub(crate) struct Crossing<U> {
    on: FxHashMap<u32, U>,
    by_seed: Parts<U>,
    /// The fewest hops by which taint reached the link.
    pub hops: i32,
    /// Taint on the rows before each row of the near side; empty where it has to be summed again.
    before: Vec<BigUint>,
}

/// A link as it is crossed: from the near rows, `n` units, to the far rows, `m` units.
struct View<'a> {
    near: &'a [u32],
    near_at: &'a [BigUint],
    n: &'a BigUint,
    far: &'a [u32],
    far_at: &'a [BigUint],
    m: &'a BigUint,
    forward: bool,
}

impl<'a> View<'a> {
    fn of(link: &'a Conversion, forward: bool) -> Self {
        let (sources, source_at, n) = (&link.sources, &link.source_at, &link.n);
        let (targets, target_at, m) = (&link.targets, &link.target_at, &link.m);
        if forward {
            View {
                near: sources,
                near_at: source_at,
                n,
                far: targets,
                far_at: target_at,
                m,
                forward,
            }
        } else {
            View {
                near: targets,
                near_at: target_at,
                n: m,
                far: sources,
                far_at: source_at,
                m: n,
                forward,
            }
        }
    }
}

impl<U: Units> Crossing<U> {
    /// No taint yet.
    pub fn new() -> Self {
        Crossing {
            on: FxHashMap::default(),
            by_seed: vec![],
            hops: 0,
            before: vec![],
        }
    }

    /// Taint reaches the link on a row of its near side.
    pub fn arrive(&mut self, row: u32, parts: &[(u32, U)], hops: i32) -> Result<()> {
        self.hops = if self.on.is_empty() { hops } else { self.hops.min(hops) };
        let mut sum = U::default();
        for &(seed, amount) in parts {
            sum += amount;
            add_by_seed(&mut self.by_seed, seed, amount)?;
        }
        self.on
            .try_reserve(1)
            .map_err(|_| Failure::OutOfMemory(size_of::<(u32, U)>()))?;
        self.on.insert(row, sum);
        self.before.clear();
        Ok(())
    }

    /// Appends what the link brings onto a row of its far side.
    pub fn share(&mut self, link: &Conversion, forward: bool, row: u32, parts: &mut Parts<U>) -> Result<()> {
        let view = View::of(link, forward);
        if self.before.is_empty() {
            self.sum(&view);
        }
        let found = view
            .far
            .binary_search(&row)
            .ok()
            .or_else(|| view.far.iter().position(|&far| far == row));
        let Some((i, begin)) = found.and_then(|i| Some((i, view.far_at.get(i)?))) else {
            return Ok(());
        };
        let (first, last) = (
            self.upto(&view, begin),
            self.upto(&view, view.far_at.get(i + 1).unwrap_or(view.m)),
        );
        if last <= first {
            return Ok(());
        }
        divide(U::from_big(&(last - first)), &self.by_seed, parts)
    }

    fn on(&self, row: u32) -> BigUint {
        self.on.get(&row).map_or(BigUint::ZERO, |units| units.to_big())
    }

    fn sum(&mut self, view: &View) {
        let mut sum = BigUint::ZERO;
        for &row in view.near {
            let on = self.on(row);
            self.before.push(sum.clone());
            sum += on;
        }
    }

    /// Taint on the far side's first y units.
    fn upto(&self, view: &View, y: &BigUint) -> BigUint {
        if *view.m == BigUint::ZERO {
            return BigUint::ZERO;
        }
        let reached = y * view.n / view.m;
        let k = view.near_at.partition_point(|at| *at <= reached).saturating_sub(1);
        let (Some(&row), Some(at), Some(before)) = (view.near.get(k), view.near_at.get(k), self.before.get(k)) else {
            return BigUint::ZERO;
        };
        let end = view.near_at.get(k + 1).unwrap_or(view.n);
        if end <= at {
            return before.clone();
        }
        let (size, far, near) = (end - at, y * view.n, at * view.m);
        let inside = if far > near {
            self.on(row) * (far - near)
        } else {
            BigUint::ZERO
        };
        let (numerator, denominator) = (before * view.m * &size + inside, view.n * size);
        if view.forward {
            numerator / denominator
        } else {
            (numerator + &denominator - 1u8) / denominator
        }
    }
}
