//! FIFO: the unit at coordinate x of the in-line leaves as the unit at coordinate x of the out-line.

use crate::failure::{Result, push};
use crate::lines::{Lines, Lot};
use crate::lots::Matching;
use crate::rows::Rows;
use crate::stretch::{Part, Stretch};
use crate::units::Units;

/// First in, first out: the identity between a pot's two lines.
pub struct Fifo<'a> {
    /// The rows.
    pub rows: Rows<'a>,
    /// Their lines.
    pub lines: &'a Lines,
}

impl<U: Units> Matching<U> for Fifo<'_> {
    fn onward(&mut self, pot: u32, part: Part<U>, found: &mut Vec<Stretch<U>>) -> Result<()> {
        let base: U = self.lines.start(pot, part.lot);
        let (first, last) = (base + part.start, base + part.stop);
        let outs = self.lines.out_rows(pot);
        let begin = before(outs.len(), |i| self.lines.out_at::<U>(pot, i) <= first);
        for (i, &row) in outs.iter().enumerate().skip(begin) {
            let at: U = self.lines.out_at(pot, i);
            if at >= last {
                break;
            }
            let (low, high) = (first.max(at), last.min(at + self.rows.amount(row as usize)));
            if low < high {
                push(
                    found,
                    Stretch {
                        row,
                        start: low - at,
                        stop: high - at,
                    },
                )?;
            }
        }
        Ok(())
    }

    fn origin(&mut self, pot: u32, from: Stretch<U>, found: &mut Vec<Part<U>>) -> Result<()> {
        let base: U = self.lines.out_start(&self.rows, from.row);
        self.lots(pot, base + from.start, base + from.stop, found)
    }

    fn held(&mut self, pot: u32, row: u32, found: &mut Vec<Part<U>>) -> Result<()> {
        let (received, sent) = self.lines.totals::<U>(&self.rows, pot, row);
        self.lots(pot, sent, received, found)
    }
}

impl Fifo<'_> {
    /// The lots between two coordinates of the in-line.
    fn lots<U: Units>(&self, pot: u32, first: U, last: U, found: &mut Vec<Part<U>>) -> Result<()> {
        let lots: &[Lot] = self.lines.lots(pot);
        let begin = before(lots.len(), |i| self.lines.lot_at::<U>(pot, i) <= first);
        for &lot in &lots[begin..] {
            let at: U = self.lines.start(pot, lot);
            if at >= last {
                break;
            }
            let (low, high) = (first.max(at), last.min(at + self.lines.size(&self.rows, pot, lot)));
            if low < high {
                push(
                    found,
                    Part {
                        lot,
                        start: low - at,
                        stop: high - at,
                    },
                )?;
            }
        }
        Ok(())
    }
}

/// The last of `length` items, in order, that `is_before` holds of; 0 where it holds of none.
fn before(length: usize, is_before: impl Fn(usize) -> bool) -> usize {
    let (mut low, mut high) = (0, length);
    while low < high {
        let middle = low.midpoint(high);
        if is_before(middle) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    low.saturating_sub(1)
}
