//! Drawing the lines: one pass that keeps what every pot received and sent and counts, one that lays it out.

use crate::failure::{Failure, Result, filled, push, room, zeroed};
use crate::lines::{Lines, Lot, Side};
use crate::rows::{NONE, Rows};
use crate::units::{Units, Wide};

/// One amount a row: of a wide asset, one more than where it stands in `wide`.
#[derive(Debug, Default)]
pub(crate) struct Slots {
    narrow: Vec<u128>,
    wide: Vec<Wide>,
}

impl Slots {
    fn with(rows: usize) -> Result<Slots> {
        Ok(Slots {
            narrow: zeroed(rows)?,
            wide: Vec::new(),
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
        self.narrow[row as usize] = if U::WIDE { self.wide.len() as u128 } else { narrow(units) };
        Ok(())
    }
}

/// An amount known to be narrow.
fn narrow<U: Units>(units: U) -> u128 {
    let limbs = units.to_wide();
    let [low, high, ..] = *limbs.as_limbs();
    u128::from(low) | u128::from(high) << 64
}

/// What one pot has had so far, and how many stretches stand on its lines.
#[derive(Debug, Clone, Copy, Default)]
struct Pot<U> {
    received: U,
    sent: U,
    outs: u32,
    lots: u32,
}

/// Which number a pot has among those of one width.
trait Numbers {
    /// How many pots have one.
    fn count(&self) -> usize;

    /// The pot's; none where it is of the other width.
    fn of(&self, pot: u32) -> Option<usize>;
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
    if rows.wide.rows.is_empty() {
        draft.lay_out::<u128>(rows)
    } else {
        draft.lay_out::<Wide>(rows)
    }
}

/// Lines while they are drawn. Until they are laid out `first[pot + 1]` counts what stands on the pot's line.
struct Draft {
    lines: Lines,
    /// Bit by row: it spent more than there was.
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
        let slots = || Slots::with(rows.len());
        let (out_start, in_start, known) = (slots()?, slots()?, slots()?);
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
            short: zeroed(rows.len().div_ceil(64))?,
            heads: Vec::new(),
        })
    }

    fn numbers(&self, wide: bool) -> Result<Few> {
        Few::of_width(&self.lines.wide_pots, wide)
    }

    /// Where everything begins, and how much stands on each line, for the pots that have numbers.
    fn weigh<U: Units, N: Numbers>(&mut self, rows: &Rows, numbers: N, opening: bool) -> Result<()> {
        let mut pots = filled(Pot::default(), numbers.count())?;
        if opening {
            put_missing_first::<U>(rows, &numbers, &mut pots)?;
            let heads =
                (0..rows.pots() as u32).filter(|&pot| numbers.of(pot).is_some_and(|number| pots[number].lots > 0));
            for pot in heads {
                push(&mut self.heads, pot)?;
            }
        }
        let lines = &mut self.lines;
        each(rows, |row, source, target, units: U| {
            if let Some(number) = source.and_then(|pot| numbers.of(pot)) {
                let pot = &mut pots[number];
                lines.out_start.put(row, pot.sent)?;
                lines.known.put(row, pot.received - pot.sent)?;
                pot.sent += units;
                pot.outs += 1;
                if pot.sent > pot.received {
                    pot.received = pot.sent;
                    pot.lots += 1;
                    self.short[row as usize / 64] |= 1 << (row % 64);
                }
            }
            if let Some(number) = target.and_then(|pot| numbers.of(pot)) {
                let pot = &mut pots[number];
                lines.in_start.put(row, pot.received)?;
                pot.received += units;
                pot.lots += 1;
            }
            Ok(())
        })?;
        for (pot, number) in (0..rows.pots()).filter_map(|pot| Some((pot, numbers.of(pot as u32)?))) {
            lines.outs.first[pot + 1] = pots[number].outs;
            lines.ins.first[pot + 1] = pots[number].lots;
        }
        Ok(())
    }

    /// Names on each line what stands on it.
    fn lay_out<U: Units>(mut self, rows: &Rows) -> Result<Lines> {
        let Lines { outs, ins, .. } = &mut self.lines;
        outs.open()?;
        ins.open()?;
        for &pot in &self.heads {
            ins.put(pot, Lot::HEAD);
        }
        each(rows, |row, source, target, _: U| {
            if let Some(pot) = source {
                outs.put(pot, row);
                if self.short[row as usize / 64] >> (row % 64) & 1 == 1 {
                    ins.put(pot, Lot::before_row(row));
                }
            }
            if let Some(pot) = target {
                ins.put(pot, Lot::of_row(row));
            }
            Ok(())
        })?;
        Ok(self.lines)
    }
}

/// What is missing later is taken to have been there from the beginning.
fn put_missing_first<U: Units>(rows: &Rows, numbers: &impl Numbers, pots: &mut [Pot<U>]) -> Result<()> {
    let mut missing = filled(U::default(), pots.len())?;
    each(rows, |_, source, target, units: U| {
        if let Some(number) = source.and_then(|pot| numbers.of(pot)) {
            let pot = &mut pots[number];
            pot.sent += units;
            if pot.sent > pot.received {
                missing[number] += pot.sent - pot.received;
                pot.received = pot.sent;
            }
        }
        if let Some(number) = target.and_then(|pot| numbers.of(pot)) {
            pots[number].received += units;
        }
        Ok(())
    })?;
    for (pot, &head) in pots.iter_mut().zip(&missing) {
        *pot = Pot {
            received: head,
            lots: u32::from(!head.is_zero()),
            ..Pot::default()
        };
    }
    Ok(())
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

/// Every row that moves something, in order, with the pots at its ends and its amount.
fn each<U: Units>(rows: &Rows, mut visit: impl FnMut(u32, Option<u32>, Option<u32>, U) -> Result<()>) -> Result<()> {
    let ends = rows.sender.iter().zip(rows.receiver);
    let mut wide = rows.wide.rows.iter().zip(&rows.wide.values).peekable();
    for (row, (&[low, high], (&source, &target))) in rows.amount.iter().zip(ends).enumerate() {
        let mut units = U::from_narrow(u128::from(low) | u128::from(high) << 64);
        if U::WIDE
            && let Some((_, &value)) = wide.next_if(|&(&at, _)| at as usize == row)
        {
            units = U::from_wide(value);
        }
        if units.is_zero() || source == target {
            continue;
        }
        visit(
            row as u32,
            u32::try_from(source).ok(),
            u32::try_from(target).ok(),
            units,
        )?;
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
    let mut sums = filled(Wide::ZERO, assets)?;
    each(rows, |_, source, target, units: Wide| {
        let asset = |pot: Option<u32>| pot.map(|pot| rows.asset[pot as usize] as usize);
        let (from, to) = (asset(source), asset(target));
        for asset in from.into_iter().chain(to.filter(|_| from != to)) {
            sums[asset] += units;
        }
        Ok(())
    })?;
    let limit = Wide::from(u128::MAX / 2);
    let mut wide = room(assets)?;
    wide.extend(sums.iter().map(|&sum| sum > limit));
    Ok(if wide.contains(&true) { wide } else { Vec::new() })
}

/// The sum of all amounts that are not wide, where it fits.
fn total(rows: &Rows) -> Option<u128> {
    let sum = |lane: usize| rows.amount.iter().map(|amount| u128::from(amount[lane])).sum::<u128>();
    let high = u64::try_from(sum(1)).ok()?;
    (u128::from(high) << 64).checked_add(sum(0))
}
