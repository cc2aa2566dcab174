//! Where rows and pots stand with respect to a question: limits, stops, and the ends of lines.

use crate::outcome::{Bucket, NO};
use crate::question::Question;
use crate::rows::kind;
use crate::units::Units;

impl<'a> Question<'a> {
    /// By row the pot that units come from, and the one that they go to; backwards the other way round.
    pub fn ways(&self) -> (&'a [i32], &'a [i32]) {
        if self.forward {
            (self.rows.sender, self.rows.receiver)
        } else {
            (self.rows.receiver, self.rows.sender)
        }
    }

    /// The bucket of units that a limit keeps from moving on `row`; none if they move.
    pub fn cut<U: Units>(&self, row: u32, amount: U, hops: i32) -> Option<Bucket> {
        if self.max_hops.is_some_and(|most| i64::from(hops) > i64::from(most)) {
            return Some(Bucket::CutHops);
        }
        if self.min_amount.is_empty() {
            return None;
        }
        let asset = self.rows.asset.get(self.near(row, true) as usize)?;
        let least = self.min_amount.get(*asset as usize)?;
        (amount.to_wide() < *least).then_some(Bucket::BelowThreshold)
    }

    /// The category under which the account of `pot` is a stop at `row`.
    pub fn stop(&self, pot: u32, row: u32) -> Option<u32> {
        let windows = self.stops.get(&pot)?;
        windows
            .iter()
            .find(|window| (window.first..window.last).contains(&row))
            .map(|window| window.category)
    }

    /// Hops that a row adds: passing through a UTXO transaction, two rows, is one hop.
    pub fn step(&self, row: u32) -> i32 {
        let passing = if self.forward { kind::INPUT } else { kind::OUTPUT };
        i32::from(self.rows.kind.get(row as usize) != Some(&passing))
    }

    /// Bucket and category, or `NO`, where units on `row` end; none if they go on into (backwards: out of) a pot.
    pub fn end(&self, row: u32) -> Option<(Bucket, i32)> {
        let (taken, ends) = if self.forward {
            (&self.links.leaves, self.rows.receiver)
        } else {
            (&self.links.enters, self.rows.sender)
        };
        if !taken.is_empty() && taken.contains_key(&row) {
            return Some((Bucket::LinkedOut, NO));
        }
        match ends.get(row as usize).and_then(|&pot| u32::try_from(pot).ok()) {
            Some(_) if self.stops.is_empty() => None,
            Some(pot) => self.stop(pot, row).map(|category| (Bucket::Exit, category as i32)),
            None => Some((self.nobody(row), NO)),
        }
    }

    /// The bucket of units on a row that enters (backwards: leaves) no pot.
    fn nobody(&self, row: u32) -> Bucket {
        match (self.forward, self.rows.kind.get(row as usize).copied()) {
            (true, Some(kind::FEE)) => Bucket::Fees,
            (true, _) => Bucket::Burnt,
            (false, Some(kind::OPENING)) => Bucket::Opening,
            (false, _) => Bucket::Issued,
        }
    }

    /// The pot that a row leaves (backwards: enters), or the one at its other end where there is none.
    pub fn side(&self, row: u32) -> u32 {
        self.near(row, self.forward)
    }

    /// The pot that a row enters (backwards: leaves), or the one at its other end where there is none.
    pub fn far(&self, row: u32) -> u32 {
        self.near(row, !self.forward)
    }

    /// The pot that a row leaves (backwards: enters); the one at its other end where there is none on the lines; where
    /// links have taken both ends, the one that the row had.
    pub fn near(&self, row: u32, forward: bool) -> u32 {
        let (first, second) = if forward {
            (self.rows.sender, self.rows.receiver)
        } else {
            (self.rows.receiver, self.rows.sender)
        };
        let pot = |ends: &[i32]| ends.get(row as usize).and_then(|&pot| u32::try_from(pot).ok());
        let unlined = || self.links.unlined.get(&row).copied();
        pot(first).or_else(|| pot(second)).or_else(unlined).unwrap_or(0)
    }

    /// Forwards: the bucket of what is left in a pot at the end.
    pub fn left(&self, pot: u32) -> Bucket {
        if self.is_unfetched(pot) {
            Bucket::NotFetched
        } else {
            Bucket::Held
        }
    }

    /// Backwards: the bucket of units whose coming is not in the rows.
    pub fn unknown(&self, pot: u32) -> Bucket {
        if self.is_unfetched(pot) {
            Bucket::NotFetched
        } else {
            Bucket::Unexplained
        }
    }

    fn is_unfetched(&self, pot: u32) -> bool {
        self.unfetched.get(pot as usize).copied().unwrap_or(false)
    }
}
