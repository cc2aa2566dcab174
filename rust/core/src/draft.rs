//! Drawing the lines: one pass that keeps what every pot received and sent and counts, one that lays it out.

use crate::failure::{Failure, Result, filled, push, room, zeroed};
use crate::lines::{Lines, Lot, Side, Starts};
use crate::rows::{NONE, Rows};
use crate::units::{Units, Wide};
use std::ops::Range;

/// One amount a place: of a wide asset, where it stands in `wide`. A line's wide amounts stand side by side.
#[derive(Debug, Default)]
pub(crate) struct Slots {
    narrow: Vec<u128>,
    wide: Vec<Wide>,
}

impl Slots {
    fn with(length: usize, wide: usize) -> Result<Slots> {
        Ok(Slots {
            narrow: zeroed(length)?,
            wide: filled(Wide::ZERO, wide)?,
        })
    }

    /// Writes the amount at `place`; where it is wide, into `wide`.
    fn put<U: Units>(&mut self, place: usize, wide: usize, units: U) {
        if U::WIDE {
            self.narrow[place] = wide as u128;
            self.wide[wide] = units.to_wide();
        } else {
            self.narrow[place] = narrow(units);
        }
    }

    /// The amount at a place.
    pub fn get<U: Units>(&self, place: usize, wide: bool) -> U {
        match self.narrow.get(place) {
            Some(&slot) if wide && U::WIDE => self
                .wide
                .get(slot as usize)
                .map_or(U::default(), |&units| U::from_wide(units)),
            Some(&units) if !wide => U::from_narrow(units),
            _ => U::default(),
        }
    }

    /// The amounts of one line.
    pub fn line(&self, places: Range<usize>, wide: bool) -> Starts<'_> {
        let slots = &self.narrow[places];
        match slots.first() {
            Some(&first) if wide => Starts::Wide(&self.wide[first as usize..first as usize + slots.len()]),
            _ => Starts::Narrow(slots),
        }
    }

    /// Memory held.
    pub fn bytes(&self) -> usize {
        self.narrow.capacity() * size_of::<u128>() + self.wide.capacity() * size_of::<Wide>()
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
    if wide_assets.is_empty() {
        let mut lines = Lines {
            before: Slots::with(rows.len(), 0)?,
            ..Lines::default()
        };
        let mut narrow = Draft::<u128, _>::weigh(rows, All(rows.pots()), opening, &mut lines.before)?;
        let counts = |pot| narrow.counts(pot);
        (lines.outs, lines.ins) = (side(rows, |pot| counts(pot).0, 0)?, side(rows, |pot| counts(pot).1, 0)?);
        narrow.fill(rows, &mut lines)?;
        return Ok(lines);
    }
    let mut wide_pots = room(rows.pots())?;
    wide_pots.extend(rows.asset.iter().map(|&asset| wide_assets[asset as usize]));
    draw_mixed(rows, opening, wide_assets, wide_pots)
}

fn draw_mixed(rows: &Rows, opening: bool, wide_assets: Vec<bool>, wide_pots: Vec<bool>) -> Result<Lines> {
    let wide_rows = rows
        .sender
        .iter()
        .filter(|&&pot| pot >= 0 && wide_pots[pot as usize])
        .count();
    let mut before = Slots::with(rows.len(), wide_rows)?;
    let mut narrow = Draft::<u128, _>::weigh(rows, Few::of_width(&wide_pots, false)?, opening, &mut before)?;
    let mut wide = Draft::<Wide, _>::weigh(rows, Few::of_width(&wide_pots, true)?, opening, &mut before)?;
    let counts = |pot| {
        if wide_pots[pot as usize] {
            wide.counts(pot)
        } else {
            narrow.counts(pot)
        }
    };
    let outs = side(
        rows,
        |pot| counts(pot).0,
        wide.pots.iter().map(|pot| pot.outs as usize).sum(),
    )?;
    let ins = side(
        rows,
        |pot| counts(pot).1,
        wide.pots.iter().map(|pot| pot.lots as usize).sum(),
    )?;
    let mut lines = Lines {
        outs,
        ins,
        before,
        wide_assets,
        wide_pots,
    };
    narrow.fill(rows, &mut lines)?;
    wide.fill(rows, &mut lines)?;
    Ok(lines)
}

/// An empty side with room for as many stretches as `count` says of each pot. `first[pot + 1]` is where the pot's line
/// begins, and once it has been filled where it ends.
fn side<T: Default + Clone>(rows: &Rows, count: impl Fn(u32) -> u32, wide: usize) -> Result<Side<T>> {
    let mut first = room(rows.pots() + 1)?;
    first.push(0);
    let mut total = 0;
    for pot in 0..rows.pots() as u32 {
        first.push(total);
        total += count(pot);
    }
    Ok(Side {
        first,
        items: zeroed(total as usize)?,
        at: Slots::with(total as usize, wide)?,
    })
}

/// The pots of one width while their lines are drawn.
struct Draft<U, N> {
    numbers: N,
    pots: Vec<Pot<U>>,
    /// What stands at the head of each pot's in-line; empty where nothing does.
    heads: Vec<U>,
    /// Rows that spent more than there was, ascending.
    short: Vec<Short<U>>,
}

/// How much more than there was a row spent, and the number of its pot.
struct Short<U> {
    row: u32,
    number: u32,
    units: U,
}

impl<U: Units, N: Numbers> Draft<U, N> {
    /// One pass over the rows: the balances before them, and how much stands on each line.
    fn weigh(rows: &Rows, numbers: N, opening: bool, before: &mut Slots) -> Result<Self> {
        let pots = filled(Pot::default(), numbers.count())?;
        let mut draft = Draft {
            numbers,
            pots,
            heads: Vec::new(),
            short: Vec::new(),
        };
        draft.pass(rows, before)?;
        if opening {
            draft.put_missing_first()?;
            draft.pass(rows, before)?;
        }
        Ok(draft)
    }

    /// What was missing later is taken to have been there from the beginning.
    fn put_missing_first(&mut self) -> Result<()> {
        self.heads = filled(U::default(), self.pots.len())?;
        for short in &self.short {
            self.heads[short.number as usize] += short.units;
        }
        self.short = Vec::new();
        for (pot, &head) in self.pots.iter_mut().zip(&self.heads) {
            *pot = Pot {
                received: head,
                lots: u32::from(!head.is_zero()),
                ..Pot::default()
            };
        }
        Ok(())
    }

    /// One pass over the rows.
    fn pass(&mut self, rows: &Rows, before: &mut Slots) -> Result<()> {
        let (numbers, pots, short) = (&self.numbers, &mut self.pots, &mut self.short);
        let mut wide = 0;
        each(rows, |row, source, target, units: U| {
            if let Some(number) = source.and_then(|pot| numbers.of(pot)) {
                let pot = &mut pots[number];
                let after = pot.sent + units;
                if after > pot.received {
                    push(
                        short,
                        Short {
                            row,
                            number: number as u32,
                            units: after - pot.received,
                        },
                    )?;
                    pot.received = after;
                    pot.lots += 1;
                }
                before.put(row as usize, wide, pot.received - pot.sent);
                wide += 1;
                pot.sent = after;
                pot.outs += 1;
            }
            if let Some(number) = target.and_then(|pot| numbers.of(pot)) {
                let pot = &mut pots[number];
                pot.received += units;
                pot.lots += 1;
            }
            Ok(())
        })
    }

    /// How many stretches stand on the pot's out-line and on its in-line.
    fn counts(&self, pot: u32) -> (u32, u32) {
        self.numbers
            .of(pot)
            .map_or((0, 0), |number| (self.pots[number].outs, self.pots[number].lots))
    }

    /// Writes the lines of these pots.
    fn fill(&mut self, rows: &Rows, lines: &mut Lines) -> Result<()> {
        self.fill_outs(rows, &mut lines.outs)?;
        self.fill_ins(rows, &mut lines.ins)
    }

    fn fill_outs(&mut self, rows: &Rows, side: &mut Side<u32>) -> Result<()> {
        let mut wide = 0;
        for pot in &mut self.pots {
            pot.sent = U::default();
            wide += std::mem::replace(&mut pot.outs, wide);
        }
        let (numbers, pots) = (&self.numbers, &mut self.pots);
        each(rows, |row, source, _, units: U| {
            if let Some((pot, number)) = source.and_then(|pot| Some((pot, numbers.of(pot)?))) {
                let state = &mut pots[number];
                side.put(pot, row, state.outs, state.sent);
                state.outs += u32::from(U::WIDE);
                state.sent += units;
            }
            Ok(())
        })
    }

    fn fill_ins(&mut self, rows: &Rows, side: &mut Side<Lot>) -> Result<()> {
        self.fill_heads(rows, side);
        let (numbers, pots) = (&self.numbers, &mut self.pots);
        let mut short = self.short.iter().peekable();
        each(rows, |row, source, target, units: U| {
            if let (Some(missing), Some(pot)) = (short.next_if(|short| short.row == row), source) {
                let state = &mut pots[missing.number as usize];
                side.put(pot, Lot::before_row(row), state.lots, state.received);
                state.lots += u32::from(U::WIDE);
                state.received += missing.units;
            }
            if let Some((pot, number)) = target.and_then(|pot| Some((pot, numbers.of(pot)?))) {
                let state = &mut pots[number];
                side.put(pot, Lot::of_row(row), state.lots, state.received);
                state.lots += u32::from(U::WIDE);
                state.received += units;
            }
            Ok(())
        })
    }

    fn fill_heads(&mut self, rows: &Rows, side: &mut Side<Lot>) {
        let mut wide = 0;
        for state in &mut self.pots {
            state.received = U::default();
            wide += std::mem::replace(&mut state.lots, wide);
        }
        if self.heads.is_empty() {
            return;
        }
        for pot in 0..rows.pots() as u32 {
            let Some(number) = self.numbers.of(pot).filter(|&number| !self.heads[number].is_zero()) else {
                continue;
            };
            let state = &mut self.pots[number];
            side.put(pot, Lot::HEAD, state.lots, U::default());
            state.lots += u32::from(U::WIDE);
            state.received = self.heads[number];
        }
    }
}

impl<T> Side<T> {
    /// Appends to the pot's line what begins at `units`.
    fn put<U: Units>(&mut self, pot: u32, item: T, wide: u32, units: U) {
        let next = &mut self.first[pot as usize + 1];
        let place = *next as usize;
        *next += 1;
        self.items[place] = item;
        self.at.put(place, wide as usize, units);
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
