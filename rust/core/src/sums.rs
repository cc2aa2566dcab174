//! Sums of an outcome by asset: what a ledger shows.

use crate::outcome::Outcome;
use crate::question::Question;
use crate::rows::Rows;
use crate::units::{Units, Wide};
use num_bigint::BigUint;
use std::collections::BTreeMap;

/// By asset, bucket and category.
pub fn rests<U: Units>(outcome: &Outcome<U>, rows: &Rows<'_>) -> Vec<(u32, u8, i32, BigUint)> {
    let rests = &outcome.rests;
    let mut sums = Sums::default();
    for (i, &pot) in rests.pot.iter().enumerate() {
        sums.add((asset(rows, pot), rests.bucket[i], rests.category[i]), rests.amount[i]);
    }
    sums.listed()
        .map(|((asset, bucket, category), sum)| (asset, bucket, category, sum))
        .collect()
}

/// What was newly seeded, by asset.
pub fn planted<U: Units>(outcome: &Outcome<U>, rows: &Rows<'_>) -> Vec<(u32, BigUint)> {
    by_asset(
        outcome
            .planted
            .iter()
            .map(|&(pot, _, amount)| (asset(rows, pot), amount)),
    )
}

/// What links brought, by asset.
pub fn crossings<U: Units>(outcome: &Outcome<U>, question: &Question<'_>) -> Vec<(u32, BigUint)> {
    by_asset(
        outcome
            .crossings
            .iter()
            .map(|&(row, _, amount)| (asset_of_row(question, row), amount)),
    )
}

/// What moved on rows, by asset; whole rows where the method says no amounts.
pub fn moved<U: Units>(outcome: &Outcome<U>, question: &Question<'_>) -> Vec<(u32, BigUint)> {
    let (moves, rows) = (&outcome.moves, &question.rows);
    let many = moves.row.len() > rows.pots() / 8;
    let only = many.then(|| only_asset(rows)).flatten();
    by_asset(moves.row.iter().enumerate().map(|(i, &row)| {
        let known = moves.amount.get(i).copied();
        let amount = known.unwrap_or_else(|| rows.amount(row as usize));
        (only.unwrap_or_else(|| asset_of_row(question, row)), amount)
    }))
}

/// The asset of every pot, if there is only one.
fn only_asset(rows: &Rows<'_>) -> Option<u32> {
    let first = *rows.asset.first()?;
    rows.asset.iter().all(|&asset| asset == first).then_some(first)
}

/// The asset of a row: of the pot it leaves, else of the one it enters, else of the one it had.
fn asset_of_row(question: &Question<'_>, row: u32) -> u32 {
    let (rows, at) = (&question.rows, row as usize);
    let pots = [rows.sender[at], rows.receiver[at]];
    let pot = pots.iter().find_map(|&pot| u32::try_from(pot).ok());
    asset(
        rows,
        pot.unwrap_or_else(|| question.links.unlined.get(&row).copied().unwrap_or(0)),
    )
}

fn asset(rows: &Rows<'_>, pot: u32) -> u32 {
    rows.asset.get(pot as usize).copied().unwrap_or(u32::MAX)
}

fn by_asset<U: Units>(entries: impl Iterator<Item = (u32, U)>) -> Vec<(u32, BigUint)> {
    let mut sums = Sums::default();
    for (asset, amount) in entries {
        sums.add(asset, amount);
    }
    sums.listed().collect()
}

/// Sums by key, the last key at hand: neighbours mostly share it.
struct Sums<K> {
    last: Option<(K, u128)>,
    all: BTreeMap<K, Wide>,
}

impl<K> Default for Sums<K> {
    fn default() -> Self {
        Sums {
            last: None,
            all: BTreeMap::new(),
        }
    }
}

impl<K: Ord + Copy> Sums<K> {
    fn add<U: Units>(&mut self, key: K, amount: U) {
        if let Some((last, sum)) = &mut self.last
            && *last == key
            && let Some(small) = amount.narrow()
            && let Some(more) = sum.checked_add(small)
        {
            *sum = more;
            return;
        }
        self.settle();
        *self.all.entry(key).or_default() += amount.to_wide();
        self.last = Some((key, 0));
    }

    fn settle(&mut self) {
        if let Some((key, sum)) = self.last.take() {
            *self.all.entry(key).or_default() += Wide::from(sum);
        }
    }

    fn listed(mut self) -> impl Iterator<Item = (K, BigUint)> {
        self.settle();
        self.all.into_iter().map(|(key, sum)| (key, sum.to_big()))
    }
}
