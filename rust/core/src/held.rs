//! What many pots hold at the end of a question, read in the order of the pots.

use crate::failure::{Result, zeroed};
use crate::lines::Lines;
use crate::question::Question;
use crate::units::Units;
use std::ops::Range;

/// Pots that are looked up together.
const BLOCK: u32 = 512;

/// By pot what it holds just before `until`; zero for those that are not `wanted`.
pub(crate) fn held_by_many<U: Units>(
    question: &Question,
    lines: &Lines,
    wanted: impl Fn(u32) -> bool,
) -> Result<Vec<U>> {
    let pots = question.rows.pots();
    let mut held = zeroed::<U>(pots)?;
    let mut ends = Ends::default();
    for first in (0..pots as u32).step_by(BLOCK as usize) {
        ends.find(question, lines, first..(first + BLOCK).min(pots as u32), &wanted);
        ends.read(question, lines, &mut held);
    }
    Ok(held)
}

/// Pots by what happened to them last: in each list the same is to be read of every pot, so that the loads overlap.
#[derive(Default)]
struct Ends {
    /// (pot, row) where a row left last.
    left: Vec<(u32, u32)>,
    /// (pot, row) where a row entered and none has left.
    entered: Vec<(u32, u32)>,
    /// (pot, row that entered last, row that left last).
    both: Vec<(u32, u32, u32)>,
    /// Where units at the head of the pot are all that entered.
    other: Vec<u32>,
}

impl Ends {
    fn find(&mut self, question: &Question, lines: &Lines, pots: Range<u32>, wanted: impl Fn(u32) -> bool) {
        self.left.clear();
        self.entered.clear();
        self.both.clear();
        self.other.clear();
        let (until, all) = (question.until, question.until as usize >= question.rows.len());
        for pot in pots.filter(|&pot| wanted(pot)) {
            let (mut lots, mut outs) = (lines.lots(pot), lines.out_rows(pot));
            if !all {
                lots = &lots[..lots.partition_point(|lot| lot.arrived() < i64::from(until))];
                outs = &outs[..outs.partition_point(|&out| out < until)];
            }
            let Some(&lot) = lots.last() else { continue };
            match (lot.row(), outs.last()) {
                (_, Some(&out)) if lot.arrived() <= i64::from(out) => self.left.push((pot, out)),
                (Some(row), Some(&out)) => self.both.push((pot, row, out)),
                (Some(row), None) => self.entered.push((pot, row)),
                (None, _) => self.other.push(pot),
            }
        }
    }

    fn read<U: Units>(&self, question: &Question, lines: &Lines, held: &mut [U]) {
        let rows = &question.rows;
        let amount = |row: u32| rows.amount::<U>(row as usize);
        for &(pot, out) in &self.left {
            held[pot as usize] = lines.before::<U>(rows, out) - amount(out);
        }
        for &(pot, row) in &self.entered {
            held[pot as usize] = lines.in_start::<U>(rows, row) + amount(row);
        }
        for &(pot, row, out) in &self.both {
            let received = lines.in_start::<U>(rows, row) + amount(row);
            held[pot as usize] = received - lines.out_start::<U>(rows, out) - amount(out);
        }
        for &pot in &self.other {
            let (received, sent) = lines.totals::<U>(rows, pot, question.until);
            held[pot as usize] = received - sent;
        }
    }
}
