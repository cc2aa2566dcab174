//! LIFO: the unit that came last leaves first. A pot's timeline is a string of brackets; this matches them.
//!
//! A transfer's slice is cut from the end of the line and keeps its order inside: unit 0 of a row is the one that had
//! been with the sender longest.

use crate::failure::{Failure, Result, filled, push};
use crate::lines::{Lines, Lot};
use crate::lots::Matching;
use crate::rows::Rows;
use crate::stretch::{Part, Stretch};
use crate::units::Units;
use rustc_hash::FxHashMap;

/// Last in, first out. A few questions about a pot are answered by looking along its timeline; once that has cost as
/// many steps as the timeline has, the whole pot is matched.
pub struct Lifo<'a, U> {
    rows: Rows<'a>,
    lines: &'a Lines,
    forward: bool,
    turns: usize,
    known: FxHashMap<u32, Known>,
    matched: Vec<Matched<U>>,
}

/// What is known of a pot: so many steps were made along its timeline, or its place in `matched`.
#[derive(Debug, Clone, Copy)]
enum Known {
    Looked(usize),
    Matched(usize),
}

/// `size` units from `lot_start` of the pot's lot number `lot` leave as units from `row_start` of its out-row number
/// `out`.
#[derive(Debug, Clone, Copy, Default)]
struct Match<U> {
    lot: u32,
    out: u32,
    lot_start: U,
    row_start: U,
    size: U,
}

/// The matches of one pot: forwards lot after lot, backwards row after row, each from its first unit.
struct Matched<U> {
    matches: Vec<Match<U>>,
    /// Where each lot (backwards: row) begins among them, and the end of the last.
    first: Vec<u32>,
}

/// Units of lots that are still there, the last to come on top: lot number and how many, from its first.
type Stack<U> = Vec<(u32, U)>;

/// What happens to a pot, in order.
enum Event {
    Enters(u32),
    Leaves(u32),
}

impl<'a, U: Units> Lifo<'a, U> {
    /// Nothing is matched yet. Forwards only `onward` answers, backwards only `origin`.
    pub fn new(rows: Rows<'a>, lines: &'a Lines, forward: bool) -> Self {
        Lifo {
            rows,
            lines,
            forward,
            turns: 1,
            known: FxHashMap::default(),
            matched: Vec::new(),
        }
    }

    /// Matches a pot once so many times the steps of its timeline were made along it. What is found stays the same.
    pub fn with_patience(self, turns: usize) -> Self {
        Lifo { turns, ..self }
    }

    /// The steps that may still be made along the pot's timeline; none once it is matched.
    fn patience(&self, pot: u32) -> usize {
        let length = self
            .turns
            .saturating_mul(self.lines.lots(pot).len() + self.lines.out_rows(pot).len());
        match self.known.get(&pot) {
            None => length,
            Some(&Known::Looked(steps)) => length.saturating_sub(steps),
            Some(&Known::Matched(_)) => 0,
        }
    }

    fn count(&mut self, pot: u32, steps: usize) -> Result<()> {
        if let Some(Known::Looked(sum)) = self.known.get_mut(&pot) {
            *sum += steps;
            return Ok(());
        }
        self.remember(pot, Known::Looked(steps))
    }

    fn remember(&mut self, pot: u32, known: Known) -> Result<()> {
        self.known
            .try_reserve(1)
            .map_err(|_| Failure::OutOfMemory(size_of::<(u32, Known)>()))?;
        self.known.insert(pot, known);
        Ok(())
    }

    fn matched(&mut self, pot: u32) -> Result<&Matched<U>> {
        let place = match self.known.get(&pot) {
            Some(&Known::Matched(place)) => place,
            _ => {
                let made = self.matching(pot)?;
                push(&mut self.matched, made)?;
                self.remember(pot, Known::Matched(self.matched.len() - 1))?;
                self.matched.len() - 1
            }
        };
        Ok(&self.matched[place])
    }

    fn size(&self, pot: u32, lot: Lot) -> U {
        self.lines.size(&self.rows, pot, lot)
    }

    fn amount(&self, row: u32) -> U {
        self.rows.amount(row as usize)
    }

    /// Follows the timeline from the pot's lot number `i` until all asked units have left; false where it took too long.
    fn look_on(&mut self, pot: u32, i: usize, part: Part<U>, found: &mut Vec<Stretch<U>>) -> Result<bool> {
        let (lots, outs) = (self.lines.lots(pot), self.lines.out_rows(pot));
        let (first, begin, patience) = (
            outs.partition_point(|&out| i64::from(out) < part.lot.arrived()),
            found.len(),
            self.patience(pot),
        );
        let (mut above, mut end, mut steps) = (self.size(pot, part.lot) - part.stop, part.stop, 0);
        for event in timeline(&lots[i + 1..], &outs[first..]) {
            if steps == patience {
                found.truncate(begin);
                return Ok(false);
            }
            steps += 1;
            match event {
                Event::Enters(lot) => above += self.size(pot, lots[i + 1 + lot as usize]),
                Event::Leaves(out) => {
                    let row = outs[first + out as usize];
                    let amount = self.amount(row);
                    let reached = amount - amount.min(above);
                    above -= amount.min(above);
                    let taken = reached.min(end - part.start);
                    if !taken.is_zero() {
                        push(
                            found,
                            Stretch {
                                row,
                                start: reached - taken,
                                stop: reached,
                            },
                        )?;
                        end -= taken;
                    }
                }
            }
            if end == part.start {
                break;
            }
        }
        found[begin..].reverse();
        self.count(pot, steps)?;
        Ok(true)
    }

    /// Follows the timeline back from the pot's out-row number `i` until it is known where all asked units came from;
    /// false where it took too long.
    fn look_back(&mut self, pot: u32, i: usize, from: Stretch<U>, found: &mut Vec<Part<U>>) -> Result<bool> {
        let (lots, outs) = (self.lines.lots(pot), self.lines.out_rows(pot));
        let entered = lots.partition_point(|lot| lot.arrived() <= i64::from(from.row));
        let (begin, patience) = (found.len(), self.patience(pot));
        let (mut above, mut end, mut steps) = (self.amount(from.row) - from.stop, from.stop, 0);
        let (mut lot, mut out) = (entered, i);
        while end > from.start && lot > 0 {
            if steps == patience {
                found.truncate(begin);
                return Ok(false);
            }
            steps += 1;
            if out > 0 && i64::from(outs[out - 1]) >= lots[lot - 1].arrived() {
                out -= 1;
                above += self.amount(outs[out]);
                continue;
            }
            lot -= 1;
            let size = self.size(pot, lots[lot]);
            let there = size - size.min(above);
            above -= size.min(above);
            let taken = there.min(end - from.start);
            if !taken.is_zero() {
                push(
                    found,
                    Part {
                        lot: lots[lot],
                        start: there - taken,
                        stop: there,
                    },
                )?;
                end -= taken;
            }
        }
        found[begin..].reverse();
        self.count(pot, steps)?;
        Ok(true)
    }

    fn matching(&self, pot: u32) -> Result<Matched<U>> {
        let matches = self.brackets(pot)?;
        if self.forward {
            by_lot(&matches, self.lines.lots(pot).len())
        } else {
            by_row(matches, self.lines.out_rows(pot).len())
        }
    }

    /// All matches in the order in which units leave; those that leave on one row from the last to the first.
    fn brackets(&self, pot: u32) -> Result<Vec<Match<U>>> {
        let (lots, outs) = (self.lines.lots(pot), self.lines.out_rows(pot));
        let (mut stack, mut matches) = (Stack::new(), Vec::new());
        for event in timeline(lots, outs) {
            match event {
                Event::Enters(lot) => push(&mut stack, (lot, self.lines.size(&self.rows, pot, lots[lot as usize])))?,
                Event::Leaves(out) => {
                    let mut end: U = self.rows.amount(outs[out as usize] as usize);
                    pop(&mut stack, end, |lot, lot_start, size| {
                        end -= size;
                        push(
                            &mut matches,
                            Match {
                                lot,
                                out,
                                lot_start,
                                row_start: end,
                                size,
                            },
                        )
                    })?;
                }
            }
        }
        Ok(matches)
    }
}

impl<U: Units> Matching<U> for Lifo<'_, U> {
    fn onward(&mut self, pot: u32, part: Part<U>, found: &mut Vec<Stretch<U>>) -> Result<()> {
        let (lines, lot) = (self.lines, part.lot);
        let i = lines
            .lots(pot)
            .binary_search_by_key(&lot.arrived(), |lot| lot.arrived());
        let Ok(i) = i else { return Ok(()) };
        if self.look_on(pot, i, part, found)? {
            return Ok(());
        }
        let matches = self.matched(pot)?.of(i);
        for met in overlapping(matches, part.start, part.stop, |met| met.lot_start) {
            let row = lines.out_rows(pot)[met.out as usize];
            let (low, high) = met.within(met.lot_start, part.start, part.stop);
            push(
                found,
                Stretch {
                    row,
                    start: met.row_start + low,
                    stop: met.row_start + high,
                },
            )?;
        }
        Ok(())
    }

    fn origin(&mut self, pot: u32, from: Stretch<U>, found: &mut Vec<Part<U>>) -> Result<()> {
        let lines = self.lines;
        let Ok(i) = lines.out_rows(pot).binary_search(&from.row) else {
            return Ok(());
        };
        if self.look_back(pot, i, from, found)? {
            return Ok(());
        }
        let matches = self.matched(pot)?.of(i);
        for met in overlapping(matches, from.start, from.stop, |met| met.row_start) {
            let lot = lines.lots(pot)[met.lot as usize];
            let (low, high) = met.within(met.row_start, from.start, from.stop);
            push(
                found,
                Part {
                    lot,
                    start: met.lot_start + low,
                    stop: met.lot_start + high,
                },
            )?;
        }
        Ok(())
    }

    fn held(&mut self, pot: u32, row: u32, found: &mut Vec<Part<U>>) -> Result<()> {
        let lots = self.lines.lots(pot);
        let lots = &lots[..lots.partition_point(|lot| lot.arrived() < i64::from(row))];
        let outs = self.lines.out_rows(pot);
        let outs = &outs[..outs.partition_point(|&out| out < row)];
        let mut stack = Stack::new();
        for event in timeline(lots, outs) {
            match event {
                Event::Enters(lot) => push(&mut stack, (lot, self.lines.size(&self.rows, pot, lots[lot as usize])))?,
                Event::Leaves(out) => pop(&mut stack, self.rows.amount(outs[out as usize] as usize), |_, _, _| {
                    Ok(())
                })?,
            }
        }
        stack.iter().try_for_each(|&(lot, stop)| {
            push(
                found,
                Part {
                    lot: lots[lot as usize],
                    start: U::default(),
                    stop,
                },
            )
        })
    }
}

impl<U: Units> Match<U> {
    /// The part of the match between two units of what it is counted on.
    fn within(&self, at: U, start: U, stop: U) -> (U, U) {
        (start.max(at) - at, stop.min(at + self.size) - at)
    }
}

impl<U> Matched<U> {
    fn of(&self, i: usize) -> &[Match<U>] {
        match (self.first.get(i), self.first.get(i + 1)) {
            (Some(&first), Some(&last)) => &self.matches[first as usize..last as usize],
            _ => &[],
        }
    }
}

/// What enters and what leaves, in order; unexplained units just before the row that spends them.
fn timeline(lots: &[Lot], outs: &[u32]) -> impl Iterator<Item = Event> {
    let (mut lot, mut out) = (0, 0);
    std::iter::from_fn(move || {
        let leaves = outs.get(out).map_or(i64::MAX, |&row| i64::from(row));
        match lots.get(lot) {
            Some(entered) if entered.arrived() <= leaves => {
                lot += 1;
                Some(Event::Enters(lot as u32 - 1))
            }
            _ if out < outs.len() => {
                out += 1;
                Some(Event::Leaves(out as u32 - 1))
            }
            _ => None,
        }
    })
}

/// Takes `amount` units from the top, the last to come first: lot, from which unit of it, how many.
fn pop<U: Units>(stack: &mut Stack<U>, mut amount: U, mut taken: impl FnMut(u32, U, U) -> Result<()>) -> Result<()> {
    while !amount.is_zero()
        && let Some((lot, stop)) = stack.pop()
    {
        let size = amount.min(stop);
        if size < stop {
            push(stack, (lot, stop - size))?;
        }
        taken(lot, stop - size, size)?;
        amount -= size;
    }
    Ok(())
}

fn by_lot<U: Units>(matches: &[Match<U>], lots: usize) -> Result<Matched<U>> {
    let mut first = counts(matches, lots, |met| met.lot)?;
    let mut sorted = filled(Match::default(), matches.len())?;
    for met in matches {
        let end = &mut first[met.lot as usize + 1];
        *end -= 1;
        sorted[*end as usize] = *met;
    }
    first.rotate_left(1);
    if let Some(last) = first.last_mut() {
        *last = matches.len() as u32;
    }
    Ok(Matched { matches: sorted, first })
}

fn by_row<U: Units>(mut matches: Vec<Match<U>>, outs: usize) -> Result<Matched<U>> {
    let first = counts(&matches, outs, |met| met.out)?;
    for bounds in first.windows(2) {
        matches[bounds[0] as usize..bounds[1] as usize].reverse();
    }
    Ok(Matched { matches, first })
}

/// Where each group ends, after a zero.
fn counts<U>(matches: &[Match<U>], groups: usize, group: impl Fn(&Match<U>) -> u32) -> Result<Vec<u32>> {
    let mut first = filled(0u32, groups + 1)?;
    for met in matches {
        first[group(met) as usize + 1] += 1;
    }
    for i in 1..first.len() {
        first[i] += first[i - 1];
    }
    Ok(first)
}

/// The matches, in order of `at`, that meet units `start` to `stop`.
fn overlapping<U: Units>(
    matches: &[Match<U>],
    start: U,
    stop: U,
    at: impl Fn(&Match<U>) -> U,
) -> impl Iterator<Item = &Match<U>> {
    let begin = matches.partition_point(|met| at(met) <= start).saturating_sub(1);
    let last = matches.partition_point(|met| at(met) < stop).max(begin);
    matches[begin..last]
        .iter()
        .filter(move |met| at(met) + met.size > start)
}
