//! How pots give away the tainted units in them. While only one seed is in a pot, it has a total and nothing else.

use crate::failure::{Failure, Result, filled, push, zeroed};
use crate::lines::Lines;
use crate::question::{Method, Question};
use crate::rows::{kind, nature};
use crate::units::Units;
use rustc_hash::FxHashMap;
use std::collections::VecDeque;

/// (seed, amount) pairs, in the order in which they travel.
pub(crate) type Parts<U> = Vec<(u32, U)>;

/// The taint of one pot, in one cache line.
#[derive(Debug, Clone, Copy)]
#[repr(align(32))]
pub(crate) struct Pool<U> {
    /// In base units.
    pub total: U,
    /// The fewest hops by which taint has ever come.
    pub fewest: i32,
    /// The seed, or with `MANY` a number of `Pools.shares`.
    who: u32,
}

const MANY: u32 = 1 << 31;

impl<U: Units> Pool<U> {
    /// Whether more than the total is to be known when units leave.
    #[inline]
    pub fn is_shared(&self) -> bool {
        self.who & MANY != 0
    }

    /// The seed of all units in it, unless it is shared.
    #[inline]
    pub fn seed(&self) -> u32 {
        self.who
    }
}

/// The taint of one pot by seed.
#[derive(Debug)]
enum Shares<U> {
    /// In proportion: floor(taint · amount / balance) leaves, divided among seeds, which ascend, by cumulative floors.
    Even(Parts<U>),
    /// Tainted units leave first; among themselves first in, first out.
    Queue(VecDeque<(u32, U)>),
    /// TIHO.
    Highest(HighestOut<U>),
}

/// TIHO, for the pot that a UTXO transaction is: taint fills its outputs from the highest down, the fee last; equal
/// outputs in output order, seeds in seed order. (Tironsakkul et al., arXiv 1906.05754; ties are our own rule.)
#[derive(Debug)]
struct HighestOut<U> {
    begins: FxHashMap<u32, U>,
    entered: Parts<U>,
    unspent: Parts<U>,
}

/// All pots that taint has entered, in the order in which it first did.
pub(crate) struct Pools<U> {
    method: Method,
    /// By number of pool, from 1 on; number 0 stands for no pool and stays empty.
    pub pots: Vec<u32>,
    pub pools: Vec<Pool<U>>,
    shares: Vec<Shares<U>>,
    places: Places,
}

/// By pot a number that is not 0; 0 if it has none.
#[derive(Debug, Default)]
pub(crate) struct Places {
    few: FxHashMap<u32, u32>,
    many: Vec<u32>,
}

impl Places {
    /// The entry of a pot, 0 if it has none.
    #[inline]
    pub fn get(&self, pot: u32) -> u32 {
        match self.many.get(pot as usize) {
            Some(&place) => place,
            None => self.few.get(&pot).copied().unwrap_or(0),
        }
    }

    /// Sets the entry of a pot.
    #[inline]
    pub fn set(&mut self, pot: u32, place: u32) -> Result<()> {
        match self.many.get_mut(pot as usize) {
            Some(entry) => *entry = place,
            None => {
                self.few
                    .try_reserve(1)
                    .map_err(|_| Failure::OutOfMemory(size_of::<(u32, u32)>()))?;
                self.few.insert(pot, place);
            }
        }
        Ok(())
    }

    /// From now on an entry a pot, among `pots` pots: `known` are those that have one.
    pub fn widen(&mut self, pots: usize, known: &[u32]) -> Result<()> {
        if !self.many.is_empty() {
            return Ok(());
        }
        let mut many = zeroed::<u32>(pots)?;
        for &pot in known {
            many[pot as usize] = self.get(pot);
        }
        (self.many, self.few) = (many, FxHashMap::default());
        Ok(())
    }

    /// All entries; empty before `widen`.
    #[inline]
    pub fn entries(&self) -> &[u32] {
        &self.many
    }
}

impl<U: Units> Pools<U> {
    /// No taint anywhere.
    pub fn new(method: Method) -> Result<Self> {
        let nothing = Pool {
            total: U::default(),
            fewest: 0,
            who: 0,
        };
        Ok(Pools {
            method,
            pots: filled(u32::MAX, 1)?,
            pools: filled(nothing, 1)?,
            shares: vec![],
            places: Places::default(),
        })
    }

    /// How many pools there are.
    pub fn count(&self) -> usize {
        self.pots.len() - 1
    }

    /// The number of the pot's pool, or 0.
    #[inline]
    pub fn number(&self, pot: u32) -> usize {
        self.places.get(pot) as usize
    }

    /// `number` of every pot, once `widen` was called.
    #[inline]
    pub fn numbers(&self) -> &[u32] {
        self.places.entries()
    }

    /// Prepares for taint in many pots.
    pub fn widen(&mut self, pots: usize) -> Result<()> {
        if self.places.entries().is_empty() {
            // Room that is never used is never touched; without it the pools would be copied as they grow.
            let _ = self.pools.try_reserve(pots.saturating_sub(self.count()));
        }
        self.places.widen(pots, &self.pots[1..])
    }

    /// The number of the pool of a pot that taint enters after `hops`. TIHO fails at an account.
    pub fn open(&mut self, question: &Question, lines: &Lines, pot: u32, hops: i32) -> Result<usize> {
        let number = self.number(pot);
        if number != 0 {
            let pool = &mut self.pools[number];
            pool.fewest = pool.fewest.min(hops);
            return Ok(number);
        }
        let mut pool = Pool {
            total: U::default(),
            fewest: hops,
            who: 0,
        };
        if self.method == Method::Tiho {
            match question.rows.nature(pot as usize) {
                nature::COIN => {}
                nature::TRANSACTION => {
                    pool.who = self.share(Shares::Highest(HighestOut::new(question, lines, pot)?))?;
                }
                _ => return Err(Failure::NotPerTransaction),
            }
        }
        let number = self.pools.len();
        push(&mut self.pots, pot)?;
        push(&mut self.pools, pool)?;
        self.places.set(pot, number as u32)?;
        Ok(number)
    }

    fn share(&mut self, shares: Shares<U>) -> Result<u32> {
        push(&mut self.shares, shares)?;
        Ok((self.shares.len() as u32 - 1) | MANY)
    }

    /// Units of one seed come in.
    #[inline]
    pub fn add(&mut self, number: usize, seed: u32, units: U) -> Result<()> {
        let pool = &mut self.pools[number];
        if !pool.is_shared() && (pool.who == seed || pool.total.is_zero()) {
            pool.who = seed;
            pool.total += units;
            return Ok(());
        }
        self.add_shared(number, seed, units)
    }

    fn add_shared(&mut self, number: usize, seed: u32, units: U) -> Result<()> {
        let Pool { total, who, .. } = self.pools[number];
        if who & MANY == 0 {
            let held = (who, total);
            let shares = match self.method {
                Method::Haircut => Shares::Even(vec![held]),
                _ => Shares::Queue(VecDeque::from([held])),
            };
            self.pools[number].who = self.share(shares)?;
        }
        self.pools[number].total += units;
        match &mut self.shares[(self.pools[number].who & !MANY) as usize] {
            Shares::Even(parts) => add_by_seed(parts, seed, units),
            Shares::Queue(queue) => {
                queue
                    .try_reserve(1)
                    .map_err(|_| Failure::OutOfMemory(size_of::<(u32, U)>()))?;
                queue.push_back((seed, units));
                Ok(())
            }
            Shares::Highest(out) => {
                add_by_seed(&mut out.entered, seed, units)?;
                add_by_seed(&mut out.unspent, seed, units)
            }
        }
    }

    /// How many of the tainted units in a pool that is not shared leave with `amount` of `balance`.
    #[inline]
    pub fn share_of(&self, total: U, amount: U, balance: impl FnOnce() -> U) -> U {
        match self.method {
            Method::Haircut => {
                let balance = balance();
                if balance.is_zero() {
                    U::default()
                } else {
                    total.share(amount, balance)
                }
            }
            _ => total.min(amount),
        }
    }

    /// Appends the tainted units among `amount` that `row` takes from `balance`.
    pub fn take(&mut self, number: usize, row: u32, amount: U, balance: U, parts: &mut Parts<U>) -> Result<()> {
        let Pool { total, who, .. } = self.pools[number];
        let begin = parts.len();
        if who & MANY == 0 {
            let units = self.share_of(total, amount, || balance);
            if !units.is_zero() {
                push(parts, (who, units))?;
            }
        } else {
            match &mut self.shares[(who & !MANY) as usize] {
                Shares::Even(_) if balance.is_zero() => {}
                Shares::Even(held) => {
                    divide(total.share(amount, balance), held, parts)?;
                    subtract(held, &parts[begin..]);
                }
                Shares::Queue(queue) => take_first(queue, amount, parts)?,
                Shares::Highest(out) => out.take(row, amount, parts)?,
            }
        }
        for &(_, units) in &parts[begin..] {
            self.pools[number].total -= units;
        }
        Ok(())
    }

    /// Appends the tainted units still in the pool.
    pub fn left(&self, number: usize, parts: &mut Parts<U>) -> Result<()> {
        let Pool { total, who, .. } = self.pools[number];
        if who & MANY == 0 {
            return push(parts, (who, total));
        }
        let held: &mut dyn Iterator<Item = &(u32, U)> = match &self.shares[(who & !MANY) as usize] {
            Shares::Even(held) => &mut held.iter(),
            Shares::Queue(queue) => &mut queue.iter(),
            Shares::Highest(out) => &mut out.unspent.iter(),
        };
        for &part in held {
            push(parts, part)?;
        }
        Ok(())
    }
}

impl<U: Units> HighestOut<U> {
    fn new(question: &Question, lines: &Lines, pot: u32) -> Result<Self> {
        let rows = lines.out_rows(pot);
        let mut ranked = filled((false, U::default(), 0), rows.len())?;
        for (rank, &row) in ranked.iter_mut().zip(rows) {
            let is_fee = question.rows.kind[row as usize] == kind::FEE;
            *rank = (is_fee, question.rows.amount::<U>(row as usize), row);
        }
        ranked.sort_unstable_by(|a, b| a.0.cmp(&b.0).then(b.1.cmp(&a.1)).then(a.2.cmp(&b.2)));
        let mut begins = FxHashMap::default();
        begins
            .try_reserve(rows.len())
            .map_err(|_| Failure::OutOfMemory(rows.len() * size_of::<(u32, U)>()))?;
        let mut filled = U::default();
        for (_, amount, row) in ranked {
            begins.insert(row, filled);
            filled += amount;
        }
        Ok(HighestOut {
            begins,
            entered: vec![],
            unspent: vec![],
        })
    }

    fn take(&mut self, row: u32, amount: U, parts: &mut Parts<U>) -> Result<()> {
        let Some(&first) = self.begins.get(&row) else {
            return Ok(());
        };
        let (last, mut at, begin) = (first + amount, U::default(), parts.len());
        for &(seed, units) in &self.entered {
            let (low, high) = (first.max(at), last.min(at + units));
            if high > low {
                push(parts, (seed, high - low))?;
            }
            at += units;
        }
        subtract(&mut self.unspent, &parts[begin..]);
        Ok(())
    }
}

/// Adds to parts whose seeds ascend.
pub(crate) fn add_by_seed<U: Units>(parts: &mut Parts<U>, seed: u32, units: U) -> Result<()> {
    match parts.binary_search_by_key(&seed, |part| part.0) {
        Ok(i) => parts[i].1 += units,
        Err(i) => {
            parts
                .try_reserve(1)
                .map_err(|_| Failure::OutOfMemory(size_of::<(u32, U)>()))?;
            parts.insert(i, (seed, units));
        }
    }
    Ok(())
}

/// Takes `parts` out of what is held; the seeds of both ascend.
fn subtract<U: Units>(held: &mut [(u32, U)], parts: &[(u32, U)]) {
    let mut parts = parts.iter().peekable();
    for (seed, units) in held {
        if let Some(part) = parts.next_if(|part| part.0 == *seed) {
            *units -= part.1;
        }
    }
}

fn take_first<U: Units>(queue: &mut VecDeque<(u32, U)>, amount: U, parts: &mut Parts<U>) -> Result<()> {
    let mut left = amount;
    while !left.is_zero() {
        let Some(front) = queue.front_mut() else { break };
        let part = front.1.min(left);
        let seed = front.0;
        front.1 -= part;
        if front.1.is_zero() {
            queue.pop_front();
        }
        left -= part;
        if !part.is_zero() {
            push(parts, (seed, part))?;
        }
    }
    Ok(())
}

/// Appends `total` in proportion to the weights by cumulative floors: part k is floor(t·W_k/W) - floor(t·W_(k-1)/W).
pub(crate) fn divide<U: Units>(total: U, weights: &[(u32, U)], parts: &mut Parts<U>) -> Result<()> {
    let mut whole = U::default();
    for weight in weights {
        whole += weight.1;
    }
    if whole.is_zero() {
        return Ok(());
    }
    let (mut given, mut weighed) = (U::default(), U::default());
    for &(seed, weight) in weights {
        weighed += weight;
        let upto = total.share(weighed, whole);
        if upto > given {
            push(parts, (seed, upto - given))?;
        }
        given = upto;
    }
    Ok(())
}
