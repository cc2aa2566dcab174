//! Following amounts: the sweep of haircut, dirty-first and TIHO.
//!
//! Rows that leave tainted pots are visited in position order; balances do not depend on taint and stand in the lines.
//! Backwards the same sweep is read transposed: what is asked of a pot is made up of the rows that entered it, in
//! proportion to the balance after each.

use crate::crossing::Crossing;
use crate::failure::{Failure, Result, push, room};
use crate::lines::Lines;
use crate::marks::{BLOCK, Marks, beyond, blocks, first, same};
use crate::outcome::{Bucket, NO, Outcome};
use crate::pools::{Parts, Pools};
use crate::question::{Question, SeedPot};
use crate::trail::{Trail, only_seed};
use crate::units::Units;
use crate::walk::{Pace, Step, Walk, stops};
use rustc_hash::FxHashMap;

/// Every tainted amount of the seeds to where it ends, by haircut, dirty-first or TIHO. `NotPerTransaction` where TIHO
/// meets an account.
pub fn sweep<U: Units>(question: &Question, lines: &Lines) -> Result<Outcome<U>> {
    sweep_at(question, lines, Pace::Adaptive)
}

/// `sweep` at a given pace, with the same outcome.
pub fn sweep_at<U: Units>(question: &Question, lines: &Lines, pace: Pace) -> Result<Outcome<U>> {
    Sweep::<U>::new(question, lines, pace)?.run()
}

struct Sweep<'a, U> {
    q: &'a Question<'a>,
    lines: &'a Lines,
    /// The pot that a row takes units from, and the one that it brings them to.
    near: &'a [i32],
    far: &'a [i32],
    walk: Walk<'a, U>,
    pools: Pools<U>,
    trail: Trail<U>,
    crossings: FxHashMap<u32, Crossing<U>>,
    stops: Marks,
    /// The first `marked` pools' pots as a set.
    marks: Marks,
    marked: usize,
    parts: Parts<U>,
    limited: bool,
}

impl<'a, U: Units> Sweep<'a, U> {
    fn new(q: &'a Question<'a>, lines: &'a Lines, pace: Pace) -> Result<Self> {
        let (near, far) = q.ways();
        Ok(Sweep {
            q,
            lines,
            near,
            far,
            walk: Walk::new(q, lines, pace)?,
            pools: Pools::new(q.method)?,
            trail: Trail::new(q.forward, only_seed(q), true),
            crossings: FxHashMap::default(),
            stops: stops(q)?,
            marks: Marks::default(),
            marked: 1,
            parts: vec![],
            limited: q.max_hops.is_some() || !q.min_amount.is_empty(),
        })
    }

    fn run(mut self) -> Result<Outcome<U>> {
        loop {
            match self.walk.step(self.pools.count())? {
                Step::Row(row) => self.visit(row)?,
                Step::Pot(i) => self.plant_pot(&self.q.pots[i])?,
                Step::Scan(first, last) => self.scan(first, last)?,
                Step::Reschedule => self.reschedule()?,
                Step::Done => break,
            }
        }
        self.leave()?;
        self.trail.finish()
    }

    /// What is left in the pots, in the order in which taint first entered them.
    fn leave(&mut self) -> Result<()> {
        let left = self.pools.pools.iter().filter(|pool| !pool.total.is_zero()).count();
        self.trail.reserve_rests(left)?;
        let mut parts = std::mem::take(&mut self.parts);
        for number in 1..=self.pools.count() {
            let (pot, pool) = (self.pools.pots[number], self.pools.pools[number]);
            if pool.total.is_zero() {
                continue;
            }
            let bucket = if self.q.forward {
                self.q.left(pot)
            } else {
                self.q.unknown(pot)
            };
            if !pool.is_shared() {
                self.trail.rest((bucket, NO), pot, NO, pool.seed(), pool.total)?;
                continue;
            }
            parts.clear();
            self.pools.left(number, &mut parts)?;
            self.rest((bucket, NO), pot, NO, &parts)?;
        }
        Ok(())
    }

    fn reschedule(&mut self) -> Result<()> {
        let at = self.walk.at();
        for (&pot, pool) in self.pools.pots.iter().zip(&self.pools.pools) {
            if !pool.total.is_zero() {
                self.walk.schedule_next(pot, at)?;
            }
        }
        Ok(())
    }

    /// Everything that reaches `row` is known: moves it on.
    fn visit(&mut self, row: u32) -> Result<()> {
        let mut parts = std::mem::take(&mut self.parts);
        parts.clear();
        let mut hops = self.arriving(row, &mut parts)?;
        let mut amount = sum(&parts);
        if self.limited
            && !amount.is_zero()
            && let Some(bucket) = self.q.cut(row, amount, hops)
        {
            self.rest((bucket, NO), self.q.side(row), row as i32, &parts)?;
            parts.clear();
            amount = U::default();
        }
        for i in self.walk.planted(row) {
            let plant = self.walk.plant(i);
            let units = plant.units.min(minus(self.q.rows.amount(row as usize), amount));
            if !units.is_zero() {
                push(&mut self.trail.out.planted, (self.q.side(row), plant.seed, units))?;
                push(&mut parts, (plant.seed, units))?;
                amount += units;
                hops = 0;
            }
        }
        if !amount.is_zero() {
            self.move_on(row, &parts, hops)?;
        }
        self.parts = parts;
        Ok(())
    }

    /// The tainted units that reach `row`, and the fewest hops they can have come.
    fn arriving(&mut self, row: u32, parts: &mut Parts<U>) -> Result<i32> {
        let links = self.q.links;
        let brought = if self.q.forward { &links.enters } else { &links.leaves };
        if let Some(number) = brought.get(&row) {
            return self.brought(*number, row, parts);
        }
        let Ok(pot) = u32::try_from(self.near[row as usize]) else {
            return Ok(0);
        };
        let number = self.pools.number(pot);
        if self.pools.pools[number].total.is_zero() {
            return Ok(0);
        }
        let (amount, balance) = (self.q.rows.amount(row as usize), self.balance(row));
        self.pools.take(number, row, amount, balance, parts)?;
        let pool = self.pools.pools[number];
        if !pool.total.is_zero() {
            self.walk.schedule_next(pot, self.past(row))?;
        }
        Ok(self.hops_on(row, pool.fewest))
    }

    fn brought(&mut self, number: u32, row: u32, parts: &mut Parts<U>) -> Result<i32> {
        let Some(crossing) = self.crossings.get_mut(&number) else {
            return Ok(0);
        };
        crossing.share(&self.q.links.conversions[number as usize], self.q.forward, row, parts)?;
        for &(seed, units) in parts.iter() {
            push(&mut self.trail.out.crossings, (row, seed, units))?;
        }
        Ok(crossing.hops)
    }

    #[inline]
    fn balance(&self, row: u32) -> U {
        if self.q.forward {
            self.lines.before(&self.q.rows, row)
        } else {
            self.lines.after(&self.q.rows, row)
        }
    }

    #[inline]
    fn hops_on(&self, row: u32, fewest: i32) -> i32 {
        fewest.saturating_add(self.q.step(row)).max(0)
    }

    /// The bound for `schedule_next` after a visit.
    fn past(&self, row: u32) -> u32 {
        if self.q.forward { row.saturating_add(1) } else { row }
    }

    fn move_on(&mut self, row: u32, parts: &Parts<U>, hops: i32) -> Result<()> {
        for_each_seed(parts, |seed, units| self.trail.mv(row, seed, units, hops))?;
        match self.q.end(row) {
            Some(end) => self.end(row, end, parts, hops),
            None => self.go_on(row, parts, hops),
        }
    }

    fn end(&mut self, row: u32, end: (Bucket, i32), parts: &Parts<U>, hops: i32) -> Result<()> {
        self.rest(end, self.q.far(row), row as i32, parts)?;
        if end.0 == Bucket::LinkedOut {
            self.cross(row, parts, hops)
        } else {
            Ok(())
        }
    }

    fn go_on(&mut self, row: u32, parts: &Parts<U>, hops: i32) -> Result<()> {
        let Ok(pot) = u32::try_from(self.far[row as usize]) else {
            return Ok(());
        };
        let number = self.enter(pot, parts, hops, self.past(row))?;
        if self.q.forward {
            Ok(())
        } else {
            self.explain(row, pot, number)
        }
    }

    /// Backwards: the units that entered `pot` unexplained just before `row` end here.
    fn explain(&mut self, row: u32, pot: u32, number: usize) -> Result<()> {
        let balance = self.lines.before::<U>(&self.q.rows, row);
        if balance > self.q.rows.amount(row as usize) {
            return Ok(());
        }
        let missing = self.lines.missing::<U>(&self.q.rows, row);
        if missing.is_zero() {
            return Ok(());
        }
        let mut parts = vec![];
        self.pools.take(number, row, missing, balance, &mut parts)?;
        self.rest((self.q.unknown(pot), NO), pot, NO, &parts)
    }

    fn enter(&mut self, pot: u32, parts: &[(u32, U)], hops: i32, from: u32) -> Result<usize> {
        let number = self.pools.open(self.q, self.lines, pot, hops)?;
        if self.pools.pools[number].total.is_zero() {
            self.walk.schedule_next(pot, from)?;
        }
        for &(seed, units) in parts {
            self.pools.add(number, seed, units)?;
        }
        Ok(number)
    }

    fn plant_pot(&mut self, seed: &SeedPot) -> Result<()> {
        let (received, sent) = self.lines.totals::<U>(&self.q.rows, seed.pot, seed.row);
        let tainted = self.pools.pools[self.pools.number(seed.pot)].total;
        let free = minus(minus(received, sent), tainted);
        let mut units = seed.cap.map_or(free, |cap| free.at_most(cap));
        if units.is_zero() {
            return Ok(());
        }
        push(&mut self.trail.out.planted, (seed.pot, seed.seed, units))?;
        let hops = if self.q.forward { 0 } else { -1 };
        self.enter(seed.pot, &[(seed.seed, units)], hops, seed.row)?;
        for &(arrived, part) in seed.rows.iter().rev().take(if self.q.forward { usize::MAX } else { 0 }) {
            let shown = units.at_most(part);
            units -= shown;
            if !shown.is_zero() {
                self.trail.show(arrived, seed.seed, shown)?;
            }
        }
        Ok(())
    }

    fn cross(&mut self, row: u32, parts: &Parts<U>, hops: i32) -> Result<()> {
        let links = self.q.links;
        let taken = if self.q.forward { &links.leaves } else { &links.enters };
        let Some((&number, link)) = taken
            .get(&row)
            .and_then(|n| Some((n, links.conversions.get(*n as usize)?)))
        else {
            return Err(Failure::OutOfRange(format!("the link of row {row}")));
        };
        self.crossings
            .try_reserve(1)
            .map_err(|_| Failure::OutOfMemory(size_of::<Crossing<U>>()))?;
        let crossing = self.crossings.entry(number).or_insert_with(Crossing::new);
        crossing.arrive(row, parts, hops)?;
        for &other in if self.q.forward { &link.targets } else { &link.sources } {
            self.walk.schedule(other)?;
        }
        Ok(())
    }

    fn rest(&mut self, end: (Bucket, i32), pot: u32, row: i32, parts: &Parts<U>) -> Result<()> {
        for_each_seed(parts, |seed, units| self.trail.rest(end, pot, row, seed, units))
    }

    /// Visits the rows of tainted pots among `first` to `last`, where nothing is seeded or brought by links.
    fn scan(&mut self, first: u32, last: u32) -> Result<()> {
        self.mark()?;
        let before = self.trail.out.moves.row.len();
        for rows in blocks(first, last, self.q.forward) {
            if self.block(rows)? {
                break;
            }
        }
        self.walk.count((self.trail.out.moves.row.len() - before) as u64)
    }

    fn mark(&mut self) -> Result<()> {
        self.pools.widen(self.q.rows.pots())?;
        if self.marks.is_empty() {
            self.marks = Marks::new(self.q.rows.pots())?;
        }
        self.pools.pots[self.marked..]
            .iter()
            .for_each(|&pot| self.marks.set(pot));
        self.marked = self.pools.pots.len();
        Ok(())
    }

    /// Whether the scan ends within these rows.
    fn block(&mut self, rows: std::ops::Range<usize>) -> Result<bool> {
        let (begin, forward) = (rows.start as u32, self.q.forward);
        let near = &self.near[rows.clone()];
        let mut mask = self.marks.mask(near);
        if mask == 0 {
            return Ok(false);
        }
        self.trail.reserve(BLOCK)?;
        self.touch(mask, near, &self.far[rows]);
        while mask != 0 {
            let i = first(mask, forward);
            mask &= beyond(i, forward);
            self.pass(begin + i)?;
            if self.marked < self.pools.pots.len() {
                let pot = self.pools.pots[self.marked];
                self.marked += 1;
                self.marks.set(pot);
                mask |= same(near, pot) & beyond(i, forward);
            }
            if self.walk.ends_after(begin + i) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Reads the pools that are needed soon, so that the loads overlap.
    fn touch(&self, mask: u64, near: &[i32], far: &[i32]) {
        let (mut numbers, mut count, mut left) = ([0; 2 * BLOCK], 0, mask);
        let number = |pot: i32| self.pools.numbers().get(pot as usize).copied().unwrap_or(0);
        while left != 0 {
            let i = left.trailing_zeros() as usize;
            left &= left - 1;
            (numbers[count], numbers[count + 1]) = (number(near[i]), number(far[i]));
            count += 2;
        }
        let seen = numbers[..count]
            .iter()
            .map(|&number| self.pools.pools[number as usize].fewest);
        std::hint::black_box(seen.fold(0, |seen, hops| seen ^ hops));
    }

    /// A row of a scan that may leave a tainted pot.
    #[inline]
    fn pass(&mut self, row: u32) -> Result<()> {
        let (pot, to) = (self.near[row as usize], self.far[row as usize]);
        let number = self.pools.number(pot as u32);
        let pool = self.pools.pools[number];
        if pool.total.is_zero() {
            return Ok(());
        }
        let amount = self.q.rows.amount::<U>(row as usize);
        if amount.is_zero() || to == pot {
            return Ok(());
        }
        if pool.is_shared() {
            return self.visit(row);
        }
        let units = self.pools.share_of(pool.total, amount, || self.balance(row));
        if units.is_zero() {
            return Ok(());
        }
        self.pools.pools[number].total = pool.total - units;
        let hops = self.hops_on(row, pool.fewest);
        let seed = pool.seed();
        if self.limited
            && let Some(bucket) = self.q.cut(row, units, hops)
        {
            return self.trail.rest((bucket, NO), self.q.side(row), row as i32, seed, units);
        }
        self.trail.mv(row, seed, units, hops)?;
        match u32::try_from(to) {
            Ok(to) if !self.stops.has(to as i32) => self.bring(row, to, seed, units, hops),
            _ => self.pass_on(row, seed, units, hops),
        }
    }

    #[inline]
    fn bring(&mut self, row: u32, to: u32, seed: u32, units: U, hops: i32) -> Result<()> {
        let number = self.pools.open(self.q, self.lines, to, hops)?;
        self.pools.add(number, seed, units)?;
        if self.q.forward {
            Ok(())
        } else {
            self.explain(row, to, number)
        }
    }

    /// Where a row of a scan may not lead into a pot.
    fn pass_on(&mut self, row: u32, seed: u32, units: U, hops: i32) -> Result<()> {
        let parts = vec![(seed, units)];
        match self.q.end(row) {
            Some(end) => self.end(row, end, &parts, hops),
            None => self.go_on(row, &parts, hops),
        }
    }
}

/// One entry a seed, in seed order, without those that have nothing.
fn for_each_seed<U: Units>(parts: &Parts<U>, mut f: impl FnMut(u32, U) -> Result<()>) -> Result<()> {
    if parts.is_sorted_by(|a, b| a.0 < b.0) {
        return parts
            .iter()
            .filter(|part| !part.1.is_zero())
            .try_for_each(|&(seed, units)| f(seed, units));
    }
    let mut sorted = room(parts.len())?;
    sorted.extend_from_slice(parts);
    sorted.sort_unstable();
    for same in sorted.chunk_by(|a, b| a.0 == b.0) {
        let units = sum(same);
        if !units.is_zero() {
            f(same[0].0, units)?;
        }
    }
    Ok(())
}

fn sum<U: Units>(parts: &[(u32, U)]) -> U {
    let mut sum = U::default();
    for part in parts {
        sum += part.1;
    }
    sum
}

/// The difference, or nothing.
pub(crate) fn minus<U: Units>(a: U, b: U) -> U {
    if a > b { a - b } else { U::default() }
}
