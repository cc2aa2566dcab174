//! Drawing the lines: one pass that keeps what every pot received and sent and counts, one that lays it out.

use crate::failure::{Failure, Result, filled, push, room, zeroed};
use crate::lines::{Lines, Lot, Side};
use crate::rows::{NONE, Rows};
use crate::units::{Units, Wide};
use std::hint::black_box;

/// One amount a row: of a wide asset, one more than where it stands in `wide`.
#[derive(Debug, Default)]
pub(crate) struct Slots {
    narrow: Vec<u128>,
    wide: Vec<Wide>,
}

impl Slots {
    fn with(rows: usize, wide: usize) -> Result<Slots> {
        Ok(Slots {
            narrow: zeroed(rows)?,
            wide: room(wide)?,
        })
    }

    /// The amount of a row; zero where it has none.
    pub fn get<U: Units>(&self, row: u32, wide: bool) -> U {
        match self.narrow.get(row as usize) {
            Some(&units) if !wide => U::from_narrow(units),
            Some(&slot) if U::WIDE => self.wide(slot).map_or(U::default(), U::from_wide),
            _ => U::default(),
        }
    }

    fn wide(&self, slot: u128) -> Option<Wide> {
        self.wide.get((slot as usize).checked_sub(1)?).copied()
    }

    /// Memory held.
    pub fn bytes(&self) -> usize {
        self.narrow.capacity() * size_of::<u128>() + self.wide.capacity() * size_of::<Wide>()
    }

    fn put<U: Units>(&mut self, row: u32, units: U) -> Result<()> {
        if U::WIDE {
            push(&mut self.wide, units.to_wide())?;
        }
        self.narrow[row as usize] = if U::WIDE {
            self.wide.len() as u128
        } else {
            narrow(units)
        };
        Ok(())
    }
}

/// An amount known to be narrow.
fn narrow<U: Units>(units: U) -> u128 {
    let limbs = units.to_wide();
    let [low, high, ..] = *limbs.as_limbs();
    u128::from(low) | u128::from(high) << 64
}

/// What one pot has had so far, and how many stretches stand on its lines; aligned, so that it is one line of the cache.
#[derive(Debug, Clone, Copy, Default)]
#[repr(align(64))]
struct Pot<U> {
    received: U,
    sent: U,
    outs: u32,
    lots: u32,
}

impl<U: Units> Pot<U> {
    /// Units leave; whether there were too few.
    fn send(&mut self, units: U) -> bool {
        self.sent += units;
        self.outs += 1;
        let is_short = self.sent > self.received;
        self.received = self.received.max(self.sent);
        self.lots += u32::from(is_short);
        is_short
    }

    /// Units enter.
    fn receive(&mut self, units: U) {
        self.received += units;
        self.lots += 1;
    }
}

/// Which number a pot has among those of one width.
trait Numbers {
    /// How many pots have one.
    fn count(&self) -> usize;

    /// The pot's; none where it is of the other width.
    fn of(&self, pot: u32) -> Option<usize>;

    /// The number of the pot at an end of a row.
    fn of_end(&self, pot: i32) -> Option<usize> {
        u32::try_from(pot).ok().and_then(|pot| self.of(pot))
    }
}

/// All pots are of one width.
struct All(usize);

impl Numbers for All {
    fn count(&self) -> usize {
        self.0
    }

    fn of(&self, pot: u32) -> Option<usize> {
        Some(pot as usize)
    }
}

/// Some pots are; the others have `u32::MAX`.
struct Few {
    count: usize,
    number: Vec<u32>,
}

impl Few {
    fn of_width(wide_pots: &[bool], wide: bool) -> Result<Few> {
        let mut few = Few {
            count: 0,
            number: room(wide_pots.len())?,
        };
        for &is in wide_pots {
            few.number.push(if is == wide { few.count as u32 } else { u32::MAX });
            few.count += usize::from(is == wide);
        }
        Ok(few)
    }
}

impl Numbers for Few {
    fn count(&self) -> usize {
        self.count
    }

    fn of(&self, pot: u32) -> Option<usize> {
        self.number
            .get(pot as usize)
            .filter(|&&number| number != u32::MAX)
            .map(|&number| number as usize)
    }
}

/// See `Lines::draw`.
pub(crate) fn draw(rows: &Rows, opening: bool) -> Result<Lines> {
    check(rows)?;
    let wide_assets = wide_assets(rows)?;
    let mut draft = Draft::new(rows, wide_assets)?;
    if draft.lines.wide_assets.is_empty() {
        draft.weigh::<u128, _>(rows, All(rows.pots()), opening)?;
    } else {
        let (narrow, wide) = (draft.numbers(false)?, draft.numbers(true)?);
        draft.weigh::<u128, _>(rows, narrow, opening)?;
        draft.weigh::<Wide, _>(rows, wide, opening)?;
    }
    draft.lay_out(rows)
}

/// Lines while they are drawn. Until they are laid out `first[pot + 1]` counts what stands on the pot's line.
struct Draft {
    lines: Lines,
    /// Bit by row: it moves something; it spent more than there was.
    moves: Vec<u64>,
    short: Vec<u64>,
    /// Pots with units at the head.
    heads: Vec<u32>,
}

impl Draft {
    fn new(rows: &Rows, wide_assets: Vec<bool>) -> Result<Draft> {
        let mut wide_pots = Vec::new();
        if !wide_assets.is_empty() {
            wide_pots = room(rows.pots())?;
            wide_pots.extend(rows.asset.iter().map(|&asset| wide_assets[asset as usize]));
        }
        let is_wide = |pot: &&i32| usize::try_from(**pot).is_ok_and(|pot| wide_pots.get(pot) == Some(&true));
        let slots = |ends: &[i32]| {
            let wide = if wide_pots.is_empty() {
                0
            } else {
                ends.iter().filter(is_wide).count()
            };
            Slots::with(rows.len(), wide)
        };
        let (out_start, in_start, known) = (slots(rows.sender)?, slots(rows.receiver)?, slots(rows.sender)?);
        let outs = Side {
            first: zeroed(rows.pots() + 1)?,
            items: Vec::new(),
        };
        let ins = Side {
            first: zeroed(rows.pots() + 1)?,
            items: Vec::new(),
        };
        let lines = Lines {
            outs,
            ins,
            out_start,
            in_start,
            known,
            wide_assets,
            wide_pots,
        };
        Ok(Draft {
            lines,
            moves: zeroed(rows.len().div_ceil(64))?,
            short: zeroed(rows.len().div_ceil(64))?,
            heads: Vec::new(),
        })
    }

    fn numbers(&self, wide: bool) -> Result<Few> {
        Few::of_width(&self.lines.wide_pots, wide)
    }

    /// Where everything begins, and how much stands on each line, for the pots that have numbers.
    fn weigh<U: Units, N: Numbers>(&mut self, rows: &Rows, numbers: N, opening: bool) -> Result<()> {
        let pots = if opening {
            opened(rows, &numbers)?
        } else {
            filled(Pot::default(), numbers.count())?
        };
        if opening {
            let has_head = |pot: &u32| numbers.of(*pot).is_some_and(|number| pots[number].lots > 0);
            (0..rows.pots() as u32)
                .filter(has_head)
                .try_for_each(|pot| push(&mut self.heads, pot))?;
        }
        let mut scale: Scale<U, N> = Scale {
            numbers,
            pots,
            draft: self,
        };
        each(rows, &mut scale)?;
        let Scale { numbers, pots, .. } = scale;
        for (pot, number) in (0..rows.pots()).filter_map(|pot| Some((pot, numbers.of(pot as u32)?))) {
            self.lines.outs.first[pot + 1] = pots[number].outs;
            self.lines.ins.first[pot + 1] = pots[number].lots;
        }
        Ok(())
    }

    /// Names on each line what stands on it.
    fn lay_out(mut self, rows: &Rows) -> Result<Lines> {
        let Lines { outs, ins, .. } = &mut self.lines;
        outs.open()?;
        ins.open()?;
        for &pot in &self.heads {
            ins.put(pot, Lot::HEAD);
        }
        for (row, (&source, &target)) in rows.sender.iter().zip(rows.receiver).enumerate() {
            let (word, bit, row) = (row / 64, row % 64, row as u32);
            if self.moves[word] >> bit & 1 == 0 {
                continue;
            }
            if source >= 0 {
                outs.put(source as u32, row);
            }
            if self.short[word] >> bit & 1 == 1 {
                ins.put(source as u32, Lot::before_row(row));
            }
            if target >= 0 {
                ins.put(target as u32, Lot::of_row(row));
            }
        }
        Ok(self.lines)
    }
}

/// Weighs what pots of one width receive and send, and writes where it begins.
struct Scale<'a, U, N> {
    numbers: N,
    pots: Vec<Pot<U>>,
    draft: &'a mut Draft,
}

impl<U: Units, N: Numbers> Visit<U> for Scale<'_, U, N> {
    fn prepare(&self, ends: &[i32]) {
        look(&self.numbers, &self.pots, ends);
    }

    fn visit(&mut self, row: u32, source: i32, target: i32, units: U) -> Result<()> {
        let (word, bit) = (row as usize / 64, row % 64);
        self.draft.moves[word] |= 1 << bit;
        let lines = &mut self.draft.lines;
        if let Some(pot) = self.numbers.of_end(source).map(|number| &mut self.pots[number]) {
            lines.out_start.put(row, pot.sent)?;
            lines.known.put(row, pot.received - pot.sent)?;
            let is_short = pot.send(units);
            self.draft.short[word] |= u64::from(is_short) << bit;
        }
        if let Some(pot) = self.numbers.of_end(target).map(|number| &mut self.pots[number]) {
            lines.in_start.put(row, pot.received)?;
            pot.receive(units);
        }
        Ok(())
    }
}

/// Weighs only what is missing.
struct Missing<'a, U, N> {
    numbers: &'a N,
    pots: Vec<Pot<U>>,
    units: Vec<U>,
}

impl<U: Units, N: Numbers> Visit<U> for Missing<'_, U, N> {
    fn prepare(&self, ends: &[i32]) {
        look(self.numbers, &self.pots, ends);
    }

    fn visit(&mut self, _: u32, source: i32, target: i32, units: U) -> Result<()> {
        if let Some(number) = self.numbers.of_end(source) {
            let pot = &mut self.pots[number];
            let before = pot.received;
            if pot.send(units) {
                self.units[number] += pot.received - before;
            }
        }
        if let Some(number) = self.numbers.of_end(target) {
            self.pots[number].receive(units);
        }
        Ok(())
    }
}

/// Pots before the first row, when what is missing later is taken to have been there from the beginning.
fn opened<U: Units, N: Numbers>(rows: &Rows, numbers: &N) -> Result<Vec<Pot<U>>> {
    let (pots, units) = (
        filled(Pot::default(), numbers.count())?,
        filled(U::default(), numbers.count())?,
    );
    let mut missing = Missing { numbers, pots, units };
    each(rows, &mut missing)?;
    for (pot, &head) in missing.pots.iter_mut().zip(&missing.units) {
        *pot = Pot {
            received: head,
            lots: u32::from(!head.is_zero()),
            ..Pot::default()
        };
    }
    Ok(missing.pots)
}

/// Looks at the pots at one end of some rows.
fn look<U: Units>(numbers: &impl Numbers, pots: &[Pot<U>], ends: &[i32]) {
    let seen = |pot: i32| {
        numbers
            .of_end(pot)
            .and_then(|number| pots.get(number))
            .map_or(0, |pot| pot.lots)
    };
    black_box(ends.iter().fold(0, |all, &pot| all ^ seen(pot)));
}

impl<T: Clone + Default> Side<T> {
    /// From counts to empty lines: `first[pot + 1]` is where the pot's line begins, and once it is full where it ends.
    fn open(&mut self) -> Result<()> {
        let mut total = 0;
        for first in &mut self.first[1..] {
            total += std::mem::replace(first, total);
        }
        self.items = zeroed(total as usize)?;
        Ok(())
    }

    fn put(&mut self, pot: u32, item: T) {
        let next = &mut self.first[pot as usize + 1];
        self.items[*next as usize] = item;
        *next += 1;
    }
}

/// Rows whose pots are looked at before any of them is needed, so that their memory is fetched side by side.
const BLOCK: usize = 64;

/// What is done with rows that move something.
trait Visit<U> {
    /// Looks at what rows with these ends will need, a block of rows at a time.
    fn prepare(&self, ends: &[i32]);

    /// A row, the pots at its ends and its amount.
    fn visit(&mut self, row: u32, source: i32, target: i32, units: U) -> Result<()>;
}

/// Every row that moves something, in order.
fn each<U: Units>(rows: &Rows, visitor: &mut impl Visit<U>) -> Result<()> {
    let mut wide = rows.wide.rows.iter().zip(&rows.wide.values).peekable();
    let ends = rows.sender.chunks(BLOCK).zip(rows.receiver.chunks(BLOCK));
    let mut row = 0;
    for (amounts, (sources, targets)) in rows.amount.chunks(BLOCK).zip(ends) {
        visitor.prepare(sources);
        visitor.prepare(targets);
        for (&[low, high], (&source, &target)) in amounts.iter().zip(sources.iter().zip(targets)) {
            let mut units = U::from_narrow(u128::from(low) | u128::from(high) << 64);
            if U::WIDE
                && let Some((_, &value)) = wide.next_if(|&(&at, _)| at == row)
            {
                units = U::from_wide(value);
            }
            if !units.is_zero() && source != target {
                visitor.visit(row, source, target, units)?;
            }
            row += 1;
        }
    }
    Ok(())
}

/// `OutOfRange` unless every column is as long as the rows are many and every pot and asset is there.
fn check(rows: &Rows) -> Result<()> {
    let wrong = |what: &str| Err(Failure::OutOfRange(what.to_owned()));
    let (length, pots) = (rows.len(), rows.pots());
    if length >= (1 << 31) - 1 || pots >= 1 << 31 {
        return wrong("2^31 rows or pots and more cannot be numbered");
    }
    if rows.sender.len() != length || rows.receiver.len() != length || rows.kind.len() != length {
        return wrong("columns of rows differ in length");
    }
    let last = rows.sender.iter().chain(rows.receiver).copied().max().unwrap_or(NONE);
    if i64::from(last) >= pots as i64 {
        return wrong("a row names a pot that is not there");
    }
    let ascending = rows.wide.rows.windows(2).all(|pair| pair[0] < pair[1]);
    let within = rows.wide.rows.last().is_none_or(|&row| (row as usize) < length);
    let amounts = rows.wide.values.iter().all(|value| value.bit_len() <= 256);
    if !ascending || !within || !amounts || rows.wide.rows.len() != rows.wide.values.len() {
        return wrong("amounts of 2^128 and more are not one a row, ascending");
    }
    Ok(())
}

/// By asset, whether twice the sum of its amounts needs more than 128 bits; empty where none does.
fn wide_assets(rows: &Rows) -> Result<Vec<bool>> {
    if rows.wide.rows.is_empty() && total(rows).is_some_and(|total| total <= u128::MAX / 2) {
        return Ok(Vec::new());
    }
    let assets = rows.asset.iter().max().map_or(0, |&asset| asset as usize + 1);
    let mut sums = Sums {
        rows,
        sums: filled(Wide::ZERO, assets)?,
    };
    each(rows, &mut sums)?;
    let limit = Wide::from(u128::MAX / 2);
    let mut wide = room(assets)?;
    wide.extend(sums.sums.iter().map(|&sum| sum > limit));
    Ok(if wide.contains(&true) { wide } else { Vec::new() })
}

/// Sums amounts by asset.
struct Sums<'a> {
    rows: &'a Rows<'a>,
    sums: Vec<Wide>,
}

impl Visit<Wide> for Sums<'_> {
    fn prepare(&self, _: &[i32]) {}

    fn visit(&mut self, _: u32, source: i32, target: i32, units: Wide) -> Result<()> {
        let asset = |pot: i32| usize::try_from(pot).ok().map(|pot| self.rows.asset[pot] as usize);
        let (from, to) = (asset(source), asset(target));
        for asset in from.into_iter().chain(to.filter(|_| from != to)) {
            self.sums[asset] += units;
        }
        Ok(())
    }
}

/// The sum of all amounts that are not wide, where it fits.
fn total(rows: &Rows) -> Option<u128> {
    let sum = |lane: usize| rows.amount.iter().map(|amount| u128::from(amount[lane])).sum::<u128>();
    let high = u64::try_from(sum(1)).ok()?;
    (u128::from(high) << 64).checked_add(sum(0))
}
